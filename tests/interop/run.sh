#!/usr/bin/env bash
# Other people's tools against the emulator and patform: Microsoft's Swagger
# files by jsonschema, Prism as a validating proxy, Taplo, Microsoft's client
# libraries, that of Key Vault among them, and an interpreter of Rego for rules
# over plans. $PATFORM and $EMULATOR name the programs. Closes with
# `N passed, N failed`.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work="$root/build/interop"
venv="$root/build/venv"
mkdir -p "$work"
if [[ ! -x $venv/bin/python ]] ||
  ! "$venv/bin/python" -c 'import azure.devops, jsonschema, regopy' \
    2>/dev/null; then
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet 'jsonschema[format]==4.23.0' regopy==1.5.2 \
    azure-devops==7.1.0b4
fi
passed=0 failed=0
run() {
  local name=$1 log="$work/$1.log"
  shift
  if "$@" >"$log" 2>&1; then
    passed=$((passed + 1))
    printf 'interop %s: ok\n' "$name"
  else
    failed=$((failed + 1))
    printf 'interop %s: FAILED\n' "$name"
    tail -n 60 "$log"
  fi
  sed -n 's/^figures* /figure /p' "$log" | tail -n 1
}
run swagger "$venv/bin/python" "$root/tests/interop/swagger_test.py" \
  --emulator "$EMULATOR"
run prism "$root/tests/interop/prism.sh" "$root/build/release" "$work"
run taplo "$root/tests/interop/taplo.sh" "$work"
libraries() {
  npm install --prefix "$work/node" --no-audit --no-fund --no-save \
    azure-devops-node-api@17.0.1
  "$venv/bin/python" "$root/tests/interop/libraries_test.py" \
    --emulator "$EMULATOR" --node "$work/node"
}
run libraries libraries
key_vault() {
  local node="$work/key_vault"
  mkdir -p "$node"
  cp "$root"/tests/interop/key_vault/package*.json "$node/"
  npm ci --prefix "$node" --no-audit --no-fund --ignore-scripts
  "$venv/bin/python" "$root/tests/interop/key_vault_test.py" \
    --emulator "$EMULATOR" --node "$node"
}
run key_vault key_vault
run rego "$venv/bin/python" "$root/tests/interop/rego_test.py" \
  --patform "$PATFORM" --emulator "$EMULATOR"
printf '%d passed, %d failed\n' "$passed" "$failed"
[[ $failed -eq 0 ]]
