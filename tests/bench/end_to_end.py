#!/usr/bin/env python3
"""patform against a client that does the same requests and nothing else.

usage: end_to_end.py --patform FILE --emulator FILE --reference FILE
                     --micro FILE [--quick]

Tokens are seeded in the emulator, on loopback: without the latency of a
network patform's own work shows most. patform and the reference client run in
turns; a ratio is patform's best wall time over the reference's best, because
whatever else runs on the machine only ever adds.

The service is spoken to over TLS, as the real one is. The reference reads the
answers as JSON and keeps the tokens, and the reference of an apply puts its
secrets on disk: without that it would not have what it asked for. What a
client takes that does neither, and does not encrypt either, is printed beside
it as `bytes`.

    plan_same_10000_ratio     a plan that finds nothing to do
    plan_same_100000_ratio
    plan_changed_10000_ratio  a plan in which every token changes
    plan_files_500_ratio      10,000 tokens in 500 files
    plan_organizations_4_ratio  four organizations of 2,500
    plan_same_10000_bytes_ratio  over plain HTTP; the reference throws the
                              answers away
    apply_create_1000_ratio   1,000 creates, each secret delivered to a file
    apply_create_1000_bytes_ratio  the reference does not deliver
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

# What a quiet machine of two cores keeps to. Those of the plans without
# changes, of the memory and of the start are what patform promises; the others
# catch what gets worse.
LIMITS = {
    "plan_same_10000_ratio": 1.5,
    "plan_same_100000_ratio": 1.5,
    "plan_files_500_ratio": 1.7,
    "plan_organizations_4_ratio": 2.0,
    "plan_changed_10000_ratio": 12.0,
    "plan_same_10000_bytes_ratio": 6.0,
    "apply_create_1000_ratio": 4.0,
    "apply_create_1000_bytes_ratio": 40.0,
    "rss_ratio": 1.0,
    "version_ms": 10.0,
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


# The kernel counts what a process was before it became another program, and
# this one keeps long lists: a small one is put between.
MEASURE = """
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:], stdin=subprocess.DEVNULL,
                      stdout=subprocess.DEVNULL,
                      stderr=subprocess.DEVNULL).returncode
print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def peak_memory(command, environment):
    """KiB of one program that ends in 0."""
    said = subprocess.run([sys.executable, "-c", MEASURE, *command],
                          env=environment, check=True,
                          stdout=subprocess.PIPE).stdout
    code, peak = map(int, said.split())
    if code != 0:
        raise RuntimeError(f"{command}: exit {code}")
    return peak


def run(command, environment, expect=0):
    """Wall seconds of one program."""
    began = time.perf_counter()
    process = subprocess.Popen(command, env=environment,
                               stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE)
    said = process.stderr.read()
    code = process.wait()
    seconds = time.perf_counter() - began
    if code != expect:
        raise RuntimeError(f"{command}: exit {code}, expected {expect}:\n"
                           + said.decode(errors="replace")[-2000:])
    return seconds


def configure(folder, tokens, scope, files=FILES):
    """A main file and team files that declare (organization, name)s."""
    teams = folder / "teams"
    shutil.rmtree(folder, ignore_errors=True)
    teams.mkdir(parents=True)
    (folder / "patform.toml").write_text(HEAD)
    share = -(-len(tokens) // files)
    for part in range(files):
        text = ""
        for organization, name in tokens[part * share:(part + 1) * share]:
            text += (f'[token."{name}"]\nscopes = ["{scope}"]\n'
                     f'owner = "team-{part}"\n')
            if organization != "contoso":
                text += f'organization = "{organization}"\n'
            text += "\n"
        if text:
            (teams / f"team-{part:03}.toml").write_text(text)


def seeded(service, organizations, count):
    """Seeds that many in each; (organization, name)s and their bytes."""
    tokens, size = [], 0
    for number, organization in enumerate(organizations):
        name = f"seeded-{{i}}.{number}" if number else "seeded-{i}"
        service.admin("POST", "seed", {
            "user": "ada@contoso.example", "organization": organization,
            "count": count, "name": name, "scope": "vso.code",
            "valid_days": 90})
        listed, some = service.list(service.token(), organization)
        if len(listed) != count:
            raise RuntimeError(f"{len(listed)} seeded, not {count}")
        tokens += [(organization, t["displayName"]) for t in listed]
        size += some
    return tokens, size


def configure_creates(folder, count):
    """As many tokens that are not there yet, each delivered to a file."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / "patform.toml").write_text(
        'format = 1\nworkspace = "bench"\norganization = "contoso"\n'
        '[sink.files]\ntype = "file"\npath = "secrets"\n'
        '[defaults]\ndeliver = [{ to = "files", at = "{name}" }]\n'
        + "".join(f'[token.t{i:04}]\nscopes = ["vso.code"]\n'
                  for i in range(count)))


def judge(figures, limits):
    """Each figure against its limit; the closing line, and the exit code."""
    passed = failed = 0
    for name, value in figures.items():
        if name not in limits:
            continue
        good = value <= limits[name]
        passed, failed = passed + good, failed + (not good)
        if not good:
            print(f"FAILED: {name} is {value:.2f}; at most {limits[name]}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


class Bench:
    def __init__(self, options, folder):
        self.options = options
        self.folder = pathlib.Path(folder)
        self.figures = {}

    def patform(self, *arguments):
        return [str(self.options.patform), "-c", str(self.folder / "config"),
                "-q", *arguments]

    def interleaved(self, ours, theirs, rounds):
        """Best seconds, ours and theirs."""
        mine, reference = [], []
        for _ in range(rounds):
            mine.append(ours())
            reference.append(theirs())
        return min(mine), min(reference)

    def plan(self, name, service, tokens, rounds, scope="vso.code",
             files=FILES, listing="list"):
        """Measures one plan."""
        environment = {**clean_environment(), **service.environment()}
        configure(self.folder / "config", tokens, scope, files)
        organizations = sorted({organization for organization, _ in tokens})
        same = scope == "vso.code"
        ours, theirs = self.interleaved(
            lambda: run(self.patform("plan", "--detailed-exitcode"),
                        environment, expect=0 if same else 2),
            lambda: run([str(self.options.reference), listing, service.url,
                         *organizations], environment), rounds)
        self.ratio(name, ours, theirs)

    def emulator(self, *flags, tls=True):
        return Emulator(self.options.emulator, self.folder, *flags, tls=tls)

    def plans(self, rounds):
        with self.emulator() as it:
            tokens, _ = seeded(it, ["contoso"], 10000)
            self.plan("plan_same_10000", it, tokens, rounds)
            self.plan("plan_files_500", it, tokens, rounds, files=500)
            self.plan("plan_changed_10000", it, tokens, rounds,
                      scope="vso.build")
        four = ["adventure", "contoso", "fabrikam", "wingtip"]
        flags = [word for name in four for word in ("--organization", name)]
        with self.emulator(*flags) as it:
            tokens, _ = seeded(it, four, 2500)
            self.plan("plan_organizations_4", it, tokens, rounds)
        with self.emulator(tls=False) as it:
            tokens, _ = seeded(it, ["contoso"], 10000)
            self.plan("plan_same_10000_bytes", it, tokens, rounds,
                      listing="list-bytes")

    def large_plan(self, rounds):
        with self.emulator() as it:
            tokens, size = seeded(it, ["contoso"], 100000)
            self.plan("plan_same_100000", it, tokens, rounds)
            environment = {**clean_environment(), **it.environment()}
            peak = max(peak_memory(self.patform("plan"), environment)
                       for _ in range(3))
        self.figures["rss_ratio"] = peak * 1024 / (3 * size + 20 * 2**20)
        print(f"  peak {peak / 1024:.0f} MB for {size / 2**20:.1f} MB of JSON")

    def applies(self, count, rounds):
        config = self.folder / "config"

        secrets = self.folder / "reference"

        def ours(tls):
            configure_creates(config, count)
            with self.emulator(tls=tls) as it:
                return run(self.patform("apply", "--auto-approve",
                                        "--parallelism", str(WORKERS)),
                           {**clean_environment(), **it.environment()})

        def theirs(tls, *folder):
            shutil.rmtree(secrets, ignore_errors=True)
            secrets.mkdir()
            with self.emulator(tls=tls) as it:
                return run([str(self.options.reference), "create", it.url,
                            "contoso", str(count), str(WORKERS), *folder],
                           {**clean_environment(), **it.environment()})

        mine, reference = self.interleaved(
            lambda: ours(True), lambda: theirs(True, str(secrets)), rounds)
        self.ratio(f"apply_create_{count}", mine, reference)
        mine, reference = self.interleaved(
            lambda: ours(False), lambda: theirs(False), rounds)
        self.ratio(f"apply_create_{count}_bytes", mine, reference)

    def version(self):
        times = [run([str(self.options.patform), "version"],
                     clean_environment()) for _ in range(21)]
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
        bench.plans(11)
        if not options.quick:
            bench.large_plan(5)
        bench.applies(1000, 5)
        bench.micro()
    print("figure " + " ".join(
        f"{name}={value:.{0 if name.endswith('_ns_per_token') else 2}f}"
        for name, value in bench.figures.items()))
    return judge(bench.figures, LIMITS)


if __name__ == "__main__":
    sys.exit(main())
