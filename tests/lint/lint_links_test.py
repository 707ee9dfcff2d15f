#!/usr/bin/env python3
"""lint_links.py sees what it must see."""

import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True

import lint_links  # noqa: E402

PAGES = {
    "README.md": """# A page

[good](a/PAGE.md), [its heading](a/PAGE.md#two-words-and-code),
[the second](a/PAGE.md#again-1), [here](#a-page), [a folder](a),
[elsewhere](https://example.com/x#y)
[gone](a/GONE.md) [no heading](a/PAGE.md#three) [nor here](#b)
[out](../../etc/passwd)
`[code](gone.md)`

```text
[a block](gone.md)
```
""",
    "a/PAGE.md": """# Two words, and `code`
## Again
## Again
[back](../README.md)
""",
    "a/LOST.md": "[itself](LOST.md)\n",
}

COMPLAINTS = {
    "README.md": ["a/GONE.md: there is no such file",
                  "a/PAGE.md#three: a/PAGE.md has no such heading",
                  "#b: README.md has no such heading",
                  "../../etc/passwd: leads out of the repository"],
    "a/PAGE.md": [],
    "a/LOST.md": ["no page links to this one"],
}


class LintLinks(unittest.TestCase):
    def test_pages(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name, text in PAGES.items():
                (root / name).parent.mkdir(exist_ok=True)
                (root / name).write_text(text)
            self.assertEqual(lint_links.check(root, list(PAGES)), COMPLAINTS)


if __name__ == "__main__":
    result = unittest.main(exit=False).result
    bad = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - bad} passed, {bad} failed")
