#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "engine/base/words.h"
#include "engine/model/desired_state.h"
#include "engine/model/mark.h"
#include "engine/model/places.h"
#include "engine/model/record.h"
#include "engine/model/snapshot.h"

// Which of the tokens that exist is whose, and what may be done to it.
//
// There is no state file. Three witnesses are read instead, in this order:
// the list (what lives, its marks and dates), the sinks' records (what is
// delivered), and git (what is wanted). Creating needs the first to be silent;
// every destructive step needs two that agree.
//
// A token is OURS if it carries our workspace's mark and is the first carrier
// (oldest valid_from) of its nonce among all tokens, active, expired and
// revoked: a name that a person copied, or that the portal kept when it
// regenerated a token, makes nobody ours. Of the tokens that are ours under
// one name,
//   current     is the one that the primary sink's record names,
//   superseded  is any other whose generation is not above the record's,
//   in flight   is one above the record's that is younger than any run's
//               deadline: another run may be about to deliver it,
//   orphan      is one above the record's that is older than that.
// What any sink's record names is never collected, and while a record cannot
// be read nothing of that name is.
//
// When may one end that no record names? When nobody can deliver it any more,
// and there are two proofs of that:
//   - its age: from POST to the last delivery a run has kDeliveryDeadline, so
//     what is older than kAgeFence is in nobody's hands;
//   - its places: a compare-and-set refuses a write to a place that has moved
//     since the writer looked. That proves something only of the places that
//     it was minted for, and another version of the file, which an overlapping
//     pipeline may be applying, names others. So the mark tells which they
//     were (model/places.h): where they are this file's own, and each serves
//     a generation of this name that is not below, or is about to get one from
//     this run, it may end at once. Of any other places the age alone counts.
// On two machines one path is two files: the machine is in the mark, too.
//
// An old one above the record's is an orphan only if it was minted for this
// file's places. Else a place that only another version names may serve it: it
// is retired with its grace, in which that version's next run replaces it.
//
// A rename is fenced by the same print: a token of ours under a name that is in
// no table, minted for places of this file and delivered nowhere yet, may be in
// the hands of a run of another version, and is `undeclared` only when it is
// old.
//
// What no rule can hold while two versions are applied: a token that only one
// of them declares is revoked by the other (`undeclared`), and so is one that
// only one of them says is absent, and one that is renamed and moved at once.
// Nor is anything promised of a run that goes on, or starts, when the other
// version is done and its token older than kAgeFence: to it that file is a
// thing of the past, and the last one applied holds. Each is a limit that the
// model shows. See "Limits" in engine/README.md.
//
// Generations in their grace are bounded by it alone: one for each rotation
// within the last grace.
//
// reference: the rotation protocol of the design, sections 5 and 6. Decide() is
// used by the diff, to say what would be done, and by the state machine of
// apply/rotation.h, to decide again after a look; the two cannot disagree.
namespace patform {

// One run has this long from the POST to the last delivery.
inline constexpr absl::Duration kDeliveryDeadline = absl::Minutes(10);
// So an undelivered token older than this belongs to no run any more. The
// rest is for clocks that differ.
inline constexpr absl::Duration kAgeFence = absl::Minutes(30);
// Undelivered tokens of one name that may live at once before a run waits.
inline constexpr int kMaxUndelivered = 3;
// The service keeps dates to 1/300 s; two instants this near are the same.
inline constexpr absl::Duration kDateTolerance = absl::Seconds(1);

// A live token that is ours.
struct OwnToken {
  ActualToken token;
  int64_t generation = 0;
  std::string nonce;
  bool copied = false;  // another live token carries its nonce, too

  // Was it minted for the places that `print` tells of (model/places.h)?
  bool ForPlaces(std::string_view print) const;
};

// What one look shows of one declared (or once declared) name.
struct TokenView {
  std::vector<OwnToken> ours;          // active; by generation, then id
  std::vector<ActualToken> strangers;  // active, carry a mark of ours, are not
  std::vector<ActualToken> unmarked;   // active, bear the human name alone
  // Active, named in `replaces`, of nobody: no mark, no table, no place that
  // serves it. By id.
  std::vector<ActualToken> replaced;
  // Active and named there, but of somebody, and why. By id.
  std::vector<std::pair<ActualToken, std::string>> not_replaced;
  std::vector<HeldRecord> records;  // of the deliveries, in their order
  // The token that the primary record names, in whatever state; nullopt: the
  // service does not list it.
  std::optional<ActualToken> recorded;
  // What the places of other tokens serve: never to be ended here, a place may
  // have changed hands.
  std::set<AuthorizationId> served_elsewhere;
  // Some place of another token could not be read: it may serve any of ours.
  bool unknown_elsewhere = false;
  // The service told its time: else nothing ends because of its age.
  bool knows_age = true;
};

// One organization's tokens, found by name. The view of one name is made when
// it is asked for: a hundred thousand of them at once would fill the memory.
class TokenIndex {
 public:
  // All three must outlive this.
  TokenIndex(const DesiredState& desired, const std::string& organization,
             const ActualState& actual);
  TokenIndex(const TokenIndex&) = delete;
  TokenIndex& operator=(const TokenIndex&) = delete;

  // Is it the name of a declared token, or what one was called before?
  bool IsDeclared(std::string_view name) const;
  // Of a token that is declared in this organization.
  TokenView View(const DesiredToken& token) const;
  // The other names that carry this workspace's mark, sorted.
  std::vector<std::string> Undeclared() const;
  TokenView ViewUndeclared(const std::string& name) const;

 private:
  static constexpr uint32_t kNone = ~uint32_t{0};
  // The live tokens of one human name, linked by `next_`.
  struct Chain {
    uint32_t first = kNone;
    bool marked = false;  // with the mark of this workspace, one of them
  };
  struct Carriers {
    const ActualToken* first = nullptr;
    int live = 0;
  };

  void IndexDeclared();
  void IndexTokens(const std::vector<ActualToken>& tokens);
  void CountCarrier(const MarkedName& mark, const ActualToken& token);
  void CountCopiesElsewhere();
  void IndexRecords();
  std::optional<MarkedName> OurMark(const ActualToken& token) const;
  // `places`: the addresses that are the name's own.
  void Fill(const std::string& name, const std::vector<std::string>& places,
            bool declared, TokenView& view) const;
  void FillReplaced(const DesiredToken& token, TokenView& view) const;
  std::string WhyNotReplaced(const DesiredToken& token,
                             const ActualToken& old) const;
  void Append(std::string_view name, bool unmarked_too, TokenView& view) const;

  const DesiredState& desired_;
  const std::string& organization_;
  const ActualState& actual_;
  const std::vector<ActualToken>* tokens_ = nullptr;
  std::vector<uint32_t> next_;  // the index of the next of the same name
  absl::flat_hash_map<std::string_view, Chain> by_name_;
  absl::flat_hash_map<std::string_view, const DesiredToken*> declared_;
  absl::flat_hash_map<std::string_view, const DesiredToken*> renamed_from_;
  // What a declared token was called before, unless another has that name.
  absl::flat_hash_map<std::string_view, std::string_view> formerly_;
  absl::flat_hash_map<std::string_view, Carriers> carriers_;  // by nonce
  absl::flat_hash_map<AuthorizationId, const ActualToken*> by_id_;
  // The addresses that serve each token.
  absl::flat_hash_map<AuthorizationId, std::vector<const std::string*>> served_;
  bool replaces_ = false;  // some declared token says so
  int unknown_ = 0;        // places that could not be read
};

// Everything of this workspace in an organization, by human name: what is
// declared, what was once (`ours` or `strangers` alone are filled then), and
// what a declared token was called before (`renamed_from`).
std::map<std::string, TokenView> ViewTokens(const DesiredState& desired,
                                            const std::string& organization,
                                            const ActualState& actual);

// Must expired and revoked tokens be listed too? Only then can it be said who
// is the first carrier of a nonce, and why a recorded token is gone. In the
// settled state, where every marked token is recorded, it is not needed.
bool NeedsHistory(const std::string& workspace, const Snapshot& active,
                  const std::map<std::string, HeldRecord>& records);

enum class Reason {
  kNone,
  kNotFound,          // nothing of that name exists
  kExpired,           // the recorded token has expired
  kGone,              // the recorded token was revoked by somebody
  kRecordNotOurs,     // the record names a token that is not ours
  kSecretNotInSink,   // it lives, the primary sink does not have it
  kSinkOutOfDate,     // a secondary sink holds another generation
  kRequested,         // the user asked for a rotation
  kInRotationWindow,  // due
  kScopeChanged,
  kLifetimeTooLong,
  kExpiresChanged,
  kAllOrganizationsChanged,
  kRenamed,
  kUndeclared,  // ours, not in the file any more
  kDeclaredAbsent,
  kDeclaredReleased,
  kUnmanaged,   // not ours; the policy says revoke
  kSuperseded,  // a newer generation is in service
  kOrphan,      // minted by a run that died, never delivered
};

struct ReasonRow {
  Reason value;
  const char* word;  // stable snake_case: part of the JSON formats
  const char* explanation;
};
inline constexpr ReasonRow kReasonWords[] = {
    {Reason::kNone, "none", "nothing to do"},
    {Reason::kNotFound, "not_found", "no such token exists"},
    {Reason::kExpired, "expired", "the token in service has expired"},
    {Reason::kGone, "gone", "the token in service was revoked elsewhere"},
    {Reason::kRecordNotOurs, "record_not_ours",
     "the sink's record names a token that patform did not make"},
    {Reason::kSecretNotInSink, "secret_not_in_sink",
     "the token lives, but its secret is not in the sink"},
    {Reason::kSinkOutOfDate, "sink_out_of_date",
     "a sink does not hold the secret that is in service"},
    {Reason::kRequested, "requested", "asked for"},
    {Reason::kInRotationWindow, "in_rotation_window", "due"},
    {Reason::kScopeChanged, "scope_changed", "the scopes changed"},
    {Reason::kLifetimeTooLong, "lifetime_too_long",
     "it lives longer than declared"},
    {Reason::kExpiresChanged, "expires_changed", "the date changed"},
    {Reason::kAllOrganizationsChanged, "all_organizations_changed",
     "the organizations it is valid in changed"},
    {Reason::kRenamed, "renamed", "renamed"},
    {Reason::kUndeclared, "undeclared", "not in the configuration any more"},
    {Reason::kDeclaredAbsent, "declared_absent",
     "the configuration says absent"},
    {Reason::kDeclaredReleased, "declared_released",
     "the configuration says released"},
    {Reason::kUnmanaged, "unmanaged", "unmanaged; the policy says revoke"},
    {Reason::kSuperseded, "superseded", "a newer secret is in service"},
    {Reason::kOrphan, "orphan",
     "minted by a run that did not finish, never delivered"}};
constexpr auto& WordsOf(Reason) { return kReasonWords; }
static_assert(AllInOrder(kReasonWords, Reason::kOrphan));

// For people: "the scopes changed".
constexpr const char* Explain(Reason reason) {
  return kReasonWords[static_cast<size_t>(reason)].explanation;
}

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
  std::string user_oid;  // of the signed-in user; "" unknown
  std::vector<Delivery> deliver;
  std::string places;  // PlacesPrint of `deliver`
  absl::Duration grace;
  bool rotate = false;  // whatever the view says, if it would be settled
};

// `now`: by the service's clock.
Decision Decide(const DecideInput& input, const TokenView& view,
                absl::Time now);

}  // namespace patform
