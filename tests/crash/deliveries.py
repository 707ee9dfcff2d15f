"""Deliveries to each kind of store, disturbed at each of their calls.

What is documented of a store is checked as exactly as what is promised of all.
Where data and record take two writes, a place whose record is behind is left
alone for half an hour, and rotated then. Where a place keeps no record, nothing
is made while another run may still be about to write there. And a write that
comes later than half an hour is beyond every promise.
"""

import sys

sys.dont_write_bytecode = True

from scenarios import Scenario, check_honest  # noqa: E402
from configuration import configuration, token  # noqa: E402
from stage import Failure, Orphan  # noqa: E402
from stores import STORES  # noqa: E402

BEHIND = "its record is not of that version yet"
MAY_STILL = "one of its places keeps no record: another run may still write"
IN_FLIGHT = "is in flight: minted"
# By how much a call is late, at least.
DELAY = 5 * 60
# When a call that is late is carried out: after the run that sent it, which
# went on; of a run that was killed, after the next one, which has rotated
# again; or when half an hour has passed and the next one has tidied up.
LATE, NEXT, TOO_LATE = "late", "killed, late", "killed, too late"


class Delivery(Scenario):
    """One token of one store: created, rotated or revoked, without a grace, so
    that what is superseded ends at once."""

    def __init__(self, store, what):
        def declare(**more):
            return configuration(token(
                "t", deliver=store.deliver, grace="0s", **more))
        self.kind = store
        self.what = what
        super().__init__(
            f"{what}, {store.name}", None if what == "create" else declare(),
            declare(ensure="absent") if what == "revoke" else declare(),
            {} if what == "revoke" else {"t": store.places},
            ("--rotate", "t") if what == "rotate" else (), store=store.name)

    def begin(self, there):
        super().begin(there)
        there.sink.begin()

    def finish(self, there, late=""):
        """Fresh machines converge, as it is documented of the store. Returns
        what was seen of that."""
        seen = set()
        there.sink.end()
        there.check_served("right after it")
        if late == LATE:
            self._release(there, seen)
        self._next(there, seen, *(self.arguments if late == NEXT else ()))
        if late == NEXT:
            self._release(there, seen)
        there.later()
        self._heal(there)
        if late == TOO_LATE:
            self._too_late(there, seen)
        there.check_settled(self.expected, self.grace)
        there.check_no_leak()
        if self.what == "revoke":
            self._check_left(there, seen)
        return seen

    def _release(self, there, seen):
        there.later(DELAY)
        if there.sink.release() > 0:
            seen.add("late")
        there.check_served("after the late call")

    def _next(self, there, seen, *arguments):
        """The next run on a fresh machine, which may have to wait."""
        waits, code = self._waits(there)
        before = there.served(), there.tokens()
        result = there.apply(*arguments, expect=None)
        if result.code != code:
            # A create that was on its way when its run was killed.
            waits, code = self._waits(there)
            before = there.served(), there.tokens()
        if result.code != code:
            raise Failure(f"the next run was to end in {code}: {result}")
        there.check_served("after the next run")
        if not waits:
            return
        seen.add("waits")
        if waits not in " ".join((result.out + result.err).split()):
            raise Failure(f"it does not say \"{waits}\": {result}")
        if before != (there.served(), there.tokens()):
            raise Failure(f"it says that it waits, and did not: {result}")

    def _waits(self, there):
        """What the next run says if it has to wait, and its exit code."""
        if there.sink.torn():
            return BEHIND, 8
        # What the primary serves is what a record names.
        if (self.kind.keeps_record
                or not there.undelivered(self.kind.places[:1])):
            return "", 0
        # Where the primary serves nothing, one is to be made.
        return (MAY_STILL, 8) if self.what == "create" else (IN_FLIGHT, 0)

    def _heal(self, there):
        """Half an hour after that nothing waits any more."""
        behind = there.sink.torn() and there.served()
        there.apply()
        there.check_served("after half an hour and another run")
        if behind and behind == there.served():
            raise Failure("its record was behind, and it was not rotated")

    def _too_late(self, there, seen):
        """A dead secret may come back, unless a compare-and-set refuses it; the
        next run mends that."""
        if there.sink.release() == 0:
            return
        dead = [place for place, secret in there.sink.served().items()
                if there.verify(secret)[1] != "active"]
        # What the next run has written since is not replaced.
        if not dead or (self.kind.compare_and_set and self.what == "create"):
            there.check_served("after the call that was too late")
        seen.add("dead" if dead else "late")
        if there.sink.torn():
            there.later()
        self._heal(there)

    def _check_left(self, there, seen):
        """A dead secret may be left where a run died before it removed it; then
        the plan names the place."""
        for place, secret in there.sink.served().items():
            if there.verify(secret)[1] == "active":
                raise Orphan(f"{place} still serves what was to be revoked")
            # What a job was given ends with the job.
            if not self.kind.keeps_record:
                continue
            seen.add("left")
            plan = there.run("plan")
            if "store:" not in plan.out:
                raise Failure(f"nobody is told what is left: {plan}")


class CallPoint:
    """One call of one delivery to which one thing happens."""

    left, seen = False, frozenset()  # as of Point

    def __init__(self, scenario, at, name, what):
        self.scenario, self.at, self.name, self.what = scenario, at, name, what

    def __str__(self):
        return (f"{self.scenario.name}: {self.what} at call {self.at}, "
                f"{self.name}")

    def __call__(self, stage):
        self.scenario.begin(stage)
        stage.sink.begin(self.what, self.at)
        result = self.scenario.run(stage)
        if not stage.sink.hit():
            raise Failure(f"it did not come to this call: {result}")
        stage.sink.end()
        if self.what.startswith("killed"):
            if result.code != -9:
                raise Failure(f"not killed: {result}")
        else:
            self.left = check_honest(stage, result)
        late = self.what if self.what.endswith("late") else ""
        self.seen = self.scenario.finish(stage, late)
        return True


def calls_of(scenario, calls, every):
    """The points at its calls: (name, does it write?). What becomes of a
    question matters most while one secret takes the place of another."""
    return [CallPoint(scenario, at, name, what)
            for at, (name, writes) in enumerate(calls, 1)
            if writes or every or scenario.what == "rotate"
            for what in (scenario.kind.to_writes if writes
                         else scenario.kind.to_reads)]


def expected_of(store):
    """What must have been seen at its calls, as it is documented."""
    if not store.keeps_record:
        return {"waits"}
    expected = {"late", "left", "dead"}
    # A group that changed long after the note in it is somebody else's, too.
    if not store.one_write or store.name == "variable-group":
        expected.add("waits")
    return expected


def check_documented(points):
    """Nothing is documented that does not happen, and nothing else happens.
    Yields what is wrong."""
    for store in STORES.values():
        seen = set().union(*(point.seen for point in points
                             if point.scenario.kind is store))
        if seen != expected_of(store):
            yield (f"{store.name}: seen were {sorted(seen)}, documented are "
                   f"{sorted(expected_of(store))}")


DELIVERIES = [Delivery(store, what) for store in STORES.values()
              for what in ("create", "rotate", "revoke")]
