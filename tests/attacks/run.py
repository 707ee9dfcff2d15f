#!/usr/bin/env python3
"""Attacks on the real programs: a hostile pull request, artifact, service or
machine, with the program and the emulator over TLS on loopback.

usage: run.py --patform FILE --emulator FILE --boundary FILE
              [--hostile-plans FILE] [CASE…]

Every cases_*.py in this folder is read; its cases are made with `case` of
tests/e2e/harness.py and get a World of their own. A CASE is a part of a case's
name. Prints a line per case, then `figure attacks=… formats=…` (the attacks
carried out, and the forms of output in which their effects were looked for; a
case can add figures) and `N passed, N failed`.
"""

import argparse
import concurrent.futures
import importlib.util
import pathlib
import sys
import time
import traceback

sys.dont_write_bytecode = True

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "e2e")]

import harness  # noqa: E402
import views  # noqa: E402

PREFIX = "attacks_"


def discover():
    """The cases of this folder's files. They are loaded under names of their
    own: a file of tests/e2e may be called the same."""
    for path in sorted(HERE.glob("cases_*.py")):
        name = PREFIX + path.stem
        spec = importlib.util.spec_from_file_location(name, path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return [c for c in harness.CASES if c.__module__.startswith(PREFIX)]


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
    parser.add_argument("--hostile-plans", type=pathlib.Path,
                        help="hostile_plans, made beside the boundary")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("case", nargs="*")
    options = parser.parse_args()
    options.patform = options.patform.resolve()
    options.emulator = options.emulator.resolve()
    options.boundary = options.boundary.resolve()
    options.hostile_plans = (options.hostile_plans or options.boundary.parent /
                             "hostile_plans").resolve()
    options.root = HERE.parents[1]
    chosen = [c for c in discover()
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
    attacks = passed + failed + views.more_attacks()
    print(f"figure attacks={attacks} formats={views.count()}"
          f"{views.figures()}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
