#include "engine/inquiry/audit.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/clock.h"
#include "engine/base/likeness.h"
#include "engine/base/strings.h"
#include "engine/desired/scope_catalog.h"
#include "engine/diff/still_served.h"
#include "engine/model/mark.h"
#include "engine/policy/existing.h"
#include "engine/policy/scope_rules.h"

namespace patform {
namespace {

constexpr absl::Duration kLongLife = absl::Hours(24 * 90);
constexpr absl::Duration kSoon = absl::Hours(24 * 14);

// Clients of these may know nothing but a PAT.
bool NeedsPat(const ScopeInfo& scope) {
  return scope.category == "Packaging" || scope.category == "Marketplace" ||
         scope.category == "Agent Pools";
}

class Auditor {
 public:
  Auditor(const DesiredState& desired, const ActualState& actual,
          const Plan* plan, absl::Time now)
      : desired_(desired),
        plan_(plan),
        now_(now),
        served_(StillServed(actual.records, {})) {
    for (const DesiredToken& token : desired.tokens) {
      declared_[{token.realm(), Folded(token.name)}] = &token;
    }
    if (plan == nullptr) return;
    for (const Change& change : plan->changes.changes) {
      if (change.action == Action::kUpdate) continue;
      const std::set<AuthorizationId> ids = ChangedBy({change});
      renewed_or_ended_.insert(ids.begin(), ids.end());
    }
    for (const Unrenewed& token : plan->changes.unrenewed) {
      if (token.id) unrenewed_[*token.id] = &token;
    }
  }

  bool unreadable() const { return served_.unread != nullptr; }

  AuditedToken Look(const Realm& realm, const ActualToken& token) {
    AuditedToken audited;
    audited.organization = realm.organization;
    audited.identity = realm.identity;
    audited.token = token;
    out_ = &audited;
    const auto marked = ParseDisplayName(token.display_name);
    const bool ours = marked && marked->workspace == desired_.workspace;
    const DesiredToken* declared = nullptr;
    if (ours || !marked) {
      const auto found =
          declared_.find({realm, Folded(HumanName(token.display_name))});
      if (found != declared_.end()) declared = found->second;
    }
    if (declared != nullptr) {
      audited.address = desired_.AddressOf(declared->name, realm);
      audited.where = declared->where;
    }
    Global(token);
    Scopes(token, declared);
    LongLived(token);
    Expiring(token, declared, ours);
    if (plan_ != nullptr && !marked && declared == nullptr) {
      Add(Risk::kUndeclared, "is in no configuration");
    }
    Unused(token, ours);
    if (declared == nullptr) Replaceable(token);
    out_ = nullptr;
    return audited;
  }

 private:
  void Add(Risk risk, std::string what) {
    out_->risks.push_back({risk, std::move(what)});
    out_->points += InfoOf(risk).points;
  }

  void Global(const ActualToken& token) {
    if (!token.all_organizations) return;
    const absl::Time end =
        absl::FromCivil(absl::CivilDay(2026, 12, 1), absl::UTCTimeZone());
    Add(Risk::kGlobal,
        absl::StrCat("is valid in all organizations; the service ",
                     now_ < end ? "ends" : "ended", " such tokens on ",
                     kGlobalTokensEnd, " (", FormatRelative(end, now_), ")"));
  }

  // Reviewed with the configuration, delivered and replaced in time: whether
  // its scopes are too wide is for the policy to judge.
  bool WellKept(const ActualToken& token, const DesiredToken* declared) const {
    return declared != nullptr && !declared->deliver.empty() &&
           token.valid_to - token.valid_from <= MostLife();
  }

  // A minute or two are the clocks' affair.
  absl::Duration MostLife() const {
    return desired_.policy.max_lifetime.value_or(kLongLife) + absl::Minutes(10);
  }

  void Scopes(const ActualToken& token, const DesiredToken* declared) {
    if (token.scopes.empty() || token.scopes.Contains(kFullAccess)) {
      Add(Risk::kFullAccess,
          absl::StrCat("has full access (", AbslView(kFullAccess), ")"));
      return;
    }
    std::vector<std::string> high;
    for (std::string_view scope : token.scopes.items()) {
      const ScopeInfo* info = FindScope(scope);
      if (info != nullptr && info->high_privilege) high.emplace_back(scope);
    }
    if (high.empty() || WellKept(token, declared)) return;
    Add(Risk::kHighPrivilege, absl::StrCat("has ", absl::StrJoin(high, ", ")));
  }

  void LongLived(const ActualToken& token) {
    const absl::Duration most =
        desired_.policy.max_lifetime.value_or(kLongLife);
    const absl::Duration life = token.valid_to - token.valid_from;
    if (life <= MostLife()) return;
    Add(Risk::kLongLived,
        absl::StrCat("lives ", FormatSpan(life), "; more than ",
                     FormatSpan(most),
                     desired_.policy.max_lifetime ? " is against the policy"
                                                  : " is long"));
  }

  // What patform renews, or lets end on purpose, needs nobody.
  void Expiring(const ActualToken& token, const DesiredToken* declared,
                bool ours) {
    if (const auto found = unrenewed_.find(token.id);
        found != unrenewed_.end()) {
      const Unrenewed& ends = *found->second;
      if (!ends.IsShown(now_) && ends.ends - now_ > kSoon) return;
      return Add(Risk::kExpiring, EndsText(ends, now_));
    }
    if (token.valid_to - now_ > kSoon) return;
    if (renewed_or_ended_.count(token.id) > 0) return;
    if (declared != nullptr &&
        (!declared->deliver.empty() || declared->renewal == Renewal::kExtend)) {
      return;
    }
    if (ours && declared == nullptr) return;
    Add(Risk::kExpiring,
        absl::StrCat("ends ", FormatRelative(token.valid_to, now_),
                     " and nothing renews it"));
  }

  void Unused(const ActualToken& token, bool ours) {
    if (plan_ == nullptr || !ours || served_.places.contains(token.id)) return;
    // One that could not be read may name it.
    if (unreadable()) return;
    Add(Risk::kUnused, "is named by no sink's record");
  }

  void Replaceable(const ActualToken& token) {
    for (std::string_view scope : token.scopes.items()) {
      const ScopeInfo* info = FindScope(scope);
      if (info == nullptr || scope == kFullAccess || NeedsPat(*info)) return;
    }
    if (token.scopes.empty()) return;
    Add(Risk::kReplaceable,
        "could be an Entra token: nothing in its scopes "
        "needs a PAT");
  }

  const DesiredState& desired_;
  const Plan* plan_;
  const absl::Time now_;
  const Served served_;  // of what the places hold now
  // By realm and folded name.
  std::map<std::pair<Realm, std::string>, const DesiredToken*> declared_;
  std::set<AuthorizationId> renewed_or_ended_;
  std::map<AuthorizationId, const Unrenewed*> unrenewed_;  // of the plan
  AuditedToken* out_ = nullptr;
};

bool EndsSoon(const AuditedToken& token) {
  return std::any_of(
      token.risks.begin(), token.risks.end(),
      [](const TokenRisk& each) { return each.risk == Risk::kExpiring; });
}

}  // namespace

RiskLevel LevelOf(int points) {
  return points >= 100  ? RiskLevel::kCritical
         : points >= 50 ? RiskLevel::kHigh
         : points >= 20 ? RiskLevel::kMedium
         : points > 0   ? RiskLevel::kLow
                        : RiskLevel::kNone;
}

int AuditReport::CountOf(RiskLevel level) const {
  return static_cast<int>(std::count_if(
      tokens.begin(), tokens.end(),
      [&](const AuditedToken& t) { return LevelOf(t.points) == level; }));
}

AuditReport MakeAudit(const DesiredState& desired, const ActualState& actual,
                      const Plan* plan, absl::Time now) {
  AuditReport report;
  report.workspace = desired.workspace;
  report.user_oid = actual.user_oid;
  report.as_of = now;
  if (plan != nullptr) report.snapshot_taken_at = plan->snapshot_taken_at;
  Auditor auditor(desired, actual, plan, now);
  std::set<std::string> organizations;
  for (const auto& [realm, snapshot] : actual.organizations) {
    organizations.insert(realm.organization);
    if (!realm.identity.empty()) {
      report.users[realm.identity] = actual.UserOf(realm.identity);
    }
    for (const ActualToken& token : snapshot.tokens) {
      if (token.state != TokenState::kActive || token.valid_to <= now) continue;
      report.tokens.push_back(auditor.Look(realm, token));
    }
  }
  report.organizations.assign(organizations.begin(), organizations.end());
  const auto rank = [](const AuditedToken& t) {
    return std::tie(t.organization, t.identity, t.token.display_name,
                    t.token.id);
  };
  std::sort(report.tokens.begin(), report.tokens.end(),
            [&](const AuditedToken& a, const AuditedToken& b) {
              const bool ends = EndsSoon(a);
              if (ends != EndsSoon(b)) return ends;
              if (ends && a.token.valid_to != b.token.valid_to) {
                return a.token.valid_to < b.token.valid_to;
              }
              if (a.points != b.points) return a.points > b.points;
              if (a.points > 0 && a.risks[0].risk != b.risks[0].risk) {
                return a.risks[0].risk < b.risks[0].risk;
              }
              return rank(a) < rank(b);
            });
  ExistingInput input;
  if (plan != nullptr) {
    input.unmanaged = &plan->changes.unmanaged;
    report.strays = plan->changes.strays;
  }
  report.findings = CheckExisting(desired, actual, input, now);
  for (const auto& [realm, why] : actual.unread) {
    report.unread.push_back(
        absl::StrCat("the tokens of ", realm.ToString(),
                     " could not be listed: ", std::string(why.message())));
  }
  report.complete = !auditor.unreadable() && report.unread.empty();
  return report;
}

}  // namespace patform
