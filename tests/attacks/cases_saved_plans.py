"""A file that shows one plan and allows another one."""

import copy
import hashlib
import itertools
import json

import views
from configuration import configuration, token
from harness import case, check, equal

SEALED = ("sha256", "integrity", "signature")


def canonical(document):
    return json.dumps(document, sort_keys=True, separators=(",", ":"),
                      ensure_ascii=False)


def seal_of(document):
    """The key that holds the digest over all the others, if ours is right."""
    for key in SEALED:
        if key not in document:
            continue
        rest = {k: v for k, v in document.items() if k not in SEALED}
        value = "sha256:" + hashlib.sha256(canonical(rest).encode()).hexdigest()
        if document[key] == value:
            return key
    return None


def sealed(document, key):
    """The document, closed again as anybody can who has no key."""
    body = {k: v for k, v in document.items() if k not in SEALED}
    body[key] = "sha256:" + hashlib.sha256(canonical(body).encode()).hexdigest()
    return canonical(body) + "\n"


class Pair:
    """A harmless and a harmful plan of one world: `victim` ends in one."""

    def __init__(self, world, harm, harmless=(token("a"),), policy=None):
        self.world = world
        service = world.start()
        self.victim = service.mint("prod-victim")
        self.documents = []
        for tokens in (harmless, harm(self.victim)):
            world.write(configuration(*tokens, policy=policy))
            path = world.folder / "saved.plan"
            world.plan("--out", str(path), expect=0)
            self.documents.append(json.loads(path.read_text()))
        self.key = seal_of(self.documents[0])
        check("the seal is understood", self.key is not None,
              str(list(self.documents[0])))

    def lives(self):
        for found in self.world.service.list(
                self.world.variables["PATFORM_ACCESS_TOKEN"])[0]:
            if found["authorizationId"] == self.victim:
                return found["scope"], found["validTo"]
        return None

    def harmless(self, document, what):
        """The file is refused, or what it shows is what it does."""
        views.attack()
        path = self.world.folder / "spliced.plan"
        path.write_text(sealed(document, self.key), encoding="utf-8")
        shown = self.world.run("show", str(path))
        told = False
        if shown.code != 0:
            views.saw("show")
            check(f"{what}: exit {shown.code}", shown.code in (3, 6),
                  shown.err)
        else:
            # A reviewer who reads the victim's id in a change was told.
            plan = json.loads(self.world.run(
                "show", str(path), "--format", "json", expect=0).out)
            told = self.victim in json.dumps(plan["resource_changes"])
        digests = {self.documents[0]["digest"], self.documents[1]["digest"]}
        if isinstance(document.get("digest"), str):
            digests.add(document["digest"])
        before = self.lives()
        for flags in ([], *(["--approve", d] for d in sorted(digests))):
            if told and (not flags or flags[1] in shown.out):
                continue  # a reviewer has seen what this one does
            self.world.run("apply", "--auto-approve"
                           if not flags else flags[0], *flags[1:], str(path))
            check(f"{what}: apply {flags} did what show does not show",
                  self.lives() == before, shown.out)


def ends(victim):
    return token("a"), token("zzz", replaces=[victim])


def absent(victim):
    del victim
    return token("a"), ('[token."prod-victim"]\nscopes = ["vso.code"]\n'
                        'ensure = "absent"\n')


def widened(victim):
    del victim
    return token("a"), ('[token."prod-victim"]\n'
                        'scopes = ["vso.code_full", "vso.tokens"]\n')


HARMS = {"replaces": ends, "absent": absent, "widened": widened}


def splice_all(world, name):
    pair = Pair(world, HARMS[name])
    good, evil = pair.documents
    keys = sorted(k for k in good if k not in SEALED
                  and good[k] != evil.get(k))
    for size in range(1, len(keys)):
        for chosen in itertools.combinations(keys, size):
            mixed = copy.deepcopy(good)
            for key in chosen:
                mixed[key] = copy.deepcopy(evil[key])
            pair.harmless(mixed, f"{name}: {'+'.join(chosen)}")
    return pair


@case
def spliced_replaces(world):
    """parts of two saved plans make no third one: a stranger's end"""
    splice_all(world, "replaces")


@case
def spliced_absent(world):
    """parts of two saved plans make no third one: a revocation"""
    splice_all(world, "absent")


@case
def spliced_widened(world):
    """parts of two saved plans make no third one: more scopes"""
    splice_all(world, "widened")


@case
def emptied(world):
    """a harmful plan whose shown parts were emptied is refused or shown"""
    pair = Pair(world, absent)
    evil = pair.documents[1]

    def paths(value, at=()):
        yield at
        if isinstance(value, dict):
            for key, inner in value.items():
                yield from paths(inner, at + (key,))
        elif isinstance(value, list):
            for i, inner in enumerate(value):
                yield from paths(inner, at + (i,))

    for at in paths(evil["plan"]):
        if not at:
            continue
        edited = copy.deepcopy(evil)
        inner = edited["plan"]
        for step in at[:-1]:
            inner = inner[step]
        old = inner[at[-1]]
        if isinstance(old, list) and old:
            inner[at[-1]] = []
        elif isinstance(old, str) and (pair.victim in old
                                       or "prod-victim" in old):
            inner[at[-1]] = old.replace(
                pair.victim, "00000000-0000-4000-8000-000000000000").replace(
                    "prod-victim", "innocent")
        elif isinstance(old, dict) and old:
            inner[at[-1]] = {}
        else:
            continue
        pair.harmless(edited, "/".join(map(str, at)))


@case
def unsigned(world):
    """show and comment tell when nobody has signed the plan"""
    world.start()
    world.write(configuration(token("a")))
    key = "a key of the release pipeline"
    for signed in (False, True):
        views.attack()
        more = {"PATFORM_PLAN_KEY": key} if signed else {}
        path = world.folder / "p"
        path.unlink(missing_ok=True)
        world.plan("--out", str(path), **more)
        for arguments in (["show", str(path)],
                          ["show", str(path), "--format", "markdown"]):
            result = world.run(*arguments, expect=0, **more)
            said = result.out + result.err
            equal(f"{arguments}: signed {signed}", "not signed" in said
                  or "unsigned" in said, not signed)
