#!/usr/bin/env bash
# What the build writes of the commit: engine/base/build.cmake in checkouts of
# every kind. Prints what is wrong, and fails.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
work=$(cd "$(mktemp -d)" && pwd -P)
trap 'rm -rf "$work"' EXIT
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
failed=0

# expect NAME COMMIT: the file that a build of $work/source gets has COMMIT.
expect() {
  local found
  cmake -DSOURCE="$work/source" -DOUT="$work/build.cc" "-DCOMPILER=GNU 1.2.3" \
    -P "$root/engine/base/build.cmake"
  found=$(sed -n 's/^Build BuildOf() { return {\(.*\)}; }$/\1/p' \
    "$work/build.cc")
  if [[ $found != "\"$2\", \"GNU 1.2.3\"" ]]; then
    echo "$1: got $found, want \"$2\", \"GNU 1.2.3\""
    failed=1
  fi
}

git_in() { git -C "$1" -c user.name=x -c user.email=x@example.com "${@:2}"; }

commit() { git_in "$1" commit -qam "$2" --allow-empty; }

id() { git_in "$work/source" rev-parse --short=12 HEAD; }

mkdir "$work/source"
echo 1 >"$work/source/file"
expect "no repository" unknown
git_in "$work" init -q
commit "$work" "somebody else's"
expect "unpacked inside of another repository" unknown
git_in "$work/source" init -q
expect "nothing was committed" unknown
git_in "$work/source" add file
commit "$work/source" one
expect "a commit" "$(id)"
touch -d 2001-01-01 "$work/build.cc"
expect "the same commit" "$(id)"
if [[ $(stat -c %Y "$work/build.cc") != "$(date -d 2001-01-01 +%s)" ]]; then
  echo "the same commit: the file was written again"
  failed=1
fi
echo 2 >"$work/source/file"
expect "a change" "$(id)-dirty"
commit "$work/source" two
expect "another commit" "$(id)"
git_in "$work/source" tag v9
expect "a tag is not the commit's name" "$(id)"
git_in "$work/source" checkout -q HEAD~1
expect "HEAD moved back" "$(id)"
exit "$failed"
