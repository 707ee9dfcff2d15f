#include "engine/diff/obstacle.h"

#include "absl/strings/str_cat.h"

namespace patform {
namespace {

using RecordState = HeldRecord::State;

// Why a record may not be believed; "" when it may.
std::string Foreign(const DecideInput& in, const Delivery& place,
                    const SinkRecord& record) {
  const auto differs = [&](const char* what, const std::string& theirs,
                           const std::string& ours) {
    return absl::StrCat("the record at ", place.Address(), " is of ", what,
                        " \"", theirs, "\", this configuration is \"", ours,
                        "\"; the place belongs to another setup or was "
                        "copied from one: deliver elsewhere, or remove it");
  };
  if (record.workspace != in.workspace) {
    return differs("workspace", record.workspace, in.workspace);
  }
  if (record.organization != in.organization) {
    return differs("organization", record.organization, in.organization);
  }
  if (record.address != place.Address()) {
    return differs("the place", record.address, place.Address());
  }
  if (!record.user_oid.empty() && !in.user_oid.empty() &&
      record.user_oid != in.user_oid) {
    return differs("user", record.user_oid, in.user_oid);
  }
  return "";
}

// Of one place; "" when nothing forbids to use it.
std::string ObstacleAt(const DecideInput& in, size_t index,
                       const HeldRecord& held) {
  const Delivery& place = in.deliver[index];
  const std::string why(held.why.message());
  switch (held.state) {
    case RecordState::kUnknown:
      // Never taken for empty: what is there may be in service.
      return absl::StrCat("what ", place.Address(),
                          " holds could not be read: ", why);
    case RecordState::kForeign:
      if (place.adopt) return "";
      return absl::StrCat(
          place.Address(), " holds a value that patform did not write",
          why.empty() ? "" : absl::StrCat(" (", why, ")"),
          "; move it away, or set `adopt = true` in its `deliver` entry to "
          "let patform replace it");
    case RecordState::kPresent:
      return Foreign(in, place, *held.record);
    case RecordState::kSilent:
      // The primary's record is what says "delivered everywhere".
      if (index > 0) return "";
      return absl::StrCat(place.Address(),
                          " keeps no record of what it holds, so it cannot "
                          "be the first place in `deliver`");
    case RecordState::kAbsent:
    case RecordState::kTorn:
      return "";
  }
  return "";
}

}  // namespace

std::string FirstObstacle(const DecideInput& in, const TokenView& view) {
  for (size_t i = 0; i < in.deliver.size(); ++i) {
    std::string obstacle = ObstacleAt(in, i, view.records[i]);
    if (!obstacle.empty()) return obstacle;
  }
  return "";
}

}  // namespace patform
