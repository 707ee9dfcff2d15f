#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "engine/base/words.h"
#include "engine/inquiry/status.h"

// What a person must do and by when, because no run of patform will: one list
// for the page, the calendar and whatever else reminds people. Pure.
namespace patform {

struct Duty {
  enum class Kind {
    kEnding,     // a token ends, and nothing renews it
    kSignIn,     // the sign-in that the runs rest on ends, or is in trouble
    kUnread,     // a user's tokens could not be listed
    kUndecided,  // what becomes of a token could not be decided
    kPolicy,     // a policy or guard forbids what the next apply would do
    kClock,      // a clock is in doubt
    kStray,      // a place that no table names any more holds something
  };

  Kind kind = Kind::kEnding;
  // Until when; nullopt: there is no date, so it is for now.
  std::optional<absl::Time> by;
  // From when on it is to be shown to people who ask for nothing else; nullopt:
  // from now on.
  std::optional<absl::Time> from;
  // Of a token or place; "": of the workspace.
  std::string address;
  std::string organization, identity, owner;  // of a token; "" of the others
  // A sentence whose subject is the address, or else a whole one; without a
  // full stop. Where `fix` is empty, text from outside is in it as it is: to be
  // made visible.
  std::string what;
  // Likewise, what to do, in our own words alone; "": `what` has it.
  std::string fix;

  bool IsShown(absl::Time now) const { return !from || *from <= now; }
};

// Stable snake_case.
inline constexpr WordFor<Duty::Kind> kDutyWords[] = {
    {Duty::Kind::kEnding, "ending"}, {Duty::Kind::kSignIn, "sign_in"},
    {Duty::Kind::kUnread, "unread"}, {Duty::Kind::kUndecided, "undecided"},
    {Duty::Kind::kPolicy, "policy"}, {Duty::Kind::kClock, "clock"},
    {Duty::Kind::kStray, "stray"}};
constexpr auto& WordsOf(Duty::Kind) { return kDutyWords; }
static_assert(AllInOrder(kDutyWords, Duty::Kind::kStray));

// Those that are to be shown come first, of these the ones with a date before
// those without; then by date, then in the order of the status.
std::vector<Duty> DutiesOf(const StatusReport& report);

}  // namespace patform
