"""Which files count: patterns of `include`, links, folders that went away."""

import os

from configuration import HEAD, configuration, token
from harness import case, check, equal
from inputs import each


def including(*items):
    return "include = [" + ", ".join(items) + "]\n" + HEAD


def teams(world, count):
    for i in range(count):
        world.write(token(f"t{i}"), f"teams/t{i}.toml")


@case
def patterns_of_other_programs(world):
    """a pattern that means something elsewhere is an error and no file's name"""
    teams(world, 1)
    for pattern in each(["**/*.toml", "teams/**", "teams/{t0,t1}.toml",
                         "teams/t[0-9].toml", "!teams/t0.toml", "", ".",
                         "teams\\\\t0.toml", "/teams/*.toml", "../*.toml"]):
        world.write(including(f'"{pattern}"'))
        result = world.run("validate", expect=3)
        check(pattern, "patform.toml:1:12: error: the include " in result.err,
              result.err)


@case
def nothing_matches(world):
    """a pattern without a file is an error, unless it is optional"""
    teams(world, 1)
    for item, near in each([('"Teams/*.toml"', "did you mean `teams`?"),
                            ('"teams/*.tml"', "optional = true"),
                            ('"teams/t1.toml"', "did you mean `t0.toml`?"),
                            ('"team/t0.toml"', "did you mean `teams`?")]):
        world.write(including(item))
        result = world.run("validate", expect=3)
        check(item, near in result.err, result.err)
    world.write(including('{ glob = "Teams/*.toml", optional = true }'))
    world.run("validate", expect=0)


@case
def entries_that_cannot_be_read(world):
    """whatever a pattern matches is read or is an error"""
    for name, make, words in each([
            ("dangling", lambda p: p.symlink_to("gone"), "leads nowhere"),
            ("loop", lambda p: p.symlink_to(p.name), "leads to itself"),
            ("pipe", os.mkfifo, "cannot be read"),
            ("folder", lambda p: p.mkdir(), "this is a directory"),
            ("empty", lambda p: p.touch(), "the file is empty"),
            ("outside", lambda p: p.symlink_to("/etc/hosts"),
             "leads out of the directory")]):
        teams(world, 1)
        path = world.config / "teams" / f"{name}.toml"
        make(path)
        for item in ('"teams/*.toml"', f'"teams/{name}.toml"',
                     f'"*/{name}.toml"',
                     '{ glob = "teams/*.toml", optional = true }'):
            world.write(including(item))
            result = world.run("validate", expect=3)
            check(f"{name} by {item}", words in result.err, result.err)
            check("no suggestion of its own name",
                  f"did you mean `{name}.toml`" not in result.err, result.err)
        path.rmdir() if path.is_dir() and not path.is_symlink() else (
            path.unlink())


@case
def a_folder_that_went_away(world):
    """a small fleet is not revoked because its files are not found"""
    world.start()
    teams(world, 3)
    world.write(including('{ glob = "teams/*.toml", optional = true }'))
    world.apply()
    (world.config / "teams").rename(world.config / "away")
    for command in each([["apply", "-y"], ["plan"]]):
        result = world.run(*command, expect=5)
        check("the guard", "the plan revokes 3 of the 3 tokens that this "
              "workspace has" in " ".join(result.out.split()), result.out)
    equal("alive", sorted(world.live()), ["t0", "t1", "t2"])
    world.plan("--allow-revocations", "3")
    (world.config / "away").rename(world.config / "teams")
    # One of three may go, two may not.
    (world.config / "teams" / "t0.toml").unlink()
    world.plan()
    (world.config / "teams" / "t1.toml").unlink()
    world.plan(expect=5)
    world.write(including('"teams/*.toml"')
                + '\n[policy]\nmax_revocations = "100%"\n')
    world.plan()
