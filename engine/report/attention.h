#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "engine/base/words.h"
#include "engine/diff/change.h"
#include "engine/diff/endings.h"

// What nobody may approve without having read it: what ends, widens or moves a
// credential. Every renderer writes all of it, whole and outside of any fold,
// before any detail; where there is no room for that, it begins with a warning.
// Pure.
namespace patform {

struct Attention {
  enum class Kind { kEnds, kWidens, kMoves };

  Kind kind = Kind::kEnds;
  // A sentence without the address and the full stop. Text from outside is
  // in it as it is: to be made visible.
  std::string what;
};

// Stable: part of the JSON formats.
inline constexpr WordFor<Attention::Kind> kAttentionWords[] = {
    {Attention::Kind::kEnds, "ends"},
    {Attention::Kind::kWidens, "widens"},
    {Attention::Kind::kMoves, "moves"}};
constexpr auto& WordsOf(Attention::Kind) { return kAttentionWords; }
static_assert(AllInOrder(kAttentionWords, Attention::Kind::kMoves));

// What one change of a plan of `as_of` does, one thing each: a token that is
// revoked, a scope that is added, a place that gets the secret for the first
// time. Dates are days, so that the same plan a minute later reads the same.
std::vector<Attention> AttentionOf(const Change& change, absl::Time as_of);

// "\"prod\" (0000…, generation 3, of the table, owner \"team\")": which token,
// whose.
std::string WhichEnds(const Ending& ending);
// Why it ends.
std::string WhyEnds(const Ending& ending);

// "main:ci (basic) = file, path = \"secrets\"": where that is, as the
// configuration has it.
std::string WhereTo(const Change& change, size_t place);

}  // namespace patform
