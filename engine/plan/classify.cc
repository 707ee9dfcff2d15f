#include "engine/plan/classify.h"

#include <algorithm>

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

ChangeClass Classify(const Change& change, const ActualState& actual) {
  // Whatever counts as a revocation ends because somebody wrote so.
  const bool in_words = RevocationsOf(change) > 0;
  const bool maintenance =
      ByTimeOrCrash(change.reason) && !in_words &&
      std::all_of(
          change.fields.begin(), change.fields.end(),
          [](const FieldChange& field) { return field.field == "valid_to"; }) &&
      std::all_of(change.deliver.begin(), change.deliver.end(),
                  [&](const Delivery& place) {
                    return HoldsSecretOf(change, place, actual);
                  });
  return maintenance ? ChangeClass::kMaintenance : ChangeClass::kPolicy;
}

}  // namespace patform
