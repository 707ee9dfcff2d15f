#pragma once

#include <cstddef>
#include <cstdint>
#include <set>

#include "absl/time/time.h"
#include "engine/base/words.h"
#include "engine/diff/token_view.h"
#include "engine/model/record.h"

// What each of the tokens that are ours (token_view.h) is to the places that
// hold their secrets. Decide(), `status` and `audit` ask here and nowhere else,
// so that none of them can tell another story.
//
// Of the tokens under one name,
//   current     is the one that the primary sink's record names,
//   superseded  is any other whose generation is not above the record's,
//   in flight   is one above the record's that is younger than any run's
//               deadline: another run may be about to deliver it,
//   orphan      is one above the record's that is older than that.
// An old one above the record's is an orphan only if it was minted for this
// file's places. Else a place that only another version of the file names may
// serve it, and it is `unrecorded`: it is retired with its grace, in which that
// version's next run replaces it.
namespace patform {

// The service keeps dates to 1/300 s; two instants this near are the same.
inline constexpr absl::Duration kDateTolerance = absl::Seconds(1);

enum class GenerationState {
  kCurrent,          // the primary sink's record names it
  kPartlyDelivered,  // a secondary sink holds it, the primary does not yet
  kServedElsewhere,  // a place that is now another token's holds it
  kSuperseded,       // a newer generation is in service
  kInFlight,         // minted so lately that a run may yet deliver it
  kOrphan,           // minted, never delivered, and no run can any more
  kUnrecorded,       // ours; no record at all, so nobody knows where it went
  kUnknown,          // a record could not be read
  // `status` alone shows these, of what the records cannot tell: the table of
  // the configuration says them, or the token is not one of ours that lives.
  kExpired,           // the record names it, and it has expired
  kRevoked,           // the record names it, and somebody revoked it
  kGone,              // the record names it; the service does not list it
  kWatched,           // declared without `deliver`
  kDeclaredAbsent,    // declared absent, and lives
  kDeclaredReleased,  // declared released, still carries the mark
  kUndeclared,        // our mark, in no configuration any more
  kCopied,            // carries a copy of a mark; patform did not mint it
  kUnmanaged,         // bears the name and no mark
};

struct GenerationStateRow {
  GenerationState value;
  const char* word;   // stable snake_case: part of the JSON format
  const char* shown;  // for the table: "in flight"
};
inline constexpr GenerationStateRow kGenerationStateWords[] = {
    {GenerationState::kCurrent, "current", "current"},
    {GenerationState::kPartlyDelivered, "partly_delivered", "partly delivered"},
    {GenerationState::kServedElsewhere, "served_elsewhere", "served elsewhere"},
    {GenerationState::kSuperseded, "superseded", "superseded"},
    {GenerationState::kInFlight, "in_flight", "in flight"},
    {GenerationState::kOrphan, "orphan", "orphan"},
    {GenerationState::kUnrecorded, "unrecorded", "unrecorded"},
    {GenerationState::kUnknown, "unknown", "unknown"},
    {GenerationState::kExpired, "expired", "expired"},
    {GenerationState::kRevoked, "revoked", "revoked"},
    {GenerationState::kGone, "gone", "gone"},
    {GenerationState::kWatched, "watched", "watched"},
    {GenerationState::kDeclaredAbsent, "declared_absent", "declared absent"},
    {GenerationState::kDeclaredReleased, "declared_released",
     "declared released"},
    {GenerationState::kUndeclared, "undeclared", "undeclared"},
    {GenerationState::kCopied, "copied", "copied"},
    {GenerationState::kUnmanaged, "unmanaged", "unmanaged"}};
constexpr auto& WordsOf(GenerationState) { return kGenerationStateWords; }
static_assert(AllInOrder(kGenerationStateWords, GenerationState::kUnmanaged));

constexpr const char* Shown(GenerationState state) {
  return kGenerationStateWords[static_cast<size_t>(state)].shown;
}

// Its secret is what the consumers are to have.
constexpr bool IsInService(GenerationState state) {
  return state == GenerationState::kCurrent ||
         state == GenerationState::kWatched;
}
// A place still serves it, and it works no longer.
constexpr bool IsDead(GenerationState state) {
  return state == GenerationState::kExpired ||
         state == GenerationState::kRevoked || state == GenerationState::kGone;
}

// What the records of one name's places say, taken together. The view must
// outlive it.
class Testimony {
 public:
  explicit Testimony(const TokenView& view);

  // What the primary's record names; null: it names nothing.
  const SinkRecord* primary() const { return primary_; }
  // The live token of ours that it names, which is in service; null: none is.
  const OwnToken* current() const { return current_; }
  // Does a generation tell which of two tokens came first? The record orders
  // the tokens of this name alone; one that names a stranger says nothing.
  bool comparable() const { return comparable_; }
  // Every store refuses a write when its place has moved since the read.
  bool fenced() const { return fenced_; }
  // All places that tell name what the primary names, and hold one secret.
  bool in_step() const { return in_step_; }
  // A place serves one of ours, and nobody knows which.
  bool torn() const { return torn_; }
  // A place keeps no record of what it serves.
  bool silent() const { return silent_; }
  // Some place may serve any of ours: one of another token could not be read,
  // and nothing here says that this one's successor is in service.
  bool MayBeServedUnseen() const {
    return current_ == nullptr && view_.unknown_elsewhere;
  }

  // By the record of any place of this name.
  bool Names(const OwnToken& own) const;
  // What a place of another token serves is not ours to end.
  bool ServedElsewhere(const OwnToken& own) const;
  // Above what the primary's record names, or nothing tells.
  bool Above(const OwnToken& own) const;
  // Minted for the very places that it is to be delivered to now. Another
  // version of the file may name others, of which nothing is known.
  bool ForThesePlaces(const OwnToken& own) const;
  // No place ever held it. Whether a run may yet deliver it is another matter.
  bool NeverDelivered(const OwnToken& own) const;
  // So old that no run can be about to deliver it.
  bool Old(const OwnToken& own, absl::Time now) const;

  GenerationState StateOf(const OwnToken& own, absl::Time now) const;

 private:
  const TokenView& view_;
  const SinkRecord* primary_ = nullptr;
  const OwnToken* current_ = nullptr;
  std::set<AuthorizationId> named_;
  bool comparable_ = false;
  bool fenced_ = true;
  bool in_step_ = true;
  bool torn_ = false;
  bool silent_ = false;
  bool unreadable_ = false;
};

// `own` is one of the view's. `now`: by the service's clock. For more than one
// token of a view, keep a Testimony.
GenerationState StateOf(const OwnToken& own, const TokenView& view,
                        absl::Time now);

// From then on its age alone proves that it is in nobody's hands.
absl::Time FencedUntil(const OwnToken& own);

// What becomes of a generation that no place is to serve any more.
struct Prospect {
  enum class Kind {
    kStays,       // a place serves it, or may: nobody ends it
    kEndsItself,  // at `at`, within its grace: nothing is left to do
    kIsToEnd,     // at `at`, or before if it is proven that no run has it
  };
  Kind kind = Kind::kStays;
  absl::Time at;
};

// The one answer to "what happens next" to a token that is not in service, or
// will not be when its successor is.
Prospect ProspectOf(const OwnToken& own, const Testimony& testimony,
                    absl::Duration grace, absl::Time now);

// A token that ends by itself within its grace needs nothing more.
bool EndsWithin(absl::Time valid_to, absl::Duration grace, absl::Time now);

}  // namespace patform
