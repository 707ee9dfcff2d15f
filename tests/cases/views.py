"""What people read of a plan, and what they do with it: comments, test tabs,
code scanning, rules over JSON, files printed in a job's log."""

import json
import re
import xml.etree.ElementTree

import inputs
from configuration import configuration, token
from harness import case, check, equal

POLICY = {"name_pattern": "[a-z|-]+", "forbidden_scopes": ["vso.work*"],
          "required_fields": ["owner"]}
WARNINGS = '\n[policy]\nname_pattern = "[a-z|-]+"\n' \
    'severity = { name_pattern = "warning" }\n'


def findings_scene(world):
    """One token of this change, and ten that somebody made by hand, all of
    which break a rule."""
    service = world.start()
    for number in range(10):
        service.mint(f"By hand {number}")
    world.write(configuration(token("New1"), token("fine|one"),
                              policy=WARNINGS))


@case
def comment_order(world):
    """a comment begins with the changes, then come the findings on the tokens
    of this pull request, then those on others"""
    findings_scene(world)
    text = world.plan("--format", "markdown").out
    headings = [line for line in text.splitlines() if line.startswith("##")]
    equal("headings", [h for h in headings if "idgets" not in h],
          ["## patform plan (`e2e`): 2 to create, 0 to update, 0 to rotate, "
           "0 to revoke", "### Changes", "### What widens", "### What moves",
           "### Sinks that secrets go to", "### Findings",
           "### Findings on other tokens",
           "### Unmanaged: in no configuration, left alone"])
    places = [text.index(words) for words in inputs.each((
        "### Changes", "| action | token |", "<details>", "### Findings\n",
        "token.New1` the name does not match", "### Findings on other tokens",
        "`By hand 0", "To apply exactly this"))]
    equal("the order", places, sorted(places))


@case
def comment_words(world):
    """a comment sets sentences as prose and names as code; a bar is a bar, in
    its tables too"""
    findings_scene(world)
    text = world.plan("--format", "markdown").out
    for line in inputs.each((
            '- `token."fine|one"` is new, with `vso.code`, until ',
            '- `token.New1` has its secret written to `files:New1` = file, ',
            '| `+` create | `token."fine\\|one"` | no such token exists | ',
            '- **warning** `name_pattern` at `config/patform.toml:')):
        check(line, line in text.replace(str(world.folder) + "/", ""), text)
    check("no spelled bars", "\\x7c" not in text, text)
    # Nothing that a host turns into a link or a mention is outside of code.
    prose = re.sub(r"```.*?```|(`+).*?\1|<!--.*?-->|</?(details|summary)>", "",
                   text, flags=re.S)
    check("active words", not re.search(r"[@<\[\\_]|://|vso\.", prose), prose)


def junit(world, expect):
    text = world.plan("--format", "junit", expect=expect).out
    cases = {}
    for each in xml.etree.ElementTree.fromstring(text).iter("testcase"):
        found = [child.tag for child in each if child.tag != "system-out"]
        cases[each.get("name")] = (found[0] if found else "passed",
                                   "".join(each.itertext()),
                                   "".join(child.get("message", "")
                                           for child in each))
    return cases


@case
def test_tab(world):
    """JUnit: the plan as a whole fails where the command does; what passes
    lists no violation"""
    service = world.start()
    service.mint("By hand")
    whole = "the plan as a whole"
    for policy, code, expected in inputs.each((
            (None, 0, {whole: "passed", "token.ci": "passed"}),
            ({"name_pattern": "[a-z]+"}, 0,
             {whole: "passed", "name_pattern": "skipped"}),
            ({"forbidden_scopes": ["vso.code"]}, 5,
             {whole: "failure", "forbidden_scopes": "failure",
              "token.ci": "failure"}),
            ({"max_lifetime": "10d"}, 5, {whole: "failure",
                                          "max_lifetime": "failure"}))):
        world.write(configuration(token("ci"), policy=policy))
        cases = junit(world, code)
        for name, kind in expected.items():
            equal(f"{policy}: {name}", cases[name][0], kind)
        for name, (kind, text, _) in cases.items():
            if kind == "passed":
                check(f"{name} passes and lists a violation",
                      "to fix it" not in text, text)
    # Incomplete: exit code 8.
    world.write(configuration(token("gone", deliver=None), token("ci")))
    cases = junit(world, 8)
    equal("incomplete", cases[whole][0], "failure")
    check("why", "1 token could not be decided" in cases[whole][2], cases)


@case
def code_scanning(world):
    """SARIF: the tool has a page, each rule a name, words and a page that is
    there"""
    service = world.start()
    service.mint("By hand", scope="app_token")
    world.write(configuration(token("ci"), policy={
        "forbidden_scopes": ["vso.code"], "max_revocations": 5}))
    root = world.options.root
    for arguments, code in inputs.each((
            (("plan", "--format", "sarif"), 5),
            (("audit", "--format", "sarif"), None))):
        document = json.loads(world.run(*arguments, expect=code).out)
        driver = document["runs"][0]["tool"]["driver"]
        home = driver["informationUri"]
        check("rules", driver["rules"], driver)
        for rule in driver["rules"]:
            check(rule["id"], re.fullmatch("([A-Z][a-z0-9]*)+", rule["name"]))
            check(rule["id"], rule["help"]["text"])
            page, _, heading = rule["helpUri"].removeprefix(home).partition("#")
            headings = [re.sub(r"[^a-z0-9 -]", "", line.lstrip("# ").lower())
                        .replace(" ", "-")
                        for line in (root / page).read_text(
                            encoding="utf-8").splitlines()
                        if line.startswith("#")]
            check(f"{rule['helpUri']} leads nowhere", heading in headings,
                  headings)


HOSTILE = ("##vso[task.setvariable variable=x]y", "::set-output name=x::y",
           "a ##[command]b", "  ::add-mask::c", "###vso[task.complete]d",
           "::error::::e")
COMMANDS = re.compile(r"##[a-zA-Z]*\[|::[a-z-]+")


@case
def printed_in_a_log(world):
    """no file that a job may print holds a log command, whatever tokens are
    called; each means what it meant"""
    service = world.start()
    for name in HOSTILE:
        service.mint(name)
    world.write(configuration(token("ci")))
    saved, seen = world.folder / "plan.json", world.folder / "world.json"
    world.plan("--out", str(saved))
    world.run("snapshot", "--out", str(seen), expect=0)
    files = {path.name: path.read_text(encoding="utf-8")
             for path in (saved, seen)}
    for format in ("json", "sarif"):
        files[format] = world.plan("--format", format).out
    files["audit"] = world.run("audit", "--format", "json").out
    files["status"] = world.run("status", "--format", "json").out
    for name, text in inputs.each(files.items()):
        found = COMMANDS.search(text)
        check(f"{name} has a command", found is None,
              found and text[found.start() - 40:found.end() + 40])
        json.loads(text)
    names = {each["display_name"]
             for organization in json.loads(files["world.json"])
             ["organizations"] for each in organization["tokens"]} \
        if "organizations" in json.loads(files["world.json"]) else set()
    names |= {each["display_name"]
              for each in json.loads(files["json"])["unmanaged"]}
    equal("names", set(HOSTILE) - names, set())
    # And both can be read again.
    world.run("show", str(saved), expect=0)
    world.run("apply", str(saved), expect=0)
    world.plan("--snapshot", str(seen))
    imported = world.run("import", expect=0)
    check("import", not COMMANDS.search(re.sub(
        r'"[^"]*::[^"]*"', "", imported.out)), imported.out)


@case
def must_have_an_owner(world):
    """a rule that asks Terraform's plans for an owner finds it in patform's:
    as a member where it is declared, and none where it is not"""
    world.start()
    world.write(configuration(
        token("owned", owner="team-a", purpose="builds",
              labels=RawToml('{ team = "a", "cost center" = "7" }')),
        token("nobodys"), token("bare", deliver=None, ensure="absent")))
    document = world.plan_json()
    after = {change["name"]: change["change"]["after"]
             for change in document["resource_changes"]}
    equal("declared", {key: after["owned"][key]
                       for key in ("owner", "purpose", "labels")},
          {"owner": "team-a", "purpose": "builds",
           "labels": {"team": "a", "cost center": "7"}})
    # null would be there, to a rule that says `not after.owner`.
    equal("not declared", [key for key in ("owner", "purpose")
                           if key in after["nobodys"]], [])
    equal("labels", after["nobodys"]["labels"], {})
    planned = document["planned_values"]["root_module"]["resources"]
    equal("planned", {each["name"]: each["values"].get("owner")
                      for each in planned}, {"owned": "team-a",
                                             "nobodys": None})


class RawToml(int):
    """TOML text that configuration.toml() leaves as it is."""

    def __new__(cls, text):
        made = super().__new__(cls)
        made.text = text
        return made

    def __str__(self):
        return self.text
