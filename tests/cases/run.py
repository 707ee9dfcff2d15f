#!/usr/bin/env python3
"""What people run into: typical mistakes, places, names, files, clocks and
services, one file per kind, with the program and the emulator over TLS on
loopback.

usage: run.py --patform FILE --emulator FILE --boundary FILE [CASE…]

Every other file in this folder is a kind; its cases are made with `case` of
tests/e2e/harness.py and get a World of their own. A case that tries a table
wraps it in `inputs.each`. A CASE is a part of a case's name. Prints a line per
case, then `figure kinds=… inputs=…` and `N passed, N failed`.
"""

import pathlib
import sys

sys.dont_write_bytecode = True

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "e2e")]

import inputs  # noqa: E402
import suite  # noqa: E402

KINDS = sorted(path.name for path in HERE.glob("*.py")
               if path.name not in ("run.py", "inputs.py"))


def main():
    options = suite.parse(suite.parser())
    cases = suite.discover(HERE, KINDS)
    return suite.run(
        cases, options, lambda passed, failed: print(
            f"figure kinds={len({c.__module__ for c in cases})} "
            f"inputs={passed + failed + inputs.more()}"))


if __name__ == "__main__":
    sys.exit(main())
