"""The sink "github-secrets" against GitHub's API, whose boxes PyNaCl opens."""

import os
import pathlib
import subprocess

from configuration import configuration, token
from github import READ_TOKEN, TOKEN, Github
from harness import case, check, equal
from stage import HEAD, free_port, served, stage, to

EXAMPLE = (pathlib.Path(__file__).resolve().parents[2]
           / "examples/sinks/github-secrets/patform.toml")


def begin(world, *tokens, **more):
    github = stage(world, Github(world))
    world.variables["PATFORM_GITHUB_TOKEN"] = TOKEN
    declare(world, github, *(tokens or (ci(),)), **more)
    return github


def ci(**more):
    return token("ci", deliver=to("github", "ADO_PAT"), **more)


def declare(world, github, *tokens, **more):
    world.write(configuration(*tokens, head=HEAD + github.sink(**more)))


@case
def story(world):
    """github: created, rotated, revoked; each plan after is empty"""
    github = begin(world)
    world.apply()
    first = served(world, github.value("ADO_PAT"))
    world.settled()
    github.renew_key()
    world.apply("--rotate", "token.ci")
    second = served(world, github.value("ADO_PAT"))
    check("another one", second != first)
    world.settled()
    declare(world, github, ci(ensure="absent"))
    world.apply()
    equal("what is left", (github.secrets, github.variables), ({}, {}))
    world.settled()


@case
def drift(world):
    """github: what another client wrote is replaced, once it is not young"""
    github = begin(world)
    world.apply()
    later(world, github, 3600)
    github.write("ADO_PAT", "by hand")
    result = world.plan(expect=8)
    check("it is seen", "its record is not of that version yet" in " ".join(
        (result.out + result.err).split()), str(result))
    later(world, github, 3600)
    world.apply()
    served(world, github.value("ADO_PAT"))
    world.settled()


def later(world, github, seconds):
    world.later(seconds)
    github.ahead += seconds


@case
def foreign(world):
    """github: a secret of somebody else is left alone, unless adopted"""
    github = begin(world)
    github.write("ADO_PAT", "by hand")
    result = world.apply(expect=None)
    check("why", "there is no variable ADO_PAT_PATFORM" in " ".join(
        (result.out + result.err).split()), str(result))
    equal("left alone", github.value("ADO_PAT"), "by hand")
    declare(world, github,
            token("ci", deliver=to("github", "ADO_PAT", adopt=True)))
    world.apply()
    served(world, github.value("ADO_PAT"))
    world.settled()


@case
def roles(world):
    """github: a token that reads is enough to plan, and mints nothing"""
    github = begin(world)
    world.apply()
    world.variables["PATFORM_GITHUB_TOKEN"] = READ_TOKEN
    github.lines.clear()
    world.settled()
    equal("a plan's requests", [line for line in github.lines
                                if not line.startswith("GET ")], [])
    result = world.apply("--rotate", "token.ci", expect=1)
    check("it may not write", "so nothing was minted" in " ".join(
        result.out.split()), str(result))


@case
def refusals(world):
    """github: no token, a hidden repository, no connection: unknown"""
    github = begin(world)
    world.apply()
    value = github.value("ADO_PAT")
    for variables, sink, want in [
            ({"PATFORM_GITHUB_TOKEN": None}, {}, "set PATFORM_GITHUB_TOKEN"),
            ({"PATFORM_GITHUB_TOKEN": "ghp_x"}, {}, "Bad credentials"),
            ({}, {"repository": "hidden/app"}, "may the token see it?"),
            ({"PATFORM_ALLOW_HOSTS": None}, {}, "--allow-host")]:
        declare(world, github, ci(), **sink)
        result = world.plan(expect=8, **variables)
        check(want, want in " ".join((result.out + result.err).split()),
              str(result))
    nobody = f"127.0.0.1:{free_port()}"
    declare(world, github, ci(), repository="contoso/app",
            address=f"http://{nobody}")
    world.hurry(20)
    world.plan(expect=8, PATFORM_ALLOW_HOSTS=nobody)
    equal("unchanged", github.value("ADO_PAT"), value)


@case
def many(world):
    """github: forty places by lists, and one that nobody names any more"""
    names = [f"T{i:02}" for i in range(40)]
    tokens = [token(name.lower(), deliver=to("github", name))
              for name in names]
    github = begin(world, *tokens)
    world.apply()
    github.lines.clear()
    world.settled()
    check("by lists", len(github.lines) <= 6, str(github.lines))
    declare(world, github, *tokens[1:])
    world.apply()
    equal("the stray", github.value("T00"), None)
    world.settled()


@case
def organization(world):
    """github: secrets of an organization"""
    github = begin(world, organization="contoso", visibility="selected")
    world.apply()
    served(world, github.value("ADO_PAT", "/orgs/contoso/actions"))
    world.settled()
    world.apply("--rotate", "token.ci")
    served(world, github.value("ADO_PAT", "/orgs/contoso/actions"))


@case
def example(world):
    """github: the configuration of the examples, of an environment"""
    github = begin(world)
    world.write(EXAMPLE.read_text().replace(
        'repository = ', f'address = "{github.url}"\nrepository = '))
    world.apply()
    served(world, github.value(
        "ADO_PACKAGING_PAT",
        "/repos/contoso/app/environments/production"))
    world.settled()


@case
def judged_by_gh(world):
    """github: GitHub's own program writes, lists and removes the same way"""
    github = stage(world, Github(world, tls=True))
    world.variables["PATFORM_GITHUB_TOKEN"] = TOKEN

    def gh(*words):
        done = subprocess.run(
            ["gh", "secret", *words, "--repo",
             f"{github.authority}/contoso/app"], text=True,
            capture_output=True, stdin=subprocess.DEVNULL,
            env={"PATH": os.environ["PATH"], "GH_HOST": github.authority,
                 "GH_ENTERPRISE_TOKEN": TOKEN, "HOME": str(world.folder),
                 "SSL_CERT_FILE": str(github.certificate)})
        equal(f"gh secret {words[0]}: {done.stderr}", done.returncode, 0)
        return done.stdout

    gh("set", "BY_HAND", "--body", "of a person")
    equal("what gh wrote", github.value("BY_HAND"), "of a person")
    declare(world, github, ci(), type="github-secrets",
            repository="contoso/app", address=github.url + "/api/v3")
    world.apply()
    served(world, github.value("ADO_PAT"))
    listed = gh("list")
    check("gh sees both", "ADO_PAT" in listed and "BY_HAND" in listed, listed)
    gh("delete", "ADO_PAT")
    equal("gone", github.value("ADO_PAT"), None)
    world.apply()
    served(world, github.value("ADO_PAT"))
    equal("the other stays", github.value("BY_HAND"), "of a person")
    world.settled()
