#pragma once

// Included before everything else in the build of the suite `mutants` alone:
// which mutant this process is. The sources know nothing of it; see tree.py.

#include <stdlib.h>
#include <string.h>

namespace patform_mutant {

// Is the mutant of this name chosen? PATFORM_MUTANT names it; without it every
// site behaves as it is written.
inline bool Is(const char* id) {
  static const char* const chosen = getenv("PATFORM_MUTANT");
  return chosen != nullptr && strcmp(chosen, id) == 0;
}

}  // namespace patform_mutant
