"""A saved plan of which somebody edits one member, and closes it again."""

import copy
import hashlib
import json
import re

import views
from configuration import configuration, token
from harness import case, check, equal

# What follows from nothing else in the file, and decides nothing: what the
# credential that planned said of itself, which patform wrote the file, and where
# in its files the configuration says something. And what the plan is made from
# again but does not hang on here: which machine's places the sinks have, and
# whether the expired tokens were listed. `apply` asks for both itself.
FREE = re.compile(r"patform_version|plan\.identity(\.scopes(\[\d+\])?)?|"
                  r"configuration\..*location(\.\w+)?|"
                  r"configuration\.sinks\[\d+\]\.print|"
                  r"world\.organizations\[\d+\]\.has_history|world\.unread")


def canonical(document):
    return json.dumps(document, sort_keys=True, separators=(",", ":"),
                      ensure_ascii=False)


def written(document):
    """As the file has it: what acts on a log or is not seen is spelled."""
    return re.sub("(?<=#)#|(?<=:):|[\u200b-\u200f\u202a-\u202e\u2060-\u2069]",
                  lambda match: f"\\u{ord(match.group()):04x}",
                  canonical(document)) + "\n"


def sealed(document):
    body = {k: v for k, v in document.items()
            if k not in ("integrity", "signature")}
    digest = hashlib.sha256(canonical(body).encode()).hexdigest()
    body["integrity"] = "sha256:" + digest
    return written(body)


def leaves(value, at=()):
    """Every member, at any depth: its way, its value."""
    if at:
        yield at, value
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, at + (key,))
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            yield from leaves(inner, at + (i,))


def way(at):
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}"
                   for step in at).lstrip(".")


def edits(value):
    """Other values for one member, by what was done to it."""
    if isinstance(value, bool):
        return {"flipped": not value, "as a text": str(value).lower(),
                "gone": None}
    if isinstance(value, int):
        return {"more": value + 1, "as a text": str(value)}
    if isinstance(value, str):
        return {"longer": value + "x", "empty": "", "other case":
                value.swapcase(), "invisible": value + "\u200b"}
    if isinstance(value, list):
        found = {"empty": [], "as an object": {}, "null": None}
        if value:
            found |= {"twice": value + [copy.deepcopy(value[-1])],
                      "backwards": value[::-1], "shorter": value[:-1]}
        return found
    if isinstance(value, dict):
        found = {"empty": {}, "with more": {**value, "comment": "harmless"},
                 "null": None}
        if value:
            first = sorted(value)[0]
            rest = {k: v for k, v in value.items() if k != first}
            found |= {"in another case": {**rest, first.upper():
                                          value[first]},
                      "with less": rest}
        return found
    return {"a text": "x", "a number": 0}


def put(document, at, value):
    document = copy.deepcopy(document)
    inner = document
    for step in at[:-1]:
        inner = inner[step]
    inner[at[-1]] = value
    return document


def planned(world):
    """A plan of several kinds of change, and its document."""
    service = world.start()
    world.write(configuration(token("a"), token("b"), token("c")))
    world.apply()
    stranger = service.mint("somebody's")
    world.write(configuration(
        token("a", scopes=("vso.work",)), token("b", ensure="absent"),
        token("new", deliver="both", replaces=[stranger]),
        policy={"max_lifetime": "90d", "max_revocations": 5}))
    path = world.folder / "saved.plan"
    world.plan("--out", str(path), "--target", "*", expect=0)
    return path, json.loads(path.read_text(encoding="utf-8"))


@case
def each_member(world):
    """a saved plan with one member edited and sealed again is refused"""
    path, document = planned(world)
    equal("the seal is understood", sealed(document),
          path.read_text(encoding="utf-8"))
    before = world.service.requests()
    accepted = []
    for i, (at, value) in enumerate(leaves(document)):
        if at[0] in ("integrity", "format", "format_version"):
            continue
        # Members of one kind follow each other: all edits come to be tried.
        possible = [e for e in edits(value).items() if e[1] != value]
        for what, other in possible[i % len(possible):][:1]:
            views.attack()
            path.write_text(sealed(put(document, at, other)),
                            encoding="utf-8")
            result = world.run("show", str(path))
            if result.code == 0:
                accepted.append(way(at))
                continue
            check(f"{way(at)} {what}: exit {result.code}",
                  result.code in (3, 6), result.err)
            check(f"{way(at)} {what}: a reason, in a line",
                  result.err.startswith(f"patform: {path}: ")
                  and result.err.count("\n") == 1, result.err)
    views.saw("show")
    equal("edits that nobody notices", sorted(
        {a for a in accepted if not FREE.fullmatch(a)}), [])
    equal("requests", world.service.requests(), before)


@case
def repaired(world):
    """whoever follows the messages until a plan is accepted has shown what it
    does"""
    path, document = planned(world)
    names = {"world", "configuration", "request"}
    reason = re.compile(r'its parts disagree: (\S+) is (.*); by the rest of '
                        r'the file it is (.*)\. Write a new one', re.S)
    tried = repaired_files = 0
    for i, (at, value) in enumerate(leaves(document)):
        if at[0] not in names or isinstance(value, (dict, list)):
            continue
        if at[-1] in ("line", "column", "length", "file") or i % 3:
            continue
        what, other = next(iter(edits(value).items()))
        edited = put(document, at, other)
        for _ in range(40):
            path.write_text(sealed(edited), encoding="utf-8")
            shown = world.run("show", str(path), "--format", "json")
            said = reason.search(shown.err)
            if said is None:
                break
            steps = [int(s) if s.isdigit() else s for s in
                     re.findall(r"[^.\[\]]+", said.group(1))]
            try:
                edited = put(edited, steps, json.loads(said.group(3)))
            except (ValueError, KeyError, IndexError, TypeError):
                break
        tried += 1
        if shown.code != 0:
            continue
        views.attack()
        repaired_files += 1
        told = json.loads(shown.out)
        addresses = {c["address"] for c in told["resource_changes"]}
        for digest in sorted({told["digest"], document["digest"]}):
            result = world.run("verify", digest, str(path))
            check(f"{way(at)}: exit {result.code}: {result.err}",
                  result.code in (0, 3, 4, 5, 6))
            if result.code == 0:
                real = world.plan_json()["resource_changes"]
                policy = {c["address"] for c in real
                          if c["class"] == "policy"}
                check(f"{way(at)} {what}: allowed {policy}, shown {addresses}",
                      policy <= addresses)
    views.saw("show json")
    check(f"{tried} tried, {repaired_files} repaired", tried > 30)


@case
def twice(world):
    """a member that is in the file twice: no two readers see two plans"""
    path, document = planned(world)
    text = path.read_text(encoding="utf-8")
    body = json.loads(text)
    for key in document:
        for first in (True, False):
            views.attack()
            member = f'{json.dumps(key)}:{canonical(body[key])}'
            other = f'{json.dumps(key)}:null'
            pair = f"{other},{member}" if first else f"{member},{other}"
            check(f"{key} is there", member in text)
            path.write_text(text.replace(member, pair, 1), encoding="utf-8")
            result = world.run("show", str(path))
            check(f"{key}: exit {result.code}", result.code in (3, 6),
                  result.err)
    for other in (" " + text, text + "\n", text.replace(":", ": ", 1),
                  text.replace("\n", "\r\n"), "\ufeff" + text, text + text):
        path.write_text(other, encoding="utf-8")
        result = world.run("show", str(path))
        check(f"layout: exit {result.code}", result.code in (3, 6), result.err)
    path.write_text(text, encoding="utf-8")
    world.run("show", str(path), expect=0)


@case
def guards_do_not_travel(world):
    """a saved plan that lifts a guard does not lift it where it is applied"""
    world.start()
    world.write(configuration(*(token(f"t{i}") for i in range(3))))
    world.apply()
    world.write(configuration(*(token(f"t{i}", ensure="absent")
                                for i in range(3)),
                              policy={"max_revocations": 1}))
    path = world.folder / "saved.plan"
    world.plan("--out", str(path), "--allow-revocations", "3", expect=0)
    digest = json.loads(path.read_text(encoding="utf-8"))["digest"]
    views.attack()
    for flags in ([], ["--approve", digest]):
        world.run("apply", *flags, str(path), expect=5)
    equal("live tokens", sorted(world.live()), ["t0", "t1", "t2"])
    # And one that nobody approved is not lifted by the release alone.
    world.plan("--out", str(path), expect=5)
    other = json.loads(path.read_text(encoding="utf-8"))["digest"]
    result = world.run("apply", "--approve", other, str(path),
                       "--allow-revocations", "3", expect=6)
    check("the reason", "--allow-revocations 3 was not approved" in result.err,
          result.err)
    equal("live tokens", sorted(world.live()), ["t0", "t1", "t2"])
    world.run("apply", "--approve", digest, "--allow-revocations", "3",
              expect=0)
    equal("live tokens", sorted(world.live()), [])
