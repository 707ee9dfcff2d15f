"""Places that secrets are delivered to: lines of .env files, one place under
two names, what an administrator gave a file, what is left behind, git."""

import json
import os
import re
import shutil
import stat
import subprocess

import inputs
from configuration import HEAD, configuration, token
from harness import case, check, equal

ENV = HEAD + """
[sink.env]
type = "dotenv"
path = "secrets"
"""
PAT = """
[token.a]
scopes = ["vso.code"]
deliver = [{ to = "env", at = "app.env", key = "ADO_PAT" }]
"""
RECORD = re.compile(r"^# patform: .*\n", re.M)


def app_env(world, text, mode=0o600):
    """The .env file that a delivery finds."""
    folder = world.config / "secrets"
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / "app.env"
    path.write_bytes(text.encode())
    path.chmod(mode)
    return path


# -- What each reader makes of ADO_PAT.

def by_shell(shell):
    def read(path):
        result = subprocess.run(
            [shell, "-c", '. "$1"; printf %s "$ADO_PAT"', shell, str(path)],
            capture_output=True, text=True, check=False)
        check(f"{shell} ran something", "not found" not in result.stderr,
              re.sub(r"\w{40,}", "…", result.stderr))
        return result.stdout
    return read


def by_docker(path):
    """As docker run --env-file: no quotes, no comments behind a value."""
    found = None
    for line in path.read_text(encoding="utf-8-sig").split("\n"):
        line = line.removesuffix("\r").lstrip()
        name, equals, value = line.partition("=")
        if not line.startswith("#") and equals and name == "ADO_PAT":
            found = value
    return found


def by_library(quotes):
    """As python-dotenv and dotenv for Node read it."""
    line = re.compile(
        r"^[ \t]*(?:export[ \t]+)?ADO_PAT[ \t]*=[ \t]*"
        r"(?:" + "|".join(f"{q}([^{q}]*){q}" for q in quotes) +
        r"|([^#\r\n]*?))[ \t]*(?:#.*)?$", re.M)

    def read(path):
        text = path.read_bytes().decode().replace("\r\n", "\n")
        found = line.findall(text.replace("\r", "\n"))
        return "".join(found[-1]) if found else None
    return read


def readers(exported):
    for shell in ("bash", "dash", "sh"):
        if shutil.which(shell):
            yield shell, by_shell(shell)
    if not exported:  # docker rejects every file with an `export`
        yield "docker", by_docker
    yield "python-dotenv", by_library("'\"")
    yield "dotenv for Node", by_library("'\"`")


@case
def lines_to_fill_in(world):
    """dotenv: whatever is behind `=`, every reader reads exactly the secret"""
    world.start()
    world.write(ENV + PAT)
    for line in inputs.each((
            "ADO_PAT=", "ADO_PAT= ", "ADO_PAT=\t", "ADO_PAT=\r",
            "ADO_PAT= \r", "ADO_PAT= # fill in", "ADO_PAT=    # to do",
            "ADO_PAT=\t#x", 'ADO_PAT=""', "ADO_PAT=''", "ADO_PAT= \"\"",
            "ADO_PAT='' # later", "ADO_PAT=``", "ADO_PAT =", "ADO_PAT = ",
            "  ADO_PAT=", "export ADO_PAT=", "export ADO_PAT= ",
            "export  ADO_PAT='' # x", "\texport\tADO_PAT =", "OTHER=x")):
        path = app_env(world, f"A=1\n{line}\nB=2\n")
        world.apply("--rotate", "a", expect=None)
        text = path.read_text(encoding="utf-8")
        value = re.search(r"ADO_PAT=(\w{40,})$", text, re.M)
        check(f"{line!r} has a secret", value)
        world.seen.add(value.group(1))
        for name, read in readers("export" in line):
            check(f"{name} reads another value from {line!r}",
                  read(path) == value.group(1))
        for kept in ("A=1\n", "B=2\n"):
            check(f"{line!r}: {kept!r} stays", kept in text)
        comment = line.partition("#")[2]
        check(f"{line!r}: its comment stays", comment in text)


@case
def lines_that_readers_read_differently(world):
    """dotenv: a file that readers would read differently is refused, and
    nothing is minted"""
    world.start()
    world.write(ENV + PAT)
    for text in inputs.each((
            "A=don't\nADO_PAT=\n", "A='x\\'y'\nADO_PAT=\nB='\n'\n",
            "ADO_PAT=\nADO_PAT=\n", "ADO_PAT=\nexport ADO_PAT=\n",
            "A=1; ADO_PAT=2\n", "A=f(x)\n", "ADO_PAT: \n ADO_PAT: x\n",
            "A='\nADO_PAT=\n'\n", "A='never closed\nADO_PAT=\n",
            "ADO_PAT='' OTHER=1\n", "A=1\rADO_PAT=x\rB=2\n",
            "A=cat << END\nADO_PAT=\nEND\n", "A=1 |\nADO_PAT=\n")):
        path = app_env(world, text)
        result = world.apply(expect=None)
        check(f"{text!r} was not refused", result.code not in (0, 2), result)
        equal(f"{text!r} afterwards", path.read_bytes().decode(), text)
        equal(f"{text!r}: minted", world.live(), {})


@case
def values_that_a_shell_sets(world):
    """dotenv: a variable that a shell keeps for itself is not a place"""
    for key in inputs.each(("UID", "RANDOM", "_", "1A", "A-B", "BASHPID")):
        world.write(ENV + PAT.replace("ADO_PAT", key))
        result = world.run("validate", expect=3)
        check(key, "cannot be a variable's name" in result.err + result.out)


# -- One place under two names.

def sinks(*rows):
    head = HEAD.split("[sink.files]", maxsplit=1)[0]
    return head + "".join(
        f'[sink.{name}]\ntype = "{kind}"\npath = "{path}"\n'
        for name, kind, path in rows)


def tokens(*places):
    return "".join(
        f'[token.t{i}]\nscopes = ["vso.code"]\ndeliver = [{{ {place} }}]\n'
        for i, place in enumerate(places))


def to(sink, at, key=None):
    more = f', key = "{key}"' if key else ""
    return f'to = "{sink}", at = "{at}"{more}'


@case
def one_place_twice(world):
    """places: one file under two sinks, spellings or kinds is an error"""
    (world.config / "real").mkdir()
    (world.config / "link").symlink_to("real")
    here = world.config.resolve()
    for one, other in inputs.each([
            *((("file", "s", to("x", "a")), ("file", path, to("y", "a")))
              for path in ("./s", "s/", "s/.", "no/../s", f"{here}/s",
                           f"{here}/./s//", "real/../s")),
            (("file", "s", to("x", "a")), ("file", ".", to("y", "s/a"))),
            (("file", "real/s", to("x", "a")), ("file", "link/s",
                                                to("y", "a"))),
            (("file", "s", to("x", "a")), ("dotenv", "s", to("y", "a", "K"))),
            (("dotenv", "s", to("x", "a", "K")), ("file", "./s",
                                                  to("y", "a"))),
            (("dotenv", "s", to("x", "a", "K")), ("dotenv", "./s",
                                                  to("y", "a", "K")))]):
        world.write(sinks(("x", *one[:2]), ("y", *other[:2]))
                    + tokens(one[2], other[2]))
        result = world.run("validate", expect=3)
        check(f"{one} {other}", "is the same place" in result.err + result.out,
              result)


@case
def places_that_exclude_each_other(world):
    """places: a file where a folder is needed, a name that is too long, the
    configuration itself"""
    for places, words in inputs.each((
            ((to("x", "app"), to("x", "app/pat")), "needs a folder where"),
            ((to("x", "a/b/c"), to("x", "a/b")), "needs a folder where"),
            ((to("x", "s"), to("y", "pat", "K")), "needs a folder where"),
            ((to("x", "ä" * 101),), "some characters take several"),
            ((to("x", "a" * 201),), "has a part of 201 bytes"),
            ((to("x", "a/"),), "empty part"),
            ((to("x", ".a.patform-tmp-0123456789abcdef"),), "own files"),
            ((to("z", "patform.toml", "K"),), "configuration itself"))):
        world.write(sinks(("x", "file", "d"), ("y", "dotenv", "d/s"),
                          ("z", "dotenv", ".")) + tokens(*places))
        result = world.run("validate", expect=3)
        check(f"{places}", words in result.err + result.out, result)


@case
def places_that_are_two(world):
    """places: different files and variables side by side are valid"""
    for places in inputs.each((
            (to("x", "a"), to("x", "A")),
            (to("x", "ab"), to("x", "a/b")),
            (to("y", "e", "ONE"), to("z", "e", "TWO")),
            (to("x", "a" * 200),))):
        world.write(sinks(("x", "file", "d"), ("y", "dotenv", "s"),
                          ("z", "dotenv", "./s")) + tokens(*places))
        world.run("validate", expect=0)


# -- What a place was given.

def given(path):
    info = path.stat()
    return stat.S_IMODE(info.st_mode), info.st_gid


@case
def modes_and_groups(world):
    """places: a delivery keeps the mode and the group of a file"""
    world.start()
    group = 65534 if os.geteuid() == 0 else os.getgid()
    world.write(configuration(token("a"), token("b", deliver="env")))
    world.apply()
    files = [world.config / "secrets" / name for name in ("a", "agent.env")]
    for mode in inputs.each((0o600, 0o640, 0o400, 0o440, 0o700)):
        for path in files:
            path.chmod(mode)
            os.chown(path, -1, group)
        world.apply("--rotate", "a", "--rotate", "b")
        for path in files:
            equal(f"{path.name} {mode:04o}", given(path), (mode, group))


@case
def files_that_others_read(world):
    """places: a plan names a file of secrets that is open to others"""
    world.start()
    world.write(configuration(token("a"), token("b", deliver="env")))
    world.apply()
    files = [world.config / "secrets" / name for name in ("a", "agent.env")]
    for mode in inputs.each((0o644, 0o604, 0o660, 0o777)):
        for path in files:
            path.chmod(mode)
        plan = world.plan()
        equal(f"{mode:04o}", plan.out.count(
            f"is open to other users (mode {mode:04o})"), 2)
    world.apply("--rotate", "a")
    equal("closed", given(files[0])[0], 0o600)
    world.apply("--rotate", "b", expect=1)
    equal("b lives", len(world.live()["b"]), 1)


# -- What is left behind.

@case
def left_by_a_revocation(world):
    """places: the secret of a revoked token goes with it, by the plan"""
    world.start()
    # One stays in agent.env: a file that nothing names is not looked into.
    stay = (token("a"), token("e", deliver="env"))
    world.write(configuration(*stay, token("b"), token("c", deliver="env"),
                              token("d", deliver="both")))
    world.apply()
    world.write(configuration(*stay))
    # Three of five: more than half needs words.
    words = ("--allow-revocations", "3")
    plan = world.plan(*words).out
    for address in ("files:b", "env:agent.env#C", "files:d",
                    "env:agent.env#D"):
        check(address, f"remove its secret from {address}" in plan, plan)
    removes = [place for change in world.plan_json(
                   *words)["resource_changes"]
               for place in change.get("removes", [])]
    equal("in JSON", sorted(removes), ["env:agent.env#C", "env:agent.env#D",
                                       "files:b", "files:d"])
    world.run("status", expect=0)
    world.apply(*words)
    equal("left", sorted(world.secrets()), ["a", "agent.env#E"])
    check("a record is left", not (world.config / "secrets" /
                                   ".b.patform.json").exists())
    world.settled()


@case
def left_by_absent(world):
    """places: `ensure = "absent"` removes the secret, too"""
    world.start()
    world.write(configuration(token("a"), token("b")))
    world.apply()
    world.write(configuration(token("a"), token("b", ensure="absent")))
    check("in the plan", "remove its secret from files:b" in world.plan().out)
    world.apply()
    equal("left", sorted(world.secrets()), ["a"])
    world.settled()


@case
def changed_since_the_plan(world):
    """places: what somebody wrote over a secret that is to go stays"""
    world.start()
    world.write(configuration(token("a"), token("b")))
    world.apply()
    world.write(configuration(token("a")))
    path = world.config / "secrets" / "b"
    path.write_text("by hand", encoding="utf-8")
    world.apply()
    equal("the file", path.read_text(encoding="utf-8"), "by hand")
    equal("b lives", "b" in world.live(), False)


@case
def left_by_a_move(world):
    """places: a place that a table no longer names is named until it is
    empty, and never removed while its token lives"""
    world.start()
    world.write(configuration(token("a", deliver='[{ to = "files", '
                                                 'at = "old" }]')))
    world.apply()
    world.write(configuration(token("a")))
    world.apply()
    equal("both", sorted(world.secrets()), ["a", "old"])
    for command in inputs.each(("plan", "status", "audit")):
        out = world.run(command, expect=0).out
        check(f"{command} names it", "files:old holds the secret" in out, out)
    world.settled()
    # As long as another run may be about to deliver it there, it is not ended.
    world.later(3600)
    world.apply()
    world.later(2 * 24 * 3600)
    out = world.plan().out
    check("ended", "which has ended" in out, out)
    (world.config / "secrets" / "old").unlink()
    check("gone", "files:old" not in world.plan().out)


@case
def two_machines(world):
    """places: a secret that may be on another machine is not replaced by
    maintenance, and the plan says why"""
    world.start()
    world.write(configuration(token("a")))
    world.apply()
    here = world.config / "secrets"
    here.rename(world.config / "elsewhere")
    plan = world.plan_json()
    equal("class", [change["class"] for change in plan["resource_changes"]],
          ["policy"])
    check("why", any("another machine may serve it" in note["text"]
                     for note in plan["notes"]), json.dumps(plan["notes"]))
    (world.config / "elsewhere").rename(here)
    world.settled()


# -- git.

@case
def kept_from_git(world):
    """places: git adds nothing of a folder that patform made"""
    world.start()
    world.write(configuration(token("a"), token("b", deliver="env")))
    subprocess.run(["git", "init", "-q", str(world.config)], check=True)
    validated = world.run("validate", expect=0)
    check("warned", "git would add" not in validated.err + validated.out)
    world.apply()
    added = subprocess.run(
        ["git", "-C", str(world.config), "add", "-An"], check=True,
        capture_output=True, text=True).stdout
    check("a secret would be added", "secrets/" not in added, added)


@case
def places_that_git_would_add(world):
    """places: validate and plan warn of a place that git would add, as git
    itself has it"""
    world.start()
    subprocess.run(["git", "init", "-q", str(world.config)], check=True)
    (world.config / "secrets").mkdir(mode=0o700)
    world.write(configuration(token("a")))
    for rules in inputs.each((
            "", "secrets/\n", "/secrets\n", "secrets/*\n", "secrets/a\n", "a\n",
            "*\n!a\n", "secrets/*\n!secrets/a\n", "**/a\n", "b\n", "# a\n",
            "/a\n", "secrets/\n!secrets/a\n", "[a-c]\n", "secrets/**\n",
            "\\a\n", "a/\n", "sec*/a\n", "?\n", "  a\n", "a  \n")):
        (world.config / ".gitignore").write_text(rules, encoding="utf-8")
        ignored = subprocess.run(
            ["git", "-C", str(world.config), "check-ignore", "-q",
             "--no-index", "secrets/a"], check=False).returncode == 0
        for command in ("validate", "plan"):
            result = world.run(command, expect=0)
            equal(f"{rules!r} {command}",
                  "git would add files:a" in result.err + result.out,
                  not ignored)
