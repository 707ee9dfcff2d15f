#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "engine/model/actual_state.h"
#include "engine/model/desired_state.h"
#include "engine/model/mark.h"
#include "engine/model/places.h"
#include "engine/model/record.h"

// Which of the tokens that exist is whose.
//
// There is no state file. Three witnesses are read instead, in this order:
// the list (what lives, its marks and dates), the sinks' records (what is
// delivered), and git (what is wanted). Creating needs the first to be silent;
// every destructive step needs two that agree.
//
// A token is OURS if it carries our workspace's mark and is the first carrier
// (oldest valid_from) of its nonce among all tokens, active, expired and
// revoked: a name that a person copied, or that the portal kept when it
// regenerated a token, makes nobody ours. What each of ours then is, and what
// may be done to it: generation_state.h, decide.h.
namespace patform {

// A live token that is ours.
struct OwnToken {
  ActualToken token;
  int64_t generation = 0;
  std::string nonce;
  bool copied = false;  // another live token carries its nonce, too

  // Was it minted for the places that `print` names (model/places.h)?
  bool ForPlaces(std::string_view print) const;
};

// What one look shows of one declared (or once declared) name.
struct TokenView {
  std::vector<OwnToken> ours;  // active; by generation, then id
  // Active and under this name, which has no places, but superseded where they
  // were delivered, and by a token of whose table: it was called this before.
  std::vector<std::pair<OwnToken, std::string>> former;
  std::vector<ActualToken> strangers;  // active, carry a mark of ours, are not
  std::vector<ActualToken> unmarked;   // active, bear only the human name
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
  // What the mark of a token carries that was minted for the places of
  // `records`. The configuration that the view was made of must outlive it.
  LazyPlaces places;
  // The service dated its answers: else nothing ends because of its age.
  bool knows_age = true;
};

// The end that the service granted the token, if the primary's record names it:
// it may have been brought forward since. That of any other is as it is now.
absl::Time GrantedEnd(const TokenView& view, const ActualToken& token);

// One user's tokens in one organization, found by name, however the service
// spells it: names are compared folded (base/likeness.h), because what is in
// front of a mark may come back encoded, trimmed, normalized or in another
// case, and the mark tells whose it is. The view of one name is made when it is
// asked for: a hundred thousand of them at once would fill the memory.
class TokenIndex {
 public:
  // All three must outlive this.
  TokenIndex(const DesiredState& desired, const Realm& realm,
             const ActualState& actual);
  TokenIndex(const DesiredState&, Realm&&, const ActualState&) = delete;
  TokenIndex(const TokenIndex&) = delete;
  TokenIndex& operator=(const TokenIndex&) = delete;

  // The declared token that a token without a mark is meant by, for its name is
  // that one's, or what it was called before, or an encoding of it; null: none.
  // Another case makes another name here, where nothing else tells whose it is.
  const DesiredToken* Declares(std::string_view name) const;
  // The view of a token that is declared in this realm, and outlives it.
  TokenView View(const DesiredToken& token) const;
  // The other names that carry this workspace's mark, each in one of its
  // spellings, sorted.
  std::vector<std::string> Undeclared() const;
  TokenView ViewUndeclared(const std::string& name) const;

 private:
  static constexpr uint32_t kNone = ~uint32_t{0};
  // The live tokens of one human name, linked by `next_`.
  struct Chain {
    uint32_t first = kNone;
    uint32_t marked = kNone;  // with this workspace's mark, the first of them
  };
  struct Carriers {
    const ActualToken* first = nullptr;
    int live = 0;
  };

  bool IsHere(const DesiredToken& token) const {
    return token.organization == realm_.organization &&
           token.identity == realm_.identity;
  }
  // The name by which `name` is found; what outlives this lends its text.
  std::string_view KeyOf(std::string_view name);
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
  void SetFormerApart(const DesiredToken& token, TokenView& view) const;
  // The declared token at whose places it was superseded; null: none.
  const DesiredToken* SupersededBy(const OwnToken& own) const;
  std::string WhyNotReplaced(const DesiredToken& token,
                             const ActualToken& old) const;
  // `key`: a name folded; `name`: as it is declared.
  void Append(std::string_view key, std::string_view name, bool unmarked_too,
              TokenView& view) const;

  const DesiredState& desired_;
  const Realm& realm_;
  const ActualState& actual_;
  const std::vector<ActualToken>* tokens_ = nullptr;
  std::deque<std::string> keys_;  // those that no name is by itself
  // By folded names, as all that follow by name.
  std::vector<uint32_t> next_;  // the index of the next of the same name
  absl::flat_hash_map<std::string_view, Chain> by_name_;
  absl::flat_hash_map<std::string_view, const DesiredToken*> declared_;
  absl::flat_hash_map<std::string_view, const DesiredToken*> renamed_from_;
  // What a declared token was called before, unless another has that name; as
  // it is written.
  absl::flat_hash_map<std::string_view, std::string_view> formerly_;
  absl::flat_hash_map<std::string_view, Carriers> carriers_;  // by nonce
  absl::flat_hash_map<AuthorizationId, const ActualToken*> by_id_;
  // The addresses that serve each token.
  absl::flat_hash_map<AuthorizationId, std::vector<const std::string*>> served_;
  bool replaces_ = false;  // some declared token has `replaces`
  int unknown_ = 0;        // places that could not be read
};

// Everything of this workspace in a realm, by human name: what is
// declared, what was once (only `ours` or `strangers` are filled then), and
// what a declared token was called before (`renamed_from`).
std::map<std::string, TokenView> ViewTokens(const DesiredState& desired,
                                            const Realm& realm,
                                            const ActualState& actual);

// Must expired and revoked tokens be listed too? Only then is it known which
// is the first carrier of a nonce, and why a recorded token is gone. In the
// settled state, where every marked token is recorded, it is not needed.
// `records`: that this list's user may have made.
bool NeedsHistory(const std::string& workspace, const TokenList& active,
                  const std::map<std::string, HeldRecord>& records);

}  // namespace patform
