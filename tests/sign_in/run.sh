#!/usr/bin/env bash
# Sign-in against a look-alike of Microsoft Entra. $PATFORM, $EMULATOR and
# $BOUNDARY name the programs; arguments are passed on. Closes with `N passed,
# N failed`.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
here="$root/tests/sign_in"
work="$root/build/sign_in"
venv="$work/venv"
mkdir -p "$work"
# unchanged FILE: is this still the list that was installed?
unchanged() { cmp -s "$here/$1" "$work/$1"; }
if ! unchanged requirements.txt; then
  python3 -m venv --clear "$venv"
  "$venv/bin/pip" install --quiet --require-hashes --only-binary :all: \
    -r "$here/requirements.txt"
  cp "$here/requirements.txt" "$work/"
fi
if ! unchanged package-lock.json; then
  mkdir -p "$work/node"
  cp "$here/package.json" "$here/package-lock.json" "$work/node/"
  npm ci --prefix "$work/node" --no-audit --no-fund --ignore-scripts \
    >"$work/npm.log" 2>&1 || {
    cat "$work/npm.log" >&2
    echo "0 passed, 1 failed"
    exit 1
  }
  cp "$here/package-lock.json" "$work/"
fi
deep=()
if [[ ${PATFORM_SIGN_IN:-} == deep ]]; then
  az="$work/azure-cli"
  if ! "$az/bin/python" -c 'import azure.cli' 2>/dev/null; then
    python3 -m venv --clear "$az"
    "$az/bin/pip" install --quiet azure-cli==2.91.0
  fi
  deep=(--azure-cli "$az/bin/az")
fi
# Modules are looked for beside the file that imports them.
cp "$here"/*.mjs "$work/node/"
exec "$venv/bin/python" "$here/run.py" --modules "$work/node" \
  --patform "$PATFORM" --emulator "$EMULATOR" --boundary "$BOUNDARY" \
  "${deep[@]}" "$@"
