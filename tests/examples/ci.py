"""Runs a job of a workflow or pipeline file as its system would: the shell
steps for real, in a bash of their own with the variables that the system sets
and nothing else; checkouts, artifacts and caches by copying files."""

import pathlib
import re
import shutil
import subprocess

import ruamel.yaml

TIMEOUT = 120


class StepFailure(Exception):
    """A file asks for something that these systems would not know."""


def load(path):
    return ruamel.yaml.YAML(typ="safe").load(path)


class Job:
    """What came of a job: `steps` is (name, exit code, output) of each."""

    def __init__(self):
        self.steps = []
        self.outputs = {}
        self.summary = ""

    @property
    def failed(self):
        return any(code != 0 for _, code, _ in self.steps)

    @property
    def text(self):
        return "\n".join(f"[{name}: exit {code}]\n{text}"
                         for name, code, text in self.steps)

    def code(self, name):
        return {step: code for step, code, _ in self.steps}.get(name)


class Ci:
    """`store` keeps artifacts and caches from job to job."""

    def __init__(self, folder, base):
        self.folder = pathlib.Path(folder)
        self.base = base  # what is set where the agent or runner is
        self.store = self.folder / "store"
        self.store.mkdir(parents=True, exist_ok=True)
        self.count = 0

    def _workspace(self):
        self.count += 1
        place = self.folder / f"job{self.count}"
        place.mkdir()
        return place

    def _shell(self, job, name, script, flags, cwd, env):
        path = cwd.parent / f"{cwd.name}-step{len(job.steps)}.sh"
        path.write_text(script, encoding="utf-8")
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", *flags, str(path)], cwd=cwd,
            env={**self.base, **env}, text=True, timeout=TIMEOUT, check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT)
        job.steps.append((name, done.returncode, done.stdout))
        return done.stdout


class GitHub(Ci):
    """values: what the expressions of this run are, as "secrets.X"."""

    def run(self, path, job_name, tree, values, env):
        spec = load(path)["jobs"][job_name]
        job, cwd = Job(), self._workspace()
        for number, step in enumerate(spec["steps"]):
            always = "!cancelled()" in str(step.get("if", ""))
            if job.failed and not always:
                continue
            if "uses" in step:
                self._uses(job, step, tree, cwd, values)
                continue
            if step.get("shell") != "bash":
                raise StepFailure(f"{path}: shell of {step}")
            files = {name: cwd.parent / f"{cwd.name}-{name}{number}"
                     for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
            for file in files.values():
                file.touch()
            given = {k: self._value(str(v), values)
                     for k, v in step.get("env", {}).items()}
            # shell: bash is -eo pipefail.
            self._shell(job, step["name"], self._script(step["run"]),
                        ["-eo", "pipefail"], cwd,
                        {**env, **{k: str(v) for k, v in files.items()},
                         **given})
            job.summary += files["GITHUB_STEP_SUMMARY"].read_text()
            outputs = dict(line.split("=", 1) for line in
                           files["GITHUB_OUTPUT"].read_text().splitlines())
            values = {**values, **{f"steps.{step.get('id')}.outputs.{k}": v
                                   for k, v in outputs.items()}}
        job.outputs = {k: self._value(v, values, "")
                       for k, v in spec.get("outputs", {}).items()}
        return job

    @staticmethod
    def _script(text):
        if "${{" in text:
            raise StepFailure(f"an expression inside a script: {text}")
        return text

    @staticmethod
    def _value(text, values, otherwise=None):
        def one(match):
            name = match[1].strip()
            if name not in values and otherwise is None:
                raise StepFailure(f"{name} is not known in this run")
            return values.get(name, otherwise)
        return re.sub(r"\$\{\{(.*?)\}\}", one, text)

    def _uses(self, job, step, tree, cwd, values):
        action = step["uses"].split("@")[0]
        inputs = {k: self._value(str(v), values)
                  for k, v in step.get("with", {}).items()}
        if action == "actions/checkout":
            shutil.copytree(tree, cwd, dirs_exist_ok=True)
        elif action == "actions/upload-artifact":
            sources = [cwd / path for path in inputs["path"].split()]
            sources = [source for source in sources if source.exists()]
            if sources:
                self._keep(sources, f"artifact-{inputs['name']}")
            elif inputs.get("if-no-files-found") != "ignore":
                job.steps.append((action, 1, "no files found"))
        elif action == "actions/download-artifact":
            self._fetch(job, action, f"artifact-{inputs['name']}", cwd)
        elif action == "actions/cache/save":
            self._keep([cwd / inputs["path"]], "cache")
        elif action == "actions/cache/restore":
            self._fetch(job, action, "cache", cwd)
        else:
            raise StepFailure(f"what is {action}?")

    def _keep(self, sources, name):
        place = self.store / name
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        for source in sources:
            shutil.copy(source, place)

    def _fetch(self, job, action, name, cwd):
        place = self.store / name
        if place.exists():
            shutil.copytree(place, cwd, dirs_exist_ok=True)
        else:
            job.steps.append((action, 1, f"there is no {name}"))


class Azure(Ci):
    """values: variables and secrets of this run by name, and expressions."""

    SET = re.compile(r"^##vso\[task\.setvariable variable=(\w+);"
                     r"isOutput=true\](.*)$", re.M)
    SUMMARY = re.compile(r"^##vso\[task\.uploadsummary\](.*)$", re.M)

    def run(self, path, stage_name, tree, values, env):
        stage = next(s for s in load(path)["stages"]
                     if s["stage"] == stage_name)
        spec = stage["jobs"][0]
        steps = (spec["steps"] if "steps" in spec
                 else spec["strategy"]["runOnce"]["deploy"]["steps"])
        job, place = Job(), self._workspace()
        folders = {"Pipeline.Workspace": place,
                   "Build.ArtifactStagingDirectory": place / "a",
                   "Build.SourcesDirectory": place / "s"}
        for folder in list(folders.values())[1:]:
            folder.mkdir()
        known = {**values, **{k: str(v) for k, v in folders.items()}}
        for variable in spec.get("variables", []):
            if "name" in variable:
                known[variable["name"]] = self._expression(variable["value"],
                                                           values)
        cwd = folders["Build.SourcesDirectory"]
        agent = {name.upper().replace(".", "_"): str(folder)
                 for name, folder in folders.items()}
        for step in steps:
            if job.failed and step.get("condition") != "succeededOrFailed()":
                continue
            if "bash" not in step:
                self._other(job, step, tree, folders, known)
                continue
            given = {k: self._macro(str(v), known)
                     for k, v in step.get("env", {}).items()}
            text = self._shell(job, step["displayName"], step["bash"], [], cwd,
                               {**env, **agent, **given})
            for name, value in self.SET.findall(text):
                job.outputs[f"{step['name']}.{name}"] = value
            for summary in self.SUMMARY.findall(text):
                job.summary += pathlib.Path(summary).read_text()
        return job

    @staticmethod
    def _expression(text, values):
        if text not in values:
            raise StepFailure(f"{text} is not known in this run")
        return values[text]

    @staticmethod
    def _macro(text, known):
        def one(match):
            if match[1] not in known:
                raise StepFailure(f"$({match[1]}) is not known in this run")
            return known[match[1]]
        return re.sub(r"\$\(([\w.]+)\)", one, text)

    def _other(self, job, step, tree, folders, known):
        if "checkout" in step:
            shutil.copytree(tree, folders["Build.SourcesDirectory"],
                            dirs_exist_ok=True)
        elif "publish" in step:
            source = pathlib.Path(self._macro(step["publish"], known))
            if not source.exists():
                job.steps.append(("publish", 1, f"{source} is not there"))
                return
            place = self.store / step["artifact"]
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir()
            shutil.copy(source, place)
        elif "download" in step or step.get("task", "").startswith(
                "DownloadPipelineArtifact@"):
            inputs = step.get("inputs", {})
            name = step.get("artifact") or inputs["artifactName"]
            target = (self._macro(inputs["targetPath"], known) if inputs
                      else folders["Pipeline.Workspace"] / name)
            if (self.store / name).exists():
                shutil.copytree(self.store / name, target, dirs_exist_ok=True)
            else:
                job.steps.append(("download", 1, f"there is no {name}"))
        else:
            raise StepFailure(f"what is {step}?")
