#!/usr/bin/env python3
"""How much work patform does, in instructions.

usage: instructions.py --patform FILE --emulator FILE

Times say little on a machine that others use as well; valgrind counts the
instructions of one run, of the libraries it loads too, and two runs differ by
less than a percent. They do not tell what the kernel and the disk take. In
millions:

    same_1000_minstr       a plan of 1,000 tokens that finds nothing to do
    changed_1000_minstr    a plan in which each of them changes
    apply_1000_minstr      1,000 creates, each secret delivered to a file
    version_minstr         `patform version`

Each must stay within the limit in LIMITS, 5 % above what was reached. Prints
`figure` lines and closes with `N passed, N failed`.
"""

import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

import end_to_end  # noqa: E402
from emulator import Emulator, clean_environment  # noqa: E402

LIMITS = {
    "version_minstr": 4.6,
    "same_1000_minstr": 50.0,
    "changed_1000_minstr": 104.0,
    "apply_1000_minstr": 327.0,
}
COUNT = 1000


def instructions(command, environment, expect=0):
    """Millions of instructions of one program that ends in `expect`."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            ["valgrind", "--tool=callgrind",
             f"--callgrind-out-file={folder}/out", *command],
            env=environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    counted = re.search(r"I\s+refs:\s+([\d,]+)", done.stderr)
    if done.returncode != expect or counted is None:
        raise RuntimeError(f"{command}: exit {done.returncode}, expected "
                           f"{expect}:\n{done.stderr[-2000:]}")
    return int(counted[1].replace(",", "")) / 1e6


def main():
    parser = argparse.ArgumentParser()
    for name in ("patform", "emulator"):
        parser.add_argument(f"--{name}", type=pathlib.Path, required=True)
    options = parser.parse_args()
    patform, emulator = options.patform.resolve(), options.emulator.resolve()
    figures = {"version_minstr": instructions([str(patform), "version"],
                                              clean_environment())}
    with tempfile.TemporaryDirectory(prefix="patform-bench-") as folder:
        config = pathlib.Path(folder) / "config"
        command = [str(patform), "-c", str(config), "-q"]
        # Without TLS: what encryption takes differs from processor to
        # processor, and is not ours.
        with Emulator(emulator, folder, tls=False) as it:
            environment = {**clean_environment(), **it.environment()}
            tokens, _ = end_to_end.seeded(it, ["contoso"], COUNT)
            for name, scope, code in (("same", "vso.code", 0),
                                      ("changed", "vso.build", 2)):
                end_to_end.configure(config, tokens, scope)
                figures[f"{name}_1000_minstr"] = instructions(
                    [*command, "plan", "--detailed-exitcode"], environment,
                    code)
        with Emulator(emulator, folder, tls=False) as it:
            end_to_end.configure_creates(config, COUNT)
            figures["apply_1000_minstr"] = instructions(
                [*command, "apply", "--auto-approve", "--parallelism", "8"],
                {**clean_environment(), **it.environment()})
    print("figure " + " ".join(f"{name}={value:.1f}"
                               for name, value in figures.items()))
    return end_to_end.judge(figures, LIMITS)


if __name__ == "__main__":
    sys.exit(main())
