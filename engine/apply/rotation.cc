#include "engine/apply/rotation.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/clock.h"
#include "engine/base/strings.h"

namespace patform {
namespace {

// One run looks this often before it reports that others are in its way, mints
// this often, and writes the same value to one place this often.
constexpr int kMaxLooks = 4;
constexpr int kMaxMints = 2;
// A service that limits its rate is asked this often for one token.
constexpr int kMaxPutOff = 6;
constexpr int kMaxWrites = 3;
constexpr int kMaxUpdates = 2;

bool SameContent(const HeldRecord& a, const HeldRecord& b) {
  return a.state == b.state && a.version == b.version && a.record == b.record;
}

bool AllCompareAndSet(const std::vector<HeldRecord>& records) {
  return std::all_of(records.begin(), records.end(),
                     [](const HeldRecord& r) { return r.compare_and_set; });
}

// Reasons that Decide() finds by itself. If it does not find one again, the
// plan was made in the middle of another run's rotation, or on a list that
// lagged: then nothing is to be made, or two runs that begin while the other
// one ends would keep rotating for ever.
bool FoundByLooking(Reason reason) {
  switch (reason) {
    case Reason::kNotFound:
    case Reason::kExpired:
    case Reason::kGone:
    case Reason::kRecordNotOurs:
    case Reason::kSecretNotInSink:
    case Reason::kSinkOutOfDate:
      return true;
    default:
      return false;
  }
}

std::string Named(int64_t generation, const AuthorizationId& id) {
  if (generation == 0) return absl::StrCat("token ", id.Short());
  return Which(generation, id);
}

std::string RemovalOf(const Delivery& place) {
  return absl::StrCat("remove the dead secret from ", place.Address());
}

}  // namespace

Rotation::Rotation(Change change, DecideInput decide,
                   std::vector<HeldRecord> planned_records, bool prove)
    : change_(std::move(change)),
      decide_(std::move(decide)),
      prove_(prove),
      records_(std::move(planned_records)),
      decision_(*change_.decision) {
  // The primary's record means "delivered everywhere", so it comes last.
  for (size_t i = 1; i < decide_.deliver.size(); ++i) {
    order_.push_back(static_cast<int>(i));
  }
  if (!decide_.deliver.empty()) order_.push_back(0);
}

Effect Rotation::Emit(Phase phase, Effect effect) {
  phase_ = phase;
  return effect;
}

Effect Rotation::Finish(Outcome::Kind kind, absl::Status status) {
  outcome_.kind = kind;
  outcome_.status = std::move(status);
  if (!make_another_.empty()) {
    outcome_.left.insert(outcome_.left.begin(), std::move(make_another_));
  }
  Effect effect;
  effect.kind = Effect::Kind::kDone;
  return Emit(Phase::kDone, effect);
}

// What was done until then stays done, and is told.
Effect Rotation::Stop(absl::Status why) {
  return Finish(outcome_.done.empty() ? Outcome::Kind::kFailed
                                      : Outcome::Kind::kIncomplete,
                std::move(why));
}

Effect Rotation::Interrupt() {
  return Finish(outcome_.done.empty() ? Outcome::Kind::kInterrupted
                                      : Outcome::Kind::kIncomplete,
                absl::CancelledError("interrupted"));
}

Effect Rotation::Step(const Event& event) {
  switch (phase_) {
    case Phase::kStart:
      return OnStart(event);
    case Phase::kCheck:
      return OnCheck(event);
    case Phase::kReread:
      return OnReread(event);
    case Phase::kLook:
      return OnLook(event);
    case Phase::kCollectFirst:
    case Phase::kCollect:
    case Phase::kRevoke:
      return OnCollect(event);
    case Phase::kMint:
      return OnMint(event);
    case Phase::kProve:
      return OnProve(event);
    case Phase::kDeliver:
      return OnDeliver(event);
    case Phase::kReadBack:
      return OnReadBack(event);
    case Phase::kUndo:
      return OnUndo(event);
    case Phase::kUpdate:
      return OnUpdate(event);
    case Phase::kRemove:
      return OnRemove(event);
    case Phase::kDone:
      break;
  }
  Effect done;
  done.kind = Effect::Kind::kDone;
  return done;
}

Effect Rotation::OnStart(const Event& event) {
  if (event.stop) return Interrupt();
  Effect effect;
  switch (change_.action) {
    case Action::kNoOp:
      return Finish(Outcome::Kind::kNothing);
    case Action::kUpdate:
    case Action::kRelease:
      return Update();
    case Action::kRevoke:
      decision_.collect = change_.revoke;
      phase_ = Phase::kRevoke;
      return CollectNext(event);
    case Action::kCreate:
    case Action::kRotate:
      effect.kind = Effect::Kind::kCheckSinks;
      return Emit(Phase::kCheck, effect);
    case Action::kFinish:
      effect.kind = Effect::Kind::kReadRecords;
      return Emit(Phase::kReread, effect);
  }
  return Finish(Outcome::Kind::kNothing);
}

Effect Rotation::OnCheck(const Event& event) {
  if (event.kind != Event::Kind::kOk) {
    return Finish(Outcome::Kind::kFailed, event.status);
  }
  if (event.stop) return Interrupt();
  Effect effect;
  effect.kind = Effect::Kind::kReadRecords;
  return Emit(Phase::kReread, effect);
}

// The records were read before the decision: it holds only if they have not
// moved since.
Effect Rotation::OnReread(const Event& event) {
  if (event.kind != Event::Kind::kRecords) return Stop(event.status);
  const bool same = std::equal(event.records.begin(), event.records.end(),
                               records_.begin(), records_.end(), SameContent);
  if (!same) return Look();
  if (event.stop) return Interrupt();
  if (decision_.kind == Decision::Kind::kMake) return CollectFirst(event);
  return CollectNext(event);
}

Effect Rotation::Look() {
  if (++looks_ > kMaxLooks) {
    return Stop(absl::AbortedError(
        "the sink records kept changing: another run is working "
        "on this token. Let it finish, then apply again"));
  }
  Effect effect;
  effect.kind = Effect::Kind::kLook;
  return Emit(Phase::kLook, effect);
}

Effect Rotation::OnLook(const Event& event) {
  if (event.kind != Event::Kind::kView || !event.view) {
    return Stop(event.status);
  }
  if (event.stop) return Interrupt();
  DecideInput again = decide_;
  // Whoever delivered another generation since has fulfilled the request.
  const std::optional<SinkRecord>& held = event.view->records.empty()
                                              ? std::nullopt
                                              : event.view->records[0].record;
  const bool moved_on =
      held && change_.before && held->generation > change_.before->generation;
  again.rotate = change_.action == Action::kRotate &&
                 !FoundByLooking(change_.reason) && !moved_on;
  records_ = event.view->records;
  decision_ = Decide(again, *event.view, event.now);
  next_collect_ = 0;
  switch (decision_.kind) {
    case Decision::Kind::kSettled:
      // What this run minted itself is no news.
      if (mints_ == 0) {
        outcome_.done.push_back("found it done by another run");
      }
      return CollectNext(event);
    case Decision::Kind::kMake: {
      // A new secret is more than a plan to tidy up allows.
      if (change_.action == Action::kFinish) {
        return Stop(absl::AbortedError(
            "what the sinks hold has changed since the plan; plan again"));
      }
      Effect effect;
      effect.kind = Effect::Kind::kReadRecords;
      return Emit(Phase::kReread, effect);
    }
    case Decision::Kind::kWait:
      return Stop(absl::AbortedError(decision_.explanation));
    case Decision::Kind::kBlocked:
      return Stop(absl::FailedPreconditionError(decision_.explanation));
  }
  return Stop(absl::InternalError("no decision"));
}

// Also the last moment before the mint: from then on a secret is in hand, and
// is carried through.
Effect Rotation::CollectFirst(const Event& event) {
  if (event.stop) {
    LeaveEnds(decision_.collect_first);
    return Interrupt();
  }
  if (next_collect_ < decision_.collect_first.size()) {
    if (!Approved(decision_.collect_first[next_collect_].id)) {
      return Stop(absl::AbortedError(
          "other runs have left so many generations that some "
          "must end first, which this plan did not name; apply "
          "again"));
    }
    return EndOf(decision_.collect_first[next_collect_], Phase::kCollectFirst);
  }
  next_collect_ = 0;
  return Mint(event);
}

Effect Rotation::Mint(const Event& event) {
  if (mints_ >= kMaxMints) {
    return Finish(Outcome::Kind::kIncomplete,
                  first_failure_.ok()
                      ? absl::AbortedError("minted twice and could not deliver")
                      : first_failure_);
  }
  ++mints_;
  mint_started_ = event.now;
  minted_.reset();
  next_place_ = 0;
  may_be_stored_ = write_lost_ = false;
  write_tries_ = 0;
  Effect effect;
  effect.kind = Effect::Kind::kMint;
  effect.generation = decision_.generation;
  return Emit(Phase::kMint, effect);
}

Effect Rotation::OnMint(const Event& event) {
  switch (event.kind) {
    case Event::Kind::kMinted:
      minted_ = event.token;
      outcome_.done.push_back(
          absl::StrCat("minted ", Named(decision_.generation, minted_->id)));
      if (event.asked && minted_->valid_to < *event.asked - kDateTolerance) {
        outcome_.notes.push_back(absl::StrCat(
            "got a shorter life than asked for: until ",
            FormatMinute(minted_->valid_to), " instead of ",
            FormatMinute(*event.asked), ", as a policy of the tenant demands"));
        outcome_.done.push_back(outcome_.notes.back());
      }
      if (prove_) {
        Effect effect;
        effect.kind = Effect::Kind::kProve;
        effect.must_finish = true;
        return Emit(Phase::kProve, effect);
      }
      return DeliverNext(event);
    case Event::Kind::kUnfit:
      // Nothing of it is delivered. Whether its id may end its own mark tells.
      minted_ = event.token;
      return GiveUp(event, event.status);
    case Event::Kind::kPutOff:
      if (event.stop || ++put_off_ >= kMaxPutOff) break;
      // The list shows if it was carried out nevertheless. A service that
      // limits its rate counts neither as a mint nor as a look.
      first_failure_ = event.status;
      --mints_;
      --looks_;
      return Look();
    case Event::Kind::kLost:
      // It may live now, or a little later; nobody knows its secret. Its mark
      // makes it ours to collect.
      first_failure_ = event.status;
      outcome_.done.push_back(absl::StrCat(
          "sent a create for generation ", decision_.generation,
          " whose answer was lost; if it lives, its mark shows it and it is "
          "collected"));
      return Look();
    default:
      break;
  }
  return Stop(event.status);
}

// One that cannot be proven is not delivered, whatever the reason: what is in
// service works.
Effect Rotation::OnProve(const Event& event) {
  if (event.kind != Event::Kind::kOk) return GiveUp(event, event.status);
  outcome_.done.push_back("proved that the new secret works");
  return DeliverNext(event);
}

Effect Rotation::DeliverNext(const Event& event) {
  if (next_place_ >= order_.size()) {
    next_collect_ = 0;
    return CollectNext(event);
  }
  // Other runs count on it: past the deadline and the fence they take the token
  // for nobody's, and end it. A renewed one is in the records, and a place that
  // refuses what is late is better served late than never.
  if (event.now > mint_started_ + kDeliveryDeadline &&
      !(renewed_ && AllCompareAndSet(records_))) {
    return GiveUp(event, absl::DeadlineExceededError(
                             absl::StrCat("delivering took longer than ",
                                          FormatSpan(kDeliveryDeadline))));
  }
  Effect effect;
  effect.kind = Effect::Kind::kDeliver;
  effect.place = order_[next_place_];
  effect.generation = decision_.generation;
  // As the decision saw it: what was written there since is not ours to lose.
  effect.expected = records_[effect.place].version;
  effect.must_finish = true;
  ++write_tries_;
  return Emit(Phase::kDeliver, effect);
}

Effect Rotation::OnDeliver(const Event& event) {
  const Delivery& place = decide_.deliver[order_[next_place_]];
  switch (event.kind) {
    case Event::Kind::kDelivered:
      outcome_.done.push_back(absl::StrCat("delivered to ", place.Address()));
      may_be_stored_ = true;
      write_lost_ = false;
      write_tries_ = 0;
      ++next_place_;
      return DeliverNext(event);
    case Event::Kind::kLost:
      // From here on it may be in use: this run does not end it any more.
      may_be_stored_ = write_lost_ = true;
      first_failure_ = event.status;
      return ReadBack();
    case Event::Kind::kConflict:
      // It may be our own write, late, that moved the version.
      if (write_lost_) return ReadBack();
      // Another run won. What it delivered may be all that is wanted.
      look_after_undo_ = true;
      return GiveUp(event, absl::AbortedError(absl::StrCat(
                               place.Address(),
                               " was changed by somebody else meanwhile")));
    default:
      return GiveUp(event, event.status);
  }
}

Effect Rotation::ReadBack() {
  Effect effect;
  effect.kind = Effect::Kind::kReadBack;
  effect.place = order_[next_place_];
  effect.must_finish = true;
  return Emit(Phase::kReadBack, effect);
}

Effect Rotation::OnReadBack(const Event& event) {
  const Delivery& place = decide_.deliver[order_[next_place_]];
  const std::optional<SinkRecord> held =
      event.records.empty() ? std::nullopt : event.records[0].record;
  if (held && held->id == minted_->id) {
    Event delivered = event;
    delivered.kind = Event::Kind::kDelivered;
    return OnDeliver(delivered);
  }
  // The same value on the same version: whichever of the two writes comes
  // first, the other is refused. A place that tells nothing may hold it
  // already.
  const bool unmoved =
      !event.records.empty() &&
      event.records[0].state != HeldRecord::State::kUnknown &&
      event.records[0].state != HeldRecord::State::kSilent &&
      event.records[0].version == records_[order_[next_place_]].version;
  if (unmoved && write_tries_ < kMaxWrites && !event.stop) {
    return DeliverNext(event);
  }
  return GiveUp(
      event, absl::UnknownError(absl::StrCat(
                 "whether ", place.Address(), " took the secret is not known: ",
                 std::string(first_failure_.message()))));
}

// The secret in hand will not be delivered to every place. If no sink can
// hold it, it dies; if one may, it lives, and the next run makes another.
Effect Rotation::GiveUp(const Event& event, absl::Status why) {
  undo_because_ = std::move(why);
  if (may_be_stored_ && renewed_) {
    // Where one place has it for sure, its record differs from the others'.
    // Where none has, all may say what they said before: no plan finds out.
    outcome_.left.push_back(absl::StrCat(
        "rotate ", change_.name, next_place_ > 0 ? "" : " with --rotate",
        ": not every place has the secret that the service gave it"));
    return Finish(Outcome::Kind::kIncomplete, undo_because_);
  }
  if (may_be_stored_) {
    make_another_ = absl::StrCat(
        "make a new generation: ", Named(decision_.generation, minted_->id),
        " may be in a sink and stays alive until then");
    if (look_after_undo_ && mints_ < kMaxMints && !event.stop) {
      // This run is the next one: it makes that generation itself, if it can.
      look_after_undo_ = false;
      first_failure_ = undo_because_;
      return Look();
    }
    return Finish(Outcome::Kind::kIncomplete, undo_because_);
  }
  Effect effect;
  effect.kind = Effect::Kind::kRevoke;
  effect.id = minted_->id;
  effect.generation = decision_.generation;
  effect.reason = Reason::kOrphan;
  effect.must_finish = true;
  effect.if_marked = true;
  return Emit(Phase::kUndo, effect);
}

Effect Rotation::OnUndo(const Event& event) {
  const std::string which = Named(decision_.generation, minted_->id);
  if (event.kind == Event::Kind::kConflict) {
    // An id is the service's word; the mark is what a token is known by.
    outcome_.left.push_back(absl::StrCat(
        "end generation ", decision_.generation,
        " if it was made: its mark shows it. The id that the service answered "
        "with (",
        minted_->id.Short(),
        ") belongs to another token, which was not touched"));
    return Finish(Outcome::Kind::kIncomplete, undo_because_);
  }
  if (event.kind != Event::Kind::kOk && event.kind != Event::Kind::kGone) {
    outcome_.left.push_back(absl::StrCat(
        "revoke ", which,
        ", which was not delivered: ", std::string(event.status.message())));
    return Finish(Outcome::Kind::kIncomplete, undo_because_);
  }
  outcome_.done.push_back(
      absl::StrCat("revoked ", which, ", which could not be delivered"));
  minted_.reset();
  if (look_after_undo_ && !event.stop) {
    look_after_undo_ = false;
    first_failure_ = undo_because_;
    return Look();
  }
  return Finish(Outcome::Kind::kFailed, undo_because_);
}

// Only what a reviewer saw in the plan may end, however much a look finds.
bool Rotation::Approved(const AuthorizationId& id) const {
  const auto names = [&id](const std::vector<Collect>& collects) {
    return std::any_of(collects.begin(), collects.end(),
                       [&id](const Collect& c) { return c.id == id; });
  };
  return names(change_.decision->collect) ||
         names(change_.decision->collect_first) || names(change_.revoke);
}

Effect Rotation::EndOf(const Collect& collect, Phase phase) {
  Effect effect;
  effect.id = collect.id;
  effect.generation = collect.generation;
  effect.reason = collect.reason;
  effect.kind =
      collect.retire_at ? Effect::Kind::kRetire : Effect::Kind::kRevoke;
  if (collect.retire_at) effect.valid_to = *collect.retire_at;
  return Emit(phase, effect);
}

Effect Rotation::CollectNext(const Event& event) {
  // All places serve one generation by now, ours or another run's.
  make_another_.clear();
  const Phase phase =
      change_.action == Action::kRevoke ? Phase::kRevoke : Phase::kCollect;
  while (next_collect_ < decision_.collect.size()) {
    if (event.stop) {
      LeaveEnds(decision_.collect);
      break;
    }
    const Collect& collect = decision_.collect[next_collect_];
    if (Approved(collect.id)) return EndOf(collect, phase);
    LeaveEnd(collect);
    ++next_collect_;
  }
  if (!outcome_.left.empty() && event.stop) {
    return Interrupt();
  }
  return RemoveNext(event);
}

Effect Rotation::RemoveNext(const Event& event) {
  // A secret is dead when its token has ended, and not before.
  const bool ended = next_collect_ >= decision_.collect.size();
  if (!ended || next_remove_ >= change_.remove.size()) {
    return Finish(outcome_.done.empty() ? Outcome::Kind::kNothing
                                        : Outcome::Kind::kDone);
  }
  if (event.stop) {
    for (size_t i = next_remove_; i < change_.remove.size(); ++i) {
      outcome_.left.push_back(RemovalOf(change_.remove[i].place));
    }
    return Interrupt();
  }
  Effect effect;
  effect.kind = Effect::Kind::kRemove;
  effect.place = static_cast<int>(next_remove_);
  effect.id = change_.remove[next_remove_].id;
  return Emit(Phase::kRemove, effect);
}

Effect Rotation::OnRemove(const Event& event) {
  const Delivery& place = change_.remove[next_remove_].place;
  switch (event.kind) {
    case Event::Kind::kOk:
      outcome_.done.push_back(
          absl::StrCat("removed its secret from ", place.Address()));
      break;
    case Event::Kind::kGone:
      break;
    case Event::Kind::kConflict:
      // Something else is there by now, which may be in use.
      outcome_.done.push_back(absl::StrCat(
          "left ", place.Address(), " as it is: it was changed meanwhile"));
      break;
    default:
      for (size_t i = next_remove_; i < change_.remove.size(); ++i) {
        outcome_.left.push_back(RemovalOf(change_.remove[i].place));
      }
      return Stop(event.status);
  }
  ++next_remove_;
  return RemoveNext(event);
}

void Rotation::LeaveEnds(const std::vector<Collect>& ends) {
  for (size_t i = next_collect_; i < ends.size(); ++i) LeaveEnd(ends[i]);
}

void Rotation::LeaveEnd(const Collect& end) {
  outcome_.left.push_back(
      absl::StrCat("end ", Named(end.generation, end.id),
                   Approved(end.id) ? "" : ", which this plan did not name"));
}

Effect Rotation::OnCollect(const Event& event) {
  const bool before = phase_ == Phase::kCollectFirst;
  const std::vector<Collect>& ends =
      before ? decision_.collect_first : decision_.collect;
  const Collect& collect = ends[next_collect_];
  const std::string which = Named(collect.generation, collect.id);
  switch (event.kind) {
    case Event::Kind::kOk:
      outcome_.done.push_back(
          collect.retire_at ? absl::StrCat("retired ", which, ": it ends ",
                                           FormatMinute(*collect.retire_at))
                            : absl::StrCat("revoked ", which));
      if (event.renewed) {
        outcome_.done.push_back(
            absl::StrCat("the service gave ", which,
                         " a new secret with that: the old one has no grace"));
      }
      break;
    case Event::Kind::kGone:
      outcome_.done.push_back(absl::StrCat("found ", which, " gone already"));
      break;
    default:
      // The rest waits for the next apply, too: one refusal is seldom alone.
      LeaveEnds(ends);
      return Stop(event.status);
  }
  ++next_collect_;
  return before ? CollectFirst(event) : CollectNext(event);
}

Effect Rotation::Update() {
  ++update_tries_;
  Effect effect;
  effect.kind = Effect::Kind::kUpdate;
  return Emit(Phase::kUpdate, effect);
}

// Nobody has the secret that the lost answer may have had, and the same update
// once more is answered with another one.
Effect Rotation::OnLostUpdate(const Event& event) {
  const bool served = change_.action == Action::kUpdate && !order_.empty();
  if (!served) return Finish(Outcome::Kind::kIncomplete, event.status);
  if (update_tries_ < kMaxUpdates && !event.stop) return Update();
  return Finish(
      Outcome::Kind::kIncomplete,
      absl::Status(
          event.status.code(),
          absl::StrCat(std::string(event.status.message()),
                       ". If this service gives an updated token a new "
                       "secret, its places hold a dead one: apply --rotate ",
                       change_.name)));
}

Effect Rotation::OnUpdate(const Event& event) {
  switch (event.kind) {
    case Event::Kind::kUpdated:
      break;
    case Event::Kind::kGone:
      return Finish(Outcome::Kind::kFailed,
                    absl::AbortedError("the token is gone: somebody revoked "
                                       "it since the plan; plan again"));
    case Event::Kind::kLost:
      return OnLostUpdate(event);
    default:
      return Finish(Outcome::Kind::kFailed, event.status);
  }
  outcome_.done.push_back(change_.action == Action::kRelease
                              ? "took the mark off"
                              : "updated in place");
  if (event.renewed) return OnRenewed(event);
  const std::optional<absl::Time> asked = RequestOf(change_).valid_to;
  if (asked && event.token && event.token->valid_to < *asked - kDateTolerance) {
    return Finish(
        Outcome::Kind::kIncomplete,
        absl::FailedPreconditionError(absl::StrCat(
            "the service shortened the token's life: asked for ",
            FormatMinute(*asked), ", granted ",
            FormatMinute(event.token->valid_to),
            ". A tenant policy limits it, counted from the token's creation; "
            "only a rotation extends it further")));
  }
  return Finish(Outcome::Kind::kDone);
}

Effect Rotation::OnRenewed(const Event& event) {
  outcome_.done.push_back(
      "got a new secret from the service, and the old one works no longer");
  if (change_.action == Action::kRelease || order_.empty()) {
    return Finish(
        Outcome::Kind::kIncomplete,
        absl::FailedPreconditionError(
            "the service gives a token that it changes a new secret, and this "
            "one has no place here: whoever uses the token needs another one"));
  }
  renewed_ = true;
  minted_ = event.token;
  mint_started_ = event.now;
  decision_.generation = change_.before->generation;
  return DeliverNext(event);
}

std::string Rotation::Fingerprint(absl::Time now) const {
  std::string text = absl::StrCat(
      static_cast<int>(phase_), ",", static_cast<int>(change_.action), ",",
      static_cast<int>(decision_.kind), ",", decision_.generation, ",",
      minted_ ? minted_->id.Short() : "-", ",",
      mints_ == 0 ? 0 : absl::ToInt64Seconds(now - mint_started_), ",",
      next_place_, ",", renewed_, may_be_stored_, write_lost_, write_tries_,
      looks_, mints_, put_off_, update_tries_, ",", next_collect_, next_remove_,
      look_after_undo_, outcome_.done.empty(), outcome_.left.empty(),
      make_another_.empty(), "|");
  const auto ends = [&](const std::vector<Collect>& collects) {
    for (const Collect& c : collects) {
      absl::StrAppend(
          &text, c.id.Short(), c.generation,
          c.retire_at ? absl::ToInt64Seconds(*c.retire_at - now) : 0, ";");
    }
    text += '|';
  };
  ends(decision_.collect);
  ends(decision_.collect_first);
  ends(change_.decision->collect);
  ends(change_.decision->collect_first);
  ends(change_.revoke);
  if (change_.before) absl::StrAppend(&text, change_.before->generation, "|");
  for (const HeldRecord& held : records_) {
    absl::StrAppend(&text, static_cast<int>(held.state), held.version,
                    held.record ? held.record->id.Short() : "-", ";");
  }
  return text;
}

}  // namespace patform
