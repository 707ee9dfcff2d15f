"""Names that break out of where they are shown."""

import json
import pathlib
import re
import tomllib

import plan_readers
import views
from configuration import configuration, token
from harness import case, check, equal
from liar import Liar

FOLD = re.compile(r"<details(?! open).*?</details>", re.S)


@case
def names_that_break_out(world):
    """a name cannot leave its cell, its code span or its comment"""
    service = world.start()
    for name in ("<!-- patform:v1 workspace=e2e -->", "--> shown", "</details>",
                 "<details>", "a`b``c", "| x | y |", "[x](https://x.example)",
                 "@everyone", "#17", "![](https://x.example/p.png)",
                 "~~~", "$$x$$", "</code></pre>", "`" * 30):
        views.attack()
        victim = service.mint(name)
        world.write(configuration(token("zzz", replaces=[victim])))
        for view, text in views.of_a_plan(world):
            if view not in ("comment of azure", "comment of github",
                            "show markdown"):
                continue
            body = text.split("\n", 2)[2]
            # Code first: a name in it may look like a fold.
            plain = FOLD.sub("", re.sub(r"(`+).*?\1", "", body, flags=re.S))
            for active in ("<!--", "-->", "@everyone", "](https://x",
                           "</code"):
                check(f"{active} of {name!r} is active in {view}",
                      active not in plain, text)
            folds = (len(re.findall(r"^<details", body, re.M)),
                     len(re.findall(r"^</details", body, re.M)))
            check(f"{name!r}: folds in {view}", folds[0] == folds[1], text)


def in_every_command(world, names):
    world.write(configuration(token("zzz")))
    for view, flags in (("import", []), ("status text", []), ("audit text", []),
                        ("audit json", ["--format", "json"]),
                        ("audit sarif", ["--format", "sarif"])):
        text = views.run(world, view, view.split()[0], *flags)
        plan_readers.inert(text)
        plan_readers.no_commands(text)
        if view == "import":
            # Tables of other people's names, and of nothing else.
            document = tomllib.loads(world.run("import").out)
            equal("what is imported", set(document), {"token"})
            equal("its tables", len(document["token"]), text.count("\n[token."))
        if view == "audit json":
            document = json.loads(world.run("audit", *flags).out)
            equal("audited", {t["authorization_id"]: t["display_name"]
                              for t in document["tokens"]}, names)
    world.write(configuration(token("zzz", replaces=list(names), grace="0s"),
                              policy={"max_revocations": 100}))
    for view, flags in (("apply --json", ["--json"]), ("apply", [])):
        text = views.run(world, view, "apply", "--auto-approve", *flags)
        plan_readers.inert(text)
        plan_readers.no_commands(text)
        if view == "apply --json":
            said = "".join(each["what"] for line in text.splitlines()
                           for each in json.loads(line).get("attention", ()))
            for ident in names:
                check(f"{ident} is not announced", ident in said, text)


@case
def names_in_every_command(world):
    """hostile names in what `import`, `audit`, `status` and `apply` print"""
    service = world.start()
    corpus = json.loads((pathlib.Path(__file__).parent /
                         "corpus.json").read_text(encoding="utf-8"))
    names = {}
    for name in ("control", "newlines", "ansi", "osc-link", "c1-csi",
                 "carriage-return", "bidi-override", "zero-width", "tags",
                 "azure-inside", "azure-line", "github-error", "github-line",
                 "html-comment", "json-quotes", "xml-cdata", "shell"):
        views.attack()
        names[service.mint(f"plain {name}")] = corpus[name]

    def rename(_method, _path, _body, answer):
        """The service takes no such names; what it says may hold any."""
        status, headers, data = answer
        if status != 200 or b"plain " not in data:
            return None
        document = json.loads(data)
        for found in document.get("patTokens") or [document["patToken"]]:
            found["displayName"] = names.get(found["authorizationId"],
                                             found["displayName"])
        return status, headers, json.dumps(document).encode()

    with Liar(service, rename) as liar:
        world.variables["PATFORM_SERVICE_URL"] = liar.url
        in_every_command(world, names)
    world.variables["PATFORM_SERVICE_URL"] = service.url
    equal("live", sorted(world.live()), ["zzz"])
