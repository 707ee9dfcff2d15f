#!/usr/bin/env bash
# Every C++ file as clang-format 14 would write it; 1 if one is not.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
find engine providers tests \( -name '*.h' -o -name '*.cc' \) -print0 |
  xargs -0 clang-format-14 --dry-run -Werror
