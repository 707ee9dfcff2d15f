"""The sink "template": the files of examples/sinks/template, read by the
programs that they are for."""

import base64
import http.server
import json
import netrc
import pathlib
import shutil
import subprocess
import sys
import threading
import xml.etree.ElementTree as xml

from emulator import clean_environment
from harness import Failure, case, check, equal

EXAMPLE = (pathlib.Path(__file__).resolve().parents[2]
           / "examples/sinks/template")
FEEDS = "pkgs.dev.azure.com"


class Feed:
    """A registry that answers nothing and remembers who asked."""

    def __init__(self, world):
        seen = self.seen = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                seen.append(self.headers.get("Authorization", ""))
                body = b"{}"
                self.send_response(
                    200 if self.path.endswith(("/ping", "/x")) else 404)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0),
                                                      Handler)
        threading.Thread(target=self.server.serve_forever).start()
        self.authority = f"127.0.0.1:{self.server.server_port}"
        world.opened.append(self)

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def credentials(self):
        """user:password of every request so far; forgets them."""
        found, self.seen[:] = list(self.seen), []
        return {base64.b64decode(each.removeprefix("Basic ")).decode()
                for each in found}


def deliver(world, feed=None):
    """Applies the example, with its feeds at `feed`; the folder and the
    secret."""
    world.start()
    shutil.copytree(EXAMPLE, world.config, dirs_exist_ok=True)
    home = world.config / "home"
    world.keeping.add(home)
    if feed:
        for path in (world.config / "templates").iterdir():
            text = path.read_text()
            path.write_text(text.replace("https://contoso:{{secret:url}}@"
                                         + FEEDS,
                                         "http://contoso:{{secret:url}}@"
                                         + feed.authority)
                            .replace("https://" + FEEDS,
                                     "http://" + feed.authority)
                            .replace("//" + FEEDS, "//" + feed.authority)
                            .replace("machine " + FEEDS,
                                     "machine 127.0.0.1"))
    world.apply()
    world.settled()
    return home, secret_of(world, home)


def secret_of(world, home):
    """What the service says is the secret of the token, as netrc has it."""
    secret = netrc.netrc(home / ".netrc").authenticators("dev.azure.com")[2]
    equal("the service's word", world.service.state_of(secret), "active")
    return secret


def run(home, *command, code=None, stdin="", **variables):
    """What a program prints in that home, where nothing of ours is set."""
    ran = subprocess.run(
        command, cwd=home, text=True, input=stdin, capture_output=True,
        timeout=120, env={**clean_environment(), "HOME": str(home),
                          **variables})
    if code is not None and ran.returncode != code:
        raise Failure(f"{command[0]}: exit {ran.returncode}\n{ran.stderr}")
    return ran.stdout


@case
def parsed(world):
    """template: XML, JSON and netrc give back the secret, and a rotated one"""
    home, first = deliver(world)
    for _ in range(2):
        secret = secret_of(world, home)
        server = xml.parse(home / ".m2/settings.xml").find(
            ".//{*}server")
        equal("Maven", [e.text for e in server],
              ["contoso-maven", "contoso", secret])
        feed = xml.parse(home / ".nuget/NuGet/NuGet.Config").find(
            "packageSourceCredentials/contoso")
        equal("NuGet", {e.get("key"): e.get("value") for e in feed},
              {"Username": "packages", "ClearTextPassword": secret})
        auth = json.loads((home / ".docker/config.json").read_text())
        equal("docker", base64.b64decode(
            auth["auths"]["registry.contoso.example"]["auth"]).decode(),
            ":" + secret)
        world.apply("--rotate", "token.packages")
        world.settled()
    check("another one", secret_of(world, home) != first)
    equal("modes", {oct(path.stat().st_mode & 0o777)
                    for path in home.rglob("*") if path.is_file()
                    and path.name != ".gitignore"}, {"0o600"})


@case
def programs(world):
    """template: npm, pip, curl and git sign in with it"""
    feed = Feed(world)
    home, secret = deliver(world, feed)
    want = {f"contoso:{secret}"}
    run(home, "npm", "ping", "--fetch-retries=0", code=0,
        NPM_CONFIG_CACHE=str(world.folder / "npm"))
    equal("npm", feed.credentials(), want)
    run(home, sys.executable, "-m", "pip", "download", "--no-cache-dir",
        "--retries=0", "--disable-pip-version-check", "nothing",
        PIP_CONFIG_FILE=str(home / ".config/pip/pip.conf"))
    equal("pip", feed.credentials(), want)
    run(home, "curl", "-sS", "--netrc-file", str(home / ".netrc"),
        f"http://{feed.authority}/x", code=0)
    equal("curl", feed.credentials(), want)
    filled = run(home, "git", "-c", "credential.helper=",
                 "-c", f"credential.helper=store --file={home}"
                 "/.git-credentials", "credential", "fill", code=0,
                 stdin="protocol=https\nhost=dev.azure.com\n\n",
                 GIT_CONFIG_GLOBAL="/dev/null", GIT_TERMINAL_PROMPT="0")
    equal("git", filled.splitlines()[-2:],
          ["username=contoso", f"password={secret}"])


@case
def faults(world):
    """template: a mistake in one is shown in its own line, by validate"""
    world.start()
    shutil.copytree(EXAMPLE, world.config, dirs_exist_ok=True)
    path = world.config / "templates/docker.json"
    path.write_text(path.read_text().replace("secret:basic", "secret:basik"))
    result = world.run("validate", expect=3)
    check("its line", "templates/docker.json:3:43: error: unknown placeholder "
          "{{secret:basik}}" in result.err, str(result))
    check("what was meant", "did you mean {{secret:basic}}?" in result.err,
          str(result))


@case
def another_template(world):
    """template: another text is another plan, used from the next delivery"""
    home, secret = deliver(world)
    path = world.config / "templates/npmrc"
    path.write_text(path.read_text() + "# more\n")
    world.settled()
    check("not yet", "# more" not in (home / ".npmrc").read_text())
    saved = world.folder / "plan"
    world.plan("--rotate", "token.packages", "--out", str(saved))
    path.write_text(path.read_text() + "# and more\n")
    world.run("apply", str(saved), expect=6)
    equal("nothing was done", secret_of(world, home), secret)
    world.apply("--rotate", "token.packages")
    check("now", "# and more" in (home / ".npmrc").read_text())
