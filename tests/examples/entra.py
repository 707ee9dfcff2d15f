"""Microsoft Entra's device code and token endpoints on loopback, as far as
`patform login` and the examples' pipelines need them: refresh tokens of a user,
bound to an app registration. As the real one it gives a new refresh token with
each answer, and takes the old ones for 90 days from the day that each was
given."""

import http.server
import json
import threading
import urllib.parse

LIFE = 90 * 86400
DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"


class Entra:
    """One tenant with one app registration and one user, who enters every
    device code at once."""

    def __init__(self, service, tenant, client, user):
        self.grants = []  # the kind of each token that was given
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_POST(self):
                form = urllib.parse.parse_qs(self.rfile.read(
                    int(self.headers["Content-Length"])).decode())
                status, answer = outer.answer(self.path, {
                    name: values[0] for name, values in form.items()})
                body = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self.service, self.client, self.user = service, client, user
        self.base = f"/{tenant}/oauth2/v2.0/"
        self.now = 0  # seconds since the beginning
        self.asked = ""  # scopes of the latest device code
        self.given = {}  # refresh token → when it was given
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0),
                                                      Handler)
        self.host = f"127.0.0.1:{self.server.server_address[1]}"
        self.url = f"http://{self.host}"
        threading.Thread(target=self.server.serve_forever,
                         daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def answer(self, path, form):
        if form.get("client_id") != self.client:
            return 400, {"error": "unauthorized_client",
                         "error_description": "AADSTS700016: no such app"}
        if path == self.base + "devicecode":
            self.asked = form["scope"]
            return 200, {"device_code": "a-device-code", "user_code": "ABCD1234",
                         "verification_uri": self.url + "/device",
                         "expires_in": 900, "interval": 1,
                         "message": "Enter the code ABCD1234."}
        if path != self.base + "token":
            return 404, {"error": "not_found", "error_description": path}
        grant = form.get("grant_type")
        if grant == "refresh_token":
            since = self.given.get(form.get("refresh_token"))
            if since is None:
                return 400, {"error": "invalid_grant",
                             "error_description": "AADSTS9002313"}
            if self.now - since >= LIFE:
                return 400, {"error": "invalid_grant",
                             "error_description": "AADSTS700082: The refresh "
                             "token has expired due to inactivity."}
        elif grant != DEVICE_CODE:
            return 400, {"error": "unsupported_grant_type",
                         "error_description": str(grant)}
        scopes = [scope.rpartition("/")[2]
                  for scope in form.get("scope", self.asked).split()]
        self.grants.append(grant.rpartition(":")[2])
        refresh = f"a-refresh-token-of-the-bot-{len(self.given)}"
        self.given[refresh] = self.now
        return 200, {"token_type": "Bearer", "expires_in": 3599,
                     "refresh_token": refresh,
                     "access_token": self.service.token(
                         self.user, scopes=[scope for scope in scopes
                                            if scope.startswith("vso.")])}
