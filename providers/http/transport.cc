#include "providers/http/transport.h"

#include "absl/strings/match.h"
#include "engine/base/strings.h"

namespace patform::http {

std::optional<std::string_view> Response::Find(std::string_view name) const {
  for (const Header& header : headers) {
    if (absl::EqualsIgnoreCase(header.name, AbslView(name))) {
      return header.value;
    }
  }
  return std::nullopt;
}

bool MayHaveBeenDone(const absl::Status& status) {
  return absl::IsUnknown(status) || absl::IsDataLoss(status) ||
         absl::IsResourceExhausted(status);
}

}  // namespace patform::http
