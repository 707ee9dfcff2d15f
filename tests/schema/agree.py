"""The loader and the JSON Schema agree on every case and every example.

usage: agree.py READ_PROBE REPOSITORY

A case begins with `# expect:` and one of: ok; error (both refuse it); loader
(a fact that a schema cannot say: the loader alone refuses it); syntax (no
TOML at all). Needs Python 3.11 and jsonschema.
"""

import datetime
import pathlib
import subprocess
import sys
import tempfile
import tomllib

import jsonschema


def plain(value):
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, datetime.datetime):
        # Without an offset it is no instant: shown to the schema as it is.
        if value.tzinfo is None:
            return {"local": value.isoformat()}
        return value.isoformat()
    if isinstance(value, (datetime.date, datetime.time)):
        return {"local": value.isoformat()}
    return value


# A list or a table, as many as it may hold, and a file that holds so many.
HEAD = 'format = 1\nworkspace = "w"\norganization = "contoso"\n'
TOKEN = ('[token.a]\nscopes = ["vso.code"]\nlifetime = "90d"\n'
         'rotate_before = "7d"\n')
FILES = '[sink.files]\ntype = "file"\npath = "secrets"\n'
EXCEPTION = ('{{ rule = "max_lifetime", token = "t{}", until = '
             '2099-01-01T00:00:00Z, reason = "r" }}')
LIMITS = [
    ("forbidden_scopes", 100,
     HEAD + TOKEN + "[policy]\nforbidden_scopes = [{}]\n", '"vso.x{}*"'),
    ("prevent_revoke", 1000,
     HEAD + TOKEN + "[policy]\nprevent_revoke = [{}]\n", '"x{}"'),
    ("unmanaged_except", 1000,
     HEAD + TOKEN + "[policy]\nunmanaged_except = [{}]\n", '"x{}"'),
    ("exceptions", 1000, HEAD + TOKEN
     + '[policy]\nmax_lifetime = "100d"\nexceptions = [{}]\n', EXCEPTION),
    ("deliver", 256, HEAD + FILES + TOKEN + "deliver = [{}]\n",
     '{{ to = "files", at = "x{}" }}'),
    ("replaces", 256, HEAD + FILES + TOKEN
     + 'deliver = [{{ to = "files" }}]\nreplaces = [{}]\n',
     '"{:08x}-1a7c-4e0b-9d6e-0f4a3b2c1d00"'),
    ("labels", 64, HEAD + TOKEN + "labels = {{ {} }}\n", 'l{} = "x"'),
]


def limits(validator, read):
    """What disagrees about a list as long as may be, or one longer."""
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        for name, most, text, item in LIMITS:
            for n in (most, most + 1):
                items = (", " if name == "labels" else ",\n").join(
                    item.format(i) for i in range(n))
                file = pathlib.Path(folder) / "patform.toml"
                file.write_text(text.format(items), encoding="utf-8")
                by_schema = "error" if list(validator.iter_errors(plain(
                    tomllib.loads(file.read_text(encoding="utf-8"))))) else "ok"
                by_loader = read(file)[0].split(" ", 1)[0]
                want = "ok" if n == most else "error"
                if (by_schema, by_loader) != (want, want):
                    wrong.append(f"{n} in `{name}`: the schema says "
                                 f"{by_schema}, the loader {by_loader}")
    return wrong


def main():
    probe, root = sys.argv[1], pathlib.Path(sys.argv[2])
    import json

    schema = json.loads((root / "schemas/patform.schema.json").read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    for name in ("plan", "events", "status", "saved-plan", "snapshot",
                 "audit"):
        jsonschema.Draft7Validator.check_schema(
            json.loads((root / f"schemas/{name}.schema.json").read_text())
        )
    cases = sorted((root / "tests/schema/cases").glob("*.toml"))
    examples = sorted((root / "examples").rglob("*.toml"))
    examples.append(root / "schemas/starter.toml")
    policies = [f for f in examples if f.name == "policy.toml"]
    mains = [
        f for f in cases + examples if "teams" not in f.parts and f not in policies
    ]

    def read(*arguments):
        # What the examples expect of the machine that they run on.
        return subprocess.run(
            [probe, *map(str, arguments)], check=True, text=True,
            capture_output=True, env={"PATFORM_VAR_TOKEN_SHARE": "/srv/tokens",
                                      "PATFORM_VAR_SIGN_IN": "/srv/sign-in"}
        ).stdout.splitlines()

    loader = {
        pathlib.Path(line.split(" ", 1)[1]): line.split(" ", 1)[0]
        for line in read(*mains)
    }
    for policy in policies:
        beside = sorted(policy.parent.rglob("patform.toml"))
        lines = read(f"--policy={policy}", *beside)
        loader[policy] = "error" if any(
            line.split(" ", 1)[0] != "ok" for line in lines) or not lines else "ok"
    passed = failed = 0
    for file in cases + examples:
        text = file.read_text()
        expect = "ok"
        if file in cases:
            expect = text.splitlines()[0].removeprefix("# expect: ").strip()
        try:
            errors = [e.message for e in validator.iter_errors(plain(tomllib.loads(text)))]
            by_schema = "error" if errors else "ok"
        except tomllib.TOMLDecodeError as error:
            errors, by_schema = [str(error)], "syntax"
        want_schema = {"ok": "ok", "error": "error", "loader": "ok", "syntax": "syntax"}[expect]
        want_loader = "ok" if expect == "ok" else "error"
        by_loader = loader.get(file, want_loader)
        if by_schema == want_schema and by_loader == want_loader:
            passed += 1
            continue
        failed += 1
        print(
            f"{file.relative_to(root)}: expected {expect}; "
            f"the schema says {by_schema}, the loader {by_loader}: {errors[:2]}"
        )
    wrong = limits(validator, read)
    for line in wrong:
        print(line)
    failed += len(wrong)
    passed += 2 * len(LIMITS) - len(wrong)
    # What the program writes, from the golden tests.
    for name in ("saved-plan", "snapshot", "audit", "whoami"):
        schema = json.loads((root / f"schemas/{name}.schema.json").read_text())
        written = json.loads((root / f"tests/golden/{name}.json").read_text())
        errors = [
            f"{'/'.join(map(str, e.absolute_path))}: {e.message}"
            for e in jsonschema.Draft7Validator(
                schema, format_checker=jsonschema.FormatChecker()
            ).iter_errors(written)
        ]
        passed, failed = passed + (not errors), failed + bool(errors)
        if errors:
            print(f"tests/golden/{name}.json: {errors[:3]}")
    print(f"figure files={passed + failed} disagreements={failed}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
