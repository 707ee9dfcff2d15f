"""Saved plans, approvals, snapshots, and the guards that compare with them."""

import copy
import json
import re
import shutil
import stat
import subprocess

from configuration import configuration, many, token
from harness import case, check, equal

KEY = "a key of the release pipeline, for tests"


def save(world, *arguments, name="plan.json", **changes):
    """plan --out: the file and its content."""
    path = world.folder / name
    world.plan("--out", str(path), *arguments, **changes)
    return path, json.loads(path.read_text(encoding="utf-8"))


def refused(world, what, *arguments, expect=6, **changes):
    """An apply that must do nothing; what it says on standard error."""
    before = [r for r in world.service.requests()
              if not r.startswith("GET ")]
    result = world.run("apply", *arguments, expect=expect, **changes)
    equal(f"{what}: requests that change something",
          [r for r in world.service.requests() if not r.startswith("GET ")],
          before)
    return result.err


@case
def saved_and_applied(world):
    """plan --out, show, apply: the same plan, once, without a question"""
    world.start()
    world.write(configuration(token("a", deliver="both"), token("b")))
    path, document = save(world)
    equal("mode", stat.S_IMODE(path.stat().st_mode), 0o600)
    equal("what lies beside it",
          sorted(p.name for p in world.folder.iterdir()),
          ["config", "plan.json", "service"])
    equal("format", (document["format"], document["format_version"]),
          ("patform-plan", 2))
    for arguments in ([], ["--format", "json"]):
        shown = world.run("show", str(path), *arguments, expect=0).out
        if arguments:
            equal("digest", json.loads(shown)["digest"], document["digest"])
        else:
            check("the digest is shown", document["digest"] in shown, shown)
    world.run("show", str(path), "--detailed-exitcode", expect=2)
    # Show needs neither a service nor a credential nor a configuration.
    world.run("show", str(path), expect=0, PATFORM_ACCESS_TOKEN=None,
              PATFORM_SERVICE_URL="http://192.0.2.1/")
    result = world.run("apply", str(path), expect=0)
    check("it was applied", "Tokens: 2 created" in result.out, str(result))
    world.settled()


@case
def shown_as_planned(world):
    """show prints what plan printed, byte for byte, in every format"""
    world.start()
    world.write(configuration(token("a"), token("b"), token("c")))
    world.apply()
    world.write(configuration(
        token("a", scopes=("vso.work",)), token("b", ensure="absent"),
        token("d"), policy={"forbidden_scopes": ["vso.work"]}))
    help_text = world.run("show", "--help", expect=0).out
    formats = [f for f in ("text", "json", "markdown", "html", "sarif",
                           "junit", "github", "azure") if f in help_text]
    check("formats", len(formats) >= 2, help_text)
    for name in formats:
        path = world.folder / f"{name}.plan"
        now = "2099-01-01T00:00:00Z"
        out = world.plan("--format", name, "--now", now, "--out", str(path),
                         expect=5).out
        equal(f"{name}", world.run("show", str(path), "--format", name,
                                   expect=0).out, out)


@case
def applied_by_another_in_between(world):
    """a saved plan that another run has applied is stale: exit 6"""
    world.start()
    world.write(many(2))
    path, _ = save(world)
    world.apply()
    error = refused(world, "second apply", str(path))
    lines = error.splitlines()
    equal("headline", lines[0],
          "patform: the saved plan is stale; nothing was changed")
    check("the change", "    token.t000 was to be created; there is nothing to "
          "do for it now" in lines, error)
    check("the token", any(
        line.startswith("      token ") and '"t000 ~pf:e2e#1.' in line
        and "did not exist → lives until" in line for line in lines), error)
    check("the record", any(
        line.startswith("      files:t000: held nothing → generation 1 of t000")
        for line in lines), error)
    equal("advice", lines[-1], "Plan again, and have the new plan reviewed: "
          "patform plan --out FILE")
    world.settled()


@case
def two_releases_of_one_plan(world):
    """two releases of one plan at once: one of each token, never two"""
    world.start()
    world.write(many(12))
    path, _ = save(world)
    runs = [world.begin("apply", str(path)) for _ in range(2)]
    codes = sorted(run.wait().code for run in runs)
    check("exit codes", codes[0] in (0, 7) and codes[1] in (0, 6, 7, 9),
          str(codes))
    world.apply()
    world.settled()
    equal("live tokens", sorted((name, len(tokens))
                                for name, tokens in world.live().items()),
          [(f"t{i:03}", 1) for i in range(12)])


@case
def stale_by_a_changed_token(world):
    """a saved plan is stale when its token was changed or revoked by hand"""
    service = world.start()
    world.write(many(2))
    world.apply()
    world.write(configuration(token("t000", scopes=("vso.work",)),
                              token("t001")))
    path, _ = save(world)
    mine = world.live()["t000"][0]
    bearer = {"Authorization":
              f"Bearer {world.variables['PATFORM_ACCESS_TOKEN']}"}
    where = "/contoso/_apis/tokens/pats?api-version=7.1-preview.1"
    status, _, answer = service.call(
        "PUT", where, {"authorizationId": mine["authorizationId"],
                       "scope": "vso.packaging"}, bearer)
    equal(f"changed by hand: {answer}", status, 200)
    error = refused(world, "changed", str(path))
    check("the field", "scopes: \"vso.code\" → \"vso.packaging\"" in error,
          error)
    status, _, _ = service.call(
        "DELETE", where + "&authorizationId=" + mine["authorizationId"], None,
        bearer)
    equal("revoked by hand", status, 204)
    error = refused(world, "revoked", str(path))
    check("what it is now", "token.t000 was to be updated; it would now be "
          "created" in error or "it would now be rotated" in error, error)
    check("the state", 'state: "active" → "revoked"' in error, error)


@case
def stale_by_a_changed_record(world):
    """a saved plan is stale when its place was written by somebody else"""
    world.start()
    world.write(configuration(token("a")))
    path, _ = save(world)
    place = world.config / "secrets" / "a"
    place.parent.mkdir()
    place.write_text("by hand\n", encoding="utf-8")
    error = refused(world, "written by hand", str(path))
    check("the place", "files:a: held nothing → a value that patform did not "
          "write" in error, error)
    equal("the value", place.read_text(encoding="utf-8"), "by hand\n")
    place.unlink()
    world.run("apply", str(path), expect=0)


@case
def stale_by_an_edited_configuration(world):
    """a saved plan is stale when a file was edited, with file and field"""
    world.start()
    world.write(configuration(token("a", lifetime="30d")))
    path, _ = save(world)
    world.write("# a comment is no edit\n"
                + configuration(token("a", lifetime="720h")))
    equal("still the same", world.run(
        "verify", json.loads(path.read_text())["digest"], str(path),
        expect=0).err, "")
    world.write(configuration(token("a", lifetime="31d"), token("b"),
                              policy={"max_lifetime": "60d"}))
    error = refused(world, "edited", str(path))
    config = world.config / "patform.toml"
    check("the field", f"token.a ({config}:12): lifetime: \"30d\" → \"31d\""
          in error, error)
    check("the policy", "[policy]" in error
          and 'max_lifetime: nothing → "60d"' in error, error)
    check("the new table", "token.b" in error and "was not in the file"
          in error, error)
    equal("live tokens", world.live(), {})


@case
def tampered(world):
    """a changed saved plan is refused, whatever was changed: exit 6"""
    world.start()
    world.write(configuration(token("a")))
    path, document = save(world)
    for place in (["plan", "changes", 0, "deliver", 0, "at"],
                  ["approval", "changes", 0, "content", "declared", "scopes"],
                  ["request", "targets"], ["world", "owner"], ["digest"]):
        edited = copy.deepcopy(document)
        inner = edited
        for step in place[:-1]:
            inner = inner[step]
        inner[place[-1]] = ["x"] if place[-1] == "targets" else "elsewhere"
        path.write_text(json.dumps(edited), encoding="utf-8")
        error = refused(world, str(place), str(path))
        check(f"{place}", "it was changed after it was written: its content "
              "has the digest sha256:" in error, error)
        world.run("show", str(path), expect=6)
    path.write_text("{}", encoding="utf-8")
    error = refused(world, "no plan", str(path), expect=3)
    equal("no plan", error, f"patform: {path}: it is not a saved plan; "
          "`patform plan --out FILE` writes one\n")
    path.unlink()
    refused(world, "no file", str(path), expect=1)


@case
def signatures(world):
    """with PATFORM_PLAN_KEY only plans signed with it are applied"""
    world.start()
    world.write(configuration(token("a")))
    unsigned, _ = save(world, name="unsigned.json")
    path, document = save(world, PATFORM_PLAN_KEY=KEY)
    check("the signature", document["signature"].startswith("hmac-sha256:"))
    world.written.append(path.read_bytes())
    for name, file, key in (("unsigned", unsigned, KEY),
                            ("another key", path, KEY[::-1])):
        error = refused(world, name, str(file), PATFORM_PLAN_KEY=key)
        check(f"{name}: the key is named", "PATFORM_PLAN_KEY" in error, error)
        check(f"{name}: the key is shown", key not in error, error)
    refused(world, "a short key", str(path), expect=3,
            PATFORM_PLAN_KEY="secret")
    for name, file, key, line in (
            ("unsigned", unsigned, None, "This plan is not signed: "),
            ("unchecked", path, None, "The signature of this plan was not "
             "checked, because PATFORM_PLAN_KEY is not set"),
            ("signed", path, KEY, None)):
        for arguments in (["show"], ["comment", "--dry-run"]):
            text = world.run(*arguments, str(file), expect=0,
                             PATFORM_PLAN_KEY=key).out
            equal(f"{name}: {arguments}", "signed" in text or "signature" in
                  text, line is not None)
            check(f"{name}: {arguments}", line is None or line in text, text)
        shown = json.loads(world.run("show", str(file), "--format", "json",
                                     expect=0, PATFORM_PLAN_KEY=key).out)
        equal(f"{name}: as JSON", shown["signed"], line is None)
    other = "sha256:" + 64 * "0"
    error = refused(world, "another digest, signed", "--approve", other,
                    str(path), PATFORM_PLAN_KEY=KEY)
    check("both digests", f"is not the plan that was approved: its digest is "
          f"{document['digest']}, approved is {other}" in error, error)
    world.run("verify", other, str(path), expect=6, PATFORM_PLAN_KEY=KEY)
    world.run("apply", str(path), expect=0, PATFORM_PLAN_KEY=KEY)
    world.settled()
    for said in world.written:
        check("the key is in what was said", KEY.encode() not in said)


@case
def approved_by_digest(world):
    """--approve lets through what was approved and maintenance, no more"""
    world.start()
    world.write(configuration(token("a", lifetime="30d")))
    world.apply()
    world.write(configuration(token("a", lifetime="30d"), token("b")))
    path, document = save(world)
    digest = document["digest"]
    equal("exit of verify", world.run("verify", digest, expect=0).out,
          f"Approved: 1 change of the plan, {digest}\n")
    # In between "a" falls due; that breaks nothing.
    later = ["--now", "2027-01-01T00:00:00Z"]
    plan = world.plan_json(*later)
    equal("the digest stays", plan["digest"], digest)
    equal("classes", {c["address"]: c["class"]
                      for c in plan["resource_changes"]}["token.b"], "policy")
    # An edited file does.
    world.write(configuration(token("a", lifetime="30d"), token("c"),
                              token("b", scopes=("vso.code_full",))))
    error = refused(world, "edited, by digest", "--approve", digest)
    check("both digests", f"approved is {digest}; the plan is now sha256:"
          in error, error)
    error = refused(world, "edited, with the plan", "--approve", digest,
                    str(path))
    check("what differs", 'token.b: scopes: approved ["vso.code"], now '
          '["vso.code_full"]' in error, error)
    check("what is new", "token.c: to be created, which was not approved"
          in error, error)
    world.run("verify", digest, expect=6)
    world.run("verify", digest, str(path), expect=6)
    # The approved one, and the second try of it.
    world.write(configuration(token("a", lifetime="30d"), token("b")))
    world.run("apply", "--approve", digest, expect=0)
    world.run("apply", "--approve", digest, expect=0)
    world.run("apply", "--approve", digest, str(path), expect=0)
    equal("nothing to approve", world.run("verify", digest, expect=0).out,
          "Nothing in the plan needs an approval.\n")
    world.settled()
    other, _ = save(world, name="other.json")
    error = refused(world, "another plan", "--approve", digest, str(other))
    check("another plan", "is not the plan that was approved" in error, error)
    world.run("apply", "--approve", "sha256:abc", expect=3)


@case
def approved_in_two_tries(world):
    """a release that failed half-way goes on under the same approval"""
    service = world.start()
    world.write(many(3))
    path, document = save(world)
    service.fault("create", {"status": 403}, nth=2)
    world.run("apply", "--approve", document["digest"], str(path),
              "--parallelism", "1", expect=7)
    service.clear_faults()
    check("some were made", 0 < len(world.live()) < 3, str(world.live()))
    world.run("apply", "--approve", document["digest"], str(path), expect=0)
    world.settled()


@case
def planned_from_a_snapshot(world):
    """plan --snapshot: no credential, no network, no program; and its age"""
    service = world.start()
    world.write(many(3))
    world.apply()
    path = world.folder / "world.json"
    result = world.run("snapshot", "--out", str(path), expect=0)
    equal("what it says", result.out, "Wrote 3 tokens of 1 organization and 3 "
          f"records to {path}.\n")
    equal("mode", stat.S_IMODE(path.stat().st_mode), 0o600)
    world.write(configuration(token("t000", scopes=("vso.work",)),
                              token("new"), token("t001")))
    live = world.plan_json()
    requests = service.requests()
    offline = {"PATFORM_ACCESS_TOKEN": None,
               "PATFORM_SERVICE_URL": "https://192.0.2.1/",
               "SSL_CERT_FILE": None}
    plan = world.plan_json("--snapshot", str(path), **offline)
    equal("digest", plan["digest"], live["digest"])
    changes = [[(c["address"], c["action"]) for c in p["resource_changes"]]
               for p in (plan, live)]
    equal("changes", changes[0], changes[1])
    equal("notes", plan["notes"], [{
        "address": "token.new",
        "text": "files:new is not in the snapshot; it is taken for empty"}])
    text = world.plan("--snapshot", str(path), **offline).out
    check("its age", text.startswith("From a snapshot of 20")
          and " old: what happened since is not in this plan." in
          text.splitlines()[0], text)
    equal("requests", service.requests(), requests)
    # The plan can be approved there and released where the service is.
    saved, document = save(world, "--snapshot", str(path), **offline)
    world.run("verify", document["digest"], "--snapshot", str(path), expect=0,
              **offline)
    world.run("apply", str(saved), "--allow-revocations", "1", expect=0)
    world.settled()
    world.write(configuration(token("x"), head=configuration().replace(
        '"contoso"', '"fabrikam"')))
    error = world.plan("--snapshot", str(path), expect=8, **offline).err
    check("the organization", 'the snapshot does not hold the organization '
          '"fabrikam"' in error, error)


@case
def nothing_is_contacted(world):
    """strace: plan --snapshot and show open no socket and start no program"""
    strace = shutil.which("strace")
    check("strace is installed", strace is not None)
    world.start()
    world.write(many(2))
    path = world.folder / "world.json"
    world.run("snapshot", "--out", str(path), expect=0)
    saved, _ = save(world)
    # Whatever a pull request writes into the file.
    hostile = configuration(token("t000"), token("t001")).replace(
        "[sink.files]",
        '[auth]\nsource = "exec"\ncommand = ["touch", "pwned"]\n\n'
        '[sink.evil]\ntype = "exec"\ncommand = ["touch", "pwned"]\n\n'
        '[sink.far]\ntype = "vault"\naddress = "https://192.0.2.1"\n'
        'mount = "kv"\n\n[sink.files]')
    hostile += ('\n[token.e]\nscopes = ["vso.code"]\n'
                'deliver = [{ to = "evil", at = "e" }]\n'
                '\n[token.f]\nscopes = ["vso.code"]\n'
                'deliver = [{ to = "far", at = "f" }]\n')
    plain = configuration(token("t000"), token("t001"))
    for text, arguments, expect in (
            (plain, ["plan", "--snapshot", str(path)], 0),
            (hostile, ["plan", "--snapshot", str(path)], 0),
            (hostile, ["show", str(saved)], 0)):
        world.write(text)
        log = world.folder / "strace.log"
        done = subprocess.run(
            [strace, "-f", "-o", str(log), "-e",
             "trace=%network,execve,execveat,fork,vfork,clone,clone3",
             str(world.options.patform), "-c", str(world.config), *arguments],
            cwd=world.folder, env=world.environment(), capture_output=True,
            check=False, timeout=120)
        world.written += [done.stdout, done.stderr]
        equal(f"{arguments[0]}: exit code ({done.stderr.decode()})",
              done.returncode, expect)
        calls = [line.split(None, 1)[1] for line in
                 log.read_text(encoding="utf-8", errors="replace").splitlines()
                 if "(" in line]
        equal(f"{arguments[0]}: calls but the start of patform itself",
              [c for c in calls if not c.startswith("execve(")
               and "CLONE_THREAD" not in c], [])
        equal(f"{arguments[0]}: programs",
              len([c for c in calls if c.startswith("execve(")]), 1)
        log.unlink()
    check("a program ran", not list(world.folder.rglob("pwned")))


@case
def hostile_configuration(world):
    """a pull request's file makes plan neither run a program nor call out"""
    service = world.start()
    for section, message in (
            ('[auth]\nsource = "exec"\ncommand = ["touch", "pwned"]\n', None),
            ('[sink.evil]\ntype = "exec"\ncommand = ["touch", "pwned"]\n',
             'deliver = [{ to = "evil", at = "e" }]'),
            (f'[sink.evil]\ntype = "vault"\naddress = "{service.url}/evil"\n'
             'mount = "kv"\n', 'deliver = [{ to = "evil", at = "e" }]')):
        text = configuration(token("a")).replace(
            "[sink.files]", section + "\n[sink.files]")
        if message:
            text += f'\n[token.e]\nscopes = ["vso.code"]\n{message}\n'
        world.write(text)
        world.plan(expect=None)
        check(f"a program ran: {section}",
              not list(world.folder.rglob("pwned")))
    equal("requests to another path",
          [r for r in service.requests() if "/evil" in r], [])


@case
def another_user(world):
    """another user's tokens: exit 4 by the records and by --baseline"""
    service = world.start()
    world.write(many(2))
    world.apply()
    snapshot = world.folder / "world.json"
    world.run("snapshot", "--out", str(snapshot), expect=0)
    saved, _ = save(world, "--rotate", "t000")
    bob = service.token("bob@contoso.example")
    for arguments in (["plan"], ["apply", "--auto-approve"],
                      ["apply", str(saved)]):
        result = world.run(*arguments, expect=4, PATFORM_ACCESS_TOKEN=bob)
        check(f"{arguments}: the reason", "belongs to another user"
              in result.err, str(result))
        check(f"{arguments}: the users", re.search(
            "signed in is the user [0-9a-f-]{36}: .*by its record one of the "
            "user [0-9a-f-]{36}: ", result.err), str(result))
    # Without a record that could tell, an earlier look does.
    world.write(configuration(token("new")))
    for baseline in (snapshot, saved):
        result = world.plan("--baseline", str(baseline), expect=4,
                            PATFORM_ACCESS_TOKEN=bob)
        check("the rule", "Error wrong_user: " in result.out
              and "    signed in is the user " in result.out, str(result))
    world.write(many(2))
    equal("Bob's tokens", world.live(bob), {})
    world.plan("--baseline", str(snapshot))
    world.plan("--baseline", str(world.config / "patform.toml"), expect=3)


@case
def an_empty_list(world):
    """a list that is suddenly empty: exit 5 until that is meant"""
    service = world.start()
    world.write(many(2))
    world.apply()
    snapshot = world.folder / "world.json"
    world.run("snapshot", "--out", str(snapshot), expect=0)
    bearer = {"Authorization":
              f"Bearer {world.variables['PATFORM_ACCESS_TOKEN']}"}
    for tokens in world.live().values():
        service.call("DELETE", "/contoso/_apis/tokens/pats?api-version="
                     "7.1-preview.1&authorizationId="
                     + tokens[0]["authorizationId"], None, bearer)
    result = world.apply("--baseline", str(snapshot), expect=5)
    check("the rule", "empty_list" in result.out
          and "it listed 2 live tokens" in result.out, str(result))
    equal("live tokens", world.live(), {})
    world.apply("--baseline", str(snapshot), "--allow-empty-list")
    world.settled()


@case
def protected(world):
    """prevent_revoke in the policy outlives the token's table: exit 5"""
    world.start()
    policy = {"prevent_revoke": ["prod-*"], "max_revocations": "50%"}
    world.write(configuration(*(token(n) for n in ("prod-a", "b", "c", "d")),
                              policy=policy))
    world.apply()
    world.write(configuration(*(token(n) for n in ("b", "c", "d")),
                              policy=policy))
    result = world.apply(expect=5)
    check("the rule", "Error prevent_revoke: " in result.out
          and "token.prod-a would be revoked" in result.out, str(result))
    world.write(configuration(token("prod-a"), policy=policy))
    result = world.apply(expect=5)
    check("the share", "the plan revokes 3 tokens; at most 2 (50% of 4 live "
          "tokens) may be revoked at once" in result.out, str(result))
    world.apply("--allow-revocations", "3")
    equal("live tokens", list(world.live()), ["prod-a"])
    world.write(configuration(token("prod-a"),
                              policy={"max_revocations": "ten"}))
    error = world.plan(expect=3).err
    check("the message", '`max_revocations` cannot be "ten"' in error, error)


@case
def left_out_is_shown(world):
    """--target shows what it leaves out, and a saved plan keeps to it"""
    world.start()
    world.write(many(3))
    path, document = save(world, "--target", "t001")
    text = world.run("show", str(path), expect=0).out
    check("what is left out", "left out: 2 changes.\n    + token.t000 (no such "
          "token exists)\n    + token.t002 (no such token exists)\n" in text,
          text)
    equal("as JSON", [c["address"] for c in json.loads(world.run(
        "show", str(path), "--format", "json", expect=0).out)
        ["left_out_changes"]], ["token.t000", "token.t002"])
    world.run("apply", "--approve", document["digest"], expect=6)
    world.run("apply", str(path), expect=0)
    equal("live tokens", list(world.live()), ["t001"])
    world.run("apply", str(path), "--target", "t000", expect=3)
    world.run("apply", str(path), "--rotate", "t000", expect=3)
