"""patform comment: one comment in a pull request, whatever happens."""

import re

from configuration import configuration, token
from harness import case, check, equal
from pull_request import PullRequest

MARKER = "<!-- patform:v1 workspace=e2e -->"
SYSTEMS = ("azure", "github")


def begin(world, system, *tokens, **more):
    """A service, a saved plan and a pull request."""
    world.start()
    pull = PullRequest(world.service, system, **more)
    save(world, *(tokens or (token("a"),)))
    return pull


def save(world, *tokens, expect=0):
    world.write(configuration(*tokens))
    world.plan("--out", str(world.folder / "plan.json"), expect=expect)


def comment(world, pull, *arguments, expect=0, **changes):
    """Runs it as the job would; what it says."""
    result = world.run("comment", str(world.folder / "plan.json"), *arguments,
                       expect=expect, **{**pull.variables, **changes})
    for text in (result.out, result.err):
        check("the job's token is not said", pull.token not in text, text)
    return result.out if expect == 0 else result.err


def life(world, system):
    where = ("contoso/tokens" if system == "github" else
             "platform/" + PullRequest(world.start(), "azure").variables[
                 "BUILD_REPOSITORY_ID"])
    world.close()
    pull = begin(world, system)
    said = comment(world, pull)
    check("said", said.startswith(f"Posted the plan to pull request 17 of "
                                  f"{where}.\n"), said)
    body = pull.ours()[0]
    check("marker", body.startswith(MARKER), body)
    check("summary", "1 to create" in body, body)
    check("the link to the run", "4711" in body, body)
    writes = pull.writes()
    equal("writes", writes, {"comment_post": 1} | (
        {"status_set": 1} if system == "azure" else {}))
    # The same plan, and the next run of the same.
    for run in ("4711", "98765"):
        said = comment(world, pull, GITHUB_RUN_ID=run, BUILD_BUILDID=run)
        equal("said", said,
              f"The comment of pull request 17 of {where} shows this plan already.\n")
    equal("writes", pull.writes(), writes)
    equal("the comment", pull.ours(), [body])
    # A changed plan.
    save(world, token("a"), token("b"))
    said = comment(world, pull)
    check("said", said.startswith("Updated the comment of pull request 17 of "
                                  f"{where}.\n"), said)
    changed = pull.ours()
    equal("comments", len(changed), 1)
    check("summary", "2 to create" in changed[0], changed[0])
    # It is merged and released: no changes.
    world.apply()
    save(world, token("a"), token("b"))
    comment(world, pull)
    last = pull.ours()
    equal("comments", len(last), 1)
    check("no changes", "no changes" in last[0], last[0])
    return pull


@case
def azure_repos(world):
    """comment in Azure Repos: posted, left alone, edited, with a status"""
    pull = life(world, "azure")
    equal("statuses", pull.statuses(), [
        "patform/e2e succeeded Plan: 1 to create, 0 to update, 0 to rotate, 0 "
        "to revoke.",
        "patform/e2e succeeded Plan: 2 to create, 0 to update, 0 to rotate, 0 "
        "to revoke.",
        "patform/e2e succeeded No changes."])
    thread = pull.call("GET", pull.path("threads?api-version=7.1"))["value"][0]
    check("the thread asks nobody to resolve it", "status" not in thread,
          str(thread))


@case
def github(world):
    """comment on GitHub: posted, left alone, edited"""
    life(world, "github")


@case
def states(world):
    """comment sets the status to failed where a rule forbids the plan"""
    world.start()
    pull = PullRequest(world.service, "azure")
    world.write(configuration(token("a", scopes=("vso.work",)),
                              policy={"forbidden_scopes": ["vso.work"]}))
    world.plan("--out", str(world.folder / "plan.json"), expect=5)
    comment(world, pull)
    equal("status", pull.statuses(), [
        "patform/e2e failed Plan: 1 to create, 0 to update, 0 to rotate, 0 to "
        "revoke. Forbidden by 1 rule."])
    save(world, token("a"))
    comment(world, pull, "--no-status")
    equal("statuses", len(pull.statuses()), 1)


@case
def nothing_to_say(world):
    """comment makes none for a plan without changes, unless it is asked to"""
    for system in SYSTEMS:
        pull = begin(world, system)
        world.apply()
        save(world, token("a"))
        said = comment(world, pull, "--no-status")
        check("said", said.startswith("No changes, and pull request 17 of "),
              said)
        equal("comments", pull.comments(), [])
        comment(world, pull, "--no-status", "--post-no-changes")
        equal("comments", len(pull.ours()), 1)
        world.close()
        for path in sorted((world.config / "secrets").rglob("*")):
            path.unlink()


@case
def foreign_comments(world):
    """comment leaves alone what others write, marker or not"""
    for system in SYSTEMS:
        pull = begin(world, system)
        comment(world, pull)
        body = pull.ours()[0]
        marker = body.splitlines()[0]
        for text in (body, marker, f"{marker}\nall is well, approve it",
                     f"> {marker}\nwhat is this?"):
            pull.says(text)
        foreign = [c for c in pull.comments() if c[0] == "mallory"]
        equal("others' comments", len(foreign), 4)
        save(world, token("a"), token("b"))
        comment(world, pull)
        equal("ours", len(pull.ours()), 1)
        equal("others'", [c for c in pull.comments() if c[0] == "mallory"],
              foreign)
        world.close()


@case
def foreign_comment_first(world):
    """comment is not fooled by a marker that stands there before it posts"""
    for system in SYSTEMS:
        pull = begin(world, system)
        marker = next(line for line in comment(
            world, pull, "--dry-run").splitlines() if line)
        check("marker", marker.startswith(MARKER), marker)
        pull.says(f"{marker}\nno changes")
        comment(world, pull)
        equal("ours", len(pull.ours()), 1)
        equal("writes", pull.writes().get("comment_edit"), None)
        world.close()


@case
def many_comments(world):
    """comment finds its own among 230 others, on the third page"""
    pull = begin(world, "github")
    for i in range(230):
        pull.says(f"comment {i}", user="ada")
    comment(world, pull)
    save(world, token("a"), token("b"))
    comment(world, pull)
    equal("ours", len(pull.ours()), 1)
    equal("writes", (pull.writes()["comment_post"],
                     pull.writes()["comment_edit"]), (231, 1))
    pages = [line for line in world.service.requests("GET")
             if "&page=3" in line]
    check("the third page was asked for", pages,
          str(world.service.requests()[-8:]))


@case
def lost_answers(world):
    """comment looks again when the answer to a post is lost: never two"""
    for system in SYSTEMS:
        for action in ("cut_after", {"status": 502, "after": True},
                       "cut_before", {"status": 500}, "garbage"):
            pull = begin(world, system)
            world.service.fault("comment_post", action)
            comment(world, pull)
            equal(f"{system}, {action}: ours", len(pull.ours()), 1)
            world.close()


@case
def edits_are_sent_again(world):
    """comment sends an edit again whose answer was lost, and is throttled"""
    for system in SYSTEMS:
        pull = begin(world, system)
        comment(world, pull)
        save(world, token("a"), token("b"))
        world.service.fault("comment_edit", "cut_after")
        world.service.fault("comment_list",
                            {"status": 429, "headers": {"Retry-After": "1"}})
        comment(world, pull)
        ours = pull.ours()
        equal("ours", len(ours), 1)
        check("it was edited", "2 to create" in ours[0], ours[0])
        world.close()


def refused(world, system, message, fault=None, code=4, **changes):
    pull = begin(world, system)
    access = changes.pop("access", None)
    if access:
        pull.variables |= PullRequest(world.service, system,
                                      access=access).variables
        pull.token = pull.variables[
            "GITHUB_TOKEN" if system == "github" else "SYSTEM_ACCESSTOKEN"]
    if fault:
        world.service.fault(*fault, count=0)
    error = comment(world, pull, expect=code, **changes)
    check(f"{system}: the message", re.search(message, error), error)
    world.close()


@case
def refusals(world):
    """comment says which permission is missing, and where to give it"""
    for system, name in (("azure", "SYSTEM_ACCESSTOKEN"),
                         ("github", "GITHUB_TOKEN")):
        refused(world, system, f"{name} is not set", **{name: None})
        refused(world, system, f"{name} is not, or no longer, good",
                **{name: "job.of-yesterday"})
    refused(world, "azure", '403: .*needs "Contribute to pull requests".*The '
            "service says: \"TF401027: You need the Git", access="read")
    refused(world, "github", "403: .*permissions: pull-requests: write.*fork",
            access="read")
    refused(world, "azure", "404: there is no pull request 18 of platform/",
            code=1, SYSTEM_PULLREQUEST_PULLREQUESTID="18")
    refused(world, "github", "404: there is no pull request 18 of contoso/",
            code=1, GITHUB_REF="refs/pull/18/merge")
    refused(world, "github", "403: the token has asked for too much.*Retry-"
            "After: 60", ("comment_post", {
                "status": 403, "body": {"message": "slow down"},
                "headers": {"Retry-After": "60"}}), code=1)
    refused(world, "azure", "no usable list of threads",
            ("comment_list", {"status": 200, "body": {"value": 7}}), code=1)
    refused(world, "azure", "401|203|302", ("comment_list", "html"))


@case
def no_pull_request(world):
    """comment outside of a pull request: exit 3, and what was looked for"""
    pull = begin(world, "azure")
    error = comment(world, pull, expect=3,
                    SYSTEM_PULLREQUEST_PULLREQUESTID=None)
    check("Azure", "runs for no pull request: looked for "
          "SYSTEM_PULLREQUEST_PULLREQUESTID" in error, error)
    none = {name: None for name in pull.variables}
    error = comment(world, pull, expect=3, **none)
    check("none", "looked for TF_BUILD and SYSTEM_COLLECTIONURI" in error,
          error)
    # Looking at it works anywhere, and sends nothing.
    before = world.service.connections()
    out = comment(world, pull, "--dry-run", **none)
    check("the body", out.startswith(MARKER), out)
    comment(world, pull, "--dry-run")
    equal("connections", world.service.connections(), before + 1)


@case
def foreign_hosts(world):
    """comment sends the token to no host that the operator did not allow"""
    for system, name in (("azure", "SYSTEM_COLLECTIONURI"),
                         ("github", "GITHUB_API_URL")):
        pull = begin(world, system)
        before = world.service.connections()
        for allowed in (None, "localhost", "localhost:1",
                        "evil.example,127.0.0.1"):
            error = comment(world, pull, expect=3,
                            PATFORM_ALLOW_HOSTS=allowed)
            check("refused", "Nothing was sent. If it is yours" in error,
                  error)
        for url in ("http://192.0.2.1/x", "https://dev.azure.com.evil.example",
                    "https://evil.example/.visualstudio.com",
                    "https://dev.azure.com@192.0.2.1/", "ftp://dev.azure.com",
                    "https://evilvisualstudio.com/",
                    "https://api.github.com:8443"):
            comment(world, pull, expect=3, **{name: url})
        equal("connections", world.service.connections(), before + 1)
        # The flag does the same as the variable.
        comment(world, pull, "--allow-host",
                world.service.url.split("://")[1], PATFORM_ALLOW_HOSTS=None)
        comment(world, pull, PATFORM_ALLOW_HOSTS="git.contoso.example,"
                + world.service.url.split("://")[1])
        world.close()


@case
def no_redirects(world):
    """comment follows no redirect with the token"""
    for system in SYSTEMS:
        pull = begin(world, system)
        world.service.fault("comment_list", {
            "status": 307, "body": "",
            "headers": {"Location": world.service.url + "/elsewhere"}},
            count=0)
        comment(world, pull, expect=4)
        check("nobody went there", not any(
            "elsewhere" in line for line in world.service.requests()))
        world.close()


@case
def tampered_plan(world):
    """comment posts nothing for a plan that was edited: exit 6"""
    pull = begin(world, "github")
    path = world.folder / "plan.json"
    path.write_text(path.read_text(encoding="utf-8").replace(
        '"vso.code"', '"vso.work"'), encoding="utf-8")
    comment(world, pull, expect=6)
    equal("comments", pull.comments(), [])


@case
def too_long(world):
    """comment cuts what is longer than the host takes"""
    for system, limit in (("azure", 150_000), ("github", 65_536)):
        pull = begin(world, system, *(
            token(f"a-token-with-a-long-name-{'x' * 60}-{i:04}",
                  owner="o" * 50) for i in range(1200)))
        comment(world, pull)
        body = pull.ours()[0]
        check("it fits", limit * 0.8 < len(body) <= limit, str(len(body)))
        world.close()
