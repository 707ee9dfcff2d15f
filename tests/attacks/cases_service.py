"""A service, or whatever answers at its address, that is broken or lies."""

import json
import signal
import socket
import ssl
import subprocess
import threading
import time
import urllib.parse

import views
from cases_faults import check_no_mint_twice
from configuration import many
from harness import case, check, equal

EMPTY = json.dumps({"patTokens": [], "continuationToken": ""})


class Hostile:
    """Answers each request on loopback with whatever `answer` sends."""

    def __init__(self, world, answer, context=None, clean=True, ends=None):
        self.answer, self.context, self.clean = answer, context, clean
        self.ends = b"\r\n\r\n" if ends is None else ends
        self.connections = self.requests = 0
        self.done = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()
        scheme = "http" if context is None else "https"
        world.variables = {
            "PATFORM_SERVICE_URL": f"{scheme}://127.0.0.1:{self.port}",
            "PATFORM_ACCESS_TOKEN": "n" * 300}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.done.set()
        self.listener.close()

    def _accept(self):
        while True:
            try:
                plain, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(plain,),
                             daemon=True).start()

    def _serve(self, connection):
        try:
            connection.settimeout(60)
            if self.context is not None:
                connection = self.context.wrap_socket(connection,
                                                      server_side=True)
            while not self.done.is_set():
                request = b""
                while not request or self.ends not in request:
                    more = connection.recv(65536)
                    if not more:
                        return
                    request += more
                self.requests += 1
                if self.answer(self, connection, request) is not True:
                    return
        except OSError:
            pass  # the other side went away: that is what it should do
        finally:
            if self.context is not None and self.clean:
                try:
                    connection.unwrap()
                except (OSError, AttributeError):
                    pass
            connection.close()


def reply(body, *headers, status="200 OK"):
    lines = [f"HTTP/1.1 {status}", "Content-Type: application/json", *headers]
    if not any(h.lower().startswith(("content-length", "transfer-encoding"))
               for h in headers):
        lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def always(data):
    def answer(_server, connection, _request):
        connection.sendall(data)
        return True
    return answer


def drip(before, piece, pause=0.05):
    """`before` at once, then `piece` again and again."""
    def answer(server, connection, _request):
        connection.sendall(before)
        while not server.done.wait(pause):
            connection.sendall(piece)
    return answer


def silent(server, _connection, _request):
    server.done.wait(60)


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"

# Slow or without end: the plan ends by itself.
ENDLESS = {
    "silence": silent,
    "a dripping header": drip(HEAD, b"X-A: b\r\n"),
    "a dripping header line": drip(HEAD + b"X-A: ", b"b"),
    "a dripping body": drip(HEAD + b"Content-Length: 99999\r\n\r\n", b" "),
    "a body without length": drip(HEAD + b"\r\n", b" "),
    "dripping chunks": drip(CHUNKED, b"1\r\n \r\n"),
    "a dripping chunk extension": drip(CHUNKED + b"1;a=", b"b"),
    "dripping trailers": drip(CHUNKED + b"0\r\n", b"X-A: b\r\n"),
    "slow 1xx": drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n", 1),
}

# What is refused when it is seen.
BROKEN = {
    "endless 1xx": drip(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 50, 0),
    "101": always(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"
                  + reply(EMPTY)),
    "HTTP/0.9": always(EMPTY.encode()),
    "HTTP/2": always(b"HTTP/2.0 200 OK\r\n\r\n" + EMPTY.encode()),
    "another protocol": always(b"220 mail.example ESMTP\r\n"),
    "status 99": always(reply(EMPTY, status="099 No")),
    "two lengths": always(reply(EMPTY, f"Content-Length: {len(EMPTY)}",
                                "Content-Length: 2")),
    "length and chunks": always(
        reply("0\r\n\r\n", f"Content-Length: {len(EMPTY)}",
              "Transfer-Encoding: chunked")),
    "a negative length": always(reply(EMPTY, "Content-Length: -1")),
    "a length in words": always(reply(EMPTY, "Content-Length: 0x10")),
    "a huge length": always(reply(EMPTY, "Content-Length: 1" + "0" * 17)),
    "a length beyond numbers": always(
        reply(EMPTY, "Content-Length: 1" + "0" * 40)),
    "a huge header": always(reply(EMPTY, "X-A: " + "b" * 200_000)),
    "many headers": always(reply(EMPTY, *["X-A: b"] * 20_000)),
    "a line break in a header": always(
        reply(EMPTY, "X-A: b\r\n : c\r\nbroken")),
    "a NUL in a header": always(reply(EMPTY, "X-A: b\0c")),
    "a huge chunk": always(CHUNKED + b"ffffffffffffffff\r\n "),
    "a chunk of nonsense": always(CHUNKED + b"zz\r\n \r\n"),
    "a huge chunk extension": always(CHUNKED + b"1;a=" + b"b" * 200_000),
    "a body without end": drip(HEAD + b"\r\n", b" " * 1_000_000, 0),
    "chunks without end": drip(CHUNKED, b"100000\r\n" + b" " * 0x100000 +
                               b"\r\n", 0),
    "framing without end": drip(CHUNKED, (b"1;" + b"b" * 30_000 +
                                          b"\r\n \r\n") * 30, 0),
    "204": always(reply("", status="204 No Content")),
    "304 with a body": always(reply(EMPTY, status="304 Not Modified")),
}


def fails(world, what, codes, seconds, **changes):
    """The plan ends in time, in words about the list."""
    views.attack()
    result = world.plan(expect=None, **changes)
    check(f"{what}: exit {result.code}", result.code in codes, str(result))
    check(f"{what}: {result.seconds:.1f} s", result.seconds < seconds,
          str(result))
    check(f"{what}: it does not name the list",
          "listing the tokens of organization" in result.err
          or "the list of active tokens" in result.err, str(result))
    for word in ("create", "carried out", "may exist", "sent,"):
        check(f"{what}: it speaks of a change: {word}",
              what in BROKEN or word not in result.err, str(result))
    check(f"{what}: a plan was made", "Plan:" not in result.out
          and "No changes" not in result.out, str(result))
    return result


@case
def never_ending_answers(world):
    """silence, drips and endless answers end with exit 9 and say why"""
    world.write(many(1))
    for what, answer in ENDLESS.items():
        with Hostile(world, answer):
            world.hurry(40)
            result = fails(world, what, (9,), 60)
            check(f"{what}: no reason", "no whole answer within 3" in
                  result.err, str(result))


@case
def broken_answers(world):
    """what is not HTTP, or not the answer to this, is refused at once"""
    world.write(many(1))
    for what, answer in BROKEN.items():
        with Hostile(world, answer):
            fails(world, what, (1, 4), 40)


@case
def what_follows_an_answer(world):
    """an answer that comes with another one behind it: only one is read"""
    world.write(many(1))
    more = {"patTokens": [], "continuationToken": "x"}
    stray = reply(json.dumps({"patTokens": 7}))

    def answer(_server, connection, request):
        first = b"continuationToken=" not in request
        body = json.dumps(more) if first else EMPTY
        connection.sendall(reply(body) + stray)
        return True
    with Hostile(world, answer) as service:
        result = world.plan()
        check("the plan", "1 to create" in result.out, str(result))
        check("connections", service.connections >= 2)

    def no_content(_server, connection, request):
        if b"continuationToken=" not in request:
            connection.sendall(reply(json.dumps(more)))
        else:
            connection.sendall(reply(EMPTY, status="204 No Content"))
        return True
    with Hostile(world, no_content):
        result = world.plan(expect=None)
        check("204 is no list", result.code in (1, 8), str(result))


@case
def endless_list(world):
    """a list that goes round, and one that never ends: both end"""
    world.write(many(1))

    def answer(_server, connection, request):
        old = urllib.parse.parse_qs(
            request.split(b" ")[1].decode().split("?")[1])
        number = int(old.get("continuationToken", ["0"])[0]) + 1
        time.sleep(pause)
        connection.sendall(reply(json.dumps({
            "patTokens": [], "continuationToken": str(number % turns)})))
        return True
    turns, pause = 3, 0
    with Hostile(world, answer):
        result = fails(world, "a circle", (1,), 20)
        check("the reason", "leads back to a page that was read before" in
              result.err, str(result))
    turns, pause = 10 ** 9, 8 / 60
    with Hostile(world, answer):
        world.hurry(60)
        result = fails(world, "a page every 8 s", (9,), 60)
        check("what was waited for", "of the active tokens" in result.err,
              str(result))


@case
def told_within_a_second(world):
    """a service that is silent is spoken of, and a signal ends the plan"""
    world.write(many(1))
    for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
        for what in ("silence", "a dripping body", "a dripping header",
                     "slow 1xx"):
            with Hostile(world, ENDLESS[what]) as service:
                views.attack()
                running = world.begin("plan")
                line = running.process.stderr.readline()
                took = time.monotonic() - running.began
                check(f"{what}: {line!r}", "Reading tokens" in line)
                check(f"{what}: said after {took:.1f} s", took < 2.5)
                while service.requests == 0:
                    time.sleep(0.01)
                sent = time.monotonic()
                running.interrupt(number)
                result = running.wait(expect=code)
                took = time.monotonic() - sent
                check(f"{what}: ended after {took:.1f} s", took < 3,
                      str(result))


def certificate(world):
    """A key and a certificate for this machine, as patform trusts them."""
    path = world.services / "hostile.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days",
         "2", "-subj", "/CN=localhost", "-addext",
         "subjectAltName=IP:127.0.0.1", "-keyout", str(path), "-out",
         str(path) + ".crt"], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(str(path) + ".crt", str(path))
    return context, str(path) + ".crt"


@case
def old_tls(world):
    """TLS below 1.2, and what is not TLS, are tried once"""
    world.write(many(1))
    context, trusted = certificate(world)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    for what, server, said in (
            ("TLS 1.1", context, "does not support TLS 1.2 or newer"),
            ("a certificate of nobody", certificate(world)[0], "failed:")):
        with Hostile(world, always(reply(EMPTY)), server) as service:
            if what == "TLS 1.1":
                world.variables["SSL_CERT_FILE"] = trusted
            result = fails(world, what, (1,), 20)
            check(f"{what}: {said}", said in result.err, str(result))
            equal(f"{what}: connections", service.connections, 1)
    with Hostile(world, always(b"HTTP/1.1 400 Bad\r\n\r\n"),
                 ends=b"") as service:
        world.variables["PATFORM_SERVICE_URL"] = (
            f"https://127.0.0.1:{service.port}")
        result = fails(world, "plain HTTP", (1,), 20)
        equal("plain HTTP: connections", service.connections, 1)


@case
def tls_cut_short(world):
    """a TLS stream without its end does not complete an answer"""
    world.write(many(1))
    context, trusted = certificate(world)

    def answer(_server, connection, _request):
        connection.sendall(HEAD + b"Connection: close\r\n\r\n" +
                           EMPTY.encode())
    for clean in (True, False):
        with Hostile(world, answer, context, clean):
            world.hurry(40)
            world.variables["SSL_CERT_FILE"] = trusted
            if clean:
                world.plan()
            else:
                fails(world, "no close_notify", (1,), 30)


SECRET = "N" * 51
LIES = {
    "no secret": {"token": None},
    "a secret of one character": {"token": "x"},
    "a secret of 10 MB": {"token_length": 10_000_000},
    "a secret with a NUL": {"token": SECRET + "\0"},
    "a secret with a line break": {"token": SECRET + "\r\nADMIN=1"},
    "a secret with a blank": {"token": SECRET + " x"},
    "a secret with a shell in it": {"token": SECRET + "$(id)"},
    "a secret in another alphabet": {"token": SECRET + "\u0430"},
    "a secret that is a list": {"token": [SECRET]},
    "more scopes": {"scope": "vso.code vso.tokens"},
    "other scopes": {"scope": "app_token"},
    "no scopes": {"scope": ""},
    "a later end": {"validTo": "2099-01-01T00:00:00Z"},
    "an end in the past": {"validTo": "2001-01-01T00:00:00Z"},
    "everywhere": {"targetAccounts": None},
    "two organizations": {"targetAccounts": [
        "00000000-0000-4000-8000-000000000001",
        "00000000-0000-4000-8000-000000000002"]},
    "a name without the mark": {"displayName": "t000"},
    "a name with another mark": {
        "displayName": "t000 ~pf:e2e#1.aaaaaaaaaaaaaaaa"},
    "the name of another": {"displayName": "vital"},
    "no id": {"authorizationId": None},
    "an id that is none": {"authorizationId": "1; DROP"},
}


@case
def lying_grants(world):
    """a create answered with another grant: nothing delivered, all undone"""
    for what, lie in LIES.items():
        views.attack()
        world.close()
        service = world.start()
        world.write(many(1))
        service.mint("vital")
        service.fault("create", {"lie": lie}, count=0)
        result = world.apply(expect=None)
        check(f"{what}: exit {result.code}", result.code in (1, 7),
              str(result))
        equal(f"{what}: places", world.secrets(), {})
        check(f"{what}: shown", SECRET not in result.out + result.err,
              str(result))
        check(f"{what}: a flood", len(result.out + result.err) < 6000)
        check(f"{what}: the stranger", "vital" in world.live())
        service.clear_faults()
        world.apply()
        equal(f"{what}: what it serves",
              service.state_of(world.secrets()["t000"]), "active")
        for path in (world.config / "secrets").iterdir():
            path.unlink()


@case
def a_strangers_id(world):
    """a create answered with a stranger's id: the stranger lives"""
    service = world.start()
    world.write(many(1))
    theirs = service.mint("vital")
    full = world.config / "secrets"
    for what in ("known", "not yet known"):
        views.attack()
        service.fault("create", {"lie": {"authorizationId": theirs}}, count=0)
        if what == "not yet known":
            # The first list does not have it; then the delivery fails.
            service.fault("list", {"list_omit": 1}, count=0)
            full.mkdir(exist_ok=True)
            (full / "t000").mkdir(exist_ok=True)
        result = world.apply(expect=None)
        check(f"{what}: exit {result.code}", result.code != 0, str(result))
        equal(f"{what}: places", world.secrets(), {})
        equal(f"{what}: the stranger", len(world.live().get("vital", [])), 1)
        equal(f"{what}: revocations of it",
              [r for r in service.requests("DELETE") if theirs in r], [])
        service.clear_faults()
    (full / "t000").rmdir()
    world.apply()
    equal("what it serves", service.state_of(world.secrets()["t000"]),
          "active")
    equal("the stranger", len(world.live()["vital"]), 1)


@case
def limited_after_the_work(world):
    """a create carried out and answered 429 is not sent again"""
    service = world.start()
    world.hurry(20)
    for status, count in ((429, 2), (429, 0), (503, 1), (500, 1), (408, 1)):
        views.attack()
        world.close()
        service = world.start()
        world.write(many(1, grace="0s"))
        service.fault("create", {"status": status, "after": True,
                                 "headers": {"Retry-After": "1"}},
                      count=count)
        world.hurry(20)
        result = world.apply(expect=None)
        check(f"{status}: exit {result.code}",
              (result.code == 0) == (count != 0), str(result))
        check_no_mint_twice(world)
        service.clear_faults()
        world.apply(expect=None)
        world.later(3600)
        world.apply()
        world.settled()
        check_no_mint_twice(world)
        equal(f"{status}: live tokens", len(world.live()["t000"]), 1)
        equal(f"{status}: what it serves",
              service.state_of(world.secrets()["t000"]), "active")
        for path in (world.config / "secrets").iterdir():
            path.unlink()


@case
def claims_challenge(world):
    """claims that the service asks for are named, and it is asked once"""
    service = world.start("--set", "claims_challenge=all")
    world.write(many(1))
    result = world.plan(expect=4)
    check("the claims", "insufficient_claims" in result.err
          and '{"access_token":' in result.err, str(result))
    equal("requests", len(service.requests("GET")), 1)
    service.switch(claims_challenge="writes")
    result = world.apply(expect=4)
    check("the claims", '{"access_token":' in result.out + result.err,
          str(result))
    equal("creates", len(service.requests("POST")), 1)
    equal("live tokens", world.live(), {})
    service.switch(claims_challenge="off")
    world.apply()
    world.settled()
