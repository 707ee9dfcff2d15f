"""GitHub's secrets and variables of Actions on loopback, in this process.

A box that PyNaCl cannot open is refused. Each body, of requests and of answers,
is checked against github_bodies.json: the schemas of these calls, cut out of
GitHub's own OpenAPI description (@octokit/openapi 23.0.2, MIT).
"""

import base64
import http.server
import json
import pathlib
import re
import ssl
import subprocess
import threading
import time

import fastjsonschema
from harness import equal
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, SealedBox

TOKEN = "ghp_0123456789abcdefghijklmnopqrstuvwxyz"
READ_TOKEN = "ghp_zyxwvutsrqponmlkjihgfedcba9876543210"
BODIES = {call: fastjsonschema.compile(schema) for call, schema in json.loads(
    (pathlib.Path(__file__).parent / "github_bodies.json").read_text()
).items()}
KINDS = [
    (re.compile(r"/repos/[^/]+/[^/]+/environments/[^/]+"),
     "/repos/{owner}/{repo}/environments/{environment_name}"),
    (re.compile(r"/repos/[^/]+/[^/]+/actions"),
     "/repos/{owner}/{repo}/actions"),
    (re.compile(r"/orgs/[^/]+/actions"), "/orgs/{org}/actions")]


class Github:
    """Every path has its own secrets and variables; there is no repository
    "hidden"."""

    def __init__(self, world, tls=False):
        self.world = world
        self.key, self.key_number = PrivateKey.generate(), 1
        self.ahead = 0  # seconds, of its clock
        self.secrets, self.variables = {}, {}  # by base and name
        self.lines, self.wrong = [], []
        world.guarded[TOKEN] = "the token for GitHub"
        self.server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True
        self.certificate = self._encrypt(world) if tls else None
        threading.Thread(target=self.server.serve_forever,
                         daemon=True).start()
        world.opened.append(self)
        self.authority = f"127.0.0.1:{self.server.server_port}"
        self.url = f"{'https' if tls else 'http'}://{self.authority}"

    def _encrypt(self, world):
        """With a certificate of its own from here on; where that is."""
        key, certificate = (world.services / f"github.{name}"
                            for name in ("key", "pem"))
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes",
             "-days", "1", "-subj", "/CN=127.0.0.1", "-addext",
             "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out",
             certificate], check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.server.socket = context.wrap_socket(self.server.socket,
                                                 server_side=True)
        return certificate

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        equal("bodies that GitHub's description does not have", self.wrong, [])

    def sink(self, **more):
        lines = {"type": "github-secrets", "address": self.url,
                 **(more or {"repository": "contoso/app"})}
        return "\n[sink.github]\n" + "".join(
            f'{name} = "{value}"\n' for name, value in lines.items())

    def value(self, name, base="/repos/contoso/app/actions"):
        """What a workflow gets; None: nothing."""
        kept = self.secrets.get((base, name))
        return kept["value"] if kept else None

    def write(self, name, value, base="/repos/contoso/app/actions"):
        """Somebody pastes it into the web page."""
        kept = self.secrets.setdefault((base, name), {})
        kept |= {"value": value, "updated_at": self._now()}

    def renew_key(self):
        self.key, self.key_number = PrivateKey.generate(), self.key_number + 1

    def _now(self):
        return time.strftime("%Y-%m-%dT%H:%M:%SZ",
                             time.gmtime(time.time() + self.ahead))

    def _handler(self):
        github = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def date_time_string(self, timestamp=None):
                return super().date_time_string(
                    time.time() + github.ahead if timestamp is None
                    else timestamp)

            def _answer(self):
                body = self.rfile.read(
                    int(self.headers.get("Content-Length") or 0))
                status, answer = github.answer(
                    self.command, self.path,
                    self.headers.get("Authorization"), body)
                data = b"" if answer is None else json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = _answer

        return Handler

    def answer(self, method, path, authorization, body):
        """Status and parsed body."""
        # gh's older word for the same.
        authorization = (authorization or "").replace("token ", "Bearer ", 1)
        if authorization not in (f"Bearer {TOKEN}", f"Bearer {READ_TOKEN}"):
            return 401, {"message": "Bad credentials"}
        path, _, query = path.partition("?")
        # Of an enterprise's server.
        path = path.removeprefix("/api/v3")
        for pattern, template in KINDS:
            found = pattern.match(path)
            if found and "/hidden/" not in path:
                base, rest = found[0], path[found.end():]
                break
        else:
            return 404, {"message": "Not Found"}
        self.lines.append(f"{method} {rest}")
        if method != "GET" and authorization == f"Bearer {READ_TOKEN}":
            return 403, {"message": "Resource not accessible by personal "
                                    "access token"}
        call = f"{method} {template}" + re.sub(
            r"^/secrets/(?!public-key)\w+", "/secrets/{secret_name}",
            re.sub(r"^/variables/\w+", "/variables/{name}", rest))
        parsed = json.loads(body) if body else None
        self._check(f"{call} request", parsed)
        status, answer = self._do(method, base, rest, query, parsed)
        if status < 300 and answer is not None:
            self._check(f"{call} {status}", answer)
        return status, answer

    def _check(self, call, body):
        check = BODIES.get(call)
        if check is None:
            if body is not None:
                self.wrong.append(f"{call}: not described")
            return
        try:
            check(body)
        except fastjsonschema.JsonSchemaException as error:
            self.wrong.append(f"{call}: {error}")

    def _do(self, method, base, rest, query, body):
        if rest == "/secrets/public-key":
            return 200, {"key_id": str(self.key_number), "key":
                         base64.b64encode(bytes(self.key.public_key)).decode()}
        kind, _, name = rest[1:].partition("/")
        kept = self.secrets if kind == "secrets" else self.variables
        if not name and method == "GET":
            page, size = (
                int(found[1]) if (found := re.search(
                    rf"\b{name}=(\d+)", query)) else default
                for name, default in (("page", 1), ("per_page", 30)))
            own = [self._described(at) for at in sorted(kept) if at[0] == base]
            return 200, {"total_count": len(own),
                         kind: own[(page - 1) * size:page * size]}
        if method == "POST":
            at = (base, body["name"])
            if at in kept:
                return 409, {"message": "Already exists"}
            kept[at] = {"value": body["value"], "updated_at": self._now()}
            return 201, {}
        at = (base, name)
        if method == "PUT":
            return self._put(at, body)
        if name.endswith("/repositories"):
            return 200, {"total_count": 0, "repositories": []}
        if at not in kept:
            return 404, {"message": "Not Found"}
        if method == "GET":
            return 200, self._described(at, kept)
        if method == "DELETE":
            del kept[at]
            return 204, None
        kept[at] = {"value": body["value"], "updated_at": self._now()}
        return 204, None

    def _put(self, at, body):
        if body["key_id"] != str(self.key_number):
            return 422, {"message": "Bad Request: key_id"}
        try:
            value = SealedBox(self.key).decrypt(
                base64.b64decode(body["encrypted_value"], validate=True))
        except (CryptoError, ValueError):
            return 422, {"message": "encrypted_value"}
        made = at not in self.secrets
        self.secrets[at] = {
            "value": value.decode(), "updated_at": self._now(),
            "visibility": body.get("visibility")}
        return (201, {}) if made else (204, None)

    def _described(self, at, kept=None):
        if kept is None:
            kept = self.secrets if at in self.secrets else self.variables
        own = {"name": at[1], "created_at": "2026-01-01T00:00:00Z",
               "updated_at": kept[at]["updated_at"]}
        if kept is self.variables:
            own["value"] = kept[at]["value"]
        if at[0].startswith("/orgs/"):
            own["visibility"] = kept[at].get("visibility") or "selected"
            if own["visibility"] == "selected":
                own["selected_repositories_url"] = "https://api.github.com/x"
        return own
