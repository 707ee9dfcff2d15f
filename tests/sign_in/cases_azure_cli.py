"""The real Azure CLI, signed in at the shim: only in a deep run."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import threading

from configuration import token
from entra import AZURE_DEVOPS, VAULT, claims_of
from harness import Failure, case, check, clean_environment, equal
from stage import ADA, auth, declare, put_az, stage


def configure(world, az):
    """A cloud of its own, whose sign-in is the shim."""
    url = world.entra.url
    folder = world.services / "azure"
    folder.mkdir()
    variables = {**clean_environment(), "AZURE_CONFIG_DIR": str(folder),
                 "REQUESTS_CA_BUNDLE": str(world.entra.certificate),
                 "AZURE_CORE_COLLECT_TELEMETRY": "0",
                 "AZURE_CORE_INSTANCE_DISCOVERY": "false"}
    cloud = folder / "cloud.json"
    cloud.write_text(json.dumps({
        "endpoints": {
            "activeDirectory": url, "resourceManager": url + "/",
            "management": url + "/", "activeDirectoryResourceId": url,
            "activeDirectoryGraphResourceId": url + "/",
            "microsoftGraphResourceId": url + "/"},
        "suffixes": {"keyvaultDns": ".vault.azure.net"}, "profile": "latest"}))
    for words in (["cloud", "register", "-n", "test", "--cloud-config",
                   f"@{cloud}", "--skip-endpoint-discovery"],
                  ["cloud", "set", "-n", "test"]):
        subprocess.run([az, *words], env=variables, check=True,
                       capture_output=True, timeout=120)
    return variables


def login(world, az, variables):
    """By device code; a person enters it as soon as it is shown."""
    process = subprocess.Popen(
        [az, "login", "--use-device-code", "--allow-no-subscriptions",
         "--tenant", world.entra.tenant, "--output", "none"],
        env=variables, text=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    limit = threading.Timer(120, process.kill)
    limit.start()
    said = ""
    for line in process.stderr:
        said += line
        code = re.search(r"enter the code (\S+)", line)
        if code:
            world.entra.enter_code(code[1], ADA)
    limit.cancel()
    if process.wait() != 0:
        raise Failure(f"az login: {said}")


def ask(az, variables, *words, mode=None):
    done = subprocess.run(
        [az, "account", "get-access-token", "--output", "json", *words],
        env=variables, text=True, capture_output=True,
        stdin=subprocess.DEVNULL, timeout=120, check=False)
    return done.returncode, done.stdout, done.stderr


def shape(text):
    return {name: type(value).__name__
            for name, value in json.loads(text).items()}


@case
def real_azure_cli(world):
    """the real Azure CLI: it answers as its stand-in does, and patform runs it"""
    real = world.options.azure_cli
    entra = stage(world)
    variables = configure(world, real)
    stand_in = put_az(world, mode="not_logged_in")
    wanted = ["--resource", AZURE_DEVOPS]
    for got, want in zip(ask(real, variables, *wanted),
                         ask(stand_in, clean_environment(), *wanted)):
        equal("not signed in", got, want)
    login(world, real, variables)
    for words in (wanted, [*wanted, "--tenant", entra.tenant]):
        code, out, _ = ask(real, variables, *words)
        equal("exit code", code, 0)
        equal("audience", claims_of(json.loads(out)["accessToken"])["aud"],
              AZURE_DEVOPS)
        answer = json.loads(out)
        stand_in = put_az(world, mode="current", token=answer["accessToken"],
                          expires=answer["expires_on"])
        code, like, _ = ask(stand_in, clean_environment(), *words)
        equal("shape", shape(like), shape(out))
        equal("local time", json.loads(like)["expiresOn"],
              answer["expiresOn"])
    declare(world, auth(world, "azure-cli", client=None), token("ci"))
    world.variables |= {name: value for name, value in variables.items()
                        if name.startswith(("AZURE_", "REQUESTS_"))}
    world.variables["PATH"] = (f"{pathlib.Path(real).parent}:"
                               f"{os.environ['PATH']}")
    world.apply()
    world.settled()
    entra.revoke(ADA)
    code, out, err = ask(real, variables, "--resource", VAULT)
    equal("revoked", (code, out), (1, ""))
    check("and why", err.startswith("ERROR: AADSTS50173: ")
          and "az login" in err, err)
    shutil.rmtree(world.services / "azure")
