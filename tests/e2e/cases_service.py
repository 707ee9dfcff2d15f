"""What the service can do to a run in the middle of it."""

from cases_apply import wait_until
from cases_faults import check_no_mint_twice
from configuration import many
from harness import case, check, equal

DAY = 86400
ONE_WORKER = ("--parallelism", "1")


def says(result, *lines):
    text = [line.strip() for line in (result.out + result.err).splitlines()]
    for line in lines:
        check(f"it does not say \"{line}\"",
              any(t.startswith(line) for t in text), str(result))


def check_converges(world, count):
    """The next run does what was left, and one token of each name lives."""
    world.service.clear_faults()
    world.apply()
    world.settled()
    check_no_mint_twice(world)
    equal("live tokens", {n: len(t) for n, t in world.live().items()},
          {f"t{i:03}": 1 for i in range(count)})
    secrets = world.secrets()
    equal("places", len(secrets), count)
    for place, secret in secrets.items():
        equal(f"state of {place}", world.service.state_of(secret), "active")


@case
def shortened_in_silence(world):
    """a tenant that shortens lives in silence: said, then rotated in time"""
    service = world.start()
    world.write(many(1, lifetime="30d", rotate_before="7d", grace="0s",
                     renewal="extend"))
    world.apply()
    world.later(24 * DAY)
    # The policy is new, and counts from the creation of the token: what was
    # to be a longer life becomes a shorter one.
    service.switch(tenant_max_days="25")
    result = world.apply(expect=7)
    says(result, "the service shortened the token's life: asked for ",
         "done: updated in place")
    check("the reason", "A tenant policy limits it, counted from the token's "
          "creation; only a rotation extends it further" in result.out,
          str(result))
    before = world.secrets()
    result = world.apply()
    says(result, "Plan: 0 to create, 0 to update, 1 to rotate, 0 to revoke.")
    check("the secret is the old one", world.secrets() != before)
    check_converges(world, 1)


@case
def vanishes_before_update(world):
    """a token that somebody revokes between the list and its update"""
    service = world.start()
    world.write(many(2, grace="0s"))
    world.apply()
    world.write(many(2, grace="0s", scopes=("vso.code_write",)))
    service.fault("update", {"revoke_named": "t000 "})
    result = world.apply(*ONE_WORKER, expect=7)
    says(result, "Error: token.t000 was not updated",
         "Apply incomplete. Tokens: 0 created, 1 updated, 0 rotated, "
         "0 revoked; 1 failed, 0 not started.")
    equal("what the plan wants next",
          [(c["name"], c["action"], c["action_reason"])
           for c in world.plan_json()["resource_changes"]
           if c["action"] != "no-op"],
          [("t000", "create", "gone")])
    check_converges(world, 2)


@case
def vanishes_before_revoke(world):
    """a token that somebody revokes before its retirement or revocation"""
    service = world.start()
    world.write(many(2, grace="0s"))
    world.apply()
    service.fault("revoke", {"revoke_named": "t000 ~pf:e2e#1."})
    world.apply("--rotate", "t000")
    world.settled()
    # The retirement of a token that is gone fails; the new one serves.
    world.write(many(2, grace="1h"))
    service.fault("update", {"revoke_named": "t000 ~pf:e2e#2."})
    result = world.apply("--rotate", "t000", expect=7)
    says(result, "Incomplete: token.t000 was not rotated to the end",
         "done: minted generation 3", "done: delivered to files:t000",
         "left for the next apply: end generation 2")
    world.settled()
    check_converges(world, 2)


@case
def bearer_expires(world):
    """the bearer expires in mid-apply: a clean stop, exit 4"""
    for how in ("redirect302", "html203", "json401"):
        world.close()
        service = world.start("--set", f"auth_failure={how}")
        world.write(many(5, grace="0s", deliver=f"""[
            {{ to = "files", at = "{how}/{{name}}" }}]"""))
        service.fault("create", {"advance_seconds": 7200}, nth=3)
        result = world.apply(*ONE_WORKER, expect=4)
        says(result, "Error: token.t002 was not created",
             "Unchanged: token.t003 was not created",
             "not started, because the service does not accept the sign-in "
             "any more",
             "Apply incomplete. Tokens: 2 created, 0 updated, 0 rotated, "
             "0 revoked; 1 failed, 2 not started.")
        equal("creates", len(service.requests("POST")), 3)
        world.apply(expect=4)
        # A new bearer. Time goes back, as patform's own never went on.
        service.later(-7200)
        world.apply()
        world.settled()
        # And once more where the new secret is out and the old one lives.
        service.fault("revoke", {"advance_seconds": 7200})
        result = world.apply("--rotate", "t000", expect=4)
        says(result, "Incomplete: token.t000 was not rotated to the end",
             "done: delivered to files:" + how + "/t000",
             "left for the next apply: end generation 1")
        service.later(-7200)
        for place, secret in world.secrets().items():
            if place.startswith(how):
                equal(f"state of {place}", service.state_of(secret), "active")
        world.apply()
        world.settled()
        check_no_mint_twice(world)
        equal("live tokens", {n: len(t) for n, t in world.live().items()},
              {f"t{i:03}": 1 for i in range(5)})


@case
def bearer_is_kept_fresh(world):
    """the bearer expires in mid-apply: its file has a new one by then"""
    service = world.start("--set", "auth_failure=json401")
    world.write(many(5, grace="0s"))
    bearer = world.folder / "bearer"
    bearer.write_text(service.token(lifetime=3600) + "\n")
    world.variables |= {"PATFORM_ACCESS_TOKEN": None,
                        "PATFORM_ACCESS_TOKEN_FILE": str(bearer)}
    service.fault("create", {"latency_ms": 1500}, nth=1)
    service.fault("create", {"advance_seconds": 7200}, nth=3)
    running = world.begin("apply", "--auto-approve", *ONE_WORKER)
    wait_until("a create", lambda: service.requests("POST"))
    fresh = bearer.with_suffix(".new")
    fresh.write_text(service.token(lifetime=14400) + "\n")
    fresh.rename(bearer)
    result = running.wait(expect=0)
    says(result, "Apply complete! Tokens: 5 created,")
    # The third was refused once, and sent again with the new bearer.
    equal("creates", len(service.requests("POST")), 6)
    service.later(-7200)
    world.settled()
    world.variables["PATFORM_ACCESS_TOKEN"] = service.token()
    result = world.plan(expect=4)
    check("it says why", "PATFORM_ACCESS_TOKEN and PATFORM_ACCESS_TOKEN_FILE "
          "are both set" in result.err, str(result))
    world.variables["PATFORM_ACCESS_TOKEN_FILE"] = None
    check_no_mint_twice(world)
    check_converges(world, 5)


@case
def storm(world):
    """a storm of 429: waited out by all workers; without end, given up"""
    service = world.start()
    world.hurry(30)
    world.write(many(6, grace="0s"))
    limit = {"status": 429, "headers": {"Retry-After": "5"}}
    service.fault("any", limit, nth=2, count=8)
    result = world.apply("--parallelism", "2")
    check("it did not wait", result.seconds >= 5 * 4 / 30, str(result))
    check_converges(world, 6)
    world.write(many(8, grace="0s"))
    service.fault("create", limit, count=0)
    result = world.apply("--parallelism", "2", expect=1)
    says(result, "Error: token.t006 was not created",
         "Apply incomplete. Tokens: 0 created, 0 updated, 0 rotated, "
         "0 revoked; 2 failed, 0 not started.")
    equal("live tokens", len(world.live()), 6)
    check_converges(world, 8)


@case
def down_for_long(world):
    """ten minutes of 503: given up in a minute, nothing half-done"""
    service = world.start()
    world.hurry(60)
    down = {"status": 503}
    world.write(many(4, grace="0s"))
    # A service that goes down before the first create, and stays down.
    service.fault("any", down, nth=2, count=0)
    result = world.apply(*ONE_WORKER, expect=7)
    says(result, "Incomplete: token.t000 was not created",
         "done: sent a create for generation 1 whose answer was lost; if it "
         "lives, its mark shows it and it is collected")
    result = world.plan(expect=1)
    check("the reason", "the service answered 503. It is in trouble. Run "
          "patform again in a few minutes" in result.err, str(result))
    check("it waited for longer than a minute", result.seconds < 60 / 60 + 5,
          str(result.seconds))
    service.clear_faults()
    equal("live tokens", world.live(), {})
    check_converges(world, 4)
    # And one that goes down when the new secret is out.
    before = world.secrets()
    for operation in ("update", "revoke", "list"):
        service.fault(operation, down, nth=2 if operation == "list" else 1,
                      count=0)
    result = world.apply("--rotate", "t000", expect=7)
    says(result, "Incomplete: token.t000 was not rotated to the end",
         "done: delivered to files:t000",
         "left for the next apply: end generation 1")
    for secret in (before["t000"], world.secrets()["t000"]):
        equal("its state", service.state_of(secret), "active")
    check_converges(world, 4)
    equal("the old secret", service.state_of(before["t000"]), "revoked")


@case
def page_changes(world):
    """a list that changes between its pages: nothing is made twice"""
    for paging in ("keyset", "offset"):
        for change, skips in (({"make_named": "a-5"}, False),
                              ({"revoke_named": "a-50"}, True),
                              ({"revoke_named": "a-77", "make_named": "z"},
                               True)):
            world.close()
            service = world.start("--set", f"paging={paging}")
            world.write(many(2, grace="0s"))
            world.apply()
            # t000 is the first of the second page.
            for name in ("a-{i}", "u-{i}"):
                service.admin("POST", "seed", {
                    "user": "ada@contoso.example", "name": name, "count": 100})
            before = len(service.requests())
            service.fault("list", change, nth=2)
            result = world.plan("--detailed-exitcode")
            # What the list leaves out is asked for by its id.
            asked = [r for r in service.requests()[before:]
                     if "authorizationId=" in r]
            equal(f"{paging}, {change}: t000 was left out", len(asked),
                  int(skips and paging == "offset"))
            check("a change", "Plan: " not in result.out, str(result))
            service.clear_faults()
            service.fault("list", change, nth=2)
            world.apply()
            world.settled()
            check_no_mint_twice(world)
            equal("live tokens", [len(world.live()[f"t{i:03}"])
                                  for i in range(2)], [1, 1])
            for path in (world.config / "secrets").iterdir():
                path.unlink()
