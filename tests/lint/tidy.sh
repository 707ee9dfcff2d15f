#!/usr/bin/env bash
# clang-tidy over every source that the preset clang compiles, which need not
# be built for it. Closes with `N passed, N failed`.
#
#   tests/lint/tidy.sh                      all of them
#   tests/lint/tidy.sh engine/base x.cc …   those below the folders or named
#   JOBS=2 tests/lint/tidy.sh               at once (default: all cores)
#
# A source that was clean is not looked at again until it, a header of the
# project that it includes, or .clang-tidy has changed: build/tidy holds a mark
# for each content.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"
export root cache="$root/build/tidy" build="$root/build/clang"
mkdir -p "$cache"
cmake --preset clang >/dev/null
export settings
settings=$(cat .clang-tidy <(clang-tidy-14 --version) | sha256sum)

# tidy FILE: prints what is wrong and fails, or marks the content as clean.
tidy() {
  local file=$1 headers mark out
  headers=$(clang++-14 -std=c++20 -I. -MM -MG "$file" 2>/dev/null |
    tr -d '\\\n' | tr ' ' '\n' |
    grep -E '^\.?/?(engine|providers|tests)/' | sort -u || true)
  # shellcheck disable=SC2086
  mark="$cache/$(
    { echo "$settings $file"; cat "$file" $headers; } 2>/dev/null |
      sha256sum | cut -d' ' -f1)"
  [[ ! -e $mark ]] || return 0
  if out=$(clang-tidy-14 --quiet -p "$build" "$file" 2>&1); then
    : >"$mark"
    return 0
  fi
  printf '%s\n' "$out" | grep -vE '^[0-9]+ warnings? (generated|treated)'
  return 1
}
export -f tidy

if [[ $# -gt 0 ]]; then wanted=("$@"); else wanted=(engine providers tests); fi
mapfile -t sources < <(
  python3 - "$root" "${wanted[@]}" <<'PY'
import json, os, sys
root, wanted = sys.argv[1], [w.rstrip("/") for w in sys.argv[2:]]
names = {os.path.relpath(entry["file"], root)
         for entry in json.load(open(root + "/build/clang/compile_commands.json"))}
for name in sorted(names):
    # boost_sources.cc holds other people's code; build/ holds generated code.
    if name.startswith("build/") or name.endswith("boost_sources.cc"):
        continue
    if any(name == w or name.startswith(w + "/") for w in wanted):
        print(name)
PY
)
log=$(mktemp)
trap 'rm -f "$log"' EXIT
rc=0
printf '%s\n' "${sources[@]}" |
  xargs -P "${JOBS:-$(nproc)}" -I{} bash -c 'tidy {} || echo "unclean {}"' \
    >"$log" 2>&1 || rc=$?
grep -v '^unclean ' "$log" || true
failed=$(grep -c '^unclean ' "$log" || true)
if [[ $rc -ne 0 && $failed -eq 0 ]]; then failed=1; fi
echo "$((${#sources[@]} - failed)) passed, $failed failed"
[[ $failed -eq 0 ]]
