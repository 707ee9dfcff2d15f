"""What every case has: the pages, a browser, and other people's judges."""

import base64
import json
import pathlib
import re
import subprocess

from chromium import Chromium

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CASES = []
# What axe-core looks at: all its rules, its best practices as well.
AXE = """
const done = arguments[arguments.length - 1];
axe.run(document, {resultTypes: ['violations', 'incomplete']}).then(
  (found) => done(found.violations.map((rule) => rule.id + ': ' +
    rule.nodes.slice(0, 3).map((node) => node.target.join(' ') + ' ' +
      node.failureSummary).join('; '))),
  (error) => done([String(error)]));
"""
SCRIPT = re.compile(r"<script>.*?</script>\n?", re.S)


class Failed(Exception):
    """A case found something."""


def case(function):
    CASES.append(function)
    return function


def check(what, holds, detail=""):
    if not holds:
        raise Failed(f"{what}: {detail}" if detail else what)


def equal(what, found, expected):
    check(what, found == expected, f"{found!r}, not {expected!r}")


class Stage:
    def __init__(self, options, work):
        self.options, self.work = options, work
        self.pages = work / "pages"
        self.pages.mkdir()
        self.figures = {}
        subprocess.run([options.probe, self.pages], check=True)
        self.axe_source = (options.node / "node_modules/axe-core/axe.min.js"
                           ).read_text(encoding="utf-8")
        self.browser = Chromium(work / "browser")
        self.visited = set()
        self.as_it_is = None  # the scheme and the width

    def close(self):
        self.browser.close()

    def write(self, name, text):
        path = self.pages / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return name

    def without_scripts(self, name):
        """A copy as a browser has it that runs no script."""
        text = (self.pages / name).read_text(encoding="utf-8")
        check("there is a script", SCRIPT.search(text) is not None)
        return self.write(name.replace(".html", "-plain.html"),
                          SCRIPT.sub("", text))

    def hostile(self):
        """(name, kind) of a page for every text of the corpus of attacks, and
        for random hostile plans."""
        corpus = ROOT / "tests/attacks/corpus.json"
        folder = self.work / "attacks"
        folder.mkdir(exist_ok=True)
        lines = subprocess.run(
            [self.options.attacks, corpus, folder], check=True,
            capture_output=True).stdout.splitlines()
        for line in lines:
            output = json.loads(line)
            kind = {"html": "plan", "status-html": "status"}.get(
                output["renderer"])
            if kind is None:
                continue
            yield self.write(f"{output['attack']}-{kind}.html",
                             base64.b64decode(output["base64"])), kind
        lines = subprocess.run([self.options.hostile_plans, "0", "12"],
                               check=True, capture_output=True
                               ).stdout.splitlines()
        for line in lines:
            plan = json.loads(line)
            yield self.write(f"random-{plan['seed']}-plan.html",
                             base64.b64decode(plan["views"]["plan html"])
                             ), "plan"

    def open(self, name, scheme="light", width=1280):
        """A page as somebody has it who prefers `scheme`."""
        if self.as_it_is != (scheme, width):
            self.browser.size(width)
            self.browser.scheme(scheme)
            self.as_it_is = (scheme, width)
        # What was logged of the page before.
        self.browser.log("performance")
        self.browser.log("browser")
        self.browser.open(f"file://{self.pages / name}")
        self.visited.add(name)

    def untouched(self, name):
        """Nothing was loaded but the page, nothing ran, nothing was tried."""
        asked = [url for url, _ in self.browser.requests()
                 if url.partition("#")[0] != f"file://{self.pages / name}"]
        equal(f"{name} loads", asked, [])
        equal(f"{name} runs, and is refused",
              self.browser.run("return [window.__ran, window.__refused]"),
              [[], []])
        equal(f"{name} reports", [e["message"] for e in
                                  self.browser.log("browser")], [])

    def axe_finds(self):
        self.browser.run("if (!window.axe) { " + self.axe_source + " }")
        return self.browser.run_later(AXE)

    def axe(self, what):
        found = self.axe_finds()
        check(what, not found, "\n".join(found)[:3000])

    def validate(self, names):
        """What the validator complains about, of all the pages at once: all
        its rules but the one on long titles, which counts `&lt;` as four."""
        # Into a file: it ends before a pipe has taken all of it.
        said = self.work / "validator.json"
        with open(said, "w", encoding="utf-8") as out:
            done = subprocess.run(
                ["node", "node_modules/html-validate/bin/html-validate.mjs",
                 "--config", pathlib.Path(__file__).with_name("validate.json"),
                 "--formatter", "json", *[self.pages / n for n in names]],
                cwd=self.options.node, stdout=out, stderr=subprocess.PIPE,
                text=True, check=False)
        text = said.read_text(encoding="utf-8")
        check("the validator ran", text.startswith("["), done.stderr[:2000])
        complaints = []
        for file in json.loads(text):
            for message in file["messages"]:
                complaints.append(
                    f"{pathlib.Path(file['filePath']).name}:"
                    f"{message['line']}:{message['column']}: "
                    f"{message['ruleId']}: {message['message']}")
        equal("exit code", done.returncode, 1 if complaints else 0)
        return complaints
