#pragma once

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "engine/base/words.h"
#include "engine/model/desired_state.h"
#include "engine/model/token.h"

// What ends and nobody renews: what consumers find out by an outage unless a
// plan, a status or an audit tells them before.
namespace patform {

// A declared token that nothing renews before its end.
struct Unrenewed {
  enum class Why {
    kFixedDate,   // `expires` is its end
    kNoDelivery,  // no `deliver`: its successor would have nowhere to go
    kNoLonger,    // `extend` has carried it as far as it goes
    kHeldBack,    // what renews it is undecided
  };

  std::string address;
  std::string name;  // the token's human name
  std::string organization;
  std::string owner;                  // as declared; "" nobody
  std::optional<AuthorizationId> id;  // nullopt: none lives any more
  int64_t generation = 0;             // 0: carries no mark
  absl::Time ends;                    // or when it ended
  absl::Time shown_from;              // from then on every output shows it
  Why why = Why::kFixedDate;
  SourceLocation where;
  std::string identity;  // as in Realm

  bool IsShown(absl::Time now) const { return shown_from <= now; }
};

struct UnrenewedRow {
  Unrenewed::Why value;
  const char* word;  // stable snake_case: part of the JSON formats
  const char* why;   // a sentence without a full stop
  const char* fix;   // likewise
};
inline constexpr UnrenewedRow kUnrenewedWords[] = {
    {Unrenewed::Why::kFixedDate, "fixed_date", "`expires` is a fixed date",
     "set a later `expires`, or a `lifetime`, which rotation renews"},
    {Unrenewed::Why::kNoDelivery, "no_delivery",
     "without `deliver` it cannot be rotated",
     "add `deliver` and a `lifetime`, or replace it by hand"},
    {Unrenewed::Why::kNoLonger, "longest_life",
     "it cannot be extended any further",
     "add `deliver`, so that it can be rotated, or replace it by hand"},
    {Unrenewed::Why::kHeldBack, "held_back", "its renewal is undecided",
     "see why it is undecided"}};
constexpr auto& WordsOf(Unrenewed::Why) { return kUnrenewedWords; }
static_assert(AllInOrder(kUnrenewedWords, Unrenewed::Why::kHeldBack));

constexpr const UnrenewedRow& RowOf(Unrenewed::Why why) {
  return kUnrenewedWords[static_cast<size_t>(why)];
}

// "ends in 2h (2026-11-27 14:00 UTC), and nothing renews it: `expires` is a
// fixed date". Without a full stop.
std::string EndsText(const Unrenewed& token, absl::Time now);

// `token` as it will be after the plan, with these dates; nullopt: a rotation
// or an extension renews it in time. It is shown once it is in its window
// (`rotate_before`), and in its last seven days; a window that is a share of
// the lifetime is at most thirty days here, or a token of a year would be
// shown for a quarter of it.
std::optional<Unrenewed> UnrenewedOf(const DesiredState& state,
                                     const DesiredToken& desired,
                                     const ActualToken& token,
                                     int64_t generation);

// One whose renewal is held back, whatever would renew it.
Unrenewed HeldBack(const DesiredState& state, const DesiredToken& desired,
                   const ActualToken& token, int64_t generation);

// One whose `expires` has passed and of which nothing lives.
Unrenewed Over(const DesiredState& state, const DesiredToken& desired);

}  // namespace patform
