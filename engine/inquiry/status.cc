#include "engine/inquiry/status.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "engine/base/strings.h"
#include "engine/diff/decide.h"
#include "engine/diff/diff.h"
#include "engine/diff/generation_state.h"
#include "engine/diff/life.h"
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
      changes[{change.identity, change.organization, change.address}].push_back(
          &change);
    }
    for (const Deferred& deferred : plan.changes.deferred) {
      deferrals[{deferred.identity, deferred.organization, deferred.address}] =
          &deferred;
    }
  }
  absl::flat_hash_map<TokenKey, std::vector<const Change*>> changes;
  absl::flat_hash_map<TokenKey, const Deferred*> deferrals;
};

// One token's generations.
class OneToken {
 public:
  OneToken(const std::string& address, const Realm& realm,
           const std::string& name, const TokenView& view,
           const DesiredToken* desired, const PlanIndex& plan, absl::Time now)
      : view_(view), says_(view), desired_(desired), now_(now) {
    status_.name = name;
    status_.address = address;
    status_.organization = realm.organization;
    status_.identity = realm.identity;
    status_.declared = desired != nullptr;
    if (desired != nullptr) {
      status_.where = desired->where;
      status_.owner = desired->owner;
      status_.purpose = desired->purpose;
      status_.scopes = desired->scopes;
    }
    const TokenKey key = {realm.identity, realm.organization, status_.address};
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
    if (!records_.empty()) record_ = records_[0].record;
  }

  TokenStatus Take() {
    for (const Change* change : changes_) {
      if (change->decision->kind != Decision::Kind::kMake) continue;
      status_.makes = change->decision->generation;
      status_.because = change->reason;
      if (change->after) status_.makes_until = change->after->valid_to;
    }
    Recorded();
    for (const OwnToken& own : view_.ours) AddOwn(own);
    for (const auto& [own, successor] : view_.former) {
      Add(State::kSuperseded, own.token, own.generation, own.nonce);
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
    if (desired_ == nullptr && !status_.generations.empty()) {
      status_.scopes = status_.generations.back().scopes;
    }
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
      Next(nullptr, gone);
      status_.generations.push_back(std::move(gone));
      return;
    }
    if (view_.recorded->state == TokenState::kActive) return;
    Add(view_.recorded->state == TokenState::kExpired ? State::kExpired
                                                      : State::kRevoked,
        *view_.recorded, record_->generation, "");
  }

  // What the table says of a token comes first: of one that is not to be
  // delivered the records tell nothing.
  State RowState(const OwnToken& own) const {
    if (desired_ == nullptr) return State::kUndeclared;
    if (desired_->ensure == Ensure::kAbsent) return State::kDeclaredAbsent;
    if (desired_->ensure == Ensure::kReleased) return State::kDeclaredReleased;
    if (desired_->deliver.empty()) return State::kWatched;
    return says_.StateOf(own, now_);
  }

  void Unmarked() {
    for (const ActualToken& token : view_.unmarked) {
      Add(UnmarkedState(), token, 0, "");
    }
  }

  // One alone of the name is meant by a table that needs no mark to mean it.
  State UnmarkedState() const {
    if (desired_ == nullptr || view_.unmarked.size() != 1) {
      return State::kUnmanaged;
    }
    if (desired_->ensure == Ensure::kAbsent) return State::kDeclaredAbsent;
    const bool watched = desired_->ensure == Ensure::kPresent &&
                         desired_->deliver.empty() && view_.ours.empty();
    return watched ? State::kWatched : State::kUnmanaged;
  }

  void AddOwn(const OwnToken& own) {
    Add(RowState(own), own.token, own.generation, own.nonce, &own);
  }
  // `own`: the token, if it is one of ours that live.
  void Add(State state, const ActualToken& token, int64_t generation,
           const std::string& nonce, const OwnToken* own = nullptr) {
    GenerationStatus row;
    row.state = state;
    row.generation = generation;
    row.id = token.id;
    row.display_name = token.display_name;
    row.nonce = nonce;
    row.valid_from = token.valid_from;
    row.valid_to = token.valid_to;
    row.scopes = token.scopes;
    row.held_by = HeldBy(token.id);
    Next(own, row);
    const bool counts = IsInService(state);
    if (counts && desired_ != nullptr) {
      const Dates dates = {token.valid_from, token.valid_to,
                           GrantedEnd(view_, token)};
      const absl::Time due = DueAt(*desired_, dates);
      if (due != absl::InfiniteFuture()) status_.due_at = due;
      if (state == State::kCurrent) {
        status_.shorter = ShorterLife(*desired_, dates);
      }
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

  // What the plan does comes first; of the rest the diff tells what becomes.
  void Next(const OwnToken* own, GenerationStatus& row) const {
    if (Planned(row)) return;
    if (row.state == State::kCopied || row.state == State::kUnmanaged) return;
    if (!status_.problem.empty()) {
      row.next = NextStep::kUndecided;
    } else if (own != nullptr && MayEnd(row.state)) {
      Later(*own, row);
    }
  }

  bool Planned(GenerationStatus& row) const {
    return std::any_of(
        changes_.begin(), changes_.end(),
        [&](const Change* change) { return PlannedBy(*change, row); });
  }

  static bool PlannedBy(const Change& change, GenerationStatus& row) {
    const bool replaced = change.decision->kind == Decision::Kind::kMake &&
                          WasInService(row.state);
    for (const std::vector<Collect>* ends :
         {&change.decision->collect_first, &change.decision->collect,
          &change.revoke}) {
      const Collect* end = Find(*ends, row.id);
      if (end == nullptr) continue;
      row.next = end->retire_at ? NextStep::kRetire : NextStep::kRevoke;
      if (replaced) row.next = NextStep::kReplace;
      row.at = end->retire_at;
      return true;
    }
    if (replaced) {
      row.next = NextStep::kReplace;
      row.at = row.valid_to;
      return true;
    }
    if (!change.InPlace() || change.before->id != row.id) return false;
    row.next = change.action == Action::kRelease ? NextStep::kRelease
                                                 : NextStep::kUpdate;
    return true;
  }

  // The record of the primary names it.
  static bool WasInService(State state) {
    return state == State::kCurrent || IsDead(state);
  }

  // Where the plan does not end one of these it is for a reason that passes.
  static bool MayEnd(State state) {
    return state == State::kSuperseded || state == State::kInFlight ||
           state == State::kOrphan || state == State::kUnrecorded ||
           state == State::kUndeclared;
  }

  void Later(const OwnToken& own, GenerationStatus& row) const {
    const absl::Duration grace =
        desired_ == nullptr ? absl::ZeroDuration() : desired_->grace;
    const Prospect prospect = ProspectOf(own, says_, grace, now_);
    switch (prospect.kind) {
      case Prospect::Kind::kStays:
        return;
      case Prospect::Kind::kEndsItself:
        row.next = NextStep::kEndItself;
        break;
      case Prospect::Kind::kIsToEnd:
        row.next = NextStep::kWait;
        break;
    }
    row.at = prospect.at;
  }

  void Places() {
    for (size_t i = 0; i < records_.size(); ++i) {
      const HeldRecord& held = records_[i];
      PlaceStatus place;
      place.address = desired_->deliver[i].Address();
      place.sink = desired_->deliver[i].sink;
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
  const Testimony says_;
  const DesiredToken* desired_;
  const absl::Time now_;
  std::vector<const Change*> changes_;
  std::vector<HeldRecord> records_;   // of its places, in their order
  std::optional<SinkRecord> record_;  // the primary's
  TokenStatus status_;
};

void EndingFirst(std::optional<absl::Duration> within, StatusReport& report) {
  const auto shown = [&](const TokenStatus& token) {
    if (!token.unrenewed) return false;
    return within ? token.unrenewed->ends <= report.as_of + *within
                  : token.unrenewed->IsShown(report.as_of);
  };
  const auto first =
      std::stable_partition(report.tokens.begin(), report.tokens.end(), shown);
  std::stable_sort(report.tokens.begin(), first,
                   [](const TokenStatus& a, const TokenStatus& b) {
                     return a.unrenewed->ends < b.unrenewed->ends;
                   });
  for (auto token = report.tokens.begin(); token != first; ++token) {
    token->ends = true;
    report.ending.push_back(*token->unrenewed);
  }
}

// What is the same for every token.
StatusReport WithoutTokens(const Plan& plan) {
  StatusReport report;
  report.workspace = plan.workspace;
  report.organizations = plan.organizations;
  report.as_of = plan.as_of;
  report.snapshot_taken_at = plan.snapshot_taken_at;
  report.sign_in = plan.SignInConcern();
  if (plan.identity && plan.identity->rests_until != absl::InfiniteFuture()) {
    report.sign_in_ends = plan.identity->rests_until;
    report.sign_in_why = plan.identity->rests_why;
  }
  report.strays = plan.changes.strays;
  report.errors = CountOf(plan.findings, Severity::kError);
  report.warnings = CountOf(plan.findings, Severity::kWarning);
  report.forbidden = Forbids(plan.findings);
  for (const Note& note : plan.changes.notes) {
    if (note.address == kClockNote) report.clock = note.text;
  }
  return report;
}

}  // namespace

StatusReport MakeStatus(const DesiredState& desired, const ActualState& actual,
                        const Plan& plan,
                        const std::vector<std::string>& targets,
                        std::optional<absl::Duration> within) {
  StatusReport report = WithoutTokens(plan);
  const PlanIndex index(plan);
  std::map<Realm, std::map<std::string, TokenView>> views;
  for (const auto& [realm, snapshot] : actual.organizations) {
    views[realm] = ViewTokens(desired, realm, actual);
  }
  std::map<TokenKey, const Unrenewed*> unrenewed;
  for (const Unrenewed& each : plan.changes.unrenewed) {
    unrenewed[{each.identity, each.organization, each.address}] = &each;
  }
  const auto add = [&](TokenStatus token) {
    if (!IsTargeted(targets, token.name, token.address)) {
      report.left_out.push_back(std::move(token.address));
      return;
    }
    for (const PlaceStatus& place : token.places) {
      if (place.state == PlaceStatus::State::kUnreadable) {
        report.complete = false;
      }
    }
    if (const auto found =
            unrenewed.find({token.identity, token.organization, token.address});
        found != unrenewed.end()) {
      token.unrenewed = *found->second;
    }
    report.tokens.push_back(std::move(token));
  };
  std::set<TokenKey> declared;
  for (const DesiredToken& token : desired.tokens) {
    const Realm realm = token.realm();
    declared.insert({token.identity, token.organization, token.name});
    add(OneToken(desired.AddressOf(token.name, realm), realm, token.name,
                 views[realm][token.name], &token, index, plan.as_of)
            .Take());
  }
  for (const auto& [realm, by_name] : views) {
    for (const auto& [name, view] : by_name) {
      if (declared.count({realm.identity, realm.organization, name}) > 0) {
        continue;
      }
      if (view.ours.empty() && view.strangers.empty()) continue;
      add(OneToken(desired.AddressOf(name, realm), realm, name, view, nullptr,
                   index, plan.as_of)
              .Take());
    }
  }
  for (const auto& [realm, why] : actual.unread) {
    // A token of [auth]'s says itself why nothing is known of it.
    if (realm.identity.empty()) continue;
    report.complete = false;
    report.unread.push_back(
        absl::StrCat("the tokens of ", realm.ToString(),
                     " could not be listed: ", std::string(why.message())));
  }
  EndingFirst(within, report);
  return report;
}

}  // namespace patform
