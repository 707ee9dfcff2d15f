"""Files as weapons: what a file of one megabyte costs whoever reads it."""

import os
import resource
import signal
import time

import hostile_files
import views
from harness import case, check

# Of the release build; others are given five times as much.
SECONDS = 5
MEBIBYTES = 200


def cost(world, *arguments):
    """Exit code, CPU seconds and peak MiB of one run, and what it said."""
    said = world.folder / "said"
    pid = os.fork()
    if pid == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (30, 30))
        out = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(out, 1)
        os.dup2(out, 2)
        os.chdir(world.config)
        os.execv(world.options.patform,
                 [str(world.options.patform), *arguments])
    _, status, used = os.wait4(pid, 0)
    return (os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime,
            used.ru_maxrss >> 10, said.read_bytes())


@case
def megabytes(world):
    """no file of a megabyte takes long, much memory or many words"""
    for name, shape in hostile_files.SHAPES.items():
        views.attack()
        text = shape().encode("utf-8", "surrogateescape")
        check(f"{name}: too large for a shape", len(text) < 1_300_000)
        (world.config / "patform.toml").write_bytes(text)
        code, seconds, mebibytes, said = cost(world, "validate")
        check(f"{name}: exit {code}", code in (0, 3, 5), str(said[:500]))
        check(f"{name}: {seconds:.1f} s", seconds <= SECONDS)
        check(f"{name}: {mebibytes} MiB", mebibytes <= MEBIBYTES)
        check(f"{name}: {len(said)} bytes said", len(said) < 2 << 20)


def resident(pid):
    """MiB in memory now; 0: it has ended."""
    try:
        with open(f"/proc/{pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * resource.getpagesize() >> 20
    except (OSError, IndexError):
        return 0


@case
def stopped(world):
    """a signal ends the reading of a large file at once"""
    text = hostile_files.SHAPES["tokens from the defaults"]()
    teams = world.config / "teams"
    teams.mkdir()
    (world.config / "patform.toml").write_text(
        'include = ["teams/*.toml"]\n' + hostile_files.DEFAULTS,
        encoding="utf-8")
    tables = text[len(hostile_files.DEFAULTS):]
    for number in range(12):
        (teams / f"{number}.toml").write_text(
            tables.replace("[token.a", f"[token.a{number}-"),
            encoding="utf-8")
    for number in (signal.SIGTERM, signal.SIGINT):
        views.attack()
        running = world.begin("validate")
        # In the midst of it: much has been read, and more is to come.
        while resident(running.process.pid) < 48:
            check("is reading", running.process.poll() is None)
        began = time.monotonic()
        running.interrupt(number)
        result = running.wait()
        check(f"exit {result.code}", result.code == 128 + number, str(result))
        check("time", time.monotonic() - began < 2)
