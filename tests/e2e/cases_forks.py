"""A pull request is not trusted: whatever it writes into the configuration,
`plan` runs no program and sends nothing to a host of its choice."""

import re
import shutil
import socket
import subprocess
import threading

from configuration import configuration, token
from harness import case, check, equal

# What patform could be led to start, by PATH.
PROGRAMS = ("az", "kubectl", "gh", "git", "sh", "bash", "vault", "bao",
            "pass", "canary")


class Listener:
    """A server that keeps what it is sent, and answers nothing."""

    def __init__(self):
        self.received = []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.host = f"127.0.0.1:{self.port}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            connection.settimeout(1)
            try:
                self.received.append(connection.recv(65536))
            except OSError:
                self.received.append(b"connected")
            connection.close()

    def close(self):
        self.socket.close()


def hostile(listener):
    """Every way the language has to name a program or a host: a name, what it
    says in [auth] or a sink, and whether something is delivered to that."""
    host = listener.host
    url = f"https://{host}"
    command = '["canary", "{organization}"]'
    auth = {
        "auth exec": f'source = "exec"\ncommand = {command}',
        "auth azure-cli": 'source = "azure-cli"\n'
                          f'tenant = "{host}/x"\nclient_id = "{url}"',
        "auth sign-in": f'source = "sign-in"\ntenant = "{host}/x"',
        "auth sign-in by URL": f'source = "sign-in"\ntenant = "{url}"\n'
                               'client_id = "x"',
        "auth refresh-token": f'source = "refresh-token"\ntenant = "{host}"\n'
                              'sink = "files"\nat = "refresh"',
        "auth environment": f'source = "environment"\ntenant = "{host}"',
    }
    sinks = {
        "sink exec": f'type = "exec"\ncommand = {command}',
        "sink vault": f'type = "vault"\naddress = "{url}"\nmount = "kv"',
        "sink vault without TLS": f'type = "vault"\naddress = "http://{host}"'
                                  '\nmount = "kv"\nnamespace = "n"',
        "sink key-vault": f'type = "key-vault"\nvault = "{url}"',
        "sink key-vault by host": f'type = "key-vault"\nvault = "{host}"',
        "sink kubernetes": 'type = "kubernetes"\nnamespace = "n"\n'
                           'kubeconfig = "kubeconfig"\ncontext = "c"',
        "sink variable_group": 'type = "variable_group"\nproject = "p"\n'
                               f'group = "g"\norganization = "{host}"',
        "sink variable_group elsewhere": 'type = "variable_group"\n'
                                         'project = "../../x"\ngroup = "g"',
        "sink github": f'type = "github"\nrepository = "{host}/x"',
        "sink github by URL": f'type = "github"\nrepository = "{url}/a/b"\n'
                              'environment = "e"',
        "sink pipelines": 'type = "pipelines"\noutput = true',
    }
    for name, text in auth.items():
        yield name, f"[auth]\n{text}\n", False
    for name, text in sinks.items():
        yield name, f"[sink.evil]\n{text}\n", True
    for name in (f"{host}", f"x@{host}", "127.0.0.1", "a/../b", "a.evil.test"):
        yield f"organization {name}", f'organization = "{name}"', None


KUBECONFIG = """\
apiVersion: v1
kind: Config
current-context: c
clusters: [{{name: k, cluster: {{server: "https://{host}"}}}}]
contexts: [{{name: c, context: {{cluster: k, user: u}}}}]
users:
- name: u
  user:
    exec: {{apiVersion: client.authentication.k8s.io/v1, command: canary}}
"""


def canaries(world):
    """A PATH of programs that leave a trace, and the trace."""
    folder = world.folder / "bin"
    folder.mkdir()
    trace = world.folder / "started"
    for name in PROGRAMS:
        program = folder / name
        program.write_text(f'#!/bin/sh\necho "$0 $*" >> "{trace}"\n')
        program.chmod(0o755)
    return str(folder), trace


def traced(world, *arguments, **changes):
    """Runs patform; the ports it connected to, the programs it started and
    the result."""
    log = world.folder / "strace.log"
    done = subprocess.run(
        [shutil.which("strace"), "-f", "-o", str(log), "-e",
         "trace=connect,sendto,sendmsg,sendmmsg,execve,execveat",
         str(world.options.patform), "-c", str(world.config), *arguments],
        cwd=world.folder, env=world.environment(**changes),
        capture_output=True, check=False, timeout=120)
    world.written += [done.stdout, done.stderr]
    text = log.read_text(encoding="utf-8", errors="replace")
    log.unlink()
    peers = set(re.findall(r"sin6?_port=htons\((\d+)\)", text))
    # The C library asks its name cache on this machine, if there is one.
    peers |= set(re.findall(r"sun_path=(?!\"/var/run/nscd/)(\S+)", text))
    return peers, len(re.findall(r"\bexecve(?:at)?\(", text)), done


@case
def a_pull_requests_configuration(world):
    """every host and program that the language can name: plan contacts the
    service alone, plan --snapshot nothing, and no program is started"""
    check("strace is installed", shutil.which("strace") is not None)
    service = world.start()
    service_port = service.url.rsplit(":", 1)[1].rstrip("/")
    world.write(configuration(token("a")))
    world.apply()
    snapshot = world.folder / "world.json"
    world.run("snapshot", "--out", str(snapshot), expect=0)
    listener = Listener()
    path, trace = canaries(world)
    (world.config / "kubeconfig").write_text(
        KUBECONFIG.format(host=listener.host))
    tried = 0
    try:
        for name, text, is_sink in hostile(listener):
            base = configuration(token("a"))
            if is_sink is None:
                base = re.sub(r'^organization = .*$', text, base, flags=re.M)
            else:
                base = base.replace("[sink.files]", text + "\n[sink.files]")
            if is_sink:
                key = ', key = "K"'
                base += ('\n[token.e]\nscopes = ["vso.code"]\n'
                         f'deliver = [{{ to = "evil", at = "e"{key} }}]\n')
            world.write(base)
            for arguments in (["plan"], ["validate"],
                              ["plan", "--snapshot", str(snapshot)]):
                peers, programs, done = traced(world, *arguments, PATH=path)
                what = f"{name}: {' '.join(arguments[:2])}"
                allowed = ({service_port} if arguments == ["plan"] else set())
                check(f"{what}: contacts {peers - allowed}",
                      peers <= allowed, done.stderr.decode())
                equal(f"{what}: programs", programs, 1)
                check(f"{what}: ended by a signal", done.returncode >= 0)
                tried += 1
    finally:
        listener.close()
    check("a program was started", not trace.exists())
    equal("what the other host was sent", listener.received, [])
    check("enough was tried", tried >= 60, str(tried))


@case
def programs_that_print_a_token(world):
    """[auth] exec starts its program with --allow-programs and not before, and
    azure-cli starts az alone, with words of its own"""
    world.start()
    path, trace = canaries(world)
    for source, flags, code, want in (
            ('source = "exec"\ncommand = ["canary", "$(id)", ";sh"]',
             [], 4, []),
            ('source = "exec"\ncommand = ["canary", "$(id)", ";sh"]',
             ["--allow-programs"], 4, ["canary $(id) ;sh"]),
            ('source = "exec"\ncommand = ["../bin/canary"]',
             ["--allow-programs"], 4, []),
            ('source = "azure-cli"\ntenant = "--help"', [], 3, []),
            ('source = "azure-cli"\ntenant = "contoso.example"', [], 4,
             ["az account get-access-token --resource "
              "499b84ac-1321-427f-aa17-267ca6975798 -o json "
              "--only-show-errors --tenant=contoso.example"])):
        trace.unlink(missing_ok=True)
        world.write(configuration(token("a")).replace(
            "[sink.files]", f"[auth]\n{source}\n[sink.files]"))
        _, programs, done = traced(world, "plan", *flags, PATH=path,
                                   PATFORM_ACCESS_TOKEN=None)
        error = done.stderr.decode()
        equal(f"{source}: exit code", done.returncode, code)
        started = (trace.read_text().splitlines() if trace.exists() else [])
        equal(source, [line.split("/")[-1] for line in started], want)
        if not want and not flags:
            equal(f"{source}: programs", programs, 1)
        if "exec" in source and not flags:
            check("names the flag", "--allow-programs" in error, error)
