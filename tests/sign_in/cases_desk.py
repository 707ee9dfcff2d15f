"""What happens at a desk after the sign-in: a Secret Service, bearers that end
early, claims that the service asks for, files of strangers."""

from configuration import token
from desktop import Desktop
from harness import case, check, equal
from stage import (ADA, BOB, auth, cache, declare, later, sign_in_with_code,
                   stage)
from words import told


def signed_in(world, *tokens, **more):
    entra = stage(world)
    declare(world, auth(world, "sign-in", **more), *(tokens or [token("ci")]))
    sign_in_with_code(world, ADA, "login", "--device-code")
    return entra


@case
def secret_service(world):
    """Secret Service: gnome-keyring keeps the sign-in, and no file does"""
    entra = stage(world)
    desktop = Desktop(world.services / "desktop")
    world.opened.append(desktop)
    world.variables |= desktop.variables
    declare(world, auth(world, "sign-in", cache="secret-service"), token("ci"))
    sign_in_with_code(world, ADA, "login", "--device-code")
    kept = [path for path in (world.services / "desktop" / "home").rglob("*")
            if path.is_file() and path.suffix == ".json"]
    equal("files", kept, [])
    _, found = desktop.secret_tool("search", "--all", "application", "patform")
    check("label", b"patform" in found, found)
    later(world, 3 * 3600)
    world.apply()
    world.settled()
    equal("sign-ins", [r["grant"] for r in entra.requests("token")][-1],
          "refresh_token")
    world.run("logout", expect=0)
    code, left = desktop.secret_tool("search", "--all", "application",
                                     "patform")
    equal("what is left", left, b"")
    world.variables["DBUS_SESSION_BUS_ADDRESS"] = None
    told("no Secret Service", sign_in_with_code(
        world, ADA, "login", "--device-code", expect=None))


@case
def ends_in_the_middle(world):
    """sign-in: a bearer that ends in the middle of an apply is renewed"""
    entra = signed_in(world, *(token(f"t{i}") for i in range(6)))
    entra.rules(lifetimes=[1500])
    later(world, 7200)
    world.service.fault("create", {"advance_seconds": 1600}, nth=4)
    world.apply("--parallelism", "1")
    equal("delivered", len(world.secrets()), 6)
    equal("sign-ins", [r["grant"] for r in entra.requests("token")][-2:],
          ["refresh_token"] * 2)
    world.settled()


@case
def challenged(world):
    """sign-in: continuous access evaluation in the middle of an apply"""
    entra = signed_in(world, *(token(f"t{i}") for i in range(6)))
    world.service.fault("create", {"end_sessions": True}, nth=3)
    world.apply("--parallelism", "1")
    equal("delivered", len(world.secrets()), 6)
    asked = entra.requests("token")[-1]
    check("claims", '"nbf"' in (asked["claims"] or ""), str(asked))
    posts = world.service.requests("POST")
    equal("creates", len(posts), 6 + 1)
    world.settled()


@case
def challenged_for_good(world):
    """sign-in: claims that only a person can meet, asked for at the next login"""
    entra = signed_in(world)
    entra.fault("refresh_token", count=9, aadsts=50076)
    later(world, 7200)
    told("a second factor in the middle", world.plan(expect=4))
    entra.clear_faults()
    sign_in_with_code(world, ADA, "login", "--device-code")
    world.plan("--detailed-exitcode", expect=2)


@case
def another_user(world):
    """sign-in: another user than the one whose tokens these are"""
    signed_in(world)
    world.apply()
    sign_in_with_code(world, BOB, "login", "--device-code")
    told("another user", world.plan(expect=4))


@case
def strangers(world):
    """sign-in: a configuration that a stranger wrote gets nothing"""
    entra = signed_in(world)
    world.variables["PATFORM_ALLOW_HOSTS"] = None
    allowed = {"PATFORM_ALLOW_HOSTS": entra.url.removeprefix("https://")}
    before = len(entra.requests())
    told("authority not allowed", world.plan(expect=None))
    told("login there", world.run("login", "--device-code", expect=None))
    for authority in ("https://login.microsoftonline.com.evil.example",
                      "https://login.microsoftonline.com@evil.example",
                      "http://login.microsoftonline.com",
                      "https://login.microsoftonline.com/../evil"):
        declare(world, auth(world, "sign-in").replace(entra.url, authority),
                token("ci"))
        told(f"authority {authority}", world.plan(expect=None))
    for tenant in ("common", "../evil", "organizations", "a b.example"):
        declare(world, auth(world, "sign-in").replace(
            "contoso.onmicrosoft.com", tenant), token("ci"))
        told(f"tenant {tenant}", world.plan(expect=None, **allowed))
    declare(world, auth(world, "sign-in", client="not a GUID"), token("ci"))
    told("no client id", world.plan(expect=None, **allowed))
    equal("requests", len(entra.requests()), before)
    declare(world, auth(world, "sign-in"), token("ci"))
    world.run("whoami", expect=0, **allowed)
