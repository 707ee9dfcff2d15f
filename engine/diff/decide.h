#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "engine/base/words.h"
#include "engine/diff/generation_state.h"
#include "engine/diff/reason.h"
#include "engine/diff/token_view.h"
#include "engine/model/desired_state.h"

// What may be done to the tokens of one name, whose states generation_state.h
// tells. What any sink's record names is never collected, and while a record
// cannot be read nothing of that name is.
//
// When may one end that no record names? When nobody can deliver it any more,
// and there are two proofs of that:
//   - its age: from POST to the last delivery a run has kDeliveryDeadline, so
//     what is older than kAgeFence is in nobody's hands;
//   - its places: a compare-and-set refuses a write to a place that has moved
//     since the writer looked. That proves something only of the places that
//     it was minted for, and another version of the file, which an overlapping
//     pipeline may be applying, names others. So the mark shows which they
//     were (model/places.h): where they are this file's own, and each serves
//     a generation of this name that is not below, or is about to get one from
//     this run, it may end at once. For any other places only the age counts.
// On two machines one path is two files: the machine is in the mark, too.
//
// A rename is fenced by the same print: a token of ours under a name that is in
// no table, minted for places of this file and delivered nowhere yet, may be in
// the hands of a run of another version, and is `undeclared` only when it is
// old.
//
// What no rule can hold while two versions are applied: a token that only one
// of them declares is revoked by the other (`undeclared`), and so is one that
// only one of them declares absent, and one that is renamed and moved at once.
// Nor is anything promised for a run that continues, or starts, when the other
// version is done and its token older than kAgeFence: to it that file is a
// thing of the past, and the last one applied holds. Each is a limit that the
// model shows. See "Limits" in engine/README.md.
//
// Only the grace bounds the generations that are in it: one for each rotation
// within the last grace.
//
// reference: the rotation protocol of the design, sections 5 and 6. Decide() is
// used by the diff, to show what would be done, and by the state machine of
// apply/rotation.h, to decide again after a look; the two cannot disagree.
namespace patform {

// Undelivered tokens of one name that may live at once before a run waits.
inline constexpr int kMaxUndelivered = 3;

// A live token that is to end: one of ours, or one that `replaces` names.
struct Collect {
  AuthorizationId id;
  int64_t generation = 0;
  Reason reason = Reason::kSuperseded;
  // The instant its life is cut to; nullopt: revoke at once.
  std::optional<absl::Time> retire_at;
  absl::Time valid_to;       // as it is now
  std::string display_name;  // as it is now

  friend bool operator==(const Collect&, const Collect&) = default;
};

// The end of that token at once. `generation`: 0 for one without our mark.
Collect EndNow(const ActualToken& token, int64_t generation, Reason reason);

struct Decision {
  enum class Kind {
    kSettled,  // one generation, delivered everywhere; collect the rest
    kMake,     // mint `generation`, deliver it, then collect
    kWait,     // other runs seem to be at work: come again
    kBlocked,  // something cannot be read or is not ours to overwrite
  };
  Kind kind = Kind::kSettled;
  Reason reason = Reason::kNone;
  std::string explanation;  // kWait, kBlocked: for people
  int64_t generation = 0;   // kMake: of the token to mint
  std::optional<OwnToken> current;
  // After the make, or at once when settled. Ordered by generation, id.
  std::vector<Collect> collect;
  // kMake only: to be revoked before, so that not too many live at once.
  std::vector<Collect> collect_first;
  // Undelivered and so young that another run may be at work on them.
  struct InFlight {
    AuthorizationId id;
    int64_t generation = 0;
    absl::Time minted;
  };
  std::vector<InFlight> in_flight;
  // When more may be collected, because it will be too old for any run.
  absl::Time collect_more_at = absl::InfiniteFuture();
};

inline constexpr WordFor<Decision::Kind> kDecisionWords[] = {
    {Decision::Kind::kSettled, "settled"},
    {Decision::Kind::kMake, "make"},
    {Decision::Kind::kWait, "wait"},
    {Decision::Kind::kBlocked, "blocked"}};
constexpr auto& WordsOf(Decision::Kind) { return kDecisionWords; }
static_assert(AllInOrder(kDecisionWords, Decision::Kind::kBlocked));

// What Decide must know beside the view.
struct DecideInput {
  std::string name;
  std::string workspace;
  std::string organization;
  std::string user_oid;  // of the user whose token it is; "" unknown
  std::vector<Delivery> deliver;
  absl::Duration grace;
  bool rotate = false;  // even if the view is settled
};

// `now`: by the service's clock.
Decision Decide(const DecideInput& input, const TokenView& view,
                absl::Time now);

}  // namespace patform
