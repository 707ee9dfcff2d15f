"""A person's browser: Debian's Chromium without a window, driven by the
chromedriver beside it over WebDriver (W3C)."""

import json
import os
import re
import shutil
import subprocess
import urllib.request

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the standard's own name


class Browser:
    CAPABILITIES = {}  # further ones

    def __init__(self, folder):
        folder.mkdir()
        self.process = subprocess.Popen(
            [shutil.which("chromedriver"), "--port=0"], text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "HOME": str(folder), "TMPDIR": str(folder)})
        self.session = None
        try:
            self.url = self._port()
            options = {"binary": shutil.which("chromium"), "args": [
                "--headless=new", "--no-sandbox", "--disable-dev-shm-usage",
                "--disable-gpu", "--no-first-run", "--no-proxy-server",
                f"--user-data-dir={folder}/profile"]}
            self.session = self._ask("POST", "", {"capabilities": {
                "alwaysMatch": {"acceptInsecureCerts": True,
                                "goog:chromeOptions": options,
                                **self.CAPABILITIES}}})["sessionId"]
        except BaseException:
            self.close()
            raise

    def _port(self):
        for line in self.process.stdout:
            found = re.search(r"started successfully on port (\d+)", line)
            if found:
                return f"http://127.0.0.1:{found[1]}/session"
        raise RuntimeError("chromedriver did not start")

    def _ask(self, method, path, body=None):
        where = self.url + (f"/{self.session}" if self.session else "") + path
        request = urllib.request.Request(
            where, None if body is None else json.dumps(body).encode(),
            method=method, headers={"Content-Type": "application/json"})
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=60) as answer:
            return json.loads(answer.read())["value"]

    def open(self, url):
        self._ask("POST", "/url", {"url": url})

    def click(self, button):
        """The button that reads so."""
        found = self._ask("POST", "/element", {
            "using": "xpath", "value": f'//button[normalize-space()="{button}"]'
        })
        self._ask("POST", f"/element/{found[ELEMENT]}/click", {})

    def type(self, name, text):
        found = self._ask("POST", "/element", {
            "using": "css selector", "value": f'input[name="{name}"]'})
        self._ask("POST", f"/element/{found[ELEMENT]}/value", {"text": text})

    def title(self):
        return self._ask("GET", "/title")

    def text(self):
        found = self._ask("POST", "/element", {"using": "css selector",
                                               "value": "body"})
        return self._ask("GET", f"/element/{found[ELEMENT]}/text")

    def address(self):
        return self._ask("GET", "/url")

    def close(self):
        if self.session:
            self._ask("DELETE", "")
        self.process.terminate()
        self.process.wait(timeout=20)
        self.process.stdout.close()
