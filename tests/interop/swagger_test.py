#!/usr/bin/env python3
"""Every answer of the emulator against Microsoft's Swagger files.

    swagger_test.py --emulator PROGRAM

needs jsonschema. Prints one line a check that fails, the figure of answers
that were validated, and `N passed, N failed`.
"""

import argparse
import datetime
import json
import pathlib
import re
import sys
import tempfile

import jsonschema

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "e2e")]

import openapi  # noqa: E402
from emulator import Emulator  # noqa: E402

VERSIONS = ("7.1", "7.2")
UNKNOWN = "11111111-2222-3333-4444-555555555555"

formats = jsonschema.FormatChecker(formats=())


@formats.checks("uuid")
def is_uuid(value):
    return not isinstance(value, str) or re.fullmatch(
        "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", value) is not None


@formats.checks("date-time")
def is_date_time(value):
    """As .NET writes one: up to seven digits, no zeros at the end, UTC."""
    if not isinstance(value, str):
        return True
    match = re.fullmatch(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{0,6}[1-9])?Z",
                         value)
    if match is None:
        return False
    try:
        datetime.datetime.fromisoformat(match.group(1))
    except ValueError:
        return False
    return True


def json_schema(value):
    """OpenAPI's `nullable` in the words of JSON Schema."""
    if isinstance(value, list):
        return [json_schema(item) for item in value]
    if not isinstance(value, dict):
        return value
    turned = {key: json_schema(item) for key, item in value.items()}
    if turned.pop("nullable", False):
        turned["type"] = [turned["type"], "null"]
    return turned


class Validator:
    """The answers that one version of the API may give, by operation."""

    def __init__(self, version):
        self.document = openapi.read(HERE / f"tokens-{version}.swagger.json")
        self.components = json_schema(
            {"schemas": openapi.schemas(self.document)})

    def problems(self, operation, status, body):
        described = openapi.operation(self.document, operation)["responses"]
        if operation == "revoke":
            # Microsoft's example of a revocation answers 204.
            known = set(described) | {"204"}
            if str(status) not in known:
                return [f"status {status}"]
            return [] if body == b"" else ["a body, and none is described"]
        if str(status) not in described:
            return [f"status {status}"]
        try:
            value = json.loads(body)
        except ValueError as error:
            return [f"no JSON: {error}"]
        name = described[str(status)]["schema"]["$ref"].rsplit("/", 1)[1]
        validator = jsonschema.Draft7Validator(
            {"$ref": f"#/components/schemas/{name}",
             "components": self.components}, format_checker=formats)
        return [f"{'/'.join(map(str, e.absolute_path))}: {e.message}"
                for e in validator.iter_errors(value)]


class Run:
    def __init__(self, service, version):
        self.service = service
        self.version = version
        self.validator = Validator(version)
        self.bearer = service.token()
        self.passed = self.failed = self.answers = 0

    def check(self, what, problems):
        if problems:
            self.failed += 1
            print(f"FAILED {self.version} {what}: " + "; ".join(problems))
        else:
            self.passed += 1

    def ask(self, operation, query="", body=None):
        method = openapi.OPERATIONS[operation][1].upper()
        status, headers, answer = self.service.call(
            method, f"/contoso/_apis/tokens/pats?api-version={self.version}"
            f"-preview.1{query}", body,
            {"Authorization": f"Bearer {self.bearer}"})
        return status, headers, answer

    def valid(self, what, operation, query="", body=None, error=None):
        """Asks, validates, and compares patTokenError; the parsed answer."""
        status, headers, answer = self.ask(operation, query, body)
        self.answers += 1
        problems = self.validator.problems(operation, status, answer)
        if answer and "application/json" not in headers.get("Content-Type",
                                                            ""):
            problems.append("its content type is no JSON")
        value = json.loads(answer) if answer and not problems else {}
        if error and value and value["patTokenError"] != error:
            problems.append(f"{value['patTokenError']}, expected {error}")
        self.check(what, problems)
        return value

    def life(self):
        made = []
        for index, members in enumerate((
                {"validTo": "2027-01-01T23:46:23.319Z"}, {},
                {"allOrgs": True}, {"scope": "app_token"},
                {"displayName": "a \"quoted\" <name> \u00e9\U0001f600"})):
            body = {"displayName": f"token {index}", "scope": "vso.code",
                    "allOrgs": False, **members}
            result = self.valid(f"create {members}", "create", "", body,
                                "none")
            if result:
                made.append(result["patToken"]["authorizationId"])
        for id_ in made:
            self.valid("get", "get", f"&authorizationId={id_}", None, "none")
        for members in ({"displayName": "renamed"}, {"scope": "vso.work"},
                        {"validTo": "2027-02-01T00:00:00.001Z"},
                        {"allOrgs": True}, {"allOrgs": False}):
            self.valid(f"update {members}", "update", "",
                       {"authorizationId": made[0], **members}, "none")
        self.valid("revoke", "revoke", f"&authorizationId={made[0]}")
        self.service.admin("POST", "switches", {"revoke_status": 200})
        self.valid("revoke with 200", "revoke", f"&authorizationId={made[1]}")
        self.service.admin("POST", "switches", {"revoke_status": 204})

    def lists(self):
        self.service.admin("POST", "seed", {
            "user": "ada@contoso.example", "count": 150})
        self.service.admin("POST", "seed", {
            "user": "ada@contoso.example", "count": 3, "valid_days": -1})
        for filter_ in ("active", "revoked", "expired", "all"):
            for sort in ("displayName", "displayDate", "status"):
                for ascending in ("true", "false"):
                    query = (f"&displayFilterOption={filter_}&sortByOption="
                             f"{sort}&isSortAscending={ascending}&$top=70")
                    continuation, pages = "", 0
                    while True:
                        page = self.valid(
                            f"list {query}", "list", query + (
                                "&continuationToken=" + continuation
                                if continuation else ""))
                        pages += 1
                        continuation = page.get("continuationToken", "")
                        if not continuation or pages > 10:
                            break
        self.valid("list without anything", "list")
        for switches in ({"names": "html"}, {"scope_order": "sorted"},
                         {"list_organizations": "all"}):
            self.service.admin("POST", "switches", switches)
            self.valid(f"list with {switches}", "list")

    def refusals(self):
        """The errors that come by themselves, and those on demand: an error
        is of a version if the version's enumeration has it."""
        for body, error in (
                ({"scope": "vso.code"}, "displayNameRequired"),
                ({"displayName": "n" * 257, "scope": "vso.code"},
                 "invalidDisplayName"),
                ({"displayName": "a", "scope": "vso.nothing"},
                 "invalidScope"),
                ({"displayName": "a", "scope": "vso.code",
                  "validTo": "2001-01-01T00:00:00Z"}, "invalidValidTo")):
            self.valid(f"create: {error}", "create", "", body, error)
        self.valid("get: unknown", "get", f"&authorizationId={UNKNOWN}", None,
                   "tokenNotFound")
        self.valid("update: unknown", "update", "",
                   {"authorizationId": UNKNOWN}, "tokenNotFound")
        enumeration = self.validator.document["definitions"][
            "PatTokenResult"]["properties"]["patTokenError"]["enum"]
        for operation, query, body in (
                ("create", "", {"displayName": "a", "scope": "vso.code"}),
                ("update", "", {"authorizationId": UNKNOWN}),
                ("get", f"&authorizationId={UNKNOWN}", None)):
            for error in enumeration:
                self.service.fault(operation, {"pat_token_error": error})
                self.valid(f"{operation}: {error}", operation, query, body,
                           error)

    def teeth(self):
        """Answers that are wrong are found to be wrong."""
        token = {"displayName": "a", "validTo": "2027-01-01T00:00:00Z",
                 "scope": "vso.code", "targetAccounts": None,
                 "validFrom": "2026-01-01T00:00:00Z",
                 "authorizationId": UNKNOWN, "token": None}
        page = {"continuationToken": "", "patTokens": [token]}
        good = self.validator.problems("list", 200, json.dumps(page).encode())
        self.check("a good page is good", good)
        for name, wrong in (
                ("a value for the list", {"continuationToken": "",
                                          "value": [token]}),
                ("no continuation", {"patTokens": [token]}),
                ("null for it", {**page, "continuationToken": None}),
                ("a date without zone", {**page, "patTokens": [
                    {**token, "validTo": "2027-01-01T00:00:00"}]}),
                ("an id that is none", {**page, "patTokens": [
                    {**token, "authorizationId": "x"}]}),
                ("a member more", {**page, "patTokens": [
                    {**token, "status": "active"}]}),
                ("a member less", {**page, "patTokens": [
                    {k: v for k, v in token.items() if k != "scope"}]})):
            self.service.fault("list", {"body": json.dumps(wrong)})
            status, _, answer = self.ask("list")
            self.check(f"found: {name}",
                       [] if self.validator.problems("list", status, answer)
                       else ["it was taken for valid"])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--emulator", required=True)
    options = parser.parse_args()
    passed = failed = answers = 0
    with tempfile.TemporaryDirectory() as folder:
        for version in VERSIONS:
            with Emulator(options.emulator, folder) as service:
                run = Run(service, version)
                run.life()
                run.lists()
                run.refusals()
                run.teeth()
                passed += run.passed
                failed += run.failed
                answers += run.answers
    print(f"figure swagger_answers={answers}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
