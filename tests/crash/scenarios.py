"""What is under way when something happens."""

import sys

sys.dont_write_bytecode = True

from stage import Failure  # noqa: E402  puts tests/e2e in the path
from configuration import configuration, key_of, token  # noqa: E402

DAY = 86400
# A run that was disturbed and not killed may say that all is done, that
# something failed, that it is incomplete, or that it came to nothing in time.
HONEST = {0, 1, 4, 7, 8, 9}
ONLY_FINISH = ("Plan: 0 to create, 0 to update, 0 to rotate, 0 to revoke, "
               "1 to finish.")


def check_honest(there, result):
    """What a disturbed run says is so. True: it ended in 0 and has left
    something to the next one."""
    if result.code not in HONEST:
        raise Failure(f"an exit code that says nothing: {result}")
    if result.code != 0 and not (result.out + result.err).strip():
        raise Failure(f"it failed and said nothing: {result}")
    if result.code != 0:
        return False
    # All is delivered. What a create whose answer was lost has made may be left
    # to the next run, and nothing else.
    plan = there.run("plan", "--detailed-exitcode")
    if plan.code != 0 and ONLY_FINISH not in plan.out:
        raise Failure(f"it said that all is done: {result}\nbut the next plan "
                      f"says: {plan}")
    return plan.code != 0


class Scenario:
    """`before` is applied undisturbed; then `after` is applied with
    `arguments`. `expected`: what must be delivered in the end."""

    def __init__(self, name, before, after, expected, arguments=(),
                 workers=1, grace=0, prepare=None, signs_in=False,
                 store=None):
        self.name = name
        self.before, self.after = before, after
        self.expected = expected
        self.arguments = ("--parallelism", str(workers), *arguments)
        self.workers = workers
        self.grace = grace
        self.prepare = prepare
        self.signs_in = signs_in
        self.store = store

    def begin(self, there):
        """Everything up to the run that is to be disturbed."""
        there.reset()
        if self.store is not None:
            there.use(self.store)
        if self.signs_in:
            there.sign_in()
        if self.before is not None:
            there.configure(self.before)
            there.apply()
            there.check_served("before")
        if self.prepare is not None:
            self.prepare(there)
        there.configure(self.after)
        kept = {place for places in self.expected.values()
                for place in places}
        there.dropped = set(there.delivered) - kept

    def run(self, there, **boundary):
        # Nobody waits for a retry here: time is skipped or goes faster.
        hurry = {"no_naps": 1} if self.workers == 1 else {"speed": 20}
        return there.apply(*self.arguments, expect=None, **hurry, **boundary)

    def finish(self, there):
        """Fresh machines converge, at once and when time has passed. What
        else was seen: nothing."""
        there.check_served("right after it")
        there.apply()
        there.check_served("after the next run")
        there.later()
        there.apply()
        there.check_served("after half an hour and another run")
        there.check_settled(self.expected, self.grace)
        there.check_no_leak()
        return frozenset()


def both(name):
    return [name, f"agent.env#{key_of(name)}"]


def tokens(*names, **more):
    more = {"deliver": "both", "grace": "0s", **more}
    return [token(name, **more) for name in names]


def make_orphan(there):
    """The answer to a create is lost, and the run that made it is long
    gone."""
    there.service.fault("create", {"cut_after": True})
    there.apply("--rotate", "a", expect=None)
    there.service.clear_faults()
    there.later()


ROTATE = ("--rotate", "a", "--rotate", "b")
TWO = {"a": both("a"), "b": both("b")}
KEPT_PLACE = ('[{ to = "files", at = "a" }, { to = "env", at = "agent.env", '
              'key = "A", encoding = "basic" }]')

SCENARIOS = [
    Scenario("create", None, configuration(*tokens("a", "b")), TWO,
             prepare=lambda there: there.store.rmdir()),
    Scenario("update", configuration(*tokens("a", "b")),
             configuration(*tokens("a", scopes=("vso.code_write",)),
                           *tokens("b", lifetime="7d", rotate_before="1d")),
             TWO),
    Scenario("rotate", configuration(*tokens("a", "b")),
             configuration(*tokens("a", "b")), TWO, ROTATE),
    Scenario("rotate with grace",
             configuration(*tokens("a", "b", grace="24h")),
             configuration(*tokens("a", "b", grace="24h")), TWO, ROTATE,
             grace=DAY),
    Scenario("revoke", configuration(*tokens("a", "b", "c")),
             configuration(*tokens("a"),
                           *tokens("b", ensure="absent", deliver=None)),
             {"a": both("a")}),
    Scenario("rename", configuration(*tokens("a", "b")),
             configuration(*tokens("c", renamed_from="a", deliver=KEPT_PLACE),
                           *tokens("b")),
             {"c": both("a"), "b": both("b")}),
    Scenario("another sink", configuration(*tokens("a", deliver="file")),
             configuration(*tokens("a")), {"a": both("a")}),
    Scenario("collect an orphan", configuration(*tokens("a", "b")),
             configuration(*tokens("a", "b")), TWO, prepare=make_orphan),
    # Each run exchanges the refresh token that the one before has kept, and
    # keeps its successor before it does anything else.
    Scenario("sign in", configuration(*tokens("a", deliver="file")),
             configuration(*tokens("a", deliver="file")), {"a": ["a"]},
             ("--rotate", "a"), signs_in=True),
    Scenario("all at once",
             configuration(*tokens("a", "b", "c", "d", grace="24h"),
                           *tokens("gone", grace="24h")),
             configuration(*tokens("a", grace="24h"),
                           *tokens("b", grace="24h"),
                           *tokens("c", grace="24h",
                                   scopes=("vso.code_write",)),
                           *tokens("e", grace="24h", renamed_from="d",
                                   deliver=KEPT_PLACE.replace(
                                       '"a"', '"d"').replace('"A"', '"D"')),
                           *tokens("f", "g", grace="24h")),
             {**TWO, "c": both("c"), "e": both("d"), "f": both("f"),
              "g": both("g")}, ROTATE, workers=4, grace=DAY),
]
