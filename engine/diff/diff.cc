#include "engine/diff/diff.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "engine/base/clock.h"
#include "engine/base/strings.h"
#include "engine/diff/decide.h"
#include "engine/diff/generation_state.h"
#include "engine/diff/still_served.h"
#include "engine/diff/strays.h"
#include "engine/diff/token_diff.h"
#include "engine/diff/token_view.h"
#include "engine/model/mark.h"
#include "engine/model/places.h"

namespace patform {
namespace {

// Everything of one name ends; the caller says which tokens those are.
Change RevokeChange(const DesiredState& desired, const Realm& realm,
                    const std::string& name, Reason reason) {
  Change change;
  change.action = Action::kRevoke;
  change.reason = reason;
  change.name = name;
  change.address = desired.AddressOf(name, realm);
  change.organization = realm.organization;
  change.identity = realm.identity;
  return change;
}

// The prints in the marks of tokens that are for places of this file. Of every
// identity: what another version of it is delivering may have changed hands.
std::set<std::string> PlacesInUse(const DesiredState& desired,
                                  const std::string& organization) {
  std::set<std::string> prints;
  for (const DesiredToken& token : desired.tokens) {
    if (token.organization != organization || token.deliver.empty()) continue;
    prints.insert(PlacesPrint(desired, token.deliver));
  }
  return prints;
}

// Tokens of ours whose table left the file.
class Undeclared {
 public:
  Undeclared(const DesiredState& desired, const Realm& realm, absl::Time now)
      : desired_(desired), realm_(realm), now_(now) {}

  void Diff(const std::string& name, const TokenView& view, ChangeSet& out) {
    Change change = RevokeChange(desired_, realm_, name, Reason::kUndeclared);
    for (const ActualToken& token : view.strangers) {
      out.notes.push_back({change.address, CopiedMark(token)});
      if (token.valid_to > now_) {
        out.stable_until = std::min(out.stable_until, token.valid_to);
      }
    }
    for (const OwnToken& own : view.ours) {
      if (OnItsWay(own, view)) {
        out.notes.push_back({change.address, InFlight(own, view.knows_age)});
        // Then nobody can be delivering it any more.
        if (view.knows_age) {
          out.stable_until = std::min(out.stable_until, FencedUntil(own));
        }
        continue;
      }
      change.revoke.push_back(
          EndNow(own.token, own.generation, Reason::kUndeclared));
      change.before = FactsOf(own.token, own.generation);
    }
    if (!change.revoke.empty()) out.changes.push_back(std::move(change));
  }

 private:
  // To places of this file: another version of it, in which a token of these
  // places has another name, is being applied.
  bool OnItsWay(const OwnToken& own, const TokenView& view) {
    if (StateOf(own, view, now_) != GenerationState::kInFlight) return false;
    // A print for each table, and most plans never come here.
    if (!prints_) prints_ = PlacesInUse(desired_, realm_.organization);
    return std::any_of(
        prints_->begin(), prints_->end(),
        [&](const std::string& print) { return own.ForPlaces(print); });
  }

  static std::string InFlight(const OwnToken& own, bool knows_age) {
    return absl::StrCat(
        "generation ", own.generation, " (", own.token.id.Short(),
        ") is in flight: minted ", FormatMinute(own.token.valid_from),
        " for places of this configuration, under a name that is in no table "
        "of it, and delivered nowhere yet. A run with another version of the "
        "file may still be at work on it; if none is, ",
        knows_age
            ? absl::StrCat("an apply ", FormatSpan(kAgeFence),
                           " later revokes it")
            : "an apply revokes it once the service dates its answers: they "
              "carry no Date, so nothing is known to be old");
  }

  const DesiredState& desired_;
  const Realm& realm_;
  const absl::Time now_;
  std::optional<std::set<std::string>> prints_;
};

using Ids = absl::flat_hash_set<AuthorizationId>;

// Is it nobody's: neither named by the file nor claimed by a mark?
bool IsUnmanaged(const ActualToken& token, const TokenIndex& index,
                 const Ids& replaced) {
  if (token.state != TokenState::kActive) return false;
  if (ParseDisplayName(token.display_name)) {
    // A token of another workspace, or a copy of ours: reported there, never
    // here.
    return false;
  }
  return index.Declares(token.display_name) == nullptr &&
         !replaced.contains(token.id);
}

// The tokens that are nobody's. Those that the policy revokes are changes,
// those that it ignores are counted only.
void DiffUnmanaged(const DesiredState& desired, const TokenList& listed,
                   const TokenIndex& index, const Ids& replaced,
                   ChangeSet& out) {
  const bool revoke = desired.policy.unmanaged == Unmanaged::kRevoke;
  std::vector<const ActualToken*> found;
  for (const ActualToken& token : listed.tokens) {
    if (!IsUnmanaged(token, index, replaced)) continue;
    if (desired.policy.unmanaged == Unmanaged::kIgnore ||
        GlobMatchAny(desired.policy.unmanaged_except, token.display_name)) {
      ++out.unmanaged_excepted;
      continue;
    }
    found.push_back(&token);
  }
  std::sort(found.begin(), found.end(), [](const auto* a, const auto* b) {
    return std::tie(a->display_name, a->id) < std::tie(b->display_name, b->id);
  });
  for (const ActualToken* token : found) {
    if (!revoke) {
      out.unmanaged.push_back(*token);
      out.stable_until = std::min(out.stable_until, token->valid_to);
      continue;
    }
    Change change = RevokeChange(desired, listed.realm(), token->display_name,
                                 Reason::kUnmanaged);
    change.revoke.push_back(EndNow(*token, 0, Reason::kUnmanaged));
    change.before = FactsOf(*token, 0);
    out.changes.push_back(std::move(change));
  }
}

// Why a revocation has to wait: a place that is declared serves the token, and
// nothing in this plan puts another there. "" when it need not. Of several
// reasons that of the first address.
std::string WhyNotYet(const Change& revocation, const Served& served) {
  const PlaceEntry* first = nullptr;
  // What somebody wants gone in so many words does not wait for a place that
  // may have nothing to do with it.
  if (revocation.reason != Reason::kDeclaredAbsent) first = served.unread;
  const Collect* held = nullptr;
  for (const Collect& end : revocation.revoke) {
    const auto place = served.places.find(end.id);
    if (place == served.places.end()) continue;
    if (first != nullptr && first->first <= place->second->first) continue;
    first = place->second;
    held = &end;
  }
  if (first == nullptr) return "";
  if (held == nullptr) {
    return absl::StrCat(
        "no token is revoked that a sink may serve, and what ", first->first,
        " holds could not be read: ", std::string(first->second.why.message()));
  }
  return absl::StrCat(first->first, " still holds the secret of token ",
                      held->id.Short(),
                      "; it is revoked once another one is there");
}

// Tokens of a realm that could not be listed are deferred, never changed.
Deferred Unlisted(const ActualState& actual, const Realm& realm) {
  Deferred deferred;
  deferred.organization = realm.organization;
  deferred.identity = realm.identity;
  const auto why = actual.unread.find(realm);
  deferred.explanation =
      realm.identity.empty()
          ? absl::StrCat("the tokens of ", realm.organization,
                         " could not be listed")
          : absl::StrCat("the tokens of ", realm.identity, " in ",
                         realm.organization, " could not be listed");
  if (why != actual.unread.end()) {
    absl::StrAppend(&deferred.explanation, ": ",
                    std::string(why->second.message()));
  }
  return deferred;
}
Deferred Unlisted(const DesiredState& desired, const ActualState& actual,
                  const DesiredToken& token) {
  Deferred deferred = Unlisted(actual, token.realm());
  deferred.address = desired.AddressOf(token.name, token.realm());
  deferred.name = token.name;
  deferred.where = token.where;
  return deferred;
}

// An identity that no token names any more may have some to be ended, which
// nobody sees while it cannot sign in.
void DeferUnseen(const DesiredState& desired, const ActualState& actual,
                 ChangeSet& out) {
  std::set<Realm> seen;
  for (const Deferred& deferred : out.deferred) {
    seen.emplace(deferred.identity, deferred.organization);
  }
  for (const auto& [realm, why] : actual.unread) {
    if (realm.identity.empty() || seen.count(realm) > 0) continue;
    Deferred deferred = Unlisted(actual, realm);
    deferred.address = IdentityAddress(realm.identity);
    if (realm.organization != desired.organization) {
      deferred.address = realm.organization + "/" + deferred.address;
    }
    out.deferred.push_back(std::move(deferred));
  }
}

// A wrong clock breaks nothing here; it will break something else.
void NoteClock(const ActualState& actual, ChangeSet& out) {
  const absl::Duration ahead =
      actual.clock_ahead.value_or(absl::ZeroDuration());
  if (absl::AbsDuration(ahead) <= kClockWarning) return;
  out.notes.push_back(
      {kClockNote,
       absl::StrCat("this machine's clock is ",
                    FormatSpan(absl::AbsDuration(ahead)),
                    ahead > absl::ZeroDuration() ? " behind" : " ahead of",
                    " the service's. Ages, windows, graces and ends "
                    "are reckoned by the service's clock; set this "
                    "machine's")});
}

// By name or by address.
bool IsRequested(const DiffOptions& options, const DesiredState& desired,
                 const DesiredToken& token) {
  return !options.rotate.empty() && (options.rotate.count(token.name) > 0 ||
                                     options.rotate.count(desired.AddressOf(
                                         token.name, token.realm())) > 0);
}

void NoteRenewing(const std::string& place, ChangeSet& out) {
  out.notes.push_back(
      {"service",
       absl::StrCat("this service rotates a token's secret whenever the token "
                    "is updated, as ",
                    place,
                    " shows: tokens are rotated instead, and what is "
                    "superseded has no grace")});
}

void NoteUntold(const ActualState& actual, ChangeSet& out) {
  for (const auto& [realm, count] : actual.untold) {
    out.notes.push_back(
        {realm.ToString(),
         absl::StrCat("its list contains ", Count(count, "more token"),
                      " that cannot yet be attributed to this "
                      "organization; patform leaves them alone")});
  }
}

// One user's changes together, those of [auth] first.
void Group(const DesiredState& desired, ChangeSet& out) {
  std::map<std::string, size_t> rank;
  for (const AuthConfig& each : desired.identities) {
    rank.emplace(each.identity, rank.size() + 1);
  }
  rank[""] = 0;
  const auto before = [&rank](const auto& a, const auto& b) {
    return rank[a.identity] < rank[b.identity];
  };
  std::stable_sort(out.changes.begin(), out.changes.end(), before);
  std::stable_sort(out.deferred.begin(), out.deferred.end(), before);
}

}  // namespace

void DeferServed(const ActualState& actual, ChangeSet& out) {
  const auto revokes = [](const Change& change) {
    return change.action == Action::kRevoke;
  };
  if (std::none_of(out.changes.begin(), out.changes.end(), revokes)) return;
  std::set<std::string> remade;
  for (const Change& change : out.changes) AddRemade(change, remade);
  const Served served = StillServed(actual.records, remade);
  std::erase_if(out.changes, [&](const Change& change) {
    if (!revokes(change)) return false;
    std::string why = WhyNotYet(change, served);
    if (why.empty()) return false;
    // One that ends by itself meanwhile is not in its way any more.
    for (const Collect& end : change.revoke) {
      out.stable_until = std::min(out.stable_until, end.valid_to);
    }
    out.deferred.push_back({change.address, change.organization, std::move(why),
                            false, change.where, change.name, change.identity});
    return true;
  });
}

void SortUnrenewed(ChangeSet& out) {
  const auto before = [](const Unrenewed& a, const Unrenewed& b) {
    return a.ends < b.ends;
  };
  // Looked at first: sorting takes room for all of them once more.
  if (std::is_sorted(out.unrenewed.begin(), out.unrenewed.end(), before)) {
    return;
  }
  std::stable_sort(out.unrenewed.begin(), out.unrenewed.end(), before);
}

ChangeSet Diff(const DesiredState& desired, const ActualState& actual,
               const DiffOptions& options, absl::Time now) {
  ChangeSet out;
  NoteClock(actual, out);
  const std::string* const renews = actual.RenewsAsSeenAt();
  std::map<Realm, TokenIndex> realms;
  for (const auto& [realm, listed] : actual.organizations) {
    realms.try_emplace(realm, desired, realm, actual);
  }
  // Room for as many as there may be: what is not used is no memory yet, and
  // growing would have them twice.
  out.changes.reserve(desired.tokens.size());
  out.unrenewed.reserve(desired.tokens.size());
  Ids replaced;
  for (const DesiredToken& token : desired.tokens) {
    replaced.insert(token.replaces.begin(), token.replaces.end());
    const auto index = realms.find(token.realm());
    if (index == realms.end()) {
      out.deferred.push_back(Unlisted(desired, actual, token));
      continue;
    }
    const TokenView view = index->second.View(token);
    DiffToken(
        {desired, token, view, actual.UserOf(token.identity),
         IsRequested(options, desired, token), now,
         actual.clock_ahead.value_or(absl::ZeroDuration()), renews != nullptr},
        out);
  }
  DeferUnseen(desired, actual, out);
  for (const auto& [realm, listed] : actual.organizations) {
    const TokenIndex& index = realms.at(realm);
    Undeclared undeclared(desired, realm, now);
    for (const std::string& gone : index.Undeclared()) {
      undeclared.Diff(gone, index.ViewUndeclared(gone), out);
    }
    DiffUnmanaged(desired, listed, index, replaced, out);
  }
  SortUnrenewed(out);
  NoteUntold(actual, out);
  if (renews != nullptr) NoteRenewing(*renews, out);
  // Last: it has to know of everything that this plan makes.
  DeferServed(actual, out);
  DiffStrays(desired, actual, out);
  if (!desired.identities.empty()) Group(desired, out);
  return out;
}

}  // namespace patform
