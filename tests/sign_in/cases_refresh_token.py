"""A refresh token that was seeded once, redeemed and written back each time:
alone, and with the proof of a confidential client."""

import shutil

from configuration import token
from entra import DESK, PIPELINE
from harness import case, check, equal
from stage import (ADA, KEPT, auth, declare, later, put_seed,
                   sign_in_with_code, stage)
from words import told


def seeded(world, *tokens, client=None, source="refresh-token", **more):
    """A pipeline's sign-in, ready to run; the file of its refresh token."""
    entra = world.entra
    more = {"from": "kept:bot", **more}
    if client is not None:
        more["client"] = client
    place = put_seed(world, entra.seed(ADA, *([client] if client else [])))
    declare(world, auth(world, source, **more) + KEPT,
            *(tokens or [token("ci")]))
    return place


@case
def rotates(world):
    """refresh-token: each run leaves a new one, and a strict server is content"""
    entra = stage(world)
    entra.rules(strict=True)
    place = seeded(world)
    seen = {place.read_text()}
    world.apply()
    for _ in range(4):
        world.settled()
        check("written back", place.read_text() not in seen)
        seen.add(place.read_text())
        equal("mode", oct(place.stat().st_mode & 0o777), "0o600")
    for request in entra.requests("token")[-5:]:
        equal("grant", request["grant"], "refresh_token")
        equal("proof", request["proof"], "none")


@case
def used_before(world):
    """refresh-token: one that a strict server has seen before needs a person"""
    entra = stage(world)
    entra.rules(strict=True)
    place = seeded(world)
    old = place.read_text()
    world.plan("--detailed-exitcode", expect=2)
    place.write_text(old)
    told("a refresh token that was used before", world.plan(expect=4))
    equal("left as it was", place.read_text(), old)


@case
def challenged(world):
    """refresh-token: claims that the service asks for go to the sign-in"""
    entra = stage(world)
    seeded(world, *(token(f"t{i}") for i in range(6)))
    world.service.fault("create", {"end_sessions": True}, nth=3)
    world.apply("--parallelism", "1")
    equal("delivered", len(world.secrets()), 6)
    asked = [r.get("claims") for r in entra.requests("token")]
    check("claims", '"nbf"' in (asked[-1] or ""), str(asked))
    equal("live", {name: len(tokens) for name, tokens in world.live(
        entra.refresh(entra.seed(ADA), claims=asked[-1])[1]["access_token"]
    ).items()}, {f"t{i}": 1 for i in range(6)})
    world.settled()


@case
def workload(world):
    """workload: a refresh token that only the certificate, or the CI, redeems"""
    entra = stage(world)
    keys, folder = entra.keys, world.config / "kept"
    for name, text in [("app.pem", keys.app.pem), ("app.key", keys.app.private),
                       ("other.pem", keys.stranger.pem),
                       ("other.key", keys.stranger.private)]:
        folder.mkdir(mode=0o700, exist_ok=True)
        (folder / name).touch(mode=0o600)
        (folder / name).write_text(text)
    place = seeded(world, client=PIPELINE, source="workload",
                   certificate="kept/app.pem", private_key="kept/app.key")
    world.apply()
    world.settled()
    equal("proof", entra.requests("token")[-1]["proof"], "assertion")
    # What a thief has of it.
    status, answer = entra.refresh(place.read_text().strip(), PIPELINE)
    equal("alone", (status, answer["error_codes"]), (401, [7000218]))
    seeded(world, client=PIPELINE, source="workload",
           certificate="kept/other.pem", private_key="kept/other.key")
    told("a certificate of another application", world.plan(expect=4))
    jwt = folder / "jwt"
    jwt.touch(mode=0o600)
    jwt.write_text(entra.pipeline_token())
    seeded(world, client=PIPELINE, source="workload",
           assertion_file="kept/jwt")
    world.settled()
    jwt.write_text(entra.pipeline_token(sub="repo:stranger/x"))
    told("a job that nobody trusts", world.plan(expect=4))


def signed_in(world, *tokens, client=DESK, source="refresh-token", **more):
    """A pipeline's sign-in that a person puts into its place, with a code; the
    file of its refresh token."""
    place = world.config / "kept" / "bot"
    world.keeping.add(place.parent)
    declare(world, auth(world, source, client=client, **{"from": "kept:bot"},
                        **more) + KEPT, *tokens)
    result = sign_in_with_code(world, ADA, "login", "--device-code")
    for said in ["Signed in as ada@contoso.example",
                 "kept:bot. The first run has to use it by"]:
        check(said, said in result.out, result.out)
    return place


@case
def own_login(world):
    """workload: login asks for the refresh token as the application itself"""
    entra = stage(world)
    jwt = world.config / "jwt"
    jwt.touch(mode=0o600)
    jwt.write_text(entra.pipeline_token())
    world.keeping.add(jwt)
    signed_in(world, token("ci"), client=PIPELINE, source="workload",
              assertion_file="jwt")
    world.apply()
    world.settled()


@case
def nights(world):
    """the seed's journey: login once, then 120 nights, each on a fresh machine"""
    entra = stage(world)
    entra.rules(strict=True)
    signed_in(world, token("ci", lifetime="20d", rotate_before="5d"))
    world.apply()
    first = world.secrets()
    for night in range(120):
        later(world, 86400)
        shutil.rmtree(world.folder / "home")
        (world.folder / "home").mkdir()
        world.apply("--maintenance")
        equal(f"night {night}", world.service.state_of(world.secrets()["ci"]),
              "active")
    check("rotated", world.secrets() != first)
    world.settled()
