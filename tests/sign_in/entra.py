"""Microsoft Entra's sign-in on loopback (shim.mjs), as the cases start and
steer it, and what a person and a pipeline do there."""

import base64
import datetime
import html
import http.cookiejar
import json
import pathlib
import re
import shutil
import ssl
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

START_SECONDS = 60
AZURE_DEVOPS = "499b84ac-1321-427f-aa17-267ca6975798"
VAULT = "https://vault.azure.net"
DOMAIN = "contoso.onmicrosoft.com"
# Application registrations: at a desk, in a pipeline, one that may only read,
# one that may do nothing of this.
DESK = "0a0a0a0a-0000-4000-8000-00000000000a"
PIPELINE = "0b0b0b0b-0000-4000-8000-00000000000b"
READER = "0c0c0c0c-0000-4000-8000-00000000000c"
AZURE_CLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
BARE = "0d0d0d0d-0000-4000-8000-00000000000d"
# Whose tokens a pipeline may exchange for one of PIPELINE.
ISSUER = "https://token.actions.githubusercontent.example"
SUBJECT = "repo:contoso/tokens:ref:refs/heads/main"


def claims_of(token):
    """The claims of a JWT, unverified."""
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" *
                                               (-len(payload) % 4)))


class Key:
    """A key with a certificate made for it."""

    def __init__(self, name, *hosts, days=730):
        self.key = rsa.generate_private_key(65537, 2048)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        now = datetime.datetime.now(datetime.timezone.utc)
        builder = (x509.CertificateBuilder().subject_name(subject)
                   .issuer_name(subject).public_key(self.key.public_key())
                   .serial_number(x509.random_serial_number())
                   .not_valid_before(now - datetime.timedelta(days=1))
                   .not_valid_after(now + datetime.timedelta(days=days)))
        if hosts:
            builder = builder.add_extension(x509.SubjectAlternativeName(
                [x509.DNSName(host) for host in hosts]), critical=False)
        self.certificate = builder.sign(self.key, hashes.SHA256())
        self.pem = self.certificate.public_bytes(
            serialization.Encoding.PEM).decode()
        self.private = self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption()).decode()
        self.public = self.key.public_key().public_bytes(
            serialization.Encoding.PEM,
            serialization.PublicFormat.SubjectPublicKeyInfo).decode()
        self.thumbprint = self.certificate.fingerprint(
            hashes.SHA1()).hex()  # noqa: S303 the name that Entra gives it

    def sign(self, claims, **header):
        """A JWT, RS256."""
        parts = [json.dumps({"alg": "RS256", "typ": "JWT", **header}),
                 json.dumps(claims)]
        text = ".".join(base64.urlsafe_b64encode(p.encode()).rstrip(b"=")
                        .decode() for p in parts)
        signature = self.key.sign(text.encode(), padding.PKCS1v15(),
                                  hashes.SHA256())
        return text + "." + base64.urlsafe_b64encode(
            signature).rstrip(b"=").decode()


class Keys:
    """Made once for all cases: a key takes its time."""

    def __init__(self):
        self.server = Key("localhost", "localhost")
        self.app = Key("patform pipeline")
        self.pipeline = Key("a pipeline's issuer")
        self.stranger = Key("nobody")


class Entra:
    """Starts the shim in `folder`; `people` are {upn, oid, name} of the
    tenant `tenant`."""

    def __init__(self, modules, folder, keys, tenant, people):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.keys, self.tenant, self.people = keys, tenant, people
        self.certificate = self.folder / "entra.pem"
        self.certificate.write_text(keys.server.pem)
        key = self.folder / "entra-key.pem"
        key.write_text(keys.server.private)
        ready = self.folder / "entra.json"
        full = {AZURE_DEVOPS: ["vso.pats", "vso.pats_manage"],
                VAULT: ["user_impersonation"]}
        apps = [
            {"id": DESK, "name": "patform", "public": True,
             "permissions": full},
            {"id": PIPELINE, "name": "patform in a pipeline", "public": False,
             "permissions": full, "secrets": ["a-secret-of-the-pipeline"],
             "certificates": [keys.app.pem],
             "federated": [{"issuer": ISSUER, "subject": SUBJECT,
                            "key": keys.pipeline.public}]},
            {"id": READER, "name": "patform reader", "public": True,
             "permissions": {AZURE_DEVOPS: ["vso.pats"]}},
            # Its id is Microsoft's own; "self" is the resource manager that
            # stands beside the sign-in here.
            {"id": AZURE_CLI, "name": "Microsoft Azure CLI", "public": True,
             "permissions": {AZURE_DEVOPS: ["user_impersonation"],
                             VAULT: ["user_impersonation"],
                             "self": ["user_impersonation"]}},
            {"id": BARE, "name": "something else", "public": True,
             "permissions": {VAULT: ["user_impersonation"]}},
        ]
        world = self.folder / "world.json"
        world.write_text(json.dumps({
            "tenant": tenant, "domains": [DOMAIN], "users": people,
            "apps": apps, "key": str(key), "certificate":
            str(self.certificate), "ready": str(ready)}))
        self.ahead = 0
        self.log = open(self.folder / "entra.log", "wb")
        self.process = subprocess.Popen(
            [shutil.which("node"), str(modules / "shim.mjs"), str(world)],
            stdin=subprocess.PIPE, stdout=self.log, stderr=self.log)
        self.url = self._wait(ready)
        self._context = ssl.create_default_context(
            cafile=str(self.certificate))

    def _wait(self, ready):
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            if ready.exists():
                return json.loads(ready.read_text())["url"]
            time.sleep(0.02)
        self.close()
        raise RuntimeError("the sign-in server did not start:\n" +
                           (self.folder / "entra.log").read_text())

    def close(self):
        self.process.stdin.close()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()

    @property
    def authority(self):
        return f"{self.url}/{DOMAIN}"

    def opener(self):
        """A client with cookies of its own that follows redirects."""
        return urllib.request.build_opener(
            urllib.request.ProxyHandler({}),
            urllib.request.HTTPSHandler(context=self._context),
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))

    def call(self, path, form=None, body=None):
        """Status and JSON of one exchange."""
        data = (urllib.parse.urlencode(form).encode() if form is not None
                else json.dumps(body).encode() if body is not None else None)
        try:
            with self.opener().open(self.url + path, data) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())

    # What a test decides.

    def fault(self, on="token", count=1, **what):
        """The next `count` answers to a kind of request: token, a grant type,
        devicecode or authorize; `skip` lets some pass first."""
        self.call("/__fault", body={"on": on, "count": count, **what})

    def clear_faults(self):
        self.call("/__fault", body={"clear": True})

    def later(self, seconds):
        self.ahead += seconds
        self.call("/__clock", body={"advance_seconds": seconds})

    def now(self):
        return int(time.time()) + self.ahead

    def rules(self, **which):
        """strict: a used refresh token ends the chain; lifetime of an access
        token in seconds; lifetimes: of the next ones; interval of the device
        flow; hasty: slow_down when polled too soon."""
        self.call("/__rules", body=which)

    def revoke(self, user):
        return self.call("/__revoke", body={"user": user})[1]["ended"]

    def journal(self):
        return self.call("/__journal")[1]

    def requests(self, endpoint=None):
        return [r for r in self.journal()["requests"]
                if endpoint is None or r["endpoint"] == endpoint]

    def errors(self):
        """Every AADSTS number: {status, body}."""
        return self.call("/__errors")[1]

    # What people and pipelines do.

    def token(self, **form):
        """An exchange at the token endpoint."""
        return self.call(f"/{DOMAIN}/oauth2/v2.0/token", form=form)

    def refresh(self, token, client=DESK, scope=f"{AZURE_DEVOPS}/.default",
                **more):
        return self.token(grant_type="refresh_token", client_id=client,
                          refresh_token=token,
                          scope=scope + " offline_access", **more)

    def sign_in(self, url, user):
        """Follows an authorization request as a browser without scripts does;
        where it ends on loopback, unasked. `user` "" gives up."""
        client = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), Stop(),
            urllib.request.HTTPSHandler(context=self._context),
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
        try:
            answer = client.open(url)
            client.open(answer.geturl(), urllib.parse.urlencode(
                {"user": user}).encode())
        except Ended as ended:
            return str(ended)
        raise RuntimeError("the sign-in ended on a page")

    def enter_code(self, code, user, button="ok"):
        """Enters a device code at its page; the title at the end."""
        client = self.opener()
        text = client.open(f"{self.url}/oauth2/deviceauth").read().decode()
        for _ in range(3):
            form = dict(re.findall(r'name="(\w+)" value="([^"]*)"', text))
            form = {k: v for k, v in form.items()
                    if k not in ("user", "abort")}
            if button == "cancel" and "confirm" in form:
                form["abort"] = "yes"
            form["user_code"] = code
            action = re.search(r'action="([^"]+)"', text)
            if not action:
                break
            answer = client.open(html.unescape(action[1]),
                                 urllib.parse.urlencode(form).encode())
            text = answer.read().decode()
            if "Pick an account" in text:
                text = client.open(
                    answer.geturl(),
                    urllib.parse.urlencode({"user": user}).encode()
                ).read().decode()
        return re.search("<title>(.*?)</title>", text)[1]

    def seed(self, user, client=DESK):
        """A first refresh token, from a device code that the user entered."""
        _, begun = self.call(
            f"/{DOMAIN}/oauth2/v2.0/devicecode",
            form={"client_id": client,
                  "scope": f"{AZURE_DEVOPS}/.default offline_access openid"})
        self.enter_code(begun["user_code"], user)
        self.rules(hasty=False)
        status, answer = self.token(
            grant_type="urn:ietf:params:oauth:grant-type:device_code",
            client_id=client, device_code=begun["device_code"],
            **self.proof(client))
        self.rules(hasty=True)
        if status != 200:
            raise RuntimeError(f"no refresh token: {answer}")
        return answer["refresh_token"]

    def proof(self, client, key=None, **claims):
        """What a confidential client sends to prove itself."""
        if client != PIPELINE:
            return {}
        return {"client_assertion_type": "urn:ietf:params:oauth:"
                "client-assertion-type:jwt-bearer",
                "client_assertion": self.assertion(key, **claims)}

    def assertion(self, key=None, **claims):
        """Signed with the certificate of PIPELINE, or another key."""
        now = self.now()
        key = key or self.keys.app
        thumbprint = base64.urlsafe_b64encode(bytes.fromhex(
            key.thumbprint)).rstrip(b"=").decode()
        return key.sign({"aud": f"{self.authority}/oauth2/v2.0/token",
                         "iss": PIPELINE, "sub": PIPELINE, "nbf": now,
                         "exp": now + 600, "jti": str(uuid.uuid4()),
                         **claims}, x5t=thumbprint)

    def pipeline_token(self, **claims):
        """What a pipeline gets of its own issuer, to exchange it here."""
        now = self.now()
        return self.keys.pipeline.sign(
            {"iss": ISSUER, "sub": SUBJECT, "nbf": now, "exp": now + 300,
             "aud": "api://AzureADTokenExchange", **claims})


class Ended(Exception):
    """An address of the client itself: only a browser would go there."""


class Stop(urllib.request.HTTPRedirectHandler):
    """Follows redirects but the one to a client's own address."""

    def redirect_request(self, req, fp, code, msg, headers, newurl):
        if newurl.startswith(("http://localhost", "http://127.0.0.1")):
            raise Ended(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)
