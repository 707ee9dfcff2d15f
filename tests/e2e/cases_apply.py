"""Applies that are disturbed: interrupted, doubled, hindered by a sink."""

import re
import shutil
import signal
import subprocess
import time

from configuration import configuration, many, token
from harness import case, check, equal


def wait_until(what, holds, seconds=30):
    deadline = time.monotonic() + seconds
    while not holds():
        check(f"in vain waited for {what}", time.monotonic() < deadline)
        time.sleep(0.02)


def check_one_live_each(world, names):
    live = world.live()
    equal("live names", sorted(live), sorted(names))
    for name, tokens in live.items():
        equal(f"live tokens of {name}", len(tokens), 1)
    for place, secret in world.secrets().items():
        equal(f"state of {place}", world.service.state_of(secret), "active")


@case
def interrupted(world):
    """SIGINT in mid-apply: exit 130; the next apply goes on from there"""
    service = world.start()
    world.write(many(24))
    service.fault("create", {"latency_ms": 150}, count=24)
    running = world.begin("apply", "--auto-approve", "--parallelism", "2")
    wait_until("three tokens", lambda: len(world.live()) >= 3)
    running.interrupt()
    result = running.wait(expect=130)
    check("the summary", "Apply incomplete." in result.out, str(result))
    made = len(world.live())
    check("all were made", made < 24, str(made))
    check("what was minted was not delivered", len(world.secrets()) == made,
          f"{made} live, {len(world.secrets())} delivered")
    world.apply()
    world.settled()
    check_one_live_each(world, [f"t{i:03}" for i in range(24)])


@case
def terminated(world):
    """SIGTERM likewise, with exit 143"""
    service = world.start()
    world.write(many(16))
    service.fault("create", {"latency_ms": 150}, count=16)
    running = world.begin("apply", "--auto-approve", "--parallelism", "2")
    wait_until("two tokens", lambda: len(world.live()) >= 2)
    running.interrupt(signal.SIGTERM)
    running.wait(expect=143)
    world.apply()
    world.settled()
    check_one_live_each(world, [f"t{i:03}" for i in range(16)])


@case
def interrupted_rotation(world):
    """an interrupted rotation: what is done, what is left, and who knows it"""
    for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
        world.close()
        service = world.start()
        shutil.rmtree(world.config / "secrets", ignore_errors=True)
        world.write(many(3, grace="0s"))
        world.apply()
        service.fault("create", {"latency_ms": 1500}, count=3)
        before = len(service.requests("POST"))
        running = world.begin(
            "apply", "--auto-approve", "--parallelism", "1", "--rotate",
            "t000", "--rotate", "t001")
        wait_until("a create",
                   lambda: len(service.requests("POST")) > before)
        running.interrupt(number)
        result = running.wait(expect=code)
        said = ["token.t000 was not rotated to the end", "interrupted",
                "done: minted generation 2 (ID)",
                "done: delivered to files:t000",
                "left for the next apply: end generation 1 (ID)", "",
                "Unchanged: token.t001 was not rotated",
                "not started: interrupted",
                "left for the next apply: mint generation 2",
                "left for the next apply: deliver to files:t001",
                "left for the next apply: end generation 1 (ID)", "",
                "Apply incomplete. Tokens: 0 created, 0 updated, 0 rotated, "
                "0 revoked; 0 failed, 1 half-done, 1 not started.",
                "Left for the next apply, as listed above: 4 steps.",
                "Run `patform apply` again: it continues from here."]
        out = re.sub(r"\([0-9a-f]{8}\)", "(ID)", result.out)
        got = [line.strip() for line in
               out.split("Incomplete: ")[-1].splitlines()]
        equal("what it says", got, said)
        for place, secret in world.secrets().items():
            equal(f"state of {place}", service.state_of(secret), "active")
        plan = world.plan().out
        for words in ("token.t000 will be finished: an earlier run left "
                      "something behind (a newer secret is in service",
                      "stays:        generation 2, whose secret is in service",
                      "revoke:       generation 1 ("):
            check(f"the plan does not say \"{words}\"", words in plan, plan)
        status = world.run("status", expect=0).out
        check("the status", re.search(
            r"token.t000 +superseded .* revoke\n    generation 1, .*\n +current "
            r".*\n    generation 2, .* in files:t000\n", status), status)
        service.clear_faults()
        world.apply()
        world.settled()
        check_one_live_each(world, ["t000", "t001", "t002"])


@case
def in_flight(world):
    """killed with a secret in its hands: plan and status say so, and when"""
    world.start()
    world.write(many(1, grace="0s"))
    world.apply()
    # It dies before it has made the file that the secret is to be in.
    world.apply("--rotate", "t000", expect=-signal.SIGKILL,
                LD_PRELOAD=str(world.options.boundary),
                BOUNDARY_STORE=str(world.config / "secrets"),
                BOUNDARY_CALLS=",create,", BOUNDARY_AT="1",
                BOUNDARY_DO="kill")
    equal("live tokens", len(world.live()["t000"]), 2)
    plan = world.plan("--detailed-exitcode").out
    check("the plan", re.search(
        r"Note: token.t000: generation 2 \([0-9a-f]{8}\) is in flight: minted "
        r"\S+ \S+ UTC and delivered nowhere yet. A run may still be working on "
        r"it; if none is, an apply after \S+ \S+ UTC ends it\n", plan), plan)
    status = world.run("status", expect=0).out
    check("the status", "is in flight: no sink's record names it yet" in
          status, status)
    world.later(3600)
    plan = world.plan("--detailed-exitcode", expect=2).out
    for words in ("token.t000 will be finished: an earlier run left something "
                  "behind (minted by a run that did not finish, never "
                  "delivered", "stays:        generation 1, ",
                  "revoke:       generation 2 ("):
        check(f"the plan does not say \"{words}\"", words in plan, plan)
    status = world.run("status", expect=0).out
    check("the status", "is an orphan. It was minted " in status, status)
    world.apply()
    world.settled()
    check_one_live_each(world, ["t000"])


@case
def interrupted_again(world):
    """a second SIGINT says what is waited for, a third one ends it at once"""
    waits = ("Interrupt received: finishing the steps in hand, starting "
             "nothing new.")
    explains = ("Still finishing: if a secret was just minted, it is "
                "delivered or revoked first. Once more kills the program at "
                "once; the next apply cleans up what that leaves.")
    for times in (2, 3):
        world.close()
        service = world.start()
        shutil.rmtree(world.config / "secrets", ignore_errors=True)
        world.write(many(2, grace="0s"))
        service.fault("create", {"latency_ms": 60_000 if times == 3 else 2000},
                      count=2)
        heard = world.folder / f"heard-{times}"
        with open(heard, "wb") as err:
            running = subprocess.Popen(
                [str(world.options.patform), "-c", str(world.config), "apply",
                 "--auto-approve", "--parallelism", "1"],
                env=world.environment(), cwd=world.folder, stderr=err,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        wait_until("a create", lambda: service.requests("POST"))
        running.send_signal(signal.SIGINT)
        wait_until(waits, lambda: waits in heard.read_text())
        running.send_signal(signal.SIGINT)
        wait_until(explains, lambda: explains in heard.read_text())
        if times == 3:
            running.send_signal(signal.SIGINT)
        out, _ = running.communicate(timeout=60)
        equal("exit code", running.returncode, 130)
        if times == 2:
            check("the summary", "Apply incomplete. Tokens: 1 created, "
                  "0 updated, 0 rotated, 0 revoked; 0 failed, 1 not started."
                  in out, out)
            equal("places", len(world.secrets()), 1)
        else:
            check("it went on", "Apply incomplete." not in out, out)
        service.clear_faults()
        world.later(3600)
        world.apply()
        world.settled()
        check_one_live_each(world, ["t000", "t001"])


@case
def killed(world):
    """SIGKILL at many moments: the next apply still converges"""
    service = world.start()
    world.write(many(6, deliver="both", grace="0s"))
    for turn in range(6):
        service.fault("create", {"latency_ms": 40}, count=6)
        running = world.begin("apply", "--auto-approve", "--parallelism", "3",
                              *(["--rotate", "t000", "--rotate", "t003"]
                                if turn > 2 else []))
        time.sleep(0.06 + 0.03 * turn)
        running.interrupt(signal.SIGKILL)
        running.wait()
        world.remember()
        # What it left behind is then too old to be another run's, and ends
        # rather than to wait.
        world.later(3600)
    service.clear_faults()
    world.apply()
    world.settled()
    check_one_live_each(world, [f"t{i:03}" for i in range(6)])
    equal("places", len(world.secrets()), 12)
    both = world.secrets()
    for i in range(6):
        equal(f"the two places of t00{i}", both[f"t00{i}"],
              both[f"agent.env#T00{i}"])


@case
def clocks_that_differ(world):
    """a service whose clock is 20 s off: the second plan is empty"""
    for off in (-20, 20):
        world.close()
        there = time.gmtime(time.time() + off)
        world.start("--now", time.strftime("%Y-%m-%dT%H:%M:%SZ", there))
        world.write(many(1, deliver=f"""[{{ to = "files", at = "t{off}" }}]"""))
        world.apply()
        world.settled()


@case
def two_at_once(world):
    """two applies of one configuration at once: no secret is lost"""
    service = world.start()
    world.write(many(12, grace="0s"))
    service.fault("create", {"latency_ms": 30}, count=40)
    runs = [world.begin("apply", "--auto-approve") for _ in range(2)]
    codes = {run.wait().code for run in runs}
    check("exit codes", codes <= {0, 7, 8, 9}, str(codes))
    world.remember()
    for place, secret in world.secrets().items():
        equal(f"state of {place}", service.state_of(secret), "active")
    world.apply()
    world.settled()
    check_one_live_each(world, [f"t{i:03}" for i in range(12)])


@case
def two_rotations_at_once(world):
    """two rotations of one token at once: the delivered secret is active"""
    service = world.start()
    world.write(many(1, grace="0s", deliver="both"))
    world.apply()
    for _ in range(4):
        runs = [world.begin("apply", "--auto-approve", "--rotate", "t000")
                for _ in range(2)]
        codes = {run.wait().code for run in runs}
        check("exit codes", codes <= {0, 7, 8, 9}, str(codes))
        secrets = world.secrets()
        for place in ("t000", "agent.env#T000"):
            equal(f"the state of {place}",
                  service.state_of(secrets[place]), "active")
        # Where one run gave way to the other in the middle, the places differ
        # until the next one.
        if codes != {0}:
            world.apply()
            secrets = world.secrets()
        equal("two places, one secret", secrets["t000"],
              secrets["agent.env#T000"])
    world.apply()
    world.settled()
    check_one_live_each(world, ["t000"])


@case
def sink_in_the_way(world):
    """a sink that cannot be written: nothing is minted"""
    world.start()
    world.write(many(1))
    (world.config / "secrets").write_text("a file where a folder must be\n")
    result = world.apply(expect=None)
    check("it succeeded", result.code not in (0, 2), str(result))
    equal("live tokens", world.live(), {})
    (world.config / "secrets").unlink()
    world.apply()
    world.settled()


@case
def no_locks(world):
    """a file system that gives no locks, as NFS: nothing is minted"""
    service = world.start()
    for count in (1, 2):  # before and after the folder is made
        world.write(many(count, deliver="both"))
        creates = len(service.requests("POST"))
        result = world.apply(
            expect=1, LD_PRELOAD=str(world.options.boundary),
            BOUNDARY_STORE=str(world.config / "secrets"),
            BOUNDARY_CALLS=",flock,", BOUNDARY_AT="1", BOUNDARY_DO="error:9")
        check("the reason", "cannot be written, so nothing was minted: cannot "
              "lock " in result.out and "Its file system gives no locks on "
              "directories, as NFS does not" in result.out, str(result))
        equal("creates", len(service.requests("POST")), creates)
        world.apply()
        world.settled()


@case
def foreign_value(world):
    """a value that patform did not write is not overwritten without adopt"""
    world.start()
    (world.config / "secrets").mkdir()
    place = world.config / "secrets" / "a"
    place.write_text("mine\n")
    world.write(configuration(token("a")))
    world.apply(expect=8)
    equal("the value", place.read_text(), "mine\n")
    equal("live tokens", world.live(), {})
    world.write(configuration(token(
        "a", deliver='[{ to = "files", at = "a", adopt = true }]')))
    world.apply()
    check("the value was not replaced", place.read_text() != "mine\n")
    world.settled()


@case
def secret_lost(world):
    """a secret that left its sink is made anew"""
    service = world.start()
    world.write(many(2, grace="0s"))
    world.apply()
    old = world.secrets()
    (world.config / "secrets" / "t000").unlink()
    plan = world.plan_json()
    equal("reasons", [(c["name"], c["action"], c["action_reason"])
                      for c in plan["resource_changes"]],
          [("t000", "rotate", "secret_not_in_sink")])
    world.apply()
    world.settled()
    new = world.secrets()
    equal("the other secret", new["t001"], old["t001"])
    check("the secret is the old one", new["t000"] != old["t000"])
    equal("state of the old one", service.state_of(old["t000"]), "revoked")


@case
def two_users(world):
    """another user's tokens are not seen and not touched"""
    service = world.start()
    world.write(many(2))
    world.apply()
    mine = world.secrets()
    grace = service.token("grace@contoso.example")
    equal("what Grace sees", world.live(grace), {})
    other = world.folder / "other"
    world.config.rename(other)
    world.config.mkdir()
    world.write(many(2))
    world.apply(PATFORM_ACCESS_TOKEN=grace)
    for secret in mine.values():
        equal("state of Ada's", service.state_of(secret), "active")
    # Ada's targets are targets still.
    (other / "secrets").rename(world.config / "secrets" / "ada")


@case
def connections(world):
    """each worker keeps its connection: N creates, few connections"""
    service = world.start()
    world.write(many(60))
    before = service.connections()
    world.apply("--parallelism", "4")
    used = service.connections() - before - 1
    equal("creates", len(service.requests("POST")), 60)
    check("connections of 4 workers and the plan", 1 <= used <= 4 + 2,
          f"{used} for {len(service.requests())} requests")
