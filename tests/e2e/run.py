#!/usr/bin/env python3
"""The real programs against each other: patform and patform-emulator over
TLS on loopback.

usage: run.py --patform FILE --emulator FILE --boundary FILE [CASE…]

--boundary is the library made of tests/crash/boundary.cc, for cases in which
time passes. A CASE is a part of a case's name. Prints a line a case and closes
with `N passed, N failed`. After each case all that patform said or wrote, and its
sampled command lines, are searched for every secret it delivered.
"""

import argparse
import concurrent.futures
import pathlib
import sys
import time
import traceback

sys.dont_write_bytecode = True

import cases_apply  # noqa: E402,F401
import cases_comment  # noqa: E402,F401
import cases_adopt  # noqa: E402,F401
import cases_audit  # noqa: E402,F401
import cases_faults  # noqa: E402,F401
import cases_plan  # noqa: E402,F401
import cases_policy  # noqa: E402,F401
import cases_random  # noqa: E402,F401
import cases_service  # noqa: E402,F401
import cases_saved_plans  # noqa: E402,F401
import cases_story  # noqa: E402,F401
import harness  # noqa: E402


def attempt(function, options):
    began = time.monotonic()
    try:
        why = harness.run_case(function, options)
    except Exception:  # pylint: disable=broad-except
        # A defect of the test or of the emulator counts as a failure.
        why = traceback.format_exc()
    return why, time.monotonic() - began


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--patform", type=pathlib.Path, required=True)
    parser.add_argument("--emulator", type=pathlib.Path, required=True)
    parser.add_argument("--boundary", type=pathlib.Path, required=True)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("case", nargs="*")
    options = parser.parse_args()
    options.patform = options.patform.resolve()
    options.emulator = options.emulator.resolve()
    options.boundary = options.boundary.resolve()
    options.root = pathlib.Path(__file__).resolve().parents[2]
    chosen = [c for c in harness.CASES
              if not options.case
              or any(word in c.__doc__ for word in options.case)]
    passed = failed = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        running = [(c, pool.submit(attempt, c, options)) for c in chosen]
        for function, future in running:
            why, seconds = future.result()
            passed, failed = passed + (why is None), failed + (why is not None)
            print(f"{'ok' if why is None else 'FAILED'}: {function.__doc__} "
                  f"({seconds:.1f} s)", flush=True)
            if why is not None:
                print("    " + why.replace("\n", "\n    "), flush=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
