"""A pull request on the emulator: the variables of its CI's jobs, what stands
in it, and other people who write into it."""

import json

WRITES = ("comment_post", "comment_edit", "comment_remove", "status_set")


class PullRequest:
    """system: azure or github. `variables` are those of a job."""

    def __init__(self, service, system, **more):
        self.service = service
        self.system = system
        self.variables = self._job(**more)
        self.token = self.variables[
            "GITHUB_TOKEN" if system == "github" else "SYSTEM_ACCESSTOKEN"]
        host = service.url.split("://")[1]
        self.variables["PATFORM_ALLOW_HOSTS"] = host

    def _job(self, **more):
        return self.service.admin("POST", "pull_request",
                                  {"system": self.system, **more})["variables"]

    def path(self, rest=""):
        v = self.variables
        if self.system == "github":
            number = v["GITHUB_REF"].split("/")[2]
            return (f"/api/v3/repos/{v['GITHUB_REPOSITORY']}/issues/{number}"
                    f"/comments{rest}")
        return (f"/contoso/{v['SYSTEM_TEAMPROJECT']}/_apis/git/repositories/"
                f"{v['BUILD_REPOSITORY_ID']}/pullRequests/"
                f"{v['SYSTEM_PULLREQUEST_PULLREQUESTID']}/{rest}")

    def call(self, method, path, body=None, token=None, expect=200):
        status, _, answer = self.service.call(
            method, path, body,
            {"Authorization": f"Bearer {token or self.token}",
             "User-Agent": "e2e"})
        if status != expect:
            raise RuntimeError(f"{method} {path}: {status}: {answer!r}")
        return json.loads(answer) if answer.strip() else None

    def says(self, body, user="mallory"):
        """Somebody else writes a comment."""
        v = self._job(user=user)
        if self.system == "github":
            self.call("POST", self.path(), {"body": body}, v["GITHUB_TOKEN"],
                      201)
        else:
            self.call("POST", self.path("threads?api-version=7.1"),
                      {"comments": [{"content": body, "commentType": "text"}]},
                      v["SYSTEM_ACCESSTOKEN"])

    def comments(self):
        """(author, body) of each, oldest first; deleted ones are not."""
        if self.system == "github":
            found, page = [], 1
            while True:
                batch = self.call("GET", self.path(
                    f"?per_page=100&page={page}"))
                found += [(c["user"]["login"], c["body"]) for c in batch]
                if len(batch) < 100:
                    return found
                page += 1
        threads = self.call("GET", self.path("threads?api-version=7.1"))
        return [(t["comments"][0]["author"]["displayName"],
                 t["comments"][0]["content"])
                for t in threads["value"] if not t["isDeleted"]]

    def ours(self):
        """The bodies of what the job's token wrote."""
        who = ("github-actions[bot]" if self.system == "github"
               else "platform Build Service (contoso)")
        return [body for author, body in self.comments() if author == who]

    def statuses(self):
        """"genre/name state description" of each, oldest first."""
        return [f"{s['context']['genre']}/{s['context']['name']} {s['state']} "
                f"{s['description']}" for s in self.call(
                    "GET", self.path("statuses?api-version=7.1"))["value"]]

    def writes(self):
        """How often patform and others wrote, by operation."""
        counts = self.service.admin("GET", "requests")["counts"]
        return {name: counts[name] for name in WRITES if name in counts}
