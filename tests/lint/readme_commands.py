#!/usr/bin/env python3
"""Runs the commands of every Markdown page of the repository as they are
written.

usage: readme_commands.py --patform FILE --emulator FILE ROOT [PAGE…]

Every ```console block's lines that begin with `$ ` are run, in order and in
one shell for the whole page. The shell begins in the page's own folder of a
fresh copy of the tree, with patform and patform-emulator on the PATH and a new
PAT service on loopback to talk to: no page depends on another one. A line that
ends in a backslash continues in the next, and so does a here-document. A
command must end with exit code 0. Words behind `console` change that:

    exit=2     this code, of every command in the block
    ci=skip    the block is not run (it is, elsewhere)

A PAGE is a path below ROOT; without one, all are run. Golden files are not
pages, whatever their names.

Closes with `N passed, N failed, N skipped`, where the unit is a command.
"""

import argparse
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

from emulator import Emulator, clean_environment  # noqa: E402

FENCE = re.compile(r"^(`{3,})(.*)$")
HEREDOC = re.compile(r"<<-?\s*(['\"]?)(\w+)\1")
MARK = "\x01ended "
TIMEOUT = 300
NOT_COPIED = (".git", "build", "node_modules", "__pycache__")
NO_PAGES = {*NOT_COPIED, "golden"}


class Block:
    def __init__(self, page, line, info):
        self.line = line
        self.lines = []
        words = dict(w.partition("=")[::2] for w in info.split()[1:])
        unknown = set(words) - {"exit", "ci"}
        if unknown:
            raise ValueError(f"{page}:{line}: what is {sorted(unknown)}?")
        self.exit = int(words.get("exit", 0))
        self.skipped = words.get("ci") == "skip"


def pages(root):
    """The names of all Markdown pages below `root`, in order."""
    for path in sorted(root.rglob("*.md")):
        name = path.relative_to(root)
        if path.is_file() and not set(name.parts) & NO_PAGES:
            yield name.as_posix()


def read_blocks(page, text):
    """The console blocks of a Markdown text."""
    blocks, fence, block = [], None, None
    for number, line in enumerate(text.splitlines(), 1):
        match = FENCE.match(line)
        if fence is None and match:
            fence = match[1]
            if match[2].split()[:1] == ["console"]:
                block = Block(page, number, match[2])
        elif match and match[1] == fence and not match[2].strip():
            if block is not None:
                blocks.append(block)
            fence = block = None
        elif block is not None:
            block.lines.append(line)
    return blocks


def read_commands(lines):
    """The commands among the lines of a block, as a shell would join them."""
    commands, until = [], None
    following = False
    for line in lines:
        if until is not None:
            commands[-1] += "\n" + line
            if line.strip() == until:
                until = None
            continue
        if following:
            commands[-1] += "\n" + line.removeprefix("> ")
        elif line.startswith("$ "):
            commands.append(line[2:])
        else:
            continue
        following = line.endswith("\\")
        heredoc = HEREDOC.search(line)
        if heredoc:
            until = heredoc[2]
    return commands


class Shell:
    """One bash that runs a command at a time and tells its exit code."""

    def __init__(self, folder, environment):
        self.process = subprocess.Popen(
            ["bash", "--noprofile", "--norc"], cwd=folder, env=environment,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, start_new_session=True)

    def run(self, command):
        self.process.stdin.write(
            f"{{ {command}\n}} </dev/null\nprintf '\\n\\001ended %s\\n' $?\n")
        self.process.stdin.flush()
        output = []
        for line in self.process.stdout:
            if line.startswith(MARK):
                return int(line[len(MARK):]), "".join(output).rstrip("\n")
            output.append(line)
        return -1, "".join(output)

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=TIMEOUT)


def run_blocks(page, blocks, folder, environment):
    """Counts of passed, failed and skipped commands."""
    passed = failed = skipped = 0
    shell = Shell(folder, environment)
    for block in blocks:
        commands = read_commands(block.lines)
        if block.skipped:
            skipped += len(commands)
            continue
        for command in commands:
            code, output = shell.run(command)
            good = code == block.exit
            passed, failed = passed + good, failed + (not good)
            print(f"{'ok' if good else 'FAILED'}: {page}:{block.line}: "
                  f"$ {command.splitlines()[0]}")
            if not good:
                print(f"  exit code {code}, expected {block.exit}\n{output}")
    shell.close()
    return passed, failed, skipped


def run_page(page, options):
    """The same of a whole page, in a world of its own."""
    text = (options.root / page).read_text(encoding="utf-8")
    blocks = read_blocks(page, text)
    if all(block.skipped for block in blocks):
        return 0, 0, sum(len(read_commands(b.lines)) for b in blocks)
    with tempfile.TemporaryDirectory(prefix="patform-pages-") as folder:
        tree = pathlib.Path(folder) / "patform"
        shutil.copytree(options.root, tree,
                        ignore=shutil.ignore_patterns(*NOT_COPIED))
        with Emulator(options.emulator.resolve(),
                      pathlib.Path(folder)) as service:
            environment = clean_environment()
            environment.update(service.environment())
            environment["PATH"] = (
                f"{options.patform.resolve().parent}:"
                f"{options.emulator.resolve().parent}:{environment['PATH']}")
            return run_blocks(page, blocks, (tree / page).parent, environment)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--patform", type=pathlib.Path, required=True)
    parser.add_argument("--emulator", type=pathlib.Path, required=True)
    parser.add_argument("root", type=pathlib.Path)
    parser.add_argument("page", nargs="*")
    options = parser.parse_args()
    names = options.page or list(pages(options.root))
    if not options.page and "README.md" not in names:
        print("README.md is missing")
        print("0 passed, 1 failed")
        return 1
    counts = [run_page(name, options) for name in names]
    passed, failed, skipped = (sum(column) for column in zip(*counts))
    print(f"figure pages={len(names)} commands={passed + failed}")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
