#include "engine/diff/endings.h"

#include <algorithm>
#include <utility>

#include "engine/base/likeness.h"
#include "engine/model/mark.h"

namespace patform {
namespace {

Ending FromCollect(const Change& change, const Collect& collect) {
  Ending ending;
  ending.id = collect.id;
  ending.display_name = collect.display_name;
  if (ending.display_name.empty() && change.before &&
      change.before->id == collect.id) {
    ending.display_name = change.before->display_name;
  }
  ending.generation = collect.generation;
  ending.reason = collect.reason;
  ending.at = collect.retire_at;
  ending.valid_to = collect.valid_to;
  if (collect.generation > 0) {
    ending.whose = change.reason == Reason::kUndeclared
                       ? Ending::Whose::kUndeclared
                       : Ending::Whose::kDeclared;
    ending.owner = change.owner;
  }
  return ending;
}

// An older generation of the token that the change is about: it has, or gets,
// a successor at the same place.
bool Succeeded(const Change& change, const Ending& ending) {
  if (ending.generation == 0) return false;
  if (ending.reason == Reason::kOrphan) return true;
  const std::string name = ending.HumanName();
  if (name.empty() || SameFolded(name, change.name)) return true;
  const std::optional<OwnToken>& current = change.decision->current;
  return current && (current->token.id == ending.id ||
                     SameFolded(HumanName(current->token.display_name), name));
}

// The end that an update brings forward.
std::optional<Ending> Shortened(const Change& change) {
  if (!change.InPlace() || !change.before || !change.after ||
      !change.before->id || !change.before->valid_to ||
      !change.after->valid_to ||
      *change.after->valid_to + kDateTolerance >= *change.before->valid_to) {
    return std::nullopt;
  }
  Ending ending;
  ending.id = *change.before->id;
  ending.display_name = change.before->display_name;
  ending.generation = change.before->generation;
  ending.reason = change.reason;
  ending.whose = ending.generation > 0 ? Ending::Whose::kDeclared
                                       : Ending::Whose::kUnmanaged;
  if (ending.generation > 0) ending.owner = change.owner;
  ending.at = change.after->valid_to;
  ending.valid_to = *change.before->valid_to;
  ending.revocation = ending.generation == 0 || change.ends_unrenewed;
  return ending;
}

}  // namespace

std::string Ending::HumanName() const {
  return std::string(patform::HumanName(display_name));
}

std::vector<Ending> EndingsOf(const Change& change) {
  std::vector<Ending> endings;
  for (const auto* collects :
       {&change.decision->collect_first, &change.decision->collect}) {
    for (const Collect& collect : *collects) {
      endings.push_back(FromCollect(change, collect));
      Ending& ending = endings.back();
      ending.revocation =
          !Succeeded(change, ending) ||
          (change.ends_unrenewed && change.before->id == ending.id);
    }
  }
  for (const Collect& collect : change.revoke) {
    endings.push_back(FromCollect(change, collect));
  }
  if (std::optional<Ending> shortened = Shortened(change)) {
    endings.push_back(*std::move(shortened));
  }
  return endings;
}

void ActionCounts::Add(const Change& change) {
  if (change.action != Action::kRevoke) {
    ++of_[static_cast<size_t>(change.action)];
  }
  of_[static_cast<size_t>(Action::kRevoke)] += RevocationsOf(change);
}

ActionCounts CountActions(const std::vector<Change>& changes) {
  ActionCounts counts;
  for (const Change& change : changes) counts.Add(change);
  return counts;
}

int RevocationsOf(const Change& change) {
  const std::vector<Ending> endings = EndingsOf(change);
  return static_cast<int>(
      std::count_if(endings.begin(), endings.end(),
                    [](const Ending& ending) { return ending.revocation; }));
}

}  // namespace patform
