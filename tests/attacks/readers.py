"""Reads what patform prints as its receivers do: terminals, the logs of CI
systems, JSON, SARIF, JUnit and Markdown readers. Each reader takes text and
returns a list of complaints and a skeleton: what is left when the words from
outside are taken away, which no word may change."""

import html.parser
import json
import re
import tomllib
import unicodedata
import xml.etree.ElementTree

import cmarkgfm
import icalendar
import jsonschema
import markdown_it
import prometheus_client.parser
from cmarkgfm.cmark import Options

OUR_LINK = "https://ci.example/"
# Shown and of some use, though Unicode calls them format characters.
VISIBLE_FORMAT = set("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f")
# Shown as nothing, though Unicode does not call them so.
INVISIBLE = set("\u115f\u1160\u3164\ufe0e\ufe0f\U000e0100")
COLOR = re.compile(r"\x1b\[[0-9;]*m")
# A line is drawn again, or the lines above it are.
REDRAW = re.compile(r"\r\x1b\[K|\x1b\[[0-9]+A\x1b\[J")


def terminal(text, color=False, redraw=False):
    """Would a terminal do anything but print it?"""
    if redraw:
        text = REDRAW.sub("", text)
    if color:
        text = COLOR.sub("", text)
    complaints = []
    for character in text:
        category = unicodedata.category(character)
        acts = category in ("Cc", "Cf", "Cs", "Zl", "Zp", "Cn")
        if character in VISIBLE_FORMAT or character == "\n":
            acts = False
        if acts or character in INVISIBLE:
            complaints.append(f"a terminal acts on U+{ord(character):04X}")
    return complaints


def calendar(data):
    """As icalendar reads it; the lines themselves as RFC 5545 has them."""
    complaints = []
    lines = data.split(b"\r\n")
    if lines.pop() != b"" or b"\n" in b"".join(lines):
        complaints.append("a line does not end in CRLF")
    complaints += [f"a line of {len(line)} octets" for line in lines
                   if len(line) > 75]
    for line in lines:
        try:
            line.decode()
        except UnicodeDecodeError:
            complaints.append(f"a character is cut: {line!r}")
    try:
        read = icalendar.Calendar.from_ical(data)
    except ValueError as error:
        return complaints + [str(error)], None
    skeleton = []
    for part in read.walk():
        complaints += [str(each) for each in part.errors]
        skeleton.append((part.name, sorted(part.keys())))
    events = read.walk("VEVENT")
    uids = {str(event["UID"]) for event in events}
    if len(uids) != len(events) or not events:
        complaints.append(f"{len(events)} events, {len(uids)} UIDs")
    # Nothing is shown as more than one line. icalendar itself takes an escaped
    # backslash with an n behind it for a line end.
    for line in re.sub(rb"\r\n ", b"", data).split(b"\r\n"):
        if re.search(rb"(?<!\\)(?:\\\\)*\\[nN]", line):
            complaints.append(f"a text of two lines: {line!r}")
    for event in events:
        if event["DTSTAMP"].dt.timestamp() != 1_800_000_000:
            complaints.append("not of the time that was passed in")
    return complaints, skeleton


def metrics(text):
    """As Prometheus' own client reads it."""
    complaints, skeleton = [], []
    try:
        families = list(
            prometheus_client.parser.text_string_to_metric_families(text))
    except ValueError as error:
        return [str(error)], None
    for family in families:
        if not family.name.startswith("patform_") or family.type != "gauge":
            complaints.append(f"not a gauge of ours: {family}")
        seen = set()
        for sample in family.samples:
            if sample.name != family.name:
                complaints.append(f"{sample.name} in {family.name}")
            labels = tuple(sorted(sample.labels.items()))
            if labels in seen:
                complaints.append(f"a series twice: {labels}")
            seen.add(labels)
            skeleton.append((sample.name, sorted(sample.labels)))
    return complaints, skeleton


# As the agents of the two systems find commands: GitHub's at the start of a
# line, in its old form anywhere; Azure's anywhere. Case does not matter.
GITHUB = re.compile(r"^\s*::([^\s:]+)(?:\s+([^\n]*?))?::(.*)$")
GITHUB_PROPERTIES = {"file", "line", "col", "endColumn", "title"}
AZURE = re.compile(r"##vso\[([^\s\]]+)\s*([^\]]*)\](.*)$", re.I)
AZURE_PROPERTIES = {"type", "sourcepath", "linenumber", "columnnumber", "code"}
OTHERS = re.compile(r"##[A-Za-z]*\[")


def log_lines(text):
    return re.split(r"\r\n|\r|\n", text)


def log_commands(text, own=None):
    """The commands in a log: complaints about all that are not of the form
    `own` ("github", "azure" or none), and the skeletons of those that are."""
    complaints, skeleton = [], []
    for line in log_lines(text):
        rest = line
        github = GITHUB.match(line)
        if github and own == "github":
            name, properties, _ = github.groups()
            pairs = dict(p.split("=", 1) for p in (properties or "").split(","))
            if (name not in ("error", "warning", "notice") or
                    not set(pairs) <= GITHUB_PROPERTIES):
                complaints.append(f"a command that is not ours: {line!r}")
            pairs = {k: v for k, v in pairs.items() if k not in
                     ("file", "title")}
            skeleton.append((name, sorted(pairs.items())))
        elif line.strip().startswith("::"):
            complaints.append(f"GitHub finds a command: {line!r}")
        azure = AZURE.search(line)
        if azure and own == "azure" and azure.start() == 0:
            name, properties, rest = azure.groups()
            pairs = dict(p.split("=", 1) for p in properties.split(";") if p)
            if (name != "task.logissue" or
                    not set(pairs) <= AZURE_PROPERTIES or
                    pairs["type"] not in ("error", "warning")):
                complaints.append(f"a command that is not ours: {line!r}")
            pairs = {k: v for k, v in pairs.items() if k not in
                     ("sourcepath", "code")}
            skeleton.append((name, sorted(pairs.items())))
        if OTHERS.search(rest):
            complaints.append(f"a log finds a command: {line!r}")
    return complaints, skeleton


def shape(value):
    """A JSON value without its scalars, without the order of its arrays, and
    without the number of strings in them: a text can be several scopes. Labels
    have names of their own."""
    if isinstance(value, dict):
        return {key: sorted({"str" for _ in value[key]}) if key == "labels"
                else shape(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        if all(isinstance(each, str) for each in value):
            return sorted({"str" for _ in value})
        return sorted((shape(each) for each in value), key=repr)
    return type(value).__name__


def json_document(text, schema=None):
    try:
        document = json.loads(text)
    except ValueError as error:
        return [f"no JSON: {error}"], None
    complaints = []
    if schema is not None:
        validator = jsonschema.validators.validator_for(schema)(schema)
        complaints = [f"schema: {error.json_path}: {error.message[:200]}"
                      for error in validator.iter_errors(document)]
    return complaints, shape(document)


def json_lines(text, schema=None):
    complaints, skeleton = [], []
    for line in text.splitlines():
        more, form = json_document(line, schema)
        complaints += more
        skeleton.append(form)
    return complaints, skeleton


def sarif(text, schema):
    complaints, skeleton = json_document(text, schema)
    if skeleton is None:
        return complaints, skeleton
    for result in json.loads(text)["runs"][0]["results"]:
        message = result["message"]["text"]
        if re.search(r"(?<!\\)\[[^\[\]]*\]\(", message):
            complaints.append(f"a link in {message!r}")
        for location in result.get("locations", []):
            place = location.get("physicalLocation")
            uri = place["artifactLocation"]["uri"] if place else ""
            if not re.fullmatch(r"(file://)?[A-Za-z0-9._~/%-]*", uri):
                complaints.append(f"no plain path as a URI: {uri!r}")
    return complaints, skeleton


def junit(text, schema):
    try:
        root = xml.etree.ElementTree.fromstring(text.encode())
    except xml.etree.ElementTree.ParseError as error:
        return [f"no XML: {error}"], None
    complaints = [f"XSD: {error.reason}"
                  for error in schema.iter_errors(text)]
    skeleton = [(element.tag, sorted(element.attrib))
                for element in root.iter()]
    counted = {"tests": 0, "failures": 0, "skipped": 0}
    for suite in root:
        for name, path in (("tests", "testcase"),
                           ("failures", "testcase/failure"),
                           ("skipped", "testcase/skipped")):
            if int(suite.get(name)) != len(suite.findall(path)):
                complaints.append(f"{name} is miscounted in a suite")
            counted[name] += len(suite.findall(path))
    if int(root.get("tests")) != counted["tests"]:
        complaints.append("tests are miscounted")
    return complaints, skeleton


def toml(text):
    """A configuration that `import` writes. Only the tables' keys are other
    people's words."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return [f"no TOML: {error}"], None
    tables = document.pop("token", {})
    return ([f"further tables: {document}"] if document else [],
            [sorted(table) for table in tables.values()])


class Page(html.parser.HTMLParser):
    """What a browser would see of a comment."""

    ALLOWED = {"h2", "h3", "p", "strong", "ul", "li", "blockquote", "table",
               "thead", "tbody", "tr", "th", "td", "code", "pre", "details",
               "summary", "a"}

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.complaints, self.skeleton, self.comments = [], [], []
        self.in_code = 0

    def handle_starttag(self, tag, attrs):
        if tag not in self.ALLOWED:
            self.complaints.append(f"an active node: <{tag}>")
        if tag == "a" and not dict(attrs).get("href", "").startswith(OUR_LINK):
            self.complaints.append(f"a link: {attrs}")
        if tag not in ("a", "pre", "code") and attrs:
            self.complaints.append(f"<{tag}> has attributes: {attrs}")
        self.in_code += tag in ("code", "pre")
        self.skeleton.append(tag)

    def handle_endtag(self, tag):
        self.in_code -= tag in ("code", "pre")
        self.skeleton.append("/" + tag)

    def handle_comment(self, data):
        self.comments.append(data)
        if self.in_code:
            self.complaints.append("a comment in code")

    def handle_decl(self, decl):
        self.complaints.append(f"a declaration: {decl!r}")

    def unknown_decl(self, data):
        self.complaints.append(f"a declaration: {data!r}")

    def handle_pi(self, data):
        self.complaints.append(f"an instruction: {data!r}")

    def handle_data(self, data):
        if self.in_code:
            return
        words = " ".join(data.split())
        # What GitHub and Azure DevOps make links of, in plain text.
        if re.search(r"@\w|#\d|\bGH-|\bAB#|://|www\.|evil", words):
            self.complaints.append(f"active words: {words!r}")
        # Lists are in the order of names: ids and dates may stand elsewhere.
        words = re.sub(r"\b[0-9a-f-]*[0-9][0-9a-f-]*\b", "N", words)
        if words:
            self.skeleton.append(words)


def github_html(text):
    return cmarkgfm.github_flavored_markdown_to_html(
        text, options=Options.CMARK_OPT_UNSAFE)


def commonmark_html(text):
    parser = markdown_it.MarkdownIt("commonmark", {"html": True})
    return parser.enable("table").render(text)


def markdown(text, to_html, limit=65536):
    page = Page()
    page.feed(to_html(text))
    page.close()
    complaints = page.complaints
    if len(text.encode()) > limit:
        complaints.append(f"longer than {limit} bytes")
    if not re.match(r"<!-- patform:v1 workspace=[\w.:%-]* -->\n"
                    r"<!-- patform:digest [\w.:%-]* -->\n", text):
        complaints.append("the markers do not stand first")
    if len(page.comments) != 2:
        complaints.append(f"{len(page.comments)} comments, not 2")
    if page.in_code:
        complaints.append("code is not closed")
    return complaints, page.skeleton


class OwnPage(html.parser.HTMLParser):
    """A page of ours: nothing in it runs or loads anything but what is ours,
    and no text from outside makes an element or an attribute."""

    # Each with the attributes that it may have.
    ALLOWED = {
        "html": {"lang"}, "head": set(), "title": set(), "style": set(),
        "meta": {"charset", "http-equiv", "content", "name"},
        "body": set(), "main": set(), "header": set(), "footer": set(),
        "script": set(), "h1": set(), "h2": {"id", "class"}, "h3": set(),
        "section": {"aria-labelledby"}, "article": {"class", "id"},
        "p": {"class", "id", "data-made", "hidden"}, "a": {"href"},
        "div": {"class"}, "span": {"class", "aria-hidden"}, "small": set(),
        "b": {"class", "aria-hidden"}, "strong": set(), "code": set(),
        "bdi": {"class"}, "time": {"datetime"}, "dl": {"class"}, "dt": set(),
        "dd": set(), "ul": {"class"}, "ol": {"class", "id"},
        "li": {"class", "id", "data-state", "data-owner", "data-identity",
               "data-organization", "data-scope", "data-sink", "data-next",
               "data-end"},
        "details": set(), "summary": set(), "table": set(), "caption": set(),
        "thead": set(), "tbody": set(), "tr": set(), "th": {"scope"},
        "td": {"class"}, "fieldset": {"class", "id", "hidden"},
        "legend": {"class"}, "label": set(), "button": {"type", "id"}, "output": {"id", "class"},
        "select": {"id", "data-facet", "data-from", "data-to", "data-now"},
        "option": {"value"},
        "input": {"type", "id", "placeholder", "autocomplete", "spellcheck"},
        "svg": {"class", "width", "height", "x", "y", "role", "aria-label",
                "aria-hidden"},
        "defs": set(), "circle": {"class", "cx", "cy", "r"},
        "pattern": {"id", "width", "height", "patternunits",
                    "patterntransform"},
        "rect": {"class", "x", "y", "width", "height"},
        "line": {"class", "x1", "x2", "y1", "y2"}, "path": {"class", "d"},
        "text": {"class", "x", "y", "text-anchor"},
    }
    VOID = {"meta", "input", "rect", "line", "path", "circle"}
    # Ours, in numbers and words of a few letters.
    PLAIN = re.compile(r"[A-Za-z0-9 .%:(),;#+/_-]*")
    # Whose values are of no consequence, or are text from outside.
    FREE = {("meta", "content"), ("svg", "aria-label"),
            ("input", "placeholder")}

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.complaints, self.skeleton, self.open = [], [], []
        self.policy, self.scripts = None, 0

    def handle_starttag(self, tag, attrs):
        allowed = self.ALLOWED.get(tag)
        if allowed is None:
            self.complaints.append(f"an element that is not ours: <{tag}>")
        elif not {name for name, _ in attrs} <= allowed:
            self.complaints.append(f"<{tag}> has attributes: {attrs}")
        values = dict(attrs)
        for name, value in attrs:
            if (tag, name) not in self.FREE and not self.PLAIN.fullmatch(
                    value or ""):
                self.complaints.append(f"{name} of <{tag}> is {value!r}")
        if tag == "a" and not re.fullmatch(r"#[tc]\d+", values["href"]):
            self.complaints.append(f"a link: {attrs}")
        if values.get("http-equiv") == "Content-Security-Policy":
            self.policy = values["content"]
        self.scripts += tag == "script"
        self.skeleton.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.complaints.append(f"</{tag}> ends what did not begin")

    def handle_comment(self, data):
        self.complaints.append(f"a comment: {data!r:.100}")

    def handle_decl(self, decl):
        if decl != "DOCTYPE html" or self.skeleton:
            self.complaints.append(f"a declaration: {decl!r}")

    def unknown_decl(self, data):
        self.complaints.append(f"a declaration: {data!r}")

    def handle_pi(self, data):
        self.complaints.append(f"an instruction: {data!r}")


def page(text):
    """A report or a plan as a page; the suite `page` opens them in a browser.
    How many things there are hangs on the words: a text can be several scopes,
    and names that differ in nothing visible are one choice of a filter."""
    reader = OwnPage()
    reader.feed(text)
    reader.close()
    complaints = reader.complaints
    if reader.open:
        complaints.append(f"not closed: {reader.open}")
    if reader.scripts != 1:
        complaints.append(f"{reader.scripts} scripts")
    if not (reader.policy or "").startswith(("default-src 'none'; ",
                                             "(policy)")):
        complaints.append(f"the policy is {reader.policy!r}")
    if text.index("http-equiv") > text.index("<style"):
        complaints.append("the policy comes behind what it is about")
    return complaints, sorted(set(reader.skeleton))
