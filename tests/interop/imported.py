#!/usr/bin/env python3
"""Writes what `patform import` makes of tokens of many kinds, for other tools
to look at.

usage: imported.py --patform FILE --emulator FILE FOLDER
"""

import argparse
import pathlib
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

from configuration import HEAD  # noqa: E402
from harness import World  # noqa: E402

TOKENS = (
    ("ci", "vso.code", False), ("nightly build", "vso.code_full vso.work",
                                False),
    ("é \"quoted\"", "vso.packaging_manage vso.wiki_write vso.test", False),
    ("full", "app_token", False), ("everywhere", "vso.code", True),
    ("twice", "vso.code", False), ("twice", "vso.code", False),
    ("three", "vso.code", False), ("three", "vso.work", False),
    ("three", "vso.wiki", False), ("forbidden", "vso.build_execute", False))
POLICY = """
[policy]
required_fields = ["owner", "purpose", "team", "cost center"]
forbidden_scopes = ["vso.build*"]
"""


def main():
    flags = argparse.ArgumentParser()
    flags.add_argument("--patform", type=pathlib.Path, required=True)
    flags.add_argument("--emulator", type=pathlib.Path, required=True)
    flags.add_argument("folder", type=pathlib.Path)
    options = flags.parse_args()
    for name in ("patform", "emulator", "folder"):
        setattr(options, name, getattr(options, name).resolve())
    with tempfile.TemporaryDirectory() as folder:
        world = World(options, folder)
        try:
            service = world.start()
            for name, scope, everywhere in TOKENS:
                service.mint(name, scope=scope, everywhere=everywhere)
            for number, arguments in enumerate((
                    (), ("three", "é*"))):
                world.write(HEAD + POLICY)
                world.run("import", "--out",
                          str(options.folder / f"imported{number}.toml"),
                          *arguments, expect=0)
            (world.config / "patform.toml").unlink()
            world.run("import", "--organization", "contoso", "--out",
                      str(options.folder / "whole.toml"), expect=0)
        finally:
            world.close()


if __name__ == "__main__":
    main()
