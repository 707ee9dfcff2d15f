#!/usr/bin/env python3
"""Microsoft's client of Key Vault for Node is content with the emulator's
vault. (The one for Python is in the suite sinks, beside patform.)

usage: key_vault_test.py --emulator FILE --node FOLDER

FOLDER has @azure/keyvault-secrets in its node_modules. The last line:
`figures answers=N`.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "e2e"))

from emulator import Emulator  # noqa: E402
from harness import equal  # noqa: E402

WANT = [
    ["set", "one", {"a": "b"}, "x/y", "2030-01-01T00:00:00.000Z",
     "Recoverable+Purgeable"],
    ["asked", ["https://vault.azure.net/.default"], 36],
    ["get", "two"],
    ["list", 31, 2],
    ["versions", ["", "b"]],
    ["none", 0],
    ["disabled", [403, "Forbidden"]],
    ["deleted", ["A-1"]],
    ["taken", [409, "Conflict"]],
    ["recovered", "two"],
    ["purged", [404, "SecretNotFound"]],
    ["other", [401, "Unauthorized"]],
    ["verified", ["The challenge resource 'vault.azure.net'", None]],
]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--emulator", required=True)
    parser.add_argument("--node", required=True, type=pathlib.Path)
    options = parser.parse_args()
    program = options.node / "judge.mjs"
    shutil.copy(HERE / "key_vault/judge.mjs", program)
    with tempfile.TemporaryDirectory() as folder:
        with Emulator(options.emulator, folder) as service:
            done = subprocess.run(
                ["node", str(program), service.url], text=True, check=False,
                stdout=subprocess.PIPE, timeout=120, env={
                    **os.environ,
                    "NODE_EXTRA_CA_CERTS": str(service.certificate),
                    "BEARER": service.token(
                        audience="https://vault.azure.net"),
                    "OTHER": service.token()})
            answers = [json.loads(line) for line in done.stdout.splitlines()]
            equal("answers", answers, WANT)
            equal("exit code", done.returncode, 0)
    print(f"figures answers={len(answers)}")


if __name__ == "__main__":
    main()
