#pragma once

#include <string>

#include "absl/time/time.h"
#include "engine/model/desired_state.h"
#include "engine/model/token.h"

namespace patform {

// The dates of a token. `granted`: the end that it was made with, as far as a
// record knows (GrantedEnd); somebody may have brought it forward since.
struct Dates {
  absl::Time valid_from, valid_to, granted;
};

// When a token with these dates is due: when it ends within its window.
//
// A token whose end was brought forward is due by that end, once it is older
// than kAgeFence: its successor gets a whole life again.
// One that was granted less than is declared, because the tenant's policy cut
// it or the table asks for more since, keeps its window as long as that takes
// no more than half of its life, or than the declared share: its successor may
// live no longer, and must not be due from birth, or rotation would run in a
// circle.
absl::Time DueAt(const DesiredToken& desired, const Dates& dates);

// The end to ask for when minting or extending at `now`, on whole seconds.
absl::Time WantedValidTo(const DesiredToken& desired, absl::Time now);

// When the service ends tokens that are valid in all organizations: as long as
// it lets one be made.
absl::Time GlobalTokensEnd();

// "lives only 7d, not 90d …": of a token whose life is shorter than `lifetime`
// asks, because the tenant's policy shortened it, its end was brought forward,
// or the table has changed; "" for any other.
std::string ShorterLife(const DesiredToken& desired, const Dates& dates);

// One token's life, beside the one that its table declares. All ends are on
// whole seconds, as the service takes them. The table must outlive it.
class Life {
 public:
  Life(const DesiredState& state, const DesiredToken& desired,
       const Dates& dates, absl::Time now);

  absl::Time due() const { return due_; }
  bool IsDue() const { return due_ <= now_; }
  // The first instant at which a plan reads differently: it is due, or over.
  absl::Time ChangesAt() const;

  // The end beyond which it lives longer than declared.
  absl::Time LatestEnd() const;
  bool LivesTooLong() const;
  // Cutting its life to what is declared now would leave it due, or dead: the
  // next generation has to be in service first.
  bool DueOnceShortened() const;

  // How far `extend` may carry this very token.
  absl::Time FarthestEnd() const;
  // Worth a PUT: it carries the token out of its window.
  bool Extendable() const;
  // Extending is tried in the first half of the window. What is still due in
  // the second was not helped by it: the service keeps lives shorter.
  bool LateInWindow() const;

  // It must be followed by another generation now; an update does not help.
  bool NeedsSuccessor() const;

 private:
  absl::Time DeclaredEnd() const;
  Dates EndingAt(absl::Time end) const;

  const DesiredState& state_;
  const DesiredToken& desired_;
  const Dates token_;
  const absl::Time now_;
  const absl::Time due_;
};

}  // namespace patform
