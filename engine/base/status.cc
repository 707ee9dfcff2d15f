#include "engine/base/status.h"

#include "absl/strings/str_cat.h"

namespace patform {
namespace {

constexpr char kStale[] = "patform/stale";
constexpr char kIncomplete[] = "patform/incomplete";

absl::Status Special(const char* kind, const std::string& message) {
  absl::Status status = absl::FailedPreconditionError(message);
  status.SetPayload(kind, absl::Cord());
  return status;
}

}  // namespace

absl::Status StaleError(const std::string& message) {
  return Special(kStale, message);
}

absl::Status IncompleteError(const std::string& message) {
  return Special(kIncomplete, message);
}

bool IsStale(const absl::Status& status) {
  return status.GetPayload(kStale).has_value();
}

bool IsIncomplete(const absl::Status& status) {
  return status.GetPayload(kIncomplete).has_value();
}

absl::Status Annotate(const absl::Status& status, const std::string& message) {
  if (status.ok()) return status;
  absl::Status result(status.code(),
                      absl::StrCat(message, ": ", status.message()));
  status.ForEachPayload([&result](absl::string_view url, const absl::Cord& c) {
    result.SetPayload(url, c);
  });
  return result;
}

}  // namespace patform
