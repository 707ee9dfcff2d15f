"""Dates that pass, what nobody renews, tenants that give less, clocks that are
wrong, and how people write a span."""

import json
import time

from configuration import configuration, token
from harness import case, check, equal
from inputs import each

DAY = 86400


def after(days):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ",
                         time.gmtime(time.time() + days * DAY))



def flat(result):
    """What was printed, however it was wrapped."""
    return " ".join(result.out.split())


def dated(name, days, **more):
    text = token(name, **more)
    return text + f"expires = {after(days)}\n"


@case
def one_date_passes(world):
    """a passed `expires` concerns its token alone"""
    world.start()
    world.write(configuration(
        dated("a", 10), token("b", lifetime="30d", rotate_before="7d")))
    world.apply()
    later = ("--now", after(25))
    plan = world.plan_json(*later)
    equal("the other one is due",
          [c["address"] for c in plan["resource_changes"]], ["token.b"])
    equal("the ended one is reported",
          [(t["address"], t["reason"]) for t in plan["ends_unrenewed"]],
          [("token.a", "fixed_date")])
    for command in each(["status", "audit", "plan"]):
        world.run(command, *later, expect=0)
    world.run("validate", *(), expect=0)


@case
def what_ends_and_nothing_renews(world):
    """imported tokens two hours before their end are not `No changes` alone"""
    service = world.start()
    for i in range(3):
        service.mint(f"old {i}", days=20)
    world.write(configuration())
    tables = world.run("import", expect=0).out
    world.write(configuration() + tables[tables.index("[token"):])
    late = ("--now", after(19.9))
    result = world.plan(*late)
    check("the title", "3 tokens end, and nothing renews them" in flat(result),
          result.out)
    check("each with its date", flat(result).count("ends in 2h") == 3,
          result.out)
    status = world.run("status", *late, expect=0)
    check("status says so first", status.out.startswith(
        "3 tokens end, and nothing renews them:"), status.out)
    audit = json.loads(world.run("audit", *late, "--format", "json",
                                 expect=0).out)
    for found in audit["tokens"]:
        check("audit: high", found["level"] in ("high", "critical"), found)
        equal("expiring", "expiring" in [r["id"] for r in found["risks"]],
              True)
    # Not yet, and within what was asked for.
    status = ("status", "--detailed-exitcode", "--now", after(6))
    for within, code in each([("13d", 0), ("2w", 2), ("30d", 2)]):
        world.run(*status, "--within", within, expect=code)
    world.run(*status, expect=0)
    world.run("status", "--within", "soon", expect=3)


@case
def a_snapshot_of_what_ends(world):
    """who takes a snapshot hears what ends and nothing renews"""
    service = world.start()
    world.write(configuration(token("kept", lifetime="30d",
                                    rotate_before="7d"),
                              token("by hand", deliver=None)))
    service.mint("by hand", days=3)
    world.apply()
    result = world.run("snapshot", "--out", "world.json", expect=0)
    said = ("1 token ends, and nothing renews it: ! token.\"by hand\"")
    check("snapshot", said in flat(result), result.out)
    answer = json.loads(world.run("snapshot", "--out", "world.json", "--json",
                                  expect=0).out)
    equal("as JSON", [(t["name"] if "name" in t else t["address"], t["reason"])
                      for t in answer["ends_unrenewed"]],
          [("token.\"by hand\"", "no_delivery")])
    plan = world.run("plan", "--snapshot", "world.json", expect=0)
    check("its plan", said in flat(plan), plan.out)
    junit = world.run("plan", "--format", "junit", expect=0).out
    check("JUnit", "<failure type=\"ends_unrenewed\"" in junit, junit)
    sarif = json.loads(world.run("plan", "--format", "sarif", expect=0).out)
    equal("SARIF", [r["ruleId"] for r in sarif["runs"][0]["results"]
                    if r["level"] == "warning"], ["ends_unrenewed"])


@case
def an_exception_ends(world):
    """an exception that ended stops what it was about, and nothing else"""
    world.start()
    policy = f"""
[policy]
max_lifetime = "20d"
exceptions = [{{ rule = "max_lifetime", token = "legacy", \
until = {after(10)}, reason = "moves" }}]
"""
    world.write(configuration(
        token("legacy", lifetime="60d"),
        token("b", lifetime="20d", rotate_before="10d"), policy=policy))
    result = world.apply()
    check("it is announced", "the exception of \"legacy\" from max_lifetime "
          "ends " in flat(result), result.out)
    world.later(14 * DAY)
    result = world.apply(expect=5)
    check("the other one was rotated", "1 rotated" in flat(result), result.out)
    equal("generations", {n: len(t) for n, t in world.live().items()},
          {"legacy": 1, "b": 2})
    world.later(33 * DAY)
    result = world.plan(expect=5)
    check("what is not done", "? token.legacy is undecided" in flat(result),
          result.out)
    check("and ends", "token.legacy" in flat(result)
          and "its renewal is undecided" in flat(result), result.out)


@case
def a_tenant_that_gives_less(world):
    """a life that the service shortened is told, and rotated in no circle"""
    world.start("--set", "tenant_max_days=7")
    world.write(configuration(token("a", lifetime="90d",
                                    rotate_before="30d")))
    result = world.apply()
    check("apply", "Note: token.a got a shorter life than asked for"
          in flat(result), result.out)
    world.settled()
    result = world.plan()
    check("plan", "Note: token.a: lives only 7d, not 90d as `lifetime` asks"
          in flat(result), result.out)
    status = json.loads(world.run("status", "--json", expect=0).out)
    check("status, as JSON", status["tokens"][0]["shorter_life"].startswith(
        "lives only 7d, not 90d as `lifetime` asks"), status)


@case
def clocks_that_differ(world):
    """more than five minutes are told; a doubtful clock begins no rotation"""
    world.start()
    world.write(configuration(token("a", lifetime="30d", rotate_before="7d")))
    world.apply()
    wrong = {"LD_PRELOAD": str(world.options.boundary)}
    for seconds in each([600, 30 * DAY, 365 * DAY]):
        wrong["BOUNDARY_LATER"] = str(seconds)
        for command in ("plan", "status"):
            result = world.run(command, expect=0, **wrong)
            check(f"{command}, {seconds} s", "this machine's clock is "
                  in flat(result), result.out)
        check("nothing is due", "No changes." in world.plan(**wrong).out)
    # Due by the service's clock, a year early by this machine's.
    world.service.later(25 * DAY)
    bearer = {"PATFORM_ACCESS_TOKEN": world.service.token()}
    result = world.apply(expect=8, **bearer)
    check("why", "it is due by the service's clock and not by this machine's"
          in flat(result), result.out)
    equal("generations", len(world.live(bearer["PATFORM_ACCESS_TOKEN"])["a"]),
          1)


@case
def spans(world):
    """weeks are spans; what other programs write gets its spelling"""
    world.write(configuration(token("a", lifetime="2w",
                                    rotate_before="1w1d")))
    world.run("validate", expect=0)
    for text, want in each([
            ("P30D", "30d"), ("PT12H", "12h"), ("P2W", "14d"), ("P1M", "30d"),
            ("30days", "30d"), ("30 days", "30d"), ("1mo", "30d"),
            ("30", "30d"), ("30D", "30d"), ("1.5d", "1d12h")]):
        for key in ("lifetime", "rotate_before", "grace"):
            world.write(configuration(token("a", **{key: text})))
            result = world.run("validate", expect=3)
            check(f"{key} = {text}", f'= write {key} = "{want}"'
                  in result.err, result.err)
