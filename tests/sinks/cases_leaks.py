"""The search for secrets itself finds them."""

import base64
import urllib.parse

import stage
from configuration import configuration, token
from harness import Failure, case, check, equal


def minted(world):
    """A configuration that delivers to a file; the secret."""
    world.start()
    world.write(configuration(token("ci")))
    world.apply()
    return world.secrets()["ci"]


@case
def spelled(world):
    """leaks: a secret is found raw, URL-encoded and in base64"""
    secret = minted(world)
    check("shape", stage.MINTED.fullmatch(secret.encode()), secret)
    basic = base64.b64encode(b":" + secret.encode())
    spelled_so = {
        "raw": secret.encode(),
        "in a word": b'{"token":"' + secret.encode() + b'"}',
        "base64": base64.b64encode(secret.encode()),
        "Basic": b"Authorization: Basic " + basic,
        "in an address": b"?x=" + urllib.parse.quote(basic, safe="").encode(),
        "base64 of JSON": base64.urlsafe_b64encode(
            b'{"data":{"token":"' + secret.encode() + b'"}}'),
        "letter by letter": "".join(f"%{ord(c):02x}" for c in secret).encode(),
    }
    equal("found", [name for name, data in spelled_so.items()
                    if stage.leaks(data)], list(spelled_so))
    for other in [b"", secret[:-1].encode(), b"x" * 500,
                  base64.b64encode(b"x" * 500)]:
        check("nothing there", not stage.leaks(other), str(other))


@case
def left_behind(world):
    """leaks: of what a case leaves behind, only the targets hold secrets"""
    secret = minted(world)
    equal("nothing", stage.guard(world), {})
    for place in [world.folder / "core", world.services / "store" / "log"]:
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(base64.b64encode(secret.encode()))
        expect_leak(world, str(place))
        place.unlink()
    world.written.append(secret.encode())
    expect_leak(world, f"output {len(world.written) - 1}")
    world.written.pop()


def expect_leak(world, where):
    written = len(world.written)
    try:
        stage.guard(world)
    except Failure as found:
        equal("found", str(found), f"a secret is in {where}")
    else:
        raise Failure(f"nothing was found in {where}")
    finally:
        del world.written[written:]
