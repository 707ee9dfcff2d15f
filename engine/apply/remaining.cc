#include "engine/apply/remaining.h"

#include <utility>

#include "absl/strings/str_cat.h"

// What a run that was cut short has left to do, in the words of a plan, so that
// somebody who reads the end of a log knows what the next apply will do. An
// empty list means that nothing is left.
namespace patform {
namespace {

// Ends that were carried out are left out.
void AddEnds(const std::vector<Collect>& ends, const Performed& performed,
             std::vector<std::string>& lines) {
  for (const Collect& end : ends) {
    if (performed.ended.count(end.id) > 0) continue;
    lines.push_back(absl::StrCat("end ", WhichToken(end.generation, end.id)));
  }
}

// `place`: index into change.deliver.
void AddDelivery(const Change& change, size_t place, const Performed& performed,
                 std::vector<std::string>& lines) {
  if (performed.delivered.count(static_cast<int>(place)) > 0) return;
  lines.push_back(absl::StrCat("deliver to ", change.deliver[place].Address()));
}

}  // namespace

// Unmarked tokens have no generation.
std::string WhichToken(int64_t generation, const AuthorizationId& id) {
  if (generation == 0) return absl::StrCat("token ", id.Short());
  return absl::StrCat("generation ", generation, " (", id.Short(), ")");
}

// For what was minted already: its old tokens.
std::vector<std::string> RemainingEnds(const Change& change,
                                       const Performed& performed) {
  std::vector<std::string> lines;
  // A revocation's own list, or what a rotation supersedes.
  AddEnds(change.action == Action::kRevoke ? change.revoke
                                           : change.decision->collect,
          performed, lines);
  return lines;
}

std::vector<std::string> Remaining(const Change& change,
                                   const Performed& performed) {
  std::vector<std::string> lines;
  switch (change.action) {
    case Action::kNoOp:
    // Nothing but their ends, which are below.
    case Action::kRevoke:
    case Action::kFinish:
      break;
    case Action::kUpdate:
      if (!performed.updated) lines.push_back("update it in place");
      break;
    case Action::kRelease:
      if (!performed.updated) lines.push_back("take the mark off");
      break;
    case Action::kCreate:
    case Action::kRotate:
      // What had to end before there was room for another generation.
      if (!performed.minted) {
        AddEnds(change.decision->collect_first, performed, lines);
        lines.push_back(
            absl::StrCat("mint generation ", change.decision->generation));
      }
      // The primary is the last.
      for (size_t i = 1; i < change.deliver.size(); ++i) {
        AddDelivery(change, i, performed, lines);
      }
      if (!change.deliver.empty()) AddDelivery(change, 0, performed, lines);
  }
  for (std::string& line : RemainingEnds(change, performed)) {
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace patform
