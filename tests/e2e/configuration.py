"""Configurations for the cases, as TOML text."""

HEAD = """\
format = 1
workspace = "e2e"
organization = "contoso"

[sink.files]
type = "file"
path = "secrets"
"""
ENV_SINK = """
[sink.env]
type = "dotenv"
path = "secrets"
"""


def token(name, scopes=("vso.code",), deliver="file", **more):
    """[token.NAME]; `deliver` is file, env, both, None, or TOML text."""
    places = {
        "file": '[{ to = "files", at = "{name}" }]',
        "env": f'[{{ to = "env", at = "agent.env", key = "{key_of(name)}" }}]',
        "both": '[{ to = "files", at = "{name}" }, { to = "env", '
                f'at = "agent.env", key = "{key_of(name)}", '
                'encoding = "basic" }]',
    }
    lines = [f'[token."{name}"]',
             "scopes = [" + ", ".join(f'"{s}"' for s in scopes) + "]"]
    if deliver is not None:
        lines.append("deliver = " + places.get(deliver, deliver))
    lines += [f"{key} = {toml(value)}" for key, value in more.items()]
    return "\n".join(lines) + "\n"


def key_of(name):
    return "".join(c if c.isascii() and c.isalnum() else "_"
                   for c in name).upper()


def toml(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(toml(v) for v in value) + "]"
    return f'"{value}"' if isinstance(value, str) else str(value)


def configuration(*tokens, policy=None, head=HEAD):
    text = head
    if any('to = "env"' in t for t in tokens):
        text += ENV_SINK
    if isinstance(policy, str):
        text += policy
    elif policy:
        text += "\n[policy]\n" + "".join(
            f"{key} = {toml(value)}\n" for key, value in policy.items())
    return text + "\n" + "\n".join(tokens)


def many(count, **more):
    return configuration(*(token(f"t{i:03}", **more) for i in range(count)))
