"""The sink "variable-group": the emulator's variable groups, and the real
patform with bearers of its user."""

import json
import pathlib
import urllib.parse

from configuration import configuration, token
from harness import case, check, equal
from stage import HEAD, stage, to

EXAMPLE = (pathlib.Path(__file__).resolve().parents[2]
           / "examples/sinks/variable-group/patform.toml")
ALL = ["vso.pats", "vso.pats_manage", "vso.variablegroups_manage"]
GROUPS = "_apis/distributedtask/variablegroups"


class Library:
    """One project with a group, as its pipelines see it."""

    certificate = None
    authority = ""

    def __init__(self, world):
        self.world = world

    def sink(self, more=""):
        return ('[sink.library]\ntype = "variable-group"\n'
                'organization = "contoso"\nproject = "web"\n'
                f'address = "{self.world.service.url}"\n{more}\n')

    def ask(self, method, path, body=None):
        bearer = self.world.service.token(scopes=ALL)
        status, _, answer = self.world.service.call(
            method, f"/contoso/{path}?api-version=7.1", body,
            {"Authorization": f"Bearer {bearer}"})
        equal(f"{method} {path}", status, 200)
        return json.loads(answer)

    def make(self, name="patform", **variables):
        return self.ask("POST", GROUPS, {
            "name": name, "type": "Vsts",
            "variables": {key: {"value": value, "isSecret": True}
                          for key, value in variables.items()},
            "variableGroupProjectReferences": [{
                "name": name,
                "projectReference": {"id": "1", "name": "web"}}]})["id"]

    def variables(self, number):
        return self.ask("GET", f"web/{GROUPS}/{number}")["variables"]


def begin(world, more="", scopes=ALL):
    library = Library(world)
    stage(world, library)
    address = urllib.parse.urlsplit(world.service.url)
    world.variables |= {"PATFORM_ALLOW_HOSTS": address.netloc,
                        "PATFORM_ACCESS_TOKEN":
                        world.service.token(scopes=scopes)}
    world.write(configuration(
        token("ci", deliver=to("library", "patform", "NUGET_PAT")),
        head=HEAD + library.sink(more)))
    return library


@case
def story(world):
    """variable-group: delivered, settled, rotated, revoked and removed"""
    library = begin(world)
    number = library.make()
    world.apply()
    variables = library.variables(number)
    equal("variables", sorted(variables),
          ["NUGET_PAT", "NUGET_PAT.patform", "patform.written"])
    equal("no answer has the secret", variables["NUGET_PAT"]["value"], None)
    record = json.loads(variables["NUGET_PAT.patform"]["value"])
    equal("the record's token", record["token"], "ci")
    world.settled()
    world.apply("--rotate", "ci")
    world.settled()
    equal("the next generation", json.loads(library.variables(number)[
        "NUGET_PAT.patform"]["value"])["generation"], 2)
    world.write(configuration(head=HEAD + library.sink()))
    world.apply("--allow-revocations", "9")
    equal("nothing is left but patform's own note",
          sorted(library.variables(number)), ["patform.written"])


@case
def others_stay(world):
    """variable-group: in a shared group every other variable stays"""
    library = begin(world, "shared = true\n")
    number = library.make(THEIRS="hunter2")
    world.apply()
    world.apply("--rotate", "ci")
    check("their variable is there",
          "THEIRS" in library.variables(number))


@case
def a_group_of_others(world):
    """variable-group: a group of others is refused before anything is minted"""
    library = begin(world)
    library.make(THEIRS="hunter2")
    result = world.apply(expect=None)
    check("apply fails", result.code != 0)
    check("it says why", "which patform did not put there" in result.err
          + result.out)
    equal("tokens", world.live(), {})


@case
def a_reader_plans(world):
    """variable-group: reading suffices for a plan and not for an apply"""
    library = begin(world, scopes=["vso.pats", "vso.pats_manage",
                                   "vso.variablegroups_read"])
    library.make()
    world.plan("--detailed-exitcode", expect=2)
    result = world.apply(expect=None)
    check("apply fails", result.code != 0)
    check("it says why", "this user may not change it" in result.err
          + result.out)
    equal("tokens", world.live(), {})


@case
def no_scope_and_no_group(world):
    """variable-group: what cannot be seen is unknown, and nothing is made"""
    begin(world, scopes=["vso.pats", "vso.pats_manage"])
    result = world.plan(expect=8)
    check("it names the scope", "vso.variablegroups_manage" in result.out
          + result.err)
    world.variables["PATFORM_ACCESS_TOKEN"] = world.service.token(scopes=ALL)
    result = world.plan(expect=8)
    check("it says what to do", "there is none of that name" in result.out
          + result.err)


@case
def example(world):
    """variable-group: the configuration of the examples"""
    library = begin(world)
    number = library.make()
    world.write(EXAMPLE.read_text().replace(
        'project = "web"\n',
        f'project = "web"\naddress = "{world.service.url}"\n'))
    world.apply()
    check("delivered", "NUGET_PAT" in library.variables(number))
    world.settled()
