#!/usr/bin/env python3
"""What a hostile file of one megabyte costs whoever validates it.

usage: megabytes.py --patform FILE

The files are those of tests/attacks/hostile_files.py: depth, counts, checks
that multiply, lengths. Each is read by a release build within SECONDS of
processor time and MEBIBYTES of memory; of up to three runs the quickest
counts, because whatever else runs on the machine only ever adds. Prints the
dearest, `figure` lines, and closes with `N passed, N failed`.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "attacks"))

import hostile_files  # noqa: E402

SECONDS = 1.0
MEBIBYTES = 200
RUNS = 3

# In a small process of its own: the kernel counts what a process was before it
# became another program.
MEASURE = """
import json, resource, subprocess, sys
code = subprocess.run(sys.argv[1:], stdin=subprocess.DEVNULL,
                      stdout=subprocess.DEVNULL,
                      stderr=subprocess.DEVNULL).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([code, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024]))
"""


def measured(patform, folder):
    """Exit code, processor seconds, MiB of one `validate`."""
    said = subprocess.run(
        [sys.executable, "-c", MEASURE, str(patform), "validate"], cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": folder}, check=True,
        stdout=subprocess.PIPE).stdout
    return json.loads(said)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--patform", type=pathlib.Path, required=True)
    patform = parser.parse_args().patform.resolve()
    costs, failed = [], 0
    with tempfile.TemporaryDirectory(prefix="patform-bench-") as folder:
        for name, shape in hostile_files.SHAPES.items():
            pathlib.Path(folder, "patform.toml").write_bytes(
                shape().encode("utf-8", "surrogateescape"))
            code, seconds, mebibytes = measured(patform, folder)
            for _ in range(RUNS - 1):
                if seconds <= SECONDS:
                    break
                seconds = min(seconds, measured(patform, folder)[1])
            costs.append((seconds, mebibytes, name))
            if code not in (0, 3, 5) or seconds > SECONDS or mebibytes > MEBIBYTES:
                failed += 1
                print(f"FAILED: {name}: exit {code}, {seconds:.2f} s, "
                      f"{mebibytes:.0f} MiB; at most {SECONDS} s and "
                      f"{MEBIBYTES} MiB")
    for seconds, mebibytes, name in sorted(costs, reverse=True)[:5]:
        print(f"{seconds:6.2f} s {mebibytes:5.0f} MiB  {name}")
    print(f"figure megabyte_files={len(costs)} "
          f"megabyte_seconds={max(costs)[0]:.2f} "
          f"megabyte_mib={max(cost[1] for cost in costs):.0f}")
    print(f"{len(costs) - failed} passed, {failed} failed")
    return 1 if failed or not costs else 0


if __name__ == "__main__":
    sys.exit(main())
