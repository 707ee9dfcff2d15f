"""A machine that has too little, or a run that is stopped on it."""

import json
import pathlib
import re
import resource
import shutil
import signal
import subprocess

import views
from cases_apply import wait_until
from configuration import configuration, many, token
from harness import case, check, equal

DOCUMENTED = {0, 1, 4, 7, 8, 9}


def starved(world, *limits, stdout=subprocess.PIPE, arguments=(), **changes):
    """An apply under these limits: its exit code and what it says."""
    views.attack()

    def limit():
        for name, value in limits:
            resource.setrlimit(getattr(resource, f"RLIMIT_{name}"),
                               (value, value))

    world.remember()
    done = subprocess.run(
        [str(world.options.patform), "-c", str(world.config), "apply",
         "--auto-approve", *arguments], env=world.environment(**changes),
        cwd=world.folder, stdin=subprocess.DEVNULL, stdout=stdout,
        stderr=subprocess.PIPE, preexec_fn=limit, check=False, timeout=120)
    world.written += [done.stdout or b"", done.stderr]
    world.remember()
    return done.returncode, (done.stdout or b"").decode(), done.stderr.decode()


def creates(world):
    return len(world.service.requests("POST"))


def all_served(world):
    for place, secret in world.secrets().items():
        equal(f"state of {place}", world.service.state_of(secret), "active")


def converge(world):
    world.apply(expect=None)
    world.later(31 * 60)
    world.apply()
    world.settled()
    all_served(world)
    for name, tokens in world.live().items():
        equal(f"live tokens of {name}", len(tokens), 1)
    check("something half-written is left", not list(
        world.config.rglob("*.patform-tmp-*")))


@case
def few_of_everything(world):
    """few open files, little memory, small files, no threads: an exit code,
    nothing lost, and nothing minted that cannot be delivered"""
    world.start()
    world.write(configuration(*(token(f"t{i}", deliver="both", grace="0s")
                                for i in range(12))))
    world.apply()
    rotate = [word for i in range(12) for word in ("--rotate", f"t{i}")]
    boundary = {"LD_PRELOAD": str(world.options.boundary)}
    cases = [((("NOFILE", n),), {}) for n in (9, 12, 14, 16, 20, 26, 40)]
    cases += [((("AS", n << 20),), {}) for n in (28, 34, 38, 42, 48, 64, 90)]
    cases += [((("FSIZE", n),), {}) for n in (0, 1, 700, 5000, 1 << 16)]
    cases += [((), {**boundary, "BOUNDARY_CALLS": ",thread,",
                    "BOUNDARY_AT": str(n), "BOUNDARY_DO": "error:11",
                    "BOUNDARY_THEN": ",thread,"}) for n in (1, 2, 3, 4)]
    cases += [((("NOFILE", 18), ("AS", 50 << 20)), {})]
    for limits, changes in cases:
        code, out, err = starved(world, *limits, arguments=rotate, **changes)
        check(f"{limits} {changes}: exit {code}", code in DOCUMENTED, err)
        check(f"{limits}: nothing is said", code == 0 or out + err != "")
        for words in ("could not be delivered", "answer was lost",
                      "nothing expected"):
            check(f"{limits} {changes}: {words}", words not in out + err,
                  out + err)
        all_served(world)
    converge(world)


@case
def refused_before_the_first_mint(world):
    """what is too little for one worker is said before anything is minted"""
    world.start()
    world.write(many(3))
    for limits, words in (
            ((("NOFILE", 12),), "the limit of open files is too low by "),
            ((("AS", 46_000_000),), "there is not enough memory"),
            ((("FSIZE", 8192),), "File too large. Raise the limit of a file's "
                                 "size (ulimit -f)")):
        code, out, err = starved(world, *limits)
        equal(f"{limits}: exit code", code, 1)
        check(f"{limits}: {words}", words in out + err, out + err)
        equal(f"{limits}: creates", creates(world), 0)
    with open("/dev/full", "wb") as full:
        code, _, err = starved(world, stdout=full)
    equal("full output: exit code", code, 1)
    check("full output", "the plan could not be written to standard output, so "
          "nothing was changed" in err, err)
    equal("full output: creates", creates(world), 0)
    # A reader that went away is not a fault.
    reader = subprocess.Popen(["true"], stdin=subprocess.PIPE)
    reader.wait()
    code, _, err = starved(world, stdout=reader.stdin)
    reader.stdin.close()
    equal(f"closed output ({err}): exit code", code, 0)
    world.settled()


@case
def a_file_that_may_not_grow(world):
    """a dotenv file near the limit of a file's size: refused before the mint"""
    world.start()
    world.write(configuration(token("a", deliver="env")))
    world.apply()
    path = world.config / "secrets" / "agent.env"
    with path.open("a", encoding="utf-8") as file:
        file.write("# " + "x" * 90_000 + "\n")
    before = creates(world)
    code, out, err = starved(world, ("FSIZE", 100_000),
                             arguments=("--rotate", "a"))
    equal("exit code", code, 1)
    check("the reason", "so nothing was minted" in out, out + err)
    equal("creates", creates(world), before)
    converge(world)


@case
def left_by_whoever(world):
    """a half-written file of a dead run goes with the next apply, in places
    that nobody names any more, and nothing else does"""
    world.start()
    world.write(configuration(
        token("a", deliver='[{ to = "files", at = "old/place/{name}" }]'),
        token("b", deliver="env")))
    world.apply()
    for count, call in ((1, "renameat"), (2, "renameat"), (1, "futimens")):
        views.attack()
        starved(world, arguments=("--rotate", "a", "--rotate", "b"),
                LD_PRELOAD=str(world.options.boundary),
                BOUNDARY_STORE=str(world.config / "secrets"),
                BOUNDARY_CALLS=f",{call},", BOUNDARY_AT=str(count),
                BOUNDARY_DO="kill")
    secrets = world.config / "secrets"
    left = list(secrets.rglob("*.patform-tmp-*"))
    check("nothing was left by the kills", left)
    keep = secrets / ".notes.patform-tmp-mine"
    keep.write_text("keep")
    name = "n" * 200
    (secrets / "old" / f".{name}.patform-tmp-0123456789abcdef").write_text("x")
    # Nobody names old/place or agent.env any more.
    world.write(configuration(token("c")))
    world.apply("--allow-revocations", "50")
    equal("what is left", [p.name for p in secrets.rglob("*.patform-tmp-*")],
          [keep.name])
    equal("the file of somebody else", keep.read_text(), "keep")
    keep.unlink()
    # With nothing to do, too.
    left = secrets / "old" / ".x.patform-tmp-0123456789abcdef"
    left.write_text("x")
    check("a plan removes nothing", world.plan() and left.exists())
    world.apply()
    check("it is still there", not left.exists())


@case
def no_dumps(world):
    """a process that holds a secret leaves no core"""
    world.start()
    world.write(many(1, grace="0s"))
    world.service.fault("create", {"latency_ms": 2000})
    running = world.begin("apply", "--auto-approve")
    wait_until("a create", lambda: creates(world) > 0)
    base = pathlib.Path("/proc") / str(running.process.pid)
    limits = (base / "limits").read_text()
    check("the limit", re.search(r"Max core file size +0 +0 ", limits), limits)
    running.process.send_signal(signal.SIGSEGV)
    running.wait(expect=-signal.SIGSEGV)
    check("a core", not list(world.folder.rglob("core*")))
    world.service.clear_faults()
    converge(world)


@case
def interrupted_ends(world):
    """stopped in the middle of eleven ends: each that is left is listed, and
    each change that was not begun, in text and in JSON"""
    service = world.start()
    for as_json in (False, True):
        world.close()
        service = world.start()
        shutil.rmtree(world.config / "secrets", ignore_errors=True)
        world.write(configuration(token("a", grace="1h"),
                                  token("b", grace="1h")))
        world.apply()
        for _ in range(10):
            world.apply("--rotate", "a")
        live = len(world.live()["a"])
        world.write(configuration(
            token("a", ensure="absent", deliver=None),
            token("b", ensure="absent", deliver=None),
            policy={"max_revocations": 50}))
        views.attack()
        service.fault("revoke", {"latency_ms": 400}, count=50)
        running = world.begin(
            "apply", "--auto-approve", "--allow-revocations", "50",
            "--parallelism", "1", *(["--json"] if as_json else []))
        wait_until("two revocations",
                   lambda: len(service.requests("DELETE")) >= 2)
        running.interrupt()
        result = running.wait(expect=130)
        gone = live - len(world.live().get("a", []))
        if as_json:
            events = [json.loads(line) for line in result.out.splitlines()]
            left = [step for event in events if event["type"] == "ended"
                    for step in event["left"]]
            equal("steps left", events[-1]["left"], len(left))
        else:
            left = re.findall(r"left for the next apply: (.*)", result.out)
            check("the count", "Left for the next apply, as listed above: "
                  f"{len(left)} steps." in result.out, result.out)
        equal("what is left", len(left), live - gone + 1)
        equal("each another", len(set(left)), len(left))
        service.clear_faults()
        world.apply("--allow-revocations", "50")
        world.settled()
