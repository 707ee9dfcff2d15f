#!/usr/bin/env python3
"""Two real runs of patform at once, on one file, one service and one store.

usage: two_runs.py --patform FILE --emulator FILE --boundary FILE
                   [--schedules N] [--seed S]

boundary.cc stops both runs in front of every call that reads or changes what
they share, and lets one of them go on at a time: which one, a seed decides.
So a schedule is one interleaving of the two, down to the system call, and its
number brings it back. In some, one of the two is killed on the way. After
every step that may have changed something, whatever is served must work; in
the end a third run converges, and the next plan is empty.

Prints what failed, `figure` lines, and `N passed, N failed`.
"""

import argparse
import concurrent.futures
import pathlib
import random
import socket
import subprocess
import sys
import tempfile
import threading
import traceback

sys.dont_write_bytecode = True

import scenarios  # noqa: E402
from scenarios import DAY, ROTATE, TWO, Scenario, tokens  # noqa: E402
from configuration import configuration  # noqa: E402
from stage import TIMEOUT  # noqa: E402
from stage import Failure, Lost, Orphan, Result, Stage  # noqa: E402

SHARED = ("create", "openat", "mkdirat", "renameat", "unlinkat", "fstatat",
          "read", "flock", "close", "send", "recv")
CHANGING = ("renameat", "send", "recv")
STEPS = 260  # what the two take together, about
# One change is refused, or given up because somebody else is at work.
HONEST = {0, 7, 9}


def due(there):
    there.later(24 * DAY)


DUE = configuration(*tokens("a", "b", lifetime="30d", rotate_before="7d"))
DUE_GRACE = configuration(*tokens("a", lifetime="30d", rotate_before="7d",
                                  grace="24h"))
# (a scenario, what only the first run is asked to do)
CASES = [(s, ()) for s in scenarios.SCENARIOS if s.workers == 1] + [
    (Scenario("due", DUE, DUE, TWO, prepare=due), ()),
    (Scenario("due with grace", DUE_GRACE, DUE_GRACE, {"a": TWO["a"]},
              prepare=due, grace=DAY), ()),
    (Scenario("due and asked for", DUE, DUE, TWO, prepare=due), ROTATE),
]


class Run:
    """One of the two: a process and its end of the gate."""

    def __init__(self, stage, name, gate, arguments):
        self.name = name
        self.stage = stage
        self.machine = stage.runner()
        self.process = subprocess.Popen(
            stage.command(self.machine, "apply", "--auto-approve", *arguments),
            env=stage.environment(
                self.machine, gate=gate.getsockname(), no_naps=1,
                calls="," + ",".join(SHARED) + ","),
            cwd=self.machine, text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.link, _ = gate.accept()
        self.link.settimeout(TIMEOUT)
        self._pending = b""
        self.next_call = None  # the one in front of which it waits
        self.made = None  # the last one that it made
        self.in_vain = 0  # locks that it has just asked for
        self.killed = False

    def arrive(self):
        """Waits until it stands in front of a call, or is gone."""
        while b"\n" not in self._pending:
            try:
                data = self.link.recv(4096)
            except ConnectionResetError:
                data = b""
            except TimeoutError:
                raise Failure(f"{self.name} stands still after {self.made}"
                              ) from None
            if not data:
                self.next_call = None
                return
            self._pending += data
        line, self._pending = self._pending.split(b"\n", 1)
        self.next_call = line.decode()

    def go_on(self):
        self.made = self.next_call
        self.in_vain = self.in_vain + 1 if self.made == "flock" else 0
        self.link.sendall(b"g")
        self.arrive()

    def kill(self):
        self.killed = True
        self.link.sendall(b"k")
        self.arrive()

    def end(self):
        out, err = self.process.communicate(timeout=TIMEOUT)
        self.link.close()
        self.stage.said.append(("what it printed", (out + err).encode()))
        self.stage.forget(self.machine)
        return Result(self.process.returncode, out, err)

    def abandon(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()


def picker(dice):
    """Who goes on: a function of the two, the one that went last, and the
    number of the step."""
    style = dice.randrange(3)
    if style == 0:  # anybody, every time
        return lambda waiting, last, step: dice.choice(waiting)
    if style == 1:  # long stretches
        change = dice.choice((0.02, 0.05, 0.1, 0.2))

        def stretch(waiting, last, step):
            if last in waiting and dice.random() >= change:
                return last
            return dice.choice(waiting)
        return stretch
    # One runs ahead, and they change places at a few steps.
    changes = {dice.randrange(STEPS) for _ in range(dice.randint(1, 4))}
    ahead = [dice.randrange(2)]

    def in_turn(waiting, last, step):
        if step in changes:
            ahead[0] = 1 - ahead[0]
        return waiting[ahead[0] % len(waiting)]
    return in_turn


class Schedule:
    def __init__(self, number):
        self.number = number
        self.scenario, self.first_asks = CASES[number % len(CASES)]
        self.codes = []

    def __str__(self):
        return f"schedule {self.number}: {self.scenario.name}"

    def __call__(self, stage):
        dice = random.Random(self.number)
        kill_at = dice.randrange(STEPS) if dice.random() < 0.25 else None
        self.scenario.begin(stage)
        with tempfile.TemporaryDirectory(prefix="patform-gate-") as folder:
            with socket.socket(socket.AF_UNIX) as gate:
                gate.bind(f"{folder}/g")
                gate.listen()
                gate.settimeout(TIMEOUT)
                arguments = self.scenario.arguments
                runs = []
                try:
                    for name, more in (("the first run", self.first_asks),
                                       ("the second run", ())):
                        runs.append(Run(stage, name, gate, arguments + more))
                    self._interleave(stage, runs, picker(dice), kill_at)
                    results = [(run, run.end()) for run in runs]
                finally:
                    for run in runs:
                        run.abandon()
        for run, result in results:
            self.codes.append(result.code)
            self._check_honest(run, result)
        self.scenario.finish(stage)

    def _interleave(self, stage, runs, pick, kill_at):
        for run in runs:
            run.arrive()
        last, step = None, 0
        while waiting := [run for run in runs if run.next_call]:
            chosen = pick(waiting, last, step)
            if chosen.in_vain > 3 and len(waiting) > 1:
                # It asks for a lock that the other one has.
                chosen = waiting[1 - waiting.index(chosen)]
            if step == kill_at:
                chosen.kill()
            else:
                chosen.go_on()
            if chosen.made in CHANGING:
                stage.check_served(f"after step {step}, a {chosen.made} of "
                                   f"{chosen.name}")
            last, step = chosen, step + 1

    def _check_honest(self, run, result):
        if run.killed:
            return
        said = result.out + result.err
        if result.code not in HONEST:
            raise Failure(f"{run.name} ends without saying why: {result}")
        if result.code != 0 and "Error" not in said and "Note" not in said:
            raise Failure(f"{run.name} says nothing: {result}")


def main():
    parser = argparse.ArgumentParser()
    for name in ("patform", "emulator", "boundary"):
        parser.add_argument(f"--{name}", type=pathlib.Path, required=True)
    parser.add_argument("--schedules", type=int, default=240)
    parser.add_argument("--seed", type=int, help="this schedule alone")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    for name in ("patform", "emulator", "boundary"):
        setattr(options, name, getattr(options, name).resolve())
    numbers = (range(options.schedules) if options.seed is None
               else [options.seed])
    local = threading.local()
    stages = []

    def attempt(schedule):
        if not hasattr(local, "stage"):
            place = pathlib.Path(folder) / str(threading.get_ident())
            place.mkdir()
            local.stage = Stage(options, place)
            stages.append(local.stage)
        try:
            schedule(local.stage)
        except Failure as failure:
            return failure
        except Exception:  # pylint: disable=broad-except
            return Failure(traceback.format_exc())
        return None

    failed = lost = orphans = 0
    schedules = [Schedule(number) for number in numbers]
    with tempfile.TemporaryDirectory(prefix="patform-two-runs-") as folder:
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            for schedule, why in zip(schedules, pool.map(attempt, schedules)):
                if why is None:
                    continue
                failed += 1
                lost += isinstance(why, Lost)
                orphans += isinstance(why, Orphan)
                print(f"FAILED: {schedule}\n    "
                      + str(why).replace("\n", "\n    "), flush=True)
        for stage in stages:
            stage.close()
    codes = [code for schedule in schedules for code in schedule.codes]
    print(f"figure schedules={len(schedules)}")
    for name, code in (("done", 0), ("in_part", 7), ("contention", 9),
                       ("killed", -9)):
        print(f"figure {name}={codes.count(code)}")
    print("figure most_live="
          f"{max(stage.most_live for stage in stages)}")
    print(f"figure lost={lost}\nfigure orphans={orphans}")
    print(f"{len(schedules) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
