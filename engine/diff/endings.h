#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "engine/base/words.h"
#include "engine/diff/change.h"

namespace patform {

// A live token that a change ends, or whose end it brings forward.
//
// It is a REVOCATION, for the counts, the guards, the exit code and every
// output, whoever's it is and by whatever key it ends:
//   - everything that `ensure = "absent"`, a table that is gone and
//     `unmanaged = "revoke"` end;
//   - everything without our mark, as `replaces` ends it, at once or after the
//     grace;
//   - a generation that lives under another name than the one declared
//     (`renamed_from`), unless it is the one in service at the same place, or
//     an earlier one of that name: then it has a successor there;
//   - a token whose end an update brings forward, if it is not ours, or
//     nothing renews it before (`expires`, no `deliver`), or it then ends
//     within a day.
// It is an ordinary RETIREMENT, which is shown but counts as no revocation, if
// it is a superseded or orphaned generation of the very token that the change
// is about: its successor is delivered first.
struct Ending {
  enum class Whose {
    kDeclared,    // ours, of the table that the change is about
    kUndeclared,  // ours, and in no table
    kUnmanaged,   // carries no mark of ours
  };

  AuthorizationId id;
  std::string display_name;  // as the service has it; "" not known
  int64_t generation = 0;    // 0: carries no mark of ours
  Reason reason = Reason::kNone;
  Whose whose = Whose::kUnmanaged;
  std::string owner;             // as declared; "" nobody
  std::optional<absl::Time> at;  // nullopt: at once
  absl::Time valid_to;           // as it is now
  bool revocation = true;

  // The name in front of the mark.
  std::string HumanName() const;
};

inline constexpr WordFor<Ending::Whose> kWhoseWords[] = {
    {Ending::Whose::kDeclared, "declared"},
    {Ending::Whose::kUndeclared, "undeclared"},
    {Ending::Whose::kUnmanaged, "unmanaged"}};
constexpr auto& WordsOf(Ending::Whose) { return kWhoseWords; }
static_assert(AllInOrder(kWhoseWords, Ending::Whose::kUnmanaged));

// How many changes of each action; under kRevoke TOKENS instead, every
// revocation of any change, because that is what people and guards count.
class ActionCounts {
 public:
  void Add(const Change& change);
  int operator[](Action action) const {
    return of_[static_cast<size_t>(action)];
  }

 private:
  std::array<int, kActions> of_ = {};
};

ActionCounts CountActions(const std::vector<Change>& changes);

// Everything that `change` ends, in the order in which it is done. Pure.
std::vector<Ending> EndingsOf(const Change& change);

// How many of them are revocations.
int RevocationsOf(const Change& change);

}  // namespace patform
