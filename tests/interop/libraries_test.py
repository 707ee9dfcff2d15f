#!/usr/bin/env python3
"""Microsoft's own client libraries for Python and Node against the emulator:
they find the resource, agree on a version, and make and list a token.

usage: libraries_test.py --emulator FILE --node FOLDER

FOLDER has azure-devops-node-api in its node_modules. The last line:
`figures libraries=N`.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "e2e"))

from emulator import Emulator  # noqa: E402
from harness import equal  # noqa: E402

PATS = "55967393-20ef-45c6-a96c-b5d5d5986a9a"


def with_python(service):
    """The names in the list, after one was made; asked for in a version that
    is too new, which the library brings down."""
    from azure.devops.client import Client
    from azure.devops.connection import Connection
    from msrest.authentication import BasicTokenAuthentication

    class Pats(Client):
        resource_area_identifier = PATS

        def call(self, method, **more):
            return self._send(http_method=method, location_id=PATS,
                              version="7.9-preview.1", **more).json()

    connection = Connection(
        base_url=f"{service.url}/contoso",
        creds=BasicTokenAuthentication({"access_token": service.token()}))
    connection.authenticate()
    pats = connection._get_client_instance(Pats)
    made = pats.call("POST", content={"displayName": "one",
                                      "scope": "vso.code"})
    equal("made", made["patTokenError"], "none")
    return [pat["displayName"] for pat in pats.call("GET")["patTokens"]]


def with_node(service, folder, name="libraries.mjs", **token):
    """What that program prints."""
    program = folder / name
    program.write_text((HERE / name).read_text(encoding="utf-8"),
                       encoding="utf-8")
    done = subprocess.run(
        ["node", str(program), f"{service.url}/contoso"], text=True, check=True,
        stdout=subprocess.PIPE,
        env={**os.environ, "BEARER": service.token(**token)})
    return done.stdout.split()


def groups_with_python(service):
    """The group that the library for Node made, with another variable."""
    from azure.devops.connection import Connection
    from msrest.authentication import BasicTokenAuthentication

    bearer = service.token(scopes=["vso.variablegroups_manage"])
    connection = Connection(
        base_url=f"{service.url}/contoso",
        creds=BasicTokenAuthentication({"access_token": bearer}))
    tasks = connection.clients_v7_1.get_task_agent_client()
    [group] = tasks.get_variable_groups("web", group_name="node")
    group.variables["d"] = {"value": "3"}
    left = tasks.update_variable_group(group, group.id)
    return sorted(f"{name}={variable.value}"
                  for name, variable in left.variables.items())


def main():
    flags = argparse.ArgumentParser()
    flags.add_argument("--emulator", type=pathlib.Path, required=True)
    flags.add_argument("--node", type=pathlib.Path, required=True)
    options = flags.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        # The library for Python keeps what it found between runs.
        os.environ["AZURE_DEVOPS_CACHE_DIR"] = folder
        with Emulator(options.emulator.resolve(), folder,
                      tls=False) as service:
            equal("Python", with_python(service), ["one"])
            node = options.node.resolve()
            equal("Node", with_node(service, node), ["one"])
            # A secret has no value in any answer, and is not lost.
            equal("variable groups, Node",
                  with_node(service, node, "variable_groups.mjs",
                            scopes=["vso.variablegroups_manage"]),
                  ["a=null", "c=2"])
            equal("variable groups, Python", groups_with_python(service),
                  ["a=None", "c=2", "d=3"])
    print("figures libraries=4")


if __name__ == "__main__":
    main()
