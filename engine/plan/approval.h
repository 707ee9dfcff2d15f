#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/diff/change.h"
#include "engine/model/desired_state.h"

namespace patform {

// What somebody approves of one policy change: the intent, without what time
// or maintenance may change between a review and a release. An update in place
// that meanwhile fell due, and is a rotation now, is the same intent; another
// scope, place, sink, lifetime or token is not.
struct ApprovedChange {
  std::string address;
  std::string organization;
  std::map<std::string, std::string> facts;

  friend auto operator<=>(const ApprovedChange&,
                          const ApprovedChange&) = default;
};

// "to be created": what is meant to happen, for people.
std::string Intention(const ApprovedChange& change);

// What a digest stands for.
struct Approval {
  std::string workspace;
  std::string owner;  // the oid of the user whose tokens they are; or ""
  std::vector<ApprovedChange> changes;  // sorted, each once

  friend bool operator==(const Approval&, const Approval&) = default;
};

// The policy part of `changes`, which are classified.
Approval MakeApproval(const DesiredState& desired, const std::string& owner,
                      const std::vector<Change>& changes);

// "sha256:" and 64 hexadecimal digits, over the approval as canonical JSON.
std::string Digest(const Approval& approval);

// Is `text` such a digest?
bool IsDigest(const std::string& text);

// What `now` asks for beyond what was approved, a line each, for people; empty:
// nothing, all of it may be done. Doing less than was approved is no
// difference.
std::vector<std::string> BeyondApproval(const Approval& approved,
                                        const Approval& now);

}  // namespace patform
