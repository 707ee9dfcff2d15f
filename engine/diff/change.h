#pragma once

#include <array>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "engine/base/rare.h"
#include "engine/base/source_ref.h"
#include "engine/base/words.h"
#include "engine/diff/decide.h"
#include "engine/diff/reason.h"
#include "engine/diff/unrenewed.h"
#include "engine/ports/token_service.h"

namespace patform {

enum class Action {
  kNoOp,
  kCreate,   // +    mint, deliver
  kUpdate,   // ~    the same secret
  kRotate,   // +/-  mint, deliver, then end the old one
  kRevoke,   // -
  kFinish,   // »    what an interrupted run left
  kRelease,  // .    stop managing, leave alive
};

// Everything that is said of an action, in one row.
struct ActionRow {
  Action value;
  const char* word;  // stable: part of the JSON formats
  const char* sign;
  const char* to_be;  // "will …"
  const char* past;
  const char* doing;
  // Terraform's words, stable, too: a rotation makes the new one before the
  // old one ends.
  std::array<const char*, 2> terraform;
};
inline constexpr ActionRow kActionWords[] = {{Action::kNoOp,
                                              "no-op",
                                              " ",
                                              "stay as it is",
                                              "touched",
                                              "looking at",
                                              {"no-op"}},
                                             {Action::kCreate,
                                              "create",
                                              "+",
                                              "be created",
                                              "created",
                                              "creating",
                                              {"create"}},
                                             {Action::kUpdate,
                                              "update",
                                              "~",
                                              "be updated",
                                              "updated",
                                              "updating",
                                              {"update"}},
                                             {Action::kRotate,
                                              "rotate",
                                              "+/-",
                                              "be rotated",
                                              "rotated",
                                              "rotating",
                                              {"create", "delete"}},
                                             {Action::kRevoke,
                                              "revoke",
                                              "-",
                                              "be revoked",
                                              "revoked",
                                              "revoking",
                                              {"delete"}},
                                             {Action::kFinish,
                                              "finish",
                                              "»",
                                              "be finished",
                                              "finished",
                                              "finishing",
                                              {"delete"}},
                                             {Action::kRelease,
                                              "release",
                                              ".",
                                              "be released",
                                              "released",
                                              "releasing",
                                              {"forget"}}};
constexpr auto& WordsOf(Action) { return kActionWords; }
static_assert(AllInOrder(kActionWords, Action::kRelease));
inline constexpr size_t kActions = std::size(kActionWords);

constexpr const ActionRow& RowOf(Action action) {
  return kActionWords[static_cast<size_t>(action)];
}
constexpr const char* Sign(Action action) { return RowOf(action).sign; }

// Who asked for a change. What an edit of the configuration asks for needs an
// approval where approvals are used; what time or an interrupted run asks for
// is authorised by the merged file.
enum class ChangeClass { kPolicy, kMaintenance };
inline constexpr WordFor<ChangeClass> kChangeClassWords[] = {
    {ChangeClass::kPolicy, "policy"},
    {ChangeClass::kMaintenance, "maintenance"}};
constexpr auto& WordsOf(ChangeClass) { return kChangeClassWords; }
static_assert(AllInOrder(kChangeClassWords, ChangeClass::kMaintenance));

// One token as it is before or after a change. What only the service decides
// stays empty.
struct TokenFacts {
  std::optional<AuthorizationId> id;
  std::string display_name;
  ScopeSet scopes;
  std::optional<absl::Time> valid_from;
  std::optional<absl::Time> valid_to;
  bool all_organizations = false;
  int64_t generation = 0;  // 0: carries no mark
};

// One field that differs, as data; the report formats it.
struct FieldChange {
  std::string field;  // "scopes", "valid_to" …
  std::string before;
  std::string after;
};

TokenFacts FactsOf(const ActualToken& token, int64_t generation);

// The fields that differ, without what the service alone can say.
std::vector<FieldChange> CompareFacts(const TokenFacts& before,
                                      const TokenFacts& after);

// A place that gets a secret, as the plan knows it.
struct PlaceFacts {
  std::string sink;    // for people: type and settings, as the file has them
  std::string holds;   // for people: "holds nothing yet" …
  bool known = false;  // it holds a record of this very token
};

// A secret that is dead once `id` has been revoked, in a place that no table
// names any more.
struct Removal {
  Delivery place;
  AuthorizationId id;
  std::string version;  // of what was read there; removed only if unchanged
};

// One difference between what is wanted and what is, and what will be done
// about it. Data: it can be compared, stored and shown. `reason` explains; it
// decides nothing.
struct Change {
  Action action = Action::kNoOp;
  Reason reason = Reason::kNone;
  std::string name;     // the token's human name
  std::string address;  // token.NAME
  std::string organization;
  std::string identity;  // whose token it is, as in Realm
  std::string owner;     // as declared; empty: nobody, or not declared
  std::string purpose;   // likewise
  std::map<std::string, std::string> labels;
  std::optional<TokenFacts> before;
  std::optional<TokenFacts> after;
  std::vector<Delivery> deliver;  // create, rotate: in the file's order
  // The places of `deliver`, in its order, where a secret is made. Set by
  // MakePlan (plan/places.h); the diff does not know it.
  std::vector<PlaceFacts> places;
  // The protocol's decision this change came from, if one did.
  Rare<Decision> decision;
  // update, or the rotation in place of one: it brings the token's end
  // forward, and nothing renews it before.
  bool ends_unrenewed = false;
  // revoke: the tokens that end, now.
  std::vector<Collect> revoke;
  // revoke: what is removed afterwards, by address.
  std::vector<Removal> remove;
  SourceRef where;  // in the configuration; empty: not in it
  // Set by MakePlan (plan/classify.h); the diff does not know it.
  ChangeClass change_class = ChangeClass::kPolicy;

  Realm realm() const { return {identity, organization}; }
  // The same token under the same secret, as the service will have it.
  bool InPlace() const {
    return action == Action::kUpdate || action == Action::kRelease;
  }
};

// What differs between `before` and `after`, where both are there. Told when
// it is asked for: a hundred thousand of them would fill the memory.
std::vector<FieldChange> FieldChangesOf(const Change& change);

// Does more differ than the end of its life, which time alone moves?
bool IsEdited(const Change& change);

// What is sent for one that is made in place: the fields of `after` that are
// not those of `before`, both of which it has.
UpdateRequest RequestOf(const Change& change);

// Something that could not be decided. It makes the plan incomplete.
struct Deferred {
  std::string address;
  std::string organization;
  std::string explanation;
  bool contention = false;  // other runs seem to be at work
  SourceLocation where;
  std::string name;      // the token's human name
  std::string identity;  // as in Realm
};

// Worth saying, nothing to do.
struct Note {
  std::string address;
  std::string text;
};

struct ChangeSet {
  // By identity, [auth]'s first; then in file order, then by address.
  std::vector<Change> changes;
  std::vector<Deferred> deferred;
  std::vector<Note> notes;
  // Declared tokens that nothing renews, those that end first before others:
  // all of them, whether they end soon or not.
  std::vector<Unrenewed> unrenewed;
  // What is in places that no table names any more, by place; those that this
  // leaves there are in `notes`, too.
  std::vector<Note> strays;
  int unchanged = 0;
  // Live tokens that are neither declared nor carry our mark and stay, by
  // display name; those that the policy ignores or excepts are counted only.
  std::vector<ActualToken> unmanaged;
  int unmanaged_excepted = 0;
  // The first instant after `now` at which this would read differently.
  absl::Time stable_until = absl::InfiniteFuture();
};

}  // namespace patform
