"""What Microsoft's sample app for the PAT API does, from one tool."""

import json

from configuration import configuration, token
from harness import case, check, equal
from stage import ADA, bearer, later, stage


def only(world, name):
    [found] = world.live(bearer(world))[name]
    return found


@case
def sample_app(world):
    """the sample app's list: list, get, create, extend, update, revoke, rotate"""
    stage(world)
    service = world.service
    service.mint("by hand", days=300, user=ADA)
    world.variables["PATFORM_ACCESS_TOKEN"] = bearer(world)

    def declare(scope):
        world.write(configuration(
            token("demo", scopes=(scope,), lifetime="30d", renewal="extend")))

    declare("vso.code")
    world.apply()
    world.settled()
    created = only(world, "demo")
    secret = world.secrets()["demo"]
    equal("create", service.state_of(secret), "active")

    listed = world.run("audit", "--json", expect=0).out
    for name in ("by hand", "demo"):
        check(f"list: {name}", name in listed, listed)
    got = json.loads(world.run("status", "demo", "--json", expect=0).out)
    check("get", created["authorizationId"] in json.dumps(got), str(got))

    # Its window comes, and the sign-in is a new one.
    later(world, 25 * 86400)
    world.variables["PATFORM_ACCESS_TOKEN"] = bearer(world)
    world.apply()
    world.settled()
    extended = only(world, "demo")
    check("extend", extended["validTo"] > created["validTo"], str(extended))

    declare("vso.packaging")
    world.apply()
    world.settled()
    updated = only(world, "demo")
    equal("update", (updated["scope"], updated["authorizationId"]),
          ("vso.packaging", created["authorizationId"]))
    equal("the same secret", world.secrets()["demo"], secret)

    world.apply("--rotate", "demo")
    world.settled()
    rotated = world.secrets()["demo"]
    check("rotate", rotated != secret)
    equal("the new secret", service.state_of(rotated), "active")

    world.write(configuration(token("demo", ensure="absent")))
    world.apply()
    world.settled()
    for each in (rotated, secret):
        equal("revoke", service.state_of(each), "revoked")
    equal("what else lives", sorted(world.live(bearer(world))), ["by hand"])
