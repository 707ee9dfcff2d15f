"""A service that lies: a proxy in front of the emulator, over plain HTTP on
loopback, that rewrites what goes through it."""

import http.server
import json
import threading


class Liar:
    """`rewrite(method, path, body, answer)` is asked for each answer of the
    service: (status, headers, bytes) of what patform is told instead, or None
    for the truth. `requests` holds what patform sent."""

    def __init__(self, service, rewrite):
        self.service = service
        self.rewrite = rewrite
        self.requests = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def handle_one(self):
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length)) if length else None
                kept = {k: v for k, v in self.headers.items() if k.lower() in (
                    "authorization", "accept", "content-type", "user-agent")}
                outer.requests.append((self.command, self.path, body))
                answer = service.call(self.command, self.path, body, kept)
                lie = outer.rewrite(self.command, self.path, body, answer)
                status, headers, data = lie or answer
                self.send_response(status)
                for key, value in headers.items():
                    if key.lower() not in ("content-length", "connection",
                                           "transfer-encoding", "date"):
                        self.send_header(key, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                try:
                    self.wfile.write(data)
                except OSError:
                    pass  # patform has read enough

            do_GET = do_POST = do_PUT = do_DELETE = handle_one

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0),
                                                      Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever,
                                       daemon=True)
        self.thread.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def of_creates(change):
    """A rewrite that changes what each create answers: `change(token)` edits
    the patToken, or gives bytes to be sent for the whole."""
    def rewrite(method, _path, _body, answer):
        status, headers, data = answer
        if method != "POST" or status != 200:
            return None
        document = json.loads(data)
        said = change(document["patToken"])
        return status, headers, (said if isinstance(said, bytes)
                                 else json.dumps(document).encode())
    return rewrite
