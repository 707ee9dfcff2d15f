"""Every form in which patform shows what it read: commands and formats."""

import threading

from pull_request import PullRequest

FORMATS = ("text", "json", "markdown", "html", "sarif", "junit", "github",
           "azure")

_lock = threading.Lock()
_seen = set()
_attacks = 0
_figures = {}


def count():
    """How many forms the cases have looked into so far."""
    return len(_seen)


def more_attacks():
    """Attacks beyond one per case."""
    return _attacks


def attack(number=1):
    """A case that carries out several attacks counts the further ones."""
    global _attacks  # pylint: disable=global-statement
    with _lock:
        _attacks += number


def tell(figure, value):
    """A figure of a case's own, for the last line of the suite."""
    with _lock:
        _figures[figure] = value


def figures():
    return "".join(f" {name}={value}" for name, value in _figures.items())


def saw(name):
    with _lock:
        _seen.add(name)


def run(world, name, *arguments, **changes):
    """One command, whatever its exit code; all that it printed."""
    saw(name)
    result = world.run(*arguments, **changes)
    return result.out + result.err


def of_a_file(world, **changes):
    """(view, text) of each form that needs no service."""
    yield "validate", run(world, "validate", "validate", **changes)
    for name in ("github", "azure"):
        yield f"validate {name}", run(world, f"validate {name}", "validate",
                                      "--format", name, **changes)


def of_a_plan(world, *flags, **changes):
    """(view, text) of each form of the plan of the configuration: printed,
    saved, shown, commented, in an inquiry, in a snapshot."""
    saved = world.folder / "view.plan"
    saved.unlink(missing_ok=True)
    for name in FORMATS:
        yield f"plan {name}", run(world, f"plan {name}", "plan", "--format",
                                  name, *flags, **changes)
    yield "plan --out", run(world, "plan --out", "plan", "--out", str(saved),
                            *flags, **changes)
    if saved.exists():
        yield "saved plan", saved.read_text(encoding="utf-8")
        saw("saved plan")
        for name in FORMATS:
            yield f"show {name}", run(world, f"show {name}", "show",
                                      str(saved), "--format", name, **changes)
        for system in ("azure", "github"):
            pull = PullRequest(world.service, system)
            yield f"comment {system}", run(
                world, f"comment {system}", "comment", str(saved),
                **{**changes, **pull.variables})
            yield f"comment of {system}", "\n".join(pull.ours())
            saw(f"comment of {system}")
    for name in ("text", "json", "html"):
        yield f"status {name}", run(world, f"status {name}", "status",
                                    "--format", name, **changes)
    for name in ("text", "json", "sarif"):
        yield f"audit {name}", run(world, f"audit {name}", "audit",
                                   "--format", name, **changes)
    yield "import", run(world, "import", "import", **changes)
    snapshot = world.folder / "view.snapshot"
    snapshot.unlink(missing_ok=True)
    yield "snapshot", run(world, "snapshot", "snapshot", "--out",
                          str(snapshot), **changes)
    if snapshot.exists():
        yield "the snapshot", snapshot.read_text(encoding="utf-8")
        saw("the snapshot")
        for name in FORMATS:
            yield f"plan --snapshot {name}", run(
                world, f"plan --snapshot {name}", "plan", "--snapshot",
                str(snapshot), "--format", name, *flags, **changes)


def of_an_apply(world, *flags, **changes):
    """(view, text) of an apply: its plan, its progress, its results."""
    yield "apply --json", run(world, "apply --json", "apply", "--auto-approve",
                              "--json", *flags, **changes)
    yield "apply", run(world, "apply", "apply", "--auto-approve", *flags,
                       **changes)
