#include "providers/entra/environment_credential.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace patform::entra {

EnvironmentCredential::EnvironmentCredential(Environment environment)
    : environment_(std::move(environment)) {}

absl::StatusOr<Secret> EnvironmentCredential::Bearer(Deadline) {
  std::optional<std::string> value = environment_("PATFORM_ACCESS_TOKEN");
  if (!value || value->empty()) {
    return absl::UnauthenticatedError(
        "no credential: PATFORM_ACCESS_TOKEN is not set. It takes a Microsoft "
        "Entra access token of a user for Azure DevOps, for example from: az "
        "account get-access-token --resource "
        "499b84ac-1321-427f-aa17-267ca6975798 --query accessToken -o tsv");
  }
  for (char c : *value) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7f) continue;
    return absl::UnauthenticatedError(
        "PATFORM_ACCESS_TOKEN holds a blank, a line end or another character "
        "that no access token has; the value is not shown. Set it to the "
        "token alone");
  }
  return Secret(*value);
}

}  // namespace patform::entra
