"""One configuration over several organizations and many files."""

import re

from cases_adopt import make
from configuration import HEAD, configuration, token
from harness import case, check, equal

ORGANIZATIONS = ("contoso", "fabrikam", "adatum")
THREE = [word for name in ORGANIZATIONS
         for word in ("--organization", name)]


def lists(service, since=0):
    """How many lists of live tokens each organization was asked for."""
    counts = {}
    for request in service.requests()[since:]:
        match = re.match(r"GET /([^/]+)/_apis/tokens/pats\?(.*)$", request,
                         re.I)
        if match and "authorizationId" not in match[2] and (
                "continuationToken" not in match[2]):
            counts[match[1]] = counts.get(match[1], 0) + 1
    return counts


def place(name):
    return f'[{{ to = "files", at = "{name}" }}]'


def spanning():
    return configuration(
        token("a", deliver=place("a")),
        token("b", deliver=place("b"), organization="fabrikam"),
        token("c", deliver=place("c"), organization="adatum"),
        token("d", deliver=place("d"), organization="fabrikam"))


def refuse(service, organization):
    """From here on the service answers 403 there."""
    service.admin("POST", "faults", {
        "operation": "list", "nth": 1, "count": 99,
        "organization": organization, "action": {"status": 403}})


@case
def several_organizations(world):
    """three organizations: one plan over all, one list for each"""
    service = world.start(*THREE)
    world.write(spanning())
    plan = world.plan_json()
    equal("changes", [(c["address"], c["organization"])
                      for c in plan["resource_changes"]],
          [("token.a", "contoso"), ("fabrikam/token.b", "fabrikam"),
           ("adatum/token.c", "adatum"), ("fabrikam/token.d", "fabrikam")])
    equal("lists", lists(service), dict.fromkeys(ORGANIZATIONS, 1))
    world.apply()
    since = len(service.requests())
    world.settled()
    equal("lists of a settled plan", lists(service, since),
          dict.fromkeys(ORGANIZATIONS, 1))
    bearer = world.variables["PATFORM_ACCESS_TOKEN"]
    equal("tokens", {o: len(service.list(bearer, o)[0])
                     for o in ORGANIZATIONS},
          {"contoso": 1, "fabrikam": 2, "adatum": 1})
    # A token that moves: ended there in words, made here at another place.
    moved = (spanning().replace('organization = "adatum"',
                                'organization = "contoso"')
             .replace('at = "c"', 'at = "c2"'))
    moved += token("gone", deliver=None, organization="adatum",
                   ensure="absent", renamed_from="c")
    world.write(moved)
    plan = world.plan_json()
    equal("changes", sorted((c["address"], c["action"])
                            for c in plan["resource_changes"]),
          [("adatum/token.gone", "revoke"), ("token.c", "create")])
    world.apply()
    world.settled()
    equal("tokens", {o: len(service.list(bearer, o)[0])
                     for o in ORGANIZATIONS},
          {"contoso": 2, "fabrikam": 2, "adatum": 0})


@case
def one_name_in_two_organizations(world):
    """the same name in two organizations: two tokens, two addresses"""
    service = world.start(*THREE)
    world.write(configuration(
        token("ci", deliver=place("here")),
        head=HEAD.replace("[sink.files]",
                          'include = ["other.toml"]\n\n[sink.files]')))
    world.write(token("ci", deliver=place("there"), organization="fabrikam"),
                "other.toml")
    text = world.plan().out
    for line in ("  + token.ci", "  + fabrikam/token.ci"):
        check(f"no line {line}", line in text.splitlines(), text)
    world.apply()
    world.settled()
    equal("secrets", sorted(world.secrets()), ["here", "there"])
    for arguments in (["--target", "fabrikam/token.ci"],
                      ["--rotate", "fabrikam/token.ci"]):
        plan = world.plan_json("--rotate", "ci", *arguments) if (
            arguments[0] == "--target") else world.plan_json(*arguments)
        equal(f"{arguments}", [c["address"]
                               for c in plan["resource_changes"]],
              ["fabrikam/token.ci"])
    plan = world.plan_json("--rotate", "ci")
    equal("by the name alone", [c["address"]
                                for c in plan["resource_changes"]],
          ["token.ci", "fabrikam/token.ci"])
    world.apply("--rotate", "fabrikam/token.ci")
    world.settled()
    bearer = world.variables["PATFORM_ACCESS_TOKEN"]
    generation = {o: max(int(re.search(r"#(\d+)\.", t["displayName"])[1])
                         for t in service.list(bearer, o)[0])
                  for o in ("contoso", "fabrikam")}
    equal("generations", generation, {"contoso": 1, "fabrikam": 2})


@case
def one_organization_fails(world):
    """one organization cannot be read: exit 8, the others go on"""
    service = world.start(*THREE)
    world.write(spanning())
    refuse(service, "fabrikam")
    result = world.plan(expect=8)
    for line in ("  + token.a", "  + adatum/token.c"):
        check(f"no line {line}", line in result.out.splitlines(), result.out)
    for address in ("fabrikam/token.b", "fabrikam/token.d"):
        check(f"{address} is deferred", f"? {address}" in result.out,
              result.out)
    check("the reason", "the tokens of fabrikam could not be listed"
          in result.out, result.out)
    world.apply(expect=8)
    bearer = world.variables["PATFORM_ACCESS_TOKEN"]
    service.clear_faults()
    equal("tokens", {o: len(service.list(bearer, o)[0])
                     for o in ORGANIZATIONS},
          {"contoso": 1, "fabrikam": 0, "adatum": 1})
    # What is whole in itself has to be whole.
    refuse(service, "fabrikam")
    world.run("snapshot", "--out", str(world.folder / "world.json"), expect=4)
    check("no half snapshot", not (world.folder / "world.json").exists())
    service.clear_faults()
    world.apply()
    world.settled()
    # Nothing of what was made there before is lost or made twice.
    refuse(service, "fabrikam")
    world.plan(expect=8)
    # None can be read: the reason itself.
    for organization in ORGANIZATIONS:
        refuse(service, organization)
    world.plan(expect=4)


@case
def import_of_several(world):
    """import over several organizations; tables say which one"""
    world.start(*THREE)
    make(world, "here")
    make(world, "same")
    make(world, "there", organization="fabrikam")
    make(world, "same", organization="fabrikam")
    world.write(configuration(
        token("x", deliver=None, organization="fabrikam", ensure="absent"),
        head=HEAD.replace("[sink.files]",
                          'include = ["imported.toml"]\n\n[sink.files]')))
    world.run("import", "--out", str(world.config / "imported.toml"),
              expect=0)
    text = (world.config / "imported.toml").read_text()
    equal("tables", [line for line in text.splitlines()
                     if line.startswith(
                         ("[", "# [", "organization", "# organization"))],
          ["[token.here]", "[token.same]", "# [token.same]",
           '# organization = "fabrikam"', "[token.there]",
           'organization = "fabrikam"'])
    world.settled()


@case
def many_files(world):
    """10,000 tokens in 500 files; errors name the right file and line"""
    world.start(*THREE)
    files, each = 500, 20
    world.write(configuration(head=HEAD.replace(
        "[sink.files]", 'include = ["teams/*.toml"]\n\n[sink.files]')))

    def text(number):
        return "\n".join(
            token(f"t{number:03}-{n:02}", ("vso.code",),
                  place(f"t{number:03}-{n:02}")) for n in range(each))

    for number in range(files):
        world.write(text(number), f"teams/team-{number:03}.toml")
    result = world.run("validate", expect=0)
    check("all are read", f"{files * each} tokens, 1 sink, {files + 1} files"
          in result.out, result.out)
    plan = world.plan_json()
    equal("to create", plan["summary"]["create"], files * each)
    # Three mistakes, one of them across files.
    world.write(text(7).replace('"vso.code"', '"vso.cod"', 1),
                "teams/team-007.toml")
    world.write(text(123).replace("t123-19", "t007-00"),
                "teams/team-123.toml")
    world.write(text(499).replace("scopes", "scpoes", 1),
                "teams/team-499.toml")
    error = world.plan(expect=3).err
    for line in ('team-007.toml:2:11: error: unknown scope "vso.cod"',
                 'team-123.toml:77:8: error: token "t007-00" is declared '
                 'twice',
                 "team-499.toml:2:1: error: unknown key `scpoes`"):
        check(f"no line {line}", line in error, error[:2000])
    check("the other place", "teams/team-007.toml:1" in error, error[:2000])


@case
def lists_that_show_other_organizations(world):
    """a service that lists the tokens of all organizations everywhere: each
    token is planned for in its own, and none is taken for another's"""
    service = world.start(*THREE, "--set", "list_organizations=all")
    world.write(spanning())
    world.apply()
    world.settled()
    equal("created", sum(r.startswith("POST ") for r in service.requests()), 4)
    equal("revoked", [r for r in service.requests()
                      if r.startswith("DELETE ")], [])
    world.apply("--rotate", "b")
    world.settled()
    # Somebody else's configuration of the same workspace: one organization.
    for name in ("a", "b", "c", "d"):
        check("it is there", (world.config / "secrets" / name).exists())
    world.write(configuration(token("a", deliver=place("a"))))
    world.settled()
    check("no unmanaged tokens of other organizations",
          "b ~pf" not in world.plan().out)
    # A token that left the file is ended where it is.
    world.write(spanning().replace('[token."d"]', '[token."e"]')
                .replace('at = "d"', 'at = "e"'))
    plan = world.plan_json()
    equal("changes", sorted((c["address"], c["action"])
                            for c in plan["resource_changes"]),
          [("fabrikam/token.d", "revoke"), ("fabrikam/token.e", "create")])
    world.apply()
    world.settled()


@case
def global_tokens_stand_in_every_list(world):
    """a token for all organizations stands in every list and is one token"""
    service = world.start(*THREE)
    world.write(spanning() + token("g", deliver=None, organization="fabrikam",
                                   all_organizations=True))
    make(world, "g ~pf:e2e#1.abcdefghijklmnop", allOrgs=True)
    make(world, "nobody's", allOrgs=True)
    world.apply()
    world.settled()
    equal("revoked", [r for r in service.requests()
                      if r.startswith("DELETE ")], [])
    equal("unmanaged", world.plan().out.count("nobody's"), 1)


@case
def a_mark_copied_into_another_organization(world):
    """a name copied into another organization makes nobody ours"""
    world.start(*THREE)
    world.write(configuration(
        token("a", deliver=place("a")),
        token("b", deliver=place("b"), organization="fabrikam")))
    world.apply()
    mark = world.live()["a"][0]["displayName"]
    make(world, mark, organization="fabrikam")
    result = world.plan("--detailed-exitcode", expect=0)
    check("nothing is done about it", "No changes." in result.out, result.out)
    world.apply()
    bearer = world.variables["PATFORM_ACCESS_TOKEN"]
    equal("it lives", len(world.service.list(bearer, "fabrikam")[0]), 2)
