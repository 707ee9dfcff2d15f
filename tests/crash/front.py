"""What stands between patform and a store over HTTP: a server on loopback that
counts the requests of a run, and lets something happen to one of them.

A write may be carried out or not, and its answer may come or not; and patform
may be dead by then. A write that is late is one that its sender has given up:
it is kept, and carried out when the test says so.
"""

import http.client
import http.server
import socket
import ssl
import struct
import sys
import threading

# To a request that changes nothing: the question is not answered.
TO_READS = ("killed before", "500 after")
# What a write comes to: is it carried out, and what does its sender see?
TO_WRITES = ("killed before", "killed after", "cut before", "cut after",
             "500 after", "503 after", "refused", "garbage after",
             "gone after", "late", "killed, late", "killed, too late")
STATUSES = {"500 after": 500, "503 after": 503, "refused": 403}


class Misfortune:
    """What is to happen to the request of that number, counted from 1."""

    def __init__(self, what="", at=0):
        self.what, self.at = what, at

    def is_due(self, number):
        # A store that is gone stays so.
        return number == self.at or (
            self.what == "gone after" and number > self.at)

    @property
    def done(self):
        """The request is carried out, before anything else happens."""
        return self.what.endswith("after")

    @property
    def kept(self):
        return self.what.endswith("late")

    @property
    def kills(self):
        return self.what.startswith("killed")


class Link:
    """A connection to the emulator; for several threads, one at a time."""

    def __init__(self, service):
        self._host = service.url.split("//")[1]
        self._context = ssl.create_default_context(
            cafile=str(service.certificate))
        self._lock = threading.Lock()
        self._link = None

    def __call__(self, method, path, headers, body):
        with self._lock:
            for last in (False, True):
                if self._link is None:
                    self._link = http.client.HTTPSConnection(
                        self._host, timeout=60, context=self._context)
                try:
                    self._link.request(method, path, body or None, headers)
                    answer = self._link.getresponse()
                    return answer.status, dict(answer.headers), answer.read()
                except (OSError, http.client.HTTPException):
                    # It may have closed a connection that was idle.
                    self._link.close()
                    self._link = None
                    if last:
                        raise
        raise AssertionError("unreachable")


class Front:
    """`back(method, path, headers, body)` answers with a status, headers and
    bytes; `kill()` ends the run that is under way."""

    KEPT = ("Authorization", "Content-Type", "Accept")
    SHOWN = ("Content-Type", "Date", "WWW-Authenticate", "Retry-After")

    def __init__(self, back, kill):
        self._back, self._kill = back, kill
        self._lock = threading.Lock()
        self.begin()
        front = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = -1  # an answer is one packet

            def log_message(self, *_):
                pass

            def _answer(self):
                size = int(self.headers.get("Content-Length") or 0)
                answer = front.pass_on(
                    self.command, self.path,
                    {name: self.headers[name] for name in front.KEPT
                     if name in self.headers}, self.rfile.read(size))
                if answer is None:
                    self.close_connection = True
                    # A reset and not an end.
                    self.connection.setsockopt(
                        socket.SOL_SOCKET, socket.SO_LINGER,
                        struct.pack("ii", 1, 0))
                    return
                status, headers, data = answer
                self.send_response_only(status)
                for name in front.SHOWN:
                    if name in headers:
                        self.send_header(name, headers[name])
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = _answer

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request, client_address):
                """Whoever was killed does not hear the answer."""
                if not isinstance(sys.exc_info()[1], OSError):
                    super().handle_error(request, client_address)

        self.server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever,
                         kwargs={"poll_interval": 0.05}, daemon=True).start()
        self.authority = f"127.0.0.1:{self.server.server_port}"
        self.url = f"http://{self.authority}"

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def begin(self, misfortune=None):
        """A new run; returns nothing of the one before."""
        with self._lock:
            self.misfortune = misfortune or Misfortune()
            self.seen = []  # (method, path) of each request
            self.late = []  # those that are still to be carried out

    def end(self):
        """The run has ended; what is late stays so."""
        with self._lock:
            self.misfortune = Misfortune()

    @property
    def hit(self):
        return len(self.seen) >= self.misfortune.at > 0

    def pass_on(self, *request):
        """The answer; None: the connection ends."""
        with self._lock:
            self.seen.append(request[:2])
            number, what = len(self.seen), self.misfortune
            if not what.is_due(number):
                return self._back(*request)
            if what.kept:
                self.late.append(request)
            answer = None
            if what.done and number == what.at:
                answer = self._back(*request)
            if what.kills:
                self._kill()
            if what.what == "garbage after":
                return 200, answer[1], b'{"\xff'
            status = STATUSES.get(what.what)
            return status and (status, {"Content-Type": "text/plain"}, b"no")

    def release(self):
        """The late ones are carried out now; how many, and with what status."""
        with self._lock:
            late, self.late = self.late, []
            return [self._back(*request)[0] for request in late]
