#!/usr/bin/env python3
"""Rules in Rego that were written for Terraform's plans, over patform's: an
interpreter of Rego that knows neither decides.

usage: rego_test.py --patform FILE --emulator FILE

The last line: `figures rego_rules=N`.
"""

import argparse
import json
import pathlib
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

import regopy  # noqa: E402

from configuration import configuration, token  # noqa: E402
from harness import World, equal  # noqa: E402

# As teams write them: by the address, with a negation, with sets of keys.
RULES = {
    "must have an owner": """
        deny contains msg if {
            some rc in input.resource_changes
            rc.change.actions[_] == "create"
            not rc.change.after.owner
            msg := rc.address
        }""",
    "must have an owner, with a default": """
        deny contains msg if {
            some rc in input.resource_changes
            not "delete" in rc.change.actions
            object.get(rc.change.after, "owner", "") == ""
            msg := rc.address
        }""",
    "must have an owner, of what is planned": """
        deny contains msg if {
            some each in input.planned_values.root_module.resources
            each.type == "azuredevops_pat"
            not each.values.owner
            msg := each.address
        }""",
    "must have a label": """
        deny contains msg if {
            some rc in input.resource_changes
            given := {key | rc.change.after.labels[key]}
            count({"team"} - given) > 0
            msg := rc.address
        }""",
    "must have a purpose of some length": """
        deny contains msg if {
            some rc in input.resource_changes
            count(object.get(rc.change.after, "purpose", "")) < 5
            msg := rc.address
        }""",
}


def denied(rule, plan):
    rego = regopy.Interpreter()
    rego.set_input_term(plan)
    rego.add_module("rules", "package main\nimport rego.v1\n" + rule)
    output = rego.query("x := data.main.deny")
    return sorted(json.loads(str(each)) for each in output.binding("x"))


def main():
    flags = argparse.ArgumentParser()
    flags.add_argument("--patform", type=pathlib.Path, required=True)
    flags.add_argument("--emulator", type=pathlib.Path, required=True)
    options = flags.parse_args()
    options.patform = options.patform.resolve()
    options.emulator = options.emulator.resolve()
    with tempfile.TemporaryDirectory() as folder:
        world = World(options, folder)
        try:
            world.start()
            world.write(configuration(
                token("good", owner="team-a", purpose="builds")
                + 'labels = { team = "a" }\n',
                token("bad")))
            plan = world.plan("--format", "json").out
        finally:
            world.close()
    for name, rule in RULES.items():
        equal(name, denied(rule, plan), ["token.bad"])
    print(f"figures rego_rules={len(RULES)}")


if __name__ == "__main__":
    main()
