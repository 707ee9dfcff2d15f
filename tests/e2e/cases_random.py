"""Thirty configurations drawn at random, from fixed seeds: after an apply the
plan is empty, whatever the file says and however the service is set."""

import csv
import random

from configuration import configuration, token
from harness import CASES, check, equal

SEEDS = 30
SWITCHES = (
    (),
    ("--set", "tenant_max_days=7"),
    ("--set", "scope_order=sorted"),
    ("--set", "tenant_max_days=30", "--set", "scope_order=sorted"),
)


def scope_catalog(root):
    with open(root / "schemas" / "scopes.tsv", encoding="utf-8") as lines:
        rows = [r for r in csv.DictReader(lines, delimiter="\t")
                if r["scope"].startswith("vso.")
                # Of access tokens, never of a PAT.
                and not r["scope"].startswith("vso.pats")]
    return {r["scope"]: set(r["implied_scopes"].split(",")) for r in rows}


def some_scopes(dice, catalog):
    chosen = []
    for scope in dice.sample(sorted(catalog), dice.randint(1, 8)):
        if not any(scope in catalog[c] or c in catalog[scope] for c in chosen):
            chosen.append(scope)
    return chosen


def some_name(dice, number):
    return dice.choice(("bot", "ci build", "späher", "a.b", "日本", "x" * 90)
                       ) + f"-{number}"


def some_token(dice, catalog, number):
    days = dice.choice((1, 7, 30, 90, 365))
    more = {"lifetime": f"{days}d",
            "grace": dice.choice(("0s", "1h", "24h")),
            "rotate_before": dice.choice(("10%", "50%", "2h", "12h"))}
    if dice.random() < 0.3:
        more["renewal"] = "extend"
    if dice.random() < 0.3:
        more["owner"] = "team-" + dice.choice("abc")
    if dice.random() < 0.2:
        more["prevent_revoke"] = True
    deliver = dice.choice(("file", "env", "both",
                           '[{ to = "files", at = "deep/er/{name}", '
                           'encoding = "base64" }]'))
    if deliver in ("file", "both") or "{name}" in deliver:
        deliver = {
            "file": f'[{{ to = "files", at = "f{number}" }}]',
            "both": f'[{{ to = "files", at = "f{number}" }}, {{ to = "env", '
                    f'at = "agent.env", key = "K{number}", '
                    'encoding = "basic" }]',
        }.get(deliver, deliver.replace("{name}", f"f{number}"))
    else:
        deliver = (f'[{{ to = "env", at = "e{number % 3}.env", '
                   f'key = "K{number}" }}]')
    return token(some_name(dice, number), some_scopes(dice, catalog), deliver,
                 **more)


def converges(seed):
    def run(world):
        dice = random.Random(seed)
        catalog = scope_catalog(world.options.root)
        service = world.start(*SWITCHES[seed % len(SWITCHES)])
        count = dice.randint(1, 12)
        drawn = [some_token(dice, catalog, n) for n in range(count)]
        world.write(configuration(*drawn))
        world.apply()
        world.settled()
        before = world.secrets()
        # Some change, some go, some come; the rest must be left alone.
        kept = [some_token(dice, catalog, n) if dice.random() < 0.3 else text
                for n, text in enumerate(drawn) if dice.random() < 0.8]
        kept.append(some_token(dice, catalog, count))
        world.write(configuration(*kept, policy={"max_revocations": "100%"}))
        world.apply()
        world.settled()
        world.remember()
        check("nothing was delivered", before)
        equal("secrets that are not active", [], [
            place for place, secret in world.secrets().items()
            if place_is_wanted(kept, place)
            and service.state_of(secret) != "active"])

    run.__doc__ = f"random configuration {seed:02}: the second plan is empty"
    return run


def place_is_wanted(tokens, place):
    """Does a token of the file deliver there? Places of tokens that left the
    file keep the secret that was revoked."""
    at, _, key = place.partition("#")
    return any(f'at = "{at}"' in text and (not key or f'key = "{key}"' in text)
               for text in tokens)


CASES += [converges(seed) for seed in range(SEEDS)]
