#include "engine/observed/look.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "engine/diff/token_view.h"
#include "engine/model/own_places.h"
#include "engine/observed/attribute.h"
#include "engine/observed/read_records.h"

// The order of reading is part of the protocol (engine/apply/rotation.h): first
// the lists, then the records. A token that a record names was delivered before
// the record was read, so if it is not in the list, either the list lags or the
// token has ended; asking for it by id shows which. The other way round a
// delivery in between would look like a place whose token does not exist.
namespace patform {
namespace {

// The records of one user's places. One that changed hands holds what another
// user's list shows, and nobody else can ask for it.
std::map<std::string, HeldRecord> RecordsOf(const DesiredState& desired,
                                            const ActualState& state,
                                            const std::string& identity) {
  const OwnPlaces own(desired, identity);
  const auto is_others = [&](const AuthorizationId& id) {
    return std::any_of(state.organizations.begin(), state.organizations.end(),
                       [&](const auto& other) {
                         return other.first.identity != identity &&
                                FindToken(other.second, id) != nullptr;
                       });
  };
  std::map<std::string, HeldRecord> records = state.records;
  std::erase_if(records, [&](const auto& entry) {
    const std::optional<SinkRecord>& record = entry.second.record;
    return !own.Has(entry.first) || (record && is_others(record->id));
  });
  return records;
}

// A list may lag behind a create. What a record names is asked for by id.
absl::Status AskForRecorded(TokenReader& reader,
                            const std::map<std::string, HeldRecord>& records,
                            Deadline deadline, TokenList& listed) {
  for (const auto& [address, held] : records) {
    if (!held.record || held.record->organization != listed.organization ||
        FindToken(listed, held.record->id) != nullptr) {
      continue;
    }
    absl::StatusOr<ActualToken> token = reader.Get(held.record->id, deadline);
    // Inserted where it belongs: the list stays sorted.
    if (token.ok()) {
      const auto place = std::lower_bound(
          listed.tokens.begin(), listed.tokens.end(), token->id,
          [](const ActualToken& a, const AuthorizationId& b) {
            return a.id < b;
          });
      listed.tokens.insert(place, *std::move(token));
    } else if (!absl::IsNotFound(token.status())) {
      // Not found by id either would mean that it has ended, which is an
      // answer. Another user's token cannot be asked for, and the record shows
      // whose it is.
      std::string what =
          absl::StrCat("asking for the token that ", address, " holds");
      if (!held.record->user_oid.empty()) {
        absl::StrAppend(&what, ", by its record one of the user ",
                        Visible(held.record->user_oid));
      }
      return Annotate(token.status(), what);
    }
  }
  return absl::OkStatus();
}

// Of all organizations the one that is least ahead: no age is then too large.
std::optional<absl::Duration> ClockAhead(const ActualState& state) {
  std::optional<absl::Duration> least;
  for (const auto& [name, listed] : state.organizations) {
    if (!listed.clock_ahead) continue;
    least = std::min(least.value_or(*listed.clock_ahead), *listed.clock_ahead);
  }
  // Dates have whole seconds and an answer takes its time: less than that is no
  // difference.
  if (least && absl::AbsDuration(*least) < kClockNoise) {
    return absl::ZeroDuration();
  }
  return least;
}

// Of tokens that shall exist, in realms that this look is about. Of those that
// are closed, too: what their places serve must not end.
std::vector<const Delivery*> PlacesToRead(const DesiredState& desired,
                                          const Readers& readers) {
  std::vector<const Delivery*> places;
  for (const DesiredToken& token : desired.tokens) {
    const Realm realm = token.realm();
    if (token.ensure != Ensure::kPresent ||
        (readers.organizations.count(realm) == 0 &&
         readers.closed.count(realm) == 0)) {
      continue;
    }
    for (const Delivery& place : token.deliver) places.push_back(&place);
  }
  return places;
}

}  // namespace

// By binary search: snapshots are sorted by id.
const ActualToken* FindToken(const TokenList& listed,
                             const AuthorizationId& id) {
  const auto found = std::lower_bound(
      listed.tokens.begin(), listed.tokens.end(), id,
      [](const ActualToken& token, const AuthorizationId& wanted) {
        return token.id < wanted;
      });
  if (found == listed.tokens.end() || found->id != id) return nullptr;
  return &*found;
}

// Stages: the lists; the service's clock; the records; whose tokens they are;
// and, only where it matters, the history.
absl::StatusOr<ActualState> Look(const DesiredState& desired,
                                 const Readers& readers, absl::Time taken_at,
                                 Deadline deadline,
                                 const ListProgress& progress) {
  ActualState state;
  state.taken_at = taken_at;
  state.unread = readers.closed;
  // Progress counts over all organizations.
  int before = 0;
  for (const auto& [realm, reader] : readers.organizations) {
    const ListProgress counted = [&](int n) {
      if (progress) progress(before + n);
    };
    // Lists that were begun before the configuration was read to its end.
    const auto ahead = readers.lists.find(realm);
    absl::StatusOr<TokenList> listed =
        ahead != readers.lists.end()
            ? ahead->second->Take(counted)
            : ListTokens(*reader, realm, /*with_history=*/false, deadline,
                         counted);
    if (!listed.ok()) {
      // The others can still be planned; not after an interrupt, when nobody
      // wants a plan any more.
      if (absl::IsCancelled(listed.status())) return listed.status();
      state.unread.emplace(realm, listed.status());
      continue;
    }
    before += static_cast<int>(listed->tokens.size());
    state.organizations.emplace(realm, *std::move(listed));
  }
  // Nothing at all could be read.
  if (state.organizations.empty() && !state.unread.empty()) {
    return state.unread.begin()->second;
  }
  state.clock_ahead = ClockAhead(state);
  // After the lists, see above.
  state.records =
      ReadRecords(readers.sinks, PlacesToRead(desired, readers), deadline);
  state.strays = ReadStrays(desired, readers.sinks, deadline);
  Attribute(desired, state);
  for (const auto& [realm, reader] : readers.organizations) {
    const auto found = state.organizations.find(realm);
    if (found == state.organizations.end()) continue;
    TokenList& listed = found->second;
    // History shows who bore a mark first, which matters when a mark is there
    // twice, and tokens of records that have ended.
    // The records of one user are nobody else's; most files have one user.
    const bool one_user = desired.identities.empty();
    std::map<std::string, HeldRecord> own;
    if (!one_user) own = RecordsOf(desired, state, realm.identity);
    const auto& records = one_user ? state.records : own;
    if (!NeedsHistory(desired.workspace, listed, records)) continue;
    absl::Status status = AddHistory(*reader, deadline, listed);
    if (status.ok()) {
      status = AskForRecorded(*reader, records, deadline, listed);
    }
    if (status.ok()) continue;
    // With one organization there is nothing left to plan.
    if (absl::IsCancelled(status) || state.organizations.size() == 1) {
      return status;
    }
    // A list without the history that it needs is as good as unread.
    state.organizations.erase(found);
    state.unread.emplace(realm, std::move(status));
  }
  return state;
}

}  // namespace patform
