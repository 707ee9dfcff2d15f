#include "engine/apply/remaining.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace patform {
namespace {

void AddEnds(const std::vector<Collect>& ends, const Performed& performed,
             std::vector<std::string>& lines) {
  for (const Collect& end : ends) {
    if (performed.ended.count(end.id) > 0) continue;
    lines.push_back(absl::StrCat("end ", WhichToken(end.generation, end.id)));
  }
}

void AddDelivery(const Change& change, size_t place, const Performed& performed,
                 std::vector<std::string>& lines) {
  if (performed.delivered.count(static_cast<int>(place)) > 0) return;
  lines.push_back(absl::StrCat("deliver to ", change.deliver[place].Address()));
}

}  // namespace

std::string WhichToken(int64_t generation, const AuthorizationId& id) {
  if (generation == 0) return absl::StrCat("token ", id.Short());
  return absl::StrCat("generation ", generation, " (", id.Short(), ")");
}

std::vector<std::string> RemainingEnds(const Change& change,
                                       const Performed& performed) {
  std::vector<std::string> lines;
  AddEnds(change.action == Action::kRevoke ? change.revoke
                                           : change.decision.collect,
          performed, lines);
  return lines;
}

std::vector<std::string> Remaining(const Change& change,
                                   const Performed& performed) {
  std::vector<std::string> lines;
  switch (change.action) {
    case Action::kNoOp:
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
      if (!performed.minted) {
        AddEnds(change.decision.collect_first, performed, lines);
        lines.push_back(
            absl::StrCat("mint generation ", change.decision.generation));
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
