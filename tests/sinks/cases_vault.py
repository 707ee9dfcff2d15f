"""The sink "vault" against a real OpenBao. The policies are the files that the
sink's page shows."""

import json
import pathlib
import re
import sys
import time

from configuration import configuration, token, toml
from harness import case, check, equal
from openbao import Key, Meddler, OpenBao
from stage import HEAD, served, stage, to

# At the end: there is a stage.py, too.
sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "crash"))

import kv2  # noqa: E402

AT = "ado/ci"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z")


def files(world, name):
    return (world.options.root / "examples/sinks/vault" / name).read_text()


def vault(world, *policies):
    """A server with the policies of the page; patform has a token of these."""
    bao = stage(world, OpenBao(world))
    for name in ("plan", "apply"):
        bao.policy(name, files(world, f"{name}.hcl"))
    if policies:
        world.variables["VAULT_TOKEN"] = bao.token(*policies)
    return bao


def declare(world, bao, *tokens, address=None, **settings):
    lines = ["[sink.vault]", 'type = "vault"',
             f'address = "{address or bao.url}"']
    lines += [f"{key} = {toml(value)}" for key, value in settings.items()]
    world.write(configuration(
        *(tokens or [token("ci", deliver=to("vault", AT))]),
        head=HEAD + "\n".join(lines) + "\n\n"))


@case
def counterpart(world):
    """vault: the server refuses what a KV v2 engine refuses"""
    bao = OpenBao(world)
    write = {"options": {"cas": 0}, "data": {"token": "a"}}
    equal("first", bao.call("POST", "secret/data/x", write)[0], 200)
    equal("second", bao.call("POST", "secret/data/x", write), (400, {
        "errors": ["check-and-set parameter did not match the current "
                   "version"]}))
    equal("value", bao.value("x"), "a")
    equal("nothing", bao.call("GET", "secret/metadata/y"), (404, {
        "errors": []}))


def told(fake, real):
    """Of `real` what `fake` tells, too; times are of the same form."""
    if isinstance(fake, dict) and isinstance(real, dict):
        return {name: told(value, real.get(name))
                for name, value in fake.items()}
    both = isinstance(fake, str) and isinstance(real, str)
    return fake if both and TIME.fullmatch(fake) and TIME.fullmatch(
        real) else real


@case
def fake_of_the_crash_suite(world):
    """vault: the fake of the suite crash answers as the server does"""
    bao, fake = OpenBao(world), kv2.Kv2()
    at, record = "secret/metadata/ado/ci", {"patform-data-version": "1"}

    def data(cas, **fields):
        return {"options": {"cas": cas}, "data": fields}
    for method, path, body in [
            ("GET", "sys/internal/ui/mounts/secret", None),
            ("GET", at, None),
            ("GET", "secret/metadata/ado/?list=true", None),
            ("PATCH", at, {"custom_metadata": record}),
            ("PATCH", "secret/data/ado/ci", data(0, token="a")),
            ("PUT", at, {"custom_metadata": {"mark": "0", "theirs": "x"}}),
            ("GET", at, None),
            ("POST", "sys/capabilities-self",
             {"paths": [at, "secret/data/ado/ci"]}),
            ("PATCH", "secret/data/ado/ci", data(0, token="a")),
            ("PUT", "secret/data/ado/ci", data(1, token="a")),
            ("PUT", "secret/data/ado/ci", data(0, token="a", other="b")),
            ("PUT", "secret/data/ado/ci", data(0, token="a")),
            ("PATCH", at, {"custom_metadata": {"mark": None, **record}}),
            ("GET", at, None),
            ("GET", "secret/data/ado/ci", None),
            ("PATCH", "secret/data/ado/ci", data(0, token="c")),
            ("PATCH", "secret/data/ado/ci", data(1, token="c")),
            ("GET", "secret/data/ado/ci", None),
            ("PATCH", "secret/data/ado/ci", data(2, other=None)),
            ("GET", "secret/data/ado/ci", None),
            ("GET", "secret/metadata/ado/?list=true", None),
            ("GET", "secret/metadata/?list=true", None),
            ("PUT", "secret/destroy/ado/ci", {"versions": [1, 2, 3, 9]}),
            ("GET", at, None),
            ("GET", "secret/data/ado/ci", None),
            ("PATCH", "secret/data/ado/ci", data(3, token="d")),
            ("PUT", "secret/data/ado/ci", data(3, token="d")),
            ("PATCH", at, {"custom_metadata": {
                "patform-data-version": None, "theirs": None}}),
            ("GET", at, None)]:
        status, answer = fake.answer(method, f"/v1/{path}", kv2.TOKEN, body)
        real_status, real = bao.call(method, path, body)
        equal(f"{method} {path}, {body}", (status, answer or {}),
              (real_status, told(answer, real) if answer else real))
    equal("a stranger", fake.answer("GET", f"/v1/{at}", "x", None)[0],
          bao.call("GET", at, token="x")[0])


@case
def story(world):
    """vault: create, nothing to do, rotate, revoke, with the page's policy"""
    bao = vault(world, "apply")
    declare(world, bao)
    world.plan("--detailed-exitcode", expect=2)
    world.apply()
    first = served(world, bao.value(AT))
    world.settled()
    world.apply("--rotate", "ci")
    second = served(world, bao.value(AT))
    check("another", first != second)
    world.settled()
    kept = bao.metadata(AT)["custom_metadata"]
    equal("describes", kept["patform-data-version"], "2")
    equal("address", kept["patform-address"], "vault:ado/ci")
    declare(world, bao, token("ci", deliver=to("vault", AT), ensure="absent"))
    world.apply()
    equal("gone", bao.value(AT), None)
    equal("record", bao.metadata(AT)["custom_metadata"] or {}, {})
    equal("revoked", world.service.state_of(second), "revoked")
    world.settled()
    declare(world, bao)
    world.apply()
    served(world, bao.value(AT))
    world.settled()


@case
def example(world):
    """vault: the page's configuration, planned with the plan's policy alone"""
    bao = vault(world, "plan")
    text = files(world, "patform.toml")
    address = re.search(r'address = "(.*)"', text)[1]
    world.write(text.replace(address, bao.url))
    world.plan("--detailed-exitcode", expect=2)
    result = world.apply(expect=None)
    check("refused before a token is made", result.code != 0 and
          'lack patch and create on secret/metadata/ado/ci-packaging'
          in result.out, str(result))
    equal("nothing made", world.live(), {})
    world.apply(VAULT_TOKEN=bao.token("apply"))
    served(world, bao.value("ado/ci-packaging"))
    world.settled()
    equal("cannot read", bao.call(
        "GET", "secret/data/ado/ci-packaging",
        token=world.variables["VAULT_TOKEN"])[0], 403)


@case
def approle(world):
    """vault: signs in by AppRole, and gives the login back"""
    bao = vault(world)
    bao.do("POST", "sys/auth/approle", {"type": "approle"})
    bao.do("POST", "auth/approle/role/patform",
           {"token_policies": "apply", "token_ttl": "20m"})
    role = bao.do("GET", "auth/approle/role/patform/role-id")["role_id"]
    secret = bao.do("POST", "auth/approle/role/patform/secret-id")["secret_id"]
    world.guarded[secret] = "the secret_id"
    declare(world, bao, auth="approle", role_id=role)
    world.apply(VAULT_SECRET_ID=secret)
    served(world, bao.value(AT))
    equal("logins left", bao.logins(), 0)
    place = world.config / "secret-id"
    place.write_text(secret + "\n")
    world.keeping.add(place)
    declare(world, bao, auth="approle", role_id=role,
            secret_id_file="secret-id")
    world.settled()
    equal("logins left", bao.logins(), 0)
    place.write_text("not-that-one\n")
    unread(world, "signing in by approle: " + bao.authority
           + " answered 400: invalid role or secret ID")


@case
def jwt(world):
    """vault: signs in by the CI's JWT"""
    bao = vault(world)
    key = Key(bao.kept)
    bao.do("POST", "sys/auth/ci", {"type": "jwt"})
    bao.do("POST", "auth/ci/config", {"jwt_validation_pubkeys": [key.public],
                                      "bound_issuer": "https://ci.example"})
    bao.do("POST", "auth/ci/role/patform", {
        "role_type": "jwt", "bound_audiences": ["patform"],
        "user_claim": "sub", "bound_subject": "repo:contoso/tokens",
        "policies": "apply", "ttl": "20m"})
    place = world.config / "jwt"
    world.keeping.add(place)
    declare(world, bao, auth="jwt", role="patform", jwt_file="jwt",
            auth_mount="ci")
    for audience in ["other", "patform"]:
        text = key.jwt(aud=audience, sub="repo:contoso/tokens")
        world.guarded[text] = "the CI's token"
        place.write_text(text)
        if audience == "other":
            unread(world, "answered 400: error validating token: invalid "
                          "audience (aud) claim")
    world.apply()
    served(world, bao.value(AT))
    world.settled()
    equal("logins left", bao.logins(), 0)
    place.unlink()
    unread(world, f"the file of `jwt_file` ({place}) cannot be read by this "
                  "user")


def unread(world, why, **changes):
    """A plan that does not know what the place holds, and tells why."""
    result = world.plan(expect=None, **changes)
    check(f"exit code {result.code}", result.code not in (0, 2), str(result))
    check(why, why in " ".join((result.out + result.err).split()), str(result))


@case
def no_token(world):
    """vault: without a token, with a bad one, and with one that may not"""
    bao = vault(world)
    declare(world, bao)
    unread(world, f"there is no token for {bao.url}. Set VAULT_TOKEN, or sign "
                  "in with its own client: vault login")
    unread(world, "answered 403: permission denied", VAULT_TOKEN="not-one")
    unread(world, "Its policies do not allow that",
           VAULT_TOKEN=bao.token("default"))
    # Where the server's own client leaves it.
    home = world.folder / "home" / ".vault-token"
    home.touch(mode=0o600)
    home.write_text(bao.token("apply"))
    world.keeping.add(home)
    world.apply()
    served(world, bao.value(AT))
    equal("it lives", bao.call("GET", "auth/token/lookup-self",
                               token=home.read_text())[0], 200)


@case
def errors(world):
    """vault: nothing mounted, the old engine, unknown namespace, sealed"""
    bao = vault(world)
    world.hurry(30)
    world.variables["VAULT_TOKEN"] = bao.token("root")
    declare(world, bao, mount="other")
    unread(world, 'nothing is mounted there. Is "other" the engine\'s `mount`')
    bao.do("POST", "sys/mounts/old", {"type": "kv",
                                      "options": {"version": "1"}})
    declare(world, bao, mount="old")
    unread(world, "it is not a KV engine of version 2")
    declare(world, bao, mount="secret/team")
    unread(world, 'the engine is mounted at "secret/"')
    declare(world, bao, namespace="nobody")
    unread(world, "namespace not found")
    declare(world, bao)
    unread(world, "nothing was sent to " + bao.authority,
           PATFORM_ALLOW_HOSTS=None)
    bao.do("PUT", "sys/seal")
    unread(world, "the server is sealed. Run patform again once it is "
                  "unsealed")
    bao.close()
    unread(world, "Connection refused")


@case
def namespaces(world):
    """vault: a namespace has engines and tokens of its own"""
    bao = vault(world)
    bao.do("POST", "sys/namespaces/team", {})
    inside = {"namespace": "team"}
    bao.do("POST", "sys/mounts/kv/azdo",
           {"type": "kv", "options": {"version": "2"}}, **inside)
    bao.do("PUT", "sys/policies/acl/apply",
           {"policy": files(world, "apply.hcl").replace(
               "secret/", "kv/azdo/")}, **inside)
    world.variables["VAULT_TOKEN"] = bao.do(
        "POST", "auth/token/create", {"policies": ["apply"]},
        **inside)["client_token"]
    declare(world, bao, namespace="team", mount="kv/azdo")
    world.apply()
    served(world, bao.value(AT, mount="kv/azdo", **inside))
    world.settled()


@case
def fields(world):
    """vault: the owner's other fields and metadata stay, unread"""
    bao = vault(world, "apply")
    bao.put(AT, user="ci@contoso.example", pat="by hand")
    bao.do("POST", f"secret/metadata/{AT}",
           {"custom_metadata": {"team": "platform"}, "max_versions": 7})
    place = to("vault", AT, key="pat")
    declare(world, bao, token("ci", deliver=place))
    result = world.plan(expect=None)
    check("foreign", "holds a secret that patform did not write" in " ".join(
        (result.out + result.err).split()), str(result))
    equal("untouched", bao.value(AT, "pat"), "by hand")
    place = to("vault", AT, key="pat", adopt=True)
    declare(world, bao, token("ci", deliver=place))
    world.apply()
    served(world, bao.value(AT, "pat"))
    equal("user", bao.value(AT, "user"), "ci@contoso.example")
    kept = bao.metadata(AT)
    equal("team", kept["custom_metadata"]["team"], "platform")
    equal("settings", kept["max_versions"], 7)
    world.settled()
    world.apply("--rotate", "ci")
    served(world, bao.value(AT, "pat"))
    declare(world, bao, token("ci", deliver=place, ensure="absent"))
    world.apply()
    equal("pat", bao.value(AT, "pat"), None)
    equal("user", bao.value(AT, "user"), "ci@contoso.example")
    equal("metadata", bao.metadata(AT)["custom_metadata"],
          {"team": "platform"})


def whole(bao, path):
    """The versions that can still be read, or undeleted."""
    return [int(number) for number, version in sorted(
        bao.metadata(path)["versions"].items(), key=lambda each: int(each[0]))
        if not version["destroyed"]]


@case
def old_versions(world):
    """vault: what was superseded for longer than keep_versions is destroyed"""
    bao = vault(world, "apply")
    # Somebody's, deleted and not destroyed.
    bao.put(AT, token="before")
    bao.do("DELETE", f"secret/data/{AT}")
    # Ours beside somebody's.
    bao.put("ado/shared", user="ci@contoso.example", pat="by hand")
    tokens = [token("ci", deliver=to("vault", AT)),
              token("shared", deliver=to("vault", "ado/shared", key="pat",
                                         adopt=True))]
    declare(world, bao, *tokens, keep_versions="1h")
    world.apply()
    for _ in range(2):
        world.apply("--rotate", "ci", "--rotate", "shared")
    equal("an hour is not over", whole(bao, AT), [1, 2, 3, 4])
    declare(world, bao, *tokens, keep_versions="0s")
    # The server's Date has whole seconds.
    time.sleep(1.1)
    world.apply()
    equal("ours", whole(bao, AT), [1, 4])
    equal("shared", whole(bao, "ado/shared"), [1, 2, 3, 4])
    served(world, bao.value(AT))
    served(world, bao.value("ado/shared", "pat"))
    world.settled()
    # A delivery does not need the permission.
    text = files(world, "apply.hcl")
    bao.policy("writes", text[:text.index("# The secrets of tokens")])
    writes = bao.token("writes")
    for _ in range(2):
        time.sleep(1.1)
        world.apply("--rotate", "ci", VAULT_TOKEN=writes)
    equal("refused", whole(bao, AT), [1, 4, 5, 6])
    served(world, bao.value(AT))
    time.sleep(1.1)
    world.apply("--rotate", "ci")
    equal("by the next apply", whole(bao, AT), [1, 6, 7])
    served(world, bao.value(AT))


@case
def drift(world):
    """vault: a deleted secret is made again, one that somebody wrote is seen"""
    bao = vault(world, "apply")
    declare(world, bao)
    world.apply()
    first = bao.value(AT)
    bao.do("DELETE", f"secret/data/{AT}")
    world.plan("--detailed-exitcode", expect=2)
    world.apply()
    second = served(world, bao.value(AT))
    check("another", first != second)
    world.settled()
    bao.do("DELETE", f"secret/metadata/{AT}")
    world.apply()
    served(world, bao.value(AT))
    world.settled()
    # Older versions that come back are no more than that.
    bao.do("POST", f"secret/data/{AT}", {"data": {"token": second}})
    unread(world, "and its record is not of that version yet. If no other run "
                  "is under way, somebody else wrote it")
    equal("left alone", bao.value(AT), second)


@case
def conflict(world):
    """vault: somebody writes between the plan and the delivery"""
    bao = vault(world, "apply")
    declare(world, bao)
    world.apply()
    first = bao.value(AT)
    path = f"/v1/secret/data/{AT}"
    meddler = Meddler(bao, lambda method, at: method == "PATCH" and at == path,
                      lambda: bao.put(AT, token="theirs"))
    world.variables["PATFORM_ALLOW_HOSTS"] = meddler.authority
    declare(world, bao, address=meddler.url)
    result = world.apply("--rotate", "ci", expect=None)
    check("failed", result.code != 0, str(result))
    equal("theirs", bao.value(AT), "theirs")
    equal("the old one lives", world.service.state_of(first), "active")
    equal("one alone", len(world.live()["ci"]), 1)
    equal("requests of the delivery", [
        line for line in meddler.seen if line.endswith(path)],
        [f"PATCH {path}"])


@case
def dies(world):
    """vault: a first delivery that dies before its record is ours, and torn"""
    bao = vault(world, "apply")

    world.hurry(30)
    record = ("PATCH", f"/v1/secret/metadata/{AT}")
    meddler = Meddler(bao, lambda *seen: seen == record,
                      lambda: bao.do("PUT", "sys/seal"))
    world.variables["PATFORM_ALLOW_HOSTS"] = meddler.authority
    declare(world, bao, address=meddler.url)
    result = world.apply(expect=None)
    check("incomplete", result.code != 0, str(result))
    check("told", "the secret was written, and its record was not" in " ".join(
        (result.out + result.err).split()), str(result))
    equal("it lives", len(world.live()["ci"]), 1)


@case
def places(world):
    """vault: one path has one record, so it takes one delivery"""
    bao = vault(world, "apply")
    declare(world, bao, token("a", deliver=to("vault", AT, key="a")),
            token("b", deliver=to("vault", AT, key="b")))
    result = world.run("validate", expect=3)
    check("both", '"b" and "a" are both delivered to vault:ado/ci#b'
          in result.err, str(result))
    declare(world, bao, token("a", deliver=to("vault", "/ado//ci")))
    result = world.run("validate", expect=3)
    check("path", '`at` ("/ado//ci") cannot be a place of a vault sink'
          in result.err, str(result))


@case
def strays(world):
    """vault: what a removed table has left in a folder goes with its token"""
    bao = vault(world, "apply")
    declare(world, bao, token("a", deliver=to("vault", "ado/a")),
            token("b", deliver=to("vault", "ado/b")))
    world.apply()
    bao.put("ado/theirs", token="x")
    declare(world, bao, token("a", deliver=to("vault", "ado/a")))
    world.apply()
    equal("gone", bao.value("ado/b"), None)
    equal("theirs", bao.value("ado/theirs"), "x")
    served(world, bao.value("ado/a"))
    world.settled()


@case
def many(world):
    """vault: 200 places, several at once, seven requests for each at most"""
    bao = vault(world, "apply")
    meddler = Meddler(bao, lambda *_: False, None)
    world.variables["PATFORM_ALLOW_HOSTS"] = meddler.authority
    tokens = [token(f"t{i:03}", deliver=to("vault", f"ado/t{i:03}"))
              for i in range(200)]
    declare(world, bao, *tokens, address=meddler.url)
    world.apply()
    made = len(meddler.seen)
    check("requests of an apply", made <= 200 * 9, str(made))
    meddler.seen.clear()
    world.settled()
    # Each record, the engine, the folder.
    check("requests of a plan", len(meddler.seen) <= 202,
          json.dumps(meddler.seen[:9]))
    for i in (0, 99, 199):
        served(world, bao.value(f"ado/t{i:03}"))


@case
def keeps_sign_in(world):
    """vault: a sign-in is kept there, and no token may take its place"""
    bao = vault(world, "apply")
    declare(world, bao, token("ci", deliver=to("vault", "ado/bot")))
    text = (world.config / "patform.toml").read_text()
    world.write(text + """
[identity.bot]
source = "refresh-token"
tenant = "contoso.example"
client_id = "11111111-2222-3333-4444-555555555555"
from = "vault:ado/bot"
""")
    result = world.run("validate", expect=3)
    check("clash", 'the sign-in is kept at vault:ado/bot, and "ci" is '
          "delivered there" in result.err, str(result))
