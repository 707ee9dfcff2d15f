#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "engine/model/realm.h"
#include "engine/model/record.h"
#include "engine/model/token.h"

namespace patform {

// One user's tokens in one organization at one moment, in canonical form:
// sorted by id, each once.
struct TokenList {
  std::string organization;
  std::vector<ActualToken> tokens;  // active; with history also the others
  // Expired and revoked tokens are in `tokens` too. They are listed only when
  // a decision needs them (NeedsHistory in token_view.h).
  bool has_history = false;
  // By how much the service's clock was ahead of this machine's while the
  // active ones were listed, the least of all pages; nullopt: no page was
  // dated.
  std::optional<absl::Duration> clock_ahead;
  std::string identity;  // as in Realm

  Realm realm() const { return {identity, organization}; }
};

// Clocks that differ by less are taken for the same: the service dates its
// answers to a second, and an answer takes its time.
inline constexpr absl::Duration kClockNoise = absl::Seconds(10);
// A difference that is reported to people.
inline constexpr absl::Duration kClockWarning = absl::Minutes(5);
// One beyond any mistake of a time zone: one of the two clocks is wrong, and
// nothing is begun that only one of them asks for.
inline constexpr absl::Duration kClockDoubt = absl::Hours(26);

// A place with a record that no table names any more: what a revocation, a
// rename or a move has left behind.
struct StrayPlace {
  Delivery place;
  HeldRecord held;  // kPresent
};

// Everything that exists, as one run read it.
struct ActualState {
  // By this machine's clock, and by how much the service's is ahead of that:
  // the least of all lists. Ages, windows, graces and ends are reckoned by the
  // service's; where it is not known (nullopt) nothing ends because of its age.
  absl::Time taken_at;
  std::optional<absl::Duration> clock_ahead = absl::ZeroDuration();
  // One list for each identity and organization, side by side.
  std::map<Realm, TokenList> organizations;
  // Those whose tokens could not be listed, and why: not in `organizations`.
  std::map<Realm, absl::Status> unread;
  // How many tokens each list contains that cannot yet be attributed to that
  // organization; they are not in its snapshot.
  std::map<Realm, int> untold;
  // By Delivery::Address().
  std::map<std::string, HeldRecord> records;
  // By Delivery::Address(), too: of this workspace, as far as the stores can be
  // looked through. They take part in no decision about a token.
  std::map<std::string, StrayPlace> strays;
  std::string user_oid;  // of the user of [auth]; "" unless the credential
                         // names one
  // The same of the users of [identity.NAME], by NAME; those that are known.
  std::map<std::string, std::string> users;

  // "": not known.
  std::string UserOf(const std::string& identity) const {
    if (identity.empty()) return user_oid;
    const auto user = users.find(identity);
    return user == users.end() ? "" : user->second;
  }

  // What the service's clock shows when this machine's shows `now`.
  absl::Time ServiceTime(absl::Time now) const {
    return now + clock_ahead.value_or(absl::ZeroDuration());
  }
  // The address of a place whose record says that this service gives a token
  // that it changes a new secret; null: no record does.
  const std::string* RenewsAsSeenAt() const {
    const auto renewed =
        std::find_if(records.begin(), records.end(), [](const auto& entry) {
          return entry.second.record && entry.second.record->renewed_by_update;
        });
    return renewed == records.end() ? nullptr : &renewed->first;
  }
};

}  // namespace patform
