"""GitHub's secrets and variables of Actions: what it keeps and answers.

Only Python's own modules are used. github.py serves it with a box of PyNaCl's
and checks every body; tests/crash serves it with a box of libsodium's.
"""

import base64
import json
import re
import time

TOKEN = "ghp_0123456789abcdefghijklmnopqrstuvwxyz"
READ_TOKEN = "ghp_zyxwvutsrqponmlkjihgfedcba9876543210"
KINDS = [
    (re.compile(r"/repos/[^/]+/[^/]+/environments/[^/]+"),
     "/repos/{owner}/{repo}/environments/{environment_name}"),
    (re.compile(r"/repos/[^/]+/[^/]+/actions"),
     "/repos/{owner}/{repo}/actions"),
    (re.compile(r"/orgs/[^/]+/actions"), "/orgs/{org}/actions")]
REPOSITORY = "/repos/contoso/app/actions"


class Actions:
    """Every path has its own secrets and variables; there is no repository
    "hidden". `new_box()` makes a key: `public` has its 32 bytes, `open(box)`
    the bytes in it, or ValueError."""

    def __init__(self, new_box):
        self._new_box = new_box
        self.box, self.key_number = new_box(), 1
        self.ahead = 0  # seconds, of its clock
        self.secrets, self.variables = {}, {}  # by base and name
        self.lines = []

    def sink(self, **more):
        lines = {"type": "github-secrets", "address": self.url,
                 **(more or {"repository": "contoso/app"})}
        return "\n[sink.github]\n" + "".join(
            f'{name} = "{value}"\n' for name, value in lines.items())

    def value(self, name, base=REPOSITORY):
        """What a workflow gets; None: nothing."""
        kept = self.secrets.get((base, name))
        return kept["value"] if kept else None

    def write(self, name, value, base=REPOSITORY):
        """Somebody pastes it into the web page."""
        kept = self.secrets.setdefault((base, name), {})
        kept |= {"value": value, "updated_at": self.now()}

    def renew_key(self):
        self.box, self.key_number = self._new_box(), self.key_number + 1

    def now(self):
        return time.strftime("%Y-%m-%dT%H:%M:%SZ",
                             time.gmtime(time.time() + self.ahead))

    def check(self, call, body):
        """For a subclass: is this what GitHub's description says?"""

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
        self.check(f"{call} request", parsed)
        status, answer = self._do(method, base, rest, query, parsed)
        if status < 300 and answer is not None:
            self.check(f"{call} {status}", answer)
        return status, answer

    def _do(self, method, base, rest, query, body):
        if rest == "/secrets/public-key":
            return 200, {"key_id": str(self.key_number), "key":
                         base64.b64encode(self.box.public).decode()}
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
            kept[at] = {"value": body["value"], "updated_at": self.now()}
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
        kept[at] = {"value": body["value"], "updated_at": self.now()}
        return 204, None

    def _put(self, at, body):
        if body["key_id"] != str(self.key_number):
            return 422, {"message": "Bad Request: key_id"}
        try:
            value = self.box.open(
                base64.b64decode(body["encrypted_value"], validate=True))
        except ValueError:
            return 422, {"message": "encrypted_value"}
        made = at not in self.secrets
        self.secrets[at] = {
            "value": value.decode(), "updated_at": self.now(),
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
