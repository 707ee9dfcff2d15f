"""Metrics for node exporter's textfile collector."""

import os
import re

from configuration import configuration, many, token
from harness import case, check, equal

SERIES = re.compile(r'([a-z_]+)\{((?:[a-z_]+="(?:[^"\\\n]|\\.)*",?)*)\} (-?\d+)')


def read(path):
    """What is in a file, by name and labels; every line is one that counts."""
    series = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith(("# HELP ", "# TYPE ")):
            continue
        found = SERIES.fullmatch(line)
        check("not a series", found, line)
        key = (found[1].removeprefix("patform_"),
               *re.findall(r'[a-z_]+="((?:[^"\\]|\\.)*)"', found[2]))
        check("a series is there twice", key not in series, line)
        series[key] = int(found[3])
    return series


def folder_of(world):
    folder = world.folder / "collector"
    folder.mkdir(exist_ok=True)
    return folder


@case
def metrics_of_each_command(world):
    """status, plan and apply write metrics; no series is in two of them"""
    service = world.start()
    folder = folder_of(world)
    service.mint("b")
    world.write(configuration(token("a"), token("b", deliver=None)))
    world.apply("--metrics", str(folder / "apply.prom"), expect=0)
    world.run("status", "--metrics", str(folder / "status.prom"), expect=0)
    applied, seen = read(folder / "apply.prom"), read(folder / "status.prom")
    equal("success", applied["last_apply_success", "e2e"], 1)
    equal("changes", applied["last_apply_changes", "e2e", "done"], 1)
    equal("fine", seen["tokens", "e2e", "contoso", "fine"], 2)
    check("no end", ("token_valid_to_timestamp_seconds", "e2e", "contoso",
                     "yes") in seen, seen)
    equal("families of both", {key[0] for key in applied} &
          {key[0] for key in seen}, set())
    equal("mode", [oct(p.stat().st_mode & 0o777) for p in folder.iterdir()],
          ["0o644"] * 2)
    world.plan("--metrics", str(folder / "status.prom"))
    equal("of plan and status", read(folder / "status.prom").keys(),
          seen.keys())
    world.plan("--metrics", str(folder / "status.prom"),
               "--metrics-per-token")
    check("no name", ("token_valid_to_timestamp_seconds", "e2e", "contoso",
                      "", "token.a", "yes") in read(folder / "status.prom"))
    equal("what is there", sorted(p.name for p in folder.iterdir()),
          ["apply.prom", "status.prom"])


@case
def metrics_of_failures(world):
    """an apply that fails writes that it failed, whatever it failed of"""
    service = world.start()
    metrics = folder_of(world) / "apply.prom"

    def failed(code, workspace="e2e"):
        seen = read(metrics)
        metrics.unlink()
        equal("success", seen["last_apply_success", workspace], 0)
        equal("code", seen["last_apply_exit_code", workspace], code)
        return seen

    world.write(many(2))
    service.fault("create", {"status": 403}, count=1)
    world.apply("--metrics", str(metrics), expect=7)
    seen = failed(7)
    equal("failed", seen["last_apply_changes", "e2e", "failed"], 1)
    world.write(many(3))
    service.fault("create", {"latency_ms": 1500})
    asked = len(service.requests("POST"))
    running = world.begin("apply", "--auto-approve", "--metrics", str(metrics))
    while len(service.requests("POST")) == asked:
        pass
    running.interrupt()
    running.wait(130)
    failed(130)
    world.apply("--metrics", str(metrics), expect=4,
                PATFORM_ACCESS_TOKEN="nonsense")
    failed(4)
    world.write(many(1).replace("[token", "[tokn"))
    world.apply("--metrics", str(metrics), expect=3)
    failed(3, "")
    # Nobody could be asked: nothing was applied.
    world.write(many(4))
    world.run("apply", "--metrics", str(metrics), expect=3)
    failed(3)
    world.write(many(4) + '[policy]\nforbidden_scopes = ["vso.code"]\n')
    world.apply("--metrics", str(metrics), expect=5)
    failed(5)


@case
def metrics_that_cannot_be_written(world):
    """a wrong path is found before anything is done"""
    service = world.start()
    world.write(many(1))
    service.requests()
    for command in (("apply", "--auto-approve"), ("plan",), ("status",)):
        result = world.run(*command, "--metrics", "nowhere/a.prom", expect=1)
        equal("message", result.err,
              "patform: writing a file beside nowhere/a.prom: No such file or "
              "directory\n")
        equal("output", result.out, "")
    equal("requests", service.requests(), [])
    world.run("plan", "--metrics", "patform.txt", expect=3)
    equal("live tokens", world.live(), {})


@case
def metrics_lost_meanwhile(world):
    """a folder that goes away meanwhile: reported, and what was done counts"""
    service = world.start()
    folder = folder_of(world)
    world.write(many(1))
    service.fault("create", {"latency_ms": 700})
    running = world.begin("apply", "--auto-approve", "--metrics",
                          str(folder / "a.prom"))
    while "POST" not in {r.split()[0] for r in service.requests()}:
        pass
    os.rename(folder, world.folder / "moved")
    result = running.wait(1)
    world.remember()
    check("no report", "writing a file beside" in result.err, result)
    check("not done", "1 created" in result.out, result)
    equal("live tokens", len(world.live()), 1)
