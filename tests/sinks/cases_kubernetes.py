"""The sink "kubernetes" against a real API server, where kube.sh has one."""

import json

import kube_server
from configuration import configuration, token
from harness import check, equal
from harness import case as always
from kube_server import METADATA, KubeServer, verbs_of
from stage import HEAD, served, stage, to

APPLY = "application/apply-patch+yaml"
SINK = '[sink.kube]\ntype = "kubernetes"\n'


def case(function):
    """None of these runs without the program: the fake's tests remain."""
    return always(function) if kube_server.PROGRAM else function


def begin(world, *tokens, user="admin", sink=SINK):
    kube = stage(world, KubeServer(world))
    world.variables["KUBECONFIG"] = str(kube.kubeconfig(user))
    write(world, *tokens, sink=sink)
    return kube


def write(world, *tokens, sink=SINK):
    world.write(configuration(
        *(tokens or [token("ci", deliver=to("kube", "ci"))]),
        head=HEAD + sink + "\n"))


def body(name, value, **metadata):
    return {"apiVersion": "v1", "kind": "Secret",
            "metadata": {"name": name, **metadata}, "data": {"token": value}}


@case
def counterpart(world):
    """kubernetes: the server refuses what the fake refuses"""
    kube = begin(world)
    of = "/api/v1/namespaces/ado/secrets/x"

    def apply(more="", **metadata):
        return kube.call("PATCH", of + "?fieldManager=patform-token" + more,
                         body("x", metadata.pop("value", "YQ=="), **metadata),
                         content=APPLY, accept=METADATA)

    missing = kube.call("GET", of, accept=METADATA)
    equal("nothing", (missing[0], missing[1]["reason"],
                      missing[1]["details"]["kind"]),
          (404, "NotFound", "secrets"))
    equal("uid of nothing", apply(resourceVersion="1", uid="a")[0], 409)
    status, made = apply(resourceVersion="1")
    equal("the fence of a create", (status, made["kind"]),
          (201, "PartialObjectMetadata"))
    check("no data", "data" not in made, str(made))
    # Not once more, although nobody else owns anything.
    status, again = apply("&force=true", resourceVersion="1", value="Yg==")
    equal("the fence", (status, again["reason"], "causes" in again["details"]),
          (409, "Conflict", False))
    equal("a dry run", apply("&dryRun=All", value="Yg==")[0], 200)
    equal("what it left", kube.value("x"), "a")
    kube.patch("x", {"data": {"token": "aHVtYW4="}})
    status, conflict = apply(value="Yg==")
    equal("a conflict", (status, conflict["details"]["causes"]), (409, [{
        "reason": "FieldManagerConflict",
        "message": 'conflict with "human" using v1', "field": ".data.token"}]))
    equal("a wrong precondition", kube.call("DELETE", of, {
        "apiVersion": "v1", "kind": "DeleteOptions",
        "preconditions": {"resourceVersion": "1"}})[0], 409)
    equal("a list of one kind", kube.call(
        "GET", "/api/v1/namespaces/ado/secrets", accept=METADATA)[0], 406)


@case
def story(world):
    """kubernetes: delivered, settled, drift healed, rotated, removed"""
    kube = begin(world)
    world.plan()
    equal("what a plan leaves", kube.secret("ci"), None)
    world.apply()
    first = served(world, kube.value("ci"))
    made = kube.secret("ci")
    equal("type", made["type"], "Opaque")
    equal("labels", made["metadata"]["labels"],
          {"patform.dev/managed": "true"})
    record = json.loads(made["metadata"]["annotations"]["patform.dev/token"])
    equal("record", (record["token"], record["address"]), ("ci", "kube:ci"))
    world.settled()
    # Labels of others are no drift.
    kube.patch("ci", {"metadata": {"labels": {"team": "web"}}})
    world.settled()
    kube.patch("ci", {"data": {"token": "aHVtYW4="}})
    world.plan("--detailed-exitcode", expect=2)
    world.apply()
    second = served(world, kube.value("ci"))
    check("a new one", first != second)
    world.settled()
    world.apply("--rotate", "token.ci")
    third = served(world, kube.value("ci"))
    check("a new one", third != second)
    world.settled()
    # Somebody deletes it.
    kube.do("DELETE", "/api/v1/namespaces/ado/secrets/ci")
    world.apply()
    fourth = served(world, kube.value("ci"))
    world.settled()
    write(world, token("ci", deliver=to("kube", "ci"), ensure="absent"))
    world.apply()
    equal("state", world.service.state_of(fourth), "revoked")
    equal("what is left", kube.secret("ci"), None)
    world.settled()


@case
def owners(world):
    """kubernetes: type, labels and other entries of the owner stay"""
    kube = begin(world, token("ci", deliver=to("kube", "feed", "password")))
    kube.do("POST", "/api/v1/namespaces/ado/secrets?fieldManager=human", {
        "apiVersion": "v1", "kind": "Secret",
        "type": "kubernetes.io/basic-auth",
        "metadata": {"name": "feed", "labels": {"team": "web"}},
        "stringData": {"username": "ci", "password": "old"}})
    # A value of others is theirs.
    result = world.apply(expect=None)
    check("refused", result.code != 0, str(result))
    equal("password", kube.value("feed", "password"), "old")
    equal("tokens", len(world.live()), 0)
    write(world, token("ci", deliver=to("kube", "feed", "password",
                                        adopt=True)))
    world.apply()
    served(world, kube.value("feed", "password"))
    world.settled()
    write(world, token("ci", deliver=to("kube", "feed", "password"),
                       ensure="absent"))
    world.apply()
    left = kube.secret("feed")
    equal("left", (left["type"], left["metadata"]["labels"],
                   sorted(left["data"])),
          ("kubernetes.io/basic-auth", {"team": "web"}, ["username"]))


@case
def entries(world):
    """kubernetes: each entry of one Secret is a place of its own"""
    pair = [token("a", deliver=to("kube", "team/both", "a")),
            token("b", deliver=to("kube", "team/both", ".npmrc"))]
    kube = begin(world, *pair)
    world.apply()
    values = {key: served(world, kube.value("both", key, "team"))
              for key in ("a", ".npmrc")}
    world.settled()
    world.apply("--rotate", "token.a")
    check("a new one", kube.value("both", "a", "team") != values["a"])
    equal("the other", kube.value("both", ".npmrc", "team"),
          values[".npmrc"])
    world.settled()
    write(world, pair[0] + 'ensure = "absent"\n',
          pair[1])
    world.apply()
    equal("what is left", list(kube.secret("both", "team")["data"]),
          [".npmrc"])
    world.settled()


@case
def roles(world):
    """kubernetes: the README's roles suffice, and name what they are for"""
    kube = begin(world, user="patform")
    result = world.plan(expect=None)
    check("forbidden", "secrets \"ci\" is forbidden" in result.out + result.err,
          str(result))
    kube.allow("patform", verbs_of("patform-plan"), ["ci"])
    world.plan()
    result = world.apply(expect=None)
    check("a plan's role applies nothing", result.code != 0, str(result))
    equal("tokens", len(world.live()), 0)
    kube.allow("patform", verbs_of("patform-apply"), ["ci"])
    world.apply()
    served(world, kube.value("ci"))
    world.settled()
    # Another name is none of its business.
    write(world, token("ci", deliver=to("kube", "other")))
    result = world.apply(expect=None)
    check("forbidden", result.code != 0 and kube.secret("other") is None,
          str(result))
    # Without a list nobody finds the places of tokens that ended.
    absent = token("ci", deliver=to("kube", "ci"), ensure="absent")
    write(world, absent)
    world.apply()
    check("the dead value", kube.value("ci") is not None)
    write(world)
    world.apply()
    kube.allow("patform", verbs_of("patform-list"))
    world.settled()
    write(world, absent)
    world.apply()
    equal("what is left", kube.secret("ci"), None)


@case
def refused(world):
    """kubernetes: what cannot be written is found before a mint"""
    kube = begin(world, token("a", deliver=to("kube", "fixed", "new")),
                 token("b", deliver=to("kube", "nowhere/b")),
                 token("c", deliver=to("kube", "shared")))
    kube.do("POST", "/api/v1/namespaces/ado/secrets", {
        "apiVersion": "v1", "kind": "Secret", "immutable": True,
        "metadata": {"name": "fixed"}, "data": {"token": "YQ=="}})
    result = world.apply(expect=None)
    for words in ("field is immutable when `immutable` is set",
                  'namespaces "nowhere" not found'):
        check(words, words in result.out + result.err, str(result))
    served(world, kube.value("shared"))
    equal("tokens", len(world.live()), 1)
    # Another client that applies the same value owns it as well.
    value = kube.secret("shared")["data"]["token"]
    equal("shared", kube.patch("shared", body("shared", value), content=APPLY,
                               manager="argocd")[0], 200)
    write(world, token("c", deliver=to("kube", "shared")))
    result = world.apply("--rotate", "token.c", expect=None)
    check("named", 'conflict with "argocd": .data.token'
          in result.out + result.err, str(result))
    equal("value", kube.secret("shared")["data"]["token"], value)
    equal("tokens", len(world.live()), 1)


@case
def sign_ins(world):
    """kubernetes: token, file, client certificate, exec plugin"""
    kube = begin(world)
    kube.allow("patform", verbs_of("patform-apply"), ["ci"])
    world.apply()
    (kube.kept / "token").write_text("patform-token-of-a-test\n")
    login = kube.kept / "login.sh"
    login.write_text(
        "#!/bin/sh\ncat <<EOF\n" + json.dumps({
            "apiVersion": "client.authentication.k8s.io/v1",
            "kind": "ExecCredential",
            "status": {"token": "patform-token-of-a-test"}}) + "\nEOF\n")
    login.chmod(0o755)
    program = {"exec": {"apiVersion": "client.authentication.k8s.io/v1",
                        "command": "./login.sh", "interactiveMode": "Never"}}
    for user in ({"tokenFile": "token"},
                 {"client-certificate": "client.crt",
                  "client-key": "client.key"}):
        kube.kubeconfig(user)
        world.settled()
    kube.kubeconfig(program)
    result = world.plan(expect=None)
    check("not allowed", "--allow-programs" in result.out + result.err,
          str(result))
    world.variables["PATFORM_ALLOW_PROGRAMS"] = "1"
    world.settled()
    kube.kubeconfig({"token": "nobodys-token"})
    result = world.plan(expect=8)
    check("words", "answered 401" in result.out + result.err, str(result))


@case
def plugin_certificate(world):
    """kubernetes: an exec plugin that answers with a client certificate"""
    kube = begin(world)
    kube.allow("patform", verbs_of("patform-apply"), ["ci"])
    kube.identity("stranger")

    def prepare(name, certificate, key):
        (kube.kept / name).write_text(json.dumps({
            "apiVersion": "client.authentication.k8s.io/v1",
            "kind": "ExecCredential", "status": {
                "clientCertificateData":
                    (kube.kept / f"{certificate}.crt").read_text(),
                "clientKeyData": (kube.kept / f"{key}.key").read_text()}}))

    # The server does not know the first one; the second comes in its place, on
    # a connection of its own.
    prepare("answer1", "stranger", "stranger")
    prepare("answer2", "client", "client")
    login = kube.kept / "login.sh"
    login.write_text(
        '#!/bin/sh\ncd "${0%/*}"\necho x >>ran\n'
        'if [ "$(wc -l <ran)" -gt 1 ]; then cat answer2; else cat answer1; fi\n')
    login.chmod(0o755)
    kube.kubeconfig({"exec": {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": "./login.sh", "interactiveMode": "Never"}})
    world.variables["PATFORM_ALLOW_PROGRAMS"] = "1"
    world.plan("--detailed-exitcode", expect=2)
    equal("how often it ran", (kube.kept / "ran").read_text(), "x\nx\n")
    world.apply()
    served(world, kube.value("ci"))
    world.settled()
    prepare("answer2", "client", "stranger")
    result = world.plan(expect=8)
    check("words", "printed a client certificate that is of no use: the client "
          "certificate does not belong to its key"
          in " ".join((result.out + result.err).split()), str(result))


@case
def whose_word(world):
    """kubernetes: a kubeconfig of the configuration needs --allow-host"""
    kube = begin(world)
    named = SINK + f'kubeconfig = "{kube.kubeconfig("admin", "named")}"\n'
    write(world, sink=named)
    result = world.plan(expect=8)
    check("words", f"--allow-host {kube.server}" in result.out + result.err,
          str(result))
    world.variables["PATFORM_ALLOW_HOSTS"] = kube.server
    world.apply()
    served(world, kube.value("ci"))
    kube.close()
    world.hurry(20)
    result = world.plan(expect=8)
    check("unknown", f"connecting to {kube.server}" in result.out + result.err,
          str(result))


@case
def restart(world):
    """kubernetes: workloads restart once, and a refusal costs no secret"""
    kube = begin(world, token("ci", deliver=to("kube", "ci")),
                 token("cd", deliver=to("kube", "cd")),
                 sink=SINK + 'restart = ["deployment/agents"]\n')
    result = world.apply()
    check("a workload that is not there is reported",
          "restarting deployment/agents" in result.out, result.out)
    of = "/apis/apps/v1/namespaces/ado/deployments"
    labels = {"app": "agents"}
    made = kube.call("POST", of, {
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "agents"},
        "spec": {"selector": {"matchLabels": labels}, "template": {
            "metadata": {"labels": labels},
            "spec": {"containers": [{"name": "a", "image": "a"}]}}}})
    equal("a deployment", made[0], 201)
    world.settled()
    result = world.apply("--rotate", "ci", "--rotate", "cd")
    equal("once", result.out.count("restarted deployment/agents"), 1)
    _, found = kube.call("GET", of + "/agents")
    template = found["spec"]["template"]["metadata"]
    check("the template changed",
          "patform.dev/restarted-at" in template["annotations"])
    equal("its labels stay", template["labels"], labels)
    served(world, kube.value("ci"))
    world.settled()
