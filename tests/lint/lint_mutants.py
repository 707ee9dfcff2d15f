#!/usr/bin/env python3
"""Every row of tests/mutants/*.toml fits the sources and names a test.

usage: lint_mutants.py ROOT

The suite `mutants` takes minutes and is run when somebody names it; a row that
a change of the sources has left behind would be found only then. Here nothing
is built: the text of each row must be in its file once, no two rows may
overlap, and the test must be written in a file of its program. Closes with
`N passed, N failed`; one check is one row.
"""

import pathlib
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] /
                       "mutants"))

import tree  # noqa: E402

PROGRAM = re.compile(r"patform_test\((\w+)\s+SOURCES\s+([^)]*?)\s+DEPENDS")
TEST = re.compile(r"\bTEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\s*\)")


def programs(root):
    """{program: the tests that are written in its sources}, as SUITE.NAME."""
    found = {}
    for listed in (root / "tests").rglob("CMakeLists.txt"):
        for program, sources in PROGRAM.findall(listed.read_text()):
            found[program] = {
                ".".join(test) for source in sources.split()
                if (listed.parent / source).is_file()
                for test in TEST.findall((listed.parent / source).read_text())}
    return found


def written(case):
    """The SUITE.NAME that a filter means: without what parameters add."""
    suite, _, name = case.partition(".")
    return f"{suite.split('/')[-1]}.{name.split('/')[0]}"


def complaint(mutant, texts, tests):
    """Why the row is of no use; "": it fits."""
    if mutant.file not in texts:
        return f"{mutant.id}: there is no {mutant.file}"
    try:
        mutant.span(texts[mutant.file])
    except tree.Rotten as rotten:
        return str(rotten)
    if mutant.program not in tests:
        return f"{mutant.id}: there is no program {mutant.program}"
    if written(mutant.filter) not in tests[mutant.program]:
        return (f"{mutant.id}: {mutant.program} has no test "
                f"{written(mutant.filter)}")
    return ""


def check(root):
    """How many rows fit, and the complaints about the others."""
    try:
        mutants = tree.read_tables(root / "tests" / "mutants")
    except tree.Rotten as rotten:
        return 0, [str(rotten)]
    tests = programs(root)
    texts = {name: (root / name).read_text(encoding="utf-8")
             for name in {m.file for m in mutants} if (root / name).is_file()}
    fitting, complaints = {}, []
    for mutant in mutants:
        if why := complaint(mutant, texts, tests):
            complaints.append(why)
        else:
            fitting.setdefault(mutant.file, []).append(mutant)
    passed = len(mutants) - len(complaints)
    for name, of in fitting.items():
        try:
            tree.mutate(texts[name], of)
        except tree.Rotten as rotten:
            passed -= 1
            complaints.append(str(rotten))
    return passed, complaints


def main():
    passed, complaints = check(pathlib.Path(sys.argv[1]))
    for what in complaints:
        print(what)
    print(f"{passed} passed, {len(complaints)} failed")
    return 1 if complaints or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
