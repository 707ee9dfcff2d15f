#include "providers/emulator/tokens/payload.h"

#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "providers/emulator/tokens/members.h"
#include "providers/emulator/tokens/wire.h"

// Bodies as Json.NET binds them: names without case, unknown ones ignored,
// numbers taken for texts, texts and numbers for flags. Clients depend on all
// of that, Microsoft's own sample among them, which sends every value as a
// text.
namespace patform::emulator {
namespace {

// As a whole: one member that cannot be bound, and the request is refused.
absl::Status Unbound(const Member& member) {
  return absl::InvalidArgumentError("the value of " + member.name +
                                    " cannot be read");
}

// A number becomes its digits; a list does not become a text.
absl::StatusOr<std::string> Text(const Member& member) {
  if (member.kind == Member::Kind::kNested) return Unbound(member);
  return member.text;
}

// "True" as well, which is how .NET and Python write it; 0 is false, and every
// other number true.
absl::StatusOr<bool> Truth(const Member& member) {
  const absl::string_view text = absl::StripAsciiWhitespace(member.text);
  double number = 0;
  switch (member.kind) {
    case Member::Kind::kTrue:
      return true;
    case Member::Kind::kFalse:
      return false;
    case Member::Kind::kNumber:
      if (absl::SimpleAtod(text, &number)) return number != 0;
      break;
    case Member::Kind::kText:
      if (absl::EqualsIgnoreCase(text, "true")) return true;
      if (absl::EqualsIgnoreCase(text, "false")) return false;
      break;
    case Member::Kind::kNull:
    case Member::Kind::kNested:
      break;
  }
  return Unbound(member);
}

// Any form of a date that ParseTime() knows, but no bare number.
absl::StatusOr<absl::Time> Instant(const Member& member) {
  const std::optional<absl::Time> time = member.kind == Member::Kind::kText
                                             ? ParseTime(member.text)
                                             : std::nullopt;
  if (!time) return Unbound(member);
  return *time;
}

}  // namespace

absl::StatusOr<Payload> ParsePayload(std::string_view body) {
  PATFORM_ASSIGN_OR_RETURN(const std::vector<Member> members,
                           ReadMembers(body));
  Payload payload;
  for (const Member& member : members) {
    const auto is = [&member](const char* name) {
      return absl::EqualsIgnoreCase(member.name, name);
    };
    // null is as good as absent.
    if (member.kind == Member::Kind::kNull) continue;
    if (is("authorizationId")) {
      PATFORM_ASSIGN_OR_RETURN(payload.authorization_id, Text(member));
    } else if (is("displayName")) {
      PATFORM_ASSIGN_OR_RETURN(payload.display_name, Text(member));
    } else if (is("scope")) {
      PATFORM_ASSIGN_OR_RETURN(payload.scope, Text(member));
    } else if (is("validTo")) {
      PATFORM_ASSIGN_OR_RETURN(payload.valid_to, Instant(member));
    } else if (is("allOrgs")) {
      PATFORM_ASSIGN_OR_RETURN(payload.all_organizations, Truth(member));
    }
  }
  return payload;
}

}  // namespace patform::emulator
