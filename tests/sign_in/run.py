#!/usr/bin/env python3
"""Sign-in: patform and Microsoft's own clients against the same look-alike of
Microsoft Entra, beside the emulator.

usage: run.py --modules DIR --patform FILE --emulator FILE --boundary FILE
[CASE…]

--modules is the folder of shim.mjs with its node_modules (run.sh makes it). A
CASE is a part of a case's name. Prints a line per case, then `figure …` and
`N passed, N failed`. After each case all that patform said or wrote, its
sampled command lines and what its programs were given are searched for every
access token and refresh token, beside the secrets it delivered.
"""

import pathlib
import sys

sys.dont_write_bytecode = True

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "e2e")]

import entra  # noqa: E402
import harness  # noqa: E402
import stage  # noqa: E402
import suite  # noqa: E402
import words  # noqa: E402

DEEP = {"cases_azure_cli.py"}
FILES = sorted(path.name for path in HERE.glob("*.py")
               if path.name.startswith("cases_")) + ["msal_judge.py"]


def main():
    flags = suite.parser()
    flags.add_argument("--modules", type=pathlib.Path, required=True)
    flags.add_argument("--azure-cli", help="the real one, for a deep run")
    options = suite.parse(flags)
    options.modules = options.modules.resolve()
    options.keys = entra.Keys()
    harness.GUARDS.append(stage.guard)
    cases = suite.discover(HERE, [
        name for name in FILES if options.azure_cli or name not in DEEP])
    judged = [c for c in cases if c.__module__.endswith("msal_judge")]
    code = suite.run(cases, options, lambda passed, failed: print(
        f"figure judged={len(judged)}"))
    words.save()
    return code


if __name__ == "__main__":
    sys.exit(main())
