#!/usr/bin/env python3
"""The real programs against each other: patform and patform-emulator over
TLS on loopback.

usage: run.py --patform FILE --emulator FILE --boundary FILE [CASE…]

--boundary is the library made of tests/crash/boundary.cc, for cases in which
time passes. A CASE is a part of a case's name. Prints a line a case and closes
with `N passed, N failed`. After each case all that patform said or wrote, and its
sampled command lines, are searched for every secret it delivered.
"""

import sys

sys.dont_write_bytecode = True

import cases_apply  # noqa: E402,F401
import cases_calendar  # noqa: E402,F401
import cases_comment  # noqa: E402,F401
import cases_adopt  # noqa: E402,F401
import cases_audit  # noqa: E402,F401
import cases_faults  # noqa: E402,F401
import cases_forks  # noqa: E402,F401
import cases_identities  # noqa: E402,F401
import cases_metrics  # noqa: E402,F401
import cases_organizations  # noqa: E402,F401
import cases_plan  # noqa: E402,F401
import cases_policy  # noqa: E402,F401
import cases_random  # noqa: E402,F401
import cases_report  # noqa: E402,F401
import cases_service  # noqa: E402,F401
import cases_saved_plans  # noqa: E402,F401
import cases_story  # noqa: E402,F401
import harness  # noqa: E402
import suite  # noqa: E402

if __name__ == "__main__":
    sys.exit(suite.run(harness.CASES, suite.parse(suite.parser())))
