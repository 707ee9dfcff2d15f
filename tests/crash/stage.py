"""Where runs are disturbed: a service, a store, and runners that forget.

A stage keeps its service from point to point and empties it in between. The
program under test is the real one; boundary.cc stands between it and the C
library where something is to happen to it.
"""

import json
import os
import pathlib
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

from emulator import Emulator, clean_environment  # noqa: E402
from front import Link  # noqa: E402
from harness import Failure, forms, secrets_in  # noqa: E402
from stores import JOB, STORES, moment  # noqa: E402

ADA = "ada@contoso.example"
GRACE = "grace@contoso.example"
WORKSPACE = "e2e"
MARK = re.compile(r"^(.*) ~pf:(.*)#(\d+)\.([a-z0-9]+)$")
# No run is younger than this any more; see kAgeFence.
AGE = 31 * 60
# S3: generations of one name that live at once: kMaxUndelivered, one for each
# of its places, and one for an answer that is lost or for another run.
MOST_LIVE = 3 + 2 + 1
# Where a run's own sign-in is kept, if it has one.
SIGN_IN = "sign-in"
# What a job's log is told to cover, which is the one place for it.
MASKS = re.compile(r"^::add-mask::.*\n", re.M)
TIMEOUT = 120
LOADER_FAILED = 99


AUTH = """\
[auth]
source = "refresh-token"
tenant = "contoso.example"
client_id = "11111111-2222-3333-4444-555555555555"
authority = "{url}"
from = "files:{place}"

"""


class FastEmulator(Emulator):
    """Keeps one connection for the questions of the test."""

    _link = None

    def call(self, method, path, body=None, headers=None):
        if self._link is None:
            self._link = Link(self)
        data = None if body is None else json.dumps(body)
        return self._link(method, path, {
            "Content-Type": "application/json", **(headers or {})}, data)


class Result:
    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    def __str__(self):
        return f"exit {self.code}\n--- out\n{self.out}\n--- err\n{self.err}"


class Stage:
    """One service, a folder for local sinks and, while a scenario uses one,
    another store. Not for two threads at once."""

    def __init__(self, options, folder):
        self.options = options
        self.folder = pathlib.Path(folder)
        self.store = self.folder / "store"
        self.report = self.folder / "report"
        services = self.folder / "service"
        services.mkdir()
        self.service = FastEmulator(options.emulator, services)
        self.variables = self.service.environment()
        self.variables["PATFORM_ACCESS_TOKEN"] = self.service.token(
            ADA, lifetime=31_000_000)
        self.bearer = self.variables["PATFORM_ACCESS_TOKEN"]
        self.config = ""
        self.signs_in = False
        self.refresh_tokens = set()  # that were ever kept
        self.ahead = 0
        self.delivered = {}  # place → the secret seen there last
        self.dropped = set()  # places whose tokens are to die
        self.strangers = {}
        self.said = []
        self.most_live = 0  # of one name, ever
        self.process = None  # of the run that is under way
        # The process may ask a store before Popen() has come back with it.
        self.started = threading.Event()
        self.shelf = {}  # the other stores that were used so far, by name
        self.sink = None  # the one in use

    def close(self):
        for store in self.shelf.values():
            store.close()
        self.service.close()

    def kill(self):
        """Ends the run that is under way."""
        self.started.wait(TIMEOUT)
        os.kill(self.process.pid, signal.SIGKILL)

    def reset(self):
        """Nothing was ever delivered; some tokens of others live."""
        self.service.admin("POST", "reset")
        shutil.rmtree(self.store, ignore_errors=True)
        self.store.mkdir()
        self.ahead = 0
        self.delivered, self.dropped, self.said = {}, set(), []
        self.signs_in = False
        self.sink = None
        self.refresh_tokens = set()
        self.variables["PATFORM_ACCESS_TOKEN"] = self.bearer
        self.variables.pop("PATFORM_ALLOW_HOSTS", None)
        for user, name in ((ADA, "git: a laptop"),
                           (ADA, "a"),
                           (ADA, "a ~pf:other#1.aaaaaaaaaaaaaaaa"),
                           (GRACE, f"a ~pf:{WORKSPACE}#1.bbbbbbbbbbbbbbbb")):
            self.service.admin("POST", "seed", {
                "user": user, "name": name, "valid_days": 200})
        self.strangers = {t["authorizationId"]: t for t in self.tokens()}

    def use(self, name):
        """From now on there is that store, too: [sink.store]."""
        if name not in self.shelf:
            self.shelf[name] = STORES[name](self)
        self.sink = self.shelf[name]
        self.sink.reset()

    def sign_in(self):
        """From now on runs have no bearer: they exchange what was kept by the
        run before, and a person has signed in once."""
        self.signs_in = True
        self.service.switch(sign_in="lenient")
        del self.variables["PATFORM_ACCESS_TOKEN"]
        self.variables["PATFORM_ALLOW_HOSTS"] = self.service.url.split("//")[1]
        kept = self.store / SIGN_IN
        kept.touch(mode=0o600)
        kept.write_text(self.service.admin("POST", "refresh_token", {
            "user": ADA})["refresh_token"])

    def kept(self):
        """The refresh token that is kept; "": none."""
        path = self.store / SIGN_IN
        return path.read_text() if path.exists() else ""

    def configure(self, text):
        if self.signs_in:
            text = text.replace("[sink.files]", AUTH.format(
                url=self.service.url, place=SIGN_IN) + "[sink.files]", 1)
        if self.sink is not None:
            text = text.replace("[sink.files]", "[sink.store]\n"
                                + self.sink.settings() + "\n[sink.files]", 1)
        self.config = text.replace('path = "secrets"',
                                   f'path = "{self.store}"')

    def later(self, seconds=AGE):
        """Time passes for everybody."""
        self.service.later(seconds)
        self.ahead += seconds
        if self.sink is not None:
            self.sink.later(seconds)

    def command(self, runner, *arguments):
        return [str(self.options.patform), "-c", str(runner / "config"),
                *arguments]

    def environment(self, runner, **boundary):
        """What a run on a machine of its own finds. `boundary` steers
        boundary.cc: calls, at, do, report, gate, no_naps."""
        variables = {**clean_environment(), "TERM": "dumb",
                     "HOME": str(runner), "TMPDIR": str(runner),
                     **self.variables}
        if self.sink is not None:
            variables |= self.sink.variables
        if self.ahead:
            boundary["later"] = self.ahead
        if boundary:
            variables["LD_PRELOAD"] = str(self.options.boundary)
            variables["BOUNDARY_STORE"] = str(self.store)
            for key, value in boundary.items():
                variables["BOUNDARY_" + key.upper()] = str(value)
        return variables

    def runner(self):
        """A machine without memory: its folder, the configuration in it."""
        runner = pathlib.Path(tempfile.mkdtemp(dir=self.folder,
                                               prefix="runner-"))
        (runner / "config").mkdir()
        (runner / "config" / "patform.toml").write_text(self.config)
        return runner

    def forget(self, runner):
        """The machine is gone; nothing on it may have held a secret."""
        for path in runner.rglob("*"):
            if path.is_file():
                self.said.append((f"{path.name} on the runner",
                                  path.read_bytes()))
        shutil.rmtree(runner)

    def run(self, *arguments, before=(), limits=(), full=False, **boundary):
        """One run on a new machine. `before`: a program that runs it;
        `limits`: (a name of resource without RLIMIT_, its value); `full`: what
        it prints goes to a full disk."""
        def limit():
            for name, value in limits:
                resource.setrlimit(getattr(resource, f"RLIMIT_{name}"),
                                   (value, value))
        runner = self.runner()
        full_disk = open("/dev/full", "wb") if full else None
        self.started.clear()
        try:
            self.process = subprocess.Popen(
                [*before, *self.command(runner, *arguments)], text=True,
                env=self.environment(runner, **boundary), cwd=runner,
                stdin=subprocess.DEVNULL,
                stdout=full_disk if full else subprocess.PIPE,
                stderr=subprocess.PIPE,
                preexec_fn=limit if limits else None)
            self.started.set()
            out, err = self.process.communicate(timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
            raise Failure("patform did not end in time") from None
        finally:
            self.forget(runner)
            if full_disk is not None:
                full_disk.close()
        code, out = self.process.returncode, out or ""
        if code == LOADER_FAILED or "ld.so" in err:
            raise RuntimeError(err)
        if self.sink is not None and not self.sink.keeps_record:
            out = MASKS.sub("", out)
        self.said.append(("what it printed", (out + err).encode()))
        return Result(code, out, err)

    def apply(self, *arguments, expect=0, **boundary):
        result = self.run("apply", "--auto-approve", *arguments, **boundary)
        if expect is not None and result.code != expect:
            raise Failure(f"exit code {result.code}, expected {expect}: "
                          f"{result}")
        return result

    def calls(self):
        """The names of the calls that counted in the run that reported, in
        order, and the number and name of the one that was disturbed.
        `self.touched` has what each touched: (name, its inodes)."""
        names, hit = [], None
        self.touched = []
        lines = (self.report.read_text().splitlines()
                 if self.report.exists() else [])
        for line in lines:
            number, call, *marks = line.split()
            name, *inodes = call.split("@")
            names.append(name)
            self.touched.append((name, inodes))
            if "dumpable" in marks:
                raise Failure(f"a core dump would be written at {line}")
            if "!" in marks:
                hit = int(number), name
        self.report.unlink(missing_ok=True)
        return names, hit

    def tokens(self):
        """Every token that the service knows, in any state, of any user."""
        return self.service.admin("GET", "tokens")["tokens"]

    def verify(self, secret):
        """The id and the state of the token that has this secret."""
        try:
            answer = self.service.admin("POST", "verify", {"token": secret})
        except RuntimeError:
            return None, "unknown to the service"
        return answer["authorizationId"], answer["state"]

    def served(self):
        found = secrets_in(self.store)
        for others in (SIGN_IN, JOB):
            found.pop(others, None)
        if self.sink is not None:
            found |= self.sink.served()
        return found

    def check_served(self, when):
        """S1: what is served works, and what was once served still is by a
        secret that works. S2: nobody else's token was touched. S3: not too
        many live. S4: what we minted can be told by its mark."""
        served = self.served()
        for place in sorted(set(served) | set(self.delivered)):
            if place in self.dropped:
                continue
            if place not in served:
                raise Lost(f"{when}: {place} serves no secret any more")
            state = self.verify(served[place])[1]
            if state != "active":
                raise Lost(f"{when}: {place} serves a secret whose token is "
                           f"{state}")
        self.delivered.update(served)
        if self.signs_in:
            self.refresh_tokens.add(self.kept())
            if "" in self.refresh_tokens:
                raise Lost(f"{when}: no sign-in is kept any more")
        live, nonces = {}, set()
        for token in self.tokens():
            known = self.strangers.get(token["authorizationId"])
            if known not in (None, token):
                raise Failure(f"{when}: a stranger's token was touched: "
                              f"{known} became {token}")
            if known is not None:
                continue
            marked = MARK.match(token["displayName"])
            if not marked or marked[2] != WORKSPACE or marked[4] in nonces:
                raise Orphan(f"{when}: nothing shows that we minted {token}")
            nonces.add(marked[4])
            if token["state"] == "active":
                live[marked[1]] = live.get(marked[1], 0) + 1
        self.most_live = max([self.most_live, *live.values()])
        if self.most_live > MOST_LIVE:
            raise Failure(f"{when}: too many generations live: {live}")

    def undelivered(self, places=None):
        """Live tokens of ours above the generation that is served; by any
        place, or by `places`."""
        generation, found = {}, []
        ours = []
        for token in self.tokens():
            marked = MARK.match(token["displayName"])
            if (marked and marked[2] == WORKSPACE
                    and token["authorizationId"] not in self.strangers):
                ours.append((token, marked[1], int(marked[3])))
        served = {self.verify(secret)[0]
                  for place, secret in self.served().items()
                  if places is None or place in places}
        for token, name, number in ours:
            if token["authorizationId"] in served:
                generation[name] = max(number, generation.get(name, 0))
        for token, name, number in ours:
            if (token["state"] == "active"
                    and number > generation.get(name, 0)):
                found.append(token["displayName"])
        return found

    def check_settled(self, expected, grace):
        """One live generation for each of `expected` (name → its places),
        what it superseded ends within its grace, nothing else of ours lives,
        no half-written file is left, and a plan is empty."""
        result = self.run("plan", "--detailed-exitcode")
        if result.code != 0 or "No changes." not in result.out:
            raise Failure(f"the plan does not come to rest: {result}")
        live = {}
        for token in self.tokens():
            marked = MARK.match(token["displayName"])
            if (marked and marked[2] == WORKSPACE
                    and token["state"] == "active"
                    and token["authorizationId"] not in self.strangers):
                live[token["authorizationId"]] = (
                    marked[1], int(marked[3]), token["validTo"])
        served = self.served()
        now = self.service.admin("GET", "clock")["now"]
        for name, places in expected.items():
            ids = set()
            for place in places:
                if place not in served:
                    raise Lost(f"settled, and {place} serves nothing")
                ids.add(self.verify(served[place])[0])
            if len(ids) != 1:
                raise Failure(f"settled, and the places of {name} differ")
            of, generation, _ = live.pop(ids.pop(), (None, 0, None))
            if of != name:
                raise Failure(f"what {name} serves is the token of {of}")
            for other, (of, older, ends) in list(live.items()):
                # A renamed token's older generations keep its old name, and
                # two runs at once may have made the same generation.
                if (older <= generation
                        and seconds_between(now, ends) <= grace + 2
                        and grace > 0):
                    live.pop(other)
        if live:
            raise Orphan(f"settled, and these still live: {live}")
        for path in self.store.rglob("*.patform-tmp-*"):
            raise Failure(f"settled, and {path.name} is left")

    def check_no_leak(self):
        for secret in {*self.delivered.values(), *self.refresh_tokens}:
            for needle in forms(secret):
                for where, text in self.said:
                    if needle in text:
                        raise Failure(f"a secret stands in {where}")


class Lost(Failure):
    """A consumer is left without a working secret."""


class Orphan(Failure):
    """A live token that we minted was forgotten."""


def seconds_between(earlier, later):
    return (moment(later) - moment(earlier)).total_seconds()
