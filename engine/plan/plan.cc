#include "engine/plan/plan.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/strings.h"
#include "engine/diff/diff.h"
#include "engine/plan/approval.h"
#include "engine/plan/classify.h"
#include "engine/plan/places.h"
#include "engine/policy/existing.h"
#include "engine/policy/guards.h"

namespace patform {
namespace {

// The rules, over what is declared and over what would stay as it is. Before
// the targets are looked at: what they leave out is not news.
void CheckPolicy(const DesiredState& desired, const ActualState& actual,
                 Plan& plan) {
  std::vector<Note> excepted;
  plan.findings = CheckDesired(desired, plan.as_of, &excepted);
  ExistingInput input;
  input.changed = ChangedBy(plan.changes.changes);
  input.unmanaged = &plan.changes.unmanaged;
  input.reported = &plan.findings;
  std::vector<Finding> existing =
      CheckExisting(desired, actual, input, plan.as_of);
  std::move(existing.begin(), existing.end(),
            std::back_inserter(plan.findings));
  std::move(excepted.begin(), excepted.end(),
            std::back_inserter(plan.changes.notes));
}

// Does it make a secret, or give one more life or reach?
bool Makes(const Change& change) {
  return change.action == Action::kCreate || change.action == Action::kRotate ||
         change.action == Action::kUpdate;
}

// What lives of a token that is not renewed after all.
void AddHeldBack(const DesiredState& desired, const Change& change,
                 Plan& plan) {
  if (!change.before || !change.before->id || !change.before->valid_from) {
    return;
  }
  for (const DesiredToken& token : desired.tokens) {
    if (token.name != change.name || token.realm() != change.realm()) continue;
    ActualToken lives;
    lives.id = *change.before->id;
    lives.valid_from = *change.before->valid_from;
    lives.valid_to = *change.before->valid_to;
    // Instead of what it would have been with the change.
    std::erase_if(plan.changes.unrenewed, [&](const Unrenewed& row) {
      return row.address == change.address;
    });
    plan.changes.unrenewed.push_back(
        HeldBack(desired, token, lives, change.before->generation));
    return;
  }
}

// What breaks a rule since its exception ended is not done, and the rest is.
void HoldBackLapsed(const DesiredState& desired, const ActualState& actual,
                    Plan& plan) {
  std::map<std::string, const Finding*> lapsed;
  for (const Finding& finding : plan.findings) {
    if (finding.lapsed && finding.severity == Severity::kError) {
      lapsed.emplace(finding.address, &finding);
    }
  }
  if (lapsed.empty()) return;
  std::erase_if(plan.changes.changes, [&](const Change& change) {
    const auto found = lapsed.find(change.address);
    if (found == lapsed.end() || !Makes(change)) return false;
    AddHeldBack(desired, change, plan);
    plan.changes.deferred.push_back(
        {change.address, change.organization,
         absl::StrCat("it would ", RowOf(change.action).to_be, " (",
                      Explain(change.reason), "), which the policy forbids: ",
                      found->second->rule, ", ", found->second->what),
         false, change.where, change.name, change.identity});
    return true;
  });
  // What was to be replaced by it is still served.
  DeferServed(actual, plan.changes);
  SortUnrenewed(plan.changes);
}

// Places that are not as a place of secrets should be.
void NoteCautions(const DesiredState& desired, const ActualState& actual,
                  Plan& plan) {
  for (const DesiredToken& token : desired.tokens) {
    if (token.ensure != Ensure::kPresent) continue;
    for (const Delivery& place : token.deliver) {
      const auto held = actual.records.find(place.Address());
      if (held == actual.records.end() || held->second.caution.empty()) {
        continue;
      }
      plan.changes.notes.push_back(
          {desired.AddressOf(token.name, token.realm()), held->second.caution});
    }
  }
}

}  // namespace

Plan MakePlan(const DesiredState& desired, const ActualState& actual,
              const PlanOptions& options, absl::Time now) {
  Plan plan;
  plan.workspace = desired.workspace;
  plan.organizations = desired.Organizations();
  plan.user_oid = actual.user_oid;
  for (const AuthConfig& each : desired.identities) {
    plan.users[each.identity] = actual.UserOf(each.identity);
  }
  plan.as_of = now;
  plan.changes = Diff(desired, actual, options.diff, now);
  plan.stable_until = std::min(plan.changes.stable_until,
                               NextExceptionEnd(desired.policy, now));
  CheckPolicy(desired, actual, plan);
  HoldBackLapsed(desired, actual, plan);
  NoteCautions(desired, actual, plan);
  plan.targets = options.targets;
  std::vector<Change>& changes = plan.changes.changes;
  for (Change& change : changes) {
    change.change_class = Classify(change, desired, actual);
    if (std::string why = MayBeServedElsewhere(change, desired, actual);
        !why.empty()) {
      plan.changes.notes.push_back({change.address, std::move(why)});
    }
    change.places = DescribePlaces(change, desired, actual);
  }
  const auto left_out = std::stable_partition(
      changes.begin(), changes.end(), [&](const Change& change) {
        return IsTargeted(options.targets, change.name, change.address);
      });
  plan.left_out.assign(std::move_iterator(left_out),
                       std::move_iterator(changes.end()));
  changes.erase(left_out, changes.end());
  std::erase_if(plan.changes.deferred, [&](const Deferred& deferred) {
    return !IsTargeted(options.targets, deferred.name, deferred.address);
  });
  std::erase_if(plan.changes.unrenewed, [&](const Unrenewed& token) {
    return !IsTargeted(options.targets, token.name, token.address);
  });
  plan.counts = CountActions(plan.changes.changes);
  SetDigest(desired, actual, options, plan);
  plan.rules = RulesInForce(desired.policy);
  AskGuards(desired, actual, options, plan);
  return plan;
}

void SetDigest(const DesiredState& desired, const ActualState& actual,
               const PlanOptions& options, Plan& plan) {
  ApprovalDigest digest =
      DigestOf(desired, actual, options, plan.changes.changes);
  plan.digest = std::move(digest.digest);
  plan.policy_changes = digest.changes;
}

void AskGuards(const DesiredState& desired, const ActualState& actual,
               const PlanOptions& options, Plan& plan) {
  GuardOptions guards;
  guards.allowed_revocations = options.allowed_revocations;
  guards.allow_empty_list = options.allow_empty_list;
  guards.baseline = options.baseline;
  guards.several_users = !desired.identities.empty();
  for (std::string& guard : GuardsInForce(desired.policy, guards)) {
    std::erase_if(plan.findings, [&guard](const Finding& finding) {
      return finding.rule == guard;
    });
    std::erase(plan.rules, guard);
    plan.rules.push_back(std::move(guard));
  }
  for (Finding& finding : CheckGuards(desired, actual, plan.changes, guards)) {
    plan.findings.push_back(std::move(finding));
  }
}

void SetSnapshot(const DesiredState& desired, const ActualState& actual,
                 absl::Time taken_at, const std::set<std::string>& assumed,
                 Plan& plan) {
  plan.snapshot_taken_at = taken_at;
  std::set<std::string> noted;
  std::vector<Note> notes;
  for (const DesiredToken& token : desired.tokens) {
    if (token.ensure != Ensure::kPresent || assumed.empty()) continue;
    for (const Delivery& place : token.deliver) {
      std::string address = place.Address();
      const auto held = actual.records.find(address);
      if (assumed.count(address) == 0 || held == actual.records.end() ||
          held->second.state != HeldRecord::State::kAbsent ||
          !noted.insert(address).second) {
        continue;
      }
      notes.push_back({desired.AddressOf(token.name, token.realm()),
                       absl::StrCat(address,
                                    " is not in the snapshot; it is taken "
                                    "for empty")});
    }
  }
  plan.assumed_empty.assign(noted.begin(), noted.end());
  plan.changes.notes.insert(plan.changes.notes.begin(), notes.begin(),
                            notes.end());
}

}  // namespace patform
