#include "engine/base/status.h"

#include "absl/strings/str_cat.h"

namespace patform {

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
