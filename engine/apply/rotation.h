#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "engine/base/words.h"
#include "engine/diff/change.h"
#include "engine/diff/decide.h"
#include "engine/diff/token_view.h"
#include "engine/ports/token_service.h"

// The protocol of one change, as a pure state machine.
//
//     check ─► read records again ─► mint ─► prove ─► secondaries ─► primary
//                   │ moved             │ answer lost                   │
//                   └──────► look ◄─────┘                               ▼
//                              └─► decide again (diff/decide.h)      collect
//
// Step() takes what happened and returns what to do next; it knows no clock, no
// network and no thread. The executor performs one effect at a time and hands
// back its event; the tests drive the same machine through every order, every
// crash and every lost answer.
//
// The facts it is built on: a secret is shown once, in the answer to the
// create; the create is not idempotent; names are not unique; nothing on the
// runner survives it. Hence:
//   - A create whose answer is lost is never sent again. The machine looks,
//     and decides again; the orphan carries its mark and is collected. The same
//     holds for one that the service reports as not done (429): another one,
//     with a mark of its own, may follow the look.
//   - A create's answer is the service's word. What is not as it was asked for
//     is not delivered, and no id is ended only because the answer names
//     it: its own entry must carry the mark.
//   - A secret that is to be proven is tried before it is delivered anywhere:
//     afterwards nobody has the old one to put back.
//   - What may have been delivered is never revoked by the run that minted
//     it: after a lost write it is read back and the same value written again
//     on the same expected version, or left to the next run.
//   - A refused compare-and-set means that ours was never stored there. If no
//     sink can hold it, it is revoked, and the machine looks again.
//   - The old token ends only after the new secret is in every sink, and only
//     if the plan named it: apply may do less than was approved, never more.
//   - An update that is answered with a secret has ended the old one: the new
//     one is delivered to every place as a minted one is, and where no place
//     can hold it its token is revoked, so that the next run makes another. An
//     update whose answer was lost is sent again for the same reason. The
//     record remembers it, and from then on the diff rotates instead.
//   - From POST to the last delivery there is one deadline (kDeliveryDeadline)
//     on which other runs rely; past it nothing more is delivered.
namespace patform {

// What the machine wants done.
struct Effect {
  enum class Kind {
    kNone,         // before the start only
    kCheckSinks,   // can every place be written? → kOk | kFailed
    kReadRecords,  // of all places → kRecords
    kLook,         // list, records, recorded token, in this order → kView
    kMint,         // → kMinted | kUnfit | kPutOff | kFailed | kLost
    kProve,        // use the minted secret once → kOk | kFailed
    kDeliver,  // the minted secret → kDelivered | kFailed | kLost | kConflict
    kReadBack,  // the record of `place` → kRecords (one element)
    kUpdate,    // `update` → kUpdated | kFailed | kGone
    kRetire,    // cut the life of `id` to `valid_to` → kOk | kFailed | kGone
    kRevoke,    // `id` → kOk | kFailed | kGone | kConflict
    kRemove,    // what change.remove[place] names → kOk | kFailed | kGone
                // | kConflict | kLost
    kDone,      // `outcome` is final
  };
  Kind kind = Kind::kNone;
  int place = 0;           // kDeliver, kReadBack: index into the deliveries;
                           // kRemove: into the removals
  int64_t generation = 0;  // kMint, kDeliver, kRetire, kRevoke
  AuthorizationId id;      // kRetire, kRevoke
  absl::Time valid_to;     // kRetire
  std::string expected;    // kDeliver: the version to replace
  Reason reason = Reason::kNone;  // kRetire, kRevoke
  // A secret is in hand: to be carried through although the user interrupted,
  // or nobody would have it and its token would live.
  bool must_finish = false;
  // kRevoke: `id` is known only from a create's answer. To be done only if its
  // own entry carries the mark of that create; else → kConflict.
  bool if_marked = false;
};

// What happened.
struct Event {
  enum class Kind {
    kStart,
    kOk,
    kRecords,
    kView,
    kMinted,
    kUnfit,   // minted, and not what was asked for; `status` has the difference
    kPutOff,  // not done, by the service's word alone; `status` says why
    kDelivered,
    kUpdated,
    kGone,      // it was not there any more
    kConflict,  // something else is there now; nothing was written
    kFailed,    // definitely not done; `status` says why
    kLost,      // may have been done; `status` says why
  };
  Kind kind = Kind::kStart;
  absl::Time now;     // by the service's clock
  bool stop = false;  // the user interrupted: finish or undo what is in hand
  absl::Status status;
  std::vector<HeldRecord> records;   // kRecords
  std::optional<TokenView> view;     // kView
  std::optional<ActualToken> token;  // kMinted, kUnfit, kUpdated
  std::optional<absl::Time> asked;   // kMinted: the end that was asked for
  bool renewed = false;  // kUpdated, kOk: the answer had a new secret
};

struct Outcome {
  enum class Kind {
    kDone,         // as planned
    kNothing,      // another run did it, or it was done already
    kFailed,       // nothing changed, or everything was undone
    kIncomplete,   // something changed, something is left; see `left`
    kInterrupted,  // the user stopped it before it changed anything
  };
  Kind kind = Kind::kDone;
  absl::Status status;            // kFailed, kIncomplete
  std::vector<std::string> done;  // one line each, past tense
  std::vector<std::string> left;  // what the next apply will do
  // Those of `done` that a person should know of a change that went well.
  std::vector<std::string> notes;
};

// Stable: part of the format of events.
inline constexpr WordFor<Outcome::Kind> kOutcomeWords[] = {
    {Outcome::Kind::kDone, "done"},
    {Outcome::Kind::kNothing, "nothing"},
    {Outcome::Kind::kFailed, "failed"},
    {Outcome::Kind::kIncomplete, "incomplete"},
    {Outcome::Kind::kInterrupted, "interrupted"}};
constexpr auto& WordsOf(Outcome::Kind) { return kOutcomeWords; }
static_assert(AllInOrder(kOutcomeWords, Outcome::Kind::kInterrupted));

// One change on its way. Copyable; equal states behave equally.
class Rotation {
 public:
  // `prove`: DesiredToken::verify.
  Rotation(Change change, DecideInput decide,
           std::vector<HeldRecord> planned_records, bool prove = false);

  // The effect that is to be performed now. Must be called with the event of
  // the effect that the last call returned, kStart first.
  Effect Step(const Event& event);

  const Outcome& outcome() const { return outcome_; }
  const Change& change() const { return change_; }
  // The token minted by this run, once it is.
  const std::optional<ActualToken>& minted() const { return minted_; }
  // Everything that decides how it continues, with times relative to `now`, for
  // hashing: equal strings, equal behaviour from here.
  std::string Fingerprint(absl::Time now) const;

 private:
  enum class Phase {
    kStart,
    kCheck,
    kReread,
    kLook,
    kCollectFirst,
    kMint,
    kProve,
    kDeliver,
    kReadBack,
    kUndo,
    kCollect,
    kUpdate,
    kRevoke,
    kRemove,
    kDone,
  };

  Effect Emit(Phase phase, Effect effect);
  Effect Finish(Outcome::Kind kind, absl::Status status = absl::OkStatus());
  // It goes no further: failed if nothing was done yet, else incomplete.
  Effect Stop(absl::Status why);
  // The same where the user asked for it: nothing new is begun.
  Effect Interrupt();
  Effect Look();
  Effect OnStart(const Event& event);
  Effect OnCheck(const Event& event);
  Effect OnReread(const Event& event);
  Effect OnLook(const Event& event);
  Effect OnMint(const Event& event);
  Effect OnProve(const Event& event);
  Effect OnDeliver(const Event& event);
  Effect OnReadBack(const Event& event);
  Effect ReadBack();
  Effect OnUndo(const Event& event);
  Effect OnCollect(const Event& event);
  Effect Update();
  Effect OnUpdate(const Event& event);
  Effect OnLostUpdate(const Event& event);
  Effect OnRenewed(const Event& event);
  // Before the mint, so that not too many live at once.
  Effect CollectFirst(const Event& event);
  Effect Mint(const Event& event);
  Effect DeliverNext(const Event& event);
  Effect GiveUp(const Event& event, absl::Status why);
  // Names what is still to be ended among `ends`, for the report.
  void LeaveEnds(const std::vector<Collect>& ends);
  void LeaveEnd(const Collect& end);
  Effect CollectNext(const Event& event);
  // Only when everything that the change revokes has ended.
  Effect RemoveNext(const Event& event);
  Effect OnRemove(const Event& event);
  Effect EndOf(const Collect& collect, Phase phase);
  bool Approved(const AuthorizationId& id) const;

  Change change_;
  DecideInput decide_;
  bool prove_ = false;
  std::vector<HeldRecord> records_;  // as the last decision saw them
  Decision decision_;
  Phase phase_ = Phase::kStart;
  Outcome outcome_;

  std::optional<ActualToken> minted_;
  absl::Time mint_started_;
  std::vector<int> order_;      // of delivery: secondaries, then the primary
  size_t next_place_ = 0;       // into order_
  bool may_be_stored_ = false;  // some sink may hold the minted secret
  bool write_lost_ = false;     // … the current place may
  int write_tries_ = 0;
  int looks_ = 0;
  int mints_ = 0;
  int put_off_ = 0;
  int update_tries_ = 0;
  size_t next_collect_ = 0;
  size_t next_remove_ = 0;
  absl::Status undo_because_;
  bool look_after_undo_ = false;
  bool renewed_ = false;  // `minted_` was not made but got a new secret
  // What the next run is left with if this one makes nothing better: one
  // place has the secret and another does not.
  std::string make_another_;
  absl::Status first_failure_;
};

}  // namespace patform
