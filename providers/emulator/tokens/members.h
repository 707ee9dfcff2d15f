#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace patform::emulator {

// One member of a JSON object, not yet bound to anything.
struct Member {
  enum class Kind { kText, kNumber, kTrue, kFalse, kNull, kNested };

  std::string name;
  Kind kind = Kind::kNull;
  std::string text;  // of a kText, without its escapes; of a kNumber, as sent
};

// The members of the object that `body` is, in order, as Json.NET reads them,
// which is more than JSON: names without quotes, single quotes, line breaks in
// texts, comments, a comma behind the last member, a byte order mark.
// kInvalidArgument: it is not an object, or is not closed.
absl::StatusOr<std::vector<Member>> ReadMembers(std::string_view body);

}  // namespace patform::emulator
