#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/apply/rotation.h"
#include "engine/diff/change.h"
#include "tests/model/world.h"

// One process that plans and applies, for ever: the real Look, the real Diff,
// the real Rotation, stopped before each of its calls so that the explorer may
// choose what comes of it and who goes next.
//
// Look() is blocking code. It is run again from its start for each call, on
// the answers it has had so far, until it asks for one more: the answers are
// the whole of its state.
namespace patform::model {

// What may come of a call.
enum class Fate {
  kOk,
  kRefused,         // definitely not done
  kLostRequest,     // not done, and the run cannot know
  kLostAnswer,      // done, and the run cannot know
  kLate,            // not done yet, and the run cannot know
  kStale,           // a read that answers with what was there before
  kWrong,           // an answer that is not true; see Setup
  kOmitFirst,       // a list without its n-th token: kOmitFirst + n
  kLagFirst = 128,  // a list with token n as it was: kLagFirst + n
};

// A call of Look().
struct Question {
  enum class Kind { kNone, kList, kGet, kRead };
  Kind kind = Kind::kNone;
  TokenFilter filter = TokenFilter::kActive;
  AuthorizationId id;
  int place = 0;
};

struct Answer {
  std::vector<ActualToken> tokens;  // kList, kGet (none: not found)
  HeldRecord held;                  // kRead
  std::string key;                  // all of it but instants
};

class Run {
 public:
  bool idle() const { return stage_ == Stage::kIdle; }
  bool applying() const { return stage_ == Stage::kApplying; }
  // Tick of the start, and whether a sink's write is about to be sent.
  int started() const { return started_; }
  int asked() const { return asked_; }
  Version version() const { return version_; }
  bool delivering() const {
    return applying() && effect_.kind == Effect::Kind::kDeliver;
  }
  // The token whose good secret it has from an update; -1: none.
  int RenewedInHand(const World& world) const;

  // Begins a plan. `rotate`: the user asks for a rotation. `skew`: ticks that
  // the clock is ahead.
  void Start(const World& world, bool rotate, Version version, int skew);
  // Dies: nothing that it knew is left.
  void Crash() { *this = Run(); }
  // What may come of the call that it is about to make.
  void Fates(const World& world, std::vector<int>& fates) const;
  // Makes it. Appends what happened to `said`, if given.
  void Step(World& world, int fate, std::string* said);

  void AppendKey(const World& world, std::string& key) const;

 private:
  enum class Stage { kIdle, kPlanning, kApplying };
  struct Planned {
    std::vector<Change> changes;
    std::map<std::string, HeldRecord> records;
  };

  const DesiredState& Desired(const World& world) const {
    return model::Desired(world.setup(), version_);
  }
  // The number in Setup::places of a delivery.
  int PlaceOf(const World& world, int delivery) const {
    return PlacesOf(world.setup(), version_)[static_cast<size_t>(delivery)];
  }
  Question Look(const World& world, ActualState* state) const;
  void AnswerLook(World& world, int fate, std::string* said);
  void Ask(const World& world);
  void NextChange(const World& world);
  bool IsServed(const Change& change) const;
  void Next(const World& world, Event event);
  void Mint(World& world, int fate, std::string* said);
  bool TellsRenewal(const World& world) const;
  void Deliver(World& world, int fate, std::string* said);
  void Service(World& world, int fate, std::string* said);
  bool Looking() const {
    return stage_ == Stage::kPlanning ||
           (applying() && effect_.kind == Effect::Kind::kLook);
  }

  Stage stage_ = Stage::kIdle;
  bool rotate_ = false;
  Version version_ = Version::kNew;
  int skew_ = 0;
  absl::Duration clock_ahead_;  // as the last look had it
  int started_ = 0;
  int asked_ = 0;
  std::shared_ptr<const std::vector<Answer>> answers_;
  Question question_;
  std::shared_ptr<const Planned> planned_;
  int change_ = 0;
  std::shared_ptr<const Rotation> rotation_;
  Effect effect_;
  std::vector<HeldRecord> read_;
  int token_ = -1;        // whose secret is in its hands
  int secret_ = 0;        // … and which
  bool renewed_ = false;  // … which came with an update
  int nonce_ = -1;        // kBlindRetry: of the create to send again
  bool half_ = false;     // of two writes, the first is done
  int half_version_ = 0;
  bool struck_ = false;  // kRevokeFirst did its work
  bool remade_ = false;  // a secret of this run is everywhere
  int minted_at_ = 0;    // kNoDeadline
};

}  // namespace patform::model
