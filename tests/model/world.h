#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "engine/model/desired_state.h"
#include "engine/model/record.h"
#include "engine/ports/token_service.h"

// The world that the model checker lets the real protocol run in: a service, a
// few places in sinks, a network that may hold requests back, and a user with
// hands of his own. Small, exact, copyable; everything that can be other than
// expected is a choice of the explorer (moves.h), never of this code.
//
// Time moves in ticks of eleven minutes: one is longer than a run may take
// from POST to its last delivery, three are longer than the age fence. A write
// that was sent may be executed up to two ticks later, that is within twenty
// minutes and more of its deadline; this bound, and no other, is what the age
// fence rests on.
namespace patform::model {

inline constexpr int kTickMinutes = 11;
inline constexpr int kOldTicks = 3;  // ticks after which a token is old
inline constexpr int kMostLate = 2;  // see Setup::late

// A machine that is broken on purpose. Each must be caught.
enum class Mutant {
  kNone,
  kRevokeFirst,     // ends the old token before the new one is delivered
  kBlindRetry,      // sends a create again whose answer was lost
  kNoMark,          // mints under the bare name
  kNoAgeFence,      // takes every token for old
  kRecordFirst,     // of two writes, the record before the data
  kRevokeUnclear,   // takes a lost answer of a sink for a refusal
  kNoHistory,       // does not list revoked and expired tokens
  kNoDeadline,      // delivers however long ago it minted
  kNoCap,           // does not count what was minted and never delivered
  kNoCollect,       // delivers, and ends nothing
  kNoSecondLook,    // rotates although a look shows that another run did
  kAllPlacesOurs,   // takes every token for one of this version's places
  kOwnClock,        // tells a token's age by the runner's clock
  kUpdatesAnyway,   // updates although a record says that this renews
  kForgetsRenewal,  // keeps nothing of that in the records of what it mints
};

// Two versions of the file may be applied at once: what the pull request that
// moves a token found, and what it leaves.
enum class Version { kNew, kOld };

struct PlaceKind {
  bool compare_and_set = true;
  bool one_write = true;  // else the data first, its record after it
  bool record = true;     // else it tells nothing of what it holds
  bool stale = false;     // reads may answer with what was there before
};

// What one exploration covers. The budgets bound the adversary, not the runs.
struct Setup {
  std::string name;
  std::vector<PlaceKind> places;  // the primary first
  // Where each version delivers, by number in `places`. No old version: its
  // list is empty. Runs of it start until one of the new version has ended,
  // `old_starts` times at most.
  std::vector<int> new_places, old_places;
  int old_starts = 0;
  bool old_name = false;  // it calls the token by its old name
  int skew = 0;       // ticks that a runner's clock may be ahead; the service's
                      // Date is right
  int runs = 1;       // processes at once, for ever applying
  int overlaps = -1;  // starts beside another run; -1: no limit
  bool in_service = true;  // generation 1 is everywhere, and old
  bool renamed = false;    // the configuration gives it a new name
  bool spelled = false;    // the service answers names in another spelling
  bool renews = false;     // it gives a token that it changes a new secret
  bool known = false;      // … as the records of generation 1 say
  bool proves = false;     // a new secret is tried before it is delivered
  absl::Duration grace = absl::Minutes(15);
  int late = kMostLate;  // ticks that a sink's write may be late
  int pauses = 2;        // ticks that go by while a run is under way
  int crashes = 0;
  int losses = 0;       // answers lost, requests lost or late
  int refusals = 0;     // definite failures
  int requests = 0;     // rotations asked for
  int omissions = 0;    // lists that leave one token out
  int lags = 0;         // lists that show one token as it was before, and
                        // reads that lag of a place with compare-and-set
  int wrong = 0;        // an end or a rename said to be done that was not, a
                        // token that is denied by its id
  int hollow = 0;       // a create or a write said to be done that was not
  bool strict = false;  // S2 even for what the user gave our mark to
  int user = 0;         // revokes, renames, copies, regenerates
  int expiries = 0;     // times that everybody sleeps for a month
  int most_live = 0;    // S3; 0: as BoundOf says
  Mutant mutant = Mutant::kNone;
};

// S3: how many generations may live at once. One for each place that holds a
// record, those that a run may leave undelivered before the next one waits
// (kMaxUndelivered), one for every create that comes late and for every other
// run that passes that check at the same moment. A place that cannot tell what
// it serves lifts the limit: then every run that dies on its way leaves one.
int BoundOf(const Setup& setup);

struct Token {
  int nonce = -1;  // of its mark; -1: it carries none
  int generation = 0;
  Version version = Version::kNew;  // of the file it was minted by
  bool minted = true;               // by patform
  bool taken = false;     // the user took its mark off: his from then on
  bool given = false;     // … and had put it on this one of his own
  bool new_name = false;  // carries the name that the configuration wants
  bool revoked = false;
  bool by_user = false;  // … by the user
  bool retired = false;  // patform cut its life
  int birth = 0;         // tick
  int64_t end = 0;       // seconds since the model's epoch
  int secret = 0;        // which of its secrets is good; see Setup::renews
  // What a list that lags says of it.
  struct Before {
    bool listed = false;
    int nonce = -1;
    bool new_name = false, revoked = false;
    int64_t end = 0;
  };
  Before before;
  int changed = 0;  // tick; no list lags for longer than the next one
};

struct Place {
  struct Content {
    int token = -1;  // whose secret it serves; -1: never delivered
    int secret = 0;  // which of that token's
    int version = 0;
    int record_token = -1;
    int record_generation = 0;
    int record_version = 0;  // of the data that the record speaks of
    bool record_renewed = false;
    friend bool operator==(const Content&, const Content&) = default;
  };
  Content now;
  Content before;       // what a stale read answers
  bool settled = true;  // no read is stale any more
  int written = 0;      // tick of the last write
};

// What is written to a place.
struct Delivered {
  int token = -1;
  int generation = 0;
  int secret = 0;        // which of the token's
  bool renewed = false;  // the record says that the service renews
};

// A request that was sent and has not been executed yet.
struct Late {
  enum class Kind { kMint, kPut, kRecord, kRevoke, kRetire, kRename };
  Kind kind = Kind::kMint;
  int token = -1;
  int place = 0;
  int generation = 0;
  int secret = 0;
  bool renewed = false;
  int nonce = -1;
  Version file = Version::kNew;  // kMint: of the run
  int version = 0;
  int64_t end = 0;
  int sent = 0;
};

class World {
 public:
  explicit World(const Setup& setup);

  const Setup& setup() const { return *setup_; }
  absl::Time Now() const { return TimeAt(tick); }
  static absl::Time TimeAt(int tick);
  int64_t Seconds() const;

  bool Alive(const Token& token) const;
  ActualToken Show(int index) const;
  // The same as if that version had minted it.
  ActualToken ShowAs(int index, Version version) const;
  // The token's number; -1: no such id.
  int Find(const AuthorizationId& id) const;

  // The service. Every change is checked against S1 and S2.
  // The token's number.
  int Mint(int generation, int nonce, Version version);
  bool Revoke(int index);  // false: it was not there
  // false: it was not there, or `end` is over.
  bool Retire(int index, int64_t end);
  bool Rename(int index);
  // Before any change of it, whoever makes it.
  void Remember(int index);
  bool MayLag(int index) const;
  // As a list that lags has it.
  void Rewind(int index);
  // Those of one state, but for `omitted`.
  std::vector<int> List(TokenFilter filter) const;
  // Above what the primary's record names, and named by no record.
  bool Undelivered(int index) const;

  // The stores. `expected`, and the answer, is a version; -1: refused.
  int Put(int place, const Delivered& what, int expected);
  void PutRecord(int place, const Delivered& what, int version);
  HeldRecord Read(int place, bool stale) const;

  void Execute(const Late& request);

  // What is broken here; "" while all invariants hold.
  const std::string& broken() const { return broken_; }
  // S1, S3 and S4 as they can be told from the state alone. `in_hand`: tokens
  // whose good secret a run has from an update and is about to deliver.
  void CheckState(const std::vector<int>& in_hand);
  // L: one live recorded generation, everywhere that the new version says.
  bool Settled() const;

  std::string TokenName(int index) const;  // for traces
  void AppendKey(std::string& key) const;

  int tick = 0;
  std::vector<Token> tokens;
  std::vector<Place> places;
  std::vector<Late> late;
  int nonces = 0;
  int overlaps = 0, pauses = 0, crashes = 0, losses = 0, refusals = 0,
      requests = 0, omissions = 0, lags = 0, wrong = 0, hollow = 0, user = 0,
      expiries = 0, old_starts = 0;  // left
  bool new_ended = false;            // a run of the new version came to its end

 private:
  void Break(std::string what);
  bool Strange(const Token& token) const;
  void Remember(Place& place);
  void CheckServed(size_t place, const Place::Content& content,
                   const char* reads, const std::vector<int>& in_hand);

  const Setup* setup_;
  std::string broken_;
};

// The configuration that a run applies: one token, delivered to the places.
const DesiredState& Desired(const Setup& setup, Version version);
// Of that version, by number in Setup::places.
const std::vector<int>& PlacesOf(const Setup& setup, Version version);
Delivery PlaceNumber(int place);
// What the marks of its tokens tell of the places.
const std::string& Print(const Setup& setup, Version version);

// Fixed-width numbers for keys.
inline void Add(std::string& key, int value) {
  key.push_back(static_cast<char>(value));
  key.push_back(static_cast<char>(value >> 8));
}
// An instant relative to `now`, coarse where it makes no difference.
void AddInstant(std::string& key, int64_t seconds, int64_t now);

}  // namespace patform::model
