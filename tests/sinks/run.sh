#!/usr/bin/env bash
# Sinks against real stores on loopback. $PATFORM, $EMULATOR and $BOUNDARY name
# the programs; arguments are passed on. Closes with `N passed, N failed`.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
here="$root/tests/sinks"
work="$root/build/sinks"
venv="$work/venv"
mkdir -p "$work"
# Is this still the list that was installed?
if ! cmp -s "$here/requirements.txt" "$work/requirements.txt"; then
  python3 -m venv --clear "$venv"
  "$venv/bin/pip" install --quiet --no-deps --require-hashes \
    --only-binary :all: -r "$here/requirements.txt"
  cp "$here/requirements.txt" "$work/"
fi
exec "$venv/bin/python" "$here/run.py" \
  --patform "$PATFORM" --emulator "$EMULATOR" --boundary "$BOUNDARY" "$@"
