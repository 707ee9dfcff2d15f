#!/usr/bin/env bash
# Taplo, the TOML tool of editors, finds the schema that a file's first line
# names, and says of it what patform says: our examples and what `init` writes
# are good, a wrong key is not. What `init` and `import` write is laid out as its
# formatter would have it.
#
#   taplo.sh WORK_DIR
#
# $PATFORM and $EMULATOR are the programs; npm installs Taplo into WORK_DIR. The
# last line:
# `figures taplo_files=N`.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=${1:?usage: taplo.sh WORK_DIR}
version=0.7.0
mkdir -p "$work"
work=$(cd "$work" && pwd)
taplo=$work/node_modules/.bin/taplo
if [[ ! -x $taplo ]]; then
  npm install --prefix "$work" --no-audit --no-fund --no-save \
    "@taplo/cli@$version" >"$work/npm-taplo.log" 2>&1 ||
    { cat "$work/npm-taplo.log" >&2; exit 1; }
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
files=0

# good FILE; bad FILE WORD: the reason holds the word.
good() {
  "$taplo" lint "$1" >lint.log 2>&1 || { cat lint.log; exit 1; }
  files=$((files + 1))
}
bad() {
  if "$taplo" lint "$1" >lint.log 2>&1; then
    printf 'Taplo takes %s for good\n' "$1"
    exit 1
  fi
  grep -q "$2" lint.log || { cat lint.log; exit 1; }
  files=$((files + 1))
}

formatted() {
  "$taplo" format --check "$1" >format.log 2>&1 ||
    { cat "$1" format.log; exit 1; }
  files=$((files + 1))
}

"$PATFORM" init >init.log
good patform.toml
formatted patform.toml
mkdir imported
python3 "$root/tests/interop/imported.py" --patform "$PATFORM" \
  --emulator "$EMULATOR" imported
for file in imported/*.toml; do
  formatted "$file"
done
sed 's/^lifetime/lifetme/' patform.toml >key.toml
bad key.toml lifetme
sed 's/^rotate_before = "7d"/rotate_before = 7/' patform.toml >type.toml
bad type.toml rotate_before
while IFS= read -r example; do
  grep -q '^#:schema ' "$example" || continue
  good "$example"
done < <(find "$root/examples" -name '*.toml' | sort)
printf 'figures taplo_files=%d\n' "$files"
