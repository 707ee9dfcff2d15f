"""The counterparts of a case: the PAT service and the sign-in server, one
tenant, their clocks and patform's together."""

import json
import os
import pathlib
import re
import shutil
import time

from configuration import HEAD, configuration, toml
from entra import DESK, DOMAIN, Entra, claims_of
from harness import Failure

ADA, BOB = "ada@contoso.example", "bob@contoso.example"
NAMES = {ADA: "Ada Lovelace", BOB: "Build Bot"}


def stage(world, *flags):
    """Starts both; patform has no bearer but the ones that it gets itself."""
    service = world.start("--set", "bearers=any", *flags)
    known = {upn: claims_of(service.token(upn)) for upn in NAMES}
    world.entra = Entra(
        world.options.modules, world.services / "entra", world.options.keys,
        known[ADA]["tid"],
        [{"upn": upn, "oid": claims["oid"], "name": NAMES[upn]}
         for upn, claims in known.items()])
    world.opened.append(world.entra)
    trust = world.services / "trust.pem"
    trust.write_text(service.certificate.read_text()
                     + world.entra.certificate.read_text())
    home = world.folder / "home"
    home.mkdir()
    world.keeping.add(cache(world))
    world.variables = {
        "PATFORM_SERVICE_URL": service.url, "SSL_CERT_FILE": str(trust),
        "PATFORM_ALLOW_HOSTS": world.entra.url.removeprefix("https://"),
        "HOME": str(home), "XDG_CACHE_HOME": None, "XDG_STATE_HOME": None,
        "XDG_CONFIG_HOME": None, "XDG_DATA_HOME": None,
        "XDG_RUNTIME_DIR": None, "DBUS_SESSION_BUS_ADDRESS": None,
        "DISPLAY": None, "BROWSER": None,
    }
    return world.entra


def cache(world):
    """The folder in which patform keeps sign-ins on this machine."""
    return world.folder / "home" / ".local" / "state" / "patform"


def guard(world):
    """What must be nowhere but where it is kept: every token that the sign-in
    server gave out."""
    entra = getattr(world, "entra", None)
    if entra is None:
        return {}
    journal = entra.journal()
    return {secret: f"the {what} token" for what in ("access", "refresh")
            for secret in journal[what]}


def bearer(world, user=ADA):
    """An access token of that user, fresh from the sign-in server."""
    refresh = world.entra.seed(user)
    return world.entra.refresh(refresh)[1]["access_token"]


def later(world, seconds):
    """Time passes for the service, the sign-in and patform."""
    world.service.later(seconds)
    world.entra.later(seconds)
    ahead = int(world.variables.get("BOUNDARY_LATER", "0")) + seconds
    world.variables |= {"LD_PRELOAD": str(world.options.boundary),
                        "BOUNDARY_LATER": str(ahead)}


def put_az(world, **said):
    """Puts the stand-in `az` on the PATH of patform's programs; its path."""
    folder = world.folder / "bin"
    folder.mkdir(exist_ok=True)
    az = folder / "az"
    if not az.exists():
        shutil.copy(pathlib.Path(__file__).with_name("az"), az)
        world.variables["PATH"] = f"{folder}:{os.environ['PATH']}"
        # It is told what to say; what it is given is searched.
        world.keeping.add(folder / "az.json")
    (folder / "az.json").write_text(json.dumps(
        {"tenant": world.entra.tenant, **said}))
    return az


def auth(world, source, client=DESK, **more):
    """[auth] of that source, as that application; None: as none."""
    lines = ["[auth]", f'source = "{source}"']
    if client is not None:
        lines += [f'tenant = "{DOMAIN}"', f'client_id = "{client}"',
                  f'authority = "{world.entra.url}"']
    lines += [f"{key} = {toml(value)}" for key, value in more.items()]
    return "\n".join(lines) + "\n\n"


def declare(world, sign_in, *tokens):
    """Writes the configuration: that sign-in and these tokens."""
    world.write(configuration(*tokens, head=HEAD.replace(
        "[sink.files]", sign_in + "[sink.files]")))


def put_seed(world, refresh, place="bot"):
    """Leaves a refresh token where a pipeline reads it: in the sink "kept",
    whose folder takes no tokens of the service."""
    folder = world.config / "kept"
    folder.mkdir(mode=0o700, exist_ok=True)
    world.keeping.add(folder)
    path = folder / place
    path.touch(mode=0o600)
    path.write_text(refresh + "\n")
    return path


KEPT = """
[sink.kept]
type = "file"
path = "kept"

"""


class Login:
    """A started patform that a person has to answer: what it says is read as
    it comes."""

    def __init__(self, world, *arguments, **changes):
        self.world, self.said = world, ""
        self.running = world.begin(*arguments, **changes)

    def until(self, pattern):
        """What it says on standard error, up to where that matches."""
        while True:
            found = re.search(pattern, self.said)
            if found:
                return found
            line = self.running.process.stderr.readline()
            if not line:
                result = self.running.wait()
                raise Failure(f"nothing like {pattern}: {self.said}{result}")
            self.said += line

    def wait(self, expect=None):
        self.world.written.append(self.said.encode())
        result = self.running.wait(expect)
        result.err = self.said + result.err
        return result


def start_login(world, *arguments):
    """`patform login` with a browser: the process, and the address that the
    browser is started with."""
    asked = world.folder / "asked"
    asked.unlink(missing_ok=True)
    browser = world.folder / "a-browser"
    browser.write_text("#!/bin/sh\nprintf %s \"$1\" >" f"'{asked}.new'\n"
                       f"mv '{asked}.new' '{asked}'\n")
    browser.chmod(0o755)
    login = Login(world, "login", *arguments, BROWSER=str(browser))
    while not asked.exists():
        if login.running.process.poll() is not None:
            raise Failure(f"no browser was started: {login.wait()}")
        time.sleep(0.02)
    return login, asked.read_text()


def sign_in_with_code(world, user, *arguments, button="ok", expect=0):
    """A command that shows a device code, which `user` enters."""
    login = Login(world, *arguments)
    code = login.until(r"\b([A-Z]{4}-[A-Z]{4})\b")[1]
    world.entra.enter_code(code, user, button)
    return login.wait(expect)
