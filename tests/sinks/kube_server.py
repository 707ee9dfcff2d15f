"""A real kube-apiserver with etcd on loopback. kube.sh makes the program."""

import base64
import json
import os
import pathlib
import re
import ssl
import subprocess
import urllib.error
import urllib.request

from harness import Failure, equal
from stage import Store, free_port

PROGRAM = os.environ.get("PATFORM_KUBE", "")
README = (pathlib.Path(__file__).resolve().parents[2]
          / "examples/sinks/kubernetes/README.md")
METADATA = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
# Users by their token; `admin` may do everything, the others nothing yet.
USERS = {"admin": "system:masters", "patform": "", "human": ""}


class Etcd(Store):
    """Where the API server keeps everything; its files hold secrets."""

    def __init__(self, world):
        super().__init__(world, "etcd")
        port, peer = free_port(), free_port()
        self.url = f"http://127.0.0.1:{port}"
        own = f"http://127.0.0.1:{peer}"
        self.launch(
            ["etcd", "--data-dir", self.kept / "data", "--listen-client-urls",
             self.url, "--advertise-client-urls", self.url,
             "--listen-peer-urls", own, "--initial-advertise-peer-urls", own,
             "--initial-cluster", f"default={own}", "--unsafe-no-fsync"],
            self._ready)

    def _ready(self):
        try:
            with urllib.request.urlopen(self.url + "/health", timeout=5) as got:
                return got.status == 200
        except OSError:
            return False


class KubeServer(Store):
    """The cluster: no nodes, no controllers, RBAC; namespaces ado and team."""

    def __init__(self, world):
        etcd = Etcd(world)
        super().__init__(world, "kube")
        port = free_port()
        self.url = f"https://127.0.0.1:{port}"
        # The operator's own kubeconfig needs no --allow-host.
        self.authority = ""
        self.server = f"127.0.0.1:{port}"
        self._context = None
        self._openssl("genrsa", "-out", self.kept / "sa.key", "2048")
        self.identity("client")
        (self.kept / "tokens.csv").write_text("".join(
            f"{name}-token-of-a-test,{name},{name},{group}\n"
            for name, group in USERS.items()))
        for name in USERS:
            world.guarded[f"{name}-token-of-a-test"] = f"the token of {name}"
        key = self.kept / "sa.key"
        self.launch(
            [PROGRAM, f"--etcd-servers={etcd.url}",
             "--bind-address=127.0.0.1", "--advertise-address=127.0.0.1",
             f"--secure-port={port}", f"--cert-dir={self.kept / 'certs'}",
             f"--token-auth-file={self.kept / 'tokens.csv'}",
             f"--client-ca-file={self.kept / 'client.crt'}",
             "--authorization-mode=RBAC",
             "--service-cluster-ip-range=10.96.0.0/24",
             "--service-account-issuer=https://kube.test",
             f"--service-account-key-file={key}",
             f"--service-account-signing-key-file={key}",
             "--endpoint-reconciler-type=none"], self._ready)
        for space in ("ado", "team"):
            self.do("POST", "/api/v1/namespaces", {
                "apiVersion": "v1", "kind": "Namespace",
                "metadata": {"name": space}})

    def identity(self, name):
        """The user `patform` by a certificate that is its own authority, in
        NAME.crt and NAME.key. The server knows that of `client`."""
        self._openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt",
            "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
            "/O=clients/CN=patform", "-keyout", self.kept / f"{name}.key",
            "-out", self.kept / f"{name}.crt", "-addext",
            "extendedKeyUsage=clientAuth")
        key = (self.kept / f"{name}.key").read_text()
        self.world.guarded[key.splitlines()[1]] = f"the key of {name}"

    @staticmethod
    def _openssl(*arguments):
        subprocess.run(["openssl", *arguments], check=True,
                       capture_output=True)

    def _ready(self):
        ca = self.kept / "certs/apiserver.crt"
        if not ca.exists():
            return False
        try:
            self._context = ssl.create_default_context(cafile=str(ca))
            return self.call("GET", "/readyz")[1] == "ok"
        except (ssl.SSLError, OSError):
            return False

    def call(self, method, path, body=None, user="admin",
             content="application/json", accept="application/json"):
        """Status and answer of one request."""
        request = urllib.request.Request(
            self.url + path, method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {user}-token-of-a-test",
                     "Content-Type": content, "Accept": accept})
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}),
            urllib.request.HTTPSHandler(context=self._context))
        try:
            with opener.open(request, timeout=30) as answer:
                status, text = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            status, text = error.code, error.read()
        try:
            return status, json.loads(text)
        except ValueError:
            return status, text.decode()

    def do(self, method, path, body=None, **more):
        """The answer to a request that succeeds."""
        status, answer = self.call(method, path, body, **more)
        equal(f"{method} {path}: {answer}", status // 100, 2)
        return answer

    def secret(self, name, space="ado"):
        """The whole object; None: there is none."""
        status, answer = self.call(
            "GET", f"/api/v1/namespaces/{space}/secrets/{name}")
        return answer if status == 200 else None

    def value(self, name, key="token", space="ado"):
        """What a consumer gets; None: nothing."""
        found = self.secret(name, space)
        data = (found or {}).get("data") or {}
        if key not in data:
            return None
        return base64.b64decode(data[key]).decode()

    def patch(self, name, body, user="admin", manager="human", space="ado",
              content="application/merge-patch+json"):
        """As kubectl patch does it."""
        return self.call(
            "PATCH", f"/api/v1/namespaces/{space}/secrets/{name}"
            f"?fieldManager={manager}", body, user, content)

    def allow(self, user, verbs, names=None, space="ado"):
        """A Role, and its binding to `user` alone."""
        base = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{space}"
        name = f"{user}-{'-'.join(verbs)}"
        rule = {"apiGroups": [""], "resources": ["secrets"], "verbs": verbs}
        if names:
            rule["resourceNames"] = names
        self.do("POST", base + "/roles", {"metadata": {"name": name},
                                          "rules": [rule]})
        self.do("POST", base + "/rolebindings", {
            "metadata": {"name": name},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io",
                        "kind": "Role", "name": name},
            "subjects": [{"kind": "User", "name": user,
                          "apiGroup": "rbac.authorization.k8s.io"}]})

    def kubeconfig(self, user, name="kubeconfig"):
        """A file whose user signs in so; `user`: an admin's token by a name of
        USERS, or what a kubeconfig has."""
        if isinstance(user, str):
            user = {"token": f"{user}-token-of-a-test"}
        path = self.kept / name
        path.write_text(json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "test",
            "clusters": [{"name": "test", "cluster": {
                "server": self.url,
                "certificate-authority": "certs/apiserver.crt"}}],
            "contexts": [{"name": "test", "context": {
                "cluster": "test", "user": "someone", "namespace": "ado"}}],
            "users": [{"name": "someone", "user": user}]}))
        return path


def verbs_of(role):
    """The verbs that the example's README gives the role."""
    found = re.search(rf"create role {role} .*?--verb=(\S+)",
                      README.read_text(encoding="utf-8"), re.DOTALL)
    if not found:
        raise Failure(f"the README has no role {role}")
    return found.group(1).split(",")
