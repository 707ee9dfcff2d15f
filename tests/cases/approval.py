"""Edits that wait for their approval, and what goes on meanwhile."""

import re

from configuration import configuration, many, token
from harness import case, check, equal
from inputs import each

DAY = 86_400
WAITS = "waits for approval and is left alone"


def live(world, name):
    return [t for t in world.live().get(name, [])]


@case
def maintenance_goes_on(world):
    """apply --maintenance does what is due while an edit waits: exit 0"""
    world.start()
    world.write(many(2, grace="0s"))
    world.apply()
    before = world.secrets()
    world.write(configuration(token("t000", grace="0s"),
                              token("t001", grace="0s"), token("new")))
    result = world.run("apply", "--maintenance", expect=0)
    equal("secrets", world.secrets(), before)
    check("what waits", f"1 change {WAITS}" in result.out and
          "+ token.new (no such token exists)" in result.out, str(result))
    check("nothing is due", "No maintenance is due." in result.out,
          str(result))
    world.later(25 * DAY)
    result = world.run("apply", "--maintenance", expect=0)
    after = world.secrets()
    equal("places", sorted(after), sorted(before))
    check("all are new", not set(after.values()) & set(before.values()))
    check("the end", result.out.endswith(
        "\nMaintenance complete! Tokens: 0 created, 0 updated, 2 rotated, 0 "
        "revoked.\n"
        "Secret of token.t000: files:t000 = file, path = \"secrets\"\n"
        "Secret of token.t001: files:t001 = file, path = \"secrets\"\n"
        "1 change waits for approval, as listed above.\n"),
        str(result))
    equal("new", live(world, "new"), [])
    # Nobody has to be asked: the merged file is the authority.
    check("a question", "Enter a value" not in result.err, result.err)
    world.apply()
    world.settled()


@case
def edited_and_due(world):
    """a token that was edited and is due keeps what it may do, and its place"""
    world.start()
    world.write(many(1, grace="0s"))
    world.apply()
    first = world.secrets()["t000"]
    world.write(configuration(token("t000", scopes=("vso.work",),
                                    deliver="both", grace="0s")))
    world.run("apply", "--maintenance", expect=0)
    equal("the secret", world.secrets(), {"t000": first})
    world.later(25 * DAY)
    result = world.run("apply", "--maintenance", expect=0)
    check("what waits", f"1 change {WAITS}" in result.out, str(result))
    equal("places", list(world.secrets()), ["t000"])
    check("it was rotated", world.secrets()["t000"] != first)
    equal("scopes", [t["scope"] for t in live(world, "t000")], ["vso.code"])
    world.apply()
    world.settled()
    # Made for another set of places, so another run might still deliver it.
    world.later(3600)
    world.apply()
    equal("scopes", [t["scope"] for t in live(world, "t000")], ["vso.work"])


@case
def what_an_edit_breaks(world):
    """a rule or a guard that a waiting edit breaks does not stop the night"""
    world.start()
    world.write(many(8, grace="0s"))
    world.apply()
    world.later(25 * DAY)
    # Seven tables are gone, which is more than may be revoked at once; and a
    # new one asks for too much.
    world.write(configuration(
        token("t000", grace="0s"), token("wide", scopes=("vso.code_full",)),
        policy={"forbidden_scopes": ["vso.code_full"]}))
    world.apply(expect=5)
    result = world.run("apply", "--maintenance", expect=0)
    check("the warning", "Warning forbidden_scopes: " in result.out,
          str(result))
    check("what waits", "8 changes wait for approval" in result.out,
          str(result))
    check("the end", "Maintenance complete! Tokens: 0 created, 0 updated, "
          "1 rotated, 0 revoked." in result.out, str(result))
    equal("live", len(world.live()), 8)


@case
def flags_that_cancel_each_other(world):
    """flags that leave nothing of each other are an error: exit 3"""
    world.start()
    text = configuration(token("a", grace="0s"), token("b", grace="0s"))
    world.write(text)
    world.apply()
    before = world.secrets()
    out = str(world.folder / "out.json")
    digest = world.plan_json()["digest"]
    world.write(text + token("gone", ensure="absent") +
                token("free", ensure="released"))
    for flags, said in each((
            (["--rotate", "a", "--target", "b"], "--target leaves a out"),
            (["--rotate", "token.a", "--target", "b*"],
             "--target leaves token.a out"),
            (["--rotate", "a", "--rotate", "b", "--target", "a"],
             "--target leaves b out"),
            (["--rotate", "gone"], "declares it absent"),
            (["--rotate", "free"], "declares it released"))):
        for command in (["plan"], ["apply", "--auto-approve"],
                        ["verify", digest]):
            result = world.run(*command, *flags, expect=3)
            check(f"{command} {flags}: {said}", said in result.err,
                  str(result))
            equal(f"{command} {flags}: out", result.out, "")
    for flags in each((["--rotate", "a"], ["--approve", digest],
                       ["--allow-revocations", "3"], [out])):
        result = world.run("apply", "--maintenance", *flags, expect=3)
        check(f"{flags}", "--maintenance" in result.err, str(result))
    for command in each((["plan", "--out", out, "--json-into", out],
                         ["plan", "--json-into", out, "--markdown-into", out],
                         ["show", out, "--json-into", out],
                         ["plan", "--snapshot", out, "--out", out])):
        result = world.run(*command, expect=3)
        check(f"{command}", "can hold only one of them" in result.err,
              str(result))
    equal("secrets", world.secrets(), before)
    # Those that leave something.
    world.apply("--rotate", "a", "--target", "a*")
    world.write(text)
    world.settled()


@case
def what_policy_forbids_is_not_offered(world):
    """nothing offers to do a plan that policy forbids"""
    world.start()
    text = configuration(token("a"))
    path = world.folder / "plan.json"
    for policy, offered in (("", True), (
            '[policy]\nforbidden_scopes = ["vso.code"]\n', False)):
        world.write(text + "\n" + policy)
        code = 0 if offered else 5
        plan = world.plan("--out", str(path), expect=code)
        shown = [plan.out, plan.err,
                 *(world.run("show", str(path), "--format", form, expect=0).out
                   for form in ("text", "markdown", "github", "azure"))]
        shown.append(world.run("comment", str(path), "--dry-run",
                               expect=0).out)
        equal(f"offers, {policy!r}",
              any(re.search("exactly this", text) for text in shown), offered)
        if not offered:
            check("the reason", "a policy or guard forbids it" in plan.err,
                  plan.err)


@case
def a_rotation_that_was_asked_for(world):
    """--rotate of an edited token is another plan than the edit alone"""
    world.start()
    world.write(configuration(token("a")))
    world.apply()
    world.write(configuration(token("a", scopes=("vso.work",))))
    edit = world.plan_json()["digest"]
    rotation = world.plan_json("--rotate", "a")["digest"]
    check("one digest for both", edit != rotation, edit)
    world.run("apply", "--approve", edit, "--rotate", "a", expect=6)
    world.run("apply", "--approve", rotation, expect=6)
    first = world.secrets()
    world.run("apply", "--approve", edit, expect=0)
    equal("secrets", world.secrets(), first)
    world.settled()
