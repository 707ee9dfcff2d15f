#!/usr/bin/env python3
"""The pages of patform in a real browser.

usage: run.py --node DIR --probe FILE --attacks FILE --hostile-plans FILE
              [--shots DIR] [CASE…]

--node is the folder with the node_modules (run.sh makes it). A CASE is a part
of a case's name. With --shots the pages are written there as pictures, for
somebody to look at, and no case is run. Prints a line per case, then `figure …`
and `N passed, N failed`.
"""

import argparse
import importlib
import pathlib
import sys
import tempfile
import time
import traceback

sys.dont_write_bytecode = True

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import stage  # noqa: E402


def shots(world, folder):
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("status", "plan"):
        for tokens in (10, 200, 2000):
            for width in (1280, 390):
                for scheme in ("light", "dark", "forced", "print"):
                    world.open(f"{name}-{tokens}.html", scheme, width)
                    world.browser.shot(
                        folder / f"{name}-{tokens}-{width}-{scheme}.png")


def run(world, cases):
    passed = failed = 0
    for each in cases:
        name = f"{each.__module__.removeprefix('cases_')}:{each.__name__}"
        began = time.monotonic()
        try:
            each(world)
        except Exception as error:  # pylint: disable=broad-except
            failed += 1
            print(f"FAILED {name}: {error}"[:4000])
            if not isinstance(error, stage.Failed):
                traceback.print_exc()
            continue
        passed += 1
        print(f"ok {name} ({time.monotonic() - began:.1f} s)", flush=True)
    return passed, failed


def main():
    flags = argparse.ArgumentParser()
    for name in ("node", "probe", "attacks", "hostile-plans"):
        flags.add_argument(f"--{name}", type=pathlib.Path, required=True)
    flags.add_argument("--shots", type=pathlib.Path)
    flags.add_argument("case", nargs="*")
    options = flags.parse_args()
    for path in sorted(HERE.glob("cases_*.py")):
        importlib.import_module(path.stem)
    cases = [each for each in stage.CASES
             if not options.case or any(word in each.__name__
                                        for word in options.case)]
    passed = failed = 0
    with tempfile.TemporaryDirectory() as work:
        world = stage.Stage(options, pathlib.Path(work).resolve())
        try:
            if options.shots:
                shots(world, options.shots)
                return 0
            passed, failed = run(world, cases)
        finally:
            world.close()
        world.figures["pages"] = len(world.visited)
    print("figure " + " ".join(f"{k}={v}" for k, v in world.figures.items()))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
