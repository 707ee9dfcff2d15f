#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

// Names of organizations. The service does not distinguish upper and lower
// case in them, so everywhere inside they are in lower case: however a file, a
// flag, a record or a snapshot spells one, it is the same.
namespace patform {

std::string OrganizationKey(std::string_view name);

// Can it be an organization's name?
bool OrganizationShaped(std::string_view name);

// The name that somebody means who writes `text`, such as the address of the
// organization; "": that is not to be seen.
std::string OrganizationMeant(std::string_view text);

// In lower case. kInvalidArgument says what was meant.
absl::StatusOr<std::string> ParseOrganization(std::string_view text);

// `address`, as in token.NAME, ORGANIZATION/token.NAME or
// ORGANIZATION/identity.NAME/token.NAME, or a pattern of such, with the
// organization in lower case.
std::string AddressKey(std::string_view address);

}  // namespace patform
