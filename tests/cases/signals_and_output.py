"""Signals while something is waited for, and output that goes nowhere."""

import os
import pty
import re
import select
import signal
import subprocess
import time

from configuration import configuration, many, token
from harness import case, check, equal
from inputs import each

NUMBERS = ((signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129))


def until(what, holds, seconds=30):
    deadline = time.monotonic() + seconds
    while not holds():
        check(f"in vain waited for {what}", time.monotonic() < deadline)
        time.sleep(0.02)


def ended_by(world, number, code, ready, *command):
    """Starts a command, sends it a signal once `ready()`; its result."""
    running = world.begin(*command)
    until("the moment", ready)
    sent = time.monotonic()
    running.interrupt(number)
    result = running.wait(expect=code)
    took = time.monotonic() - sent
    check(f"{command}: ended after {took:.1f} s", took < 3, str(result))
    return result


@case
def at_the_prompt(world):
    """one signal at the approval prompt ends apply, and nothing was changed"""
    world.start()
    world.write(many(1))
    for number, code in each(NUMBERS):
        world.remember()
        pid, terminal = pty.fork()
        if pid == 0:
            os.execve(world.options.patform,
                      ["patform", "-c", str(world.config), "apply"],
                      world.environment())
        text = b""
        while b"Enter a value:" not in text:
            ready, _, _ = select.select([terminal], [], [], 30)
            check("a question", ready, text.decode())
            text += os.read(terminal, 65536)
        if number == signal.SIGINT:
            os.write(terminal, b"\x03")  # as a person does it
        else:
            os.kill(pid, number)
        try:
            while chunk := os.read(terminal, 65536):
                text += chunk
        except OSError:
            pass
        _, status = os.waitpid(pid, 0)
        os.close(terminal)
        equal(f"{number!r}", os.waitstatus_to_exitcode(status), code)
        check("what it says", b"interrupted; nothing was changed" in text,
              text.decode())
    equal("live tokens", world.live(), {})


@case
def what_only_reads(world):
    """a signal ends what only reads at once, and no file is written"""
    service = world.start()
    world.write(many(1))
    out = world.folder / "out"
    for number, code in each(NUMBERS):
        for command in (["plan", "--out", str(out)],
                        ["plan", "--json-into", str(out)],
                        ["snapshot", "--out", str(out)],
                        ["import", "--out", str(out)],
                        ["audit"], ["status"], ["apply"]):
            service.clear_faults()
            service.fault("list", {"latency_ms": 20_000}, count=9)
            seen = len(service.requests("GET"))
            result = ended_by(world, number, code,
                              lambda: len(service.requests("GET")) > seen,
                              *command)
            equal(f"{command}: out", result.out, "")
            check(f"{command}: a file", not out.exists())
    equal("what is left beside it",
          [p.name for p in world.folder.iterdir() if p.name[:3] == "out"], [])


@case
def while_it_waits(world):
    """a signal wakes a Retry-After, a retry and an apply that waits"""
    service = world.start()
    world.write(many(1))
    for action in ({"status": 429, "headers": {"Retry-After": "60"}},
                   {"status": 503, "headers": {"Retry-After": "60"}}):
        for command in (["plan"], ["apply", "--auto-approve"]):
            service.clear_faults()
            service.fault("list", action, count=9)
            seen = len(service.requests("GET"))
            ended_by(world, signal.SIGINT, 130,
                     lambda: len(service.requests("GET")) > seen, *command)
    # In mid-apply: nothing is in hand, and the wait is given up.
    service.clear_faults()
    world.apply()
    service.fault("update", {"status": 429, "headers": {"Retry-After": "60"}},
                  count=9)
    world.write(many(1, scopes=("vso.work",)))
    result = ended_by(world, signal.SIGTERM, 143,
                      lambda: service.requests("PUT"),
                      "apply", "--auto-approve")
    check("the summary", "Apply incomplete." in result.out, str(result))
    service.clear_faults()
    world.apply()
    world.settled()


def run_into(world, stdout, *command):
    done = subprocess.run(
        [world.options.patform, "-c", world.config, *command], stdout=stdout,
        stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
        env=world.environment(), cwd=world.folder, check=False)
    world.written.append(done.stderr)
    return done.returncode, done.stderr.decode()


@case
def nowhere_to_write(world):
    """a full disk behind the output is exit 1, before any special code"""
    world.start()
    world.write(many(1))
    world.run("plan", "--out", str(world.folder / "plan.json"), expect=0)
    commands = (["plan", "-q"], ["plan", "-q", "--detailed-exitcode"],
                ["plan", "-q", "--format", "json", "--detailed-exitcode"],
                ["show", "plan.json", "--detailed-exitcode"],
                ["audit", "--detailed-exitcode"], ["status"],
                ["validate"], ["scopes"], ["schema"], ["help"], ["version"],
                ["comment", "plan.json", "--dry-run"],
                ["apply", "--auto-approve"],
                ["apply", "--auto-approve", "--json"])
    with open("/dev/full", "wb") as full:
        for command in each(commands):
            code, err = run_into(world, full, *command)
            equal(f"{command}: {err}", code, 1)
            equal(f"{command}: said once",
                  err.count("could not be written"), 1)
    equal("live tokens", world.live(), {})
    # The files beside it.
    for flags in (["--out"], ["--json-into"], ["--markdown-into"],
                  ["--sarif-into"], ["--junit-into"]):
        result = world.run("plan", "-q", "--detailed-exitcode", *flags,
                           "/dev/full", expect=1)
        check(f"{flags}", "writing /dev/full: No space left on device" in
              result.err, str(result))
    world.run("snapshot", "--out", "/dev/full", expect=1)


@case
def nobody_reads(world):
    """a reader that goes away is not an error, and nothing is printed"""
    world.start()
    world.write(many(3))
    for command, want in ((["plan", "-q"], 0),
                          (["plan", "-q", "--detailed-exitcode"], 2),
                          (["plan", "-q", "--json-into", "/dev/stdout"], 0),
                          (["audit"], 0), (["schema"], 0),
                          (["apply", "--auto-approve", "-q"], 0),
                          (["status"], 0)):
        reads, writes = os.pipe()
        os.close(reads)
        code, err = run_into(world, writes, *command)
        os.close(writes)
        equal(f"{command}: {err}", code, want)
        check(f"{command}: {err}", "written" not in err and "ipe" not in err)
    world.settled()


@case
def closed_output(world):
    """with standard output closed, nothing else gets what was meant for it"""
    world.start()
    world.write(many(1))
    for closed in (">&-", "0<&- >&-", ">&- 2>&-"):
        done = subprocess.run(
            ["sh", "-c", f'exec "$0" -c "$1" plan --out plan.json {closed}',
             str(world.options.patform), str(world.config)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=world.environment(), cwd=world.folder, check=False)
        equal(f"{closed}: {done.stderr}", done.returncode, 1)
        plan = world.folder / "plan.json"
        world.run("show", str(plan), expect=0)
        plan.unlink()


@case
def each_failure_once(world):
    """what failed is explained once, and complete is what is complete"""
    service = world.start()
    world.write(many(3))
    service.fault("create", {"status": 500, "body": {"message": "odd thing"}},
                  nth=2, count=20)
    result = world.apply("--parallelism", "1", expect=7)
    both = result.out + result.err
    failed = re.findall(
        r"Incomplete: (token\.t\d+) was not created\n    (.*)\n", result.out)
    equal("failures", len(failed), 2)
    # Once for each of them, in the result.
    equal("the reason", both.count(failed[0][1]), 2)
    for name, _ in failed:
        check("the count", re.search(
            rf"^{name}: stopped half-way after \d+s \([23]/3\)$", result.err,
            re.M), result.err)
    check("complete", "Apply complete!" not in both, both)
    service.clear_faults()
    world.apply()
    # One token that cannot be decided: the rest is done, and not all.
    world.write(many(4) + token("watched", deliver=None))
    result = world.apply(expect=8)
    check("complete", "Apply complete!" not in result.out, result.out)
    check("what is left", "Apply incomplete. Tokens: 1 created, 0 updated, 0 "
          "rotated, 0 revoked.\nSecret of token.t003: files:t003 = file, path = "
          "\"secrets\"\n1 token could not be decided (marked ? above)."
          in result.out, result.out)
    world.write(many(4))
    world.settled()
    world.write(many(4, scopes=("vso.work",)))
    check("complete", "Apply complete!" in world.apply().out)


@case
def told_in_the_first_second(world):
    """a service that is down is spoken of in the first second, with the reason
    and what is done about it"""
    world.start()
    world.write(many(1))
    for command in (["plan"], ["apply", "--auto-approve"], ["status"],
                    ["audit"], ["snapshot", "--out", "w.json"]):
        running = world.begin(*command,
                              PATFORM_SERVICE_URL="https://127.0.0.1:1")
        line = running.process.stderr.readline()
        took = time.monotonic() - running.began
        check(f"{command}: said after {took:.1f} s", took < 2.5)
        check(f"{command}: {line}", re.search(
            r"refused.*; trying again in \d+s \(try \d of 6\)$", line))
        running.interrupt()
        running.wait(expect=130)
    running = world.begin("plan", "-q",
                          PATFORM_SERVICE_URL="https://127.0.0.1:1")
    time.sleep(1.5)
    running.interrupt()
    result = running.wait(expect=130)
    check("quiet", "Reading" not in result.err, result.err)


@case
def progress_of_an_apply(world):
    """an apply counts, and says what it waits for after a second"""
    service = world.start()
    world.write(configuration(*(token(f"t{i}") for i in range(4))))
    result = world.apply()
    equal("counts", re.findall(r"\((\d)/4\)", result.err),
          ["1", "2", "3", "4"])
    service.fault("update", {"status": 429, "headers": {"Retry-After": "3"}})
    world.write(configuration(*(token(f"t{i}", scopes=("vso.work",))
                                for i in range(4))))
    result = world.apply("--json")
    said = [line for line in result.out.splitlines()
            if '"type":"waiting"' in line]
    check("one event", len(said) == 1 and "limits the rate of requests" in
          said[0], result.out)
    world.settled()
