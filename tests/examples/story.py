#!/usr/bin/env python3
"""The examples for teams, run: the pipelines from a pull request over its
comment to a release, a nightly rotation and a fork; the policy team's rules; the
fleet. All of it against the emulator.

usage: story.py --patform FILE --emulator FILE --boundary FILE

The steps' scripts are taken from the YAML files as they are (ci.py). Closes
with `N passed, N failed`, where the unit is a chapter.
"""

import argparse
import pathlib
import shutil
import subprocess
import sys
import tempfile
import tomllib
import traceback

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))

import ci  # noqa: E402
from emulator import Emulator, clean_environment  # noqa: E402
from entra import Entra  # noqa: E402
from harness import check, equal  # noqa: E402
from pull_request import PullRequest  # noqa: E402

DAY = 86400
BOT = "bot@contoso.example"
KEY = "the-key-that-signs-plans-0123456789"
HEAD = "5c1f" * 10

NEW = """
[token.new]
scopes = ["vso.work"]
owner = "team-new"
purpose = "a change"
"""


class Story:
    """One system's folder of examples as a repository."""

    def __init__(self, options, folder, system):
        self.system = system
        self.folder = folder
        self.example = ROOT / "examples/pipelines" / system
        self.tree = folder / "repository"
        shutil.copytree(self.example, self.tree)
        self.service = Emulator(options.emulator, folder)
        self.entra = self._entra()
        self.pull = PullRequest(self.service, system, head_sha=HEAD)
        self.share, self.signed_in = folder / "share", folder / "sign-in"
        self.share.mkdir()
        self.signed_in.mkdir(mode=0o700)
        environment = clean_environment()
        base = {name: environment[name] for name in ("HOME",)
                if name in environment}
        # What the operator sets where agents and runners are.
        base |= {"PATH": f"{options.patform.parent}:{environment['PATH']}",
                 "TERM": "dumb"}
        # Where jobs of main run.
        self.agent = {"PATFORM_VAR_TOKEN_SHARE": str(self.share),
                      "PATFORM_VAR_SIGN_IN": str(self.signed_in)}
        base |= {"SSL_CERT_FILE": str(self.service.certificate),
                 "PATFORM_SERVICE_URL": self.service.url,
                 "PATFORM_ALLOW_HOSTS": self.entra.host + ","
                 + self.pull.variables["PATFORM_ALLOW_HOSTS"]}
        make = ci.GitHub if system == "github" else ci.Azure
        self.ci = make(folder / "ci", base)
        self.boundary = options.boundary
        self.said = []

    def _entra(self):
        """The sign-in of the file's [auth], which names it from here on."""
        path = self.tree / "patform.toml"
        text = path.read_text()
        auth = tomllib.loads(text)["auth"]
        entra = Entra(self.service, auth["tenant"], auth["client_id"], BOT)
        path.write_text(text.replace(
            "[auth]\n", f'[auth]\nauthority = "{entra.url}"\n'))
        return entra

    def login(self):
        """A person signs the bot in, where an agent keeps its sign-in."""
        done = subprocess.run(
            ["patform", "login", "--device-code", "--seed", "sign-in:bot"],
            cwd=self.tree, env={**self.ci.base, **self.agent}, text=True,
            capture_output=True, check=False, timeout=ci.TIMEOUT,
            stdin=subprocess.DEVNULL)
        self.said.append(done.stdout + done.stderr)
        equal(f"exit code: {self.said[-1]}", done.returncode, 0)

    def close(self):
        self.entra.close()
        self.service.close()

    def job(self, where, tree=None, secrets=None, pull=True, main=False,
            **values):
        """Runs a job. `where`: file and job, or stage; `main`: on an agent that
        has the sign-in."""
        variables = {k: v for k, v in self.pull.variables.items()
                     if "TOKEN" not in k and not k.startswith("PATFORM_")}
        if not pull:
            variables = {k: v for k, v in variables.items()
                         if "PULLREQUEST" not in k}
            if self.system == "github":
                variables["GITHUB_REF"] = "refs/heads/main"
        if main:
            variables |= self.agent
        secrets = secrets or {}
        if self.system == "github":
            known = {f"secrets.{k}": v for k, v in secrets.items()}
            known |= {"github.token": self.pull.token,
                      "github.run_id": "4711", "github.run_attempt": "1",
                      "github.event.workflow_run.id": "4711",
                      "github.event.workflow_run.head_sha": HEAD}
            file, name = where
            result = self.ci.run(self.example / ".github/workflows" / file,
                                 name, tree or self.tree, {**known, **values},
                                 variables)
        else:
            known = {**secrets, "System.AccessToken": self.pull.token,
                     "System.TeamProjectId": "1", "System.DefinitionId": "2"}
            result = self.ci.run(self.example / "azure-pipelines.yml", where,
                                 tree or self.tree, {**known, **values},
                                 variables)
        self.said.append(result.text + result.summary)
        return result

    # The jobs by what they are for.
    def review(self, **more):
        return self.job(("plan.yml", "plan") if self.system == "github"
                        else "review", **more)

    def plan(self, **more):
        return self.job(("release.yml", "plan") if self.system == "github"
                        else "plan", pull=False, main=True,
                        secrets={"PATFORM_PLAN_KEY": KEY}, **more)

    def apply(self, planned, **more):
        if self.system == "github":
            values = {"needs.plan.outputs.digest": planned.outputs["digest"]}
            where = ("release.yml", "apply")
        else:
            values = {"$[ stageDependencies.plan.plan.outputs['plan.digest'] "
                      "]": planned.outputs["plan.digest"]}
            where = "release"
        return self.job(where, pull=False, main=True,
                        secrets={"PATFORM_PLAN_KEY": KEY}, **values, **more)

    def rotate(self, **more):
        return self.job(("rotate.yml", "rotate") if self.system == "github"
                        else "rotate", pull=False, main=True, **more)

    def changes(self, planned):
        return planned.outputs["changes" if self.system == "github"
                               else "plan.changes"]

    def edit(self, text, name="edited"):
        """Another state of the repository: the file with `text` after it."""
        tree = self.folder / name
        shutil.rmtree(tree, ignore_errors=True)
        shutil.copytree(self.tree, tree)
        with open(tree / "patform.toml", "a", encoding="utf-8") as file:
            file.write(text)
        return tree

    def secrets(self):
        return {p.name: p.read_text() for p in sorted(self.share.iterdir())
                if p.is_file() and not p.name.endswith(".json")}

    def tokens(self):
        """Names of the live tokens, without their marks."""
        tokens, _ = self.service.list(
            self.service.token(BOT))
        return sorted(t["displayName"].split(" ~pf:")[0] for t in tokens)

    def later(self, seconds):
        self.service.later(seconds)
        self.entra.now += seconds
        ahead = int(self.ci.base.get("BOUNDARY_LATER", "0")) + seconds
        self.ci.base |= {"LD_PRELOAD": str(self.boundary),
                         "BOUNDARY_LATER": str(ahead)}


def page(story, name, artifact):
    """The page that a job published."""
    prefix = "artifact-" if story.system == "github" else ""
    text = (story.ci.store / f"{prefix}{artifact}" / name).read_text()
    check("a page", text.startswith("<!DOCTYPE html>\n"), text[:200])
    check("a policy", "Content-Security-Policy" in text)
    story.said.append(text)
    return text


def good(job):
    check("the job succeeds", not job.failed, job.text)
    return job


CHAPTERS = []


def chapter(function):
    CHAPTERS.append(function)
    return function


@chapter
def the_first_night(story):
    """a person signs the bot in once, and the first night leaves a snapshot"""
    job = story.rotate()
    equal(f"exit code: {job.text}", job.code("Rotate"), 4)
    check("what to do", "patform login --seed sign-in:bot" in job.text,
          job.text)
    story.login()
    place = story.signed_in / "bot"
    equal("mode", oct(place.stat().st_mode & 0o777), "0o600")
    seeded = place.read_text()
    good(story.rotate())
    check("the next refresh token is kept", place.read_text() != seeded)
    equal("tokens", story.tokens(), [])


@chapter
def a_pull_request(story):
    """a pull request is planned and commented once, without a sign-in"""
    grants = list(story.entra.grants)
    for _ in range(2):
        good(story.review())
        equal("comments", len(story.pull.ours()), 1)
    check("the plan", "2 to create" in story.pull.ours()[0])
    text = page(story, "plan.html",
                "plan" if story.system == "github" else "review-page")
    check("the page", "token.ci-packaging</bdi> will be created" in text, text)
    equal("posts", story.pull.writes()["comment_post"], 1)
    equal("edits", story.pull.writes().get("comment_edit"), None)
    good(story.review(tree=story.edit(NEW)))
    equal("comments", len(story.pull.ours()), 1)
    check("the plan", "3 to create" in story.pull.ours()[0])
    equal("tokens", story.tokens(), [])
    equal("sign-ins", story.entra.grants, grants)


@chapter
def a_forbidden_plan(story):
    """a plan that a rule forbids fails the job and is commented"""
    job = story.review(tree=story.edit(
        NEW.replace('"vso.work"', '"app_token"')))
    equal("exit code", job.code("Plan"), 5)
    equal("the comment", job.code("Comment"), 0)
    body = story.pull.ours()[0]
    check("the finding", "forbidden_scopes" in body, body)
    if story.system == "azure":
        check("the status", " failed " in story.pull.statuses()[-1],
              str(story.pull.statuses()))
    # A file that is not valid: no plan, and no new words in the comment.
    job = story.review(tree=story.edit("[token.new]\nscope = 1\n"))
    equal("exit code", job.code("Plan"), 3)
    equal("the comment", job.code("Comment"), 0)
    equal("the comment", story.pull.ours(), [body])


@chapter
def a_release(story):
    """a release applies what was approved"""
    planned = good(story.plan())
    equal("changes", story.changes(planned), "2")
    equal("tokens", story.tokens(), [])
    good(story.apply(planned))
    equal("tokens", story.tokens(), ["ci-packaging", "deploy-read"])
    equal("secrets", sorted(story.secrets()), ["ci-packaging", "deploy-read"])
    check("the page", "in service" in page(story, "report.html", "report"))
    check("the summary", "2 to create" in planned.summary, planned.summary)
    # Nobody is asked about a plan without changes.
    equal("changes", story.changes(good(story.plan())), "0")


@chapter
def not_what_was_approved(story):
    """a release refuses what was not approved"""
    planned = good(story.plan(tree=story.edit(NEW)))
    # Another file was merged meanwhile.
    job = story.apply(planned, tree=story.edit(
        NEW.replace("vso.work", "vso.code_write")))
    equal(f"edited: {job.text}", job.code("Apply"), 6)
    # A plan that somebody else made, without the key.
    good(story.review(tree=story.edit(NEW)))
    if story.system == "azure":
        shutil.copytree(story.ci.store / "review", story.ci.store / "plan",
                        dirs_exist_ok=True)
    job = story.apply(planned, tree=story.edit(NEW))
    equal(f"unsigned: {job.text}", job.code("Apply"), 6)
    equal("tokens", story.tokens(), ["ci-packaging", "deploy-read"])


@chapter
def a_night(story):
    """every night what is due is rotated, and nothing else"""
    before = story.secrets()
    good(story.rotate())
    equal("secrets", story.secrets(), before)
    # Merged, not released: it waits for its approval.
    job = good(story.rotate(tree=story.edit(NEW)))
    check("says what", "1 change waits for approval" in job.text and
          "+ token.new" in job.text, job.text)
    equal("secrets", story.secrets(), before)
    story.later(25 * DAY)
    good(story.rotate())
    after = story.secrets()
    equal("places", sorted(after), sorted(before))
    text = page(story, "report.html", "report")
    check("the page", "<bdi class=\"name\">ci-packaging</bdi>" in text, text)
    check("all are new", not set(after.values()) & set(before.values()))
    equal("tokens", sorted(set(story.tokens())),
          ["ci-packaging", "deploy-read"])


@chapter
def a_fork(story):
    """a fork's pull request is planned without a credential"""
    hostile = story.edit(NEW.replace('"a change"',
                                     '"</details> @everyone ##vso[x]y"'))
    grants, seen = list(story.entra.grants), len(story.service.requests())
    github = story.system == "github"
    job = good(story.job(("plan.yml", "fork") if github else "fork",
                         tree=hostile))
    equal("sign-ins", story.entra.grants, grants)
    equal("requests", len(story.service.requests()), seen)
    if not github:
        check("the summary", "1 to create" in job.summary, job.summary)
        return
    good(story.job(("comment.yml", "comment"), pull=False))
    ours = story.pull.ours()
    equal("comments", len(ours), 1)
    check("the plan", "1 to create" in ours[0], ours[0])
    # A run whose pull request was pushed to again, or closed.
    job = good(story.job(("comment.yml", "comment"), pull=False, **{
        "github.event.workflow_run.head_sha": "0" * 40}))
    check("said", "No open pull request has the head" in job.text, job.text)
    equal("comments", story.pull.ours(), ours)


@chapter
def no_sign_in(story):
    """where the sign-in is not kept a release changes nothing"""
    planned = good(story.plan(tree=story.edit(NEW)))
    place = story.signed_in / "bot"
    kept = place.read_text()
    place.unlink()
    job = story.apply(planned, tree=story.edit(NEW))
    equal(f"exit code: {job.text}", job.code("Apply"), 4)
    check("the reason", "no refresh token at sign-in:bot" in job.text, job.text)
    equal("tokens", sorted(set(story.tokens())),
          ["ci-packaging", "deploy-read"])
    place.touch(mode=0o600)
    place.write_text(kept)


@chapter
def a_season(story):
    """a sign-in that is used outlives its 90 days; one that is not ends"""
    place, first = story.signed_in / "bot", story.secrets()
    for _ in range(16):
        story.later(6 * DAY)
        before = place.read_text()
        good(story.rotate())
        check("written back", place.read_text() != before)
        for name, secret in story.secrets().items():
            equal(name, story.service.state_of(secret.strip()), "active")
    check("rotated", not set(first.values()) & set(story.secrets().values()))
    # Nobody signed in for long.
    story.entra.now += 90 * DAY
    job = story.rotate()
    equal(f"exit code: {job.text}", job.code("Rotate"), 4)
    check("the reason", "AADSTS700082" in job.text, job.text)
    check("what to do", "patform login --seed sign-in:bot" in job.text,
          job.text)
    story.login()
    good(story.rotate())
    equal("a person", story.entra.grants.count("device_code"), 2)


@chapter
def nothing_leaked(story):
    """no job printed a secret"""
    needles = [*story.entra.given, KEY, story.pull.token,
               *(s.strip() for s in story.secrets().values())]
    for text in story.said:
        for needle in needles:
            check("a secret was printed", needle not in text)
        # Entra access tokens are JWTs.
        check("an access token was printed", "eyJ" not in text)


def policy_team(options, folder):
    """a branch that loosens the security team's rules is judged by main's"""
    def git(*arguments, cwd):
        subprocess.run(
            ["git", "-c", "user.name=t", "-c", "user.email=t@contoso.example",
             "-c", "init.defaultBranch=main", *arguments], cwd=cwd,
            check=True, capture_output=True)

    origin, clone = folder / "origin", folder / "clone"
    shutil.copytree(ROOT / "examples/policy", origin)
    git("init", cwd=origin)
    git("add", ".", cwd=origin)
    git("commit", "-m", "rules", cwd=origin)
    git("clone", str(origin), str(clone), cwd=folder)
    with Emulator(options.emulator, folder) as service:
        environment = {**clean_environment(), **service.environment()}
        environment["PATH"] = (f"{options.patform.parent}:"
                               f"{environment['PATH']}")

        def plan():
            done = subprocess.run(["./plan.sh"], cwd=clone, env=environment,
                                  text=True, capture_output=True, check=False)
            return done.returncode, done.stdout + done.stderr

        code, text = plan()
        equal(f"the rules are kept: {text}", code, 0)
        (clone / "policy.toml").write_text("[policy]\n", encoding="utf-8")
        with open(clone / "tokens/patform.toml", "a",
                  encoding="utf-8") as file:
            file.write('\n[token.all]\nscopes = ["app_token"]\nowner = "me"\n'
                       'purpose = "everything"\n')
        code, text = plan()
        equal(f"exit code: {text}", code, 5)
        check("the rule", "full_scope" in text, text)


def fleet(options, folder):
    """the fleet's teams are planned and applied in one run"""
    shutil.copytree(ROOT / "examples/fleet", folder / "fleet")
    with Emulator(options.emulator, folder, "--organization", "contoso",
                  "--organization", "fabrikam") as service:
        environment = {**clean_environment(), **service.environment()}
        for words in (["apply", "--auto-approve"],
                      ["plan", "--detailed-exitcode"]):
            done = subprocess.run(
                [str(options.patform), "-C", str(folder / "fleet"), *words],
                env=environment, text=True, capture_output=True, check=False)
            equal(f"{words}: {done.stdout}{done.stderr}", done.returncode, 0)
        secrets = {p.relative_to(folder / "fleet/secrets").as_posix()
                   for p in (folder / "fleet/secrets").rglob("*")
                   if p.is_file() and not p.name.endswith(".json")
                   and p.name != ".gitignore"}
        equal("secrets", secrets, {
            "contoso/data-reports", "contoso/search-ci",
            "contoso/search-index", "fabrikam/payments-ci",
            "fabrikam/payments-prod-deploy"})


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--patform", type=pathlib.Path, required=True)
    parser.add_argument("--emulator", type=pathlib.Path, required=True)
    parser.add_argument("--boundary", type=pathlib.Path, required=True)
    options = parser.parse_args()
    options.patform = options.patform.resolve()
    options.emulator = options.emulator.resolve()
    options.boundary = options.boundary.resolve()
    passed = failed = steps = 0
    for system in ("azure", "github"):
        with tempfile.TemporaryDirectory(prefix="patform-ci-") as folder:
            story = Story(options, pathlib.Path(folder), system)
            try:
                for tell in CHAPTERS:
                    try:
                        tell(story)
                    except Exception:  # pylint: disable=broad-except
                        failed += 1
                        print(f"FAILED: {system}: {tell.__doc__}\n"
                              + traceback.format_exc())
                    else:
                        passed += 1
                        print(f"ok: {system}: {tell.__doc__}")
            finally:
                story.close()
            steps += sum(text.count(": exit ") for text in story.said)
    for tell in (policy_team, fleet):
        with tempfile.TemporaryDirectory(prefix="patform-ci-") as folder:
            try:
                tell(options, pathlib.Path(folder))
            except Exception:  # pylint: disable=broad-except
                failed += 1
                print(f"FAILED: {tell.__doc__}\n" + traceback.format_exc())
            else:
                passed += 1
                print(f"ok: {tell.__doc__}")
    print(f"figure steps_run={steps}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
