"""Whose token it is: names that come back otherwise than they were sent, names
that people take for one, and organizations in several spellings."""

import shutil

import inputs
from configuration import HEAD, configuration, token
from harness import case, check, equal

WAYS = {
    "html": ["Q&A", "O'Brien", "a<b", 'say "hi"', "a&amp;b"],
    "lower": ["CI", "Build-Main"],
    "decomposed": ["caf\u00e9", "\u1ea5n"],
    "composed": ["cafe\u0301", "&#65;"],
    "trimmed": ["a  b", "a   b  c"],
    "cut": ["ci"],
}


def begin_again(world):
    """No tokens, no places."""
    world.service.admin("POST", "reset")
    world.variables["PATFORM_ACCESS_TOKEN"] = world.service.token()
    shutil.rmtree(world.config / "secrets", ignore_errors=True)


@case
def names_answered_otherwise(world):
    """a service that spells names otherwise: nothing to do the second time"""
    service = world.start()
    rows = [(how, name) for how, names in WAYS.items() for name in names]
    for how, name in inputs.each(rows):
        begin_again(world)
        service.switch(names=how)
        quoted = name.replace('"', '\\"')
        world.write(configuration(token(
            quoted, deliver='[{ to = "files", at = "place" }]')))
        world.apply()
        world.settled()
        [secret] = world.secrets().values()
        equal(f"{how} {name}: what is served", service.state_of(secret),
              "active")
        # The old one has its grace.
        world.apply("--rotate", name)
        equal(f"{how} {name}: the old one", service.state_of(secret), "active")
        world.settled()


@case
def names_that_do_not_survive(world):
    """a service that loses the mark: refused, undone, told, not delivered"""
    service = world.start()
    bearer = world.variables["PATFORM_ACCESS_TOKEN"]
    for how, name in inputs.each([
            ("upper", "ci"), ("cut", "a-name-that-is-longer-than-is-kept-here"),
            ("cut", "a-name-that-ends-in-the-mark")]):
        service.switch(names=how)
        world.write(configuration(token(name)))
        result = world.run("apply", "--auto-approve", expect=1)
        check("what happened is told",
              "does not keep display names as they are sent" in result.out,
              str(result))
        equal("delivered", world.secrets(), {})
        equal("left alive", service.list(bearer)[0], [])


@case
def organizations_respelled(world):
    """an organization in another case is the same one, everywhere"""
    world.start()
    world.write(configuration(token("ci")))
    first = world.plan_json()
    world.apply()
    for name in inputs.each(["Contoso", "CONTOSO"]):
        head = HEAD.replace('"contoso"', f'"{name}"')
        world.write(configuration(token("ci"), head=head))
        world.settled()
        world.write(configuration(token("ci", organization="cOnToso"),
                                  head=head))
        world.settled()
        world.write(configuration(token("ci", organization=name), head=head))
        file = str(world.folder / f"{name}.json")
        world.run("snapshot", "--out", file, expect=0)
        world.run("plan", "--snapshot", file,
                  "--detailed-exitcode", expect=0)
        found = world.run("audit", "--organization", name, expect=0).out
        check("the token is found", "~pf:e2e#1." in found, found)
    check("in one spelling", first["organizations"] == ["contoso"],
          str(first))


@case
def organizations_as_addresses(world):
    """an address of an organization: one error, on its own line"""
    for name in inputs.each(["https://dev.azure.com/contoso",
                             "https://contoso.visualstudio.com/project",
                             "dev.azure.com/Contoso", "contoso/"]):
        head = HEAD.replace('"contoso"', f'"{name}"')
        world.write(configuration(*(token(n) for n in "abc"), head=head))
        result = world.run("validate", expect=3)
        equal("errors", result.err.count(": error: "), 1)
        check("on its line", f'patform.toml:3:16: error: "{name}" cannot be an '
              "organization's name" in result.err, result.err)
        check("what is meant", 'did you mean "contoso"?' in result.err,
              result.err)
        result = world.run("audit", "--organization", name, expect=3)
        check("for a flag", 'did you mean "contoso"?' in result.err,
              str(result))


@case
def defaults_blamed_once(world):
    """what is wrong in [defaults] is one mistake, however many tokens use it"""
    (world.config / "teams").mkdir()
    for key, value in inputs.each([
            ("lifetime", "400d"), ("lifetime", "12h"),
            ("organization", "a b"), ("rotate_before", "90d"),
            ("grace", "90d")]):
        text = configuration(
            token("a"), token("b"),
            head='include = ["teams/*.toml"]\n' + HEAD +
                 f'\n[defaults]\n{key} = "{value}"\n')
        world.write(text)
        world.write(token("c"), "teams/one.toml")
        result = world.run("validate", expect=3)
        defaults = text[:text.index("[token.")].rpartition(f"\n{key} = ")[0]
        line = defaults.count("\n") + 2
        equal(f"errors for {key}", result.err.count(": error: "), 1)
        check("on its line", f"patform.toml:{line}:" in result.err,
              result.err)


@case
def names_alike(world):
    """names that people cannot tell apart are refused, emoji are not"""
    for one, other in inputs.each([
            ("A", "a"), ("caf\u00e9", "cafe\u0301"), ("CAF\u00c9", "caf\u00e9"),
            ("Stra\u00dfe", "STRASSE"), ("Q&A", "Q&amp;A"), ("a b", "a  b"),
            ("\uff23\uff29", "CI"), ("\u0430\u0441", "ac"),
            ("\u0391", "A"), ("\u015f", "\u0219"), ("i", "\u0131"),
            ("\U0001f469\u200d\U0001f4bb", "\U0001f469\U0001f4bb"),
            ("\u2764\ufe0f", "\u2764")]):
        world.write(configuration(token(one, deliver=None),
                                  token(other, deliver=None)))
        result = world.run("validate", expect=3)
        check(f"{one} {other}", "people could not tell them apart" in
              result.err, result.err)
    for name in inputs.each(["\U0001f469\u200d\U0001f4bb dev",
                             "\u2764\ufe0f\u200d\U0001f525", "\u00e9##[x]",
                             "\u00e9##vso[task.complete]", "caf\u00e9"]):
        world.write(configuration(token(name, deliver=None)))
        result = world.run("validate", expect=0)
        check("harmless in a log", "##[" not in result.out + result.err and
              "##vso[" not in result.out + result.err, str(result))
    for name in inputs.each(["a\u200db", "\U0001f469\u200d", "x\ufe0f"]):
        world.write(configuration(token(name, deliver=None)))
        result = world.run("validate", expect=3)
        check("refused", "invisible character" in result.err, result.err)


@case
def updates_that_renew(world):
    """an update that is answered with a secret delivers it everywhere"""
    service = world.start("--set", "update_secret=renewed")
    world.write(configuration(token("ci", deliver="both")))
    world.apply()
    actions = iter(["update", "rotate", "rotate"])
    for scopes in inputs.each([("vso.work",), ("vso.code", "vso.work"),
                               ("vso.build",)]):
        before = set(world.secrets().values())
        world.write(configuration(token("ci", scopes, deliver="both")))
        # The old secret ends with an update: once that is known, none is made.
        change = world.plan_json()["resource_changes"][0]
        equal("the plan", (change["action"], change["action_reason"]),
              (next(actions), "scope_changed"))
        world.apply()
        after = set(world.secrets().values())
        check("other secrets", not before & after)
        for secret in after:
            equal("what is served", service.state_of(secret), "active")
        plan = world.plan("--detailed-exitcode")
        check("the plan knows the service", "rotates a token's secret whenever"
              in plan.out + plan.err, str(plan))


@case
def a_name_that_was_another_tokens(world):
    """what a rename leaves behind is not the token of who takes the name"""
    service = world.start()
    bearer = world.variables["PATFORM_ACCESS_TOKEN"]
    place = '[{ to = "files", at = "place" }]'
    world.write(configuration(token("old", deliver=place)))
    world.apply()
    world.apply("--rotate", "old")
    world.write(configuration(token("new", deliver=place, renamed_from="old")))
    world.apply()
    before = {t["authorizationId"]: t for t in service.list(bearer)[0]}
    for more in inputs.each([{}, {"ensure": "absent"},
                             {"ensure": "released"}]):
        world.write(configuration(
            token("new", deliver=place),
            token("old", ("vso.work",), deliver=None, **more)))
        world.run("apply", "--auto-approve")
        equal("untouched", {t["authorizationId"]: t
                            for t in service.list(bearer)[0]}, before)
        plan = world.run("plan")
        check("whose it is", "was superseded by token.new" in
              plan.out + plan.err, str(plan))
