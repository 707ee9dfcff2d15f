#!/usr/bin/env python3
"""Every test that the page "Trust" names must exist, and every promise must
name one.

usage: lint_promises.py ROOT

`SUITE/FILE:CASE` is a function in tests/SUITE/cases_FILE.py that is marked with
@case; `Suite.Name` is a TEST, TEST_F or TEST_P of that name. Prints what is
wrong and closes with `N passed, N failed`; one check is one promise.
"""

import pathlib
import re
import sys

PAGE = "engine/README.md"
SECTION = re.compile(r"^#+ What is promised\n(.*?)(?=^#|\Z)", re.M | re.S)
NAME = re.compile(r"`([^`]+)`")
CASE = re.compile(r"^@case\ndef (\w+)\(", re.M)
TEST = re.compile(r"^TEST(?:_F|_P)?\(\s*(\w+)\s*,\s*(\w+)\s*\)", re.M)
IS_CASE = re.compile(r"(\w+)/(\w+):(\w+)")
IS_TEST = re.compile(r"[A-Z]\w*\.\w+")


def known_tests(root):
    """The names of all tests, as the page writes them."""
    found = set()
    for path in root.glob("tests/*/cases_*.py"):
        stem = path.stem.removeprefix("cases_")
        for name in CASE.findall(path.read_text(encoding="utf-8")):
            found.add(f"{path.parent.name}/{stem}:{name}")
    for path in root.glob("tests/**/*.cc"):
        for suite, name in TEST.findall(path.read_text(encoding="utf-8")):
            found.add(f"{suite}.{name}")
    return found


def promises(text):
    """(promise, names of tests) of each row of the table."""
    section = SECTION.search(text)
    rows = [line for line in (section[1] if section else "").splitlines()
            if line.startswith("| ")]
    for row in rows[2:]:  # below its head
        promise, held_by = row.strip("| ").rsplit(" | ", 1)
        yield promise, [n for n in NAME.findall(held_by)
                        if IS_CASE.fullmatch(n) or IS_TEST.fullmatch(n)]


def complaints(text, known):
    """One list of complaints for each promise."""
    for promise, names in promises(text):
        wrong = [f"there is no test `{n}`" for n in names if n not in known]
        if not names:
            wrong.append("no test holds it")
        yield promise, wrong


def main():
    root = pathlib.Path(sys.argv[1])
    passed = failed = 0
    text = (root / PAGE).read_text(encoding="utf-8")
    for promise, wrong in complaints(text, known_tests(root)):
        passed, failed = passed + (not wrong), failed + bool(wrong)
        for what in wrong:
            print(f"{PAGE}: {promise}: {what}")
    print(f"figure promises={passed + failed}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
