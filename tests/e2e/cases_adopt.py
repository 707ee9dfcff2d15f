"""Tokens that exist come under management: import, and what words in the
file do to a token."""

import json
import random

from cases_random import scope_catalog
from configuration import HEAD, configuration, token
from harness import CASES, Failure, case, check, equal


def make(world, name, scopes="vso.code", days=20, organization="contoso",
         bearer=None, **more):
    """Makes a token as a person does in the portal; its id."""
    status, _, answer = world.service.call(
        "POST", f"/{organization}/_apis/tokens/pats"
        "?api-version=7.1-preview.1",
        {"displayName": name, "scope": scopes, "allOrgs": False,
         "validTo": in_days(days), **more},
        {"Authorization":
         f"Bearer {bearer or world.variables['PATFORM_ACCESS_TOKEN']}"})
    body = json.loads(answer)
    if status != 200 or body["patTokenError"] != "none":
        raise Failure(f"create: {status}: {answer}")
    world.seen.add(body["patToken"]["token"])
    return body["patToken"]["authorizationId"]


def in_days(days):
    import datetime
    moment = datetime.datetime.now(datetime.timezone.utc)
    moment += datetime.timedelta(days=days, seconds=0.123)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def imported(world, *arguments, name="imported.toml", **changes):
    """import --out; what the file says, and what was said about it."""
    path = world.config / name
    result = world.run("import", "--out", str(path), "--force", *arguments,
                       expect=0, **changes)
    return path.read_text(encoding="utf-8"), result


INCLUDING = HEAD.replace("[sink.files]",
                         'include = ["imported.toml"]\n\n[sink.files]')


def quiet(world):
    """The configuration is valid and there is nothing to do."""
    world.run("validate", expect=0)
    world.settled()


@case
def import_all(world):
    """import: every live token, commented; validate passes, plan is empty"""
    world.start()
    ids = [make(world, "zeta", "vso.code_write vso.code"),
           make(world, "ci build", "vso.packaging vso.work", days=3),
           make(world, 'späher "x" \\ y', "app_token")]
    world.write(configuration(token("mine"), head=INCLUDING.replace(
        'include = ["imported.toml"]\n', "")))
    world.apply()
    text, result = imported(world)
    equal("what it says", result.out,
          f"Wrote 3 tokens to {world.config / 'imported.toml'}.\n")
    check("what is declared is passed over",
          "passed over, declared already: mine ~pf:e2e#1." in result.err,
          result.err)
    check("the hint", "does not include" in result.err, result.err)
    for line in ('[token.zeta]', '[token."ci build"]',
                 '[token."späher \\"x\\" \\\\ y"]',
                 'scopes = ["vso.code_write"]',
                 "# Its other scopes are implied by these: vso.code.",
                 "# Warning: full access, all that its user may do."):
        check(f"no line {line}", line in text.splitlines(), text)
    check("a warning of a near end", "# Warning: ends soon, on " in text, text)
    for one in ids:
        check("its id", f"# id {one}, made " in text, text)
    order = [line for line in text.splitlines() if line.startswith("[")]
    equal("order", order, ['[token."ci build"]',
                           '[token."späher \\"x\\" \\\\ y"]', "[token.zeta]"])
    world.write(configuration(token("mine"), head=INCLUDING))
    before = world.service.requests()
    quiet(world)
    check("a plan asks, and that is all",
          {r.split()[0] for r in world.service.requests()[len(before):]}
          == {"GET"})
    result = world.run("import", expect=0)
    equal("a second import", result.out, "")
    check("nothing is left", "nothing to import" in result.err, result.err)


@case
def import_some(world):
    """import by name, glob and --id; a wish that nothing fits is exit 3"""
    world.start()
    ids = {n: make(world, n) for n in ("ci-a", "ci-b", "bot")}
    world.write(HEAD)

    def tables(*arguments):
        out = world.run("import", *arguments, expect=0).out
        return [line for line in out.splitlines() if line.startswith("[")]

    equal("a glob", tables("ci-*"), ["[token.ci-a]", "[token.ci-b]"])
    equal("a name and an id", tables("bot", "--id", ids["ci-b"]),
          ["[token.bot]", "[token.ci-b]"])
    for arguments, why in (
            (["bto"], 'no live token is called "bto"; did you mean "bot"?'),
            (["--id", ids["bot"][:-1]], "expected a token's id"),
            (["--id", "0" * 8 + ids["bot"][8:]], "no live token has the id")):
        result = world.run("import", *arguments, expect=3)
        check(f"{arguments}: {why}", why in result.err, str(result))
    # A file that exists is left as it is.
    path = world.write("mine\n", "imported.toml")
    sent = len(world.service.requests())
    result = world.run("import", "--out", str(path), expect=3)
    check("the reason", "exists already and was left as it is; --force "
          "replaces it" in result.err, result.err)
    equal("the file", path.read_text(), "mine\n")
    equal("nothing was asked", len(world.service.requests()), sent)


@case
def import_without_configuration(world):
    """import --organization writes a whole configuration"""
    world.start()
    make(world, "a", "vso.code")
    make(world, "b", "vso.build_execute vso.work_full")
    result = world.run("import", expect=3)
    check("the way on", "name the organization" in result.err, result.err)
    world.run("import", "--organization", "contoso", "--out",
              str(world.config / "patform.toml"), expect=0)
    quiet(world)


@case
def import_marked(world):
    """import: other workspaces' tokens and copied marks stay out; ours whose
    table is gone comes back"""
    world.start()
    world.write(configuration(token("kept"), token("lost"),
                              head=HEAD.replace('"e2e"', '"other"')))
    world.apply()
    for file in (world.config / "secrets").iterdir():
        file.unlink()
    world.write(configuration(token("ours"), token("gone", deliver="both")))
    world.apply()
    mark = world.live()["ours"][0]["displayName"]
    make(world, mark.replace("ours", "copy"))
    world.write(configuration(token("ours")))
    plan = world.plan_json()
    equal("before", [(c["address"], c["action"])
                     for c in plan["resource_changes"]],
          [("token.gone", "revoke")])
    world.write(configuration(token("ours"), head=INCLUDING))
    text, result = imported(world)
    equal("tables", [line for line in text.splitlines()
                     if line.startswith("[")], ["[token.gone]"])
    check("its generation", "# Minted by patform, generation 1: give it back "
          "its `deliver`." in text, text)
    # The list is in the order of ids, which the service draws.
    for words in ('2 tokens passed over, of the workspace "other": ',
                  "kept ~pf:other#1.", "lost ~pf:other#1.",
                  "with a copied mark: copy ~pf:e2e#1.",
                  "declared already: ours ~pf:e2e#1."):
        check(words, words in result.err, result.err)
    quiet(world)


@case
def import_what_can_not_be(world):
    """import: what cannot be declared as it is stands as a comment with the
    reason, and the rest is valid"""
    world.start()
    make(world, "twice")
    # Born in one tick of the service's clock, neither would be the newest.
    world.service.later(1)
    make(world, "twice", "vso.work")
    make(world, "Build")
    make(world, "build")
    make(world, "DECLARED")
    make(world, " blank")
    make(world, "\u202eevil ##vso[task.x]y [token.x]", "vso.work")
    make(world, "forbidden", "vso.code_full")
    make(world, "long", "vso.code", days=200)
    make(world, "good", "vso.work_write")
    world.write(configuration(
        token("declared", owner="a", deliver=None, ensure="absent"),
        policy={"forbidden_scopes": ["*_full"], "max_lifetime": "90d",
                "required_fields": ["owner", "purpose", "cost center"]},
        head=INCLUDING))
    text, result = imported(world)
    equal("tables", [line for line in text.splitlines()
                     if line.startswith("[")],
          ["[token.Build]", "[token.good]", "[token.twice]"])
    for line in ('owner = "unknown"',
                 'purpose = "unknown"',
                 'labels = { "cost center" = "unknown" }',
                 '# The policy asks for what is "unknown" here.',
                 '# [token.forbidden]', '# [token.long]',
                 '# [token.twice]', '# [token.DECLARED]', '# [token.build]',
                 '# [token." blank"]',
                 '# [token."\\u202Eevil #\\u0023vso[task.x]y [token.x]"]'):
        check(f"no line {line}", line in text.splitlines(), text)
    reasons = {
        "twice": "which is the newest, is the one of this name",
        "build": 'differ only by upper and lower case',
        "DECLARED": 'differ only by upper and lower case',
        "forbidden": "asks for vso.code_full, which the policy forbids",
        "long": "(max_lifetime)",
        "evil": "contains a control or an invisible character",
        " blank": "begins or ends with a space"}
    for name, reason in reasons.items():
        lines = [line for line in result.err.splitlines()
                 if name in line and reason in line]
        check(f"{name}: {reason}", lines, result.err)
    check("an invisible character", "\u202e" not in result.err + text)
    # `declared` is absent already; the import changed nothing of that.
    quiet(world)


@case
def import_scopes(world):
    """import: unknown scopes wait for allow_unknown_scopes; full access and
    tokens for all organizations come with a warning"""
    world.start()
    make(world, "full", "app_token")
    make(world, "everywhere", "vso.code", allOrgs=True)
    make(world, "many", "vso.code_full vso.code vso.code_write vso.work")
    world.write(HEAD.replace("[sink.files]",
                             'include = ["imported.toml"]\n\n[sink.files]'))
    text, _ = imported(world)
    for line in ("# Warning: full access, all that its user may do.",
                 "all_organizations = true",
                 '  "vso.code_full", # Code (full)',
                 '  "vso.work",      # Work items (read)'):
        check(f"no line {line}", line in text.splitlines(), text)
    world.settled()


@case
def import_under_defaults(world):
    """import: what [defaults] would change is said otherwise in the table"""
    world.start()
    make(world, "a")
    world.write(configuration(head=HEAD.replace(
        "[sink.files]", """include = ["imported.toml"]

[defaults]
lifetime = "2d"
rotate_before = "1d"
renewal = "extend"
deliver = [{ to = "files", at = "{name}" }]
all_organizations = true
organization = "fabrikam"
owner = "team-{name}"

[sink.files]""")))
    text, _ = imported(world)
    for line in ("deliver = []", "all_organizations = false",
                 'organization = "contoso"'):
        check(f"no line {line}", line in text.splitlines(), text)
    world.settled()


@case
def import_then_deliver(world):
    """an imported token gets `deliver`: a new one is made, the old one is left
    until the file says otherwise"""
    world.start()
    old = make(world, "a")
    world.write(configuration(head=INCLUDING))
    imported(world)
    quiet(world)
    (world.config / "imported.toml").write_text("# none\n")
    world.write(configuration(token("a")))
    world.apply()
    equal("both live", len(world.live()["a"]), 2)
    world.settled()
    check("the plan tells of the other", "an unmarked token of this name"
          in world.plan().out)
    check("and how it ends", f'replaces = ["{old}"]' in world.plan().out)
    world.write(configuration(token("a", replaces=[old], grace="1h")))
    path = world.folder / "plan.json"
    text = world.plan("--out", str(path)).out
    check("the plan says so", "# token.a will be finished: what it replaces "
          "ends (" in text and f"- let end:      {old[:8]} at " in text, text)
    # An edit asks for it, so it has to be approved.
    equal("class", {c["class"] for c in world.plan_json()["resource_changes"]},
          {"policy"})
    world.run("apply", str(path), expect=0)
    world.settled()
    world.later(3700)
    equal("one lives", [len(tokens) for tokens in world.live().values()], [1])
    world.settled()


@case
def import_outlives_its_tokens(world):
    """an imported token runs out: the others' plans go on as before"""
    world.start()
    make(world, "short", days=2)
    world.write(configuration(token("other"), head=INCLUDING))
    imported(world)
    world.apply()
    world.settled()
    world.later(3 * 86400)
    result = world.plan("--detailed-exitcode", expect=0)
    check("the warning", "the token has ended; remove its table"
          in result.err, result.err)
    check("the note", "its table can go" in result.out, result.out)


@case
def ensure_in_words(world):
    """ensure: absent revokes watched and made tokens, released forgets"""
    world.start()
    make(world, "theirs")
    make(world, "kept")
    world.write(configuration(token("made"), token("free"),
                              token("theirs", deliver=None),
                              token("kept", deliver=None)))
    world.apply()
    free = world.live()["free"][0]
    world.write(configuration(
        token("made", ensure="absent"), token("theirs", ensure="absent"),
        token("free", ensure="released"),
        token("kept", deliver=None, ensure="released")))
    text = world.plan().out
    for line in ("  # token.made will be revoked (the configuration says "
                 "absent)",
                 "  # token.theirs will be revoked (the configuration says "
                 "absent)",
                 "  # token.free will be released (the configuration says "
                 "released)"):
        check(f"no line {line}", line in text.splitlines(), text)
    world.apply()
    world.settled()
    equal("live", sorted(world.live()), ["free", "kept"])
    left = world.live()["free"][0]
    equal("the same token", left["authorizationId"], free["authorizationId"])
    equal("without a mark", left["displayName"], "free")
    # Nobody's now: without its table nothing happens to it.
    world.write(configuration(token("else")))
    world.apply()
    world.settled()
    equal("live", sorted(world.live()), ["else", "free", "kept"])


@case
def renamed_in_place(world):
    """renamed_from: the name changes, the token, its mark and secret stay"""
    world.start()
    make(world, "theirs")
    place = '[{ to = "files", at = "stays" }]'
    world.write(configuration(token("old", deliver=place),
                              token("theirs", deliver=None)))
    world.apply()
    before = world.live()
    secret = world.secrets()["stays"]
    world.write(configuration(
        token("new", deliver=place, renamed_from="old"),
        token("ours", deliver=None, renamed_from="theirs")))
    text = world.plan().out
    check("in place", "  # token.new will be updated in place (renamed)"
          in text.splitlines(), text)
    world.apply()
    world.settled()
    after = world.live()
    equal("names", sorted(after), ["new", "ours"])
    equal("the mark stays", after["new"][0]["displayName"],
          before["old"][0]["displayName"].replace("old", "new", 1))
    for a, b in (("old", "new"), ("theirs", "ours")):
        equal("the same token", before[a][0]["authorizationId"],
              after[b][0]["authorizationId"])
    equal("the secret", world.secrets()["stays"], secret)
    # The next generation goes on under the new name, and so does the record.
    world.apply("--rotate", "new")
    world.settled()
    record = json.loads((world.config / "secrets" /
                         ".stays.patform.json").read_text())
    record = record["entries"][-1]["record"]
    equal("the record", (record["token"], record["generation"]), ("new", 2))
    # Without the hint, once it has done its work, nothing changes.
    world.write(configuration(token("new", deliver=place),
                              token("ours", deliver=None)))
    world.settled()


NAMES = ("bot", "ci build", "späher", "a.b", "日本", "x" * 90, 'q"uo\\te',
         "#hash", "[x]", "=", "'", "UPPER", "${HOME}", "{name}",
         "zero\u200bwidth", "true", "1979-05-27", "y" * 200, "-", "😀")


def import_random(seed):
    def run(world):
        dice = random.Random(seed)
        catalog = scope_catalog(world.options.root)
        world.start()
        for number in range(dice.randint(1, 25)):
            name = dice.choice(NAMES) + dice.choice(("", f"-{number}"))
            scopes = dice.sample(sorted(catalog), dice.randint(1, 6))
            make(world, name, " ".join(scopes), days=dice.randint(1, 360))
        world.write(configuration(token("mine"), head=INCLUDING))
        text, _ = imported(world)
        world.apply()
        quiet(world)
        again = world.run("import", expect=0).out
        check("a second import declares what the first did not",
              "\n[" not in again, again)
        check("something was written", "[token." in text, text)

    run.__doc__ = f"random import {seed:02}: valid, and the plan is empty"
    return run


CASES += [import_random(seed) for seed in range(8)]
