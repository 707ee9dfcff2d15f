"""The stores that runs are disturbed at, and what each of them serves now.

A store is kept by its stage and emptied between two points. It counts the calls
of a run, lets something happen to one of them (front.py says what), and carries
out those that came late when it is told to. What it serves is read from its own
side: the emulator's administration, the fake's memory, the program's files.
"""

import ctypes
import ctypes.util
import datetime
import json
import pathlib
import re
import shutil
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
# At the end: there is a stage.py, too.
sys.path.append(str(HERE.parent / "sinks"))

import actions  # noqa: E402
import kv2  # noqa: E402
from front import TO_READS, TO_WRITES, Front, Link, Misfortune  # noqa: E402

ALL_SCOPES = ["vso.pats", "vso.pats_manage", "vso.variablegroups_manage"]
# Beside the local places: what a job's steps read.
JOB = "job"
# How long after its own note a change of a group may still be patform's; see
# kOwnWrite.
OWN_WRITE = datetime.timedelta(minutes=2)
EXAMPLE = HERE.parents[1] / "examples/sinks/exec/store.sh"


def moment(text):
    """Dates of the service have seven digits of a second, Python six."""
    return datetime.datetime.fromisoformat(
        re.sub(r"(\.\d{6})\d*", r"\1", text).replace("Z", "+00:00"))


class Store:
    """`deliver` of the token is here, in every stage; `name` is the sink's
    type. What happens to one call, by its name, is in the two lists."""

    name = ""
    deliver = '[{ to = "store", at = "a" }]'
    places = ("store",)
    to_reads, to_writes = TO_READS, TO_WRITES
    # What patform knows of it; see Capabilities.
    compare_and_set = True
    one_write = True
    keeps_record = True

    def __init__(self, stage):
        self.stage = stage
        self.variables = {}

    def close(self):
        pass

    def settings(self):
        """The lines of [sink.store]."""

    def reset(self):
        """Nothing was ever delivered."""

    def later(self, seconds):
        """Its clock goes on."""

    def served(self):
        """Place → secret, of those that serve one."""

    def torn(self):
        """A secret is served, and what is recorded is not of it."""
        return False

    def begin(self, what="", at=0):
        """The next run: that is to happen to the call of that number."""

    def end(self):
        """That run has ended, and nothing more is to happen."""

    def calls(self):
        """Of the run: (a name, does it write?)."""
        return []

    def hit(self):
        """It has happened."""
        return False

    def release(self):
        """What came late is carried out now; how many that were."""
        return 0


class OverHttp(Store):
    """Through a Front. `back` is what answers there."""

    HARMLESS = ("/v1/sys/capabilities-self",)

    def __init__(self, stage):
        super().__init__(stage)
        self.front = Front(self.back, stage.kill)
        self.variables["PATFORM_ALLOW_HOSTS"] = self.front.authority

    def close(self):
        self.front.close()

    def begin(self, what="", at=0):
        self.front.begin(Misfortune(what, at))

    def end(self):
        self.front.end()

    def calls(self):
        return [(f"{method} {path}", method != "GET"
                 and path not in self.HARMLESS)
                for method, path in self.front.seen]

    def hit(self):
        return self.front.hit

    def release(self):
        return len(self.front.release())


class OfEmulator(OverHttp):
    """`back` is the emulator, whose clock is the service's."""

    def __init__(self, stage):
        self.back = Link(stage.service)
        super().__init__(stage)

    def told(self):
        return self.stage.service.admin("GET", "served")


class KeyVault(OfEmulator):
    name = "key-vault"
    compare_and_set = False

    def __init__(self, stage):
        super().__init__(stage)
        self.variables["PATFORM_KEY_VAULT_TOKEN"] = stage.service.token(
            audience="https://vault.azure.net", lifetime=31_000_000)

    def settings(self):
        return f'type = "key-vault"\nvault = "{self.front.url}"\n'

    def served(self):
        return {"store": value for value in self.told()["vault"].values()}


class Group(OfEmulator):
    name = "variable-group"
    deliver = '[{ to = "store", at = "g", key = "A" }]'
    compare_and_set = False

    def __init__(self, stage):
        super().__init__(stage)
        self.variables["PATFORM_ACCESS_TOKEN"] = stage.service.token(
            scopes=ALL_SCOPES, lifetime=31_000_000)

    def settings(self):
        return ('type = "variable-group"\norganization = "contoso"\n'
                f'project = "web"\naddress = "{self.front.url}"\n')

    def reset(self):
        bearer = self.variables["PATFORM_ACCESS_TOKEN"]
        status, _, answer = self.stage.service.call(
            "POST", "/contoso/_apis/distributedtask/variablegroups"
            "?api-version=7.1", {
                "name": "g", "type": "Vsts", "variables": {},
                "variableGroupProjectReferences": [
                    {"name": "g", "projectReference": {
                        "id": "1", "name": "web"}}]},
            {"Authorization": f"Bearer {bearer}"})
        if status != 200:
            raise RuntimeError(f"there is no group: {answer}")

    def served(self):
        return {"store": value for value in
                self.told()["groups"]["web/g"].values()}

    def torn(self):
        """It has changed long after patform's note of its own last write: by
        somebody else, or by a write that was late."""
        status, _, answer = self.stage.service.call(
            "GET", "/contoso/web/_apis/distributedtask/variablegroups"
            "?api-version=7.1", None, {
                "Authorization":
                f"Bearer {self.variables['PATFORM_ACCESS_TOKEN']}"})
        group = json.loads(answer)["value"][0] if status == 200 else {}
        noted = group["variables"].get("patform.written")
        return bool(self.served()) and moment(group["modifiedOn"]) > (
            moment(noted["value"]) + OWN_WRITE)


class Fake(OverHttp):
    """`back` is in this process. Its clock goes on by a second with each
    request, for stores that date to the second: nobody waits here."""

    def __init__(self, stage):
        self.ahead = 0
        super().__init__(stage)

    def later(self, seconds):
        self.ahead += seconds

    def back(self, method, path, headers, body):
        self.ahead += 1
        self.fake.ahead = self.ahead
        status, answer = self.ask(method, path,
                                  headers.get("Authorization") or "", body)
        date = time.strftime("%a, %d %b %Y %H:%M:%S GMT",
                             time.gmtime(time.time() + self.ahead))
        return status, {"Content-Type": "application/json", "Date": date}, (
            b"" if answer is None else json.dumps(answer).encode())


class Vault(Fake):
    name = "vault"
    deliver = '[{ to = "store", at = "ado/a" }]'
    one_write = False

    def __init__(self, stage):
        super().__init__(stage)
        self.variables["VAULT_TOKEN"] = kv2.TOKEN

    def settings(self):
        return f'type = "vault"\naddress = "{self.front.url}"\n'

    def reset(self):
        self.fake = kv2.Kv2()

    def ask(self, method, path, authorization, body):
        return self.fake.answer(method, path,
                                authorization.removeprefix("Bearer "),
                                json.loads(body) if body else None)

    def served(self):
        value = self.fake.value("ado/a")
        return {"store": value} if value else {}

    def torn(self):
        kept = self.fake.paths.get("ado/a")
        return bool(self.served()) and (kept["custom"] or {}).get(
            "patform-data-version") != str(len(kept["versions"]))


class Box:
    """A key that sealed boxes are opened with, by libsodium."""

    library = ctypes.CDLL(ctypes.util.find_library("sodium") or
                          "libsodium.so.23")

    def __init__(self):
        public, self._secret = (ctypes.create_string_buffer(32)
                                for _ in range(2))
        self.library.crypto_box_keypair(public, self._secret)
        self.public = public.raw

    def open(self, box):
        """What is in it; ValueError: it is not a box for this key."""
        text = ctypes.create_string_buffer(max(len(box) - 48, 1))
        if len(box) < 48 or self.library.crypto_box_seal_open(
                text, box, ctypes.c_ulonglong(len(box)), self.public,
                self._secret) != 0:
            raise ValueError("not a box for this key")
        return text.raw[:len(box) - 48]


class Github(Fake):
    name = "github-secrets"
    deliver = '[{ to = "store", at = "A" }]'
    compare_and_set = False
    one_write = False

    def __init__(self, stage):
        super().__init__(stage)
        self.variables["PATFORM_GITHUB_TOKEN"] = actions.TOKEN

    def settings(self):
        return ('type = "github-secrets"\nrepository = "contoso/app"\n'
                f'address = "{self.front.url}"\n')

    def reset(self):
        self.fake = actions.Actions(Box)

    def ask(self, method, path, authorization, body):
        return self.fake.answer(method, path, authorization, body)

    def served(self):
        value = self.fake.value("A")
        return {"store": value} if value else {}

    def torn(self):
        secret = self.fake.secrets.get((actions.REPOSITORY, "A"))
        record = self.fake.variables.get((actions.REPOSITORY, "A_PATFORM"))
        return secret is not None and (
            json.loads(record["value"])["updated_at"] != secret["updated_at"])


class Program(Store):
    """The store of examples/sinks/exec, behind program.sh."""

    name = "exec"
    program = EXAMPLE
    more = "compare_and_set = true\n"
    to_reads = ("killed before", "cut after", "garbage after")
    to_writes = ("killed before", "killed after", "cut before", "cut after",
                 "refused", "garbage after", "gone after", "late",
                 "killed, late", "killed, too late")

    def __init__(self, stage):
        super().__init__(stage)
        self.variables["PATFORM_ALLOW_PROGRAMS"] = "1"
        self.folder = stage.folder / self.name.replace(" ", "-")

    def beside(self, what):
        return self.folder.with_name(f"{self.folder.name}.{what}")

    def settings(self):
        command = [str(HERE / "program.sh"), str(self.program),
                   str(self.folder)]
        return (f'type = "exec"\ncommand = {json.dumps(command)}\n'
                + self.more)

    def reset(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        self.begin()

    def begin(self, what="", at=0):
        self.what, self.at = what, at
        self.beside("what").write_text(f"{at} {what}\n")
        for name in ("calls", "late", "value"):
            self.beside(name).unlink(missing_ok=True)

    def end(self):
        self.beside("what").write_text("0\n")

    def calls(self):
        path = self.beside("calls")
        return [(verb, verb in ("put", "remove")) for verb in
                (path.read_text().split() if path.exists() else ())]

    def hit(self):
        return len(self.calls()) >= self.at > 0

    def release(self):
        path = self.beside("late")
        if not path.exists():
            return 0
        verb, *variables = path.read_text().splitlines()
        subprocess.run(
            [self.program, self.folder, verb], check=False,
            input=self.beside("value").read_bytes(), capture_output=True,
            env=dict(each.split("=", 1) for each in variables))
        path.unlink()
        return 1

    def served(self):
        path = self.folder / "a" / "secret"
        return {"store": path.read_text()} if path.exists() else {}


class PlainProgram(Program):
    """One that keeps no versions: the last writer wins."""

    name = "exec without versions"
    program = HERE / "plain_store.sh"
    more = ""
    compare_and_set = False

    def served(self):
        path = self.folder / "a"
        return ({"store": path.read_text().splitlines()[1]}
                if path.exists() else {})


class Job(Store):
    """An output of a job behind a file: it keeps no record and is asked for
    nothing. What a run has set last is what it serves."""

    name = "github-actions"
    deliver = '[{ to = "files", at = "a" }, { to = "store", key = "PAT" }]'
    places = ("a", JOB)
    keeps_record = False

    def __init__(self, stage):
        super().__init__(stage)
        # Where boundary.cc sees it.
        self.path = stage.store / JOB
        self.variables |= {"GITHUB_ACTIONS": "true",
                           "GITHUB_OUTPUT": str(self.path)}

    def settings(self):
        return 'type = "github-actions"\n'

    def reset(self):
        self.path.touch()

    def served(self):
        found = re.findall(r"^PAT<<(\w+)\n(.*)\n\1\n", self.path.read_text(),
                           re.M)
        return {JOB: found[-1][1]} if found else {}


STORES = {store.name: store for store in (
    KeyVault, Group, Vault, Github, Program, PlainProgram, Job)}
