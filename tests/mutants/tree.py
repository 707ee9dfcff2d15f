"""The mutants' sources: a copy of the project in which the site of every
mutant is a choice made at run time.

Each table beside this file has one row per mutant:

  id    its name; unique in its table
  file  what it changes
  at    a text that occurs exactly once in that file. Where it does not, the
        row no longer fits and the suite fails: find the line again, or take
        another mutant of the same kind
  from  what is rewritten, exactly once in `at`; without it, all of `at`
  to    what is there in the mutant. A `from` that ends in ; or } is replaced
        as statements, any other as an expression; `false` and `true` replace
        a condition. Where neither will do, MUTANT is whether this mutant is
        chosen, and ORIGINAL the text before
  test  the program and the filter (of GoogleTest) of the test that must fail
  why   what would go wrong in the world
  crash true where the test ends by a crash

Blanks and line breaks do not count in `at` and `from`.
"""

import os
import pathlib
import re
import tomllib

# What a build of the tests needs.
COPIED = ("CMakeLists.txt", "README.md", "engine", "providers", "schemas",
          "examples", "tests")
SKIPPED = {"build", "__pycache__", "node_modules"}


class Rotten(Exception):
    """A row that does not fit the sources any more."""


class Mutant:
    """One row."""

    KEYS = {"id", "file", "at", "from", "to", "test", "why", "crash"}

    def __init__(self, row, table):
        where = f"{table}/{row.get('id', '(no id)')}"
        if unknown := set(row) - self.KEYS:
            raise Rotten(f"{where}: unknown keys {sorted(unknown)}")
        for key in ("id", "file", "at", "to", "test", "why"):
            if key not in row:
                raise Rotten(f"{where}: has no {key}")
        self.id, self.file = where, row["file"]
        self.at = row["at"]
        self.part = row.get("from", row["at"])
        self.to = row["to"]
        self.program, _, self.filter = row["test"].partition(" ")
        self.crash = row.get("crash", False)

    def span(self, text):
        """Where the text that is rewritten begins and ends."""
        begin, end = self._only(self.at, text, self.file)
        first, last = self._only(self.part, text[begin:end], "`at`")
        return begin + first, begin + last

    def _only(self, part, text, inside):
        # Blanks and line breaks are the formatter's.
        pattern = r"\s*".join(re.escape(c) for c in part if not c.isspace())
        found = list(re.finditer(pattern, text))
        if len(found) != 1:
            raise Rotten(f"{self.id}: {part!r} occurs {len(found)} times "
                         f"in {inside}")
        return found[0].span()


def read_tables(folder):
    mutants = []
    for path in sorted(folder.glob("*.toml")):
        with path.open("rb") as file:
            table = tomllib.load(file)
        for row in table["mutant"]:
            mutants.append(Mutant(row, path.stem))
    seen = set()
    for mutant in mutants:
        if mutant.id in seen:
            raise Rotten(f"{mutant.id}: this id is used twice")
        seen.add(mutant.id)
    return mutants


def choice(original, mutants):
    """`original` where none of `mutants` is chosen."""
    text = original
    statement = original.rstrip()[-1] in ";}"
    for mutant in mutants:
        asked = f'patform_mutant::Is("{mutant.id}")'
        if "MUTANT" in mutant.to:
            # What no expression and no statement can say.
            text = mutant.to.replace("ORIGINAL", text).replace("MUTANT", asked)
        elif mutant.to == "false":
            text = f"(!{asked} && ({text}))"
        elif mutant.to == "true":
            text = f"({asked} || ({text}))"
        elif statement:
            text = f"{{ if ({asked}) {{ {mutant.to} }} else {{ {text} }} }}"
        else:
            text = f"({asked} ? ({mutant.to}) : ({text}))"
    return text


def mutate(text, mutants):
    """One file's text with the choices of all its mutants."""
    sites = {}
    for mutant in mutants:
        sites.setdefault(mutant.span(text), []).append(mutant)
    before = len(text)
    for (begin, end), here in sorted(sites.items(), reverse=True):
        if end > before:
            raise Rotten(f"{here[0].id}: overlaps another mutant's text")
        before = begin
        text = text[:begin] + choice(text[begin:end], here) + text[end:]
        # What is chosen at run time is no constant expression.
        line = text.rfind("\n", 0, begin) + 1
        head = text[line:begin]
        if "constexpr " in head:
            text = (text[:line] + head.replace("constexpr ", "const ", 1) +
                    text[begin:])
    return text


def contents(root, mutants):
    """Every file of the tree: its path below it and its bytes."""
    by_file = {}
    for mutant in mutants:
        by_file.setdefault(mutant.file, []).append(mutant)
    for name in by_file:
        if not (root / name).is_file():
            raise Rotten(f"{by_file[name][0].id}: there is no {name}")
    for top in COPIED:
        top = root / top
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            name = path.relative_to(root).as_posix()
            if SKIPPED & set(path.parts[len(root.parts):]):
                continue
            if not path.is_file():
                continue
            data = path.read_bytes()
            if name in by_file:
                data = mutate(data.decode(), by_file[name]).encode()
            elif name == "CMakeLists.txt":
                # A mutated line may well deserve a warning.
                data = data.replace(b" -Werror ", b" ")
            yield name, data


def make(root, mutants, tree):
    """Brings `tree` up to date; what has not changed is not touched."""
    wanted = dict(contents(root, mutants))
    for name, data in wanted.items():
        path = tree / name
        if path.is_file() and path.read_bytes() == data:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        # Scripts stay executable.
        path.chmod(0o755 if os.access(root / name, os.X_OK) else 0o644)
    for path in sorted(tree.rglob("*"), reverse=True):
        if path.is_file() and path.relative_to(tree).as_posix() not in wanted:
            path.unlink()
