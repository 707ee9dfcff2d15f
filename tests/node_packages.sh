#!/usr/bin/env bash
# The packages of FOLDER/package-lock.json in WORK/node, installed where that
# list is another one than the last time. Prints what npm said if it fails.
#
#   tests/node_packages.sh FOLDER WORK
set -euo pipefail
folder=$1 work=$2
if cmp -s "$folder/package-lock.json" "$work/package-lock.json"; then exit 0; fi
mkdir -p "$work/node"
cp "$folder/package.json" "$folder/package-lock.json" "$work/node/"
npm ci --prefix "$work/node" --no-audit --no-fund --ignore-scripts \
  >"$work/npm.log" 2>&1 || {
  cat "$work/npm.log" >&2
  exit 1
}
cp "$folder/package-lock.json" "$work/"
