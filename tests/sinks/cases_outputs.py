"""The sinks "azure-pipelines" and "github-actions": what they print, compared
with what Microsoft's and GitHub's own packages print for the same."""

import base64
import json
import os
import pathlib
import re
import subprocess

import stage
from configuration import configuration, token
from emulator import clean_environment
from harness import Failure, case, check, equal

NODE = pathlib.Path(os.environ.get("SINKS_NODE", "build/sinks/node"))
AZURE = """
const tl = require('azure-pipelines-task-lib/task');
const [, key, output] = process.argv;
let value = '';
process.stdin.on('data', part => value += part).on('end', () => {
  const forms = [value, Buffer.from(value).toString('base64'),
                 Buffer.from(':' + value).toString('base64')];
  for (const form of forms) tl.setSecret(form);
  tl.setVariable(key, value, true, output === 'true');
});
"""
GITHUB = """
const core = require('@actions/core');
const [, key, to] = process.argv;
let value = '';
process.stdin.on('data', part => value += part).on('end', () => {
  const forms = [value, Buffer.from(value).toString('base64'),
                 Buffer.from(':' + value).toString('base64')];
  for (const form of forms) core.setSecret(form);
  if (to === 'environment') core.exportVariable(key, value);
  else core.setOutput(key, value);
});
"""


def judge(script, *words, value, **variables):
    """What the package prints for `value`."""
    ran = subprocess.run(
        ["node", "-e", script, *words], input=value, text=True, cwd=NODE,
        capture_output=True, timeout=60,
        env={**clean_environment(), **variables})
    if ran.returncode != 0:
        raise Failure(f"node: {ran.stderr}")
    # What a task of Azure's prints of its own environment is not a command.
    return "".join(line for line in ran.stdout.splitlines(keepends=True)
                   if not line.startswith("##vso[task.debug]"))


def deliver(world, sink, *flags, expect=0, **variables):
    """Applies a token with a file and a variable PAT of that sink; the secret,
    the log commands that were printed, and the result without them."""
    if world.service is None:
        world.start()
    world.write(configuration(token(
        "ci", deliver='[{ to = "files", at = "ci" }, '
                      '{ to = "job", key = "PAT" }]'))
        .replace("[token.", "[sink.job]\n" + sink + "\n[token.", 1))
    world.variables |= {"TF_BUILD": None, "GITHUB_ACTIONS": None}
    result = world.apply("--rotate", "token.ci", *flags, expect=expect,
                         **variables) if world.secrets() else world.apply(
                             *flags, expect=expect, **variables)
    lines = result.out.splitlines(keepends=True)
    commands = [line for line in lines if line.startswith(("##vso[", "::"))]
    # They are the one place where a secret may be printed: taken out, here
    # alone; all else that was printed is searched as always.
    printed = "".join(commands)
    world.written[:] = [data.replace(printed.encode(), b"")
                        for data in world.written] if printed else (
                            world.written)
    rest = "".join(line for line in lines if line not in commands)
    check("one block", printed in result.out, rest)
    return world.secrets().get("ci"), printed, rest


@case
def azure(world):
    """azure-pipelines: byte by byte as azure-pipelines-task-lib prints it"""
    for output in ("false", "true"):
        secret, printed, rest = deliver(
            world, f'type = "azure-pipelines"\noutput = {output}\n',
            TF_BUILD="True")
        check("a secret", stage.MINTED.fullmatch(secret.encode()))
        equal("printed", printed,
              judge(AZURE, "PAT", output, value=secret))
        check("the rest has none", secret not in rest)
        world.settled()


@case
def github(world):
    """github-actions: byte by byte as @actions/core prints and writes it"""
    for to, name in (("output", "GITHUB_OUTPUT"), ("environment",
                                                   "GITHUB_ENV")):
        files = {}
        for who in ("ours", "theirs"):
            files[who] = world.services / f"{to}-{who}"
            files[who].write_text("")
            world.keeping.add(files[who])
        secret, printed, _ = deliver(
            world, f'type = "github-actions"\nto = "{to}"\n',
            GITHUB_ACTIONS="true", **{name: str(files["ours"])})
        equal("printed", printed, judge(GITHUB, "PAT", to, value=secret,
                                        **{name: str(files["theirs"])}))
        plain = {who: re.sub(r"ghadelimiter_[0-9a-f-]{32,36}", "DELIMITER",
                             path.read_text())
                 for who, path in files.items()}
        equal("written", plain["ours"], plain["theirs"])
        check("a delimiter", plain["ours"].startswith("PAT<<DELIMITER\n"))
        world.settled()


@case
def refused(world):
    """outputs: outside of their CI, with --json, or into a file: not minted"""
    azure_sink = 'type = "azure-pipelines"\n'
    for flags, variables, words in [
            ((), {}, "this is not a job of Azure Pipelines"),
            (("--json",), {"TF_BUILD": "True"},
             "standard output has JSON for another program")]:
        secret, printed, rest = deliver(world, azure_sink, *flags,
                                        expect=1, **variables)
        equal("nothing printed or delivered", (secret, printed), (None, ""))
        said = rest + world.written[-1].decode(errors="replace") + "".join(
            data.decode(errors="replace") for data in world.written)
        check("words", words in said, said)
        equal("minted", world.live(), {})
        if flags:
            for line in rest.splitlines():
                json.loads(line)
    log = world.folder / "log"
    with open(log, "wb") as file:
        code = subprocess.run(
            [str(world.options.patform), "-c", str(world.config), "apply",
             "--auto-approve"], stdout=file, stderr=subprocess.PIPE,
            env=world.environment(TF_BUILD="True"), timeout=60)
    equal("into a file", code.returncode, 1)
    check("words", b"standard output is a file" in code.stderr
          + log.read_bytes(), code.stderr.decode())
    equal("minted", world.live(), {})


@case
def primary(world):
    """outputs: neither can be a token's first place"""
    world.start()
    for kind in ("azure-pipelines", "github-actions"):
        world.write(configuration(token(
            "ci", deliver='[{ to = "job", key = "PAT" }]'))
            .replace("[token.", f'[sink.job]\ntype = "{kind}"\n[token.', 1))
        result = world.run("validate", expect=3)
        check("words", f"a {kind} sink keeps no record and cannot be a token's "
              "first place" in result.err, str(result))
