#include "providers/emulator/tokens/payload.h"

#include <boost/json.hpp>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "providers/emulator/tokens/wire.h"

// Bodies as Json.NET binds them: names without case, unknown ones ignored,
// numbers taken for texts and texts for flags. Clients depend on all of that,
// Microsoft's own sample among them, which sends every value as a text.
namespace patform::emulator {
namespace {

namespace json = boost::json;

// As a whole: one member that cannot be bound, and the request is refused.
absl::Status Unbound(const char* member) {
  return absl::InvalidArgumentError(std::string("the value of ") + member +
                                    " cannot be read");
}

// A number becomes its digits; a list does not become a text.
absl::StatusOr<std::string> Text(const json::value& value, const char* member) {
  if (const json::string* text = value.if_string()) {
    return std::string(text->data(), text->size());
  }
  if (value.is_object() || value.is_array()) return Unbound(member);
  return json::serialize(value);
}

// "True" as well, which is how .NET and Python write it.
absl::StatusOr<bool> Truth(const json::value& value) {
  if (value.is_bool()) return value.get_bool();
  if (const json::string* text = value.if_string()) {
    const absl::string_view trimmed = absl::StripAsciiWhitespace(
        absl::string_view(text->data(), text->size()));
    if (absl::EqualsIgnoreCase(trimmed, "true")) return true;
    if (absl::EqualsIgnoreCase(trimmed, "false")) return false;
  }
  return Unbound("allOrgs");
}

}  // namespace

absl::StatusOr<Payload> ParsePayload(std::string_view body) {
  json::error_code error;
  const json::value parsed =
      json::parse(json::string_view(body.data(), body.size()), error);
  const json::object* object = error ? nullptr : parsed.if_object();
  if (object == nullptr) {
    return absl::InvalidArgumentError("the body is not a JSON object");
  }
  Payload payload;
  for (const auto& [key, value] : *object) {
    const absl::string_view name(key.data(), key.size());
    // null is as good as absent.
    if (value.is_null()) continue;
    if (absl::EqualsIgnoreCase(name, "authorizationId")) {
      PATFORM_ASSIGN_OR_RETURN(payload.authorization_id,
                               Text(value, "authorizationId"));
    } else if (absl::EqualsIgnoreCase(name, "displayName")) {
      PATFORM_ASSIGN_OR_RETURN(payload.display_name,
                               Text(value, "displayName"));
    } else if (absl::EqualsIgnoreCase(name, "scope")) {
      PATFORM_ASSIGN_OR_RETURN(payload.scope, Text(value, "scope"));
    } else if (absl::EqualsIgnoreCase(name, "validTo")) {
      // Any form of a date that ParseTime() knows.
      PATFORM_ASSIGN_OR_RETURN(const std::string text, Text(value, "validTo"));
      payload.valid_to = ParseTime(text);
      if (!payload.valid_to) return Unbound("validTo");
    } else if (absl::EqualsIgnoreCase(name, "allOrgs")) {
      PATFORM_ASSIGN_OR_RETURN(payload.all_organizations, Truth(value));
    }
  }
  return payload;
}

}  // namespace patform::emulator
