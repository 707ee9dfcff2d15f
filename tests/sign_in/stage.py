"""The counterparts of a case: the PAT service and the sign-in server, one
tenant, their clocks and patform's together."""

import json
import os
import pathlib
import shutil

from configuration import HEAD, configuration, toml
from entra import DESK, DOMAIN, Entra, claims_of

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
    world.variables = {
        "PATFORM_SERVICE_URL": service.url, "SSL_CERT_FILE": str(trust),
        "PATFORM_ALLOW_HOSTS": world.entra.url.removeprefix("https://"),
        "HOME": str(home), "XDG_CACHE_HOME": None, "XDG_STATE_HOME": None,
        "XDG_CONFIG_HOME": None, "XDG_DATA_HOME": None,
        "XDG_RUNTIME_DIR": None, "DBUS_SESSION_BUS_ADDRESS": None,
        "DISPLAY": None, "BROWSER": None,
    }
    return world.entra


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
    whose folder is no place for tokens of the service."""
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
