"""Reads the formats of a plan as far as a reviewer reads them: what a plan says
of tokens that end, can do more or move. Written without a look at how patform
writes them, and with Python's own library alone, so that the suite `attacks`
needs nothing else.

Each reader takes the text of a format and returns a Reading."""

import dataclasses
import html.parser
import json
import re
import xml.etree.ElementTree

# What acts on a terminal, is not shown, or turns the order of text around.
ACTS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160"
                  "\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-"
                  "\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb"
                  "\U000e0000-\U000e0fff]")
# Where the logs of the two systems find commands.
COMMANDS = re.compile(r"^[ \t]*::|##[A-Za-z]*\[", re.M)
COLOR = re.compile("\x1b\\[[0-9;]*m")
ADDRESS = re.compile(r'token\.(?:"(?:[^"\\]|\\.)*"|[A-Za-z0-9_-]+)', re.S)
RULES = {"revocation": "ends", "widening": "widens", "move": "moves"}
TICKS = re.compile("`+")
SPELLED = re.compile(r"\\(?:x([0-9a-f]{2})|u\{([0-9a-f]+)\}|([ntr]))")
OUR_LINK = re.compile(r"\[CI run\]\(https://ci\.example/[0-9]+\)")


class Unreadable(Exception):
    """A text that its receiver does not read as it was meant."""


@dataclasses.dataclass
class Reading:
    # (kind or None, address, sentence), none of them in a fold. In formats for
    # people what is spelled (\x1b) is undone: see plain().
    said: list = dataclasses.field(default_factory=list)
    incomplete: bool = False  # it says at its top that it is no ground
    digest: str = ""          # to approve with; "" none
    revoked: int = -1         # how many it says are revoked; -1: not said
    # Formats for programs have text as it is.
    exact: bool = False


def need(holds, what):
    if not holds:
        raise Unreadable(what)


def plain(text):
    """Without the spelling of what would act: both of "\\x7c" and "|" are a
    bar. Bytes that are no UTF-8 are as in Python's surrogateescape."""
    def character(match):
        byte, code, letter = match.groups()
        if letter:
            return {"n": "\n", "t": "\t", "r": "\r"}[letter]
        value = int(byte or code, 16)
        return chr(0xdc00 + value if byte and value >= 0x80 else value)

    return SPELLED.sub(character, text)


def inert(text):
    found = ACTS.search(text)
    need(found is None, f"U+{ord(found.group()):04X} acts" if found else "")


def no_commands(text):
    found = COMMANDS.search(text)
    need(found is None, f"a log finds a command in {text!r:.200}")


def sentence(text):
    """An address and what is said of it."""
    text = plain(text)
    address = ADDRESS.match(text)
    need(address is not None and text[address.end():][:1] == " ",
         f"no address: {text!r:.200}")
    return address.group(), text[address.end() + 1:]


def note(reading, text):
    """Notes of the plan have a colon behind the address, and end, widen or
    move nothing; what does is a sentence."""
    address = ADDRESS.match(plain(text))
    if address is None or plain(text)[address.end():][:1] != ":":
        reading.said.append((None, *sentence(text)))


def revoked(text):
    found = re.findall(r"^Plan: [0-9a-z, ]* (\d+) to revoke[0-9a-z, ]*\.",
                       text, re.M)
    found += re.findall(r"^No changes\.", text, re.M)
    need(len(found) == 1, f"{len(found)} summaries")
    return int(found[0]) if found[0].isdigit() else 0


def as_text(text):
    """`patform plan`, in a terminal without colors."""
    inert(text)
    no_commands(text)
    reading = Reading(revoked=revoked(text))
    address = None
    for line in text.split("\n"):
        if line.startswith("  # "):
            address = sentence(line[4:])[0]
        elif line.startswith("      ! "):
            reading.said.append((None, address, plain(line[8:])))
        elif line.startswith("Digest: "):
            need(not reading.digest, "two digests")
            reading.digest = line[8:]
    return reading


def as_colored_text(text):
    return as_text(COLOR.sub("", text))


def github(text):
    """The log of a step of GitHub Actions."""
    inert(text)
    reading = Reading(revoked=revoked(text))
    for line in text.split("\n"):
        command = re.fullmatch(r"::(error|warning|notice) ([^\n]*?)::(.*)",
                               line)
        if command is None:
            no_commands(line)
            continue
        pairs = dict(p.split("=", 1) for p in command.group(2).split(","))
        need(set(pairs) <= {"file", "line", "col", "endColumn", "title"},
             f"properties {sorted(pairs)}")
        rule = pairs["title"].removeprefix("patform ")
        message = command.group(3)
        no_commands(message.lstrip(" \t:"))
        if rule in RULES:
            for written, meant in (("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
                message = message.replace(written, meant)
            reading.said.append((RULES[rule], *sentence(message)))
    return reading


def azure(text):
    """The log of a step of Azure Pipelines."""
    inert(text)
    reading = Reading(revoked=revoked(text))
    for line in text.split("\n"):
        command = re.match(r"##vso\[task\.logissue ([^\]]*)\](.*)\Z", line)
        if command is None:
            no_commands(line)
            if line.startswith("Note: "):
                note(reading, line[6:])
            continue
        pairs = dict(p.split("=", 1) for p in command.group(1).split(";") if p)
        need(set(pairs) <= {"type", "sourcepath", "linenumber", "columnnumber",
                            "code"}, f"properties {sorted(pairs)}")
        message = command.group(2)
        no_commands(message.lstrip(" \t:"))
        if pairs["code"] in RULES:
            for written, meant in (("%0D", "\r"), ("%0A", "\n"),
                                   ("%AZP25", "%")):
                message = message.replace(written, meant)
            reading.said.append((RULES[pairs["code"]], *sentence(message)))
    return reading


def junit(text):
    """The test tab of a CI system."""
    inert(text)
    no_commands(text)
    try:
        root = xml.etree.ElementTree.fromstring(text.encode())
    except xml.etree.ElementTree.ParseError as error:
        raise Unreadable(f"no XML: {error}") from error
    outs = [(case.get("name"), out.text or "")
            for case in root.iter("testcase")
            for out in case.findall("system-out")]
    whole = [out for name, out in outs if name == "the plan as a whole"]
    need(len(whole) == 1, f"{len(whole)} cases of the whole plan")
    reading = Reading(revoked=revoked(whole[0]))
    for name, out in outs:
        for line in out.split("\n"):
            rule, _, rest = line.partition(": ")
            if rule in RULES:
                address, what = sentence(rest)
                need(address == plain(name), f"{address!r} in {name!r}")
                reading.said.append((RULES[rule], address, what))
    return reading


def sarif(text):
    """A code scanning tab."""
    inert(text)
    no_commands(text)
    reading = Reading()
    (run,) = json.loads(text)["runs"]
    for result in run["results"]:
        if result["ruleId"] not in RULES:
            continue
        message = result["message"]["text"]
        need(not re.search(r"\[[^\[\]]*\]\(", message), f"a link: {message!r}")
        need(not result.get("suppressions"), "a suppressed result")
        reading.said.append((RULES[result["ruleId"]], *sentence(message)))
    reading.digest = run["properties"]["digest"]
    return reading


def plan_json(text):
    """What a program reads of a plan: its list of what needs attention, and
    the changes themselves."""
    inert(text)
    no_commands(text)
    document = json.loads(text)
    reading = Reading(exact=True, revoked=document["summary"]["revoke"],
                      digest=document["digest"])
    for each in document["attention"]:
        reading.said.append((each["kind"], each["address"], each["what"]))
    ends = [e for c in document["resource_changes"] for e in c["ends"]
            if e["revocation"]]
    need(len(ends) == reading.revoked,
         f"{len(ends)} end, {reading.revoked} by the summary")
    return reading


def events(text):
    """The stream of `apply --json`."""
    inert(text)
    no_commands(text)
    reading = Reading(exact=True)
    for line in text.splitlines():
        event = json.loads(line)
        for each in event.get("attention", ()):
            reading.said.append((each["kind"], event["address"], each["what"]))
        if event["type"] == "change_summary":
            reading.revoked, reading.digest = event["revoke"], event["digest"]
    return reading


def pieces(text):
    """Inline Markdown as CommonMark reads it, as far as it matters here: its
    prose and its code spans in turn, prose first. Nothing outside of code may
    be active."""
    found, outside, at = [], "", 0
    while True:
        opening = TICKS.search(text, at)
        if opening is None:
            found.append(text[at:])
            outside += text[at:]
            break
        found.append(text[at:opening.start()])
        outside += text[at:opening.start()]
        fence = opening.group()
        for closing in TICKS.finditer(text, opening.end()):
            if closing.group() == fence:
                break
        else:
            raise Unreadable(f"code is not closed: {text!r:.200}")
        inside = text[opening.end():closing.start()]
        if inside[:1] == inside[-1:] == " " and inside.strip(" "):
            inside = inside[1:-1]
        found.append(inside)
        at = closing.end()
    outside = OUR_LINK.sub("", outside)
    need(not re.search(r"[<\[\]&@#\\_~]|://|www\.", outside),
         f"active words: {outside!r:.200}")
    return found


def code_spans(text):
    return pieces(text)[1::2]


def cells(line):
    """A row of a table. Bars end cells in code as well; a backslash before
    them keeps them from it."""
    need(line.startswith("| ") and line.endswith(" |"), f"a row: {line!r:.200}")
    return re.split(r"(?<!\\)\|", line[1:-1])


INCOMPLETE = "## ⛔ INCOMPLETE: do not approve from this comment"
SECTIONS = {"### What widens": "widens", "### What moves": "moves"}


def comment(text):
    """A comment on a pull request, folds closed."""
    inert(text)
    no_commands(text)
    lines = text.split("\n")
    need(lines[0] == "<!-- patform:v1 workspace=w -->", "the first marker")
    marker = re.fullmatch(r"<!-- patform:digest ([\w:]+) -->", lines[1])
    need(marker is not None, "the second marker")
    reading = Reading()
    reading.incomplete = lines[2] == INCOMPLETE
    need(reading.incomplete == (marker.group(1) == "incomplete"),
         "the marker and the top say two things")
    if not reading.incomplete:
        reading.digest = marker.group(1)
    folds, fence, section, columns = 0, None, None, 0
    for line in lines[2 + reading.incomplete:]:
        if fence is not None:
            if re.fullmatch("`{%d,}" % len(fence), line):
                fence = None
            continue
        if folds and re.match("`{3,}[a-z]*$", line):
            fence = re.match("`+", line).group()
        elif line == "<details><summary>Details</summary>":
            folds += 1
        elif line == "</details>":
            need(folds > 0, "a fold ends that did not begin")
            folds -= 1
        elif folds:
            need(line == "", f"in a fold, outside of its code: {line!r:.200}")
        elif line.startswith("## patform plan ("):
            code_spans(line[3:])
            counted = re.search(r"(\d+) to revoke|\): no changes$", line)
            need(counted is not None, f"no summary: {line!r:.200}")
            reading.revoked = int(counted.group(1) or 0)
        elif line.startswith("### "):
            section, columns = line, 0
        elif line.startswith("> - ") or (line.startswith("- ") and
                                         section in SECTIONS):
            kind = "ends" if line.startswith("> ") else SECTIONS[section]
            first, address, *rest = pieces(line[line.index("- ") + 2:])
            what = "".join(rest)
            need(first == "" and what[:1] == " ", f"no address: {line!r:.200}")
            reading.said.append((kind, plain(address), plain(what[1:])))
        elif line.startswith("- "):
            code_spans(line[2:])
        elif line.startswith("|"):
            section = None
            row = cells(line)
            columns = columns or len(row)
            need(len(row) == columns, f"{len(row)} cells: {line!r:.200}")
            for cell in row:
                code_spans(cell.strip())
        else:
            code_spans(line.removeprefix("> "))
    need(fence is None and folds == 0, "a fold or code is not closed")
    return reading


class PlanPage(html.parser.HTMLParser):
    """What somebody sees who opens the page of a plan without any script. Our
    own style hides what is `hidden`, and what only screen readers read out."""

    FOLDS = {"details", "dialog", "template", "noscript", "script", "style",
             "textarea", "iframe", "object"}
    VOID = {"meta", "input", "rect", "line", "path", "circle"}

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open = []      # (element, its class, is it hidden)
        self.items = []     # (kind, text of the link, text behind it)
        self.tiles, self.digest, self.words = [], "", ""
        self.policy = False

    def hidden(self):
        return any(hides for _, _, hides in self.open)

    def within(self, element, name=None):
        return any(e == element and (name is None or name in c.split())
                   for e, c, _ in self.open)

    def handle_starttag(self, tag, attrs):
        values = {name: value or "" for name, value in attrs}
        need(not any(name.startswith("on") or name in ("style", "src")
                     for name in values), f"<{tag}> acts: {attrs}")
        self.policy |= values.get("http-equiv") == "Content-Security-Policy"
        look = values.get("class", "")
        if tag == "li" and self.within("ul", "attention") and \
                not self.hidden():
            self.items.append([look, "", ""])
        if tag not in self.VOID:
            self.open.append((tag, look, tag in self.FOLDS or
                              "hidden" in values or look == "unseen"))

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        need(self.open and self.open[-1][0] == tag, f"</{tag}> ends nothing")
        self.open.pop()

    def handle_comment(self, data):
        raise Unreadable("a comment")

    def handle_data(self, data):
        if self.within("div") and self.within("dl", "tiles"):
            self.tiles.append(data)
        if self.hidden():
            return
        if self.items and self.within("ul", "attention"):
            self.items[-1][1 if self.within("a") else 2] += data
        found = re.match("patform apply --approve (.*)", data)
        if found and self.within("footer") and self.within("code"):
            need(not self.digest, "two digests")
            self.digest = found.group(1)


def page(text):
    """The page of a plan, in a browser without scripts."""
    inert(text)
    no_commands(text)
    reader = PlanPage()
    reader.feed(text)
    reader.close()
    need(not reader.open, f"not closed: {reader.open!r:.200}")
    need(reader.policy, "no policy")
    tiles = [tile for tile in reader.tiles if tile.strip()]
    counts = dict(zip(tiles[::2], tiles[1::2]))
    reading = Reading(revoked=int(counts["to revoke"]), digest=reader.digest)
    for kind, address, what in reader.items:
        need(what[:1] == " ", f"no address: {what!r:.200}")
        reading.said.append((kind, plain(address), plain(what[1:])))
    return reading


def status(text):
    """The line beside the commit."""
    inert(text)
    no_commands(text)
    need("\n" not in text, "several lines")
    return Reading(revoked=revoked(text))


def saved_plan(text):
    """The file of a plan, read by somebody who has no patform: the same
    sentences, made of its changes, its configuration and its world."""
    document = json.loads(text)
    plan = document["plan"]
    reading = Reading(exact=True, digest=document["digest"])
    names = {token["authorization_id"]: token["display_name"]
             for organization in document["world"]["organizations"]
             for token in organization["tokens"]}
    sinks = {sink["name"]: sink["written"]["path"]
             for sink in document["configuration"]["sinks"]}
    owners = {token["name"]: token["owner"]
              for token in document["configuration"]["tokens"]}
    for change in plan["changes"]:
        address, before = change["address"], change["before"]
        human = change["name"]
        for end in (change["collect_first"] + change["collect"] +
                    change["revoke"]):
            mark = names[end["authorization_id"]].rpartition(" ~pf:")
            name = mark[0] if end["generation"] > 0 else mark[2]
            if end["generation"] > 0 and end["reason"] == "superseded":
                continue  # its successor is in service
            owner = owners.get(human, "") if end["generation"] > 0 else ""
            reading.said.append(("ends", address, ends(
                name, end["authorization_id"], owner)))
        after = set((change["after"] or {"scopes": []})["scopes"])
        if before is None:
            reading.said.append(("widens", address, "is new, with " +
                                 " ".join(sorted(after)) + ", until"))
        elif change["action"] == "update":
            for scope in after - set(before["scopes"]):
                reading.said.append(("widens", address,
                                     "gets the scope " + scope))
        for place in change["deliver"]:
            reading.said.append(("moves", address, where(
                f"{place['sink']}:{place['at']}", sinks[place["sink"]])))
    return reading


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def ends(name, token, owner):
    """What a sentence on an end has to hold, in these words and in one piece
    but for what is between the pieces."""
    owned = f", owner {quoted(owner)})" if owner else ""
    return f"ends {quoted(name)} ({token}\0{owned}"


def where(place, path):
    return f"{place} = file, path = {quoted(path)}"


READERS = {
    "text": as_text, "text in colors": as_colored_text, "json": plan_json,
    "markdown": comment, "sarif": sarif, "junit": junit, "github": github,
    "azure": azure, "html": page,
}
OTHERS = {
    "comment of azure": comment, "comment of github": comment,
    "status of a pull request": status, "apply --json": events,
    "saved plan": saved_plan,
}


def read(view, data):
    """The Reading of the bytes of a view: "plan text", "saved plan" …"""
    reader = OTHERS.get(view) or READERS[view.split(" ", 1)[1]]
    return reader(data.decode())
