#include "engine/plan/classify.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/diff/endings.h"

namespace patform {

bool ByTimeOrCrash(Reason reason) {
  switch (reason) {
    case Reason::kInRotationWindow:
    case Reason::kExpired:
    case Reason::kSuperseded:
    case Reason::kOrphan:
    case Reason::kSecretNotInSink:  // unless a place is new, see below
    case Reason::kSinkOutOfDate:
      return true;
    default:
      return false;
  }
}

namespace {

// The table of `change`; null: it is in none.
const DesiredToken* TableOf(const Change& change, const DesiredState& desired) {
  for (const DesiredToken& token : desired.tokens) {
    if (token.name == change.name && token.realm() == change.realm()) {
      return &token;
    }
  }
  return nullptr;
}

bool OnThisMachineAlone(const DesiredToken* token,
                        const DesiredState& desired) {
  return token != nullptr && !token->deliver.empty() &&
         std::all_of(token->deliver.begin(), token->deliver.end(),
                     [&](const Delivery& place) {
                       const SinkConfig* sink = desired.FindSink(place.sink);
                       return sink != nullptr &&
                              sink->reach == Reach::kThisMachine;
                     });
}

bool IsHere(const AuthorizationId& id, const ActualState& actual) {
  return std::any_of(
      actual.records.begin(), actual.records.end(), [&](const auto& each) {
        return each.second.record && each.second.record->id == id;
      });
}

// One that is newer than what is served here, and was not minted for these
// places: elsewhere it may be in service. Null: `change` ends none.
const Collect* NewerFromElsewhere(const Change& change,
                                  const ActualState& actual) {
  const int64_t here = change.before ? change.before->generation : 0;
  for (const auto* ends :
       {&change.decision->collect, &change.decision->collect_first}) {
    for (const Collect& end : *ends) {
      if (end.reason == Reason::kSuperseded && end.generation > here &&
          !IsHere(end.id, actual)) {
        return &end;
      }
    }
  }
  return nullptr;
}

}  // namespace

std::string MayBeServedElsewhere(const Change& change,
                                 const DesiredState& desired,
                                 const ActualState& actual) {
  const Collect* const newer = NewerFromElsewhere(change, actual);
  const bool missing = change.reason == Reason::kSecretNotInSink;
  // Asked last: the table has to be looked for.
  if (!missing && newer == nullptr) return "";
  const DesiredToken* const token = TableOf(change, desired);
  if (!OnThisMachineAlone(token, desired)) return "";
  const std::string place = token->deliver.front().Address();
  const std::string secret =
      missing ? absl::StrCat("its secret is not in ", place)
              : absl::StrCat(Which(newer->generation, newer->id),
                             " is newer than what ", place, " holds");
  return absl::StrCat(
      secret,
      ", and every place of this token is on this machine alone: another "
      "machine may serve it, and loses it by this change. So somebody has to "
      "approve it; deliver to a store that all machines reach to avoid this");
}

bool HoldsSecretOf(const Change& change, const Delivery& place,
                   const ActualState& actual) {
  const auto held = actual.records.find(place.Address());
  if (held == actual.records.end() || !held->second.record) return false;
  const SinkRecord& record = *held->second.record;
  if (record.organization != change.organization) return false;
  // A record keeps the name that the token bore when it was delivered.
  return record.token == change.name ||
         (change.before && change.before->id == record.id);
}

ChangeClass Classify(const Change& change, const DesiredState& desired,
                     const ActualState& actual) {
  // Whatever counts as a revocation ends because somebody wrote so.
  const bool in_words = RevocationsOf(change) > 0;
  const bool maintenance =
      ByTimeOrCrash(change.reason) && !in_words &&
      MayBeServedElsewhere(change, desired, actual).empty() &&
      !IsEdited(change) &&
      std::all_of(change.deliver.begin(), change.deliver.end(),
                  [&](const Delivery& place) {
                    return HoldsSecretOf(change, place, actual);
                  });
  return maintenance ? ChangeClass::kMaintenance : ChangeClass::kPolicy;
}

}  // namespace patform
