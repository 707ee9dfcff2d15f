"""Two plans that do different things under one digest."""

import views
from configuration import configuration, token
from harness import case, check

FILES = '[sink.files]\ntype = "file"\npath = "secrets"\n'


def at(*places):
    return "[" + ", ".join(
        p if p.startswith("{") else f'{{ to = "files", at = "{p}" }}'
        for p in places) + "]"


def one(**more):
    return configuration(token("a", **more))


def rules(text, **more):
    return configuration(token("a", **more), policy=f"\n[policy]\n{text}\n")


def settings(text):
    return configuration(token("a")).replace(FILES, text)


# What each file says is something else; some differ in a character that is
# drawn like the other's, or would read the same joined into a line.
FILES_TO_READ = {
    "plain": one(),
    "another scope": one(scopes=("vso.work",)),
    "two scopes": one(scopes=("vso.code", "vso.work")),
    "lifetime": one(lifetime="31d"),
    "lifetime of 30 d and an hour": one(lifetime="721h"),
    "grace": one(grace="1h"),
    "no grace": one(grace="0s"),
    "rotate_before": one(rotate_before="1d"),
    "renewal": one(renewal="extend"),
    "prevent_revoke": one(prevent_revoke=True),
    "everywhere": one(all_organizations=True),
    "organization": one(organization="fabrikam"),
    "a place": one(deliver=at("b")),
    "two places": one(deliver=at("a", "x")),
    "two places, the other first": one(deliver=at("x", "a")),
    "one place that reads like two": one(deliver=at("a, files:x")),
    "a place with a space": one(deliver=at("a files:x")),
    "a place with a line end": one(deliver=at("a\\u2028x")),
    "a command": one(deliver=at("a##vso[b")),
    "a command, drawn": one(deliver=at("a#\\\\x23vso[b")),
    "escape": one(deliver=at("a\\u200bb")),
    "escape, drawn": one(deliver=at("a\\\\u{200b}b")),
    "escape, drawn otherwise": one(deliver=at("a\\\\u200bb")),
    "adopt": one(deliver='[{ to = "files", at = "a", adopt = true }]'),
    "adopt, drawn": one(deliver=at("a (adopt)")),
    "base64": one(deliver='[{ to = "files", at = "a", encoding = "base64" }]'),
    "base64, drawn": one(deliver=at("a (base64)")),
    "base64, drawn otherwise": one(deliver=at("a base64")),
    "basic": one(deliver='[{ to = "files", at = "a", encoding = "basic" }]'),
    "basic and adopt": one(deliver='[{ to = "files", at = "a", encoding = '
                                   '"basic", adopt = true }]'),
    "basic and adopt, drawn": one(deliver=at("a (basic) (adopt)")),
    "basic, adopt drawn": one(deliver='[{ to = "files", at = "a (adopt)", '
                                      'encoding = "basic" }]'),
    "a name with a quote": configuration(token("a\\\"")),
    "a name in upper case": configuration(token("A")),
    "a name with a mark": configuration(token("a\\u0301")),
    "a name, composed": configuration(token("\\u00e1")),
    "two tokens": configuration(token("a"), token("b")),
    "a path": settings(FILES.replace('"secrets"', '"other"')),
    "a path inside": settings(FILES.replace('"secrets"', '"secrets/files"')),
    "mode": settings(FILES + 'mode = "0640"\n'),
    "newline": settings(FILES + "newline = true\n"),
    "type": configuration(token("a", deliver='[{ to = "files", at = "a", key ='
                                ' "A" }]')).replace('"file"', '"dotenv"'),
    "another key": configuration(token("a", deliver='[{ to = "files", at = "a"'
                                       ', key = "B" }]')).replace(
                                           '"file"', '"dotenv"'),
    "a sink's name": configuration(token("a", deliver='[{ to = "other", at = '
                                         '"a" }]')).replace("[sink.files]",
                                                            "[sink.other]"),
    "replaces": one(replaces=["11111111-0000-4000-8000-000000000000"]),
    "replaces another": one(replaces=["11111111-0000-4000-8000-000000000001"]),
    "replaces two": one(replaces=["11111111-0000-4000-8000-000000000000",
                                  "11111111-0000-4000-8000-000000000001"]),
    "workspace": one().replace('"e2e"', '"e2f"'),
    "policy": rules('max_lifetime = "90d"'),
    "policy, looser": rules('max_lifetime = "91d"'),
    "policy, a warning": rules('max_lifetime = "90d"\nseverity = { '
                               'max_lifetime = "warning" }'),
    "policy, excepted": rules(
        'max_lifetime = "90d"\nexceptions = [{ rule = "max_lifetime", token = '
        '"b", until = 2099-01-01T00:00:00Z, reason = "x" }]'),
    "policy, excepted longer": rules(
        'max_lifetime = "90d"\nexceptions = [{ rule = "max_lifetime", token = '
        '"b", until = 2099-01-02T00:00:00Z, reason = "x" }]'),
    "policy, excepted more": rules(
        'max_lifetime = "90d"\nexceptions = [{ rule = "max_lifetime", token = '
        '"*", until = 2099-01-01T00:00:00Z, reason = "x" }]'),
    "guard": rules("max_revocations = 5"),
    "guard, looser": rules("max_revocations = 6"),
    "guard, a share": rules('max_revocations = "5%"'),
    "protected": rules('prevent_revoke = ["a"]'),
    "protected, two": rules('prevent_revoke = ["a", "b"]'),
    "protected, one that reads like two": rules('prevent_revoke = ["a, b"]'),
    "protected, joined": rules('prevent_revoke = ["a\\", \\"b"]'),
    "unmanaged": rules('unmanaged = "deny"'),
    "unmanaged, excepted": rules('unmanaged = "deny"\nunmanaged_except = '
                                 '["x"]'),
    "existing": rules('existing = "error"'),
    "scopes": rules('allowed_scopes = ["vso.code"]'),
    "scopes, two": rules('allowed_scopes = ["vso.code", "vso.work"]'),
    "forbidden": rules('forbidden_scopes = ["vso.work"]'),
    "full": rules('full_scope = "deny"'),
    "high": rules('high_privilege_scopes = "deny"'),
    "names": rules('name_pattern = "a"'),
    "names, looser": rules('name_pattern = "a*"'),
    "required": rules('required_fields = ["deliver"]'),
    "sinks": rules('sinks_for_scopes = [{ scopes = ["vso.*"], types = '
                   '["file"] }]'),
    "sinks, by name": rules('sinks_for_scopes = [{ scopes = ["vso.*"], names '
                            '= ["files"] }]'),
    "counted": rules("max_tokens = 100"),
    "counted, looser": rules("max_tokens = 101"),
    "windows": rules('min_rotate_before = "1d"'),
    "shortest": rules('min_lifetime = "1d"'),
    "everywhere denied": rules('all_organizations = "deny"'),
}


def digest(world, *flags, **changes):
    """The digest of the plan; None if patform does not take the file."""
    result = world.run("plan", "--format", "json", *flags, **changes)
    views.saw("plan json")
    if result.code == 3:
        return None
    found = result.out.split('"digest":"', 1)
    check(f"a plan, exit {result.code}: {result.err}", len(found) == 2)
    return found[1].split('"', 1)[0]


def distinct(world, variants, allowed=()):
    """All have digests of their own; `allowed`: pairs that may share one."""
    known, refused = {}, []
    for what, (text, flags, changes) in variants.items():
        views.attack()
        world.write(text)
        found = digest(world, *flags, **changes)
        if found is None:
            refused.append(what)
            continue
        other = known.setdefault(found, what)
        check(f"one digest for {other!r} and {what!r}",
              other == what or {other, what} in allowed)
    check(f"too many are not valid: {refused}",
          len(refused) <= len(variants) // 5)


@case
def of_new_tokens(world):
    """what would be made otherwise or under other rules has another digest"""
    world.start()
    distinct(world, {k: (v, (), {}) for k, v in FILES_TO_READ.items()})


@case
def of_changed_tokens(world):
    """what would be changed otherwise or under other rules: another digest"""
    world.start()
    world.write(configuration(token("a", deliver=at("z"), lifetime="60d"),
                              token("old")))
    world.apply()
    variants = {k: (v, (), {}) for k, v in FILES_TO_READ.items()
                if k not in ("workspace", "organization")}
    distinct(world, variants)


@case
def of_flags(world):
    """what is asked for by flag, and under which policy file, is in it"""
    world.start()
    world.write(configuration(token("a"), token("b")))
    world.apply()
    text = configuration(token("a", scopes=("vso.work",)),
                         token("b", grace="1h"), token("c"))
    rule = world.folder / "rules.toml"
    rule.write_text('[policy]\nmax_lifetime = "60d"\n', encoding="utf-8")
    other = world.folder / "other.toml"
    other.write_text('[policy]\nmax_lifetime = "61d"\n', encoding="utf-8")
    distinct(world, {
        "none": (text, (), {}),
        "rotate a, which is edited": (text, ("--rotate", "a"), {}),
        "rotate b": (text, ("--rotate", "b"), {}),
        "rotate both": (text, ("--rotate", "a", "--rotate", "b"), {}),
        "target a": (text, ("--target", "a"), {}),
        "target a, rotated": (text, ("--target", "a", "--rotate", "a"), {}),
        "target c": (text, ("--target", "c"), {}),
        "a policy file": (text, ("--policy", str(rule)), {}),
        "another one": (text, ("--policy", str(other)), {}),
    })
