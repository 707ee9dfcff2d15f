"""A browser whose settings a person has, whose every request is written down,
and in which whatever runs that is not ours leaves a trace."""

import base64
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent /
                       "sign_in"))

import browser as desk  # noqa: E402

# In every page before anything of it: what hostile text would call, and what
# the policy refused.
TRAPS = """
window.__ran = []; window.__refused = [];
for (const name of ['alert', 'confirm', 'prompt', 'open', 'fetch']) {
  window[name] = () => { window.__ran.push(name); };
}
addEventListener('securitypolicyviolation', (event) => {
  window.__refused.push(event.violatedDirective + ' ' + event.blockedURI);
}, true);
"""
SCHEMES = {"light": {"prefers-color-scheme": "light"},
           "dark": {"prefers-color-scheme": "dark"},
           "forced": {"forced-colors": "active"},
           "print": {"prefers-color-scheme": "dark"}}


class Chromium(desk.Browser):
    """The desk's, with the developers' protocol."""

    CAPABILITIES = {"goog:loggingPrefs": {"performance": "ALL",
                                          "browser": "ALL"}}

    def __init__(self, folder):
        super().__init__(folder)
        self.protocol("Page.addScriptToEvaluateOnNewDocument", source=TRAPS)

    def protocol(self, command, **parameters):
        return self._ask("POST", "/goog/cdp/execute",
                         {"cmd": command, "params": parameters})

    def log(self, kind):
        """What was logged since the last time."""
        return self._ask("POST", "/se/log", {"type": kind})

    def requests(self):
        """(address, was it refused by a policy) of all that was asked for, or
        was to be, since the last time."""
        asked, refused = {}, set()
        for entry in self.log("performance"):
            message = json.loads(entry["message"])["message"]
            about = message["params"]
            if message["method"] == "Network.requestWillBeSent":
                asked[about["requestId"]] = about["request"]["url"]
            elif message["method"] == "Network.webSocketCreated":
                asked[about["requestId"]] = about["url"]
            elif about.get("blockedReason") == "csp":
                refused.add(about["requestId"])
        return [(url, request in refused) for request, url in asked.items()]

    def run(self, script, *arguments):
        """What a function body returns."""
        return self._ask("POST", "/execute/sync",
                         {"script": script, "args": list(arguments)})

    def run_later(self, script, *arguments):
        """The same of one that calls its last argument when it is done."""
        return self._ask("POST", "/execute/async",
                         {"script": script, "args": list(arguments)})

    def size(self, width, height=900):
        self.protocol("Emulation.setDeviceMetricsOverride", width=width,
                      height=height, deviceScaleFactor=1, mobile=False)

    def scheme(self, name):
        self.protocol(
            "Emulation.setEmulatedMedia",
            media="print" if name == "print" else "screen",
            features=[{"name": key, "value": value}
                      for key, value in SCHEMES[name].items()])

    def scripts(self, allowed):
        self.protocol("Emulation.setScriptExecutionDisabled",
                      value=not allowed)

    def keys(self, *names):
        """Presses keys as a person does: "Tab", "Enter", "a" …"""
        codes = {"Tab": "\ue004", "Enter": "\ue007", "Escape": "\ue00c",
                 "ArrowDown": "\ue015", "ArrowUp": "\ue013", "End": "\ue010",
                 "Home": "\ue011", "Space": " "}
        actions = []
        for name in names:
            for kind in ("keyDown", "keyUp"):
                actions.append({"type": kind, "value": codes.get(name, name)})
        self._ask("POST", "/actions", {"actions": [
            {"type": "key", "id": "keyboard", "actions": actions}]})

    def shot(self, path):
        """The whole page as a picture, with what is drawn only where somebody
        looks at it."""
        self.run("for (const row of document.querySelectorAll('.tokens > li')) "
                 "row.style.contentVisibility = 'visible';")
        size = self.protocol("Page.getLayoutMetrics")["cssContentSize"]
        picture = self.protocol(
            "Page.captureScreenshot", captureBeyondViewport=True,
            clip={"x": 0, "y": 0, "width": size["width"],
                  "height": min(size["height"], 4000), "scale": 1})
        path.write_bytes(base64.b64decode(picture["data"]))

    def paper(self):
        """The page as printed: the bytes of a PDF."""
        return base64.b64decode(self.protocol(
            "Page.printToPDF", printBackground=True)["data"])

    def click_on(self, selector):
        found = self._ask("POST", "/element", {"using": "css selector",
                                               "value": selector})
        self._ask("POST", f"/element/{found[desk.ELEMENT]}/click", {})

    def fill(self, selector, text):
        """Types a text in the place of what is there."""
        found = self._ask("POST", "/element", {"using": "css selector",
                                               "value": selector})
        element = f"/element/{found[desk.ELEMENT]}"
        self._ask("POST", element + "/clear", {})
        self._ask("POST", element + "/value", {"text": text})
