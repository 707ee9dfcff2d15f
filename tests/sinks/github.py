"""GitHub's secrets and variables of Actions on loopback, in this process.

A box that PyNaCl cannot open is refused. Each body, of requests and of answers,
is checked against github_bodies.json: the schemas of these calls, cut out of
GitHub's own OpenAPI description (@octokit/openapi 23.0.2, MIT).
"""

import http.server
import json
import pathlib
import ssl
import subprocess
import threading
import time

import fastjsonschema
from actions import READ_TOKEN, TOKEN, Actions  # noqa: F401  for the cases
from harness import equal
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, SealedBox

BODIES = {call: fastjsonschema.compile(schema) for call, schema in json.loads(
    (pathlib.Path(__file__).parent / "github_bodies.json").read_text()
).items()}


class Box:
    def __init__(self):
        self._key = PrivateKey.generate()
        self.public = bytes(self._key.public_key)

    def open(self, box):
        try:
            return SealedBox(self._key).decrypt(box)
        except CryptoError as error:
            raise ValueError("not a box for this key") from error


class Github(Actions):
    def __init__(self, world, tls=False):
        super().__init__(Box)
        self.world = world
        self.wrong = []
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

    def check(self, call, body):
        check = BODIES.get(call)
        if check is None:
            if body is not None:
                self.wrong.append(f"{call}: not described")
            return
        try:
            check(body)
        except fastjsonschema.JsonSchemaException as error:
            self.wrong.append(f"{call}: {error}")

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
