#include "engine/observed/look.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "engine/diff/token_view.h"
#include "engine/observed/attribute.h"
#include "engine/observed/read_records.h"

namespace patform {
namespace {

// A list may lag behind a create. What a record names is asked for by id.
absl::Status AskForRecorded(TokenReader& reader, const ActualState& state,
                            Deadline deadline, Snapshot& snapshot) {
  for (const auto& [address, held] : state.records) {
    if (!held.record || held.record->organization != snapshot.organization ||
        FindToken(snapshot, held.record->id) != nullptr) {
      continue;
    }
    absl::StatusOr<ActualToken> token = reader.Get(held.record->id, deadline);
    if (token.ok()) {
      const auto place = std::lower_bound(
          snapshot.tokens.begin(), snapshot.tokens.end(), token->id,
          [](const ActualToken& a, const AuthorizationId& b) {
            return a.id < b;
          });
      snapshot.tokens.insert(place, *std::move(token));
    } else if (!absl::IsNotFound(token.status())) {
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

std::optional<absl::Duration> ClockAhead(const ActualState& state) {
  std::optional<absl::Duration> least;
  for (const auto& [name, snapshot] : state.organizations) {
    if (!snapshot.clock_ahead) continue;
    least =
        std::min(least.value_or(*snapshot.clock_ahead), *snapshot.clock_ahead);
  }
  if (least && absl::AbsDuration(*least) < kClockNoise) {
    return absl::ZeroDuration();
  }
  return least;
}

}  // namespace

const ActualToken* FindToken(const Snapshot& snapshot,
                             const AuthorizationId& id) {
  const auto found = std::lower_bound(
      snapshot.tokens.begin(), snapshot.tokens.end(), id,
      [](const ActualToken& token, const AuthorizationId& wanted) {
        return token.id < wanted;
      });
  if (found == snapshot.tokens.end() || found->id != id) return nullptr;
  return &*found;
}

absl::StatusOr<ActualState> Look(const DesiredState& desired,
                                 const Readers& readers, absl::Time taken_at,
                                 Deadline deadline,
                                 const SnapshotProgress& progress) {
  ActualState state;
  state.taken_at = taken_at;
  int before = 0;
  for (const auto& [organization, reader] : readers.organizations) {
    const SnapshotProgress counted = [&](int n) {
      if (progress) progress(before + n);
    };
    const auto ahead = readers.lists.find(organization);
    absl::StatusOr<Snapshot> snapshot =
        ahead != readers.lists.end()
            ? ahead->second->Take(counted)
            : TakeSnapshot(*reader, organization, /*with_history=*/false,
                           deadline, counted);
    if (!snapshot.ok()) {
      // Of the others a plan can be made; not when nobody wants one any more.
      if (absl::IsCancelled(snapshot.status())) return snapshot.status();
      state.unread.emplace(organization, snapshot.status());
      continue;
    }
    before += static_cast<int>(snapshot->tokens.size());
    state.organizations.emplace(organization, *std::move(snapshot));
  }
  if (state.organizations.empty() && !state.unread.empty()) {
    return state.unread.begin()->second;
  }
  state.clock_ahead = ClockAhead(state);
  std::vector<const Delivery*> places;
  for (const DesiredToken& token : desired.tokens) {
    if (token.ensure != Ensure::kPresent ||
        readers.organizations.count(token.organization) == 0) {
      continue;
    }
    for (const Delivery& place : token.deliver) places.push_back(&place);
  }
  state.records = ReadRecords(readers.sinks, places, deadline);
  Attribute(desired, state);
  for (const auto& [organization, reader] : readers.organizations) {
    const auto found = state.organizations.find(organization);
    if (found == state.organizations.end()) continue;
    Snapshot& snapshot = found->second;
    if (!NeedsHistory(desired.workspace, snapshot, state.records)) continue;
    absl::Status status = AddHistory(*reader, deadline, snapshot);
    if (status.ok()) {
      status = AskForRecorded(*reader, state, deadline, snapshot);
    }
    if (status.ok()) continue;
    if (absl::IsCancelled(status) || state.organizations.size() == 1) {
      return status;
    }
    state.organizations.erase(found);
    state.unread.emplace(organization, std::move(status));
  }
  return state;
}

}  // namespace patform
