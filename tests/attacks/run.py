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

import pathlib
import sys

sys.dont_write_bytecode = True

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "e2e")]

import suite  # noqa: E402
import views  # noqa: E402


def figures(passed, failed):
    attacks = passed + failed + views.more_attacks()
    print(f"figure attacks={attacks} formats={views.count()}"
          f"{views.figures()}")


def main():
    flags = suite.parser()
    flags.add_argument("--hostile-plans", type=pathlib.Path,
                       help="hostile_plans, made beside the boundary")
    options = suite.parse(flags)
    options.hostile_plans = (options.hostile_plans or options.boundary.parent /
                             "hostile_plans").resolve()
    cases = suite.discover(
        HERE, sorted(path.name for path in HERE.glob("cases_*.py")))
    return suite.run(cases, options, figures)


if __name__ == "__main__":
    sys.exit(main())
