#include "engine/inquiry/status.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "engine/base/strings.h"
#include "engine/diff/decide.h"
#include "engine/diff/diff.h"
#include "engine/diff/token_view.h"
#include "engine/model/token_key.h"

namespace patform {
namespace {

using State = GenerationState;
using RecordState = HeldRecord::State;

// The plan by token, so that each token is looked up once.
struct PlanIndex {
  explicit PlanIndex(const Plan& plan) {
    for (const Change& change : plan.changes.changes) {
      changes[{change.organization, change.address}].push_back(&change);
    }
    for (const Deferred& deferred : plan.changes.deferred) {
      deferrals[{deferred.organization, deferred.address}] = &deferred;
    }
  }
  absl::flat_hash_map<TokenKey, std::vector<const Change*>> changes;
  absl::flat_hash_map<TokenKey, const Deferred*> deferrals;
};

// One token's generations.
class OneToken {
 public:
  OneToken(const std::string& address, const std::string& organization,
           const std::string& name, const TokenView& view,
           const DesiredToken* desired, std::string places,
           const PlanIndex& plan, absl::Time now)
      : view_(view), desired_(desired), places_(std::move(places)), now_(now) {
    status_.name = name;
    status_.address = address;
    status_.organization = organization;
    status_.declared = desired != nullptr;
    if (desired != nullptr) status_.where = desired->where;
    const TokenKey key = {organization, status_.address};
    if (const auto found = plan.changes.find(key);
        found != plan.changes.end()) {
      changes_ = found->second;
    }
    if (const auto found = plan.deferrals.find(key);
        found != plan.deferrals.end()) {
      status_.problem = found->second->explanation;
    }
    // The places of a token that is not to be present are not read.
    if (desired != nullptr && desired->ensure == Ensure::kPresent) {
      records_ = view_.records;
    }
    for (const HeldRecord& held : records_) {
      unreadable_ = unreadable_ || held.state == RecordState::kUnknown;
    }
    if (!records_.empty()) record_ = records_[0].record;
  }

  TokenStatus Take() {
    for (const Change* change : changes_) {
      if (change->decision.kind != Decision::Kind::kMake) continue;
      status_.makes = change->decision.generation;
      status_.because = change->reason;
    }
    Recorded();
    for (const OwnToken& own : view_.ours) {
      Add(StateOf(own), own.token, own.generation, own.nonce);
    }
    for (const ActualToken& token : view_.strangers) {
      Add(State::kCopied, token, 0, "");
    }
    Unmarked();
    std::sort(status_.generations.begin(), status_.generations.end(),
              [](const GenerationStatus& a, const GenerationStatus& b) {
                return std::tie(a.generation, a.id) <
                       std::tie(b.generation, b.id);
              });
    Places();
    return std::move(status_);
  }

 private:
  // The token that the primary record names, when it does not live.
  void Recorded() {
    if (!record_) return;
    if (!view_.recorded) {
      GenerationStatus gone;
      gone.state = State::kGone;
      gone.generation = record_->generation;
      gone.id = record_->id;
      gone.held_by = HeldBy(gone.id);
      Next(gone);
      status_.generations.push_back(std::move(gone));
      return;
    }
    if (view_.recorded->state == TokenState::kActive) return;
    Add(view_.recorded->state == TokenState::kExpired ? State::kExpired
                                                      : State::kRevoked,
        *view_.recorded, record_->generation, "");
  }

  State StateOf(const OwnToken& own) const {
    if (desired_ == nullptr) return State::kUndeclared;
    if (desired_->ensure == Ensure::kAbsent) return State::kDeclaredAbsent;
    if (desired_->ensure == Ensure::kReleased) return State::kDeclaredReleased;
    if (desired_->deliver.empty()) return State::kWatched;
    if (record_ && own.token.id == record_->id) return State::kCurrent;
    if (!HeldBy(own.token.id).empty()) return State::kPartlyDelivered;
    if (view_.served_elsewhere.count(own.token.id) > 0) {
      return State::kServedElsewhere;
    }
    if (unreadable_) return State::kUnknown;
    // The generation of a record orders only tokens of this name: for a record
    // that names another token it means nothing.
    const bool comparable =
        record_ && (!view_.recorded ||
                    view_.recorded->state != TokenState::kActive || IsOurs());
    if (comparable && own.generation <= record_->generation) {
      return State::kSuperseded;
    }
    if (!view_.knows_age || own.token.valid_from + kAgeFence >= now_) {
      return State::kInFlight;
    }
    return comparable && own.ForPlaces(places_) ? State::kOrphan
                                                : State::kUnrecorded;
  }

  bool IsOurs() const {
    return std::any_of(
        view_.ours.begin(), view_.ours.end(),
        [this](const OwnToken& own) { return own.token.id == record_->id; });
  }

  void Unmarked() {
    for (const ActualToken& token : view_.unmarked) {
      const bool watched = desired_ != nullptr && desired_->deliver.empty() &&
                           desired_->ensure == Ensure::kPresent &&
                           view_.ours.empty() && view_.unmarked.size() == 1;
      const bool absent = desired_ != nullptr &&
                          desired_->ensure == Ensure::kAbsent &&
                          view_.unmarked.size() == 1;
      Add(watched  ? State::kWatched
          : absent ? State::kDeclaredAbsent
                   : State::kUnmanaged,
          token, 0, "");
    }
  }

  void Add(State state, const ActualToken& token, int64_t generation,
           const std::string& nonce) {
    GenerationStatus row;
    row.state = state;
    row.generation = generation;
    row.id = token.id;
    row.display_name = token.display_name;
    row.nonce = nonce;
    row.valid_from = token.valid_from;
    row.valid_to = token.valid_to;
    row.held_by = HeldBy(token.id);
    Next(row);
    const bool counts = state == State::kCurrent || state == State::kWatched;
    if (counts && desired_ != nullptr) {
      const absl::Time due = DueAt(*desired_, token.valid_from, token.valid_to);
      if (due != absl::InfiniteFuture()) status_.due_at = due;
    }
    status_.generations.push_back(std::move(row));
  }

  std::vector<std::string> HeldBy(const AuthorizationId& id) const {
    std::vector<std::string> places;
    for (size_t i = 0; i < records_.size(); ++i) {
      if (records_[i].record && records_[i].record->id == id) {
        places.push_back(desired_->deliver[i].Address());
      }
    }
    return places;
  }

  static const Collect* Find(const std::vector<Collect>& collects,
                             const AuthorizationId& id) {
    for (const Collect& collect : collects) {
      if (collect.id == id) return &collect;
    }
    return nullptr;
  }

  void Next(GenerationStatus& row) const {
    const bool leaves_alone =
        row.state == State::kCopied || row.state == State::kUnmanaged;
    for (const Change* change : changes_) {
      const bool makes = change->decision.kind == Decision::Kind::kMake;
      const bool in_service =
          row.state == State::kCurrent || row.state == State::kExpired ||
          row.state == State::kRevoked || row.state == State::kGone;
      for (const std::vector<Collect>* ends :
           {&change->decision.collect_first, &change->decision.collect,
            &change->revoke}) {
        const Collect* end = Find(*ends, row.id);
        if (end == nullptr) continue;
        row.next = makes && in_service ? NextStep::kReplace
                   : end->retire_at    ? NextStep::kRetire
                                       : NextStep::kRevoke;
        row.at = end->retire_at;
        return;
      }
      if (makes && in_service) {
        row.next = NextStep::kReplace;
        row.at = row.valid_to;
        return;
      }
      if (change->update && change->update->id == row.id) {
        row.next = change->action == Action::kRelease ? NextStep::kRelease
                                                      : NextStep::kUpdate;
        return;
      }
    }
    if (leaves_alone) return;
    if (!status_.problem.empty()) {
      row.next = NextStep::kUndecided;
      return;
    }
    if (row.state == State::kInFlight) {
      row.next = NextStep::kWait;
      row.at = *row.valid_from + kAgeFence;
    } else if (row.state == State::kSuperseded ||
               row.state == State::kUnrecorded) {
      const bool ends =
          *row.valid_to <= now_ + desired_->grace + kDateTolerance;
      row.next = ends ? NextStep::kEndItself : NextStep::kWait;
      row.at = ends ? *row.valid_to : *row.valid_from + kAgeFence;
    }
  }

  void Places() {
    for (size_t i = 0; i < records_.size(); ++i) {
      const HeldRecord& held = records_[i];
      PlaceStatus place;
      place.address = desired_->deliver[i].Address();
      place.why = std::string(held.why.message());
      switch (held.state) {
        case RecordState::kPresent:
          place.generation = held.record->generation;
          place.state = record_ && held.record->id == record_->id
                            ? PlaceStatus::State::kHolds
                            : PlaceStatus::State::kOther;
          break;
        case RecordState::kAbsent:
          place.state = PlaceStatus::State::kEmpty;
          break;
        case RecordState::kForeign:
          place.state = PlaceStatus::State::kForeign;
          break;
        case RecordState::kUnknown:
          place.state = PlaceStatus::State::kUnreadable;
          break;
        case RecordState::kTorn:
          place.state = PlaceStatus::State::kTorn;
          break;
        case RecordState::kSilent:
          place.state = PlaceStatus::State::kSilent;
          break;
      }
      status_.places.push_back(std::move(place));
    }
  }

  const TokenView& view_;
  const DesiredToken* desired_;
  const std::string places_;  // PlacesPrint of its deliveries
  const absl::Time now_;
  std::vector<const Change*> changes_;
  std::vector<HeldRecord> records_;   // of its places, in their order
  std::optional<SinkRecord> record_;  // the primary's
  bool unreadable_ = false;
  TokenStatus status_;
};

bool Targeted(const std::vector<std::string>& targets,
              const TokenStatus& token) {
  return targets.empty() ||
         std::any_of(targets.begin(), targets.end(), [&](const auto& target) {
           return GlobMatch(target, token.name) ||
                  GlobMatch(target, token.address);
         });
}

}  // namespace

StatusReport MakeStatus(const DesiredState& desired, const ActualState& actual,
                        const Plan& plan,
                        const std::vector<std::string>& targets) {
  StatusReport report;
  report.workspace = plan.workspace;
  report.organizations = plan.organizations;
  report.as_of = plan.as_of;
  report.errors = CountOf(plan.findings, Severity::kError);
  report.warnings = CountOf(plan.findings, Severity::kWarning);
  const PlanIndex index(plan);
  std::map<std::string, std::map<std::string, TokenView>> views;
  for (const auto& [organization, snapshot] : actual.organizations) {
    views[organization] = ViewTokens(desired, organization, actual);
  }
  const auto add = [&](TokenStatus token) {
    if (!Targeted(targets, token)) {
      report.left_out.push_back(std::move(token.address));
      return;
    }
    for (const PlaceStatus& place : token.places) {
      if (place.state == PlaceStatus::State::kUnreadable) {
        report.complete = false;
      }
    }
    report.tokens.push_back(std::move(token));
  };
  std::set<TokenKey> declared;
  for (const DesiredToken& token : desired.tokens) {
    declared.insert({token.organization, token.name});
    add(OneToken(desired.AddressOf(token.name, token.organization),
                 token.organization, token.name,
                 views[token.organization][token.name], &token,
                 PlacesPrint(desired, token.deliver), index, plan.as_of)
            .Take());
  }
  for (const auto& [organization, by_name] : views) {
    for (const auto& [name, view] : by_name) {
      if (declared.count({organization, name}) > 0) continue;
      if (view.ours.empty() && view.strangers.empty()) continue;
      add(OneToken(desired.AddressOf(name, organization), organization, name,
                   view, nullptr, "", index, plan.as_of)
              .Take());
    }
  }
  return report;
}

}  // namespace patform
