#!/usr/bin/env python3
"""Many places: patform and each real store at the end of a line of 20 ms.

usage: many.py --patform FILE --emulator FILE --boundary FILE [--places N]
               [STORE…]

Needs what run.py needs; run.sh --many calls it. Every token is delivered to a
place of its own. Prints for each store a line

    figure STORE_plan_s=… STORE_plan_trips=… STORE_apply_s=… STORE_apply_trips=…

seconds of a plan that finds nothing to do and of an apply that makes every
token, and round trips for each token: requests, and the handshakes of the
connections. Closes with `N passed, N failed`, where a store fails if a plan
after the apply is not empty.
"""

import argparse
import pathlib
import selectors
import socket
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "e2e")]

import cases_variable_group  # noqa: E402
import github  # noqa: E402
import harness  # noqa: E402
import key_vault  # noqa: E402
import kube_server  # noqa: E402
import moto_server  # noqa: E402
import openbao  # noqa: E402
from configuration import configuration, token  # noqa: E402
from stage import HEAD, stage, to  # noqa: E402

DELAY = 0.020
GROUPS = 20
# GitHub takes no more secrets in one repository.
MOST = {"github": 100}


class Line:
    """Passes bytes on to `authority`, each way after half of DELAY. Counts
    how often the client speaks after the server did."""

    def __init__(self, authority):
        host, port = authority.rsplit(":", 1)
        self.to = (host, int(port))
        self.trips = 0
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.authority = f"127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._pass, args=(client,),
                             daemon=True).start()

    def _pass(self, client):
        server = socket.create_connection(self.to)
        for each in (client, server):
            each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with client, server, selectors.DefaultSelector() as ready:
            ready.register(client, selectors.EVENT_READ, server)
            ready.register(server, selectors.EVENT_READ, client)
            spoke = server
            while True:
                for key, _ in ready.select():
                    try:
                        data = key.fileobj.recv(1 << 16)
                        if not data:
                            return
                        # A turn of the talk takes its time; what follows in
                        # the same turn is under way already.
                        if spoke is not key.fileobj:
                            spoke = key.fileobj
                            self.trips += spoke is client
                            time.sleep(DELAY / 2)
                        key.data.sendall(data)
                    except OSError:
                        return

    def close(self):
        self.listener.close()


def vault(world):
    bao = stage(world, openbao.OpenBao(world))
    line = Line(bao.authority)
    world.variables["VAULT_TOKEN"] = openbao.ROOT
    return line, ('[sink.s]\ntype = "vault"\n'
                  f'address = "https://{line.authority}"\n'), "ado/{name}", None


def vault_of_azure(world):
    store = stage(world, key_vault.Vault(world))
    line = Line(store.authority)
    store.sign_in()
    return line, ('[sink.s]\ntype = "key-vault"\n'
                  f'vault = "https://{line.authority}"\n'), "{name}", None


def groups(world):
    store = cases_variable_group.begin(world)
    for number in range(GROUPS):
        store.make(f"g{number}")
    line = Line(world.variables["PATFORM_ALLOW_HOSTS"])
    return line, store.sink().replace(
        world.service.url, f"https://{line.authority}").replace(
            "[sink.library]", "[sink.s]"), "g{group}", "{variable}"


def aws(world):
    store = stage(world, moto_server.Moto(world))
    line = Line(store.authority)
    world.variables |= dict(zip(
        ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), store.keys["root"]))
    return line, ('[sink.s]\ntype = "aws-secrets-manager"\n'
                  f'region = "{moto_server.REGION}"\n'
                  f'endpoint = "http://{line.authority}"\n'), "{name}", None


def actions(world):
    store = stage(world, github.Github(world))
    line = Line(store.authority)
    world.variables["PATFORM_GITHUB_TOKEN"] = github.TOKEN
    return line, ('[sink.s]\ntype = "github-secrets"\n'
                  'repository = "contoso/app"\n'
                  f'address = "http://{line.authority}"\n'), "{variable}", None


def cluster(world):
    store = stage(world, kube_server.KubeServer(world))
    line = Line(store.server)
    path = pathlib.Path(store.kubeconfig("admin"))
    path.write_text(path.read_text().replace(store.server, line.authority))
    world.variables["KUBECONFIG"] = str(path)
    return line, '[sink.s]\ntype = "kubernetes"\n', "{name}", None


STORES = {"vault": vault, "key_vault": vault_of_azure,
          "variable_group": groups, "aws": aws, "github": actions,
          "kubernetes": cluster}


def places(count, at, key):
    for number in range(count):
        name = f"t{number:04}"
        values = {"name": name, "group": number % GROUPS,
                  "variable": f"T{number:04}"}
        yield token(name, deliver=to("s", at.format(**values), key and
                                     key.format(**values)))


def measure(name, world, count):
    """The figures of one store."""
    count = min(count, MOST.get(name, count))
    line, sink, at, key = STORES[name](world)
    world.opened.append(line)
    world.variables["PATFORM_ALLOW_HOSTS"] = line.authority
    world.write(configuration(*places(count, at, key), head=HEAD + sink))
    figures = []
    for what, command in (("apply", lambda: world.apply("--parallelism", "32")),
                          ("plan", world.settled)):
        line.trips = 0
        began = time.monotonic()
        command()
        seconds = time.monotonic() - began
        figures.append(f"{name}_{what}_s={seconds:.1f}")
        figures.append(f"{name}_{what}_trips={line.trips / count:.2f}")
    return " ".join(figures)


def main():
    flags = argparse.ArgumentParser()
    for program in ("--patform", "--emulator", "--boundary"):
        flags.add_argument(program, type=pathlib.Path, required=True)
    flags.add_argument("--places", type=int, default=1000)
    flags.add_argument("stores", nargs="*")
    options = flags.parse_args()
    for program in ("patform", "emulator", "boundary"):
        setattr(options, program, getattr(options, program).resolve())
    passed = failed = 0
    for name in options.stores or STORES:
        if name == "kubernetes" and not kube_server.PROGRAM:
            print("kubernetes: no API server here (PATFORM_SINKS=deep)")
            continue
        with tempfile.TemporaryDirectory() as folder:
            world = harness.World(options, folder)
            try:
                print("figure " + measure(name, world, options.places),
                      flush=True)
                passed += 1
            except harness.Failure as failure:
                print(f"FAILED: {name}: {failure}", flush=True)
                failed += 1
            finally:
                world.close()
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
