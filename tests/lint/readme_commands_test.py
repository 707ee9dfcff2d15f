#!/usr/bin/env python3
"""What readme_commands.py takes for a command, and how it judges it."""

import contextlib
import io
import os
import pathlib
import sys
import tempfile

sys.dont_write_bytecode = True

import readme_commands as readme  # noqa: E402

PAGE = """\
# A page

```text
$ false
```

```console
$ mkdir made && cd made
made it
$ echo one \\
>   two > words
$ cat <<END > lines
a
$ b
END
$ test "$(cat words)" = "one two" && grep -q '^\\$ b$' lines
```

```console exit=2
$ (exit 2)
```

```console ci=skip
$ exit 9
```

```console
$ test "$(basename "$PWD")" = made
$ (exit 7)
```
"""

SAID = """\
ok: a/PAGE.md:7: $ mkdir made && cd made
ok: a/PAGE.md:7: $ echo one \\
ok: a/PAGE.md:7: $ cat <<END > lines
ok: a/PAGE.md:7: $ test "$(cat words)" = "one two" && grep -q '^\\$ b$' lines
ok: a/PAGE.md:19: $ (exit 2)
ok: a/PAGE.md:27: $ test "$(basename "$PWD")" = made
FAILED: a/PAGE.md:27: $ (exit 7)
  exit code 7, expected 0

"""


def main():
    said = io.StringIO()
    with tempfile.TemporaryDirectory() as folder:
        with contextlib.redirect_stdout(said):
            blocks = readme.read_blocks("a/PAGE.md", PAGE)
            counts = readme.run_blocks("a/PAGE.md", blocks, folder,
                                       dict(os.environ))
        names = ["README.md", "a/PAGE.md", ".github/B.md", "build/no.md",
                 "tests/golden/no.md", "a/no.txt"]
        for name in names:
            path = pathlib.Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(PAGE)
        found = list(readme.pages(pathlib.Path(folder)))
    got = (counts, said.getvalue(), found)
    want = ((6, 1, 1), SAID, [".github/B.md", "README.md", "a/PAGE.md"])
    if got != want:
        print(f"got  {got}\nwant {want}")
        print("0 passed, 1 failed")
        return 1
    print("1 passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
