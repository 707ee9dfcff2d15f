#include "engine/diff/strays.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "engine/base/clock.h"
#include "engine/base/strings.h"

namespace patform {
namespace {

// The revocation that ends the token of `record`; null: there is none.
Change* RevocationOf(const SinkRecord& record, ChangeSet& out) {
  for (Change& change : out.changes) {
    if (change.action != Action::kRevoke ||
        change.organization != record.organization) {
      continue;
    }
    for (const Collect& end : change.revoke) {
      if (end.id == record.id) return &change;
    }
  }
  return nullptr;
}

// Can it be a token of that user?
bool MayBeOf(const SinkRecord& record, const std::string& user_oid) {
  return record.user_oid.empty() || user_oid.empty() ||
         record.user_oid == user_oid;
}

// The list that the token of `record` is in, or would be; null: nothing is
// known of another organization's tokens, or another user's.
const TokenList* ListOf(const SinkRecord& record, const ActualState& actual) {
  const TokenList* first = nullptr;
  for (const auto& [realm, listed] : actual.organizations) {
    const std::string user = actual.UserOf(realm.identity);
    if (realm.organization != record.organization || !MayBeOf(record, user)) {
      continue;
    }
    if (!user.empty() && record.user_oid == user) return &listed;
    const bool holds = std::any_of(
        listed.tokens.begin(), listed.tokens.end(),
        [&](const ActualToken& token) { return token.id == record.id; });
    if (holds) return &listed;
    if (first == nullptr) first = &listed;
  }
  return first;
}

}  // namespace

void DiffStrays(const DesiredState& desired, const ActualState& actual,
                ChangeSet& out) {
  for (const auto& [address, stray] : actual.strays) {
    const SinkRecord& record = *stray.held.record;
    const TokenList* const listed = ListOf(record, actual);
    if (listed == nullptr) continue;
    const std::string name = desired.AddressOf(record.token, listed->realm());
    const std::string holds = absl::StrCat(address, " holds the secret of ",
                                           Which(record.generation, record.id));
    if (Change* const ends = RevocationOf(record, out)) {
      ends->remove.push_back({stray.place, record.id, stray.held.version});
      out.strays.push_back(
          {name, absl::StrCat(holds,
                              ", which is to be revoked; the secret is "
                              "removed then")});
      continue;
    }
    const std::vector<ActualToken>& tokens = listed->tokens;
    const auto token =
        std::find_if(tokens.begin(), tokens.end(),
                     [&](const ActualToken& t) { return t.id == record.id; });
    const bool lives =
        token != tokens.end() && token->state == TokenState::kActive;
    out.notes.push_back(
        {name, absl::StrCat(holds,
                            lives ? absl::StrCat(", which lives until ",
                                                 FormatMinute(token->valid_to))
                                  : ", which has ended",
                            "; no table names that place any more. Remove it "
                            "there",
                            lives ? " when nobody reads it any more" : "")});
    out.strays.push_back(out.notes.back());
    if (lives) out.stable_until = std::min(out.stable_until, token->valid_to);
  }
}

}  // namespace patform
