#!/usr/bin/env python3
"""Sinks: the real patform and the emulator beside real stores on loopback.

usage: run.py --patform FILE --emulator FILE --boundary FILE [CASE…]

Needs the Python packages of requirements.txt (run.sh installs them). The cases
are those of every cases_*.py here; a CASE is a part of a case's name. Prints a
line per case, then `figure …` and `N passed, N failed`. After each case all
that it left behind is searched for secrets: see stage.py.
"""

import collections
import pathlib
import sys

sys.dont_write_bytecode = True

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "e2e")]

import harness  # noqa: E402
import stage  # noqa: E402
import suite  # noqa: E402


def main():
    options = suite.parse(suite.parser())
    harness.GUARDS.append(stage.guard)
    cases = suite.discover(HERE, sorted(
        path.name for path in HERE.glob("cases_*.py")))
    stores = collections.Counter(
        case.__module__.partition("cases_")[2] for case in cases)
    return suite.run(cases, options, lambda passed, failed: print(
        "figure " + " ".join(f"{name}={n}" for name, n in stores.items())))


if __name__ == "__main__":
    sys.exit(main())
