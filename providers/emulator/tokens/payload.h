#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace patform::emulator {

// The body of a create or an update. What is absent or null is not set.
struct Payload {
  std::optional<std::string> authorization_id;  // as sent
  std::optional<std::string> display_name;
  std::optional<std::string> scope;
  std::optional<absl::Time> valid_to;
  std::optional<bool> all_organizations;
};

// As Json.NET reads (members.h) and binds it: names in any case, a bool or a
// number as text too, a number as a bool, what is not known is ignored.
// kInvalidArgument: it is not such an object.
absl::StatusOr<Payload> ParsePayload(std::string_view body);

}  // namespace patform::emulator
