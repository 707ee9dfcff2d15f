#!/usr/bin/env python3
"""patform against a client that does the same requests and nothing else.

usage: end_to_end.py --patform FILE --emulator FILE --reference FILE
                     --micro FILE [--quick]

Tokens are seeded in the emulator over plain HTTP on loopback, where the
transport costs least and patform's own work shows most. patform and the
reference client run in turns; a ratio is the median of patform's wall times
over the median of the reference's.

    plan_same_10000_ratio     a plan that finds nothing to do
    plan_same_100000_ratio
    plan_changed_10000_ratio  a plan in which every token changes
    apply_create_1000_ratio   1,000 creates, each secret delivered to a file
                              (and put on disk, which the reference does not)
    rss_ratio                 peak memory of the plan of 100,000 tokens over
                              three times the bytes of the list plus 20 MB
    version_ms                `patform version`, start to end

Each must stay within the limit named in LIMITS. Prints `figure` lines and
closes with `N passed, N failed`.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

from emulator import Emulator, clean_environment  # noqa: E402

# Half as much again as was measured: they catch what gets worse by a class, on
# a busy machine too. They are not the targets (1.5 for the plans, 1 for the
# memory), which are missed: the reference reads bytes, patform reads files of
# 100,000 tokens besides.
LIMITS = {
    "plan_same_10000_ratio": 12.0,
    "plan_same_100000_ratio": 18.0,
    "plan_changed_10000_ratio": 14.0,
    "apply_create_1000_ratio": 85.0,
    "rss_ratio": 2.0,
    "version_ms": 50.0,
}
FILES = 50
WORKERS = 8
HEAD = """\
format = 1
workspace = "bench"
organization = "contoso"
include = ["teams/*.toml"]

[defaults]
lifetime = "180d"
rotate_before = "7d"

[policy]
unmanaged = "ignore"
"""


def run(command, environment, expect=0):
    """Wall seconds and peak KiB of one program."""
    began = time.perf_counter()
    process = subprocess.Popen(command, env=environment,
                               stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE)
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    code = os.waitstatus_to_exitcode(status)
    process.returncode = code
    if code != expect:
        raise RuntimeError(f"{command}: exit {code}, expected {expect}:\n"
                           + said.decode(errors="replace")[-2000:])
    return seconds, usage.ru_maxrss


def configure(folder, names, scope):
    """A main file and FILES team files that declare `names`."""
    teams = folder / "teams"
    shutil.rmtree(folder, ignore_errors=True)
    teams.mkdir(parents=True)
    (folder / "patform.toml").write_text(HEAD)
    share = -(-len(names) // FILES)
    for part in range(FILES):
        text = "".join(f'[token."{name}"]\nscopes = ["{scope}"]\n'
                       f'owner = "team-{part}"\n\n'
                       for name in names[part * share:(part + 1) * share])
        if text:
            (teams / f"team-{part:02}.toml").write_text(text)


class Bench:
    def __init__(self, options, folder):
        self.options = options
        self.folder = pathlib.Path(folder)
        self.figures = {}

    def patform(self, *arguments):
        return [str(self.options.patform), "-c", str(self.folder / "config"),
                "-q", *arguments]

    def interleaved(self, ours, theirs, rounds):
        """Medians of seconds, ours and theirs, and our largest memory."""
        mine, reference, peak = [], [], 0
        for _ in range(rounds):
            seconds, memory = ours()
            mine.append(seconds)
            peak = max(peak, memory)
            reference.append(theirs()[0])
        return statistics.median(mine), statistics.median(reference), peak

    def plans(self, count, rounds, changed_too):
        with Emulator(self.options.emulator, self.folder, tls=False) as it:
            it.admin("POST", "seed", {
                "user": "ada@contoso.example", "organization": "contoso",
                "count": count, "name": "seeded-{i}", "scope": "vso.code",
                "valid_days": 90})
            environment = {**clean_environment(), **it.environment()}
            tokens, size = it.list(environment["PATFORM_ACCESS_TOKEN"])
            if len(tokens) != count:
                raise RuntimeError(f"{len(tokens)} seeded, not {count}")
            names = [t["displayName"] for t in tokens]
            reference = [str(self.options.reference), "list", it.url,
                         "contoso"]
            config = self.folder / "config"
            configure(config, names, "vso.code")
            ours, theirs, peak = self.interleaved(
                lambda: run(self.patform("plan", "--detailed-exitcode"),
                            environment),
                lambda: run(reference, environment), rounds)
            self.ratio(f"plan_same_{count}", ours, theirs)
            if count == 100000:
                allowed = 3 * size + 20 * 2**20
                self.figures["rss_ratio"] = peak * 1024 / allowed
                print(f"  peak {peak / 1024:.0f} MB for {size / 2**20:.1f} MB "
                      "of JSON")
            if changed_too:
                configure(config, names, "vso.build")
                ours, theirs, _ = self.interleaved(
                    lambda: run(self.patform("plan", "--detailed-exitcode"),
                                environment, expect=2),
                    lambda: run(reference, environment), rounds)
                self.ratio(f"plan_changed_{count}", ours, theirs)

    def applies(self, count, rounds):
        config = self.folder / "config"

        def fresh():
            return Emulator(self.options.emulator, self.folder, tls=False)

        def ours():
            shutil.rmtree(config, ignore_errors=True)
            config.mkdir()
            (config / "patform.toml").write_text(
                'format = 1\nworkspace = "bench"\norganization = "contoso"\n'
                '[sink.files]\ntype = "file"\npath = "secrets"\n'
                '[defaults]\ndeliver = [{ to = "files", at = "{name}" }]\n'
                + "".join(f'[token.t{i:04}]\nscopes = ["vso.code"]\n'
                          for i in range(count)))
            with fresh() as it:
                return run(self.patform("apply", "--auto-approve",
                                        "--parallelism", str(WORKERS)),
                           {**clean_environment(), **it.environment()})

        def theirs():
            with fresh() as it:
                return run([str(self.options.reference), "create", it.url,
                            "contoso", str(count), str(WORKERS)],
                           {**clean_environment(), **it.environment()})

        mine, reference, _ = self.interleaved(ours, theirs, rounds)
        self.ratio(f"apply_create_{count}", mine, reference)

    def version(self):
        times = [run([str(self.options.patform), "version"],
                     clean_environment())[0] for _ in range(21)]
        self.figures["version_ms"] = statistics.median(times) * 1000

    def ratio(self, name, ours, theirs):
        self.figures[name + "_ratio"] = ours / theirs
        print(f"  {name}: patform {ours:.3f} s, reference {theirs:.3f} s",
              flush=True)

    def micro(self):
        """The stages alone, as nanoseconds a token."""
        done = subprocess.run(
            [self.options.micro, "--benchmark_format=json",
             "--benchmark_min_time=0.2"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
        for row in json.loads(done.stdout)["benchmarks"]:
            if "error_message" in row:
                raise RuntimeError(f"{row['name']}: {row['error_message']}")
            name = re.sub(r"\W+", "_", row["name"].removeprefix("BM_")).lower()
            self.figures[f"{name}_ns_per_token"] = (
                1e9 / row["items_per_second"])


def main():
    parser = argparse.ArgumentParser()
    for name in ("patform", "emulator", "reference", "micro"):
        parser.add_argument(f"--{name}", type=pathlib.Path, required=True)
    parser.add_argument("--quick", action="store_true",
                        help="leave the 100,000 out")
    options = parser.parse_args()
    for name in ("patform", "emulator", "reference", "micro"):
        setattr(options, name, getattr(options, name).resolve())
    with tempfile.TemporaryDirectory(prefix="patform-bench-") as folder:
        bench = Bench(options, folder)
        bench.version()
        bench.plans(10000, 7, changed_too=True)
        if not options.quick:
            bench.plans(100000, 3, changed_too=False)
        bench.applies(1000, 5)
        bench.micro()
    passed = failed = 0
    print("figure " + " ".join(
        f"{name}={value:.{0 if name.endswith('_ns_per_token') else 2}f}"
        for name, value in bench.figures.items()))
    for name, value in bench.figures.items():
        if name not in LIMITS:
            continue
        good = value <= LIMITS[name]
        passed, failed = passed + good, failed + (not good)
        if not good:
            print(f"FAILED: {name} is {value:.2f}; at most {LIMITS[name]}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
