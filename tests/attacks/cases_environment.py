"""A pull request that wants to see what the runner's environment holds."""

import views
from configuration import configuration, token
from harness import case, check

# Distinct values, as a runner holds them: one that looks like a credential,
# one over several lines, a long one.
SECRETS = {
    "PATFORM_PLAN_KEY": "plan-key-of-the-release-0123456789",
    "SYSTEM_ACCESSTOKEN": "eyJhbGciOiJSUzI1NiJ9.c3lzdGVt.c2lnbmF0dXJl",
    "GITHUB_TOKEN": "ghs_0123456789abcdefghijklmnopqrstuvwx",
    "DEPLOY_PASSWORD": "correct-horse-battery-staple",
    "PRIVATE_KEY": "-----BEGIN KEY-----\nbGluZSBvbmU\nbGluZSB0d28\n",
    "HUGE": "h0u1g2e3" * 12_000,
}


def parts(value):
    """What of a value may be nowhere: each line, and the head of a long one."""
    return [line[:24] for line in value.splitlines() if len(line) > 8]


def unseen(world, forms, secrets=None):
    """No form shows any part of any of those values."""
    for view, text in forms:
        for name, value in (secrets or SECRETS).items():
            for part in parts(value):
                check(f"{name} is shown by {view}", part not in text,
                      text[:2000])


@case
def outside_of_sinks(world):
    """the environment is not read where no ${NAME} is allowed"""
    world.start()
    places = {
        "a name": ('[token."x-${@}"]\nscopes = ["vso.code"]\n', ""),
        "an owner": (token("a", owner="${@}", purpose="${@}"), ""),
        "a place": (token("a", deliver='[{ to = "files", at = "${@}" }]'), ""),
        "a sink's name": (token("a", deliver='[{ to = "${@}", at = "x" }]'),
                          ""),
        "a scope": (token("a", scopes=("${@}",)), ""),
        "a lifetime": (token("a", lifetime="${@}"), ""),
        "an organization": (token("a", organization="${@}"), ""),
        "an earlier name": (token("a", renamed_from="${@}"), ""),
        "a policy": (token("a"), '\n[policy]\nname_pattern = "${@}"\n'
                     'required_fields = ["${@}"]\nprevent_revoke = ["${@}"]\n'
                     'allowed_scopes = ["${@}"]\n'),
    }
    for what, (table, policy) in places.items():
        views.attack()
        for name in ("PATFORM_PLAN_KEY", "PRIVATE_KEY", "HUGE"):
            world.write(configuration(table.replace("@", name),
                                      policy=policy.replace("@", name)))
            unseen(world, views.of_a_file(world, **SECRETS))
            unseen(world, [(what, views.run(world, "plan text", "plan",
                                            **SECRETS))])
