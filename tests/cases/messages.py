"""What people read when something is wrong: bearers, certificates, slips in
the file, scopes, flags."""

import json
import re

from configuration import configuration, many, token
from harness import case, check, equal
from inputs import each

HEAD = 'format = 1\nworkspace = "w"\norganization = "contoso"\n'


def sentences(text):
    """How many a message has."""
    return len(re.findall(r"[.;] |\.$", text.strip()))


@case
def bearers_that_are_none(world):
    """a bearer with something around it is refused before it is sent"""
    service = world.start()
    world.write(many(1))
    good = world.variables["PATFORM_ACCESS_TOKEN"]
    sent = len(service.requests())
    for bearer, words in each((
            (f'"{good}"', "has quotation marks around it"),
            (f"'{good}'", "has quotation marks around it"),
            (f"{good}'", "has quotation marks around it"),
            (f"\u201c{good}\u201d", "has quotation marks around it"),
            ("$(ADO_BEARER)", "that nothing has replaced by its value"),
            ("${{ secrets.ADO_BEARER }}", "that nothing has replaced"),
            ("${ADO_BEARER}", "that nothing has replaced by its value"),
            ("%ADO_BEARER%", "that nothing has replaced by its value"),
            (good + "\\n", "contains a backslash"),
            (f"Bearer {good}", "begins with the word Bearer"),
            ('{"accessToken": "' + good + '"}', "is JSON"),
            (good + " ", "contains a space"),
            (good + "\n", "contains a space, a line break"),
            (f"<{good}>", "another character"),
            ("null", "is a word for \"nothing\""),
            ("None", "is a word for \"nothing\""))):
        result = world.plan(expect=4, PATFORM_ACCESS_TOKEN=bearer)
        check(bearer[:9], words in result.err
              and "without quotes" in result.err, result.err)
        check("it is shown", good not in result.err, result.err)
    equal("requests", len(service.requests()), sent)


@case
def bearers_that_do_not_fit(world):
    """the claims tell why a bearer is refused, and what helps"""
    service = world.start()
    world.write(many(1))
    get = ("az account get-access-token --resource "
           "499b84ac-1321-427f-aa17-267ca6975798 --query accessToken -o tsv")
    ada = "ada@contoso.example"
    for name, bearer, words, helps in each((
            ("resource manager", service.token(
                ada, audience="https://management.core.windows.net/"),
             "is for Azure Resource Manager "
             "(https://management.core.windows.net/), not for Azure DevOps",
             get),
            ("graph", service.token(
                ada, audience="00000003-0000-0000-c000-000000000000"),
             "is for Microsoft Graph (00000003-0000-0000-c000-000000000000)",
             get),
            ("another", service.token(ada, audience="api://mine"),
             "is for api://mine, not for Azure DevOps", get),
            ("an application", service.token(ada, app_only=True),
             "belongs to the application", "Sign in as a user"),
            ("another scope", service.token(ada, scopes=["vso.code"]),
             "has only the scopes vso.code", "vso.pats"),
            ("a PAT of today", "a" * 76 + "AZDO" + "b" * 4,
             "is a personal access token", get),
            ("a PAT of old", "a" * 52, "is a personal access token", get),
            ("some word", "hunter2", "does not look like", get))):
        result = world.plan(expect=4, PATFORM_ACCESS_TOKEN=bearer)
        check(name, words in result.err and helps in result.err, result.err)
        check(f"{name}: no longer than that", len(result.err) < 420
              and sentences(result.err) <= 5, result.err)
        check(f"{name}: shown", bearer not in result.err, result.err)


@case
def trust_stores(world):
    """SSL_CERT_FILE that is of no use is named, with the reason"""
    world.start()
    world.write(many(1))
    for path, words in each((
            ("/nonexistent.pem", "cannot be read: No such file"),
            ("/dev/null", "contains no certificate in PEM form"),
            (str(world.config), "is a directory (SSL_CERT_DIR takes one)"),
            (str(world.config / "patform.toml"), "contains no certificate"))):
        result = world.plan(expect=1, SSL_CERT_FILE=path)
        check(path, f"SSL_CERT_FILE is {path}, which {words}" in result.err,
              result.err)


@case
def asked_to_wait(world):
    """a wait that the service asks for is shown as long as it is"""
    service = world.start()
    world.write(many(1))
    for after, words in each((("86400", "1d"), ("7200", "2h"),
                              ("90000", "1d 1h"))):
        service.fault("list", {"status": 429, "headers": {
            "Retry-After": after}}, count=9)
        result = world.plan(expect=None)
        check(after, f"asks to wait {words}" in result.err, result.err)
        service.clear_faults()


@case
def slips(world):
    """what is not TOML is explained in the words of the file"""
    for body, where, words in each((
            ("organization = contoso\n", "3:16", 'write organization = '
             '"contoso"'),
            (HEAD + "[token.a]\nlifetime = 30d\n", "5:12",
             'write lifetime = "30d"'),
            ("workspace: w\n", "3:10", "is followed by a colon"),
            (HEAD + '[token.a]\nscopes = ["vso.code"]\n[token.a]\n', "6:2",
             "the other one is at"),
            (HEAD + '[token."a b"]\n[token."a b"]\n', "5:2",
             'token "a b" is declared twice'),
            (HEAD + "[token.a b]\n", "4:2", 'write [token."a b"]'),
            (HEAD + "[token.a]\nprevent_revoke = True\n", "5:18",
             "write prevent_revoke = true"),
            (HEAD + '[token.a]\npurpose = "x\n', "5:11",
             "has no closing quote"),
            (HEAD + '[sink.f]\npath = "C:\\secrets"\n', "5:11",
             "this backslash begins no escape"),
            (HEAD + '[token.a]\nscopes = "vso.code"\n', "5:10",
             'write scopes = ["vso.code"]'),
            (HEAD + '[token.a]\nscopes = ["vso.code"]\ndeliver = "files"\n',
             "6:11", 'write deliver = [{ to = "files", at = "{name}" }]'),
            (HEAD + '[token.a]\nscopes = ["vso.code"]\ndeliver = ["f:x"]\n',
             "6:12", 'write { to = "f", at = "x" }'),
            (HEAD + '[token.a]\nscopes = ["vso.code"]\n'
             'deliver = { to = "f" }\n', "6:11", "put brackets around it"))):
        if not body.startswith("format"):
            body = 'format = 1\norganization = "c"\n' + body
        if "organization = contoso" in body:
            body = 'format = 1\nworkspace = "w"\norganization = contoso\n'
        world.write(body)
        result = world.run("validate", expect=3)
        check(where, f"patform.toml:{where}: error: " in result.err
              and words in result.err, result.err)


@case
def scopes(world):
    """scopes as people know them, and never one that may do more"""
    for written, want in each((
            ("packaging", "vso.packaging"), ("packaging_read", "vso.packaging"),
            ("vso.code_read", "vso.code"), ("Code (read)", "vso.code"),
            ("Code (Read & write)", "vso.code_write"),
            ("Build (Read & execute)", "vso.build_execute"),
            ("full", "app_token"), ("vso.full_access", "app_token"),
            ("vso.test_full", "vso.test_write"),
            ("vso.release_write", "vso.release"),
            ("vso.codewrite", "vso.code_write"), ("wiki", "vso.wiki"))):
        world.write(HEAD + f'[token.a]\nscopes = ["{written}"]\n')
        result = world.run("validate", expect=3)
        equal(written, re.findall(r'did you mean "([^"]*)"', result.err),
              [want])
    for written, words in each((
            ("vso.code_write|vso.packaging", "several scopes"),
            ("vso.code vso.build", "several scopes"),
            ("vso.build_execute ", "blank space"),
            ("security", "`patform scopes` lists them"),
            ("nonsense", "`patform scopes` lists them"))):
        world.write(HEAD + f'[token.a]\nscopes = ["{written}"]\n')
        result = world.run("validate", expect=3)
        check(written, words in result.err
              and "did you mean" not in result.err, result.err)


@case
def flags(world):
    """numbers, dates and choices of flags that cannot be"""
    world.write(configuration(token("a")))
    for words, want in each((
            ("plan --allow-revocations -1", "a number of at least 0"),
            ("plan --allow-revocations 99999999999999", "at least 0"),
            ("apply --parallelism 0", "a number from 1 to 64"),
            ("plan --now 9999-12-31T23:59:59Z", "between the years"),
            ("plan --now infinite-future", "between the years"),
            ("plan --format jsno", "did you mean json? It takes one of"),
            ("plan --format yaml", "It takes one of text, json"))):
        result = world.run(*words.split(), expect=3)
        check(words, want in result.err and len(result.err) < 300, result.err)


@case
def imports(world):
    """import of several organizations, over a starter, over a configuration"""
    service = world.start("--organization", "contoso", "--organization",
                          "fabrikam")
    service.mint("one")
    world.run("init", str(world.config), expect=0)
    starter = (world.config / "patform.toml").read_text()
    out = str(world.config / "patform.toml")
    result = world.run("import", "--out", out, expect=3)
    check("which organization", "name the organization" in result.err,
          result.err)
    equal("the starter", (world.config / "patform.toml").read_text(), starter)
    world.run("import", "--organization", "contoso", "--organization",
              "fabrikam", "--out", out, expect=0)
    world.run("validate", expect=0)
    world.settled()
    result = world.run("import", "--organization", "contoso", "--force",
                       "--out", out, expect=3)
    check("itself", "is the configuration itself" in result.err, result.err)
    other = json.loads(world.run(
        "import", "--organization", "contoso", "--json", "--out",
        str(world.config / "more.toml"), expect=0).out)
    equal("nothing is left", other["tokens"], 0)
