#!/usr/bin/env python3
"""Rules for every text file of the project, C++ or not.

usage: lint_text.py ROOT

A file ends in one newline, has no blanks at the ends of its lines, no
conflict markers and no words that promise work for later; a shell script and
a Python program parse. Closes with `N passed, N failed`.
"""

import ast
import pathlib
import re
import subprocess
import sys

SKIPPED = {".git", "build", "node_modules", "__pycache__", "LICENSE"}
# Written so that this file does not find itself.
LATER = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b")
CONFLICT = re.compile(r"^(<{7} |>{7} |={7}$)")
# Goldens are what a program prints, byte for byte; the rest is not ours.
VERBATIM = re.compile(r"(^|/)(golden|corpus|seeds)/|\.swagger\.json$")


def files(root):
    for path in sorted(root.rglob("*")):
        parts = path.relative_to(root).parts
        if path.is_file() and not path.is_symlink() and not (
                set(parts) & SKIPPED):
            yield path, "/".join(parts)


def check(path, name):
    data = path.read_bytes()
    if b"\0" in data or not data:
        return []
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return [f"{name}:1: not UTF-8"]
    breaches = []
    if not VERBATIM.search(name):
        if not text.endswith("\n") or text.endswith("\n\n"):
            breaches.append(f"{name}: does not end in one newline")
        for number, line in enumerate(text.split("\n"), 1):
            if line.rstrip(" \t\r") != line:
                breaches.append(f"{name}:{number}: blanks at the line's end")
    for number, line in enumerate(text.split("\n"), 1):
        if CONFLICT.match(line):
            breaches.append(f"{name}:{number}: a conflict marker")
        if LATER.search(line):
            breaches.append(f"{name}:{number}: work left for later")
    if text.startswith("#!") and "bash" in text.split("\n", 1)[0]:
        parsed = subprocess.run(["bash", "-n", str(path)], text=True,
                                capture_output=True, check=False)
        if parsed.returncode:
            breaches.append(f"{name}: {parsed.stderr.strip()}")
    if name.endswith(".py"):
        try:
            ast.parse(text)
        except SyntaxError as error:
            breaches.append(f"{name}:{error.lineno}: {error.msg}")
    return breaches


def main():
    root = pathlib.Path(sys.argv[1])
    good = bad = 0
    for path, name in files(root):
        breaches = check(path, name)
        for breach in breaches:
            print(breach)
        good, bad = good + (not breaches), bad + bool(breaches)
    print(f"figure text_files={good + bad}")
    print(f"{good} passed, {bad} failed")
    return 1 if bad or not good else 0


if __name__ == "__main__":
    sys.exit(main())
