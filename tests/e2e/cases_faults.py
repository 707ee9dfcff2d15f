"""A service that falters: limits, errors, cut connections, nonsense."""

import json
import pathlib
import re

from configuration import many
from harness import case, check, equal


def minted(service, bearer):
    """The nonces of all tokens there are, live or not: one a POST that the
    service carried out."""
    names = []
    for display in ("active", "expired", "revoked"):
        names += [t["displayName"]
                  for t in service.list(bearer, display=display)[0]]
    return [name.rsplit(".", 1)[1] for name in names if " ~pf:" in name]


def check_no_mint_twice(world):
    nonces = minted(world.service, world.variables["PATFORM_ACCESS_TOKEN"])
    equal("a mint that was sent twice", len(nonces), len(set(nonces)))


@case
def rate_limit(world):
    """429 with Retry-After is waited out, of a list and of a create"""
    service = world.start()
    world.write(many(3))
    limit = {"status": 429, "headers": {"Retry-After": "1"}}
    service.fault("list", limit)
    result = world.plan()
    check("it did not wait", result.seconds >= 1, str(result.seconds))
    service.fault("create", limit)
    result = world.apply()
    check("it did not wait", result.seconds >= 1, str(result.seconds))
    world.settled()
    check_no_mint_twice(world)
    equal("live tokens", len(world.live()), 3)


@case
def server_errors(world):
    """a few 5xx answers to a list are tried again; many end in exit 1"""
    service = world.start()
    world.write(many(1))
    service.fault("list", {"status": 503}, count=2)
    world.plan()
    service.fault("list", {"status": 500}, count=99)
    result = world.plan(expect=1)
    check("the status", "500" in result.err, result.err)


@case
def create_fails(world):
    """a create that fails is not sent again blindly, and is undone"""
    for status in (500, 502, 503):
        if world.service is not None:
            world.close()
        service = world.start()
        world.write(many(2))
        service.fault("create", {"status": status})
        world.apply(expect=None)
        check_no_mint_twice(world)
        world.apply()
        world.settled()
        check_no_mint_twice(world)
        for place, secret in world.secrets().items():
            equal(f"{status}: state of {place}", service.state_of(secret),
                  "active")
        import shutil
        shutil.rmtree(world.config / "secrets")


@case
def cut_before_create(world):
    """connection cut before the create is done: made once, delivered"""
    service = world.start()
    world.write(many(1, grace="0s"))
    service.fault("create", {"cut_before": True})
    world.apply(expect=None)
    world.apply()
    world.settled()
    check_no_mint_twice(world)
    equal("live tokens", {n: len(t) for n, t in world.live().items()},
          {"t000": 1})


@case
def cut_after_create(world):
    """connection cut after the create was done: the orphan is collected"""
    service = world.start()
    world.write(many(1, grace="0s"))
    service.fault("create", {"cut_after": True})
    world.apply(expect=None)
    check_no_mint_twice(world)
    world.apply()
    world.settled()
    check_no_mint_twice(world)
    live = world.live()
    equal("live tokens", {n: len(t) for n, t in live.items()}, {"t000": 1})
    equal("state of what is delivered",
          service.state_of(world.secrets()["t000"]), "active")
    bearer = world.variables["PATFORM_ACCESS_TOKEN"]
    equal("tokens ever made", len(minted(service, bearer)), 2)


@case
def cut_in_rotation(world):
    """connection cut at each step of a rotation: the next apply converges"""
    service = world.start()
    world.write(many(1, grace="24h", deliver="both"))
    world.apply()
    for operation in ("list", "create", "update"):
        for cut in ("cut_before", "cut_after"):
            service.fault(operation, {cut: True})
            world.apply("--rotate", "t000", expect=None)
            secrets = world.secrets()
            equal(f"{cut} {operation}: state of what is delivered",
                  service.state_of(secrets["t000"]), "active")
            service.clear_faults()
            world.apply()
            world.settled()
            check_no_mint_twice(world)
            secrets = world.secrets()
            equal("two places, one secret", secrets["t000"],
                  secrets["agent.env#T000"])


@case
def named_errors(world):
    """each error that the service names: nothing minted, its name said"""
    service = world.start()
    world.write(many(1))
    for error in ("displayNameRequired", "invalidDisplayName",
                  "invalidValidTo", "invalidScope", "userIdRequired",
                  "invalidUserId", "invalidUserType", "accessDenied",
                  "failedToIssueAccessToken", "invalidClient",
                  "invalidClientType", "invalidClientId",
                  "invalidTargetAccounts", "hostAuthorizationNotFound",
                  "authorizationNotFound", "failedToUpdateAccessToken",
                  "sourceNotSupported", "invalidSourceIP", "invalidSource",
                  "duplicateHash", "sshPolicyDisabled", "invalidToken",
                  "tokenNotFound", "invalidAuthorizationId",
                  "failedToReadTenantPolicy", "globalPatPolicyViolation",
                  "fullScopePatPolicyViolation", "patLifespanPolicyViolation",
                  "invalidTokenType", "invalidAudience", "invalidSubject"):
        service.fault("create", {"pat_token_error": error}, count=99)
        result = world.apply(expect=None)
        check(f"{error}: exit code", result.code in (1, 4, 5, 7),
              str(result))
        check(f"{error}: not named", error in result.out + result.err,
              str(result))
        equal(f"{error}: live tokens", world.live(), {})
        service.clear_faults()
    world.apply()
    world.settled()


@case
def garbage(world):
    """an answer that is no answer is never an empty list"""
    service = world.start()
    world.write(many(2))
    world.apply()
    for action in ({"garbage": True}, {"body": "{}"}, {"body": "null"},
                   {"body": ""}, {"body": '{"patTokens": null}'},
                   {"body": '{"patTokens": 7}'}):
        service.fault("list", action, count=20)
        result = world.apply(expect=None)
        check(f"{action}: taken for a list", result.code not in (0, 2),
              str(result))
        service.clear_faults()
        equal("live tokens", len(world.live()), 2)
    world.settled()


@case
def slow_service(world):
    """a slow service is waited for, by all workers together"""
    service = world.start()
    world.write(many(8))
    service.fault("create", {"latency_ms": 300}, count=8)
    result = world.apply("--parallelism", "8")
    check("eight workers took turns", result.seconds < 8 * 0.3,
          str(result.seconds))
    world.settled()


# As terminals and the agents of CI systems read a log.
ACTS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u200b-\u200f"
                  r"\u2028-\u202e\u2060-\u206f\ufeff]"
                  r"|##[a-z]*\[|^\s*::", re.IGNORECASE | re.MULTILINE)


@case
def hostile_service(world):
    """what the service says in names and errors acts on no terminal or log"""
    service = world.start()
    world.write(many(1))
    world.apply()
    world.write(many(2))
    corpus = json.loads((pathlib.Path(__file__).parent.parent / "attacks" /
                         "corpus.json").read_text())
    chosen = ("control", "nul", "newlines", "ansi", "osc-title", "c1-csi",
              "bidi-override", "zero-width", "azure-inside", "azure-line",
              "azure-format", "github-error", "github-line", "github-return",
              "github-wide-blank")
    for name in chosen:
        word = corpus[name]
        said = json.dumps({"message": word, "typeKey": word, "errorCode": 0})
        for operation, action, command in (
                ("list", {"status": 403, "body": said}, "plan"),
                ("list", {"status": 400, "body": said}, "plan"),
                ("list", {"status": 404, "body": word}, "plan"),
                ("create", {"pat_token_error": word}, "apply"),
                ("create", {"status": 400, "body": said}, "apply")):
            service.fault(operation, action)
            flags = ["--auto-approve"] if command == "apply" else []
            result = world.run(command, *flags)
            service.clear_faults()
            check(f"{name}: {action} was no error", result.code != 0,
                  str(result))
            for text in (result.out, result.err):
                acting = ACTS.search(text)
                check(f"{name}: {action} acts: {acting}", acting is None,
                      repr(text))
    service.mint(corpus["azure-inside"] + corpus["bidi-override"])
    shown = world.plan(expect=None)
    check("the name is shown", "#\\x23vso[task" in shown.out, shown.out)
    check("the name acts", not ACTS.search(shown.out), repr(shown.out))
