"""A pull request that ends what the policy protects."""

import json

import views
from configuration import configuration, token
from endings import ENDINGS
from harness import case, check, equal

RULES = ['prevent_revoke = ["prod-victim"]', 'prevent_revoke = ["prod-*"]',
         'prevent_revoke = ["other", "*-victim"]', "max_revocations = 0"]


def protected(rule, place, world, text, extra=""):
    """Writes a configuration under that rule; what to give to patform."""
    variables = {}
    if place == "file":
        path = world.folder / "rules.toml"
        path.write_text(f"[policy]\n{rule}\n", encoding="utf-8")
        variables["PATFORM_POLICY"] = str(path)
        world.write(configuration(text, policy=extra))
    else:
        extra = extra or "\n[policy]\n"
        world.write(configuration(text, policy=extra + rule + "\n"))
    return variables


@case
def guards_hold(world):
    """a stranger's token is not ended past prevent_revoke, max_revocations"""
    service = world.start()
    victim = service.mint("prod-victim")
    for what, shape in ENDINGS.items():
        text, extra = shape(victim)
        for rule in RULES:
            for place in ("config", "file"):
                views.attack()
                more = extra if "[policy]" in extra or not extra else (
                    extra + "\n[policy]\n" if place == "config" else extra)
                variables = protected(rule, place, world, text, more)
                codes = [world.run(*command, **variables).code
                         for command in (["plan"],
                                         ["apply", "--auto-approve"])]
                check(f"{what} past {rule} in {place}", codes in (
                    [5, 5], [3, 3]), str(codes))
    lives = [t["authorizationId"] for t in service.list(
        world.variables["PATFORM_ACCESS_TOKEN"])[0]]
    equal("the victim lives, and nothing was made", lives, [victim])


@case
def loosened(world):
    """a second policy loosens no rule of the first, whatever it says"""
    service = world.start()
    victims = [service.mint(f"prod-{i}") for i in range(3)]
    strict = world.folder / "strict.toml"
    strict.write_text('[policy]\nprevent_revoke = ["prod-*"]\n'
                      "max_revocations = 1\n", encoding="utf-8")
    for extra in ("prevent_revoke = []", "max_revocations = 1000",
                  'max_revocations = "100%"',
                  'severity = { max_revocations = "warning" }',
                  'severity = { prevent_revoke = "ignore" }',
                  'exceptions = [{ rule = "prevent_revoke", token = "*", '
                  'until = 2099-01-01T00:00:00Z, reason = "x" }]'):
        views.attack()
        world.write(configuration(
            *(token(f"t{i}", replaces=[v]) for i, v in enumerate(victims)),
            policy=f"\n[policy]\n{extra}\n"))
        code = world.plan(expect=None, PATFORM_POLICY=str(strict)).code
        check(f"{extra}: exit {code}", code in (3, 5))
        code = world.run("apply", "--auto-approve",
                         PATFORM_POLICY=str(strict)).code
        check(f"{extra}: apply, exit {code}", code in (3, 5))
    plan = json.dumps(service.list(world.variables["PATFORM_ACCESS_TOKEN"])[0])
    check("all live", all(v in plan for v in victims), plan)
