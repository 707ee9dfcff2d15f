#include "engine/plan/maintenance.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/strings.h"
#include "engine/model/mark.h"
#include "engine/plan/classify.h"

namespace patform {
namespace {

bool IsMaintenance(const Change& change) {
  return change.change_class == ChangeClass::kMaintenance;
}

// Is it perhaps to be rotated or extended whether it was edited or not? The
// plan without the edit decides.
bool IsDueAsWell(const Change& change) {
  if (IsMaintenance(change) || !change.before ||
      change.before->generation == 0 ||
      HumanName(change.before->display_name) != change.name) {
    return false;
  }
  if (change.action == Action::kRotate) return ByTimeOrCrash(change.reason);
  return change.action == Action::kUpdate && change.after->valid_to &&
         change.before->valid_to &&
         *change.after->valid_to > *change.before->valid_to;
}

// Takes the edits of one token back that a rotation would make. What it does
// not undo (a new primary place, a name) makes the rotation wait with them.
void TakeBack(const Change& change, const ActualState& actual,
              DesiredToken& token) {
  token.scopes = change.before->scopes;
  token.all_organizations = change.before->all_organizations;
  token.replaces.clear();
  std::vector<Delivery> served;
  for (const Delivery& place : token.deliver) {
    if (HoldsSecretOf(change, place, actual)) served.push_back(place);
  }
  // Another primary would change what the record of all the others means.
  if (!served.empty() &&
      served.front().Address() == token.deliver.front().Address()) {
    token.deliver = std::move(served);
  }
}

// The other rules go on: what breaks one by an edit that waits is not done.
void Soften(Plan& plan) {
  std::set<std::string> done;
  for (const Change& change : plan.changes.changes) done.insert(change.address);
  for (Finding& finding : plan.findings) {
    if (!finding.address.empty() && done.count(finding.address) == 0) {
      finding.severity = Severity::kWarning;
    }
  }
}

}  // namespace

Maintenance MaintenanceOf(const DesiredState& desired,
                          const ActualState& actual, const PlanOptions& options,
                          const Plan& plan) {
  Maintenance result;
  result.desired = desired;
  for (const Change& change : plan.changes.changes) {
    if (!IsDueAsWell(change)) continue;
    for (DesiredToken& token : result.desired.tokens) {
      if (token.name == change.name && token.realm() == change.realm()) {
        TakeBack(change, actual, token);
      }
    }
  }
  result.plan = MakePlan(result.desired, actual, options, plan.as_of);
  result.plan.identity = plan.identity;
  std::erase_if(result.plan.changes.changes,
                [](const Change& change) { return !IsMaintenance(change); });
  for (const Change& change : plan.changes.changes) {
    if (!IsMaintenance(change)) result.plan.waiting.push_back(change);
  }
  result.plan.counts = CountActions(result.plan.changes.changes);
  SetDigest(result.desired, actual, options, result.plan);
  AskGuards(result.desired, actual, options, result.plan);
  Soften(result.plan);
  return result;
}

}  // namespace patform
