"""Rules: their severities, exceptions, and what exists."""

import json

from configuration import configuration, token
from harness import case, check, equal

PULL = {"TF_BUILD": "True", "BUILD_REPOSITORY_PROVIDER": "TfsGit",
        "BUILD_REPOSITORY_ID": "r", "SYSTEM_TEAMPROJECT": "p",
        "SYSTEM_COLLECTIONURI": "https://dev.azure.com/contoso/",
        "SYSTEM_PULLREQUEST_PULLREQUESTID": "7"}

RULES = """
[policy]
max_lifetime = "7d"
required_fields = ["owner"]
severity = {{ {severity} }}
"""


def checks(plan):
    return [(c["severity"], c["rule"], c["address"]) for c in plan["checks"]]


@case
def warnings_do_not_stop(world):
    """a rule of severity warning is shown and does not stop"""
    world.start()
    world.write(configuration(
        token("a"), policy=RULES.format(severity='max_lifetime = "warning"')))
    result = world.plan(expect=5)
    check("the warning", "Warning max_lifetime: " in result.out,
          result.out)
    check("the error", "Error required_fields: " in result.out, result.out)
    plan = world.plan_json(expect=5)
    equal("checks", checks(plan),
          [("warning", "max_lifetime", "token.a"),
           ("error", "required_fields", "token.a")])
    equal("applyable", plan["applyable"], False)
    world.write(configuration(
        token("a", owner="team"),
        policy=RULES.format(severity='max_lifetime = "warning"')))
    result = world.run("validate", expect=0)
    check("validate's warning", "warning: " in result.err
          and "max_lifetime" in result.err, result.err)
    plan = world.plan_json("--detailed-exitcode", expect=2)
    equal("applyable with a warning", plan["applyable"], True)
    saved = world.folder / "plan.json"
    world.plan("--out", str(saved))
    shown = world.run("show", str(saved), "--format", "json", expect=0)
    equal("the saved plan's checks", json.loads(shown.out)["checks"],
          plan["checks"])
    world.run("apply", str(saved), expect=0)
    equal("live tokens", list(world.live()), ["a"])
    plan = world.plan_json("--detailed-exitcode")
    equal("afterwards the same, once", checks(plan),
          [("warning", "max_lifetime", "token.a")])


@case
def a_policy_file_can_not_be_weakened(world):
    """PATFORM_POLICY: the file under review cannot lower its rules"""
    world.start()
    strict = world.write('[policy]\nmax_lifetime = "7d"\n', "strict.toml")
    world.write(configuration(token("a"), policy="""
[policy]
max_lifetime = "90d"
severity = { max_lifetime = "warning" }
exceptions = [
  { rule = "max_lifetime", token = "*", until = 2099-01-01T00:00:00Z, \
reason = "please" },
]
"""))
    world.apply()
    world.apply("--rotate", "a", expect=5, PATFORM_POLICY=str(strict))
    result = world.plan(expect=5, PATFORM_POLICY=str(strict))
    check("the exception's place", "patform.toml:13:3: warning: this "
          "exception from `max_lifetime` has no effect: the policy file sets "
          "that rule" in result.err, result.err)
    check("the rule", "Error max_lifetime: " in result.out, result.out)
    world.write('[policy]\nmax_lifetime = "7d"\nexceptions = [{ rule = '
                '"max_lifetime", token = "a", until = 2099-01-01T00:00:00Z, '
                'reason = "old" }]\n', "strict.toml")
    result = world.plan(PATFORM_POLICY=str(strict))
    check("the note", "Note: token.a: lives 30d; the policy allows 7d; "
          "excepted from max_lifetime until 2099-01-01 00:00 UTC: old"
          in result.out, result.out)
    equal("stable_until is the exception's end or sooner",
          world.plan_json(PATFORM_POLICY=str(strict))["stable_until"]
          <= "2099-01-01T00:00:00Z", True)
    result = world.plan("--now", "2099-01-01T00:00:00Z", expect=5,
                        PATFORM_POLICY=str(strict))
    check("the end", "Warning expired_exception: " in result.out,
          result.out)
    check("the rule holds again", "its exception ended 2099-01-01" in result.out,
          result.out)


@case
def what_exists(world):
    """rules over tokens in no configuration: warnings unless `existing`"""
    service = world.start()
    service.mint("by hand", scope="app_token")
    policy = {"full_scope": "deny", "unmanaged_except": ["git: *"]}
    world.write(configuration(token("a"), policy=policy))
    plan = world.plan_json()
    equal("checks", checks(plan), [("warning", "full_scope", "by hand")])
    equal("its place", plan["checks"][0]["location"]["file"][-12:],
          "patform.toml")
    world.apply()
    world.write(configuration(token("a"), policy={**policy,
                                                  "existing": "error"}))
    world.plan(expect=5)
    world.write(configuration(token("a"), policy={"unmanaged": "deny"}))
    equal("denied", checks(world.plan_json(expect=5)),
          [("error", "unmanaged", "by hand")])
    # What the plan itself ends or changes is no finding.
    world.write(configuration(token("a"), policy={
        "full_scope": "deny", "existing": "error", "unmanaged": "revoke"}))
    equal("revoked anyway", checks(world.plan_json()), [])
    world.apply()
    equal("live tokens", list(world.live()), ["a"])


@case
def sinks_for_scopes(world):
    """a secret may not go to a sink of a type that its scopes forbid"""
    world.start()
    world.write(configuration(token("a", scopes=("vso.packaging",)), policy="""
[policy]
sinks_for_scopes = [{ scopes = ["vso.packaging*"], types = ["dotenv"] }]
"""))
    result = world.plan(expect=5)
    check("the rule", "Error sinks_for_scopes: " in result.out and
          "goes to files:a (type file); with vso.packaging the policy allows "
          "sinks of type dotenv" in result.out, result.out)


@case
def read_only_by_proof(world):
    """a reader's bearer plans; apply ends with 4 before anything is made"""
    service = world.start()
    service.mint("by hand")
    world.write(configuration(token("a"), token("b")))
    sent = len(service.requests("POST"))
    reader = {"PATFORM_ACCESS_TOKEN": service.token(scopes=["vso.pats"])}
    result = world.plan(**reader)
    check("a warning for a reader", "could also" not in result.err, result.err)
    check("the scopes", "patform: the access token of this plan has the scopes "
          "vso.pats: it can neither create nor revoke tokens\n" in result.err,
          result.err)
    equal("identity", world.plan_json(**reader)["identity"],
          {"scopes": ["vso.pats"], "may_mint": False})
    world.plan("--rotate", "a", **reader)
    world.run("status", expect=0, **reader)
    world.run("audit", expect=0, **reader)
    world.run("snapshot", "--out", str(world.folder / "w.json"), expect=0,
              **reader)
    equal("requests that change", len(service.requests("POST")), sent)
    result = world.apply(expect=4, **reader)
    check("the reason", "creating a token in organization \"contoso\": the "
          "access token may list tokens (vso.pats), and not create, change or "
          "revoke them; the service answered 403. Sign in with "
          "vso.pats_manage as well: apply needs both, plan only the first."
          in result.out, str(result))
    equal("live tokens", list(world.live()), ["by hand"])
    check("a secret was written",
          not any((world.config / "secrets").glob("*")))
    # Who could have applied, too, is told so in a pull request, and nothing
    # else changes.
    result = world.plan("--out", str(world.folder / "plan.json"), **PULL)
    check("the warning", "patform: the access token of this plan could also "
          "create and revoke tokens (vso.pats_manage)" in result.err, result.err)
    identity = {"scopes": ["vso.pats", "vso.pats_manage"], "may_mint": True}
    equal("identity", world.plan_json()["identity"], identity)
    shown = world.run("show", str(world.folder / "plan.json"), "--format",
                      "json", expect=0)
    equal("of the saved plan", json.loads(shown.out)["identity"], identity)
    plan = world.plan_json("--snapshot", str(world.folder / "w.json"),
                           PATFORM_ACCESS_TOKEN=None)
    equal("of a snapshot", plan["identity"], None)
