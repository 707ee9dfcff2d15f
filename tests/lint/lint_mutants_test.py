#!/usr/bin/env python3
"""lint_mutants.py sees what it must see."""

import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True

import lint_mutants  # noqa: E402

FILES = {
    "engine/a.cc": "if (a &&\n    b) return c(1);\nd();\nd();\n",
    "tests/engine/CMakeLists.txt":
        "patform_test(a_test\n  SOURCES a_test.cc\n  DEPENDS a)\n",
    "tests/engine/a_test.cc": "TEST(A, One) {}\nTEST_P(B,\n       Two) {}\n",
}
ROW = """[[mutant]]
id = "{}"
file = "{}"
at = "{}"
to = "false"
test = "{}"
why = "of no matter"
"""


class LintMutants(unittest.TestCase):
    def check(self, *rows):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            table = "\n".join(ROW.format(*row) for row in rows)
            for name, text in (*FILES.items(), ("tests/mutants/t.toml", table)):
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text)
            return lint_mutants.check(root)

    def test_rows_that_fit(self):
        self.assertEqual(
            self.check(("1", "engine/a.cc", "a && b", "a_test A.One"),
                       ("2", "engine/a.cc", "a && b", "a_test */B.Two/*"),
                       ("3", "engine/a.cc", "c(1)", "a_test S/B.Two/Second")),
            (3, []))

    def test_rows_that_do_not(self):
        for row, why in (
                (("1", "engine/b.cc", "a", "a_test A.One"),
                 "t/1: there is no engine/b.cc"),
                (("1", "engine/a.cc", "e()", "a_test A.One"),
                 "t/1: 'e()' occurs 0 times in engine/a.cc"),
                (("1", "engine/a.cc", "d()", "a_test A.One"),
                 "t/1: 'd()' occurs 2 times in engine/a.cc"),
                (("1", "engine/a.cc", "c(1)", "b_test A.One"),
                 "t/1: there is no program b_test"),
                (("1", "engine/a.cc", "c(1)", "a_test A.Two"),
                 "t/1: a_test has no test A.Two")):
            self.assertEqual(self.check(row), (0, [why]))

    def test_rows_that_overlap(self):
        passed, complaints = self.check(
            ("1", "engine/a.cc", "a && b", "a_test A.One"),
            ("2", "engine/a.cc", "b) return", "a_test A.One"))
        self.assertEqual((passed, complaints),
                         (1, ["t/1: overlaps another mutant's text"]))

    def test_an_id_that_is_there_twice(self):
        row = ("1", "engine/a.cc", "c(1)", "a_test A.One")
        self.assertEqual(self.check(row, row),
                         (0, ["t/1: this id is used twice"]))


if __name__ == "__main__":
    result = unittest.main(exit=False).result
    bad = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - bad} passed, {bad} failed")
    sys.exit(1 if bad else 0)
