#include "engine/model/organization.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/strings.h"

namespace patform {
namespace {

constexpr std::string_view kOldHost = ".visualstudio.com";

// Up to the first of these, what is behind it cut off.
std::string_view UpTo(std::string_view text, std::string_view ends) {
  return text.substr(0, text.find_first_of(ends));
}

}  // namespace

std::string OrganizationKey(std::string_view name) {
  return absl::AsciiStrToLower(AbslView(name));
}

// As the service has them: letters, digits and hyphens, no hyphen at an end.
bool OrganizationShaped(std::string_view name) {
  const auto alnum = [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c));
  };
  return !name.empty() && name.size() <= 50 && alnum(name.front()) &&
         alnum(name.back()) &&
         std::all_of(name.begin(), name.end(),
                     [&](char c) { return alnum(c) || c == '-'; });
}

std::string OrganizationMeant(std::string_view text) {
  // What follows is found in lower case, which is also what is answered.
  const std::string lower(absl::StripAsciiWhitespace(OrganizationKey(text)));
  std::string_view rest = lower;
  const size_t scheme = rest.find("://");
  if (scheme != rest.npos) rest.remove_prefix(scheme + 3);
  // As in the address that git is given: https://contoso@dev.azure.com/contoso.
  const std::string_view authority = UpTo(rest, "/?#");
  const size_t at = authority.rfind('@');
  if (at != authority.npos) rest.remove_prefix(at + 1);
  const std::string_view host = UpTo(UpTo(rest, "/?#"), ":");
  std::string_view name;
  if (absl::EndsWith(AbslView(host), AbslView(kOldHost))) {
    // contoso.vsrm.visualstudio.com is contoso's, too.
    name = UpTo(host, ".");
  } else if (host == "azure.com" ||
             absl::EndsWith(AbslView(host), ".azure.com")) {
    name = rest.substr(UpTo(rest, "/?#").size());
    if (!name.empty()) name = UpTo(name.substr(1), "/?#");
  } else if (scheme == rest.npos) {
    // A slash too much, as in "contoso/".
    name = UpTo(rest, "/");
  }
  return OrganizationShaped(name) ? std::string(name) : "";
}

absl::StatusOr<std::string> ParseOrganization(std::string_view text) {
  if (OrganizationShaped(text)) return OrganizationKey(text);
  const std::string meant = OrganizationMeant(text);
  return absl::InvalidArgumentError(absl::StrCat(
      "\"", Visible(text), "\" cannot be an organization's name; ",
      meant.empty() ? "expected letters, digits and hyphens, as in "
                      "https://dev.azure.com/NAME"
                    : absl::StrCat("did you mean \"", meant, "\"?")));
}

std::string AddressKey(std::string_view address) {
  const size_t slash = address.find('/');
  if (slash == std::string_view::npos) return std::string(address);
  const std::string_view organization = address.substr(0, slash);
  const auto rest = AbslView(address.substr(slash + 1));
  // A slash may also be in a name, as in Team/ci or token."a/token.b".
  if (!OrganizationShaped(organization) ||
      !(absl::StartsWith(rest, "token.") ||
        absl::StartsWith(rest, "identity.") || absl::StartsWith(rest, "*"))) {
    return std::string(address);
  }
  return absl::StrCat(OrganizationKey(organization),
                      AbslView(address.substr(slash)));
}

}  // namespace patform
