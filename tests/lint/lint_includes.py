#!/usr/bin/env python3
"""Checks the includes of every C++ file against layers.txt and
confinement.txt, and the few rules that no compiler knows.

usage: lint_includes.py ROOT

Prints one line a breach, then `figure` lines and `N passed, N failed`, where
the unit is a file. Exits with 1 if a file breaks a rule.
"""

import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
SOURCE_FOLDERS = ("engine", "providers", "tests")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
RAW_STRING = re.compile(r'\bR"([^()\\\s]{0,16})\(')
MAX_COLUMNS = 80
MAX_LINES = 1000
LONG_LINES = 400


def meaningful(path):
    """The lines of a rule file without comments and blanks."""
    for line in path.read_text(encoding="utf-8").splitlines():
        line = line.strip()
        if line and not line.startswith("#"):
            yield line


class Layers:
    """layers.txt: which layer a file is in, and what that layer may see."""

    def __init__(self, path):
        self.order = []
        self.paths = []  # (path, layer)
        self.allowed = {}
        for line in meaningful(path):
            left, arrow, right = line.partition("->")
            words = left.split()
            if not arrow or len(words) < 3 or words[0] != "layer":
                raise ValueError(f"{path.name}: not a layer: {line}")
            name = words[1]
            self.order.append(name)
            self.paths += [(p, name) for p in words[2:]]
            self.allowed[name] = {name} | set(self.expand(right.split()))

    def expand(self, words):
        for word in words:
            first, dots, last = word.partition("..")
            for name in (first, last or first):
                if name not in self.order:
                    raise ValueError(f"layers.txt: no such layer: {name}")
            if not dots:
                yield first
                continue
            begin, end = self.order.index(first), self.order.index(last)
            yield from self.order[begin:end + 1]

    def of(self, file):
        best = max(
            (p for p, _ in self.paths
             if file == p or (p.endswith("/") and file.startswith(p))),
            key=len, default=None)
        return None if best is None else dict(self.paths)[best]


def read_confinement(path):
    rules = []
    for line in meaningful(path):
        pattern, *places = line.split()
        rules.append((re.compile(pattern), pattern, tuple(places)))
    return rules


def is_inside(file, places):
    return any(file == p or (p.endswith("/") and file.startswith(p))
               for p in places)


def check_text(file, lines):
    """The rules that need no other file."""
    breaches = []
    closing = None  # of the raw string that the line begins in
    for number, line in enumerate(lines, 1):
        # What a program prints stands in raw strings as it is printed.
        raw = closing is not None
        rest = line
        while True:
            if closing is None:
                opening = RAW_STRING.search(rest)
                if opening is None:
                    break
                raw, closing = True, f'){opening[1]}"'
                rest = rest[opening.end():]
            if closing not in rest:
                break
            rest = rest.split(closing, 1)[1]
            closing = None
        if len(line) > MAX_COLUMNS and not raw and not INCLUDE.match(line):
            breaches.append(f"{file}:{number}: {len(line)} columns; at most "
                            f"{MAX_COLUMNS}")
        if line.rstrip() != line and not raw:
            breaches.append(f"{file}:{number}: blanks at the line's end")
    if file.endswith(".h") and "#pragma once" not in lines:
        breaches.append(f"{file}:1: a header without #pragma once")
    if len(lines) > MAX_LINES:
        breaches.append(f"{file}:1: {len(lines)} lines; at most {MAX_LINES}")
    return breaches


def check_file(file, text, layers, rules):
    """The breaches of one file, as `file:line: what` strings."""
    lines = text.splitlines()
    breaches = check_text(file, lines)
    layer = layers.of(file)
    if layer is None:
        return breaches + [f"{file}:1: no line of layers.txt names this file"]
    for number, line in enumerate(lines, 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        target = match[2]
        where = f"{file}:{number}"
        for pattern, text_of, places in rules:
            if (pattern.search(target) and not is_inside(file, places)
                    and not file.startswith("tests/")):
                breaches.append(f"{where}: <{target}> is confined to "
                                f"{' '.join(places)} ({text_of})")
        if match[1] != '"':
            continue
        if target.startswith((".", "/")) or "/" not in target:
            breaches.append(f'{where}: "{target}": write the path from the '
                            "repository's root")
            continue
        seen = layers.of(target)
        if seen is None:
            if target.startswith(("engine/", "providers/")):
                breaches.append(f'{where}: "{target}": no line of layers.txt '
                                "names it")
        elif seen not in layers.allowed[layer]:
            breaches.append(f"{where}: {layer} must not include {seen} "
                            f'("{target}")')
    return breaches


def sources(root):
    for folder in SOURCE_FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in (".h", ".cc"):
                yield path


def main():
    root = pathlib.Path(sys.argv[1])
    layers = Layers(HERE / "layers.txt")
    rules = read_confinement(HERE / "confinement.txt")
    good = bad = total = long = 0
    for path in sources(root):
        text = path.read_text(encoding="utf-8")
        breaches = check_file(path.relative_to(root).as_posix(), text, layers,
                              rules)
        for breach in breaches:
            print(breach)
        good, bad = good + (not breaches), bad + bool(breaches)
        count = len(text.splitlines())
        total += count
        long += count > LONG_LINES
    print(f"figure cpp_files={good + bad} cpp_lines={total} "
          f"files_over_{LONG_LINES}={long}")
    print(f"{good} passed, {bad} failed")
    return 1 if bad or not good else 0


if __name__ == "__main__":
    sys.exit(main())
