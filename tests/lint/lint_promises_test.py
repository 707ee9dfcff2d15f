#!/usr/bin/env python3
"""lint_promises.py sees what it must see."""

import unittest

import lint_promises

PAGE = """
| not | `This.One` |
## What is promised

| promise | held by |
| --- | --- |
| a | `e2e/plan:later`, `Url.Parses` |
| b | `e2e/plan:gone`, `Url.Gone` |
| c | the suite `model` |

### Another table

| word | `Not.APromise` |
"""


class LintPromises(unittest.TestCase):
    def test_names(self):
        self.assertEqual(
            list(lint_promises.complaints(PAGE, {"e2e/plan:later",
                                                 "Url.Parses"})),
            [("a", []),
             ("b", ["there is no test `e2e/plan:gone`",
                    "there is no test `Url.Gone`"]),
             ("c", ["no test holds it"])])

    def test_patterns(self):
        self.assertEqual(lint_promises.TEST.findall(
            "TEST(A, B) {\n  TEST(C, D)\nTEST_F(E,\n       F) {\n"),
            [("A", "B"), ("E", "F")])
        self.assertEqual(lint_promises.CASE.findall(
            "@case\ndef a(world):\n\ndef b(world):\n"), ["a"])


if __name__ == "__main__":
    result = unittest.main(exit=False).result
    bad = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - bad} passed, {bad} failed")
