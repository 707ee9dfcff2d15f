# Sourced by examples/quickstart.sh and tests/run.sh: what has to be on the
# machine, and the builds. Bash; `set -euo pipefail` is the caller's.
# shellcheck shell=bash disable=SC2034

PATFORM_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# The Debian packages, once. The first list builds patform, the second is what
# the quickstart's story uses, the third what the test suites use.
PATFORM_BUILD_PACKAGES=(
  cmake ninja-build g++ libboost1.81-dev libboost-json1.81-dev
  libtomlplusplus-dev libabsl-dev libssl-dev libcli11-dev libsqlite3-dev
  libre2-dev libutf8proc-dev libsodium-dev libyaml-dev
  # From the first build on: with it, every command of the compiler is another
  # one, and the tests would build once more what the quickstart has built.
  ccache)
PATFORM_STORY_PACKAGES=(curl jq)
PATFORM_TEST_PACKAGES=(
  libgtest-dev libbenchmark-dev clang-14 clang-format-14 clang-tidy-14
  libclang-rt-14-dev strace valgrind
  python3 python3-venv shellcheck git gh openssl
  prometheus prometheus-node-exporter
  chromium chromium-driver dbus dbus-daemon gnome-keyring libsecret-tools)
# Only where the program of that name is not there by other means.
PATFORM_NODE_PACKAGES=(nodejs npm)

say() { printf '%s\n' "$*"; }

die() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

# as_root COMMAND…: runs it as root, through sudo where this is a user.
as_root() {
  if [[ $(id -u) -eq 0 ]]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "needs root to run \`$*\`: run this as root, or install sudo"
  fi
}

# agreed PACKAGES…: may they be installed? --yes and CI have said so; a person
# at a terminal is asked; nobody else is taken by surprise.
agreed() {
  local answer
  if [[ -n ${PATFORM_YES:-} || ${CI:-} == true ]]; then return 0; fi
  if [[ ! -t 0 ]]; then
    die "install these packages first, or pass --yes: $*"
  fi
  read -r -p "Install them with apt-get? [y/N] " answer
  [[ $answer == [yY] || $answer == [yY][eE][sS] ]] ||
    die "nothing was installed"
}

# need_packages PACKAGE…: installs the ones that are missing, and touches
# nothing when none is.
need_packages() {
  local package missing=()
  command -v dpkg >/dev/null || die "needs Debian 12 (dpkg was not found)"
  for package in "$@"; do
    if ! dpkg -s "$package" 2>/dev/null | grep -q '^Status: .* installed$'
    then
      missing+=("$package")
    fi
  done
  if [[ ${#missing[@]} -eq 0 ]]; then
    say "All $# Debian packages are there."
    return
  fi
  say "Debian packages that are missing (${#missing[@]}): ${missing[*]}"
  agreed "${missing[@]}"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y \
    --no-install-recommends "${missing[@]}"
}

# steps WHAT LOG: reads ninja's output, keeps it in LOG and shows how far it is:
# in place on a terminal, elsewhere a line for each tenth.
steps() {
  local line at of shown=0 pattern='^\[([0-9]+)/([0-9]+)\] '
  while IFS= read -r line; do
    printf '%s\n' "$line" >>"$2"
    [[ $line =~ $pattern ]] || continue
    at=${BASH_REMATCH[1]} of=${BASH_REMATCH[2]}
    # A few steps are over before anybody asks.
    [[ $of -ge 10 ]] || continue
    if [[ -t 1 ]]; then
      printf '\r%s [%d/%d]' "$1" "$at" "$of"
      [[ $at -lt $of ]] || printf '\n'
    elif [[ $((10 * at / of)) -gt $shown ]]; then
      printf '%s [%d/%d]\n' "$1" "$at" "$of"
    fi
    shown=$((10 * at / of))
  done
}

# build PRESET [TARGET…]: configures and builds build/PRESET; what is built
# already is used as it is. JOBS says how many compilers run at once. Needs
# pipefail, which the callers set.
build() {
  local preset=$1 log launcher=() jobs=${JOBS:-$(nproc)} rc=0
  shift
  if command -v ccache >/dev/null; then
    launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
    # Without this it keeps nothing of a build with precompiled headers.
    export CCACHE_SLOPPINESS=${CCACHE_SLOPPINESS:-pch_defines,time_macros}
  fi
  log=$(mktemp)
  (cd "$PATFORM_ROOT" &&
    cmake --preset "$preset" "${launcher[@]}") >"$log" 2>&1 || rc=$?
  if [[ $rc -ne 0 ]]; then
    cat "$log" >&2
    rm -f "$log"
    say "Configuring build/$preset failed (its output is above)."
    return 1
  fi
  : >"$log"
  NINJA_STATUS='[%f/%t] ' ninja -C "$PATFORM_ROOT/build/$preset" -j "$jobs" \
    "$@" 2>&1 | steps "build/$preset" "$log" || rc=$?
  if [[ $rc -ne 0 ]]; then
    grep -v '^\[[0-9]*/[0-9]*\] ' "$log" | head -n 200 >&2 || true
    say "Building build/$preset failed (the compiler's words are above)."
  elif ! grep '^\[[0-9]*/[0-9]*\] ' "$log" |
    grep -v 'Asking git' >/dev/null
  then
    say "build/$preset is up to date."
  else
    say "Built build/$preset."
  fi
  rm -f "$log"
  return "$rc"
}

# program PRESET NAME: the path of a program that build made.
program() {
  case $2 in
    patform) echo "$PATFORM_ROOT/build/$1/engine/patform" ;;
    patform-emulator)
      echo "$PATFORM_ROOT/build/$1/providers/emulator/$2" ;;
    libpatform_boundary.so) echo "$PATFORM_ROOT/build/$1/tests/$2" ;;
    *) die "no program is called $2" ;;
  esac
}

# wait_for FILE PID: until a program has written FILE; 1 if it ended instead.
wait_for() {
  local tries
  for ((tries = 0; tries < 200; ++tries)); do
    [[ -s $1 ]] && return 0
    kill -0 "$2" 2>/dev/null || return 1
    sleep 0.05
  done
  return 1
}
