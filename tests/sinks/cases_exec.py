"""The sink "exec": the store of examples/sinks/exec, and programs that
misbehave, as processes of the real patform."""

import pathlib
import shutil

from configuration import configuration, token
from harness import case, check, equal
from stage import HEAD, served, stage, to

EXAMPLE = pathlib.Path(__file__).resolve().parents[2] / "examples/sinks/exec"


class Folder:
    """What the example keeps, and the sink that leads there."""

    certificate = None
    authority = ""

    def __init__(self, world):
        self.world = world
        self.kept = world.services / "kept"
        self.kept.mkdir()
        world.keeping.add(self.kept)
        self.script = world.folder / "store.sh"
        shutil.copy(EXAMPLE / "store.sh", self.script)

    def sink(self, more="compare_and_set = true\n"):
        return (f'[sink.store]\ntype = "exec"\n'
                f'command = ["{self.script}", "{self.kept}"]\n{more}\n')

    def value(self, at):
        path = self.kept / at / "secret"
        return path.read_text() if path.exists() else None

    def wrap(self, put):
        """From here on `put` is what becomes of a put; the true one is
        `true_put`."""
        real = self.world.folder / "real.sh"
        if not real.exists():
            self.script.rename(real)
        self.script.write_text(
            f'#!/bin/sh\nset -- {real} "$@"\n'
            '[ "$3" = put ] || exec "$@"\n'
            'true_put() { "$one" "$two" put; }\none=$1 two=$2\n' + put + "\n")
        self.script.chmod(0o755)


def begin(world, more="compare_and_set = true\n", **token_more):
    store = stage(world, Folder(world))
    world.variables["PATFORM_ALLOW_PROGRAMS"] = "1"
    world.write(configuration(
        token("ci", deliver=to("store", "ci"), **token_more),
        head=HEAD + store.sink(more)))
    return store


@case
def story(world):
    """exec: delivered, settled, drift healed, rotated, revoked and removed"""
    store = begin(world)
    equal("what a plan leaves there",
          world.plan().code and list(store.kept.iterdir()), 0)
    world.apply()
    first = served(world, store.value("ci"))
    world.settled()
    # Another client.
    shutil.rmtree(store.kept / (store.kept / "ci").readlink())
    (store.kept / "ci").unlink()
    world.apply()
    second = served(world, store.value("ci"))
    check("a new one", second != first)
    world.settled()
    world.apply("--rotate", "token.ci")
    third = served(world, store.value("ci"))
    check("a new one", third != second)
    world.settled()
    world.write(configuration(
        token("ci", deliver=to("store", "ci"), ensure="absent"),
        head=HEAD + store.sink()))
    world.apply()
    equal("state", world.service.state_of(third), "revoked")
    equal("what is left", list(store.kept.iterdir()), [])
    world.settled()


@case
def forbidden(world):
    """exec: without --allow-programs nothing is run and nothing is decided"""
    store = begin(world)
    world.apply()
    ran = world.folder / "ran"
    store.wrap(f"touch {ran}; exit 5")
    script = store.script.read_text()
    store.script.write_text(script.replace("#!/bin/sh\n",
                                           f"#!/bin/sh\ntouch {ran}\n"))
    result = world.plan(expect=8, PATFORM_ALLOW_PROGRAMS=None)
    check("words", "--allow-programs" in result.out + result.err, str(result))
    world.apply(expect=None, PATFORM_ALLOW_PROGRAMS=None)
    check("it was not run", not ran.exists())
    served(world, store.value("ci"))


@case
def what_puts_come_to(world):
    """exec: a put that fails, is killed or is slow costs no secret"""
    store = begin(world, 'compare_and_set = true\ntimeout = "1s"\n')
    world.apply()
    for put, code, written in [
            ("exit 5", 1, False),
            ("echo $(cat) >&2; exit 5", 1, False),
            ("exit 1", 7, False),
            ("kill -9 $$", 7, False),
            ("true_put; kill -9 $$", 0, True),
            ("true_put; echo nonsense", 0, True),
            ("true_put; exec tail -f /dev/null", 0, True)]:
        before = served(world, store.value("ci"))
        store.wrap(put)
        result = world.apply("--rotate", "token.ci", expect=None)
        equal(f"exit code of {put}: {result}", result.code, code)
        after = served(world, store.value("ci"))
        equal(f"written by {put}", after != before, written)
        store.wrap("true_put")
        world.apply("--rotate", "token.ci")
        served(world, store.value("ci"))
        world.settled()


@case
def without_versions(world):
    """exec: a program that keeps no versions settles, too"""
    store = begin(world, "")
    store.script.write_text(
        '#!/bin/sh\ndata="$1/$PATFORM_AT/secret"\ncase $2 in\n'
        'read) [ -e "$data" ] || exit 3\n'
        'printf \'{"record":%s}\' "$(cat "$1/record")" ;;\n'
        'put) mkdir -p "${data%/*}"; cat > "$data"\n'
        'printf %s "$PATFORM_RECORD" > "$1/record" ;;\nesac\n')
    world.apply()
    first = served(world, store.value("ci"))
    world.settled()
    world.apply("--rotate", "token.ci")
    check("a new one", served(world, store.value("ci")) != first)
    world.settled()


@case
def example(world):
    """exec: the configuration of the examples"""
    store = begin(world)
    text = (EXAMPLE / "patform.toml").read_text()
    check("the command", '["./store.sh", "vault"]' in text, text)
    world.write(text.replace("./store.sh", str(store.script))
                .replace('"vault"', f'"{store.kept}"'))
    world.apply()
    served(world, store.value("ci-packaging"))
    world.settled()
