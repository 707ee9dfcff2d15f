#include "providers/entra/key_vault_token.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "providers/entra/bearer.h"
#include "providers/entra/claims.h"

// One variable and no file: an apply that outlasts it fails at a look, before
// anything is minted for the places that are left.
namespace patform::entra {
namespace {

constexpr char kVariable[] = "PATFORM_KEY_VAULT_TOKEN";
// The id of Key Vault in Entra, which some tokens name as their audience.
constexpr char kId[] = "cfa8b339-82a2-471a-a3c9-0fc0be7a4093";
// Azure's public cloud, China and US Government.
constexpr std::string_view kResources[] = {"https://vault.azure.net",
                                           "https://vault.azure.cn",
                                           "https://vault.usgovcloudapi.net"};

// Entra writes them with a slash at the end, too, and in any case.
bool Same(std::string_view a, std::string_view b) {
  while (a.ends_with('/')) a.remove_suffix(1);
  while (b.ends_with('/')) b.remove_suffix(1);
  return absl::EqualsIgnoreCase(AbslView(a), AbslView(b));
}

}  // namespace

absl::StatusOr<Secret> KeyVaultToken(const EnvironmentLookup& environment,
                                     const std::string& resource,
                                     const std::string& source) {
  if (std::none_of(
          std::begin(kResources), std::end(kResources),
          [&](std::string_view each) { return Same(resource, each); })) {
    return absl::UnimplementedError(
        absl::StrCat("the sign-in \"", source,
                     "\" is for Azure DevOps and not for ", Visible(resource)));
  }
  const std::optional<std::string> value = environment(kVariable);
  if (!value || value->empty()) {
    return absl::UnauthenticatedError(absl::StrCat(
        "the access token of the sign-in \"", source,
        "\" is for Azure DevOps alone, and ", kVariable,
        " is not set. It takes one for Key Vault, for example from: az account "
        "get-access-token --resource ",
        Visible(resource), " --query accessToken -o tsv"));
  }
  // Read at each call, as PATFORM_ACCESS_TOKEN is.
  PATFORM_RETURN_IF_ERROR(CheckBearer(*value, kVariable));
  // A hint that saves a request; an opaque one has none.
  const std::string audience = ReadClaims(*value).audience;
  if (!audience.empty() && !Same(audience, resource) && !Same(audience, kId)) {
    return absl::UnauthenticatedError(absl::StrCat(
        kVariable, " is an access token for ",
        IsAzureDevOps(audience) ? "Azure DevOps" : AudienceName(audience),
        ", and the vault takes one for ", Visible(resource)));
  }
  return Secret(*value);
}

}  // namespace patform::entra
