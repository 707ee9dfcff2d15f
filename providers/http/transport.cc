#include "providers/http/transport.h"

#include "absl/strings/match.h"
#include "engine/base/strings.h"

namespace patform::http {

// RFC 9110, 5.1: names of fields have no case. The first one of several.
std::optional<std::string_view> Response::Find(std::string_view name) const {
  for (const Header& header : headers) {
    if (absl::EqualsIgnoreCase(header.name, AbslView(name))) {
      return header.value;
    }
  }
  return std::nullopt;
}

// RFC 9110 asks every server with a clock for it. Without it nothing may end
// because of its age: the runner's clock is not trusted for that.
std::optional<absl::Time> DateOf(const Response& response) {
  const std::optional<std::string_view> text = response.Find("Date");
  absl::Time date;
  std::string error;
  if (!text || !absl::ParseTime("%a, %d %b %Y %H:%M:%S GMT", AbslView(*text),
                                &date, &error)) {
    return std::nullopt;
  }
  return date;
}

// The three codes that http_client.cc uses for "sent, and then".
bool MayHaveBeenDone(const absl::Status& status) {
  return absl::IsUnknown(status) || absl::IsDataLoss(status) ||
         absl::IsResourceExhausted(status);
}

}  // namespace patform::http
