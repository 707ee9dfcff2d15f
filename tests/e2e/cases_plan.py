"""Plans, exit codes, sign-in and policy."""

import json
import re

from configuration import configuration, many, token
from harness import case, check, equal


@case
def plan_text_and_json(world):
    """plan as text and as JSON say the same; nothing is changed"""
    service = world.start()
    world.write(configuration(token("a", deliver="both"), token("b")))
    text = world.plan().out
    for line in ("  # token.a will be created (",
                 "  + token.a",
                 "Plan: 2 to create, 0 to update, 0 to rotate, 0 to revoke."):
        check(f"no line \"{line}\"", line in text, text)
    plan = world.plan_json()
    equal("format", plan["format_version"], "1.3")
    equal("addresses", [c["address"] for c in plan["resource_changes"]],
          ["token.a", "token.b"])
    equal("actions", {c["action"] for c in plan["resource_changes"]},
          {"create"})
    equal("summary", (plan["summary"]["create"], plan["complete"],
                      plan["applyable"]), (2, True, True))
    equal("live tokens after two plans", world.live(), {})
    check("a plan wrote files", not (world.config / "secrets").exists())
    check("a plan sent more than questions",
          {r.split()[0] for r in service.requests()} == {"GET"})


@case
def detailed_exit_code(world):
    """--detailed-exitcode: 2 with changes, 0 without; 0 without the flag"""
    world.start()
    world.write(many(1))
    world.plan("--detailed-exitcode", expect=2)
    world.plan(expect=0)
    world.apply()
    world.plan("--detailed-exitcode", expect=0)
    world.plan("--detailed-exitcode", "--rotate", "t000", expect=2)


@case
def later(world):
    """plan --now in the rotation window rotates; --target leaves others"""
    world.start()
    world.write(many(2))
    world.apply()
    later_on = "2099-01-01T00:00:00Z"
    world.plan("--now", "tomorrow", expect=3)
    world.write(configuration(token("t000", scopes=("vso.work",)),
                              token("t001")))
    plan = world.plan_json("--rotate", "t001", "--target", "t001")
    equal("changes", [c["address"] for c in plan["resource_changes"]],
          ["token.t001"])
    equal("left out", plan["summary"]["left_out"], 1)
    plan = world.plan_json("--now", later_on)
    equal("as_of", plan["as_of"][:10], "2099-01-01")
    check("a plan far ahead has no changes", plan["resource_changes"])


@case
def both_api_versions(world):
    """the newer version of the API does as well"""
    world.start()
    world.write(many(2))
    world.apply("--api-version", "7.2-preview.1")
    world.settled()
    world.plan("--api-version", "9.9", expect=3)


@case
def nobody_to_ask(world):
    """apply without --auto-approve and without a terminal: exit 3"""
    world.start()
    world.write(many(1))
    result = world.run("apply", expect=3, stdin="yes\n")
    check("the reason", "cannot ask for approval: standard input is not a "
          "terminal; nothing was changed. Pass --auto-approve" in result.err, str(result))
    equal("live tokens", world.live(), {})


@case
def asked_and_answered(world):
    """apply on a terminal: yes applies, anything else changes nothing"""
    world.start()
    world.write(many(1))
    for answer in ("no", "y", ""):
        code, text, asked = world.on_terminal(answer, "apply")
        check("it did not ask", asked, text)
        equal(f"exit code after \"{answer}\"", code, 1)
        check("the answer's effect", "Not approved; nothing was changed."
              in text, text)
        equal("live tokens", world.live(), {})
    code, text, asked = world.on_terminal("yes", "apply")
    equal("exit code after \"yes\"", (code, asked), (0, True))
    check("the end", "Apply complete!" in text, text)
    world.settled()
    code, text, asked = world.on_terminal("yes", "apply")
    equal("nothing to do: exit code, asked", (code, asked), (0, False))


@case
def sign_in(world):
    """a missing, a garbled, a foreign and an expired bearer: exit 4"""
    service = world.start()
    world.write(many(1))
    good = world.variables["PATFORM_ACCESS_TOKEN"]
    head, body, signature = good.split(".")
    bearers = {
        "missing": None,
        "empty": "",
        "not a token": "abc",
        "another signature": ".".join((head, body, signature[::-1])),
        "a blank in it": good + " x",
    }
    for name, bearer in bearers.items():
        result = world.plan(expect=None, PATFORM_ACCESS_TOKEN=bearer)
        equal(f"{name}: exit code ({result.err})", result.code, 4)
        check(f"{name}: the reason", result.err.startswith("patform: "),
              result.err)
        check(f"{name}: the bearer is shown", bearer is None or
              bearer == "" or bearer not in result.err, result.err)
        equal(f"{name}: output", result.out, "")
    reader = service.token(scopes=["vso.pats"])
    world.plan(PATFORM_ACCESS_TOKEN=reader)
    result = world.apply(expect=None, PATFORM_ACCESS_TOKEN=reader)
    equal(f"may read only: exit code ({result.err})", result.code, 4)
    equal("live tokens", world.live(), {})


@case
def sign_in_page(world):
    """the HTML page of a sign-in is told apart from an answer: exit 4"""
    service = world.start()
    world.write(many(1))
    service.fault("list", {"html": True}, count=9)
    result = world.plan(expect=4)
    check("the reason names the sign-in", "sign" in result.err, result.err)
    check("HTML in the message", "<" not in result.err, result.err)


@case
def untrusted_certificate(world):
    """a certificate that nothing vouches for: nothing is sent"""
    service = world.start()
    world.write(many(1))
    before = service.requests()
    result = world.plan(expect=None, SSL_CERT_FILE=None)
    equal(f"exit code ({result.err})", result.code, 1)
    check("the reason", "certificate" in result.err, result.err)
    equal("requests that arrived", service.requests(), before)


@case
def plain_http_is_refused(world):
    """http to anything but loopback, and a redirect, get no bearer"""
    world.start()
    world.write(many(1))
    result = world.plan(expect=3, PATFORM_SERVICE_URL="http://192.0.2.1/")
    check("the reason", "http" in result.err, result.err)
    other = world.service.url.replace("https://", "http://", 1)
    result = world.plan(expect=None, PATFORM_SERVICE_URL=other)
    check("plain HTTP to a TLS port succeeded", result.code not in (0, 2),
          str(result))


@case
def redirect(world):
    """a redirect is not followed"""
    service = world.start()
    world.write(many(1))
    service.fault("list", {"status": 302, "headers": {
        "Location": service.url + "/elsewhere"}}, count=9)
    result = world.plan(expect=None)
    check("a redirect was taken for success", result.code in (1, 4),
          str(result))
    equal("requests to the redirect's target",
          [r for r in service.requests() if "elsewhere" in r], [])
    service.clear_faults()
    service.fault("list", {"status": 302, "headers": {
        "Location": service.url + "/contoso/_apis/tokens/pats"}})
    sent = len(service.requests())
    world.plan(expect=None)
    equal("requests after a redirect to itself",
          len(service.requests()) - sent, 1)


@case
def policy(world):
    """a broken policy: exit 5 of validate, plan and apply, nothing changed"""
    world.start()
    world.write(configuration(
        token("a", scopes=("vso.code_full",)),
        policy={"forbidden_scopes": ["*_full"], "max_lifetime": "7d",
                "required_fields": ["owner"]}))
    for arguments in (["validate"], ["plan"], ["apply", "--auto-approve"]):
        result = world.run(*arguments, expect=5)
        for rule in ("forbidden_scopes", "max_lifetime", "required_fields"):
            check(f"{arguments[0]}: rule {rule}",
                  rule in result.out + result.err, str(result))
        if arguments == ["validate"]:
            check("the place", re.search(
                r"patform\.toml:\d+:\d+: error: token\.a asks for "
                r".*\(forbidden_scopes\)\n +\d+ \| scopes = .*\n +\| +\^~+\n",
                result.err), str(result))
    rules = {c["rule"] for c in world.plan_json(expect=5)["checks"]}
    equal("rules", rules,
          {"forbidden_scopes", "max_lifetime", "required_fields"})
    equal("live tokens", world.live(), {})


@case
def what_is_wrong_is_annotated(world):
    """--format github and azure pin what is wrong to the file's line"""
    world.write(configuration(token("a"))
                + '\n[token.b]\nscops = ["vso.code"]\n')
    path = world.config / "patform.toml"
    line = path.read_text().splitlines().index(
        'scops = ["vso.code"]') + 1
    for command in ("validate", "plan"):
        result = world.run(command, "--format", "github", expect=3)
        check("the line", f"::error file={path},line={line},col=1,"
              "endColumn=6,title=patform configuration::unknown key `scops` in "
              "[token.b]%0Adid you mean `scopes`?\n" in result.out, str(result))
        result = world.run(command, "--format", "azure", expect=3)
        check("the line", "##vso[task.logissue type=error;sourcepath="
              f"{path};linenumber={line};columnnumber=1;"
              "code=configuration;]unknown key `scops` in [token.b]%0Adid you "
              "mean `scopes`?\n" in result.out, str(result))
        result = world.run(command, expect=3)
        equal("text", result.out, "")
    world.write(configuration(token("a", scopes=("vso.code_full",)),
                              policy={"forbidden_scopes": ["*_full"]}))
    result = world.run("validate", "--format", "github", expect=5)
    check("the rule", f"::error file={path},line=" in result.out
          and "(forbidden_scopes)%0A" in result.out, str(result))


@case
def policy_of_its_own(world):
    """--policy FILE: the stricter of two rules wins"""
    world.start()
    world.write(configuration(token("a", lifetime="30d"),
                              policy={"max_lifetime": "90d"}))
    strict = world.write('[policy]\nmax_lifetime = "7d"\n', "strict.toml")
    world.run("validate", expect=0)
    world.run("validate", "--policy", str(strict), expect=5)
    world.apply("--policy", str(strict), expect=5)
    equal("live tokens", world.live(), {})


@case
def guard(world):
    """too many revocations: exit 5 until they are allowed"""
    world.start()
    world.write(many(8, grace="0s"))
    world.apply()
    world.write(configuration(token("t000", grace="0s"),
                              policy={"max_revocations": 5}))
    result = world.apply(expect=5)
    check("the way out", "--allow-revocations 7" in result.out + result.err,
          str(result))
    equal("live tokens", len(world.live()), 8)
    world.apply("--allow-revocations", "7")
    equal("live tokens", list(world.live()), ["t000"])
    world.settled()


@case
def bad_configuration(world):
    """a wrong key, a wrong file and a wrong command: exit 3 with a hint"""
    world.start()
    world.write(configuration(token("a")).replace("scopes", "scope"))
    result = world.plan(expect=3)
    check("the suggestion", "did you mean" in result.err, result.err)
    check("the place", "patform.toml:" in result.err, result.err)
    world.write("format = \n")
    world.plan(expect=3)
    result = world.run("plann", expect=3)
    check("the suggestion", "did you mean `plan`?" in result.err, result.err)
    result = world.run("plan", "--detailed-exit", expect=3)
    check("the suggestion", "did you mean --detailed-exitcode?" in result.err,
          result.err)
    (world.config / "patform.toml").unlink()
    result = world.plan(expect=3)
    check("the way on", "patform init" in result.err, result.err)


@case
def started_from_init(world):
    """init writes a file that validates and applies; it replaces none"""
    world.start()
    path = world.config / "patform.toml"
    result = world.run("init", str(path), expect=0)
    schema = world.config / "patform.schema.json"
    equal("what it says", result.out,
          f"Wrote {path}, and {schema} for editors that know TOML schemas. "
          "Edit it, then run `patform validate` and `patform plan`.\n")
    equal("the schema that the first line names", schema.read_text(),
          world.run("schema", expect=0).out)
    check("the first line", path.read_text().startswith(
        "#:schema ./patform.schema.json\n"), path.read_text())
    world.run("validate", expect=0)
    world.apply()
    world.settled()
    result = world.run("init", str(path), expect=3)
    check("the reason", "exists already" in result.err, result.err)


@case
def full_disk(world):
    """output that cannot be written is an error, not an empty plan"""
    import subprocess
    world.start()
    world.write(many(1))
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [world.options.patform, "-c", world.config, "plan"], stdout=full,
            stderr=subprocess.PIPE, env=world.environment(), check=False)
    equal("exit code", done.returncode, 1)
    check("the reason", b"could not be written whole" in done.stderr,
          done.stderr.decode())


@case
def event_stream(world):
    """apply --json: a stream of JSON objects, the version first, the summary
    last"""
    world.start()
    world.write(many(3))
    lines = world.apply("--json").out.splitlines()
    events = [json.loads(line) for line in lines]
    equal("types", {e["type"] for e in events},
          {"version", "planned_change", "change_summary", "started", "step",
           "ended", "summary"})
    equal("the first", events[0]["type"], "version")
    equal("planned", [e["address"] for e in events
                      if e["type"] == "planned_change"],
          ["token.t000", "token.t001", "token.t002"])
    equal("the last", (events[-1]["type"], events[-1]["done"]),
          ("summary", 3))
    equal("ended", sorted(e["address"] for e in events
                          if e["type"] == "ended"),
          ["token.t000", "token.t001", "token.t002"])


@case
def events_of_a_refusal(world):
    """apply --json: what is wrong is in the stream, too"""
    world.start()
    world.write(many(1).replace("vso.code", "vso.cdoe"))
    refused = world.run("apply", "--auto-approve", "--json", expect=3)
    events = [json.loads(line) for line in refused.out.splitlines()]
    equal("types", [e["type"] for e in events],
          ["version", "diagnostic", "diagnostic"])
    check("where", events[1]["location"]["file"].endswith("patform.toml"),
          refused.out)
    equal("the last", events[2]["summary"],
          "the configuration is not valid; nothing was changed")


@case
def views_of_one_plan(world):
    """plan writes several formats at once; show gives the same bytes"""
    world.start()
    world.write(many(2))
    files = {form: str(world.config / f"view.{form}")
             for form in ("json", "markdown", "html", "sarif", "junit")}
    flags = [flag for form, path in files.items()
             for flag in (f"--{form}-into", path)]
    saved = str(world.config / "plan.json")
    first = world.run("plan", "--format", "github", "--out", saved, *flags)
    check("the summary", "Plan: 2 to create" in first.out, first.out)
    for form, path in files.items():
        with open(path, encoding="utf-8") as file:
            equal(form, world.run("show", saved, "--format", form).out,
                  file.read())
    equal("github", world.run("show", saved, "--format", "github").out,
          first.out)
