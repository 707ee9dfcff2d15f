#include "engine/diff/unrenewed.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/base/clock.h"
#include "engine/diff/generation_state.h"

namespace patform {
namespace {

using Why = Unrenewed::Why;

// The last days of a token, whatever its window is.
constexpr absl::Duration kLastDays = absl::Hours(24 * 7);
constexpr absl::Duration kLongestShare = absl::Hours(24 * 30);

absl::Duration WindowOf(const DesiredToken& desired, const ActualToken& token) {
  if (desired.rotate_before.span) {
    return std::max(kLastDays, *desired.rotate_before.span);
  }
  const absl::Duration life = token.valid_to - token.valid_from;
  return std::max(kLastDays,
                  std::min(kLongestShare, life * desired.rotate_before.share));
}

// Can an extension still carry it further?
bool Extends(const DesiredState& state, const DesiredToken& desired,
             const ActualToken& token) {
  if (desired.renewal != Renewal::kExtend) return false;
  absl::Duration longest = kLongestLife;
  if (state.policy.max_lifetime) {
    longest = std::min(longest, *state.policy.max_lifetime);
  }
  return token.valid_from + longest > token.valid_to + kDateTolerance;
}

std::optional<Why> WhyOf(const DesiredState& state, const DesiredToken& desired,
                         const ActualToken& token) {
  // A date that the token does not reach is renewed: the next one asks for it.
  const bool dated =
      desired.expires && token.valid_to >= *desired.expires - kDateTolerance;
  if (desired.deliver.empty()) {
    if (!dated && Extends(state, desired, token)) return std::nullopt;
    return desired.renewal == Renewal::kExtend && !dated ? Why::kNoLonger
                                                         : Why::kNoDelivery;
  }
  if (dated) return Why::kFixedDate;
  return std::nullopt;
}

Unrenewed Begin(const DesiredState& state, const DesiredToken& desired) {
  Unrenewed row;
  row.address = state.AddressOf(desired.name, desired.realm());
  row.name = desired.name;
  row.organization = desired.organization;
  row.identity = desired.identity;
  row.owner = desired.owner;
  row.where = desired.where;
  return row;
}

}  // namespace

std::string EndsText(const Unrenewed& token, absl::Time now) {
  return absl::StrCat(token.ends > now ? "ends " : "ended ",
                      FormatRelative(token.ends, now), " (",
                      FormatMinute(token.ends),
                      "), and nothing renews it: ", RowOf(token.why).why);
}

std::optional<Unrenewed> UnrenewedOf(const DesiredState& state,
                                     const DesiredToken& desired,
                                     const ActualToken& token,
                                     int64_t generation) {
  const std::optional<Why> why = WhyOf(state, desired, token);
  if (!why) return std::nullopt;
  Unrenewed row = HeldBack(state, desired, token, generation);
  row.why = *why;
  return row;
}

Unrenewed HeldBack(const DesiredState& state, const DesiredToken& desired,
                   const ActualToken& token, int64_t generation) {
  Unrenewed row = Begin(state, desired);
  row.id = token.id;
  row.generation = generation;
  row.ends = token.valid_to;
  row.shown_from = token.valid_to - WindowOf(desired, token);
  row.why = Why::kHeldBack;
  return row;
}

Unrenewed Over(const DesiredState& state, const DesiredToken& desired) {
  Unrenewed row = Begin(state, desired);
  row.ends = row.shown_from = *desired.expires;
  row.why = Why::kFixedDate;
  return row;
}

}  // namespace patform
