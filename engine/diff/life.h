#pragma once

#include <string>

#include "absl/time/time.h"
#include "engine/model/desired_state.h"
#include "engine/model/token.h"

namespace patform {

// When a token with these dates is due. A life that the service cut shorter
// than declared shrinks the window in proportion, so that a token is never
// due from birth and rotation never runs in a circle.
absl::Time DueAt(const DesiredToken& desired, absl::Time valid_from,
                 absl::Time valid_to);

// The end to ask for when minting or extending at `now`, on whole seconds.
absl::Time WantedValidTo(const DesiredToken& desired, absl::Time now);

// When the service ends tokens that are valid in all organizations: as long as
// it lets one be made.
absl::Time GlobalTokensEnd();

// "lives only 7d, not 90d …": of a token whose life is shorter than `lifetime`
// asks, because the tenant's policy shortened it or the table has changed; ""
// for any other.
std::string ShorterLife(const DesiredToken& desired, const ActualToken& token);

// One token's life, beside the one that its table declares. All ends are on
// whole seconds, as the service takes them. The table and the token must
// outlive it.
class Life {
 public:
  Life(const DesiredState& state, const DesiredToken& desired,
       const ActualToken& token, absl::Time now);

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

  const DesiredState& state_;
  const DesiredToken& desired_;
  const ActualToken& token_;
  const absl::Time now_;
  const absl::Time due_;
};

}  // namespace patform
