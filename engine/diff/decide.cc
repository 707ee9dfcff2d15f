#include "engine/diff/decide.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/clock.h"
#include "engine/base/strings.h"

namespace patform {
namespace {

using RecordState = HeldRecord::State;

Decision Blocked(std::string why) {
  Decision decision;
  decision.kind = Decision::Kind::kBlocked;
  decision.explanation = std::move(why);
  return decision;
}

// Why a record may not be believed; "" when it may.
std::string Foreign(const DecideInput& in, const Delivery& place,
                    const SinkRecord& record) {
  const auto differs = [&](const char* what, const std::string& theirs,
                           const std::string& ours) {
    return absl::StrCat("the record at ", place.Address(), " is of ", what,
                        " \"", theirs, "\", this configuration is \"", ours,
                        "\"; the place belongs to another setup or was "
                        "copied from one: deliver elsewhere, or remove it");
  };
  if (record.workspace != in.workspace) {
    return differs("workspace", record.workspace, in.workspace);
  }
  if (record.organization != in.organization) {
    return differs("organization", record.organization, in.organization);
  }
  if (record.address != place.Address()) {
    return differs("the place", record.address, place.Address());
  }
  if (!record.user_oid.empty() && !in.user_oid.empty() &&
      record.user_oid != in.user_oid) {
    return differs("user", record.user_oid, in.user_oid);
  }
  return "";
}

// The first record that forbids to continue; "" when all may be used.
std::string FirstObstacle(const DecideInput& in, const TokenView& view) {
  for (size_t i = 0; i < in.deliver.size(); ++i) {
    const HeldRecord& held = view.records[i];
    const std::string address = in.deliver[i].Address();
    switch (held.state) {
      case RecordState::kUnknown:
        return absl::StrCat("what ", address, " holds could not be read: ",
                            std::string(held.why.message()));
      case RecordState::kForeign:
        if (in.deliver[i].adopt) break;
        return absl::StrCat(
            address, " holds a value that patform did not write",
            held.why.message().empty() ? "" : " (",
            std::string(held.why.message()),
            held.why.message().empty() ? "" : ")",
            "; move it away, or set `adopt = true` in its `deliver` entry to "
            "let patform replace it");
      case RecordState::kPresent: {
        std::string foreign = Foreign(in, in.deliver[i], *held.record);
        if (!foreign.empty()) return foreign;
        break;
      }
      case RecordState::kSilent:
        // The configuration reader keeps such a store from being primary.
        if (i > 0) break;
        return absl::StrCat(address,
                            " keeps no record of what it holds, so it cannot "
                            "be the first place in `deliver`");
      case RecordState::kAbsent:
      case RecordState::kTorn:
        break;
    }
  }
  return "";
}

// A token that ends by itself within its grace needs nothing more.
bool EndsInTime(const Collect& collect) {
  return collect.retire_at.has_value() &&
         collect.valid_to <= *collect.retire_at + kDateTolerance;
}

// What the places hold of one name, taken together.
struct Places {
  explicit Places(const TokenView& view) {
    if (!view.records.empty() && view.records[0].record) {
      primary = &*view.records[0].record;
    }
    for (const HeldRecord& held : view.records) {
      fenced = fenced && held.compare_and_set;
      torn = torn || held.state == RecordState::kTorn;
      if (held.state == RecordState::kSilent) {
        silent = true;
        continue;  // the primary is written last: it speaks for this place
      }
      if (held.record) recorded.insert(held.record->id);
      in_step = in_step && held.record && primary != nullptr &&
                held.record->id == primary->id;
    }
  }
  bool Record(const OwnToken& own) const {
    return recorded.count(own.token.id) > 0;
  }

  const SinkRecord* primary = nullptr;  // null: it names nothing
  std::set<AuthorizationId> recorded;   // by any of them
  bool fenced = true;                   // every store refuses a late write
  bool in_step = true;                  // all name what the primary names
  bool torn = false;    // one serves one of ours, nobody knows which
  bool silent = false;  // one keeps no record
};

// One name's decision: what is in service, what lives beside it, whether one
// may be made, and which have to go before that.
class Decider {
 public:
  Decider(const DecideInput& in, const TokenView& view, absl::Time now)
      : in_(in), view_(view), now_(now), places_(view) {}

  Decision Go() {
    FindCurrent();
    decision_.reason = WhyMake();
    // The record's generation orders only tokens of this name.
    comparable_ = places_.primary != nullptr &&
                  decision_.reason != Reason::kRecordNotOurs;
    served_ = LowestServed();
    for (const OwnToken& own : view_.ours) LookAt(own);
    for (const ActualToken& old : view_.replaced) EndReplaced(old);
    if (!makes()) return std::move(decision_);
    if (places_.silent && LeftBehind(/*old=*/false)) return WaitForLateWrite();
    decision_.kind = Decision::Kind::kMake;
    decision_.generation = Highest() + 1;
    // What a place serves that keeps no record must not be ended first; each
    // such token costs a run that died on its way, and a wait.
    if (places_.torn || places_.silent) return std::move(decision_);
    return MakeRoom();
  }

 private:
  bool makes() const { return decision_.reason != Reason::kNone; }

  void FindCurrent() {
    if (places_.primary == nullptr) return;
    for (const OwnToken& own : view_.ours) {
      if (own.token.id == places_.primary->id) decision_.current = own;
    }
  }

  // kNone when what is in service may stay.
  Reason WhyMake() const {
    if (places_.primary == nullptr) {
      if (places_.torn) return Reason::kSinkOutOfDate;
      return view_.ours.empty() ? Reason::kNotFound : Reason::kSecretNotInSink;
    }
    if (!decision_.current) {
      if (!view_.recorded) return Reason::kGone;
      switch (view_.recorded->state) {
        case TokenState::kActive:
          return Reason::kRecordNotOurs;
        case TokenState::kExpired:
          return Reason::kExpired;
        case TokenState::kRevoked:
          return Reason::kGone;
      }
    }
    // Where a place keeps no record, what a run left behind may be there.
    if (!places_.in_step || (places_.silent && LeftBehind(/*old=*/true))) {
      return Reason::kSinkOutOfDate;
    }
    return in_.rotate ? Reason::kRequested : Reason::kNone;
  }

  // The lowest generation of this name that the places serve; 0: one of them
  // serves none. What a run is about to deliver was above all that its places
  // served when it looked.
  int64_t LowestServed() const {
    int64_t lowest = std::numeric_limits<int64_t>::max();
    for (const HeldRecord& held : view_.records) {
      if (!held.record || !Live(held.record->id)) return 0;
      lowest = std::min(lowest, held.record->generation);
    }
    return lowest;
  }
  bool Live(const AuthorizationId& id) const {
    return std::any_of(view_.ours.begin(), view_.ours.end(),
                       [&](const OwnToken& own) { return own.token.id == id; });
  }

  // So old that no run can be about to deliver it. Where the service's clock
  // is not known nothing is.
  bool Old(const OwnToken& own) const {
    return view_.knows_age && own.token.valid_from + kAgeFence < now_;
  }

  // Minted for these very places, and each of them has moved since: a write
  // that another run may still send is refused. Of other places, which another
  // version of the file may name, nothing is known.
  bool Refused(const OwnToken& own) const {
    return places_.fenced && own.ForPlaces(in_.places) &&
           own.generation <= served_;
  }
  // The same, once what is made now is everywhere.
  bool RefusedOnceMade(const OwnToken& own) const {
    return places_.fenced && own.ForPlaces(in_.places);
  }
  bool MayEnd(const OwnToken& own) const {
    return Old(own) || (makes() ? RefusedOnceMade(own) : Refused(own));
  }

  // Above what the primary's record names, or there is no record to compare.
  bool Above(const OwnToken& own) const {
    return !comparable_ || own.generation > places_.primary->generation;
  }

  // Without a record nobody knows that a token was never delivered: the place
  // may have moved, or keep no record. The same holds for one that was minted
  // for other places.
  bool NeverDelivered(const OwnToken& own) const {
    return comparable_ && Above(own) && !places_.Record(own) &&
           own.ForPlaces(in_.places) && !places_.torn && !places_.silent;
  }

  Collect EndOf(const OwnToken& own, Reason reason) const {
    Collect collect;
    collect.id = own.token.id;
    collect.generation = own.generation;
    collect.reason = reason;
    collect.valid_to = own.token.valid_to;
    collect.display_name = own.token.display_name;
    if (reason == Reason::kSuperseded && in_.grace > absl::ZeroDuration()) {
      collect.retire_at = now_ + in_.grace;
    }
    return collect;
  }
  // It was in service once, and ends by itself.
  bool InItsGrace(const OwnToken& own) const {
    return EndsInTime(EndOf(own, Reason::kSuperseded));
  }

  // Live tokens that no record names and that are above the primary's: minted
  // by a run that died on its way, or is still on it. Where a place keeps
  // no record, one beside the primary's counts, too: of two runs at once that
  // made the same generation the other one may have been the last to write
  // there.
  bool LeftBehind(bool old) const {
    return std::any_of(
        view_.ours.begin(), view_.ours.end(), [&](const OwnToken& own) {
          if (places_.Record(own) || Old(own) != old) return false;
          return places_.primary == nullptr ||
                 own.generation >=
                     places_.primary->generation + (places_.silent ? 0 : 1);
        });
  }

  void Count(const OwnToken& own) {
    if (InItsGrace(own) && !NeverDelivered(own)) return;
    if (Above(own) || Old(own) || Refused(own)) undelivered_.push_back(&own);
  }

  void LookAt(const OwnToken& own) {
    if (view_.served_elsewhere.count(own.token.id) > 0) return;
    const bool recorded = places_.Record(own);
    if (!recorded && Above(own) && !Old(own)) {
      decision_.in_flight.push_back(
          {own.token.id, own.generation, own.token.valid_from});
    }
    if (!recorded) Count(own);
    // It may have been in service at a place that is now another token's.
    if (!decision_.current && view_.unknown_elsewhere) return;
    if (recorded && !makes()) return;
    const Collect end =
        EndOf(own, NeverDelivered(own) ? Reason::kOrphan : Reason::kSuperseded);
    if (EndsInTime(end)) return;
    if (MayEnd(own)) {
      decision_.collect.push_back(end);
    } else if (!recorded && view_.knows_age) {
      decision_.collect_more_at =
          std::min(decision_.collect_more_at, own.token.valid_from + kAgeFence);
    }
  }

  void EndReplaced(const ActualToken& old) {
    Collect collect;
    collect.id = old.id;
    collect.reason = Reason::kSuperseded;
    collect.valid_to = old.valid_to;
    collect.display_name = old.display_name;
    if (in_.grace > absl::ZeroDuration()) collect.retire_at = now_ + in_.grace;
    if (!EndsInTime(collect)) decision_.collect.push_back(collect);
  }

  int64_t Highest() const {
    int64_t highest =
        places_.primary == nullptr ? 0 : places_.primary->generation;
    for (const OwnToken& own : view_.ours) {
      highest = std::max(highest, own.generation);
    }
    return highest;
  }

  Decision Wait(std::string why) {
    decision_.kind = Decision::Kind::kWait;
    decision_.explanation = std::move(why);
    decision_.collect.clear();
    decision_.collect_first.clear();
    return std::move(decision_);
  }

  // A late write could land on top of ours, and nobody would see it.
  Decision WaitForLateWrite() {
    return Wait(absl::StrCat(
        "a token of ", in_.name, " was minted in the last ",
        FormatSpan(kAgeFence),
        " and not delivered everywhere, and one of its places keeps no "
        "record: another run may still write there. Wait and apply again"));
  }

  // Where too many live that no place serves, those that no run can deliver
  // any more go first.
  Decision MakeRoom() {
    if (static_cast<int>(undelivered_.size()) < kMaxUndelivered) {
      return std::move(decision_);
    }
    int ended = 0;
    for (size_t i = 0; i < undelivered_.size(); ++i) {
      const OwnToken& own = *undelivered_[i];
      if (!Old(own) && !Refused(own)) continue;
      if (!decision_.current && view_.unknown_elsewhere) continue;
      // A place that moved may serve the eldest.
      if (i == 0 && Above(own)) continue;
      Collect end =
          EndOf(own, comparable_ && !NeverDelivered(own) ? Reason::kSuperseded
                                                         : Reason::kOrphan);
      decision_.collect_first.push_back(end);
      ++ended;
      std::erase_if(decision_.collect,
                    [&](const Collect& c) { return c.id == own.token.id; });
    }
    if (static_cast<int>(undelivered_.size()) - ended < kMaxUndelivered) {
      return std::move(decision_);
    }
    return Wait(absl::StrCat(
        patform::Count(static_cast<int>(undelivered_.size()), "token"), " of ",
        in_.name, " were minted in the last ", FormatSpan(kAgeFence),
        " and none was delivered; other runs may be at work. Wait and apply "
        "again; what stays undelivered is then collected"));
  }

  const DecideInput& in_;
  const TokenView& view_;
  const absl::Time now_;
  const Places places_;
  bool comparable_ = false;
  int64_t served_ = 0;  // see LowestServed
  // Live and named by no record: above what is in service, or left beside it.
  std::vector<const OwnToken*> undelivered_;
  Decision decision_;
};

}  // namespace

Decision Decide(const DecideInput& in, const TokenView& view, absl::Time now) {
  std::string obstacle = FirstObstacle(in, view);
  if (!obstacle.empty()) return Blocked(std::move(obstacle));
  return Decider(in, view, now).Go();
}

}  // namespace patform
