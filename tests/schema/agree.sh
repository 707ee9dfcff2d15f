#!/usr/bin/env bash
# Do the configuration's loader and its JSON Schema agree? Makes a Python
# environment with jsonschema below build/ and runs agree.py in it.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
venv="$root/build/venv"
if [[ ! -x $venv/bin/python ]] ||
  ! "$venv/bin/python" -c 'import jsonschema' 2>/dev/null; then
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet 'jsonschema[format]==4.23.0'
fi
exec "$venv/bin/python" "$root/tests/schema/agree.py" \
  "$root/build/test/tests/read_probe" "$root"
