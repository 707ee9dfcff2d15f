#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "engine/diff/change.h"
#include "engine/model/actual_state.h"
#include "engine/model/desired_state.h"
#include "engine/policy/rules.h"

namespace patform {

// Revocations that one apply may do unless the policy sets a number.
inline constexpr int kDefaultMaxRevocations = 10;
// And, unless the policy sets a share, this share of the tokens that the
// workspace has, however few those are: more is rather a folder that was moved
// than an edit.
inline constexpr double kDefaultMaxShare = 0.5;

// Rules that stop a plan because of what it would do, or because of whose
// tokens it seems to see. Stable words.
inline constexpr char kMaxRevocations[] = "max_revocations";
inline constexpr char kPreventRevoke[] = "prevent_revoke";
inline constexpr char kWrongUser[] = "wrong_user";
inline constexpr char kSameUser[] = "same_user";
inline constexpr char kWrongOrganization[] = "wrong_organization";
inline constexpr char kEmptyList[] = "empty_list";

// An earlier look at the same world: a snapshot, or what a saved plan saw.
struct Baseline {
  absl::Time taken_at;
  std::string user_oid;                      // of the user of [auth]; or ""
  std::map<std::string, std::string> users;  // as in ActualState
  std::map<Realm, int> live;                 // tokens

  friend bool operator==(const Baseline&, const Baseline&) = default;
};
Baseline BaselineOf(const ActualState& earlier);

struct GuardOptions {
  // From the command line, lifts max_revocations; negative: not given.
  int allowed_revocations = -1;
  bool allow_empty_list = false;
  std::optional<Baseline> baseline;
  bool several_users = false;  // the configuration has identities
};

// The ids of the guards that CheckGuards looks at, each in its order.
std::vector<std::string> GuardsInForce(const PolicyConfig& policy,
                                       const GuardOptions& options);

// The brakes over what would be done: too many revocations, one that is
// forbidden, a list of tokens that is another user's or suddenly empty, two
// identities that are one user.
std::vector<Finding> CheckGuards(const DesiredState& desired,
                                 const ActualState& actual,
                                 const ChangeSet& changes,
                                 const GuardOptions& options);

}  // namespace patform
