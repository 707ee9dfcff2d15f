"""Every refusal of the sign-in that is known, and answers that are none."""

from configuration import token
from harness import case, check, equal
from stage import ADA, auth, cache, declare, later, sign_in_with_code, stage
from words import told


def ready_to_renew(world):
    """Signed in, with an access token that has ended since."""
    entra = stage(world)
    declare(world, auth(world, "sign-in"), token("ci"))
    sign_in_with_code(world, ADA, "login", "--device-code")
    later(world, 7200)
    return entra


@case
def numbers(world):
    """errors: every AADSTS number that is known, whole"""
    entra = ready_to_renew(world)
    for number, answer in entra.errors().items():
        if answer["status"] in (429, 503):
            continue
        entra.fault("refresh_token", aadsts=int(number))
        told(f"AADSTS{number}", world.plan(expect=4))
    world.plan("--detailed-exitcode", expect=2)


@case
def not_an_answer(world):
    """errors: 429 and 5xx are tried again; a page is not the sign-in service"""
    entra = ready_to_renew(world)
    kept = next(cache(world).glob("*.json")).read_bytes()
    entra.fault("token", status=302, headers={"location": "https://x.example"},
                body="")
    told("a redirect", world.plan(expect=None))
    entra.fault("token", status=200, headers={"content-type": "text/html"},
                body="<html>Sign in to the proxy</html>")
    told("a page", world.plan(expect=None))
    entra.fault("token", status=200, body={"token_type": "Bearer"})
    told("no access token", world.plan(expect=None))
    equal("kept", next(cache(world).glob("*.json")).read_bytes(), kept)
    world.hurry(20)
    before = len(entra.requests("token"))
    entra.fault("token", status=429, headers={"retry-after": "7"},
                body={"error": "temporarily_unavailable"})
    entra.fault("token", status=503, body="busy")
    entra.fault("token", cut=True)
    world.plan("--detailed-exitcode", expect=2)
    equal("tries", len(entra.requests("token")) - before, 4)
    later(world, 7200)
    entra.fault("token", count=50, aadsts=90033)
    told("busy for long", world.plan(expect=None))


@case
def answer_lost(world):
    """errors: an answer that is lost costs no sign-in"""
    entra = ready_to_renew(world)
    entra.fault("refresh_token", after=True)
    world.plan("--detailed-exitcode", expect=2)
    check("sent again", len(entra.requests("token")) >= 3)
