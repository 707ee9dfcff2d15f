#!/usr/bin/env python3
"""examples/monitoring against the real programs: promtool tests the rules;
node exporter reads what runs of patform wrote, Prometheus scrapes it, and every
query of the rules and of the dashboard is asked there.

usage: monitoring.py --patform FILE --emulator FILE --boundary FILE

Closes with `N passed, N failed`, where the unit is a check.
"""

import contextlib
import json
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.error
import urllib.parse
import urllib.request

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))

import ci  # noqa: E402
import suite  # noqa: E402
from configuration import HEAD, configuration, token  # noqa: E402
from harness import World, check, equal  # noqa: E402

EXAMPLE = ROOT / "examples/monitoring"
PATIENCE = 60  # seconds
NAME = re.compile(r"patform_[a-z_]+")
# No sign-in of this run has an end.
SIGN_IN = """\
# HELP patform_sign_in_ends_timestamp_seconds When the sign-in that the runs \
rest on ends.
# TYPE patform_sign_in_ends_timestamp_seconds gauge
patform_sign_in_ends_timestamp_seconds{workspace="other"} 4102444800
"""


def promtool(*arguments, stdin=None):
    done = subprocess.run(["promtool", *arguments], input=stdin, text=True,
                          capture_output=True, check=False, cwd=EXAMPLE)
    check(f"promtool {' '.join(arguments)}",
          done.returncode == 0 and "level=warn" not in done.stderr,
          done.stdout + done.stderr)


def free_address():
    with socket.socket() as each:
        each.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{each.getsockname()[1]}"


def until(what, holds):
    """Asks until the answer is there; the programs have no other way to say
    that they have come so far."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            if answer := holds():
                return answer
        except (urllib.error.URLError, ConnectionError):
            pass
        time.sleep(0.05)
    raise RuntimeError(f"not within {PATIENCE} s: {what}")


@contextlib.contextmanager
def running(folder, *command):
    with open(folder / f"{command[0]}.log", "w", encoding="utf-8") as log:
        with subprocess.Popen(command, stdout=log, stderr=log,
                              cwd=folder) as process:
            try:
                yield
            finally:
                process.terminate()


def fetch(address, path):
    with urllib.request.urlopen(f"http://{address}{path}", timeout=10) as got:
        return got.read().decode()


class Prometheus:
    def __init__(self, folder):
        self.folder, self.textfiles = folder, folder / "textfiles"
        self.textfiles.mkdir()
        self.exporter, self.address = free_address(), free_address()
        shutil.copy(EXAMPLE / "rules.yml", folder)
        (folder / "prometheus.yml").write_text(json.dumps({
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": ["rules.yml"],
            "scrape_configs": [{
                "job_name": "node",
                "static_configs": [{"targets": [self.exporter]}]}]}))

    @contextlib.contextmanager
    def started(self):
        with running(self.folder, "prometheus-node-exporter",
                     f"--web.listen-address={self.exporter}",
                     "--collector.disable-defaults", "--collector.textfile",
                     f"--collector.textfile.directory={self.textfiles}"), \
             running(self.folder, "prometheus",
                     "--config.file=prometheus.yml",
                     f"--storage.tsdb.path={self.folder / 'data'}",
                     f"--web.listen-address={self.address}"):
            yield self

    def ask(self, query):
        answer = json.loads(fetch(self.address, "/api/v1/query?" +
                                  urllib.parse.urlencode({"query": query})))
        return answer["data"]["result"]

    def exported(self):
        return fetch(self.exporter, "/metrics")

    def scraped(self):
        """What is in the folder now is in Prometheus."""
        began = time.time()
        until("a scrape", lambda: self.ask(
            f"min(timestamp(up)) > {began + 0.5}"))


def queries_of(dashboard):
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]
    for each in dashboard["annotations"]["list"]:
        yield each["name"], each["expr"]
    for variable in dashboard["templating"]["list"]:
        if variable["type"] == "query":
            name = re.fullmatch(r"label_values\((\w+), workspace\)",
                                variable["query"]["query"])
            yield variable["name"], f"count by (workspace) ({name[1]})"


def the_rules(_options, _folder):
    promtool("check", "rules", "rules.yml")
    promtool("test", "rules", "rules_test.yml")
    rules = ci.load(EXAMPLE / "rules.yml")
    names = [r["alert"] for g in rules["groups"] for r in g["rules"]]
    text = (EXAMPLE / "README.md").read_text()
    equal("alerts of the README", re.findall(r"^\| `(Patform\w+)`", text,
                                             re.MULTILINE), names)


def a_run_is_seen(options, folder):
    world = World(options, folder / "world")
    world.start()
    try:
        world.service.mint("by hand")
        scrape(world, Prometheus(folder))
        world.check_no_leak()
    finally:
        world.close()


def scrape(world, server):
    apply, status = (str(server.textfiles / f"e2e-{which}.prom")
                     for which in ("apply", "status"))
    world.write(configuration(token("ci"), token("by hand", deliver=None)))
    world.apply("--metrics", apply)
    world.run("status", "--metrics", status, "--within", "90d", expect=0)
    # Another workspace on the same machine.
    world.write(configuration(
        token("other"), head=HEAD.replace('"e2e"', '"other"')
        .replace('"secrets"', '"secrets-of-other"')))
    world.apply("--metrics", str(server.textfiles / "other-apply.prom"))
    world.run("status", "--metrics",
              str(server.textfiles / "other-status.prom"),
              "--metrics-per-token", expect=0)
    (server.textfiles / "sign-in.prom").write_text(SIGN_IN)
    written = set()
    for path in server.textfiles.iterdir():
        promtool("check", "metrics", stdin=path.read_text())
        written |= set(re.findall(r"^# TYPE (\w+)", path.read_text(),
                                  re.MULTILINE))
    with server.started():
        until("an exporter", server.exported)
        check("files refused",
              "node_textfile_scrape_error 0\n" in server.exported(),
              server.exported())
        until("Prometheus", lambda: server.ask("patform_tokens"))
        the_dashboard(server, written)
        rules = ci.load(EXAMPLE / "rules.yml")
        for rule in (r for g in rules["groups"] for r in g["rules"]):
            equal(f"alert {rule['alert']} of a good run",
                  [each["metric"] for each in server.ask(rule["expr"])], [])
        # The next apply fails, and people are woken.
        world.service.fault("list", {"status": 401}, count=99)
        world.write(configuration(token("ci"), token("more")))
        world.apply("--metrics", apply, expect=4)
        firing = 'ALERTS{alertname="PatformApplyFailed",alertstate="firing"}'
        alert = until("an alert", lambda: server.ask(firing))
        equal("whose", [a["metric"]["workspace"] for a in alert], ["e2e"])
        # What the page says of two files with one series: it is dropped from
        # one of them, and an alert tells.
        shutil.copy(status, server.textfiles / "copy.prom")
        rule = next(r for g in rules["groups"] for r in g["rules"]
                    if r["alert"] == "PatformMetricsRefused")
        until("a count of errors", lambda: server.ask(rule["expr"]))
        equal("series", len(server.ask(
            'patform_observed_complete{workspace="e2e"}')), 1)


def the_dashboard(server, written):
    dashboard = json.loads((EXAMPLE / "dashboard.json").read_text())
    asked = set()
    for title, query in queries_of(dashboard):
        asked |= set(NAME.findall(query))
        query = query.replace("$workspace", ".*").replace("$__interval", "1m")
        # What says that something changed or is wrong may have nothing to say;
        # without its condition it has.
        answer = server.ask(re.sub(r" > 0$", "", query))
        check(f"{title}: no series for {query}", answer)
    equal("series that the dashboard does not show",
          written - asked - {"patform_last_apply_exit_code"}, set())
    equal("series that nobody writes", asked - written, set())


def main():
    options = suite.parse(suite.parser())
    passed = failed = 0
    for each in (the_rules, a_run_is_seen):
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "world").mkdir()
            try:
                each(options, pathlib.Path(folder))
            except Exception:  # pylint: disable=broad-except
                traceback.print_exc()
                print(f"FAILED: monitoring: {each.__name__}")
                failed += 1
            else:
                passed += 1
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
