"""The stories that a reader is promised."""

import json
import shutil
import subprocess

from harness import case, check, clean_environment, equal


@case
def quickstart(world):
    """the quickstart script runs to its end"""
    script = world.options.root / "examples" / "quickstart.sh"
    done = subprocess.run([script], cwd="/", env=clean_environment(),
                          stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=1500, check=False)
    check("the quickstart failed", done.returncode == 0, "\n" + done.stdout)
    for line in ("No changes. Your tokens match the configuration.",
                 "state of the new secret: active",
                 "state of the old secret (its grace): active",
                 "state of nightly's secret: revoked"):
        check(f"the quickstart did not say \"{line}\"", line in done.stdout,
              "\n" + done.stdout)


@case
def examples(world):
    """every example: plan, apply, and a second plan that is empty"""
    world.start("--organization", "contoso", "--organization", "fabrikam")
    folders = sorted(p.parent for p in
                     (world.options.root / "examples").glob("*/patform.toml"))
    check("there are no examples", folders)
    for folder in folders:
        shutil.rmtree(world.config)
        shutil.copytree(folder, world.config)
        changes = world.plan("--detailed-exitcode", expect=2)
        check(f"{folder.name}: nothing to create",
              " to create" in changes.out, str(changes))
        world.apply()
        world.settled()
        for place, secret in world.secrets().items():
            equal(f"{folder.name}: state of {place}",
                  world.service.state_of(secret), "active")
        world.remember()
        for place in sorted((world.config / "secrets").rglob("*")):
            mode = place.stat().st_mode & 0o777
            equal(f"{folder.name}: mode of {place.name}", oct(mode),
                  oct(0o700 if place.is_dir() else 0o600))


@case
def life(world):
    """create, change in place, rotate, rename, absent, released"""
    from configuration import configuration, token
    service = world.start()
    before, after = "vso.packaging_write", "vso.packaging_manage"
    world.write(configuration(token("a", scopes=(before,)),
                              token("b", deliver="both")))
    world.apply()
    world.settled()
    first = world.secrets()
    equal("secrets", sorted(first), ["a", "agent.env#B", "b"])
    equal("two sinks, one secret", first["b"], first["agent.env#B"])

    world.write(configuration(token("a", scopes=(after,)),
                              token("b", deliver="both")))
    text = world.plan().out
    for line in ("  # token.a will be updated in place (the scopes changed)",
                 f"      ~ scopes:       {before} → {after}",
                 f"          - {before}", f"          + {after}"):
        check(f"no line \"{line}\"", line in text.splitlines(), text)
    summary = world.plan_json()["summary"]
    equal("updates", (summary["update"], summary["unchanged"]), (1, 1))
    world.apply()
    world.settled()
    equal("the secret of an update", world.secrets(), first)
    equal("the scope", world.live()["a"][0]["scope"], after)

    world.apply("--rotate", "a", "--rotate", "b")
    world.settled()
    second = world.secrets()
    for place in first:
        check(f"{place} is not new", first[place] != second[place])
        equal(f"state of {place}", service.state_of(second[place]), "active")
        equal(f"state of the old {place}", service.state_of(first[place]),
              "active")

    current = record(world, "a")
    world.write(configuration(
        token("c", scopes=(after,), renamed_from="a",
              deliver='[{ to = "files", at = "a" }]'),
        token("b", ensure="absent")))
    world.apply()
    world.settled()
    # What was superseded before the rename ends under its old name.
    equal("live names", sorted(world.live()), ["a", "c"])
    equal("the old name", [t["authorizationId"] for t in world.live()["a"]
                           if t["authorizationId"] == current], [])
    equal("the secret of a rename", service.state_of(world.secrets()["a"]),
          "active")
    equal("what is absent", service.state_of(second["b"]), "revoked")

    equal("the new name", [t["authorizationId"] for t in world.live()["c"]],
          [current])

    world.write(configuration(token("c", scopes=(after,),
                                    ensure="released")))
    world.apply()
    world.settled()
    equal("released", {t["displayName"] for t in world.live()["c"]}, {"c"})
    equal("released and alive", service.state_of(world.secrets()["a"]),
          "active")


def record(world, name):
    """The authorization id that the file sink's record names last."""
    path = world.config / "secrets" / f".{name}.patform.json"
    return json.loads(path.read_text())["entries"][-1]["record"]["id"]
