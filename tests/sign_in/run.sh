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
# Is this still the list that was installed?
if ! cmp -s "$here/requirements.txt" "$work/requirements.txt"; then
  python3 -m venv --clear "$venv"
  "$venv/bin/pip" install --quiet --require-hashes --only-binary :all: \
    -r "$here/requirements.txt"
  cp "$here/requirements.txt" "$work/"
fi
"$root/tests/node_packages.sh" "$here" "$work" || {
  echo "0 passed, 1 failed"
  exit 1
}
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
