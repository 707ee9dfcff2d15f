"""Access tokens that others have got: the Azure CLI, a helper, standard
input."""

import json
import os
import shlex
import time

from configuration import token
from entra import AZURE_DEVOPS, DOMAIN, claims_of
from harness import case, check, equal
from stage import ADA, auth, bearer, declare, put_az, stage
from words import told


def calls_of(az):
    log = az.with_name("az.log")
    return [json.loads(line) for line in log.read_text().splitlines()]


@case
def azure_cli(world):
    """azure-cli: both shapes of its answer, in any time zone, asked once"""
    stage(world)
    declare(world, auth(world, "azure-cli", client=None),
            *(token(f"t{i}") for i in range(3)))
    held = bearer(world)
    for mode, zone in [("current", "UTC"), ("old", "UTC"),
                       ("old", "America/New_York"), ("old", "Asia/Kolkata"),
                       ("warns", "UTC")]:
        az = put_az(world, mode=mode, token=held, expires=time.time() + 4000)
        world.variables["TZ"] = zone
        az.with_name("az.log").unlink(missing_ok=True)
        world.plan("--detailed-exitcode", expect=2)
        [call] = calls_of(az)
        equal("words", call["words"][:4], ["account", "get-access-token",
                                           "--resource", AZURE_DEVOPS])
        equal("standard input", call["stdin"], "")
        equal("variables", [name for name in call["variables"]
                            if name.startswith("PATFORM_")], [])
    az.with_name("az.log").unlink()
    world.apply()
    equal("asked", len(calls_of(az)), 1)
    world.settled()
    declare(world, auth(world, "azure-cli", client=None, tenant=DOMAIN),
            *(token(f"t{i}") for i in range(3)))
    world.settled()
    check("the tenant", f"--tenant={DOMAIN}" in calls_of(az)[-1]["words"],
          str(calls_of(az)[-1]["words"]))


@case
def azure_cli_fails(world):
    """azure-cli: not signed in, expired, broken, absent: three short lines"""
    stage(world)
    declare(world, auth(world, "azure-cli", client=None), token("ci"))
    held = bearer(world)
    for mode in ("not_logged_in", "expired", "traceback", "garbage"):
        put_az(world, mode=mode, token=held, expires=time.time() + 4000)
        told(f"az: {mode}", world.plan(expect=4))
    put_az(world, mode="hangs", token=held, expires=time.time() + 4000)
    world.hurry(30)
    told("az: hangs", world.plan(expect=9))
    (world.folder / "bin" / "az").unlink()
    world.variables["PATH"] = str(world.folder / "bin")
    told("az: absent", world.plan(expect=4))


@case
def azure_cli_app_only(world):
    """azure-cli: a service principal is recognized before anything is tried"""
    stage(world)
    declare(world, auth(world, "azure-cli", client=None), token("ci"))
    for what, more in [
            ("a service principal", {"app_only": True}),
            ("another audience", {"audience": "https://management.azure.com"}),
            ("a personal account",
             {"tenant": "9188040d-6c67-4c5b-b112-36a304b66dad"}),
            ("another tenant", {"tenant": "fabrikam.example"}),
            ("no scopes", {"scopes": "vso.tokens"}),
            ("too late", {"lifetime": -60})]:
        held = world.service.token(ADA, **more)
        put_az(world, mode="current", token=held,
               expires=claims_of(held)["exp"])
        told(f"the bearer of {what}", world.plan(expect=4))


@case
def helper(world):
    """exec: the shapes of az, azd and AzureAuth, and a bare token"""
    stage(world)
    held = bearer(world)
    ends = claims_of(held)["exp"]
    rfc = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(ends))
    shapes = {
        "az": {"accessToken": held, "expires_on": ends, "tokenType": "Bearer"},
        "azd": {"token": held, "expiresOn": rfc},
        "AzureAuth": {"user": ADA, "display_name": "Ada", "token": held,
                      "expiration_date": str(ends)},
        "bare": held,
    }
    # What it prints is its own; where it lies, too.
    answer = world.services / "helper.json"
    program = world.folder / "a helper"
    program.write_text(f"#!/bin/sh\nexec cat {shlex.quote(str(answer))}\n")
    program.chmod(0o755)
    declare(world, auth(world, "exec", client=None,
                        command=[str(program), "$(id)", "; id"]), token("ci"))
    told("exec without permission", world.plan(expect=4))
    for shape, text in shapes.items():
        answer.write_text(text if shape == "bare" else json.dumps(text))
        world.plan("--detailed-exitcode", "--allow-programs", expect=2)
    world.variables["PATFORM_ALLOW_PROGRAMS"] = "1"
    for what, text in [("nothing", ""), ("a page", "<html>sign in</html>"),
                       ("no token", '{"expires_on": 1}'),
                       ("two lines", f"{held}\n{held}")]:
        answer.write_text(text)
        told(f"exec prints {what}", world.plan(expect=4))
    answer.write_text(held)
    world.apply()
    world.settled()
    program.write_text("#!/bin/sh\necho 'no ticket for you' >&2\nexit 7\n")
    told("exec fails", world.plan(expect=4))


@case
def standard_input(world):
    """stdin: a token that another step hands over, whatever [auth] says"""
    stage(world)
    held = bearer(world)
    declare(world, auth(world, "azure-cli", client=None), token("ci"))
    world.variables["PATH"] = os.defpath
    world.run("plan", "--access-token-stdin", "--detailed-exitcode",
              stdin=held + "\n", expect=2)
    told("stdin: nothing", world.run("plan", "--access-token-stdin", stdin="",
                                     expect=4))
    told("stdin: no token", world.run("plan", "--access-token-stdin",
                                      stdin="hello there\n", expect=4))
    world.run("apply", "--auto-approve", "--access-token-stdin", stdin=held,
              expect=0)
    # The variable of the environment wins over the file, and it is told.
    result = world.run("plan", PATFORM_ACCESS_TOKEN=held, expect=0)
    told("the environment wins", result)
