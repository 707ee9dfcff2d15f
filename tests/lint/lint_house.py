#!/usr/bin/env python3
"""Measures the shape of the house and holds it to limits.

usage: lint_house.py [--long] ROOT

Prints one line for each limit that is crossed, then one line of figures and
`N passed, N failed`, where the unit is a limit. Exits with 1 if one is
crossed. With --long it lists what lies behind the figures.

Counted are engine/ and providers/; tests are not. A line of a function is any
line from its head to its closing brace but for those that are a comment alone:
to explain a function does not make it long. A duplicate is a run of at least
six equal lines of code in two places.
"""

import collections
import pathlib
import re
import statistics
import sys

FOLDERS = ("engine", "providers")
LONG_FUNCTION = 60
MANY_PARAMETERS = 6
SAME_LINES = 6

# What a figure may be at most (or at least), and why. Limits only move in the
# good direction, and with a reason.
AT_MOST = {
    # Half of the files fit on two screens: a file is one noun.
    "median": 120,
    # One in ten may be long. Above that, rooms are hidden in it.
    "p90": 350,
    # A function that long has stages that want names.
    "functions_over_60": 2,
    # A call with so many arguments is read wrong at the caller's.
    "params_over_6": 2,
    # Where the same logic really is the same, it is written once.
    "duplicates": 2,
}
AT_LEAST = {
    # A body has to answer "why" where a reader asks.
    "comment_share_cc": 10.0,
}

SCOPE = re.compile(r"^(?:\s*(?:inline|extern\s+\"\"))*\s*namespace\b")
TYPE = re.compile(r"(?:^|\s|>)(?:class|struct|union|enum)\s[^()]*$")
RAW = re.compile(r'R"([^()\\\s]{0,16})\(.*?\)\1"', re.S)
TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'
                   r"'(?:\\.|[^'\\\n])+'", re.S)


def bare(text):
    """The text without comments, strings and directives; lines stay."""
    def keep_lines(match):
        found = match[0]
        empty = '""' if found[0] in "\"R" else "0" if found[0] == "'" else ""
        return empty + "\n" * found.count("\n")

    text = RAW.sub(keep_lines, text)
    text = re.sub(r"(?<=[0-9a-fA-F])'(?=[0-9a-fA-F])", "", text)
    text = TOKEN.sub(keep_lines, text)
    return re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", "", text, flags=re.M)


def parameters(head):
    """How many parameters the head of a function declares."""
    depth = 0
    count = 0
    begun = False
    any_text = False
    for c in head:
        if c in "(<[{":
            depth += 1
            if depth == 1 and c == "(":
                begun = True
                continue
        elif c in ")>]}":
            depth -= 1
            if begun and depth == 0:
                break
        if begun and depth == 1 and c == ",":
            count += 1
        any_text |= begun and not c.isspace()
    return count + 1 if any_text else 0


def functions(text):
    """(line, lines, parameters, name) of each function with a body."""
    stack = []  # what each open brace is: scope, type, function or other
    head = []
    head_line = line = 1
    found = []
    parens = 0
    comments = [0]  # lines that are a comment alone, up to each line
    for each in text.splitlines():
        comments.append(comments[-1] + each.strip().startswith("//"))
    for c in bare(text):
        if c == "\n":
            line += 1
        if c == "(":
            parens += 1
        elif c == ")":
            parens -= 1
        inside = any(kind == "function" for kind, *_ in stack)
        if c == "{" and parens == 0:
            words = "".join(head)
            kind = "other"
            if not inside:
                # `a_{1}` in a list of initializers has no space before it.
                body = "(" in words and words[-1:].isspace()
                before = words.split("(")[0]
                if SCOPE.match(words):
                    kind = "scope"
                elif TYPE.search(before) and "operator" not in before:
                    kind = "type"
                elif body and not re.search(r"=\s*$", words):
                    kind = "function"
            stack.append((kind, head_line, words))
            if kind != "other":
                head = []
        elif c == "}" and parens == 0 and stack:
            kind, began, words = stack.pop()
            if kind == "function":
                name = re.search(r"([~\w:]+|operator\S+)\s*\(", words)
                lines = line - began + 1
                lines -= comments[line] - comments[began - 1]
                found.append((began, lines, parameters(words),
                              name[1] if name else "?"))
            if kind != "other":
                head = []
        elif c == ";" and parens == 0:
            head = []
        else:
            if not "".join(head).strip():
                head, head_line = [], line
            head.append(c)
    return found


def comment_lines(text):
    """(lines that are comments alone, lines that are not empty)."""
    lines = [line.strip() for line in text.splitlines()]
    return (sum(line.startswith("//") for line in lines),
            sum(bool(line) for line in lines))


def code_lines(text):
    """(number, line) of what can be a duplicate."""
    text = re.sub(r"^\s*//.*$", "", text, flags=re.M)
    # What adapters override is the same in each of them, as it has to be.
    text = re.sub(r"[^;{}]*\boverride;",
                  lambda found: "\n" * found[0].count("\n"), text)
    for number, line in enumerate(text.splitlines(), 1):
        line = " ".join(line.split())
        if line and not line.startswith(("#", "using ", "namespace ")):
            if line not in ("{", "}", "};", "public:", "private:"):
                yield number, line


def duplicates(files):
    """Pairs of places with at least SAME_LINES equal lines of code."""
    seen = collections.defaultdict(list)
    lines = {name: list(code_lines(text)) for name, text in files.items()}
    for name, rows in lines.items():
        for i in range(len(rows) - SAME_LINES + 1):
            key = tuple(row[1] for row in rows[i:i + SAME_LINES])
            seen[key].append((name, i))
    pairs = []
    for places in seen.values():
        for k, (name, i) in enumerate(places):
            for other, j in places[k + 1:]:
                # Only where a run begins.
                if (i and j and
                        lines[name][i - 1][1] == lines[other][j - 1][1]):
                    continue
                pairs.append((f"{name}:{lines[name][i][0]}",
                              f"{other}:{lines[other][j][0]}"))
    return pairs


def measure(files):
    """The figures, and what lies behind them by the figure's name."""
    sizes = sorted(len(text.splitlines()) for text in files.values())
    behind = {"functions_over_60": [], "params_over_6": [], "duplicates": []}
    comments = written = 0
    for name, text in files.items():
        for line, lines, params, function in functions(text):
            where = f"{name}:{line}: {function}"
            if lines > LONG_FUNCTION:
                behind["functions_over_60"].append(f"{where}, {lines} lines")
            if params > MANY_PARAMETERS:
                behind["params_over_6"].append(f"{where}, {params}")
        if name.endswith(".cc"):
            some, all_of_them = comment_lines(text)
            comments, written = comments + some, written + all_of_them
    behind["duplicates"] = [f"{a} and {b}" for a, b in duplicates(files)]
    figures = {
        "files": len(sizes),
        "median": int(statistics.median(sizes)),
        "p90": sizes[len(sizes) * 9 // 10],
        "functions_over_60": len(behind["functions_over_60"]),
        "params_over_6": len(behind["params_over_6"]),
        "comment_share_cc": round(100 * comments / max(written, 1), 1),
        "duplicates": len(behind["duplicates"]),
    }
    return figures, behind


def crossed(figures):
    """One line for each limit that the figures cross."""
    lines = [f"{name}={figures[name]}: at most {limit}"
             for name, limit in AT_MOST.items() if figures[name] > limit]
    return lines + [f"{name}={figures[name]}: at least {limit}"
                    for name, limit in AT_LEAST.items()
                    if figures[name] < limit]


def main():
    root = pathlib.Path(sys.argv[-1])
    files = {path.relative_to(root).as_posix():
             path.read_text(encoding="utf-8")
             for folder in FOLDERS
             for path in sorted((root / folder).rglob("*"))
             if path.suffix in (".h", ".cc")}
    figures, behind = measure(files)
    breaches = crossed(figures)
    for name, rows in behind.items():
        if "--long" in sys.argv or any(b.startswith(name) for b in breaches):
            for row in rows:
                print(f"{name}: {row}")
    for breach in breaches:
        print(breach)
    print("figure house " + " ".join(f"{k}={v}" for k, v in figures.items()))
    limits = len(AT_MOST) + len(AT_LEAST)
    print(f"{limits - len(breaches)} passed, {len(breaches)} failed")
    return 1 if breaches or not files else 0


if __name__ == "__main__":
    sys.exit(main())
