#!/usr/bin/env bash
# The plan of a pull request under the rules as main has them: a branch that
# edits policy.toml is not judged by its own edit. Goes into a pipeline in the
# place of `patform plan --out plan.json` (examples/pipelines).
#
#   plan.sh [BRANCH]    default: main
set -euo pipefail
rules=$(mktemp)
trap 'rm -f "$rules"' EXIT
git show "origin/${1:-main}:policy.toml" >"$rules"
patform -c tokens plan --policy "$rules" --out plan.json
