#include "engine/diff/decide.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/clock.h"
#include "engine/base/strings.h"
#include "engine/diff/obstacle.h"

namespace patform {
namespace {

// One name's decision: read Go() first, the parts follow in its order.
class Decider {
 public:
  Decider(const DecideInput& in, const TokenView& view, absl::Time now)
      : in_(in), view_(view), now_(now), says_(view) {}

  Decision Go() {
    JudgeService();
    LookBeside();
    if (makes_ && MayMake()) {
      decision_.kind = Decision::Kind::kMake;
      decision_.generation = HighestGeneration() + 1;
      MakeRoom();
    }
    return std::move(decision_);
  }

 private:
  // -- What is in service, and may it stay?

  void JudgeService() {
    if (says_.current() != nullptr) decision_.current = *says_.current();
    decision_.reason = WhyMake();
    makes_ = decision_.reason != Reason::kNone;
    served_ = LowestServed();
  }

  // kNone when what is in service may stay.
  Reason WhyMake() const {
    if (says_.primary() == nullptr) {
      // A torn place serves one of ours: there was a delivery, it is half done.
      if (says_.torn()) return Reason::kSinkOutOfDate;
      return view_.ours.empty() ? Reason::kNotFound : Reason::kSecretNotInSink;
    }
    if (says_.current() == nullptr) return WhyNotLive();
    // Where a place keeps no record, what a run left behind may be there.
    if (!says_.in_step() || (says_.silent() && LeftBehind(/*old=*/true))) {
      return Reason::kSinkOutOfDate;
    }
    return in_.rotate ? Reason::kRequested : Reason::kNone;
  }

  // What the primary's record names is none of ours that live.
  Reason WhyNotLive() const {
    if (!view_.recorded) return Reason::kGone;
    switch (view_.recorded->state) {
      case TokenState::kActive:
        return Reason::kRecordNotOurs;
      case TokenState::kExpired:
        return Reason::kExpired;
      case TokenState::kRevoked:
        return Reason::kGone;
    }
    return Reason::kGone;
  }

  // Of the generations of this name that the places serve; 0: one of them
  // serves none. What a run is about to deliver was above all that its places
  // served when it looked.
  int64_t LowestServed() const {
    int64_t lowest = std::numeric_limits<int64_t>::max();
    for (const HeldRecord& held : view_.records) {
      if (!held.record || !Lives(held.record->id)) return 0;
      lowest = std::min(lowest, held.record->generation);
    }
    return lowest;
  }
  bool Lives(const AuthorizationId& id) const {
    return std::any_of(view_.ours.begin(), view_.ours.end(),
                       [&](const OwnToken& own) { return own.token.id == id; });
  }

  // -- What lives beside it, and may it end?

  void LookBeside() {
    for (const OwnToken& own : view_.ours) LookAt(own);
    for (const ActualToken& old : view_.replaced) EndReplaced(old);
  }

  void LookAt(const OwnToken& own) {
    const GenerationState state = says_.StateOf(own, now_);
    // A place that changed hands may serve even what a record of ours names.
    if (says_.ServedElsewhere(own)) return;
    if (state == GenerationState::kInFlight) {
      decision_.in_flight.push_back(
          {own.token.id, own.generation, own.token.valid_from});
    }
    const bool recorded = says_.Names(own);
    if (recorded && !makes_) return;
    const Prospect prospect = ProspectOf(own, says_, in_.grace, now_);
    if (!recorded && Counts(own, state)) undelivered_.push_back(&own);
    if (prospect.kind != Prospect::Kind::kIsToEnd) return;
    if (MayEnd(own)) {
      decision_.collect.push_back(EndOf(own));
    } else if (!recorded && view_.knows_age) {
      decision_.collect_more_at =
          std::min(decision_.collect_more_at, prospect.at);
    }
  }

  // Does it count against the cap? Not if it ends by itself within its grace;
  // nor does a superseded one that a run may still be delivering.
  bool Counts(const OwnToken& own, GenerationState state) const {
    if (EndsWithin(own.token.valid_to, in_.grace, now_) &&
        !says_.NeverDelivered(own)) {
      return false;
    }
    return state != GenerationState::kSuperseded || Unreachable(own);
  }

  // Minted for these very places, and each of them has moved since: a write
  // that another run may still send is refused. Of other places, which another
  // version of the file may name, nothing is known.
  bool Refused(const OwnToken& own) const {
    return says_.fenced() && own.generation <= served_ &&
           says_.ForThesePlaces(own);
  }
  // The same, once what is made now is everywhere.
  bool RefusedOnceMade(const OwnToken& own) const {
    return says_.fenced() && says_.ForThesePlaces(own);
  }
  // No run can deliver it any more: the two proofs of decide.h.
  bool Unreachable(const OwnToken& own) const {
    return says_.Old(own, now_) || Refused(own);
  }
  bool MayEnd(const OwnToken& own) const {
    if (says_.Old(own, now_)) return true;
    return makes_ ? RefusedOnceMade(own) : Refused(own);
  }

  Collect EndOf(const OwnToken& own) const {
    return EndOf(
        own, says_.NeverDelivered(own) ? Reason::kOrphan : Reason::kSuperseded);
  }
  Collect EndOf(const OwnToken& own, Reason reason) const {
    return EndOf(own.token, own.generation, reason);
  }
  // Only what may be in service somewhere has a grace.
  Collect EndOf(const ActualToken& token, int64_t generation,
                Reason reason) const {
    Collect collect = EndNow(token, generation, reason);
    if (reason == Reason::kSuperseded && in_.grace > absl::ZeroDuration()) {
      collect.retire_at = now_ + in_.grace;
    }
    return collect;
  }

  // What `replaces` names is in use until its successor is in service.
  void EndReplaced(const ActualToken& old) {
    if (EndsWithin(old.valid_to, in_.grace, now_)) return;
    decision_.collect.push_back(EndOf(old, 0, Reason::kSuperseded));
  }

  // -- May one be made now?

  // A late write could land on top of ours, and nobody would see it.
  bool MayMake() {
    if (!says_.silent() || !LeftBehind(/*old=*/false)) return true;
    Wait(absl::StrCat(
        "a token of ", in_.name, " was minted in the last ",
        FormatSpan(kAgeFence),
        " and not delivered everywhere, and one of its places keeps no "
        "record: another run may still write there. Wait and apply again"));
    return false;
  }

  // Live tokens that no record names and that are above the primary's: minted
  // by a run that died on its way, or is still on it. Where a place tells
  // nothing, one beside the primary's counts, too: of two runs at once that
  // made the same generation the other one may have been the last to write
  // there.
  bool LeftBehind(bool old) const {
    const auto left = [&](const OwnToken& own) {
      if (says_.Names(own) || says_.Old(own, now_) != old) return false;
      if (says_.primary() == nullptr) return true;
      const int64_t served = says_.primary()->generation;
      return says_.silent() ? own.generation >= served
                            : own.generation > served;
    };
    return std::any_of(view_.ours.begin(), view_.ours.end(), left);
  }

  int64_t HighestGeneration() const {
    int64_t highest = 0;
    if (says_.primary() != nullptr) highest = says_.primary()->generation;
    for (const OwnToken& own : view_.ours) {
      highest = std::max(highest, own.generation);
    }
    return highest;
  }

  // -- Which go first?

  // Where too many live that no place serves, those that no run can deliver
  // any more go first.
  void MakeRoom() {
    // What a place serves that cannot tell must not go first; each such token
    // costs a run that died on its way, and a wait.
    if (says_.torn() || says_.silent()) return;
    int left = static_cast<int>(undelivered_.size());
    if (left < kMaxUndelivered) return;
    for (const OwnToken* own : undelivered_) {
      if (!MayGoFirst(*own)) continue;
      GoesFirst(*own);
      --left;
    }
    if (left < kMaxUndelivered) return;
    Wait(absl::StrCat(
        Count(static_cast<int>(undelivered_.size()), "token"), " of ", in_.name,
        " were minted in the last ", FormatSpan(kAgeFence),
        " and none was delivered; other runs may be at work. Wait and apply "
        "again; what stays undelivered is then collected"));
  }

  bool MayGoFirst(const OwnToken& own) const {
    if (!Unreachable(own) || says_.MayBeServedUnseen()) return false;
    // A place that moved may serve the eldest.
    return &own != undelivered_[0] || !says_.Above(own);
  }

  // Ended before the make instead of after it: with its grace where the records
  // say that it was in service, else at once.
  void GoesFirst(const OwnToken& own) {
    const bool superseded = says_.comparable() && !says_.NeverDelivered(own);
    decision_.collect_first.push_back(
        EndOf(own, superseded ? Reason::kSuperseded : Reason::kOrphan));
    std::erase_if(decision_.collect,
                  [&](const Collect& c) { return c.id == own.token.id; });
  }

  // Whatever was found so far: nothing is made and nothing ends.
  void Wait(std::string why) {
    decision_.kind = Decision::Kind::kWait;
    decision_.explanation = std::move(why);
    decision_.collect.clear();
    decision_.collect_first.clear();
  }

  const DecideInput& in_;
  const TokenView& view_;
  const absl::Time now_;
  const Testimony says_;
  bool makes_ = false;
  int64_t served_ = 0;  // see LowestServed
  // Live and named by no record: above what is in service, or left beside it.
  std::vector<const OwnToken*> undelivered_;
  Decision decision_;
};

}  // namespace

Collect EndNow(const ActualToken& token, int64_t generation, Reason reason) {
  Collect collect;
  collect.id = token.id;
  collect.generation = generation;
  collect.reason = reason;
  collect.valid_to = token.valid_to;
  collect.display_name = token.display_name;
  return collect;
}

Decision Decide(const DecideInput& in, const TokenView& view, absl::Time now) {
  std::string obstacle = FirstObstacle(in, view);
  if (obstacle.empty()) return Decider(in, view, now).Go();
  Decision blocked;
  blocked.kind = Decision::Kind::kBlocked;
  blocked.explanation = std::move(obstacle);
  return blocked;
}

}  // namespace patform
