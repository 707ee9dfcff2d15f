#!/usr/bin/env python3
"""What readme_commands.py takes for a command, and how it judges it."""

import contextlib
import io
import os
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
ok: README.md:7: $ mkdir made && cd made
ok: README.md:7: $ echo one \\
ok: README.md:7: $ cat <<END > lines
ok: README.md:7: $ test "$(cat words)" = "one two" && grep -q '^\\$ b$' lines
ok: README.md:19: $ (exit 2)
ok: README.md:27: $ test "$(basename "$PWD")" = made
FAILED: README.md:27: $ (exit 7)
  exit code 7, expected 0

"""


def main():
    said = io.StringIO()
    with tempfile.TemporaryDirectory() as folder:
        with contextlib.redirect_stdout(said):
            counts = readme.run_page(PAGE, folder, dict(os.environ))
    got = (counts, said.getvalue())
    want = ((6, 1, 1), SAID)
    if got != want:
        print(f"got  {got}\nwant {want}")
        print("0 passed, 1 failed")
        return 1
    print("1 passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
