#include "engine/diff/life.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "engine/base/clock.h"
#include "engine/diff/generation_state.h"

namespace patform {
namespace {

// A token's birth is dated by the service's clock, the end that was asked for
// by ours: a life longer than declared by this much is still as declared.
constexpr absl::Duration kClockSkew = absl::Minutes(5);

// What a window may take of a life that is shorter than declared.
constexpr double kMostOfALife = 0.5;

// What the service keeps of an end; asking for more would differ for ever.
absl::Time WholeSecond(absl::Time time) {
  return absl::FromUnixSeconds(absl::ToUnixSeconds(time));
}

absl::Duration WholeMinutes(absl::Duration span) {
  return absl::Trunc(span + absl::Seconds(30), absl::Minutes(1));
}

bool WasCut(const Dates& dates) {
  return dates.valid_to < dates.granted - kDateTolerance;
}

absl::Duration WindowOf(const DesiredToken& desired, const Dates& dates) {
  const absl::Duration life = dates.granted - dates.valid_from;
  if (!desired.rotate_before.span) return life * desired.rotate_before.share;
  const absl::Duration declared =
      desired.expires ? *desired.expires - dates.valid_from : desired.lifetime;
  absl::Duration window = *desired.rotate_before.span;
  // A date may be nearer than the window is long.
  if (desired.expires) window = std::min(window, declared / 2);
  if (life >= declared - kDateTolerance) return window;
  const double share = absl::FDivDuration(window, declared);
  return std::min(window, life * std::max(share, kMostOfALife));
}

}  // namespace

absl::Time WantedValidTo(const DesiredToken& desired, absl::Time now) {
  return WholeSecond(desired.expires ? *desired.expires
                                     : now + desired.lifetime);
}

absl::Time GlobalTokensEnd() {
  return absl::FromCivil(absl::CivilDay(2026, 12, 1), absl::UTCTimeZone());
}

absl::Time DueAt(const DesiredToken& desired, const Dates& dates) {
  // A date in words is the end that somebody wants: nothing is due before it.
  if (desired.expires && dates.valid_to >= *desired.expires - kDateTolerance) {
    return absl::InfiniteFuture();
  }
  const absl::Time due = dates.valid_to - WindowOf(desired, dates);
  if (!WasCut(dates)) return due;
  return std::min(std::max(due, dates.valid_from + kAgeFence), dates.valid_to);
}

std::string ShorterLife(const DesiredToken& desired, const Dates& dates) {
  const absl::Duration given = dates.valid_to - dates.valid_from;
  if (desired.expires || given >= desired.lifetime - kClockSkew) return "";
  const absl::Duration window = dates.valid_to - DueAt(desired, dates);
  return absl::StrCat(
      "lives only ", FormatSpan(WholeMinutes(given)), ", not ",
      FormatSpan(desired.lifetime), " as `lifetime` asks: ",
      WasCut(dates)
          ? "its end was brought forward since it was made"
          : "the service gave less, as a policy of the tenant may demand, or "
            "`lifetime` was raised since",
      ". It is due ", FormatSpan(WholeMinutes(window)), " before its end");
}

Life::Life(const DesiredState& state, const DesiredToken& desired,
           const Dates& dates, absl::Time now)
    : state_(state),
      desired_(desired),
      token_(dates),
      now_(now),
      due_(DueAt(desired, dates)) {}

// What the service grants then is that.
Dates Life::EndingAt(absl::Time end) const {
  return {token_.valid_from, end, end};
}

absl::Time Life::ChangesAt() const { return std::min(due_, token_.valid_to); }

absl::Time Life::LatestEnd() const { return WholeSecond(DeclaredEnd()); }

absl::Time Life::DeclaredEnd() const {
  if (desired_.expires) return *desired_.expires;
  // One that is extended may live for as long as it is used, a lifetime at a
  // time.
  const absl::Time from = desired_.renewal == Renewal::kExtend
                              ? std::max(now_, token_.valid_from)
                              : token_.valid_from;
  return from + desired_.lifetime;
}

bool Life::LivesTooLong() const {
  // A date in words is kept as it is; a span is reckoned by two clocks.
  if (desired_.expires) {
    return token_.valid_to > DeclaredEnd() + kDateTolerance;
  }
  return token_.valid_to > DeclaredEnd() + kClockSkew;
}

bool Life::DueOnceShortened() const {
  return LivesTooLong() && DueAt(desired_, EndingAt(LatestEnd())) <= now_;
}

absl::Time Life::FarthestEnd() const {
  absl::Duration longest = kLongestLife;
  if (state_.policy.max_lifetime) {
    longest = std::min(longest, *state_.policy.max_lifetime);
  }
  return WholeSecond(
      std::min(WantedValidTo(desired_, now_), token_.valid_from + longest));
}

bool Life::Extendable() const {
  if (desired_.renewal != Renewal::kExtend) return false;
  const absl::Time end = FarthestEnd();
  return end > token_.valid_to + kDateTolerance &&
         DueAt(desired_, EndingAt(end)) > now_;
}

bool Life::LateInWindow() const {
  return now_ > due_ + (token_.valid_to - due_) / 2;
}

bool Life::NeedsSuccessor() const {
  if (DueOnceShortened()) return true;
  return IsDue() && (!Extendable() || LateInWindow());
}

}  // namespace patform
