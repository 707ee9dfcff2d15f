"""Four months of nights."""

from configuration import token
from harness import case, check, equal
from stage import ADA, auth, declare, later, sign_in_with_code, stage

NIGHTS = 120
DAY = 86400


@case
def nights(world):
    """story: a login, and maintenance every night for 120 days"""
    entra = stage(world)
    # A used refresh token that came back would end the sign-in.
    entra.rules(strict=True)
    declare(world, auth(world, "sign-in"),
            token("ci", lifetime="30d", rotate_before="7d", grace="2d"),
            token("feed", scopes=("vso.packaging",), deliver="env",
                  lifetime="10d", rotate_before="3d"))
    sign_in_with_code(world, ADA, "login", "--device-code")
    world.apply()
    served, logins = [world.secrets()], 1
    for night in range(1, NIGHTS + 1):
        later(world, DAY)
        if night == 60:
            # The password was changed: a person signs in again, once.
            entra.revoke(ADA)
            world.apply("--maintenance", expect=4)
            sign_in_with_code(world, ADA, "login", "--device-code")
            logins += 1
        world.apply("--maintenance")
        if world.secrets() != served[-1]:
            served.append(world.secrets())
        for place, secret in world.secrets().items():
            equal(f"night {night}: {place}", world.service.state_of(secret),
                  "active")
    check("rotations", len(served) > 15, str(len(served)))
    world.settled()
    grants = [request["grant"] for request in entra.requests("token")]
    # Each night but the one of the new sign-in, and once in vain.
    equal("renewed", grants.count("refresh_token"), NIGHTS)
    equal("a person", len(entra.journal()["codes"]), logins)
