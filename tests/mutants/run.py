#!/usr/bin/env python3
"""One-line mutants of the program, each caught by a named test.

usage: run.py [--jobs N] [--cmake FLAG]… [ID…]

Makes build/mutants/tree, builds it once in build/mutants/build, runs every
named test without a mutant (it must pass) and then with each mutant of its own
(it must fail). An ID is a part of a mutant's id. Prints a line per mutant and
closes with `N passed, N failed`.
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

sys.dont_write_bytecode = True

import tree  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
WORK = ROOT / "build" / "mutants"
BUILD = WORK / "build"
SECONDS = 30  # for one test; they take a fraction of a second


def build(targets, options):
    header = ROOT / "tests" / "mutants" / "mutant.h"
    flags = ["-G", "Ninja", "-DCMAKE_BUILD_TYPE=None",
             "-DCMAKE_CXX_COMPILER=g++", "-DCMAKE_CXX_FLAGS=-O0",
             *options.cmake]
    if shutil.which("ccache"):
        flags.insert(0, "-DCMAKE_CXX_COMPILER_LAUNCHER=ccache")
    flags = [f"{flag} -include {header}"
             if flag.startswith("-DCMAKE_CXX_FLAGS=") else flag
             for flag in flags]
    for command in (
            ["cmake", "-S", WORK / "tree", "-B", BUILD, *flags],
            ["ninja", "-C", BUILD, "-j", str(options.jobs), *targets]):
        done = subprocess.run(command, text=True, check=False,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        if done.returncode:
            lines = [line for line in done.stdout.split("\n")
                     if not re.match(r"\[\d+/\d+\] ", line)]
            print("\n".join(lines[:200]))
            sys.exit("the build of the mutants failed (see above)")


def command(program, case):
    return [BUILD / "tests" / program, f"--gtest_filter={case}",
            "--gtest_brief=1", "--gtest_color=no"]


class Attempt:
    """One run of one named test."""

    def __init__(self, program, case, mutant):
        environment = dict(os.environ)
        environment.pop("PATFORM_MUTANT", None)
        if mutant:
            environment["PATFORM_MUTANT"] = mutant
        began = time.monotonic()
        try:
            done = subprocess.run(
                command(program, case), env=environment, text=True,
                errors="replace", check=False, timeout=SECONDS,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT)
            self.code, self.output = done.returncode, done.stdout
        except subprocess.TimeoutExpired:
            self.code, self.output = None, ""
        self.seconds = time.monotonic() - began
        ran = re.search(r"PASSED  \] (\d+) test", self.output)
        count = int(ran[1]) if ran else 0
        self.passed = self.code == 0 and count > 0
        # By what it asserts; not by the clock, not by a crash.
        self.failed = self.code == 1 and "[  FAILED  ]" in self.output

    def how(self):
        if self.code is None:
            return f"did not end in {SECONDS} s"
        if self.code < 0:
            return f"was killed by signal {-self.code}"
        if self.code == 0 and not self.passed:
            return "is not there"
        return "passed" if self.passed else f"ended with {self.code}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--cmake", action="append", default=[],
                        help="another flag for cmake")
    parser.add_argument("--show", action="store_true",
                        help="what each test printed about its mutant")
    parser.add_argument("id", nargs="*")
    options = parser.parse_args()
    try:
        every = tree.read_tables(ROOT / "tests" / "mutants")
        tree.make(ROOT, every, WORK / "tree")
    except tree.Rotten as rotten:
        print(rotten)
        print("0 passed, 1 failed")
        return 1
    mutants = [m for m in every if not options.id
               or any(part in m.id for part in options.id)]
    build(sorted({m.program for m in mutants}), options)

    failed = caught = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        tests = sorted({(m.program, m.filter) for m in mutants})
        sound = set()
        for test, attempt in zip(
                tests, pool.map(lambda t: Attempt(*t, None), tests)):
            if attempt.passed:
                sound.add(test)
                continue
            failed += 1
            print(f"FAILED without a mutant: {' '.join(test)} "
                  f"{attempt.how()}\n{attempt.output}", flush=True)
        for mutant, attempt in zip(mutants, pool.map(
                lambda m: Attempt(m.program, m.filter, m.id), mutants)):
            crashed = mutant.crash and attempt.code and attempt.code < 0
            good = (attempt.failed or crashed) and (
                (mutant.program, mutant.filter) in sound)
            caught += bool(good)
            print(f"{'caught' if good else 'SURVIVED'}: {mutant.id} "
                  f"({mutant.program} {mutant.filter}"
                  f"{'' if good else ' ' + attempt.how()}, "
                  f"{attempt.seconds:.1f} s)", flush=True)
            if options.show:
                print(attempt.output, flush=True)
    survived = len(mutants) - caught
    print(f"figure mutants={len(mutants)} caught={caught} "
          f"survived={survived}")
    print(f"{caught} passed, {survived + failed} failed")
    return 0 if mutants and not survived and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
