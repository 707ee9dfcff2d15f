"""A service that tells something else than what it did."""

import json
import shutil

import views
from configuration import configuration, token
from harness import case, check, equal
from liar import Liar, of_creates


def put(**fields):
    return lambda t: t.update(fields)


SECRET = "s7k2mq5tzr4xh2ndb4crl5ndqczcm272k7wq2m5tzr4xh2ndk7wq"
# What a create may answer that is not what was asked, or no secret at all.
LIES = {
    "an empty secret": put(token=""),
    "no secret": lambda t: t.pop("token", None) and None,
    "a null secret": put(token=None),
    "one character": put(token="x"),
    "a short secret": put(token="abcdefg"),
    "spaces": put(token=" " * 52),
    "10 MB": put(token="x" * 10_000_000),
    "100 kB": put(token="x" * 100_000),
    "a NUL": put(token=SECRET[:20] + "\0" + SECRET[20:]),
    "a line break": put(token=SECRET[:20] + "\n" + SECRET[20:]),
    "a line break at its end": put(token=SECRET + "\r\n"),
    "a line separator": put(token=SECRET + "\u2028"),
    "an escape": put(token="\x1b[2J" + SECRET),
    "a quote": put(token=SECRET + '"; rm -rf /; "'),
    "a space": put(token=SECRET[:20] + " " + SECRET[20:]),
    "a command": put(token="##vso[task.setvariable variable=x]" + SECRET),
    "letters of another alphabet": put(token="\u0430" * 52),
    "a list": put(token=[SECRET]),
    "a number": put(token=12345678901234567890),
    "another name": put(displayName="somebody else's"),
    "no name": put(displayName=""),
    "a mark of another workspace": put(
        displayName="a ~pf:other#1.k7wq2m5tzr4xh2nd"),
    "a mark with another nonce": put(
        displayName="a ~pf:e2e#1.k7wq2m5tzr4xh2nd"),
    "full access": put(scope="app_token"),
    "a further scope": put(scope="vso.code vso.tokens"),
    "no scope": put(scope=""),
    "no end": put(validTo="9999-12-31T23:59:59Z"),
    "an end that has passed": put(validTo="2020-01-01T00:00:00Z"),
    "a later end": put(validTo="2027-11-01T00:00:00Z"),
    "no id": put(authorizationId=""),
    "the id of zeros": put(
        authorizationId="00000000-0000-0000-0000-000000000000"),
    "no token": lambda t: b'{"patToken":null,"patTokenError":"none"}',
    "nothing": lambda t: b"",
    "half": lambda t: b'{"patToken":{"token":"' + SECRET.encode(),
    "a page": lambda t: b"<html>Sign in</html>",
    "deep": lambda t: b"[" * 1_000_000,
}


def settle(world):
    """The honest service again: everything is brought in order."""
    for _ in range(3):
        if world.run("apply", "--auto-approve").code == 0:
            break
        world.later(1900)
    world.settled()


@case
def creates(world):
    """a create that answers something else delivers nothing and ends nothing"""
    service = world.start()
    victim = service.mint("prod-victim")
    world.write(configuration(token("a")))
    bearer = world.variables["PATFORM_ACCESS_TOKEN"]
    lies = {**LIES, "a stranger's id": put(authorizationId=victim),
            "the caller's own bearer": put(token=bearer),
            "the caller's own bearer and more": put(token="x" + bearer)}
    problems = []
    for what, change in lies.items():
        views.attack()
        with Liar(service, of_creates(change)) as liar:
            result = world.run("apply", "--auto-approve",
                               PATFORM_SERVICE_URL=liar.url)
        if result.code == 0:
            problems.append(f"{what}: exit 0")
        if world.secrets():
            problems.append(f"{what}: delivered")
        if SECRET in result.out + result.err or bearer in (
                result.out + result.err):
            problems.append(f"{what}: the secret is shown")
        if len(result.out + result.err) > 20_000:
            problems.append(f"{what}: {len(result.out + result.err)} bytes")
        if victim not in str(service.list(bearer)[0]):
            problems.append(f"{what}: the stranger's token was ended")
            victim = service.mint("prod-victim")
        shutil.rmtree(world.config / "secrets", ignore_errors=True)
        end_ours(world)
        world.seen.clear()
    check("\n    ".join(problems), not problems)


def end_ours(world):
    bearer = world.variables["PATFORM_ACCESS_TOKEN"]
    for found in world.service.list(bearer)[0]:
        if " ~pf:e2e#" in found["displayName"]:
            world.service.call(
                "DELETE", "/contoso/_apis/tokens/pats?api-version="
                f"7.1-preview.1&authorizationId={found['authorizationId']}",
                None, {"Authorization": f"Bearer {bearer}"})


@case
def undone(world):
    """a delivery that fails never ends the token that a create names"""
    service = world.start()
    bearer = world.variables["PATFORM_ACCESS_TOKEN"]
    victim = service.mint("prod-victim")
    marked = service.mint("other ~pf:other#1.k7wq2m5tzr4xh2nd")
    shapes = {"b": ["b"], "x": ["x/a", "b"]}
    for what, ident, at in (
            ("a stranger's", victim, "b"), ("another team's", marked, "b"),
            ("a stranger's", victim, "x"), ("another team's", marked, "x")):
        world.write(configuration(token("a", deliver="[" + ", ".join(
            f'{{ to = "files", at = "{p}" }}' for p in shapes[at]) + "]")))
        for also in ({}, {"displayName": "prod-victim"}):
            views.attack()

            def lie(found, ident=ident, at=at, also=also):
                found.update(authorizationId=ident, **also)
                # Nothing can be delivered from now on.
                (world.config / "secrets").mkdir(exist_ok=True)
                (world.config / "secrets" / at).write_text("in the way")

            with Liar(service, of_creates(lie)) as liar:
                result = world.run("apply", "--auto-approve",
                                   PATFORM_SERVICE_URL=liar.url)
            check(f"{what}: exit {result.code}", result.code != 0)
            lives = str(service.list(bearer)[0])
            check(f"{what} token was ended", ident in lives, str(result))
            check("nothing was asked of it", not any(
                ident in path or ident in str(body)
                for method, path, body in liar.requests if method != "GET"),
                str(liar.requests))
            shutil.rmtree(world.config / "secrets")
            world.seen.clear()
            end_ours(world)


@case
def sent_again(world):
    """a create that was carried out is not sent again, whatever it answers"""
    service = world.start()
    world.write(configuration(token("a", grace="0s")))
    answers = {str(s): (s, {}, b"") for s in (
        400, 408, 409, 425, 429, 500, 502, 503, 504, 520, 301, 307, 201, 204)}
    answers |= {
        "429 and when": (429, {"Retry-After": "0"}, b""),
        "503 and when": (503, {"Retry-After": "0"}, b""),
        "429 of the service": (429, {"Retry-After": "0"}, json.dumps(
            {"typeKey": "RequestBlockedException"}).encode()),
        "401": (401, {"WWW-Authenticate": "Bearer"}, b""),
        "203, a sign-in page": (203, {"Content-Type": "text/html"},
                                b"<html>Sign in</html>"),
    }
    problems = []
    for what, answer in answers.items():
        views.attack()
        told = []

        def rewrite(method, _path, body, real, answer=answer, told=told):
            if method != "POST" or real[0] != 200:
                return None
            told.append(body["displayName"])
            return answer

        with Liar(service, rewrite) as liar:
            world.run("apply", "--auto-approve", PATFORM_SERVICE_URL=liar.url)
        if len(told) != len(set(told)):
            problems.append(f"{what}: sent {len(told)} times: {told}")
        settle(world)
        ours = [t for tokens in world.live().values() for t in tokens
                if " ~pf:" in t["displayName"]]
        if len(ours) != 1:
            problems.append(f"{what}: {len(ours)} live at the end")
        shutil.rmtree(world.config / "secrets", ignore_errors=True)
        end_ours(world)
    check("\n    ".join(problems), not problems)
