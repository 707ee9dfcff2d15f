"""The PAT service on loopback, as the end-to-end tests start and steer it."""

import json
import os
import pathlib
import ssl
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

START_SECONDS = 20


def clean_environment():
    """This process's environment without anything that patform reads."""
    dropped = ("PATFORM_", "SSL_CERT_")
    proxies = {"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"}
    return {key: value for key, value in os.environ.items()
            if not key.startswith(dropped) and key.upper() not in proxies
            and key not in ("FORCE_COLOR", "CLICOLOR_FORCE")}


class Emulator:
    """Starts the program in `folder` and ends it on leaving the context.

    with Emulator(program, folder) as service:
        service.admin("GET", "requests")
    """

    def __init__(self, program, folder, *flags, tls=True):
        self.folder = pathlib.Path(folder)
        self.tls = tls
        self.certificate = self.folder / "service.pem"
        self.ready = self.folder / "service.json"
        self.log = self.folder / "service.log"
        for path in (self.ready, self.certificate):
            path.unlink(missing_ok=True)
        command = [str(program), "--port", "0", "--ready-file",
                   str(self.ready), *flags]
        command += (["--tls-cert-out", str(self.certificate)] if tls
                    else ["--plain"])
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL, env=clean_environment(),
                cwd=self.folder)
        self.url = self._wait()
        self._context = None
        if tls:
            self._context = ssl.create_default_context(
                cafile=str(self.certificate))

    def _wait(self):
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                return json.loads(self.ready.read_text())["url"]
            except (FileNotFoundError, json.JSONDecodeError):
                pass
            if self.process.poll() is not None:
                break
            time.sleep(0.01)
        self.close()
        raise RuntimeError("the emulator did not start:\n"
                           + self.log.read_text(errors="replace"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def call(self, method, path, body=None, headers=None):
        """Status, headers and bytes of one exchange; `body` is sent as JSON,
        bytes as they are."""
        data = body
        if body is not None and not isinstance(body, bytes):
            data = json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data,
                                         method=method)
        request.add_header("Content-Type", "application/json")
        for name, value in (headers or {}).items():
            request.add_header(name, value)
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}),
            urllib.request.HTTPSHandler(context=self._context))
        try:
            with opener.open(request, timeout=60) as answer:
                return answer.status, dict(answer.headers), answer.read()
        except urllib.error.HTTPError as error:
            return error.code, dict(error.headers), error.read()

    def admin(self, method, what, body=None):
        status, _, answer = self.call(method, f"/_emulator/{what}", body,
                                      {"X-Emulator-Admin": "1"})
        if status >= 300:
            raise RuntimeError(f"{method} /_emulator/{what}: {status}: "
                               + answer.decode(errors="replace"))
        return json.loads(answer) if answer.strip() else None

    def token(self, user="ada@contoso.example", **more):
        """A bearer of that user."""
        body = {"user": user, **more}
        return self.admin("POST", "token", body)["access_token"]

    def fault(self, operation, action, nth=1, count=1):
        """Lets the nth and the next count-1 calls of an operation fail."""
        self.admin("POST", "faults", {"operation": operation, "nth": nth,
                                      "count": count, "action": action})

    def switch(self, **switches):
        """Sets points that the hosted service may see either way."""
        self.admin("POST", "switches", switches)

    def later(self, seconds):
        """The service's clock goes on, or back."""
        self.admin("POST", "clock", {"advance_seconds": seconds})

    def clear_faults(self):
        self.admin("DELETE", "faults")

    def requests(self, method=None):
        """The latest calls of the API, oldest first, as "METHOD target"."""
        lines = [f"{r['method']} {r['target']}"
                 for r in self.admin("GET", "requests")["requests"]]
        return [line for line in lines
                if method is None or line.startswith(method + " ")]

    def connections(self):
        """Connections accepted so far, this question's among them."""
        return self.admin("GET", "requests")["connections_accepted"]

    def state_of(self, secret):
        """active, expired, revoked, unknown."""
        return self.admin("POST", "verify", {"token": secret})["state"]

    def list(self, bearer, organization="contoso", display="active"):
        """Every token of the bearer's user, and the bytes that were sent."""
        tokens, size, continuation = [], 0, ""
        while True:
            path = (f"/{organization}/_apis/tokens/pats?api-version="
                    f"7.1-preview.1&displayFilterOption={display}&$top=100")
            if continuation:
                path += "&continuationToken=" + urllib.parse.quote(
                    continuation, safe="")
            status, _, answer = self.call(
                "GET", path, None, {"Authorization": f"Bearer {bearer}"})
            if status != 200:
                raise RuntimeError(f"list: {status}")
            page = json.loads(answer)
            size += len(answer)
            tokens += page["patTokens"]
            continuation = page.get("continuationToken") or ""
            if not continuation:
                return tokens, size

    def mint(self, name, scope="vso.code", days=30, organization="contoso",
             everywhere=False, user="ada@contoso.example"):
        """A token that somebody makes by hand; its id."""
        ends = time.strftime("%Y-%m-%dT%H:%M:%SZ",
                             time.gmtime(time.time() + days * 86400))
        status, _, answer = self.call(
            "POST", f"/{organization}/_apis/tokens/pats?api-version="
            "7.1-preview.1",
            {"displayName": name, "scope": scope, "validTo": ends,
             "allOrgs": everywhere},
            {"Authorization": f"Bearer {self.token(user)}"})
        if status != 200:
            raise RuntimeError(f"mint: {status}: {answer!r}")
        return json.loads(answer)["patToken"]["authorizationId"]

    def environment(self, user="ada@contoso.example"):
        """What patform needs to talk to this service as that user."""
        variables = {"PATFORM_SERVICE_URL": self.url,
                     "PATFORM_ACCESS_TOKEN": self.token(user)}
        if self.tls:
            variables["SSL_CERT_FILE"] = str(self.certificate)
        return variables
