"""A machine without a browser: the device code."""

import json
import stat

from configuration import token
from entra import DESK, READER
from harness import case, check, equal
from stage import (ADA, BOB, Login, auth, cache, declare, later,
                   sign_in_with_code, stage)
from words import told

CODE = r"\b([A-Z]{4}-[A-Z]{4})\b"


def box(world, **more):
    entra = stage(world)
    declare(world, auth(world, "sign-in", **more), token("ci"))
    return entra


@case
def device_code(world):
    """device code: entered by a person, with pauses as the service asks"""
    entra = box(world)
    # Five seconds more for each slow_down, as RFC 8628 has it.
    entra.fault("device_code", count=1, aadsts=70016, error="slow_down")
    entra.rules(hasty=False)
    world.hurry(10)
    said = sign_in_with_code(world, BOB, "login")
    check("who", BOB in said.out + said.err, str(said))
    check("where", entra.url in said.err, said.err)
    world.apply()
    world.settled()
    who = json.loads(world.run("whoami", "--json", expect=0).out)
    equal("whoami", who["name"], BOB)


@case
def device_code_refused(world):
    """device code: declined, too late, blocked, and other ends"""
    entra = box(world)
    said = sign_in_with_code(world, ADA, "login", button="cancel", expect=4)
    told("device code declined", said)
    login = Login(world, "login")
    login.until(CODE)
    entra.later(901)
    told("device code too late", login.wait(expect=4))
    entra.later(-901)
    for number in (53003, 7000218, 50199):
        entra.fault("device_code", aadsts=number)
        login = Login(world, "login")
        login.until(CODE)
        told(f"device code, {number}", login.wait(expect=4))
    entra.fault("devicecode", aadsts=700016)
    told("device code of no application", world.run("login", expect=4))
    equal("kept", list(cache(world).glob("*.json")), [])


@case
def only_reads(world):
    """device code: an application that may only list is told so before apply"""
    box(world, client=READER, scopes="499b84ac-1321-427f-aa17-267ca6975798/"
        "vso.pats offline_access openid")
    sign_in_with_code(world, ADA, "login")
    who = json.loads(world.run("whoami", "--json", expect=0).out)
    equal("whoami", (who["may_plan"], who["may_apply"]), (True, False))
    result = world.plan(expect=0)
    told("plan that may only list", result)
    result = world.run("apply", "--auto-approve", expect=4)
    check("apply", "the access token may list tokens (vso.pats), and not "
          "create, change or revoke them" in result.out, str(result))


@case
def rests(world):
    """cache: what is kept is renewed, and what has rested too long is told"""
    entra = box(world)
    sign_in_with_code(world, ADA, "login")
    later(world, 2 * 3600)
    world.plan("--detailed-exitcode", expect=2)
    later(world, 80 * 86400)
    world.plan("--detailed-exitcode", expect=2)
    later(world, 91 * 86400)
    told("cache idle", world.plan(expect=4))
    sign_in_with_code(world, ADA, "login")
    entra.revoke(ADA)
    later(world, 2 * 3600)
    told("cache revoked", world.plan(expect=4))


@case
def readable_by_others(world):
    """cache: not used where others can read it, or could have put it there"""
    box(world)
    sign_in_with_code(world, ADA, "login")
    [kept] = cache(world).glob("*.json")
    kept.chmod(0o640)
    told("cache with a wrong mode", world.plan(expect=4))
    kept.chmod(0o600)
    cache(world).chmod(0o777)
    told("cache in a wrong folder", world.plan(expect=4))
    cache(world).chmod(0o700)
    real = kept.with_suffix(".real")
    kept.rename(real)
    kept.symlink_to(real)
    told("cache behind a link", world.plan(expect=4))
    kept.unlink()
    real.rename(kept)
    world.plan("--detailed-exitcode", expect=2)
    equal("still a file", stat.S_ISREG(kept.lstat().st_mode), True)
