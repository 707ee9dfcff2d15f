"""What an end-to-end case works with: a folder, a service, the program."""

import base64
import json
import os
import pathlib
import pty
import re
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True

from emulator import Emulator, clean_environment  # noqa: E402

TIMEOUT = 120
CASES = []
# Of a suite that has secrets of its own: world → {secret: what it is}.
GUARDS = []


class Failure(Exception):
    """A case did not see what it must see."""


def case(function):
    """Registers a case; its docstring is its name."""
    CASES.append(function)
    return function


def equal(what, got, want):
    if got != want:
        raise Failure(f"{what}:\n    got  {got!r}\n    want {want!r}")


def check(what, holds, seen=""):
    if not holds:
        raise Failure(f"{what}{': ' if seen else ''}{seen}")


class Result:
    def __init__(self, code, out, err, seconds):
        self.code, self.out, self.err = code, out, err
        self.seconds = seconds

    def __str__(self):
        return f"exit {self.code}\n--- out\n{self.out}\n--- err\n{self.err}"


class Running:
    """A started patform, its command line sampled while it lives."""

    def __init__(self, world, command, environment, stdin):
        self.world = world
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            command, env=environment, cwd=world.folder, text=True,
            stdin=subprocess.PIPE if stdin is not None
            else subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.stdin = stdin
        self.samples = set()
        self._sampler = threading.Thread(target=self._sample)
        self._sampler.start()

    def _sample(self):
        base = pathlib.Path("/proc") / str(self.process.pid)
        while self.process.poll() is None:
            for name in ("cmdline", "comm"):
                try:
                    self.samples.add((base / name).read_bytes())
                except OSError:
                    return
            time.sleep(0.01)

    def interrupt(self, number=signal.SIGINT):
        self.process.send_signal(number)

    def wait(self, expect=None):
        try:
            out, err = self.process.communicate(self.stdin, timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
            raise Failure("patform did not end in time") from None
        self._sampler.join()
        result = Result(self.process.returncode, out, err,
                        time.monotonic() - self.began)
        self.world.written += [out.encode(), err.encode(), *self.samples]
        if expect is not None and result.code != expect:
            raise Failure(f"exit code {result.code}, expected {expect}: "
                          f"{result}")
        return result


class World:
    """One case's folder and service. `written` is all that was said."""

    def __init__(self, options, folder):
        self.options = options
        self.folder = pathlib.Path(folder)
        self.config = self.folder / "config"
        self.config.mkdir()
        self.services = self.folder / "service"
        self.services.mkdir()
        self.service = None
        self.variables = {}
        self.written = []
        self.seen = set()  # every secret that was ever delivered
        self.opened = []  # what else to close, last first
        self.guarded = {}  # other secrets, and what they are
        self.keeping = set()  # folders and files that may hold those

    def start(self, *flags):
        """Starts the service; patform talks to it as Ada."""
        self.service = Emulator(self.options.emulator, self.services, *flags)
        self.variables = self.service.environment()
        return self.service

    def close(self):
        for each in reversed(self.opened):
            each.close()
        if self.service is not None:
            self.service.close()

    def hurry(self, speed):
        """From here on, patform's clocks run so many times as fast."""
        self.variables |= {"LD_PRELOAD": str(self.options.boundary),
                           "BOUNDARY_SPEED": str(speed)}

    def later(self, seconds):
        """Time passes for patform and for the service."""
        self.service.later(seconds)
        ahead = int(self.variables.get("BOUNDARY_LATER", "0")) + seconds
        self.variables |= {"LD_PRELOAD": str(self.options.boundary),
                           "BOUNDARY_LATER": str(ahead),
                           "PATFORM_ACCESS_TOKEN": self.service.token()}

    def write(self, text, name="patform.toml"):
        path = self.config / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def environment(self, **changes):
        variables = {**clean_environment(), "TERM": "dumb", **self.variables,
                     **changes}
        return {k: v for k, v in variables.items() if v is not None}

    def begin(self, *arguments, stdin=None, **changes):
        self.remember()
        command = [str(self.options.patform), "-c", str(self.config),
                   *arguments]
        return Running(self, command, self.environment(**changes), stdin)

    def run(self, *arguments, expect=None, stdin=None, **changes):
        result = self.begin(*arguments, stdin=stdin, **changes).wait(expect)
        self.remember()
        return result

    def apply(self, *arguments, expect=0, **changes):
        return self.run("apply", "--auto-approve", *arguments, expect=expect,
                        **changes)

    def plan(self, *arguments, expect=0, **changes):
        return self.run("plan", *arguments, expect=expect, **changes)

    def plan_json(self, *arguments, expect=0, **changes):
        return json.loads(self.plan("--format", "json", *arguments,
                                    expect=expect, **changes).out)

    def settled(self):
        """A plan says that there is nothing to do."""
        result = self.plan("--detailed-exitcode", expect=None)
        if result.code != 0 or "No changes." not in result.out:
            raise Failure(f"the second plan is not empty: {result}")

    def on_terminal(self, answer, *arguments):
        """Runs patform in a pty, types `answer`; its exit code and text."""
        self.remember()
        pid, terminal = pty.fork()
        if pid == 0:
            os.execve(self.options.patform,
                      ["patform", "-c", str(self.config), *arguments],
                      self.environment())
        text, asked = b"", False
        deadline = time.monotonic() + TIMEOUT
        while time.monotonic() < deadline:
            ready, _, _ = select.select([terminal], [], [], 1)
            if not ready:
                continue
            try:
                chunk = os.read(terminal, 65536)
            except OSError:
                break
            if not chunk:
                break
            text += chunk
            if not asked and b"Enter a value:" in text:
                os.write(terminal, answer.encode() + b"\n")
                asked = True
        os.close(terminal)
        _, status = os.waitpid(pid, 0)
        self.written.append(text)
        self.remember()
        return os.waitstatus_to_exitcode(status), text.decode(), asked

    def targets(self):
        """The files that may hold secrets, and what they hold."""
        return targets_in(self.config / "secrets")

    def secrets(self):
        """The delivered secrets by file, or by file#KEY; decoded."""
        return secrets_in(self.config / "secrets")

    def remember(self):
        """Notes the secrets that lie in the targets now. What is shorter than
        any secret of the service is a case's own."""
        self.seen.update(secret for secret in self.secrets().values()
                         if len(secret) >= 40)

    def check_no_leak(self):
        """No secret stands anywhere but in its target."""
        self.remember()
        needles = {}
        for secret in self.seen:
            for form in forms(secret):
                needles[form] = "a delivered secret"
        bearer = self.variables.get("PATFORM_ACCESS_TOKEN")
        if bearer:
            needles[bearer.encode()] = "the access token"
        others = {form: what for secret, what in self.guarded.items()
                  for form in forms(secret)}
        haystacks = [(f"output {i}", data, True)
                     for i, data in enumerate(self.written)]
        targets = {path for path, _ in self.targets()}
        for path in self.folder.rglob("*"):
            # What the service keeps is its own.
            if (path.is_file() and path not in targets
                    and self.services not in path.parents):
                kept = self.keeping & {path, *path.parents}
                haystacks.append((str(path), path.read_bytes(), not kept))
        for where, data, strange in haystacks:
            sought = {**needles, **others} if strange else needles
            for needle, what in sought.items():
                check(f"{what} is in {where}", needle not in data)

    def live(self, user_bearer=None):
        """The live tokens by the name in front of the mark."""
        tokens, _ = self.service.list(
            user_bearer or self.variables["PATFORM_ACCESS_TOKEN"])
        named = {}
        for token in tokens:
            name = token["displayName"].split(" ~pf:")[0]
            named.setdefault(name, []).append(token)
        return named


def targets_in(folder):
    """The files below a folder of local sinks that hold secrets for others
    to use, and what they hold: no records, nothing half-written, no rules for
    git."""
    for path in sorted(folder.rglob("*")):
        if (path.is_file() and not path.name.endswith(".patform.json")
                and path.name != ".gitignore"
                and ".patform-tmp-" not in path.name):
            yield path, path.read_text(encoding="utf-8")


def secrets_in(folder):
    """The secrets that those serve, by file, or by file#KEY; decoded."""
    found = {}
    for path, text in targets_in(folder):
        name = path.relative_to(folder).as_posix()
        if path.suffix != ".env":
            found[name] = decode(text.rstrip("\n"))
            continue
        for key, value in re.findall(r"^(\w+)=(.*)$", text, re.M):
            found[f"{name}#{key}"] = decode(value.strip("\"'"))
    return found


def forms(secret):
    """A secret raw, in base64, and as Basic authentication has it."""
    raw = secret.encode()
    return [raw, base64.b64encode(raw), base64.b64encode(b":" + raw)]


def decode(value):
    """The secret in a value that may be encoded; secrets are base32-like, so
    what decodes to such a text was encoded."""
    try:
        text = base64.b64decode(value, validate=True).decode("ascii")
    except (ValueError, UnicodeDecodeError):
        return value
    text = text.removeprefix(":")
    return text if re.fullmatch(r"[A-Za-z0-9_-]{20,}", text) else value


def run_case(function, options):
    """None, or why the case failed."""
    with tempfile.TemporaryDirectory(prefix="patform-e2e-") as folder:
        world = World(options, folder)
        try:
            function(world)
            for guard in GUARDS:
                world.guarded |= guard(world)
            world.check_no_leak()
        except Failure as failure:
            return str(failure)
        finally:
            world.close()
    return None
