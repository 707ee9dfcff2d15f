#include "engine/diff/generation_state.h"

#include <algorithm>

namespace patform {
namespace {

using RecordState = HeldRecord::State;

const OwnToken* FindOwn(const TokenView& view, const AuthorizationId& id) {
  for (const OwnToken& own : view.ours) {
    if (own.token.id == id) return &own;
  }
  return nullptr;
}

}  // namespace

Testimony::Testimony(const TokenView& view) : view_(view) {
  // The primary's record means "delivered everywhere": it is written last.
  if (!view.records.empty() && view.records[0].record) {
    primary_ = &*view.records[0].record;
    current_ = FindOwn(view, primary_->id);
    // A token that lives and is not ours was never compared with ours; one
    // that has ended was ours, as far as anybody can tell.
    const bool strangers = current_ == nullptr && view.recorded &&
                           view.recorded->state == TokenState::kActive;
    comparable_ = !strangers;
  }
  for (const HeldRecord& held : view.records) {
    fenced_ = fenced_ && held.compare_and_set;
    torn_ = torn_ || held.state == RecordState::kTorn;
    unreadable_ = unreadable_ || held.state == RecordState::kUnknown;
    if (held.state == RecordState::kSilent) {
      silent_ = true;
      continue;  // the primary is written last: it speaks for this place
    }
    if (held.record) named_.insert(held.record->id);
    // Of one token, too: an update was answered with another secret, and only
    // one of the two places has got it.
    in_step_ = in_step_ && held.record && primary_ != nullptr &&
               held.record->id == primary_->id &&
               held.record->renewed_by_update == primary_->renewed_by_update;
  }
}

bool Testimony::Names(const OwnToken& own) const {
  return named_.count(own.token.id) > 0;
}

bool Testimony::ServedElsewhere(const OwnToken& own) const {
  return view_.served_elsewhere.count(own.token.id) > 0;
}

bool Testimony::Above(const OwnToken& own) const {
  return !comparable_ || own.generation > primary_->generation;
}

bool Testimony::ForThesePlaces(const OwnToken& own) const {
  return own.ForPlaces(view_.places.print());
}

// Without a record nobody can say so: the place may have moved, or not tell.
// The print is asked for last, because it costs the most.
bool Testimony::NeverDelivered(const OwnToken& own) const {
  return comparable_ && Above(own) && !Names(own) && !torn_ && !silent_ &&
         ForThesePlaces(own);
}

// Where the service does not tell its time nothing is old: this machine's
// clock may be wrong by more than any fence.
bool Testimony::Old(const OwnToken& own, absl::Time now) const {
  return view_.knows_age && FencedUntil(own) < now;
}

// The order matters: a record outweighs what other places hold, that outweighs
// what could not be read, and ages count only where nothing else tells.
GenerationState Testimony::StateOf(const OwnToken& own, absl::Time now) const {
  if (current_ != nullptr && current_->token.id == own.token.id) {
    return GenerationState::kCurrent;
  }
  if (Names(own)) return GenerationState::kPartlyDelivered;
  if (ServedElsewhere(own)) return GenerationState::kServedElsewhere;
  if (unreadable_) return GenerationState::kUnknown;
  if (!Above(own)) return GenerationState::kSuperseded;
  if (!Old(own, now)) return GenerationState::kInFlight;
  return NeverDelivered(own) ? GenerationState::kOrphan
                             : GenerationState::kUnrecorded;
}

GenerationState StateOf(const OwnToken& own, const TokenView& view,
                        absl::Time now) {
  return Testimony(view).StateOf(own, now);
}

absl::Time FencedUntil(const OwnToken& own) {
  return own.token.valid_from + kAgeFence;
}

Prospect ProspectOf(const OwnToken& own, const Testimony& testimony,
                    absl::Duration grace, absl::Time now) {
  Prospect prospect;
  if (testimony.ServedElsewhere(own) || testimony.MayBeServedUnseen()) {
    return prospect;
  }
  // What was never in service has no grace: it ends at once, or it waits.
  if (EndsWithin(own.token.valid_to, grace, now) &&
      !testimony.NeverDelivered(own)) {
    prospect.kind = Prospect::Kind::kEndsItself;
    prospect.at = own.token.valid_to;
    return prospect;
  }
  prospect.kind = Prospect::Kind::kIsToEnd;
  prospect.at = FencedUntil(own);
  return prospect;
}

bool EndsWithin(absl::Time valid_to, absl::Duration grace, absl::Time now) {
  return grace > absl::ZeroDuration() &&
         valid_to <= now + grace + kDateTolerance;
}

}  // namespace patform
