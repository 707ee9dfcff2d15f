#include "engine/inquiry/standing.h"

#include <algorithm>

// One word for how a token stands: what people count, filter by and are woken
// for. The worst that holds is the one that is said.
namespace patform {
namespace {

// By the next apply, and not by the clock alone.
bool IsTouched(const GenerationStatus& row) {
  switch (row.next) {
    case NextStep::kUpdate:
    case NextStep::kReplace:
    case NextStep::kRetire:
    case NextStep::kRevoke:
    case NextStep::kRelease:
      return true;
    case NextStep::kStay:
    case NextStep::kEndItself:
    case NextStep::kWait:
    case NextStep::kUndecided:
      break;
  }
  return false;
}

}  // namespace

// From the worst to the best; the first that holds.
Standing StandingOf(const TokenStatus& token) {
  const auto any = [&](const auto& holds) {
    return std::any_of(token.generations.begin(), token.generations.end(),
                       holds);
  };
  if (token.ends) return Standing::kEnds;
  if (any([](const GenerationStatus& row) { return IsDead(row.state); })) {
    return Standing::kBroken;
  }
  if (!token.problem.empty()) return Standing::kUndecided;
  if (token.makes > 0 || any(IsTouched)) return Standing::kChanges;
  return Standing::kFine;
}

}  // namespace patform
