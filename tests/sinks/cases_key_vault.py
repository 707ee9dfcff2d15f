"""The sink "key-vault": the real patform at the emulator's vault, and
Microsoft's own client as the judge of that and as the other one who writes."""

import datetime
import pathlib

from azure.core.exceptions import HttpResponseError
from configuration import configuration, token
from harness import case, check, equal
from key_vault import Credential, Vault
from stage import HEAD, served, stage, to

EXAMPLE = (pathlib.Path(__file__).resolve().parents[2]
           / "examples/sinks/key-vault/patform.toml")
DAY = 24 * 3600


def begin(world, *tokens, sink="", head="", **token_more):
    vault = stage(world, Vault(world))
    vault.sign_in()
    vault.declare = lambda *tokens: world.write(configuration(
        *tokens, head=HEAD + head + vault.sink(sink)))
    vault.declare(*(tokens or [
        token("ci", deliver=to("vault", "ado-{name}"), **token_more)]))
    return vault


def refused(call):
    """Status, code and inner code of what the client is answered."""
    try:
        call()
    except HttpResponseError as error:
        inner = error.error.innererror if error.error else None
        return (error.status_code, error.error.code if error.error else None,
                inner.get("code") if inner else None)
    return None


@case
def counterpart(world):
    """key-vault: Microsoft's client is content with the emulator's vault"""
    vault = begin(world)
    credential = Credential(vault.bearer())
    client = vault.client(credential)
    ends = datetime.datetime(2030, 1, 1, tzinfo=datetime.timezone.utc)
    first = client.set_secret("A-1", "one", content_type="x/y",
                              expires_on=ends, tags={"a": "b"}).properties
    equal("first", (first.tags, first.content_type, first.expires_on,
                    first.enabled, first.recovery_level),
          ({"a": "b"}, "x/y", ends, True, "Recoverable+Purgeable"))
    equal("asked", [scopes for scopes, _ in credential.asked],
          [("https://vault.azure.net/.default",)])
    check("the tenant of the challenge",
          len(credential.asked[0][1] or "") == 36, str(credential.asked))
    client.set_secret("a-1", "two")
    equal("served", client.get_secret("A-1").value, "two")
    for n in range(30):
        client.set_secret(f"s-{n}", "x")
    equal("listed", len(list(client.list_properties_of_secrets())), 31)
    equal("versions", sorted(
        (p.tags or {}).get("a", "") for p in
        client.list_properties_of_secret_versions("a-1")), ["", "b"])
    equal("none", list(client.list_properties_of_secret_versions("none")), [])
    client.update_secret_properties("a-1", first.version, enabled=False,
                                    tags={"c": "d"})
    equal("disabled", refused(lambda: client.get_secret("a-1", first.version)),
          (403, "Forbidden", "SecretDisabled"))
    client.begin_delete_secret("a-1").wait()
    equal("deleted", [d.name for d in client.list_deleted_secrets()], ["A-1"])
    equal("taken", refused(lambda: client.set_secret("a-1", "three")),
          (409, "Conflict", "ObjectIsDeletedButRecoverable"))
    client.begin_recover_deleted_secret("a-1").wait()
    equal("recovered", client.get_secret("a-1").value, "two")
    client.begin_delete_secret("a-1").wait()
    client.purge_deleted_secret("a-1")
    equal("purged", refused(lambda: client.get_secret("a-1")),
          (404, "SecretNotFound", None))
    other = vault.client(Credential(world.service.token()))
    equal("another audience", refused(lambda: other.set_secret("x", "y"))[0],
          401)
    try:
        vault.client(verify_challenge_resource=True).set_secret("x", "y")
    except ValueError as error:
        check("its own check of the challenge", "vault.azure.net" in str(error),
              str(error))
    else:
        check("its own check of the challenge", False)
    vault.role("reader")
    equal("reader", refused(lambda: client.set_secret("x", "y")),
          (403, "Forbidden", "ForbiddenByRbac"))
    equal("reads tags", len(list(client.list_properties_of_secrets())), 30)


@case
def story(world):
    """key-vault: delivered, settled, healed, rotated, revoked and disabled"""
    vault = begin(world, sink='content_type = "text/plain"\n')
    world.plan("--detailed-exitcode", expect=2)
    equal("what a plan writes", vault.count("vault_set"), 0)
    world.apply()
    first = served(world, vault.value("ado-ci"))
    held = vault.client().get_secret("ado-ci").properties
    equal("content type", held.content_type, "text/plain")
    equal("expiry", held.expires_on.isoformat().replace("+00:00", "Z"),
          held.tags["patform-valid-to"])
    equal("tags", (held.tags["patform-token"], held.tags["patform-address"]),
          ("ci", "vault:ado-ci"))
    world.settled()
    # Somebody disables it: nobody gets the secret any more.
    vault.client().update_secret_properties("ado-ci", held.version,
                                            enabled=False)
    world.apply()
    second = served(world, vault.value("ado-ci"))
    check("a new one", second != first)
    world.settled()
    # An edit of tags and dates by others is no change of the secret.
    vault.client().update_secret_properties(
        "ado-ci", expires_on=datetime.datetime(
            2040, 1, 1, tzinfo=datetime.timezone.utc))
    world.settled()
    world.apply("--rotate", "token.ci")
    third = served(world, vault.value("ado-ci"))
    check("a new one", third != second)
    world.settled()
    vault.declare(token("ci", deliver=to("vault", "ado-{name}"),
                        ensure="absent"))
    world.apply()
    equal("state", world.service.state_of(third), "revoked")
    equal("served", vault.value("ado-ci"), None)
    check("all disabled", not any(on for _, on in vault.versions("ado-ci")))
    world.settled()
    vault.declare(token("ci", deliver=to("vault", "ado-{name}")))
    world.apply()
    served(world, vault.value("ado-ci"))
    world.settled()


@case
def strangers(world):
    """key-vault: a version of somebody else's stays until the file adopts it"""
    vault = begin(world)
    world.apply()
    first = vault.value("ado-ci")
    world.later(60)
    vault.sign_in()
    vault.client().set_secret("ado-ci", "somebody's own value")
    result = world.plan(expect=8)
    check("words", "is not one that patform wrote" in result.out + result.err,
          str(result))
    world.apply(expect=None)
    equal("served", vault.value("ado-ci"), "somebody's own value")
    vault.declare(token("ci", deliver=to("vault", "ado-{name}", adopt=True)))
    world.apply()
    check("a new one", served(world, vault.value("ado-ci")) != first)
    world.settled()


@case
def roles(world):
    """key-vault: the readers' role does for a plan, the writers' for an apply"""
    vault = begin(world)
    vault.role("reader")
    world.plan("--detailed-exitcode", expect=2)
    result = world.apply(expect=4)
    check("words", "secrets/setSecret" in result.out + result.err, str(result))
    equal("what was minted is revoked", world.live(), {})
    vault.role("writer")
    world.apply()
    world.settled()
    world.apply("--rotate", "token.ci")
    world.settled()
    vault.role("officer")
    secret = served(world, vault.value("ado-ci"))
    vault.role("writer")
    vault.declare(token("ci", deliver=to("vault", "ado-{name}"),
                        ensure="absent"))
    world.apply()
    equal("state", world.service.state_of(secret), "revoked")
    world.settled()
    vault.role("none")
    vault.declare(token("ci", deliver=to("vault", "ado-{name}")))
    result = world.plan(expect=8)
    check("words", "ForbiddenByRbac" in result.out + result.err, str(result))
    # Nobody but the judge has asked for a value, first without a token.
    vault.role("officer")
    gets = [line for line in world.service.requests("GET")
            if line.startswith("GET /secrets/") and "/versions" not in line]
    equal("values read", len(gets), 2)


@case
def deleted(world):
    """key-vault: a deleted name is found before anything is minted"""
    vault = begin(world)
    vault.client().set_secret("ADO-ci", "x")
    vault.client().begin_delete_secret("ado-ci").wait()
    world.plan("--detailed-exitcode", expect=2)
    result = world.apply(expect=1)
    check("words", "az keyvault secret recover" in result.out + result.err,
          str(result))
    equal("minted", vault.count("create"), 0)
    vault.client().purge_deleted_secret("ado-ci")
    world.apply()
    served(world, vault.value("ado-ci"))
    world.settled()


@case
def faults(world):
    """key-vault: lost answers, 429, 503 and garbage cost no secret"""
    vault = begin(world)
    world.apply()
    for action, code in [
            ({"cut_before": True}, 0), ({"cut_after": True}, 0),
            ({"status": 503}, 0), ({"status": 503, "after": True}, 0),
            ({"status": 429, "headers": {"Retry-After": "1"}}, 0),
            ({"garbage": True}, 0),
            ({"status": 400, "body": {"error": {"code": "BadParameter",
                                                "message": "no"}}}, 1)]:
        before = served(world, vault.value("ado-ci"))
        world.service.fault("vault_set", action)
        result = world.apply("--rotate", "token.ci", expect=None)
        equal(f"exit code of {action}: {result}", result.code, code)
        after = served(world, vault.value("ado-ci"))
        equal(f"written by {action}", after != before, code == 0)
        world.service.clear_faults()
        world.settled()
    for operation in ("vault_versions", "vault_list"):
        for action in ({"status": 500}, {"garbage": True}, {"html": True}):
            world.service.fault(operation, action, count=0)
            world.plan(expect=None)
            world.apply(expect=None)
            served(world, vault.value("ado-ci"))
            world.service.clear_faults()
    world.settled()


@case
def one_sign_in(world):
    """key-vault: one refresh token opens both, and a strict server is content"""
    vault = stage(world, Vault(world))
    world.service.switch(sign_in="strict")
    kept = world.config / "kept"
    kept.mkdir(mode=0o700)
    world.keeping.add(kept)
    seed = world.service.admin("POST", "refresh_token", {
        "user": "ada@contoso.example"})["refresh_token"]
    (kept / "bot").write_text(seed)
    (kept / "bot").chmod(0o600)
    world.variables["PATFORM_ACCESS_TOKEN"] = None
    world.write(configuration(
        token("ci", deliver=to("vault", "ci")), head=HEAD
        + f'[auth]\nsource = "refresh-token"\ntenant = "contoso.example"\n'
        'client_id = "11111111-2222-3333-4444-555555555555"\n'
        f'authority = "{world.service.url}"\nfrom = "kept:bot"\n\n'
        '[sink.kept]\ntype = "file"\npath = "kept"\n\n' + vault.sink()))
    seen = {seed}
    world.apply()
    served(world, vault.value("ci"))
    for _ in range(3):
        world.settled()
        check("written back", (kept / "bot").read_text() not in seen)
        seen.add((kept / "bot").read_text())
    equal("exchanges", vault.count("sign_in"), 8)
    # As harness asks who is Ada.
    world.variables["PATFORM_ACCESS_TOKEN"] = world.service.token()


@case
def wrong_token(world):
    """key-vault: a token for another service is not sent there"""
    vault = begin(world)
    result = world.plan(expect=None,
                        PATFORM_KEY_VAULT_TOKEN=world.service.token())
    check("words", "PATFORM_KEY_VAULT_TOKEN is an access token for Azure "
          "DevOps" in result.out + result.err, str(result))
    check("code", result.code in (4, 8), str(result))
    equal("asked", vault.count("vault_versions"), 0)
    result = world.plan(expect=None, PATFORM_KEY_VAULT_TOKEN=None)
    check("words", "az account get-access-token --resource "
          "https://vault.azure.net" in " ".join(
              (result.out + result.err).split()), str(result))
    result = world.plan(expect=None,
                        PATFORM_KEY_VAULT_TOKEN=vault.bearer(lifetime=-10))
    check("expired", result.code in (4, 8), str(result))
    result = world.plan(expect=8, PATFORM_ALLOW_HOSTS="")
    check("words", "--allow-host" in result.out + result.err, str(result))


@case
def many(world):
    """key-vault: a plan of many places asks for the vault's pages alone"""
    vault = begin(world, *(token(f"t{i}", deliver=to("vault", f"t-{i}"))
                           for i in range(60)))
    world.apply()
    before = world.service.admin("GET", "requests")["counts"]
    world.settled()
    after = world.service.admin("GET", "requests")["counts"]
    spent = {name: after[name] - before.get(name, 0) for name in after
             if name.startswith("vault") and after[name] > before.get(name, 0)}
    check("lists alone", set(spent) == {"vault_list"}, str(spent))
    # The challenge, three pages for the records, three for strays.
    check("pages", spent["vault_list"] <= 8, str(spent))
    print(f"figure key_vault_requests_of_60_places={spent['vault_list']}")


@case
def two_runs(world):
    """key-vault: of two runs at once the later write is served, and it lives"""
    vault = begin(world, grace="0s")
    world.apply()
    for _ in range(3):
        runs = [world.begin("apply", "--auto-approve", "--rotate", "token.ci")
                for _ in range(2)]
        for run in runs:
            check("code", run.wait().code in (0, 6, 7, 9))
        served(world, vault.value("ado-ci"))
        # What nobody may be about to deliver any more is ended.
        world.later(3600)
        vault.sign_in()
        world.apply()
        served(world, vault.value("ado-ci"))
        world.settled()
        equal("live", [len(tokens) for tokens in world.live().values()], [1])


@case
def old_versions(world):
    """key-vault: what was superseded for longer than keep_versions is disabled"""
    vault = begin(world, sink='keep_versions = "2d"\n', lifetime="90d")
    world.apply()
    # Dates have whole seconds.
    world.later(60)
    vault.sign_in()
    world.apply("--rotate", "token.ci")
    equal("both", [on for _, on in vault.versions("ado-ci")], [True, True])
    world.later(3 * DAY)
    vault.sign_in()
    world.apply()
    equal("the old one is off", [on for _, on in vault.versions("ado-ci")],
          [False, True])
    served(world, vault.value("ado-ci"))
    world.settled()


@case
def example(world):
    """key-vault: the configuration of the examples"""
    vault = begin(world)
    text = EXAMPLE.read_text()
    for was, now in [
            ("https://contoso-ado.vault.azure.net", world.service.url),
            ('source = "azure-cli"', 'source = "environment"'),
            ('tenant = "contoso.onmicrosoft.com"\n', "")]:
        check("the text", was in text, was)
        text = text.replace(was, now)
    world.write(text)
    world.apply()
    served(world, vault.value("ado-ci-packaging"))
    world.settled()
