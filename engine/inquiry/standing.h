#pragma once

#include "engine/base/words.h"
#include "engine/inquiry/status.h"

// How a token as a whole stands, in one word: what people count and filter by.
// A token has several generations, each with a state; this is the worst that
// can be said of them. Pure.
namespace patform {

// The gravest first.
enum class Standing {
  kEnds,       // ends soon or has ended, and nothing renews it
  kBroken,     // a place holds a secret that works no more
  kUndecided,  // what becomes of it could not be decided
  kChanges,    // the next apply does something about it
  kFine,       // there is nothing to do
};

struct StandingRow {
  Standing value;
  const char* word;  // stable snake_case
  const char* one;   // for people: "ends, and nothing renews it"
};
inline constexpr StandingRow kStandingWords[] = {
    {Standing::kEnds, "ends", "ends, not renewed"},
    {Standing::kBroken, "broken", "does not work"},
    {Standing::kUndecided, "undecided", "undecided"},
    {Standing::kChanges, "changes", "next apply"},
    {Standing::kFine, "fine", "in order"}};
constexpr auto& WordsOf(Standing) { return kStandingWords; }
static_assert(AllInOrder(kStandingWords, Standing::kFine));

constexpr const char* Shown(Standing standing) {
  return kStandingWords[static_cast<size_t>(standing)].one;
}

Standing StandingOf(const TokenStatus& token);

}  // namespace patform
