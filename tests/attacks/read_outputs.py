#!/usr/bin/env python3
"""The corpus of attacks through every renderer and through the real program,
read back by independent parsers.

  read_outputs.py --root DIR --probe FILE --patform FILE
      --sarif-schema FILE --junit-schema FILE

Closes with `N passed, N failed`; one check is one text in one output."""

import argparse
import base64
import collections
import json
import os
import subprocess
import sys
import tempfile

import xmlschema

import readers

FORMATS = ["text", "json", "markdown", "html", "sarif", "junit", "github",
           "azure"]
COLORED = {"text-color", "status-color", "result-color", "audit-color"}


class Judge:
    """Which readers an output has, and what they say."""

    def __init__(self, root, sarif_schema, junit_schema):
        def load(path):
            with open(path, encoding="utf-8") as file:
                return json.load(file)

        self.sarif_schema = load(sarif_schema)
        self.junit_schema = xmlschema.XMLSchema10(junit_schema)
        self.schemas = {
            name: load(os.path.join(root, "schemas", f"{name}.schema.json"))
            for name in ("plan", "events", "status", "audit")}

    def read(self, renderer, data):
        """Complaints and skeleton."""
        try:
            text = data.decode()
        except UnicodeDecodeError as error:
            return [f"no UTF-8: {error}"], None
        if renderer == "calendar":
            # Its line ends are two characters.
            text = text.replace("\r\n", "\n")
        complaints = readers.terminal(
            text, color=renderer in COLORED or renderer == "progress-terminal",
            redraw=renderer == "progress-terminal")
        own = renderer if renderer in ("github", "azure") else None
        plain = readers.COLOR.sub("", readers.REDRAW.sub("", text))
        commands, skeleton = readers.log_commands(plain, own)
        complaints += commands
        more = []
        if renderer == "json":
            more, skeleton = readers.json_document(text, self.schemas["plan"])
        elif renderer == "status-json":
            more, skeleton = readers.json_document(text,
                                                   self.schemas["status"])
        elif renderer == "audit-json":
            more, skeleton = readers.json_document(text, self.schemas["audit"])
        elif renderer in ("import", "import-comment"):
            more, skeleton = readers.toml(text)
        elif renderer == "events":
            more, skeleton = readers.json_lines(text, self.schemas["events"])
        elif renderer in ("sarif", "audit-sarif"):
            more, skeleton = readers.sarif(text, self.sarif_schema)
        elif renderer == "calendar":
            more, skeleton = readers.calendar(data)
        elif renderer == "metrics":
            more, skeleton = readers.metrics(text)
        elif renderer == "junit":
            more, skeleton = readers.junit(text, self.junit_schema)
        elif renderer in ("html", "status-html"):
            more, skeleton = readers.page(text)
        elif renderer in ("markdown", "markdown-small"):
            limit = 65536 if renderer == "markdown" else 8192
            more, skeleton = readers.markdown(text, readers.github_html, limit)
            also, _ = readers.markdown(text, readers.commonmark_html, limit)
            more += also
            if "Not shown here:" in text:
                skeleton = None  # how much fits hangs on the words
            else:
                skeleton = without_words(without_items(skeleton))
        return complaints + more, skeleton


def without_items(skeleton):
    """Scopes are listed one by one, and a word with a space is two scopes."""
    kept, item = [], [", -", "code", "/code"]
    for part in skeleton:
        kept.append(part)
        if kept[-3:] == item:
            del kept[-3:]
    return kept


def without_words(skeleton):
    """A harmless word is prose and any other is code, in the same place."""
    blocks = readers.Page.ALLOWED - {"code", "a"}
    kept = []
    for part in skeleton:
        if part.removeprefix("/") in blocks:
            kept.append(part)
        elif kept[-1:] != ["words"]:
            kept.append("words")
    return kept


class Tally:
    def __init__(self):
        self.passed, self.failed = 0, 0

    def add(self, what, complaints):
        if not complaints:
            self.passed += 1
            return
        self.failed += 1
        for complaint in complaints[:5]:
            print(f"FAILED {what}: {complaint}")


def check_renderers(judge, tally, outputs):
    reference = {}
    for output in outputs:
        what = f"{output['attack']} in {output['renderer']}"
        data = base64.b64decode(output["base64"])
        complaints, skeleton = judge.read(output["renderer"], data)
        # The first text of the corpus is a plain word.
        expected = reference.setdefault(output["renderer"], skeleton)
        # A service trims a name of spaces to nothing: it is nobody's token, and
        # what is planned for it is another thing.
        if output["attack"] == "blank":
            skeleton = None
        if None not in (skeleton, expected) and skeleton != expected:
            at = next((i for i, (a, b) in enumerate(zip(skeleton, expected))
                       if a != b), min(len(skeleton), len(expected)))
            complaints.append(
                "the text changed the structure: "
                f"{skeleton[at:at + 3]!r}, not {expected[at:at + 3]!r}"
                if isinstance(skeleton, list) else
                "the text changed the structure")
        tally.add(what, complaints)


def check_data_is_kept(tally, corpus, outputs):
    """JSON is for programs: what they read is the text itself."""
    for output in outputs:
        if output["renderer"] != "json":
            continue
        document = json.loads(base64.b64decode(output["base64"]))
        complaints = []
        if document["workspace"] != corpus[output["attack"]]:
            complaints.append(f"{document['workspace']!r}")
        tally.add(f"{output['attack']} kept in json", complaints)


def check_goldens(judge, tally, root):
    """The golden files of the formats, as their receivers read them."""
    golden = os.path.join(root, "tests", "golden")
    for name, renderer in (
            ("formats.txt", "text"), ("formats.json", "json"),
            ("formats.md", "markdown"), ("formats-cut.md", "markdown-small"),
            ("formats.html", "html"), ("nothing.html", "html"),
            ("status.html", "status-html"),
            ("formats.sarif", "sarif"), ("formats.junit.xml", "junit"),
            ("formats-github.txt", "github"), ("formats-azure.txt", "azure"),
            ("everything.json", "json"), ("nothing.json", "json"),
            ("nothing.md", "markdown"), ("nothing.sarif", "sarif"),
            ("nothing.junit.xml", "junit")):
        with open(os.path.join(golden, name), "rb") as file:
            tally.add(name, judge.read(renderer, file.read())[0])


def check_rule(tally, root):
    """A rule written for Terraform's resource_changes, by jq."""
    def broken(name):
        return subprocess.run(
            ["jq", "-r", "-f",
             os.path.join(root, "tests/attacks/no_deletion.jq"),
             os.path.join(root, "tests/golden", name)],
            check=True, capture_output=True, text=True).stdout.split()

    for name, expected in (("formats.json", ["token.gone"]),
                           ("nothing.json", [])):
        found = broken(name)
        tally.add(f"a rule over {name}",
                  [] if found == expected else [f"it finds {found}"])


def toml_string(text):
    out = '"'
    for character in text:
        code = ord(character)
        if character in '"\\':
            out += "\\" + character
        elif code < 0x20 or code >= 0x7f:
            out += f"\\U{code:08X}"
        else:
            out += character
    return out + '"'


def configuration(word):
    quoted = toml_string(word)
    return f"""format = 1
workspace = "w"
organization = "contoso"

[sink.{quoted}]
type = "file"
path = {quoted}

[policy]
max_lifetime = "1d"
forbidden_scopes = ["*"]
required_fields = [{quoted}]
prevent_revoke = [{quoted}]

[token.{quoted}]
scopes = ["vso.code"]
owner = {quoted}
purpose = {quoted}
labels = {{ {quoted} = {quoted} }}
renamed_from = {quoted}
deliver = [{{ to = {quoted}, at = {quoted} }}]

[token.second]
scopes = [{quoted}]
lifetime = {quoted}
{quoted} = {quoted}
"""


class Program:
    """The real program, in a folder of its own."""

    def __init__(self, patform, directory):
        self.patform, self.directory = patform, directory

    def run(self, *arguments):
        environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
        done = subprocess.run(
            [self.patform, *arguments], cwd=self.directory, env=environment,
            stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
            check=False)
        return done.returncode, done.stdout, done.stderr

    def write(self, name, data):
        with open(os.path.join(os.fsencode(self.directory), name),
                  "wb") as file:
            file.write(data)


def check_program(judge, tally, program, name, word, number):
    runs = collections.Counter()

    def check(what, arguments, renderer="text", codes=None):
        code, out, err = program.run(*arguments)
        complaints = []
        if codes is not None and code not in codes:
            complaints.append(f"exit code {code}")
        if code < 0:
            complaints.append(f"died of signal {-code}")
        if out:
            complaints += judge.read(renderer, out)[0]
        complaints += judge.read("text", err)[0]
        tally.add(f"{name} in `{what}`", complaints)
        runs[what] += 1
        return out

    for form in FORMATS:
        check(f"show --format {form}",
              # Exit 6: a word that no configuration can hold, in the place of
              # a scope or of a name; the file is refused before it is shown.
              ["show", f"{number}.plan.json", "--format", form], form, {0, 6})
    program.write(b"patform.toml", configuration(word).encode())
    check("validate", ["validate"])
    raw = f"format = 1\nworkspace = {word}\n[token.x]\nscopes = [\"{word}\"]\n"
    program.write(b"patform.toml", raw.encode())
    check("validate, raw", ["validate"])
    file_name = word.replace("\0", "").replace("/", "_").encode()[:200]
    file_name += b".toml"
    program.write(file_name, b"[token.x]\nscopes = 3\n")
    program.write(b"patform.toml", b'format = 1\nworkspace = "w"\n'
                  b'organization = "contoso"\ninclude = ["*.toml"]\n')
    check("validate, a file of that name", ["validate"])
    os.remove(os.path.join(os.fsencode(program.directory), file_name))
    program.write(b"patform.toml", b'format = 1\nworkspace = "w"\n'
                  b'organization = "contoso"\n[token.a]\n'
                  b'scopes = ["vso.code"]\n')
    argument = word.replace("\0", "")
    snapshot = ["--snapshot", f"{number}.snapshot.json"]
    check("plan --snapshot", ["plan", *snapshot])
    check("plan --target", ["plan", *snapshot, f"--target={argument}"])
    check("plan --rotate", ["plan", *snapshot, f"--rotate={argument}"])
    check("plan -c", ["plan", f"--config={argument}"])
    check("verify", ["verify", "--", argument])
    check("a command of that name", ["--", argument])


def main():
    parser = argparse.ArgumentParser()
    for flag in ("root", "probe", "patform", "sarif-schema", "junit-schema"):
        parser.add_argument(f"--{flag}", required=True)
    arguments = parser.parse_args()
    corpus_path = os.path.join(arguments.root, "tests/attacks/corpus.json")
    with open(corpus_path, encoding="utf-8") as file:
        corpus = json.load(file)
    judge = Judge(arguments.root, arguments.sarif_schema,
                  arguments.junit_schema)
    tally = Tally()
    check_goldens(judge, tally, arguments.root)
    check_rule(tally, arguments.root)
    with tempfile.TemporaryDirectory() as work:
        lines = subprocess.run(
            [arguments.probe, corpus_path, work], check=True,
            capture_output=True).stdout.splitlines()
        outputs = [json.loads(line) for line in lines]
        check_renderers(judge, tally, outputs)
        check_data_is_kept(tally, corpus, outputs)
        program = Program(arguments.patform, work)
        for number, (name, word) in enumerate(corpus.items()):
            check_program(judge, tally, program, name, word, number)
    print(f"figure attacks={len(corpus)} "
          f"renderers={len({o['renderer'] for o in outputs})}")
    print(f"{tally.passed} passed, {tally.failed} failed")
    return 1 if tally.failed or not tally.passed else 0


if __name__ == "__main__":
    sys.exit(main())
