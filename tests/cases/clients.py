"""Other clients of the API, in the shapes in which they send their requests,
against the emulator: who rehearses with it must not have to rewrite them."""

import datetime
import json
import re
import urllib.parse

import inputs
from configuration import HEAD, configuration, token
from harness import case, check, equal

PATS = "/contoso/_apis/tokens/pats"
PATS_ID = "55967393-20ef-45c6-a96c-b5d5d5986a9a"
AREAS_ID = "e81700f7-3be2-46de-8624-2eb35882fcaa"
VERSION = "?api-version=7.1-preview.1"


def bearer(world, **more):
    return {"Authorization": f"Bearer {world.service.token(**more)}"}


def read(answer):
    return json.loads(answer[2])


def in_days(days):
    now = datetime.datetime.now(datetime.timezone.utc)
    return (now + datetime.timedelta(days=days)).replace(microsecond=0)


def made(world, body, path=PATS + VERSION, **headers):
    """The answer to a create with exactly these bytes."""
    status, _, answer = world.service.call(
        "POST", path, body if isinstance(body, bytes) else body.encode(),
        {**bearer(world), **headers})
    return status, json.loads(answer)


def milliseconds(when):
    return int(when.timestamp() * 1000)


# How public scripts write a date; %-codes, or a function of it.
DATES = {
    "the portal": "%Y-%m-%dT%H:%M:%S.000Z",
    "JavaScript, toISOString": "%Y-%m-%dT%H:%M:%S.000Z",
    "Python, isoformat": "%Y-%m-%dT%H:%M:%S",
    "Python, isoformat with a zone": "%Y-%m-%dT%H:%M:%S+00:00",
    "bash, date -Iminutes": "%Y-%m-%dT%H:%M+00:00",
    "an HTML form": "%Y-%m-%dT%H:%M",
    "bash, date '+%F %T'": "%Y-%m-%d %H:%M:%S",
    "bash, date +%F": "%Y-%m-%d",
    "PowerShell 7, (Get-Date).ToString()": "%m/%d/%Y %H:%M:%S",
    "PowerShell, ToString('d')": "%m/%d/%Y",
    "PowerShell, in the afternoon": "%m/%d/%Y %I:%M:%S %p",
    "HTTP": "%a, %d %b %Y %H:%M:%S GMT",
    "a person": "%d %B %Y",
    "PowerShell 5, ConvertTo-Json": lambda when:
        f"\\/Date({milliseconds(when)})\\/",
    ".NET Framework": lambda when: f"\\/Date({milliseconds(when)}+0100)\\/",
}


@case
def dates(world):
    """dates as public scripts write them make tokens of that end"""
    world.start()
    when = in_days(30)
    for client, form in inputs.each(DATES.items()):
        text = form(when) if callable(form) else when.strftime(form)
        status, answer = made(
            world, '{"displayName":"a","scope":"vso.code","validTo":"'
            + text + '"}')
        equal(f"{client}: {text}", (status, answer.get("patTokenError")),
              (200, "none"))
        got = answer["patToken"]["validTo"]
        wanted = when.strftime("%Y-%m-%dT%H:%M:%SZ")
        # Of some forms a part of the time is not there.
        if "%S" not in str(form) and not callable(form):
            got, wanted = got[:16], wanted[:16]
        if "%H" not in str(form) and "%I" not in str(form) and not callable(
                form):
            got, wanted = got[:10], wanted[:10]
        equal(f"{client}: {text}", got, wanted)


@case
def days_first(world):
    """dates that no .NET reader takes in its own culture are refused"""
    world.start()
    for text in inputs.each(("31/12/2026", "31.12.2026", "tomorrow",
                             "2026-02-30", "")):
        status, answer = made(world, json.dumps(
            {"displayName": "a", "scope": "vso.code", "validTo": text}))
        equal(text, (status, answer.get("typeKey")),
              (400, "JsonReaderException"))


BODIES = {
    "JSON": '{"displayName":"a","scope":"vso.code","allOrgs":false}',
    "the sample app, all texts":
        '{"displayName":"a","scope":"vso.code","allOrgs":"false"}',
    "Python's own words": '{"displayName":"a","scope":"vso.code",'
                          '"allOrgs":"False"}',
    "a flag as a number": '{"displayName":"a","scope":"vso.code","allOrgs":0}',
    "az rest, from a file of Windows":
        '\ufeff{"displayName":"a","scope":"vso.code"}',
    "curl, from JavaScript": "{displayName:'a',scope:'vso.code'}",
    "single quotes": "{'displayName':'a','scope':'vso.code'}",
    "a comma too many": '{"displayName":"a","scope":"vso.code",}',
    "comments": '{"displayName":"a", // a name\n"scope":"vso.code"}',
    "names of .NET": '{"DisplayName":"a","Scope":"vso.code","AllOrgs":false}',
    "more than is asked for": '{"displayName":"a","scope":"vso.code",'
                              '"targetAccounts":[{"x":1}],"validFrom":null}',
}


@case
def bodies(world):
    """bodies that the service's reader takes, JSON or nearly so"""
    world.start()
    for client, body in inputs.each(BODIES.items()):
        status, answer = made(world, body)
        equal(client, (status, answer.get("patTokenError")), (200, "none"))
        pat = answer["patToken"]
        equal(client, (pat["displayName"], pat["scope"]), ("a", "vso.code"))
        check(f"{client}: for one organization", pat["targetAccounts"])
    for body in inputs.each(('{"displayName":"a"', '["a"]', '{"displayName"}',
                             '{"allOrgs":maybe}', "")):
        status, answer = made(world, body)
        equal(body, (status, answer.get("typeKey")),
              (400, "JsonReaderException"))


@case
def sample_app(world):
    """Microsoft's sample: 6.1-preview, every value a text, the id in the query
    or the body, an empty answer to a revocation"""
    service = world.start()
    path = "/contoso/_apis/Tokens/Pats?api-version=6.1-preview"
    headers = bearer(world)
    _, _, answer = service.call("POST", path, {
        "displayName": "sample", "scope": "vso.code",
        "validTo": in_days(9).strftime("%Y-%m-%dT%H:%M:%S.319Z"),
        "allOrgs": "false"}, headers)
    pat = json.loads(answer)["patToken"]
    check("a secret", pat["token"], pat)
    check("7.2's member came with 7.2",
          "patTokenErrorMessage" not in json.loads(answer), answer)
    identity = pat["authorizationId"]
    listed = read(service.call("GET", path, None, headers))
    equal("listed", [p["displayName"] for p in listed["patTokens"]],
          ["sample"])
    one = read(service.call("GET", f"{path}&authorizationId={identity}", None,
                            headers))
    equal("one", one["patToken"]["authorizationId"], identity)
    changed = read(service.call("PUT", path, {
        "authorizationId": identity, "displayName": "other",
        "scope": "vso.work", "allOrgs": "True"}, headers))
    equal("changed", (changed["patToken"]["displayName"],
                      changed["patToken"]["targetAccounts"]), ("other", None))
    status, _, answer = service.call(
        "DELETE", f"{path}&authorizationId={identity}", None, headers)
    equal("revoked", (status, answer), (204, b""))


@case
def scripts(world):
    """public scripts: how they page, filter, name versions and revoke"""
    service = world.start()
    for number in range(25):
        service.mint(f"t{number:02}")
    headers = bearer(world)
    for client, query, more, count in inputs.each((
            ("a first page alone", VERSION, {}, 25),
            ("AzureAuth: Pascal case, its version in Accept",
             "?displayFilterOption=Active&sortByOption=DisplayDate&"
             "isSortAscending=False&$top=100",
             {"Accept": "application/json; api-version=7.1-preview.1"}, 25),
            ("encoded", VERSION + "&%24top=10&displayFilterOption=all", {}, 10),
            ("az rest: no type of content", VERSION + "&$top=5",
             {"Content-Type": "application/x-www-form-urlencoded"}, 5),
            ("Invoke-RestMethod", VERSION + "&continuationToken=",
             {"Accept": "*/*"}, 25))):
        answer = service.call("GET", PATS + query, None, {**headers, **more})
        equal(client, answer[0], 200)
        equal(client, len(read(answer)["patTokens"]), count)
    # A rotation as the service's documentation has it: look, make another of
    # the same name, revoke the old one.
    old = read(service.call("GET", PATS + VERSION, None, headers))
    pat = old["patTokens"][0]
    _, new = made(world, json.dumps({
        key: pat[key] for key in ("displayName", "scope", "validTo")}))
    check("two of one name", new["patToken"]["displayName"] == "t00")
    for expected in (204, 404):
        status, _, answer = service.call(
            "DELETE", f"{PATS}{VERSION}&authorizationId="
            + pat["authorizationId"], None, headers)
        equal("revoked", status, expected)
    equal("already gone", json.loads(answer)["typeKey"],
          "SessionTokenNotFoundException")


def negotiated(location, wanted):
    """As the client libraries do it: what the server has, at most."""
    newest = float(location["maxVersion"])
    number = float(re.match(r"[\d.]+", wanted).group())
    if number > newest:
        return f"{location['maxVersion']}-preview"
    return wanted


def url_of(location, **values):
    """The route, without the parts that have no value."""
    parts = []
    for part in location["routeTemplate"].split("/"):
        name = part.strip("{}*")
        if part == name:
            parts.append(part)
        elif name == "area":
            parts.append(location["area"])
        elif name == "resource":
            parts.append(location["resourceName"])
        elif name in values:
            parts.append(values[name])
    return "/".join(parts)


@case
def libraries(world):
    """Microsoft's client libraries find the resource before they use it: by
    OPTIONS for all, for an area, at the deployment; by areas; by connection"""
    service = world.start()
    headers = bearer(world)
    for library, path in inputs.each((
            ("Python and .NET", "/contoso/_apis"),
            ("Python, all hosts", "/contoso/_apis?allHostTypes=True"),
            ("Python, at the deployment", "/_apis"),
            (".NET, with a slash", "/contoso/_apis/"),
            ("Node", "/contoso/_apis/tokens"))):
        for who in (headers, {}):
            status, _, answer = service.call("OPTIONS", path, None, who)
            equal(library, status, 200)
            body = json.loads(answer)
            equal(library, body["count"], len(body["value"]))
            (location,) = [each for each in body["value"]
                           if each["id"] == PATS_ID]
            equal(library, float(location["minVersion"]), 6.1)
        for wanted in ("7.1-preview.1", "7.2-preview.1", "9.9-preview.1"):
            status, _, answer = service.call(
                "GET", "/contoso/" + url_of(location), None,
                {**headers, "Accept": "application/json;api-version="
                 + negotiated(location, wanted)})
            equal(f"{library}: {wanted}", status, 200)
    locations = read(service.call("OPTIONS", "/contoso/_apis/Location"))
    (areas,) = [each for each in locations["value"] if each["id"] == AREAS_ID]
    for where in (url_of(areas), url_of(areas, areaId=PATS_ID)):
        answer = read(service.call(
            "GET", "/contoso/" + where, None,
            {"Accept": "application/json;api-version=7.1-preview.1"}))
        (area,) = [each for each in answer.get("value", [answer])
                   if each["id"] == PATS_ID]
        equal(where, area["locationUrl"], f"{service.url}/contoso/")
    connected = read(service.call(
        "GET", "/contoso/_apis/connectionData?connectOptions=1&"
        "lastChangeId=-1&lastChangeId64=-1", None, headers))
    (mapping,) = connected["locationServiceData"]["accessMappings"]
    equal("connected", mapping["accessPoint"], f"{service.url}/contoso/")
    status, _, _ = service.call("OPTIONS", "/nobody/_apis")
    equal("an organization that is not there", status, 404)


@case
def versions(world):
    """a version that is refused is named, with what there is"""
    service = world.start()
    headers = bearer(world)
    for version, words in inputs.each((
            ("7.1", 'For example: "7.1-preview"'),
            ("9.9-preview.1", "version of 9.9 is out of range for this "
             "server. The latest REST API version this server supports is "
             "7.2."),
            ("7.1-preview.2", "version 7.1-preview.2 is outside of the valid "
             "range of this resource: 6.1-preview.1 to 7.2-preview.1."),
            ("6.0-preview", "version 6.0-preview is outside of the valid "
             "range of this resource: 6.1-preview.1 to 7.2-preview.1."))):
        status, _, answer = service.call(
            "GET", f"{PATS}?api-version={version}", None, headers)
        equal(version, status, 400)
        check(version, words in json.loads(answer)["message"], answer)


@case
def audiences(world):
    """a bearer for the service's address is as good as one for its id, for
    patform too; vso.tokens is a switch"""
    service = world.start()
    world.write(configuration(token("ci")))
    for audience, status in inputs.each((
            ("499b84ac-1321-427f-aa17-267ca6975798", 200),
            ("https://app.vssps.visualstudio.com", 200),
            ("https://app.vssps.visualstudio.com/", 200),
            ("https://management.azure.com/", 302),
            ("https://app.vssps.visualstudio.com.evil.example", 302))):
        made_for = service.token(audience=audience)
        got, _, _ = NoRedirects(service).get(
            PATS + VERSION, {"Authorization": f"Bearer {made_for}"})
        equal(audience, got, status)
        if status == 200:
            world.plan(PATFORM_ACCESS_TOKEN=made_for)
    headers = bearer(world, scopes="vso.tokens")
    equal("vso.tokens", service.call("GET", PATS + VERSION, None,
                                     headers)[0], 403)
    service.switch(vso_tokens="accept")
    equal("vso.tokens", service.call("GET", PATS + VERSION, None,
                                     headers)[0], 200)


class NoRedirects:
    """The service, asked once."""

    def __init__(self, service):
        self.service = service

    def get(self, path, headers):
        import http.client
        import ssl
        at = urllib.parse.urlsplit(self.service.url)
        context = ssl._create_unverified_context()
        connection = (http.client.HTTPSConnection(at.netloc, context=context)
                      if at.scheme == "https"
                      else http.client.HTTPConnection(at.netloc))
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer.status, dict(answer.headers), body


@case
def expired(world):
    """an expired token takes no change at all, as since sprint 271; patform
    makes another"""
    service = world.start()
    world.write(configuration(token("ci", lifetime="2d", rotate_before="1d")))
    world.apply()
    (old,) = world.live()["ci"]
    world.later(3 * 86400)
    for change in inputs.each((
            {"displayName": "other"}, {"scope": "vso.work"},
            {"allOrgs": True}, {"validTo": in_days(20).isoformat()})):
        status, _, answer = service.call(
            "PUT", PATS + VERSION,
            {"authorizationId": old["authorizationId"], **change},
            bearer(world))
        equal(str(change), (status, json.loads(answer)["patTokenError"]),
              (200, "expiredPatCannotBeExtended"))
    world.apply()
    world.settled()
    (new,) = world.live()["ci"]
    check("another one", new["authorizationId"] != old["authorizationId"])


@case
def policies(world):
    """an organization that lets only packaging tokens be made; a challenge for
    claims: patform reports each and delivers nothing"""
    service = world.start()
    service.switch(creation="packaging_only")
    world.write(configuration(token("feed", scopes=("vso.packaging_write",)),
                              token("ci")))
    result = world.apply(expect=None)
    check("one is refused", result.code not in (0, 1), str(result))
    check("by name", "disablePatCreationPolicyViolation" in result.err
          + result.out or "polic" in result.err + result.out, str(result))
    equal("made", sorted(world.live()), ["feed"])
    service.switch(creation="allowed", claims_challenge="writes")
    result = world.apply(expect=None)
    check("challenged", result.code == 4, str(result))
    service.switch(claims_challenge="off")
    world.apply()
    world.settled()


@case
def twins(world):
    """import after the service's own recipe of a rotation: the newest of one
    name is declared, the other is in `replaces` and lives on"""
    service = world.start()
    old = service.mint("ci-build")
    new = service.mint("ci-build")
    world.write(HEAD.replace("[sink.files]",
                             'include = ["imported.toml"]\n\n[sink.files]'))
    path = world.config / "imported.toml"
    for flags, meant, other in inputs.each((
            ((), new, old), (("--id", old), old, new), (("--id", new), new, old),
            (("ci-*",), new, old))):
        result = world.run("import", "--out", str(path), "--force", *flags,
                           expect=0)
        text = path.read_text(encoding="utf-8")
        check("the one that is meant", f"# id {meant}," in text, text)
        check("the other", f'\nreplaces = ["{other}"]\n' in text, text)
        check("which is newest", ("# Newest of this name." in text) ==
              (meant == new), text)
        check("one table", "Wrote 1 token" in result.out, str(result))
        world.settled()
    equal("alive", len(world.live()["ci-build"]), 2)
    # With a place it is replaced, and with it both.
    text += ('deliver = [{ to = "files", at = "ci" }]\n')
    path.write_text(text.replace("expires =", "# expires =")
                    .replace(f'["{old}"]', f'["{old}", "{new}"]'),
                    encoding="utf-8")
    world.apply("--allow-revocations", "2")
    world.settled()
    check("a secret", world.secrets())
