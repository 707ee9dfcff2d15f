#!/usr/bin/env python3
"""Every link between the repository's Markdown pages leads somewhere.

usage: lint_links.py ROOT

A relative link must name a file or folder below ROOT, and its #anchor a heading
of that page, by GitHub's rule: lower case, what is neither letter, digit, hyphen
nor underscore dropped, spaces as hyphens. A page that no other page links to is
an error, too: nobody would find it. Closes with `N passed, N failed`; one check
is one page.
"""

import pathlib
import re
import sys

sys.dont_write_bytecode = True

import readme_commands  # noqa: E402

FENCED = re.compile(r"^(`{3,}).*?^\1`*\s*$", re.M | re.S)
CODE = re.compile(r"`[^`\n]+`")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6} +(.+?)(?: +#+)? *$", re.M)
# Where a reader begins.
ENTRANCES = {"README.md", ".github/CONTRIBUTING.md"}


def links(text):
    """The targets of the links in a Markdown text, those in code left out."""
    return LINK.findall(CODE.sub("", FENCED.sub("", text)))


def anchors(text):
    """What the headings of a text are called in a link."""
    found, seen = set(), {}
    for heading in HEADING.findall(FENCED.sub("", text)):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", plain.strip().lower()).replace(" ", "-")
        count = seen.get(slug, 0)
        seen[slug] = count + 1
        found.add(f"{slug}-{count}" if count else slug)
    return found


def check(root, names):
    """{page: its complaints}."""
    texts = {n: (root / n).read_text(encoding="utf-8") for n in names}
    complaints = {name: [] for name in names}
    reached = set(ENTRANCES)
    for name, text in texts.items():
        for link in links(text):
            if re.match(r"[a-z]+:", link):
                continue
            path, _, anchor = link.partition("#")
            target = (root / name).parent / path if path else root / name
            try:
                to = target.resolve().relative_to(root.resolve()).as_posix()
            except ValueError:
                complaints[name].append(f"{link}: leads out of the repository")
                continue
            if not target.exists():
                complaints[name].append(f"{link}: there is no such file")
            elif anchor and anchor not in anchors(texts.get(to, "")):
                complaints[name].append(f"{link}: {to} has no such heading")
            if to != name:
                reached.add(to)
    for name in texts:
        if name not in reached:
            complaints[name].append("no page links to this one")
    return complaints


def main():
    root = pathlib.Path(sys.argv[1])
    passed = failed = 0
    for name, wrong in check(root, list(readme_commands.pages(root))).items():
        passed, failed = passed + (not wrong), failed + bool(wrong)
        for what in wrong:
            print(f"{name}: {what}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
