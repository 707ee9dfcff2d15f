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

}  // namespace

void DiffStrays(const DesiredState& desired, const ActualState& actual,
                ChangeSet& out) {
  for (const auto& [address, stray] : actual.strays) {
    const SinkRecord& record = *stray.held.record;
    const auto listed = actual.organizations.find(record.organization);
    // Nothing is known of another organization's tokens, or another user's.
    if (listed == actual.organizations.end() ||
        (!record.user_oid.empty() && !actual.user_oid.empty() &&
         record.user_oid != actual.user_oid)) {
      continue;
    }
    const std::string name =
        desired.AddressOf(record.token, record.organization);
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
    const std::vector<ActualToken>& tokens = listed->second.tokens;
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
