"""What the cases of all stores share: the service and a store beside it, a
store as a process, and the search for secrets in what a case leaves behind.

A case of a store looks so:

    @case
    def first(world):
        \"\"\"vault: the first delivery\"\"\"
        bao = stage(world, OpenBao(world))
        world.write(configuration(token("ci", deliver=to("vault", "ado/ci")),
                                  head=HEAD + bao.sink()))
        world.apply()
        served(world, bao.value("ado/ci"))
        world.settled()
"""

import base64
import json
import os
import re
import socket
import subprocess
import time
import urllib.parse

from emulator import clean_environment
from harness import Failure, equal

START_SECONDS = 60
HEAD = 'format = 1\nworkspace = "sinks"\norganization = "contoso"\n\n'
# What the clients of stores read on a developer's machine.
STRANGE = ("VAULT_", "BAO_", "AWS_", "KUBE", "AZURE_", "GITHUB_", "GH_", "XDG_")

# A secret of the emulator, as it is made in tokens/token_secret.cc.
MINTED = re.compile(rb"(?<![0-9A-Za-z])[0-9A-Za-z]{52}JQQJ99[A-Z]{2}"
                    rb"[0-9A-Za-z]{12}AAAAEMUL[0-9A-Za-z]{4}")
# A text that could be one in base64.
BASE64 = re.compile(rb"[0-9A-Za-z+/_-]{112,}")


class Store:
    """A store that is a program: started, awaited, ended with the case. What it
    prints is searched for secrets; what it keeps in `kept` is its own."""

    def __init__(self, world, name):
        self.world = world
        self.folder = world.services / name
        self.kept = self.folder / "kept"
        self.kept.mkdir(parents=True)
        world.keeping.add(self.kept)
        world.opened.append(self)
        self.log = self.folder / "log"
        self.process = None
        # For stage(): what patform must trust, and may ask.
        self.certificate = None
        self.authority = ""

    def launch(self, command, ready, **environment):
        """Starts `command`; returns when `ready()` is true."""
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL, cwd=self.folder,
                env={**clean_environment(), "HOME": str(self.folder),
                     **environment})
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            if ready():
                return
            time.sleep(0.05)
        self.close()
        raise RuntimeError(f"{command[0]} did not start:\n"
                           + self.log.read_text(errors="replace"))

    def close(self):
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def free_port():
    """A port that nobody listens on now, for programs that cannot be asked
    which one they took."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def stage(world, store, *flags):
    """Starts the service; patform trusts it and `store`, may ask both, and
    finds nothing of this machine's user. Returns `store`."""
    service = world.start(*flags)
    trust = world.services / "trust.pem"
    trust.write_text(service.certificate.read_text() + (
        store.certificate.read_text() if store.certificate else ""))
    home = world.folder / "home"
    home.mkdir()
    world.variables |= {
        **{name: None for name in os.environ if name.startswith(STRANGE)},
        "SSL_CERT_FILE": str(trust), "HOME": str(home),
        "PATFORM_ALLOW_HOSTS": store.authority}
    return store


def to(sink, at, key=None, **more):
    """`deliver` of a token: this one place."""
    more = {"key": key, **more} if key else more
    return f'[{{ to = "{sink}", at = "{at}"' + "".join(
        f", {name} = {json.dumps(value)}"
        for name, value in more.items()) + " }]"


def served(world, value, state="active"):
    """The store serves the secret of a token in that state."""
    if not value or not MINTED.fullmatch(value.encode()):
        raise Failure("the store does not serve a secret of the service, but "
                      f"{len(value or '')} other bytes")
    equal("the state of what is served", world.service.state_of(value), state)
    return value


def spellings(data):
    """`data`, and what it is where it is URL-encoded or base64, or both."""
    yield data
    if b"%" in data:
        data = urllib.parse.unquote_to_bytes(data)
        yield data
    for run in BASE64.findall(data):
        run = run.translate(bytes.maketrans(b"-_", b"+/"))
        # A run may begin with letters that are no part of it.
        for begin in range(4):
            part = run[begin:]
            # One letter more than whole bytes is no base64's end.
            part = part[:-1] if len(part) % 4 == 1 else part
            yield base64.b64decode(part + b"=" * (-len(part) % 4))


def leaks(data):
    """Whether the secret of any token is in these bytes, whether or not it was
    ever delivered: raw, URL-encoded, in base64, or in base64 of anything that
    holds it, such as Basic authentication."""
    return any(MINTED.search(each) for each in spellings(data))


def guard(world):
    """Fails if a secret is in what patform printed or was started with, in a
    file of the case, in what the store printed or in what the service logged.
    Only what is in world.keeping, or a target of a local sink, may hold one."""
    if world.service is not None:
        world.written.append(json.dumps(
            world.service.admin("GET", "requests")).encode())
    left = [(f"output {i}", data) for i, data in enumerate(world.written)]
    targets = {path for path, _ in world.targets()}
    for path in sorted(world.folder.rglob("*")):
        if (path.is_file() and path not in targets
                and not world.keeping & {path, *path.parents}):
            left.append((str(path), path.read_bytes()))
    for where, data in left:
        if leaks(data):
            raise Failure(f"a secret is in {where}")
        for secret, what in world.guarded.items():
            if secret.encode() in data:
                raise Failure(f"{what} is in {where}")
    return {}
