#!/usr/bin/env bash
# Runs every fuzz target: over its corpus, then for a while on inputs that
# libFuzzer makes of it. Closes with `N passed, N failed`.
#
#   tests/fuzz/run.sh FOLDER [NAME…]     the targets in FOLDER, or those named
#   PATFORM_FUZZ_RUNS=20000              inputs for each (the default; a quarter
#                                        for those that do much for each)
#   PATFORM_FUZZ_SECONDS=600             or: seconds for each
#
# The runs are numbered from the same seed each time, so that CI finds the same
# things twice. What breaks a target is kept in FOLDER/crashes; run the target
# with that file as its argument to see it again.
set -euo pipefail

folder=$(cd "$1" && pwd)
shift
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
jobs=${JOBS:-$(nproc)}
crashes="$folder/crashes"
mkdir -p "$crashes"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

names=("$@")
if [[ ${#names[@]} -eq 0 ]]; then
  for file in "$here"/*_fuzz.cc; do
    file=$(basename "$file")
    names+=("${file%_fuzz.cc}")
  done
fi

# fuzz NAME: one target; its log ends in `rc N`.
fuzz() {
  local name=$1 rc=0 corpora=() budget=() runs=${PATFORM_FUZZ_RUNS:-20000}
  mkdir -p "$work/$name"
  corpora=("$work/$name" "$here/corpus/$name")
  if [[ $name == configuration ]]; then
    corpora+=("$root/tests/schema/cases")
  fi
  # These do much for each input.
  case $name in
    configuration | http_answer | pat_answer | pull_requests | report | scopes)
      runs=$((runs / 4)) ;;
    megabyte) runs=$((runs / 20)) ;;
  esac
  if [[ -n ${PATFORM_FUZZ_SECONDS:-} ]]; then
    budget=("-max_total_time=$PATFORM_FUZZ_SECONDS")
  else
    budget=("-runs=$runs" -seed=1)
  fi
  if [[ -e $here/corpus/$name.dict ]]; then
    budget+=("-dict=$here/corpus/$name.dict")
  fi
  UBSAN_OPTIONS=print_stacktrace=1 "$folder/${name}_fuzz" \
    "${budget[@]}" -max_len=4096 -timeout=20 -rss_limit_mb=2048 \
    -print_final_stats=1 -artifact_prefix="$crashes/$name-" \
    "${corpora[@]}" >"$work/$name.log" 2>&1 || rc=$?
  echo "rc $rc" >>"$work/$name.log"
}

for name in "${names[@]}"; do
  [[ -d $here/corpus/$name ]] || {
    echo "$here/corpus/$name is not there: every target has a corpus" >&2
    exit 1
  }
  while [[ $(jobs -rp | wc -l) -ge $jobs ]]; do wait -n; done
  fuzz "$name" &
done
wait

passed=0 failed=0 runs=0 broken=()
for name in "${names[@]}"; do
  log="$work/$name.log"
  units=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  runs=$((runs + ${units:-0}))
  if [[ $(tail -n 1 "$log") == "rc 0" ]]; then
    printf 'fuzz %-14s ok, %s runs\n' "$name" "$units"
    passed=$((passed + 1))
  else
    printf 'fuzz %-14s FAILED\n' "$name"
    # The property or the sanitizer's finding, our frames, the input's file.
    grep -E -A1 'broken: |ERROR: |runtime error: |^    #.* patform::|written to' \
      "$log" | head -n 40 || tail -n 20 "$log"
    failed=$((failed + 1))
    broken+=("$name")
  fi
done
# Of a long log often the last lines alone are kept: the name is in them.
echo "figure targets=${#names[@]} runs=$runs crashes=$failed" \
  "${broken[@]/#/crash_in=}"
echo "$passed passed, $failed failed"
[[ $failed -eq 0 ]]
