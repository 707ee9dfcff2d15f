#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/desired/read_desired.h"
#include "engine/model/actual_state.h"
#include "engine/model/desired_state.h"

// Tokens that exist, written down as the TOML that declares them. Pure.
//
// What comes out is not believed to be right: it is read back by the reader
// that `plan` uses, checked against the policy and diffed with the very tokens
// it came from. A table that would not pass, or that would change its token,
// is written as a comment with the reason. So the result is always valid, and
// a plan of it is always empty; or, where the tables say a delivery, it makes
// each token once and ends what that one replaces, and nothing else.
namespace patform {

// One token, on its way into the configuration.
struct Adoptee {
  ActualToken token;
  std::string organization;
  std::string identity;    // as in Realm
  std::string name;        // human; the table's key
  int64_t generation = 0;  // of this workspace's mark; 0: carries none
  // Why it cannot be declared as it is; its table is a comment then.
  std::string obstacle;
  bool to_be_revoked = false;  // with an obstacle: by a plan, as it is
  // Other live tokens of its name, which its table names in `replaces`; the
  // newest first.
  std::vector<ActualToken> replaces;
  // Where its next secret goes, as the file shall have it; nullopt: it is only
  // watched. With it, the table says a lifetime and replaces the token itself.
  std::optional<Delivery> deliver;
  absl::Duration lifetime;
  // What [defaults] would change, and what the policy asks for.
  bool says_organization = false;
  bool says_identity = false;
  bool says_one_organization = false;
  bool says_present = false;
  bool says_no_delivery = false;
  std::vector<std::string> asked_for;  // `owner`, `purpose`, labels
};

// Where tokens that are adopted get their next secret.
struct AdoptedDelivery {
  std::string sink;
  // As in the file: {name} is the token's. "": the sink's default.
  std::string at;
  std::string key;
  // Where `key` is "": it is made of the token's name, CI_PACKAGING.
  bool key_of_name = false;
};

// A token that is not adopted, and why.
struct PassedOver {
  enum class Why { kDeclared, kOtherWorkspace, kCopiedMark };
  Why why = Why::kDeclared;
  std::string display_name;
  std::string organization;
  std::string workspace;  // kOtherWorkspace: whose
  std::string identity;   // as in Realm
};

struct AdoptionInput {
  const DesiredState* desired = nullptr;  // valid; without what is adopted
  const ActualState* actual = nullptr;    // the lists to adopt from
  std::vector<std::string> patterns;      // globs over names; empty: all
  std::vector<AuthorizationId> ids;
  std::optional<AdoptedDelivery> deliver;
  absl::Time now;
  // Reads the configuration with these tables behind its main file, which
  // then begin in line `first_line`.
  std::function<ReadResult(const std::string& tables)> read;
  std::string main_file;
  int first_line = 1;
};

struct Adoption {
  // Both by organization, identity and name; these by id, too.
  std::vector<Adoptee> adopted;
  std::vector<PassedOver> passed_over;
  std::string tables;    // TOML, comments included; "" when nothing is adopted
  int declared() const;  // of `adopted`, those that are not comments
};

// kInvalidArgument: a pattern or id fits no live token, or the tables cannot
// be added to this configuration for a reason outside of them.
absl::StatusOr<Adoption> Adopt(const AdoptionInput& input);

// One token's comment and table; commented out if there is an obstacle.
std::string RenderTable(const Adoptee& adoptee, absl::Time now);

}  // namespace patform
