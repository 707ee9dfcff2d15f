#!/usr/bin/env python3
"""Microsoft's Swagger of the PAT API, in a form that validators can use.

    openapi.py tokens-7.2.swagger.json >spec.json

writes an OpenAPI 3.0 document. What it changes, and why:

- List stands in Microsoft's file below `x-ms-paths`, under the path of Get
  with a question mark behind it. OpenAPI has one GET a path: the two become
  one, whose parameters are those of both, all optional but the api-version,
  and whose answer is either's.
- Members that Microsoft's own examples show as null may be null.
- Revoke answers 204 in Microsoft's own example and 200 in the list of
  answers: both are allowed.
- 7.1 asks for a PAT over Basic; the documentation and the service refuse it.
  As in 7.2, a bearer is asked for.

and where it is stricter than the file: no other members than those that are
named, and none of an answer's is missing.
"""

import copy
import json
import pathlib
import sys

PATH = "/{organization}/_apis/tokens/pats"
NULLABLE = {"PatToken": ["token", "targetAccounts"],
            "PatTokenResult": ["patTokenErrorMessage"]}
ANSWERS = ("PatToken", "PatTokenResult", "PagedPatTokens")
REQUESTS = ("PatTokenCreateRequest", "PatTokenUpdateRequest")
OPERATIONS = {"create": (PATH, "post"), "get": (PATH, "get"),
              "update": (PATH, "put"), "revoke": (PATH, "delete"),
              "list": (PATH + "?", "get")}


def read(path):
    """The document as it is; the files begin with a byte order mark."""
    return json.loads(pathlib.Path(path).read_text(encoding="utf-8-sig"))


def operation(document, name):
    path, method = OPERATIONS[name]
    place = "x-ms-paths" if path.endswith("?") else "paths"
    return document[place][path][method]


def rename(value):
    """References and enumerations as OpenAPI 3 has them."""
    if isinstance(value, list):
        return [rename(item) for item in value]
    if not isinstance(value, dict):
        return value
    renamed = {key: rename(item) for key, item in value.items()
               if not key.startswith("x-ms-")}
    if "$ref" in renamed:
        return {"$ref": renamed["$ref"].replace("#/definitions/",
                                                "#/components/schemas/")}
    return renamed


def schemas(document):
    """The definitions of requests and answers, with what is said above."""
    found = {name: rename(document["definitions"][name])
             for name in ANSWERS + REQUESTS}
    for name, schema in found.items():
        schema["additionalProperties"] = False
        for member in NULLABLE.get(name, []):
            if member in schema["properties"]:
                schema["properties"][member]["nullable"] = True
    for name in ANSWERS:
        found[name]["required"] = sorted(found[name]["properties"])
    nullable_token = copy.deepcopy(found["PatToken"])
    nullable_token["nullable"] = True
    found["PatTokenOrNull"] = nullable_token
    found["PatTokenResult"]["properties"]["patToken"] = {
        "$ref": "#/components/schemas/PatTokenOrNull"}
    return found


def parameter(document, raw):
    if "$ref" in raw:
        raw = document["parameters"][raw["$ref"].rsplit("/", 1)[1]]
    schema = {key: rename(raw[key]) for key in ("type", "format", "enum")
              if key in raw}
    return {"name": raw["name"], "in": raw["in"], "schema": schema,
            "required": raw.get("required", False)}


def answer(schema):
    return {"description": "",
            "content": {"application/json": {"schema": schema}}}


def convert(document):
    def parameters(name):
        return [parameter(document, raw)
                for raw in operation(document, name)["parameters"]
                if raw.get("in") != "body"]

    def request(name):
        body = next(raw for raw in operation(document, name)["parameters"]
                    if raw.get("in") == "body")
        return {"required": True, "content": {"application/json": {
            "schema": rename(body["schema"])}}}

    def reference(name):
        return {"$ref": f"#/components/schemas/{name}"}

    result = {"200": answer(reference("PatTokenResult"))}
    both = parameters("list")
    both += [dict(p, required=False) for p in parameters("get")
             if p["name"] not in [q["name"] for q in both]]
    path = {
        "get": {"parameters": both, "responses": {"200": answer(
            {"anyOf": [reference("PagedPatTokens"),
                       reference("PatTokenResult")]})}},
        "post": {"parameters": parameters("create"),
                 "requestBody": request("create"), "responses": result},
        "put": {"parameters": parameters("update"),
                "requestBody": request("update"), "responses": result},
        "delete": {"parameters": parameters("revoke"),
                   "responses": {"200": {"description": ""},
                                 "204": {"description": ""}}},
    }
    return {
        "openapi": "3.0.3",
        "info": {"title": "Tokens", "version": document["info"]["version"]},
        "paths": {PATH: path},
        "components": {
            "schemas": schemas(document),
            "securitySchemes": {"bearer": {"type": "http",
                                           "scheme": "bearer"}}},
        "security": [{"bearer": []}],
    }


if __name__ == "__main__":
    json.dump(convert(read(sys.argv[1])), sys.stdout, indent=1)
