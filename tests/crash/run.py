#!/usr/bin/env python3
"""Kills and disturbs the real patform at every step that it takes.

usage: run.py --patform FILE --emulator FILE --boundary FILE [--all]
              [--scenario NAME] [--kind NAME]

A point is one run of one scenario to which one thing happens at one call:
  kill     kill -9 in front of a system call
  twice    the same, and the next run is killed, too
  fault    the call fails, is cut short, or is done and said to have failed
  signal   SIGINT, SIGTERM or SIGHUP arrives there, and perhaps the disk is full from
           then on
  answer   the service cuts the connection before or after the work, or errs
  strace   kill -9 again, this time by strace and without boundary.cc
  cut      the power fails: what was not put on disk is gone, too
  limit    a machine that has too little: open files, memory, threads, the size
           of a file, a full disk behind standard output
  store    a call of a store over HTTP, or of one that is a program, is carried
           out or not, late or much too late, and its answer comes or not, or
           patform is dead by then (front.py); of a store that is asked nothing,
           kill -9 in front of every system call
strace also tells whether boundary.cc sees every call that changes anything.
After each, what the service and the store hold is checked; a run on a fresh
machine must converge, and the next plan must be empty. With --all every point
is tried, otherwise a sample that is the same each time.

Prints what failed, `figure` lines, and `N passed, N failed`.
"""

import argparse
import concurrent.futures
import errno
import pathlib
import queue
import random
import re
import signal
import sys
import tempfile
import time
import traceback

sys.dont_write_bytecode = True

from deliveries import DELIVERIES, calls_of, check_documented  # noqa: E402
from scenarios import HONEST, SCENARIOS, check_honest  # noqa: E402
from stage import Failure, Lost, Orphan, Stage  # noqa: E402
from stores import STORES  # noqa: E402

# Of the scenarios with local places, and of the deliveries to other stores,
# whose calls are all tried.
SAMPLE = {"kill": 160, "twice": 30, "fault": 150, "signal": 60, "answer": 50,
          "strace": 12, "cut": 60, "limit": 80, "store": 0}
OF_STORES = {"kill": 42, "twice": 21, "fault": 42, "signal": 21, "answer": 21}
TWICE = 400  # of all pairs, with --all

# What another process, or the service, can see of a run. Between two of these
# nothing outside changes, so a kill at any other call equals one at these.
CHANGES = ("create", "mkdirat", "write", "fchmod", "futimens", "fsync",
           "renameat", "unlinkat", "flock", "close", "shut", "connect", "send",
           "recv")


def fails(*names):
    return [f"error:{getattr(errno, name)}" for name in names]


def done(name):
    return f"done-error:{getattr(errno, name)}"


FAULTS = {
    "create": fails("ENOSPC", "EIO", "EACCES", "EMFILE", "EINTR"),
    "openat": fails("EIO", "EACCES", "EMFILE", "EINTR"),
    "mkdirat": fails("ENOSPC", "EACCES"),
    "fstatat": fails("EIO", "EACCES"),
    "fstat": fails("EIO"),
    "read": [*fails("EIO", "EINTR"), "short"],
    "write": [*fails("ENOSPC", "EDQUOT", "EIO", "EINTR"), "short"],
    "fchmod": fails("EIO", "EPERM"),
    "futimens": fails("EIO", "EPERM"),
    "fsync": [*fails("EIO", "ENOSPC", "EINTR"), done("EIO")],
    "renameat": [*fails("EIO", "ENOSPC", "EACCES", "ESTALE", "EINTR"),
                 done("EIO"), done("ENOENT")],
    "unlinkat": fails("EIO", "EACCES"),
    "flock": fails("ENOLCK", "EBADF", "EIO", "EINTR"),
    "connect": fails("ECONNREFUSED", "ETIMEDOUT", "ENETUNREACH"),
    "send": [*fails("ECONNRESET", "ETIMEDOUT", "EPIPE", "EINTR"), "short",
             done("ECONNRESET")],
    "recv": [*fails("ECONNRESET", "ETIMEDOUT", "EINTR"), "short", "end",
             done("ECONNRESET")],
}
SIGNALS = {
    "SIGINT": {"do": f"signal:{signal.SIGINT.value}"},
    "SIGTERM": {"do": f"signal:{signal.SIGTERM.value}"},
    "SIGHUP": {"do": f"signal:{signal.SIGHUP.value}"},
    "SIGINT, then a full disk": {"do": f"signal:{signal.SIGINT.value}",
                                 "then": ",create,"},
}
ANSWERS = {
    "cut before": {"cut_before": True},
    "cut after": {"cut_after": True},
    "500": {"status": 500},
    "500 after the work": {"status": 500, "after": True},
    "503": {"status": 503},
    "429": {"status": 429, "headers": {"Retry-After": "3"}},
    "garbage": {"garbage": True},
}
# System calls that change something outside of the process, and the names that
# boundary.cc has for them; "": patform is to make none.
SYSTEM_CALLS = {
    "connect": "connect", "sendto": "send", "sendmsg": "send",
    "sendmmsg": "", "recvfrom": "recv", "recvmsg": "recv", "flock": "flock",
    "write": "write", "writev": "", "pwrite64": "", "ftruncate": "",
    "fchmod": "fchmod", "fchmodat": "fchmod", "fsync": "fsync", "fdatasync": "",
    "utimensat": "futimens", "renameat": "renameat", "renameat2": "renameat",
    "linkat": "", "symlinkat": "", "mkdirat": "mkdirat",
    "unlinkat": "unlinkat",
}
STRACED = ("connect", "sendto", "recvfrom", "flock", "write", "fsync",
           "renameat", "renameat2")
# What a machine may be short of: (what, what the run is given). Memory from
# what the program cannot start with to what is enough.
LIMITS = (
    [(f"{n} open files", {"limits": [("NOFILE", n)]}) for n in range(8, 41)]
    + [(f"{n} MB of memory", {"limits": [("AS", n * 1_000_000)]})
       for n in range(24, 84, 3)]
    + [(f"files of {n} bytes", {"limits": [("FSIZE", n)]})
       for n in (0, 1, 100, 4096, 65536, 100_000)]
    + [(f"no thread from number {n}",
        {"calls": ",thread,", "at": n, "do": f"error:{errno.EAGAIN}",
         "then": ",thread,"}) for n in range(1, 9)]
    + [(f"allocation {n} after {call} {at} fails",
        {"calls": f",{call},", "at": at, "do": f"memory:{n}"})
       for call, ats in (("recv", (4, 8, 12, 16)), ("create", (1, 2, 3)))
       for at in ats for n in (1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233)]
    + [("a full standard output", {"full": True})])


class Point:
    left = False  # a run that ended in 0 has left something to the next
    seen = frozenset()  # as CallPoint.seen

    def __init__(self, scenario, kind, calls, at, what):
        self.scenario, self.kind = scenario, kind
        self.calls, self.at, self.what = calls, at, what

    def __str__(self):
        calls = "call" if "," in self.calls else self.calls
        return (f"{self.scenario.name}: {self.kind} {self.what} at {calls} "
                f"{self.at}")

    def __call__(self, stage):
        """False: the run ended before it came to this point."""
        self.scenario.begin(stage)
        if self.kind == "answer":
            return self._answer(stage)
        if self.kind == "strace":
            return self._strace(stage)
        if self.kind == "signal":
            return self._signal(stage)
        if self.kind == "limit":
            return self._limit(stage)
        hit = self._disturb(stage, self.at)
        if hit and self.kind == "twice":
            stage.check_served("between the kills")
            self._disturb(stage, self.what)
        self.seen = self.scenario.finish(stage)
        return hit

    def _disturb(self, stage, at):
        kills = self.kind in ("kill", "twice", "cut")
        result = self.scenario.run(
            stage, calls=f",{self.calls},", at=at,
            do=("kill" if self.kind in ("kill", "twice") else self.what),
            report=stage.report)
        _, hit = stage.calls()
        if hit is None:
            return False
        if kills and result.code != -9:
            raise Failure(f"not killed: {result}")
        if not kills:
            self.left = check_honest(stage, result)
        return True

    def _answer(self, stage):
        before = len(stage.service.requests())
        stage.service.fault("any", ANSWERS[self.what], nth=self.at)
        result = self.scenario.run(stage)
        hit = len(stage.service.requests()) - before >= self.at
        stage.service.clear_faults()
        if hit:
            self.left = check_honest(stage, result)
        self.scenario.finish(stage)
        return hit

    def _limit(self, stage):
        result = self.scenario.run(stage, **dict(LIMITS)[self.what])
        if "failure that nothing expected" in result.err:
            raise Failure(f"an exception that nobody caught: {result}")
        if result.code != 0 or self.what == "a full standard output":
            self._check_documented(result)
        else:
            self.left = check_honest(stage, result)
        self.scenario.finish(stage)
        return True

    def _check_documented(self, result):
        if result.code not in HONEST - {0}:
            raise Failure(f"an exit code that says nothing: {result}")
        if not (result.out + result.err).strip():
            raise Failure(f"it failed and said nothing: {result}")

    def _signal(self, stage):
        before = stage.undelivered()
        result = self.scenario.run(
            stage, calls=f",{self.calls},", at=self.at, report=stage.report,
            **SIGNALS[self.what])
        _, hit = stage.calls()
        if hit is not None:
            stage.check_served("after the signal")
            self._check_stopped(stage, result, before)
        self.scenario.finish(stage)
        return hit is not None

    def _check_stopped(self, stage, result, before):
        """It ended in time, said per change what is done and what is left, and
        left no secret in nobody's hands."""
        number = {"SIGTERM": 143, "SIGHUP": 129}.get(self.what, 130)
        if result.code != number:
            plan = stage.run("plan", "--detailed-exitcode")
            if result.code != 0 or plan.code != 0:
                raise Failure(f"exit code {number} is due: {result}")
        # A signal that comes while the configuration is read ends it at once.
        if not any(said in result.err for said in (
                "Interrupt received: finishing the steps in hand",
                "patform: interrupted; nothing was changed")):
            raise Failure(f"it says nothing of the signal: {result}")
        if result.code == number and not (
                "Apply incomplete." in result.out
                or "Apply complete" in result.out
                or "nterrupted" in result.out + result.err):
            raise Failure(f"it does not say what became of it: {result}")
        loose = [name for name in stage.undelivered() if name not in before]
        if loose:
            raise Orphan(f"the interrupted run left {loose}: {result}")

    def _strace(self, stage):
        inject = f"inject={self.calls}:signal=KILL:when={self.at}"
        result = stage.apply(*self.scenario.arguments, expect=None, before=(
            "strace", "-f", "-qq", "-o", "/dev/null", "-e",
            f"trace={self.calls}", "-e", inject))
        self.scenario.finish(stage)
        return result.code == -9


def rehearse(stage, scenario):
    """The calls of an undisturbed run, and the number of its requests."""
    scenario.begin(stage)
    before = len(stage.service.requests())
    result = scenario.run(stage, calls="," + ",".join(FAULTS) + ",close,shut,",
                          report=stage.report)
    if result.code != 0:
        raise Failure(f"{scenario.name} fails undisturbed: {result}")
    requests = len(stage.service.requests()) - before
    names, _ = stage.calls()
    touched = stage.touched
    asked = stage.sink.calls() if stage.sink else []
    scenario.finish(stage)
    # A store's program makes calls of its own.
    if scenario.workers == 1 and scenario.store is None:
        check_order(touched)
        check_complete(stage, scenario)
    return names, requests, asked


def check_order(touched):
    """A file is on disk, with its mode and times, before it gets its name, and
    the name is before anything is told to the service."""
    unsynced, renamed = set(), set()
    for name, inodes in touched:
        if name in ("write", "fchmod", "futimens") and inodes:
            unsynced.add(inodes[0])
        elif name == "fsync":
            unsynced.discard(inodes[0])
            renamed.discard(inodes[0])
        elif name == "renameat":
            if inodes[0] in unsynced:
                raise Failure("a file got its name before it was on disk")
            renamed.add(inodes[1])
        elif name == "send" and renamed:
            raise Failure("the service heard of a name that was not on disk")
    if renamed:
        raise Failure("a name was never put on disk")


def check_complete(stage, scenario):
    """boundary.cc and strace see the same."""
    scenario.begin(stage)
    log = stage.folder / "strace"
    stage.apply(*scenario.arguments, before=(
        "strace", "-f", "-qq", "-o", str(log), "-e",
        "trace=" + ",".join(SYSTEM_CALLS)), report=stage.report,
        calls="," + ",".join(FAULTS) + ",")
    names, _ = stage.calls()
    seen = {}
    for line in log.read_text(errors="replace").splitlines():
        call = re.match(r"\d+ +(\w+)\((\S*)(.*)", line)
        if not call:
            continue  # a call that was interrupted goes on
        name, first, rest = call.groups()
        # Not what it prints, how its threads wake each other, the report of
        # boundary.cc, or a name service of the machine.
        if (name == "write" and (first in ("1,", "2,") or
                                 re.match(r' "(\\1(\\0)+|\d+ \w+[@\d]*\\n)"', rest))
                or name == "connect" and "AF_INET" not in rest):
            continue
        ours = SYSTEM_CALLS[name] or name
        seen[ours] = seen.get(ours, 0) + 1
    wrapped = {ours: names.count(ours) for ours in SYSTEM_CALLS.values()
               if names.count(ours)}
    if seen != wrapped:
        raise Failure(f"strace sees {seen}, boundary.cc {wrapped}")


def points_of(scenario, names, requests, asked, every):
    """Every point of a scenario by kind. Where several workers run, the next
    run may take a few more steps than the rehearsal."""
    spare = 6 if scenario.workers > 1 else 1
    changes = sum(name in CHANGES for name in names)
    calls = ",".join(CHANGES)
    kill = [Point(scenario, "kill", calls, at, "-9")
            for at in range(1, changes + spare)]
    twice = [Point(scenario, "twice", calls, at, again)
             for at in range(1, changes + 1)
             for again in range(1, changes + 1)]
    # Asio takes a short send for a full buffer, and waits for room that was
    # there all the time until the service gives up, after 20 seconds.
    fault = [Point(scenario, "fault", name, at, what)
             for name, whats in FAULTS.items() for what in whats
             if every or (name, what) != ("send", "short")
             for at in range(1, names.count(name) + 1)]
    signals = [Point(scenario, "signal", calls, at, what)
               for what in SIGNALS for at in range(1, changes + spare)]
    answer = [Point(scenario, "answer", "request", at, what)
              for what in ANSWERS for at in range(1, requests + 1)]
    strace = [Point(scenario, "strace", name, at, "-9")
              for name in STRACED if scenario.workers == 1
              for at in range(1, names.count(SYSTEM_CALLS[name]) + 2)]
    cut = [Point(scenario, "cut", calls, at, f"cut:{names_stay}")
           for names_stay in (0, 1) for at in range(1, changes + spare)]
    limit = [Point(scenario, "limit", "machine", 0, what) for what, _ in LIMITS]
    if scenario.store is not None:
        # A store that is asked nothing is asked nothing to revoke, either.
        at_calls = calls_of(scenario, asked, every) if asked else [
            point for point in kill if every or scenario.what != "revoke"]
        return {"kill": kill, "twice": twice, "fault": fault,
                "signal": signals, "answer": answer,
                "store": at_calls}
    return {"kill": kill, "twice": twice, "fault": fault, "signal": signals,
            "answer": answer, "strace": strace, "cut": cut, "limit": limit}


def choose(by_scenario, every, kind):
    """The points to try. A sample takes from all scenarios alike."""
    dice = random.Random(kind)
    chosen = []
    for sample in (SAMPLE, OF_STORES):
        ours = [points for points in by_scenario
                if ("store" in points) == (sample is OF_STORES)]
        for points in ours:
            share = points.get(kind, [])
            if kind == "twice" or not every and kind in sample:
                most = TWICE if every else sample[kind]
                count = min(len(share), -(-most // len(ours)))
                share = dice.sample(share, count)
            chosen += share
    return chosen


def main():
    parser = argparse.ArgumentParser()
    for name in ("patform", "emulator", "boundary"):
        parser.add_argument(f"--{name}", type=pathlib.Path, required=True)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--scenario")
    parser.add_argument("--kind", choices=SAMPLE)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    for name in ("patform", "emulator", "boundary"):
        setattr(options, name, getattr(options, name).resolve())
    scenarios = [s for s in [*SCENARIOS, *DELIVERIES]
                 if options.scenario in (None, s.name)]

    with tempfile.TemporaryDirectory(prefix="patform-crash-") as folder:
        stages = queue.SimpleQueue()
        everywhere = []
        for i in range(options.jobs):
            place = pathlib.Path(folder) / str(i)
            place.mkdir()
            everywhere.append(Stage(options, place))
            stages.put(everywhere[-1])
        try:
            return try_all(options, scenarios, stages, lambda: max(
                stage.most_live for stage in everywhere))
        finally:
            for stage in everywhere:
                stage.close()


def try_all(options, scenarios, stages, most_live):
    def on_stage(act, *arguments):
        stage = stages.get()
        try:
            return act(stage, *arguments), None
        except Failure as failure:
            return None, failure
        except Exception:  # pylint: disable=broad-except
            return None, Failure(traceback.format_exc())
        finally:
            stage.service.clear_faults()
            stages.put(stage)

    tried, spoilt, failed, lost, orphans, left = {}, 0, 0, 0, 0, 0
    at_stores = []
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        rehearsed = list(pool.map(
            lambda s: on_stage(rehearse, s), scenarios))
        by_scenario = []
        for scenario, (seen, why) in zip(scenarios, rehearsed):
            if why is not None:
                spoilt += 1
                print(f"FAILED: {scenario.name}, undisturbed: {why}")
            else:
                by_scenario.append(points_of(scenario, *seen, options.all))
        for kind in [options.kind] if options.kind else SAMPLE:
            tried[kind] = 0
            began = time.monotonic()
            chosen = choose(by_scenario, options.all, kind)
            running = [(p, pool.submit(on_stage, lambda s, p=p: p(s)))
                       for p in chosen]
            for point, future in running:
                hit, why = future.result()
                tried[kind] += hit is not False
                if hit is not False and point.scenario.store:
                    at_stores.append(point)
                left += point.left
                if why is None:
                    continue
                failed += 1
                lost += isinstance(why, Lost)
                orphans += isinstance(why, Orphan)
                print(f"FAILED: {point}\n    "
                      + str(why).replace("\n", "\n    "), flush=True)
            print(f"{kind}: {tried[kind]} points, "
                  f"{time.monotonic() - began:.0f} s", flush=True)
    if options.scenario is None and options.kind in (None, "store"):
        for wrong in check_documented(at_stores):
            spoilt += 1
            print(f"FAILED: {wrong}")
    total = sum(tried.values())
    print(f"figure points={total}")
    for kind, count in tried.items():
        print(f"figure {kind}={count}")
    print(f"figure stores={len(STORES)} store_points={len(at_stores)}")
    print(f"figure left_to_next_run={left}")
    print(f"figure most_live={most_live()}")
    print(f"figure lost={lost}\nfigure orphans={orphans}")
    print(f"{total - failed} passed, {failed + spoilt} failed")
    return 1 if failed + spoilt or not total else 0


if __name__ == "__main__":
    sys.exit(main())
