"""The ways in which a pull request ends a token `v` named prod-victim."""

from configuration import token

ABSENT = 'scopes = ["vso.code"]\nensure = "absent"\n'
ENDINGS = {
    "replaces": lambda v: (token("a", replaces=[v]), ""),
    "replaces in upper case": lambda v: (token("a", replaces=[v.upper()]), ""),
    "replaces in defaults": lambda v: (
        token("a"), f'\n[defaults]\nreplaces = ["{v}"]\n'),
    "replaces, the last of many": lambda v: (
        token("a", replaces=[f"{i:08x}-0000-4000-8000-000000000000"
                             for i in range(40)] + [v]), ""),
    "replaces twice": lambda v: (token("a", replaces=[v, v.upper()]), ""),
    "replaces in two tables": lambda v: (
        token("a", replaces=[v]) + token("b", replaces=[v]), ""),
    "absent": lambda v: (f'[token."prod-victim"]\n{ABSENT}', ""),
    "absent under another name": lambda v: (
        f'[token."x"]\nrenamed_from = "prod-victim"\n{ABSENT}', ""),
    "unmanaged": lambda v: (token("a"),
                            '\n[policy]\nunmanaged = "revoke"\n'),
}
