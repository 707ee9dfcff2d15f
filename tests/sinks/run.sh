#!/usr/bin/env bash
# Sinks against real stores on loopback. $PATFORM, $EMULATOR and $BOUNDARY name
# the programs; arguments are passed on. With --many first, many.py instead:
# 1,000 places of each store. Closes with `N passed, N failed`.
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
"$root/tests/node_packages.sh" "$here" "$work" || {
  echo "0 passed, 1 failed"
  exit 1
}
# A deep run (PATFORM_SINKS=deep) makes what takes long; see kube.sh.
PATFORM_KUBE=$("$here/kube.sh" ${PATFORM_SINKS:+build})
export PATFORM_KUBE
script=run.py
if [[ ${1:-} == --many ]]; then
  script=many.py
  shift
fi
exec env SINKS_NODE="$work/node" "$venv/bin/python" "$here/$script" \
  --patform "$PATFORM" --emulator "$EMULATOR" --boundary "$BOUNDARY" "$@"
