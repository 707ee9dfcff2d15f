"""A KV engine of version 2 as OpenBao has it, as far as the sink "vault" asks:
versions, check-and-set, merge patches, custom_metadata, destroy. The suite
sinks asks it and the real OpenBao the same and compares (cases_vault.py).

In memory, for one token that may do all, with a clock that a test moves.
"""

import json
import time

TOKEN = "root-of-the-crash-suite"


class Kv2:
    """At secret/."""

    def __init__(self):
        self.ahead = 0  # seconds, of its clock
        self.paths = {}  # path → {"versions": [...], "custom": {...} or None}

    def answer(self, method, path, token, body):
        """Status and parsed body; None: no body."""
        if token != TOKEN:
            return 403, {"errors": ["permission denied"]}
        path, _, query = path.removeprefix("/v1/").partition("?")
        if path == "sys/internal/ui/mounts/secret":
            return 200, {"data": {"path": "secret/", "type": "kv",
                                  "options": {"version": "2"}}}
        if path == "sys/capabilities-self":
            return 200, {"data": {each: ["root"] for each in body["paths"]},
                         **{each: ["root"] for each in body["paths"]}}
        kind, _, at = path.removeprefix("secret/").partition("/")
        act = getattr(self, f"_{kind}_{method.lower()}", None)
        if not path.startswith("secret/") or act is None:
            return 404, {"errors": ["no handler for route"]}
        if "list=true" in query:
            return self._list(at)
        return act(at, body)

    def value(self, at, key="token"):
        """What a consumer gets; None: nothing."""
        newest = self._newest(at)
        return newest["data"].get(key) if newest else None

    def _time(self):
        now = time.time_ns() + self.ahead * 10**9
        return (time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now // 10**9))
                + f".{now % 10**9:09}Z")

    def _newest(self, at):
        """The version that is served."""
        kept = self.paths.get(at)
        newest = kept["versions"][-1] if kept and kept["versions"] else None
        return newest if newest and not newest["destroyed"] else None

    def _list(self, folder):
        names = {at[len(folder):].split("/")[0]
                 + ("/" if "/" in at[len(folder):] else "")
                 for at in self.paths if at.startswith(folder)}
        if not names:
            return 404, {"errors": []}
        return 200, {"data": {"keys": sorted(names)}}

    # -- data

    def _data_get(self, at, _):
        kept, newest = self.paths.get(at), self._newest(at)
        if newest:
            return 200, {"data": {"data": newest["data"],
                                  "metadata": self._told(kept)}}
        if not kept or not kept["versions"]:
            return 404, {"errors": []}
        return 404, {"data": {"data": None, "metadata": self._told(kept)}}

    def _data_post(self, at, body):
        return self._write(at, body, {})

    _data_put = _data_post

    def _data_patch(self, at, body):
        kept, newest = self.paths.get(at), self._newest(at)
        if newest:
            return self._write(at, body, newest["data"])
        return 404, ({"data": self._told(kept)}
                     if kept and kept["versions"] else None)

    def _write(self, at, body, before):
        kept = self.paths.get(at)
        cas = body.get("options", {}).get("cas")
        if cas is not None and cas != len(kept["versions"] if kept else ()):
            return 400, {"errors": [
                "check-and-set parameter did not match the current version"]}
        kept = self.paths.setdefault(at, {"versions": [], "custom": None})
        kept["versions"].append({
            "data": merged(before, body["data"]), "destroyed": False,
            "created": self._time()})
        return 200, {"data": self._told(kept)}

    @staticmethod
    def _told(kept):
        newest = kept["versions"][-1]
        return {"created_time": newest["created"], "deletion_time": "",
                "destroyed": newest["destroyed"],
                "version": len(kept["versions"]),
                "custom_metadata": kept["custom"]}

    def _destroy_put(self, at, body):
        kept = self.paths.get(at)
        for number in body["versions"] if kept else ():
            if 0 < number <= len(kept["versions"]):
                kept["versions"][number - 1] |= {"destroyed": True, "data": {}}
        return 204, None

    # -- metadata

    def _metadata_get(self, at, _):
        kept = self.paths.get(at)
        if not kept:
            return 404, {"errors": []}
        return 200, {"data": {
            "current_version": len(kept["versions"]),
            "custom_metadata": kept["custom"],
            "versions": {str(number): {
                "created_time": each["created"], "deletion_time": "",
                "destroyed": each["destroyed"]}
                for number, each in enumerate(kept["versions"], 1)}}}

    def _metadata_put(self, at, body):
        kept = self.paths.setdefault(at, {"versions": [], "custom": None})
        kept["custom"] = body["custom_metadata"]
        return 204, None

    def _metadata_patch(self, at, body):
        kept = self.paths.get(at)
        if not kept:
            return 404, None
        kept["custom"] = merged(kept["custom"] or {},
                                body["custom_metadata"]) or None
        return 204, None


def merged(before, patch):
    """RFC 7386, of one level: null takes away."""
    return {name: value for name, value in {**before, **patch}.items()
            if value is not None}
