"""Files and flags that lead out of the folder of a hostile pull request."""

import os

import views
from configuration import HEAD, configuration, token
from harness import case, check

SECRET = "root-of-the-runner-first-line"
LATER = "root-of-the-runner-second-line"


def outside(world):
    """A file beside the configuration that it has no business with."""
    path = world.folder / "outside.toml"
    path.write_text(f"{SECRET}\n{LATER}\n", encoding="utf-8")
    return path


def unseen(world, what, *arguments, **changes):
    """Refused, and nothing of the file is shown."""
    views.attack()
    world.variables |= {"HIDDEN_IN_PROC": SECRET}
    result = world.run(*arguments, **changes)
    check(f"{what}: exit {result.code}", result.code != 0, result.out)
    for part in (SECRET, LATER, SECRET[:16]):
        check(f"{what}: {arguments[0]} shows the file", part not in
              result.out + result.err, result.out + result.err)


@case
def linked_folders(world):
    """a linked folder, a chain of links and a hard link lead nowhere"""
    world.start()
    far = world.folder / "far"
    far.mkdir()
    (far / "a.toml").write_text(f"{SECRET}\n{LATER}\n", encoding="utf-8")
    world.write(HEAD.replace("[sink", 'include = ["teams/*.toml"]\n\n[sink',
                             1))
    teams = world.config / "teams"
    hop = world.config / "hop"
    for what, target in (("a folder", far), ("/proc", "/proc/self/cwd/far"),
                         ("relative", "../far"), ("a chain", hop)):
        if what == "a chain":
            hop.symlink_to(far)
        teams.symlink_to(target)
        for command in (["validate"], ["plan"]):
            unseen(world, f"{what}", *command)
        teams.unlink()
    world.write(HEAD.replace("[sink", 'include = ["../far/a.toml"]\n\n[sink',
                             1))
    unseen(world, "two points", "validate")
    world.write(HEAD.replace("[sink", 'include = ["teams/../../far/a.toml"]\n'
                             "\n[sink", 1))
    teams.mkdir()
    unseen(world, "two points inside", "validate")
    world.write(HEAD.replace(
        "[sink", f'include = ["{far}/a.toml"]\n\n[sink', 1))
    unseen(world, "absolute", "validate")


@case
def not_files(world):
    """a pipe, a device or a socket in the folder keeps nobody waiting"""
    world.start()
    main = world.config / "patform.toml"
    for make in (lambda: os.mkfifo(main), lambda: main.symlink_to("/dev/zero"),
                 lambda: main.symlink_to("/dev/stdin"), main.mkdir,
                 lambda: main.symlink_to(main)):
        views.attack()
        make()
        for command in (["validate"], ["plan"]):
            result = world.run(*command)
            check(f"exit {result.code}", result.code in (1, 3), str(result))
            check(f"{result.seconds} s", result.seconds < 5)
        if main.is_dir() and not main.is_symlink():
            main.rmdir()
        else:
            main.unlink()


@case
def places(world):
    """a place does not leave its sink, whatever its name or its links"""
    world.start()
    target = world.folder / "victim"
    target.write_text("untouched", encoding="utf-8")
    (world.config / "secrets").mkdir()
    (world.config / "secrets" / "link").symlink_to(world.folder)
    (world.config / "secrets" / "file").symlink_to(target)
    (world.config / "secrets" / "hard").hardlink_to(target)
    for at in ("../../victim", "link/victim", "file", "hard", "/etc/victim",
               "x/../../../victim", "./../../victim", "link/new",
               ".patform.lock", "a\\u0000b", "a\\\\..\\\\b", "..", ".", "a/",
               "a//b", "~/victim", "x.patform.json"):
        views.attack()
        world.write(configuration(token(
            "a", deliver=f'[{{ to = "files", at = "{at}" }}]')))
        world.run("apply", "--auto-approve")
        check(f"{at}: the file outside", target.read_text() == "untouched")
        check(f"{at}: something new outside", sorted(
            p.name for p in world.folder.iterdir()) == [
                "config", "service", "victim"])
        for name, tokens in world.live().items():
            check(f"{at}: a token {name} without its secret",
                  world.secrets(), str(tokens))
        world.write(configuration())
        world.apply("--allow-revocations", "1")
    # What the links lead to is no secret of ours.
    (world.config / "secrets" / "file").unlink(missing_ok=True)
    (world.config / "secrets" / "hard").unlink(missing_ok=True)
    world.seen.discard("untouched")


@case
def sinks_outside(world):
    """a plan shows nothing of what is where a sink's path leads"""
    world.start()
    (world.folder / "outside").mkdir()
    (world.folder / "outside" / "a").write_text(SECRET, encoding="utf-8")
    (world.folder / "outside" / "agent.env").write_text(
        f"A={SECRET}\nB=\"{LATER}\n", encoding="utf-8")
    (world.folder / "outside" / "a.patform.json").write_text(
        f'"{SECRET}', encoding="utf-8")
    link = world.config / "linked"
    link.symlink_to(world.folder / "outside")
    for path in ("../outside", "linked", str(world.folder / "outside"),
                 "/proc/self", "/proc/self/fd", "/etc"):
        for kind in ("file", "dotenv"):
            for at in ("a", "environ", "agent.env", "passwd"):
                views.attack()
                key = ', key = "A"' if kind == "dotenv" else ""
                world.write(configuration(token(
                    "a", deliver=f'[{{ to = "files", at = "{at}"{key} }}]'))
                    .replace('"secrets"', f'"{path}"').replace(
                        '"file"', f'"{kind}"'))
                for command in (["plan"], ["status"], ["plan", "--format",
                                                       "json"]):
                    result = world.run(*command, HIDDEN_IN_PROC=SECRET)
                    said = result.out + result.err
                    for part in (SECRET, LATER, "root:x", SECRET[:16]):
                        check(f"{path} {at} {kind}: {command} shows it",
                              part not in said, said)
