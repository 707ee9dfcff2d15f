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


def sink(path='"secrets"', mode="", kind="file"):
    """A file whose token is delivered to a sink with those settings."""
    lines = [f'type = "{kind}"', f"path = {path}"]
    if mode:
        lines.append(f"mode = {mode}")
    key = ', key = "A"' if kind == "dotenv" else ""
    head = ('format = 1\nworkspace = "e2e"\norganization = "contoso"\n\n'
            "[sink.files]\n" + "\n".join(lines) + "\n")
    return configuration(token("a", deliver='[{ to = "files", at = "x"'
                               + key + " }]"), head=head)


@case
def in_a_sink(world):
    """${NAME} of a sink shows no variable of the runner, in any output"""
    world.start()
    shapes = {
        "a path": lambda v: sink(path=f'"${{{v}}}"'),
        "a path that cannot be": lambda v: sink(path=f'"/dev/null/${{{v}}}"'),
        "inside of a path": lambda v: sink(path=f'"a${{{v}}}b"'),
        "a long literal": lambda v: sink(path=f"'''x/${{{v}}}'''"),
        "a dotenv": lambda v: sink(path=f'"/proc/${{{v}}}"', kind="dotenv"),
        "a mode": lambda v: sink(mode=f'"${{{v}}}"'),
        "a type": lambda v: sink(kind=f"${{{v}}}"),
        "escaped in TOML": lambda v: sink(path=f'"\\u0024\\u007b{v}}}"'),
        "a spelling": lambda v: sink(path=f'"${{VAR_{v}}}"'),
    }
    for what, shape in shapes.items():
        for name in ("PATFORM_PLAN_KEY", "SYSTEM_ACCESSTOKEN", "PRIVATE_KEY",
                     "HUGE"):
            views.attack()
            world.write(shape(name))
            unseen(world, views.of_a_file(world, **SECRETS))
            unseen(world, [(what, views.run(
                world, "plan text", "plan", **SECRETS))])
    for name in ("PATFORM_ACCESS_TOKEN", "PATFORM_PLAN_KEY"):
        views.attack()
        world.write(sink(path=f'"/dev/null/${{{name}}}"'))
        secrets = {name: world.variables.get(name) or SECRETS[name]}
        unseen(world, views.of_a_plan(world, **secrets), secrets)
        unseen(world, views.of_an_apply(world, **secrets), secrets)


# What PATFORM_VAR_… may hold: the operator's, but nobody else's business.
VALUES = {
    "a folder": "an-inner-folder-of-the-operator",
    "a folder outside": "/dev/null/an-inner-folder-of-the-operator",
    "lines": "first-line-of-it\n##vso[task.setvariable]second-line-of-it",
    "a command": "::set-output name=x::a-value-of-the-operator",
    "the end of a comment": "-->\n\n# approved-by-the-operator",
    "a long one": "/".join(["l0ng-f0lder"] * 300),
    "a mode": "0604-of-the-operator",
}


@case
def values_are_not_shown(world):
    """what PATFORM_VAR_NAME holds changes the digest and is in no output"""
    world.start()
    for what, value in VALUES.items():
        views.attack()
        secrets = {"PATFORM_VAR_PLACE": value}
        shapes = [sink(path='"${PLACE}"'), sink(path='"a/${PLACE}"'),
                  sink(mode='"${PLACE}"'), sink(kind="${PLACE}"),
                  sink(path='"${PLACE}"', kind="dotenv")]
        for text in shapes:
            world.write(text)
            unseen(world, views.of_a_file(world, **secrets), secrets)
            unseen(world, [(what, views.run(
                world, "plan text", "plan", **secrets))], secrets)
    for value in VALUES["a folder"], VALUES["a folder outside"]:
        secrets = {"PATFORM_VAR_PLACE": value}
        world.write(sink(path='"${PLACE}"'))
        unseen(world, views.of_a_plan(world, **secrets), secrets)
        unseen(world, views.of_an_apply(world, **secrets), secrets)


@case
def two_values_are_two_plans(world):
    """another value of PATFORM_VAR_NAME is another plan, keyed or not"""
    world.start()
    world.write(sink(path='"${PLACE}"'))
    for key in ({}, {"PATFORM_PLAN_KEY": "a key that is long enough"}):
        digests = [world.plan_json(PATFORM_VAR_PLACE=value, **key)["digest"]
                   for value in ("one", "two", "one", "one/", "./one")]
        check("the same value", digests[0] == digests[2], str(digests))
        check("another value", digests[0] != digests[1], str(digests))
        saved = world.folder / "plan.json"
        world.plan("--out", str(saved), PATFORM_VAR_PLACE="one", **key)
        for more in ([], ["--approve", digests[0]]):
            views.attack()
            result = world.run("apply", *more, str(saved), expect=6,
                               PATFORM_VAR_PLACE="two", **key)
            check("the value is told", "two" not in result.err.replace(
                "two levels", ""), result.err)
        result = world.run("apply", "--approve", digests[0], expect=6,
                           PATFORM_VAR_PLACE="two", **key)
        check("nothing is made", not world.live(), str(world.live()))
