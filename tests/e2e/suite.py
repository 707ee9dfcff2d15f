"""Runs the cases of a suite against the real programs: what tests/e2e/run.py
and tests/attacks/run.py share."""

import argparse
import concurrent.futures
import importlib.util
import pathlib
import sys
import time
import traceback

import harness


def parser():
    flags = argparse.ArgumentParser()
    flags.add_argument("--patform", type=pathlib.Path, required=True)
    flags.add_argument("--emulator", type=pathlib.Path, required=True)
    flags.add_argument("--boundary", type=pathlib.Path, required=True,
                       help="the library made of tests/crash/boundary.cc")
    flags.add_argument("--jobs", type=int, default=2)
    flags.add_argument("case", nargs="*", help="a part of a case's name")
    return flags


def parse(flags):
    options = flags.parse_args()
    for name in ("patform", "emulator", "boundary"):
        setattr(options, name, getattr(options, name).resolve())
    options.root = pathlib.Path(__file__).resolve().parents[2]
    return options


def discover(folder, files):
    """The cases of these files of a folder, made with harness.case. The files
    are loaded under names of their own: a file of another suite may be called
    the same."""
    prefix = folder.name + "_"
    for file in files:
        path = folder / file
        name = prefix + path.stem
        spec = importlib.util.spec_from_file_location(name, path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return [c for c in harness.CASES if c.__module__.startswith(prefix)]


def attempt(function, options):
    began = time.monotonic()
    try:
        why = harness.run_case(function, options)
    except Exception:  # pylint: disable=broad-except
        # A defect of the test or of the emulator counts as a failure.
        why = traceback.format_exc()
    return why, time.monotonic() - began


def run(cases, options, figures=lambda passed, failed: None):
    """Runs the cases that were asked for. `figures` prints what the suite
    counted, before the last line. Returns the exit code."""
    chosen = [c for c in cases
              if not options.case
              or any(word in c.__doc__ for word in options.case)]
    passed = failed = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        running = [(c, pool.submit(attempt, c, options)) for c in chosen]
        for function, future in running:
            why, seconds = future.result()
            passed, failed = passed + (why is None), failed + (why is not None)
            print(f"{'ok' if why is None else 'FAILED'}: {function.__doc__} "
                  f"({seconds:.1f} s)", flush=True)
            if why is not None:
                print("    " + why.replace("\n", "\n    "), flush=True)
    figures(passed, failed)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0
