#!/usr/bin/env bash
# The pages in Debian's Chromium: looked at, driven, printed and attacked. The
# build makes them; axe-core and html-validate come from npm, into build/page.
# $PROBE, $ATTACKS, $HOSTILE and $PATFORM name the programs. Arguments are
# passed on. Closes with `N passed, N failed`.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
here="$root/tests/page"
work="$root/build/page"
mkdir -p "$work"
"$root/tests/node_packages.sh" "$here" "$work" || {
  echo "0 passed, 1 failed"
  exit 1
}
tests="$root/build/test/tests"
exec python3 "$here/run.py" --node "$work/node" \
  --probe "${PROBE:-$tests/page_probe}" \
  --attacks "${ATTACKS:-$tests/attack_probe}" \
  --hostile-plans "${HOSTILE:-$tests/hostile_plans}" "$@"
