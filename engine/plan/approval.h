#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/diff/change.h"
#include "engine/model/actual_state.h"
#include "engine/model/desired_state.h"
#include "engine/plan/options.h"

// What somebody approves by a digest, exactly.
//
// Two plans of one digest let `apply --approve` make the same policy changes
// under the same rules. So the digest is over
//   - the workspace and the users whose tokens they are; how [auth] signs in,
//     and each [identity.NAME] that a change is of;
//   - what was asked for on the command line: --rotate, --target,
//     --allow-revocations, --allow-empty-list;
//   - the policy in force, the configuration's and the policy
//     file's together, every rule and exception;
//   - the sinks that the changes deliver to, their settings in full;
//   - of each policy change its action, what is there now (nothing, a token,
//     one that ended), the fields that differ with their values of now,
//     everything that the file declares of the token, the places that get a
//     secret for the first time and what they hold now, and each token that
//     ends as a revocation (diff/endings.h: all but the earlier generations of
//     a token that stays), by id and name.
// All of it is structured (desired_json.h): no two values read the same.
//
// On purpose it is not over
//   - maintenance: what time or an interrupted run asks for is authorised by
//     the merged file, so that two approved pull requests do not invalidate
//     each other. What an edit says of a token that needs no policy change now
//     (another grace, lifetime, window, owner …) is of this kind, too: it
//     counts from that token's next maintenance on;
//   - which generation of a token that stays is in service, and whether an
//     approved change is made in place or by a rotation that has fallen due in
//     the meantime: a nightly run must not undo an approval;
//   - dates: when a token began, when its life will end, when the plan was
//     made;
//   - where in which file something is declared.
namespace patform {

// One policy change.
struct ApprovedChange {
  std::string address;
  std::string organization;
  std::string identity;  // as in Realm
  std::string content;   // canonical JSON

  friend auto operator<=>(const ApprovedChange&,
                          const ApprovedChange&) = default;
};

// "to be rotated": what is meant to happen, for people.
std::string Intention(const ApprovedChange& change);

// What a digest is made from. It follows from a plan and what that was made of;
// nobody reads it from a file.
struct Approval {
  std::string workspace;
  std::string user_oid;  // the oid of the user of [auth]; or ""
  std::set<std::string> rotate;
  std::vector<std::string> targets;
  int allowed_revocations = -1;
  bool allow_empty_list = false;
  std::string auth;                          // canonical JSON
  std::string policy;                        // canonical JSON
  std::map<std::string, std::string> sinks;  // by name; canonical JSON
  // Those that changes are of, by name; canonical JSON, the oid included.
  std::map<std::string, std::string> identities;
  std::vector<ApprovedChange> changes;  // sorted, each once

  friend bool operator==(const Approval&, const Approval&) = default;
};

// The policy part of `changes`, which are classified. As large as these are,
// so it is made only where somebody has to look into it.
Approval MakeApproval(const DesiredState& desired, const ActualState& actual,
                      const PlanOptions& options,
                      const std::vector<Change>& changes);

// The whole of it as canonical JSON: what the digest is over.
std::string CanonicalApproval(const Approval& approval);

struct ApprovalDigest {
  std::string digest;  // "sha256:" and 64 hexadecimal digits
  int changes = 0;     // that need an approval
};

// The digest of CanonicalApproval(MakeApproval(…)), without having all of that
// in memory.
ApprovalDigest DigestOf(const DesiredState& desired, const ActualState& actual,
                        const PlanOptions& options,
                        const std::vector<Change>& changes);

// Is `text` such a digest?
bool IsDigest(const std::string& text);

// What `now` asks for beyond what was approved, a line each, for people; empty:
// nothing, all of it may be done. Doing less than was approved is no
// difference.
std::vector<std::string> BeyondApproval(const Approval& approved,
                                        const Approval& now);

}  // namespace patform
