"""One configuration of several users: [auth] is Ada, and a bot has a sign-in
of its own."""

import json

from configuration import HEAD, configuration, token
from harness import case, check, equal

BOT = "bot@contoso.example"


def two_users(world, *tokens):
    """Starts the service; the bot's bearer comes from a program."""
    service = world.start()
    bearer = world.services / "bot.token"
    bearer.write_text(service.token(BOT))
    world.variables["PATFORM_ALLOW_PROGRAMS"] = "1"
    head = HEAD + (f'\n[identity.bot]\nsource = "exec"\n'
                   f'command = ["cat", "{bearer}"]\n')
    world.write(configuration(*tokens, head=head))
    return service, bearer, head


def place(name):
    return f'[{{ to = "files", at = "{name}" }}]'


@case
def two_users_one_plan(world):
    """two users: each makes their own; one cannot sign in, the other goes on"""
    ada = token("mine", deliver=place("mine"))
    bots = token("theirs", deliver=place("theirs"), identity="bot")
    service, bearer, head = two_users(world, bots, ada)
    plan = world.plan_json()
    equal("changes, grouped", [(c["address"], c.get("identity"))
                               for c in plan["resource_changes"]],
          [("token.mine", None), ("identity.bot/token.theirs", "bot")])
    check("the bot's oid is known", plan["users"]["bot"], str(plan["users"]))
    check("and another one", plan["users"]["bot"] != plan["owner"],
          str(plan["users"]))
    # Nobody signs in as the bot: its token waits, and Ada's is made.
    hidden = bearer.rename(bearer.with_suffix(".hidden"))
    result = world.plan(expect=8)
    for words in ("? identity.bot/token.theirs",
                  "the program of [identity.bot] command failed"):
        check(f"no {words}", words in result.out, result.out)
    world.apply(expect=8)
    equal("secrets", sorted(world.secrets()), ["mine"])
    hidden.rename(bearer)
    world.apply()
    world.settled()
    equal("secrets", sorted(world.secrets()), ["mine", "theirs"])
    robot = bearer.read_text()
    equal("Ada's", sorted(world.live()), ["mine"])
    equal("the bot's", sorted(world.live(robot)), ["theirs"])
    # One plan saved and released, and one limited to a user.
    world.run("plan", "--rotate", "mine", "--rotate", "theirs", "--identity",
              "bot", expect=3)
    saved = str(world.folder / "plan.json")
    world.run("plan", "--rotate", "theirs", "--identity", "bot", "--out",
              saved, expect=0)
    world.run("apply", saved, expect=0)
    status = json.loads(world.run("status", "--json", "--identity", "bot",
                                  expect=0).out)
    equal("the status is the bot's", [t["address"] for t in status["tokens"]],
          ["identity.bot/token.theirs"])
    # A token moves to the other user, by another place.
    world.write(configuration(
        ada, token("theirs", deliver=place("moved")), head=head))
    plan = world.plan_json()
    equal("changes", [(c["address"], c["action"])
                      for c in plan["resource_changes"]],
          [("token.theirs", "create"), ("identity.bot/token.theirs", "revoke")])
    world.apply()
    world.settled()
    equal("Ada's", sorted(world.live()), ["mine", "theirs"])
    equal("the bot's", sorted(world.live(robot)), [])


@case
def two_identities_one_user(world):
    """two identities that sign in one user: refused, nothing is touched"""
    ada = token("mine", deliver=place("mine"))
    bots = token("theirs", deliver=place("theirs"), identity="bot")
    service, bearer, _ = two_users(world, ada, bots)
    world.apply()
    before = sorted(world.live())
    bearer.write_text(service.token())
    result = world.plan(expect=4)
    check("it says why", "same_user" in result.out, result.out)
    world.apply(expect=4)
    equal("Ada's", sorted(world.live()), before)


@case
def a_snapshot_of_two_users(world):
    """two users: a snapshot has both, and a plan from it both"""
    ada = token("mine", deliver=place("mine"))
    bots = token("theirs", deliver=place("theirs"), identity="bot")
    _, bearer, _ = two_users(world, ada, bots)
    world.apply()
    snapshot = str(world.folder / "world.json")
    world.run("snapshot", "--out", snapshot, expect=0)
    bearer.unlink()
    result = world.plan("--snapshot", snapshot, expect=0)
    check("nothing changes", "No changes." in result.out, result.out)
    # And none of one whose list is missing.
    world.run("snapshot", "--out", snapshot, expect=4)
