"""Microsoft Entra's token endpoint on loopback, as far as the examples'
sign-in.sh needs it: refresh tokens of a user, bound to an app registration
that may ask for some scopes and no others. As the real one it gives a new
refresh token with each answer to whoever asks for offline_access, and takes the
old ones for 90 days from the day that each was given."""

import http.server
import json
import threading
import urllib.parse

AZURE_DEVOPS = "499b84ac-1321-427f-aa17-267ca6975798"
LIFE = 90 * 86400


class Entra:
    """`clients`: client id → (first refresh token, scopes it may ask for)."""

    def __init__(self, service, tenant, clients):
        self.asked = []  # (client id, scopes) of each token that was given
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

        self.service, self.tenant = service, tenant
        self.now = 0  # seconds since the first sign-in
        self.allowed = {name: scopes for name, (_, scopes) in clients.items()}
        # Each that is good: → (client id, when it was given).
        self.given = {refresh: (name, 0)
                      for name, (refresh, _) in clients.items()}
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0),
                                                      Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever,
                         daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def answer(self, path, form):
        client = form.get("client_id")
        owner, since = self.given.get(form.get("refresh_token"), (None, 0))
        if path != f"/{self.tenant}/oauth2/v2.0/token":
            return 404, {"error": "not_found", "error_description": path}
        if (form.get("grant_type") != "refresh_token" or owner is None
                or owner != client):
            return 400, {"error": "invalid_grant",
                         "error_description": "AADSTS9002313"}
        if self.now - since >= LIFE:
            return 400, {"error": "invalid_grant",
                         "error_description": "AADSTS700082: The refresh token "
                         "has expired due to inactivity."}
        scopes = [scope.removeprefix(AZURE_DEVOPS + "/")
                  for scope in form.get("scope", "").split()]
        offline = "offline_access" in scopes
        scopes = [scope for scope in scopes if scope != "offline_access"]
        allowed = self.allowed[client]
        if not scopes or any(scope not in allowed for scope in scopes):
            return 400, {"error": "invalid_grant",
                         "error_description": "AADSTS65001: the user has not "
                         "consented to this"}
        self.asked.append((client, tuple(scopes)))
        answer = {"token_type": "Bearer", "expires_in": 3599,
                  "access_token": self.service.token(
                      "bot@contoso.example", scopes=scopes)}
        if offline:
            answer["refresh_token"] = f"{client}-refresh-token-{len(self.given)}"
            self.given[answer["refresh_token"]] = (client, self.now)
        return 200, answer
