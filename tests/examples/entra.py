"""Microsoft Entra's token endpoint on loopback, as far as the examples'
sign-in.sh needs it: a refresh token of a user, bound to an app registration
that may ask for some scopes and no others."""

import http.server
import json
import threading
import urllib.parse

AZURE_DEVOPS = "499b84ac-1321-427f-aa17-267ca6975798"


class Entra:
    """`clients`: client id → (refresh token, scopes it may ask for)."""

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

        self.service, self.tenant, self.clients = service, tenant, clients
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0),
                                                      Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever,
                         daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def answer(self, path, form):
        refresh, allowed = self.clients.get(form.get("client_id"), (None, ()))
        if path != f"/{self.tenant}/oauth2/v2.0/token":
            return 404, {"error": "not_found", "error_description": path}
        if (form.get("grant_type") != "refresh_token" or refresh is None
                or form.get("refresh_token") != refresh):
            return 400, {"error": "invalid_grant",
                         "error_description": "AADSTS9002313"}
        scopes = [scope.removeprefix(AZURE_DEVOPS + "/")
                  for scope in form.get("scope", "").split()]
        if not scopes or any(scope not in allowed for scope in scopes):
            return 400, {"error": "invalid_grant",
                         "error_description": "AADSTS65001: the user has not "
                         "consented to this"}
        self.asked.append((form["client_id"], tuple(scopes)))
        return 200, {"token_type": "Bearer", "expires_in": 3599,
                     "access_token": self.service.token(
                         "bot@contoso.example", scopes=scopes),
                     "refresh_token": refresh}
