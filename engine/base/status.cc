#include "engine/base/status.h"

#include "absl/strings/str_cat.h"

// Two kinds of kFailedPrecondition get an exit code of their own. They are
// marked by a payload rather than by a class of errors, so they survive
// Annotate() and all code in between that knows nothing of them.
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

// The code and the payloads stay: only the text gets longer. `message` is what
// was going on, as in "reading FILE".
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
