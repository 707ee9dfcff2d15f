#pragma once

#include <map>
#include <string>

#include "absl/time/time.h"
#include "engine/apply/rotation.h"
#include "engine/inquiry/status.h"

// Prometheus text for the textfile collector of node exporter. It reads all
// files of its folder as one, and of a series that is in two of them it keeps
// whichever comes first. So what shows a state (`status`, `plan`) and what
// `apply` did have no family in common, and each has a file of its own. Pure.
namespace patform {

enum class TokenNames {
  kLeftOut,  // tokens are counted, and the earliest date of several is shown
  kShown,    // a series for each token
};

// How things stand. Labels have a bounded number of values: the workspace, its
// organizations and words of ours. Names only with kShown.
std::string RenderStatusMetrics(const StatusReport& report, TokenNames names);

// What the last apply did.
struct LastApply {
  std::string workspace;  // "": its configuration could not be read
  absl::Time ended;
  int exit_code = 0;  // 0: it succeeded
  std::map<Outcome::Kind, int> changes;
};
std::string RenderApplyMetrics(const LastApply& apply);

}  // namespace patform
