#include "providers/entra/environment_credential.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "providers/entra/bearer.h"
#include "providers/entra/claims.h"
#include "providers/entra/key_vault_token.h"

namespace patform::entra {
namespace {

// Variables of a CI or of other tools are not looked at.
constexpr char kVariable[] = "PATFORM_ACCESS_TOKEN";
constexpr char kFileVariable[] = "PATFORM_ACCESS_TOKEN_FILE";

}  // namespace

EnvironmentCredential::EnvironmentCredential(EnvironmentLookup environment,
                                             ReadFile read_file)
    : environment_(std::move(environment)), read_file_(std::move(read_file)) {}

absl::StatusOr<Secret> EnvironmentCredential::Bearer(Deadline) {
  // Read at each call: the variable may be replaced in a long run.
  const std::optional<std::string> value = environment_(kVariable);
  const std::optional<std::string> path = environment_(kFileVariable);
  const bool has_value = value && !value->empty();
  // Both set: two users' tokens, perhaps, and no rule could pick the right one.
  if (path && !path->empty()) {
    if (!has_value) return FromFile(*path);
    return absl::UnauthenticatedError(absl::StrCat(
        kVariable, " and ", kFileVariable,
        " are both set, and could be two users' tokens: unset one"));
  }
  if (!has_value) {
    return absl::UnauthenticatedError(absl::StrCat(
        "no credential: ", kVariable,
        " is not set. It takes a Microsoft Entra access token of a user for "
        "Azure DevOps, for example from: ",
        kGetAccessToken));
  }
  PATFORM_RETURN_IF_ERROR(CheckBearer(*value, kVariable));
  return Secret(*value);
}

absl::StatusOr<Secret> EnvironmentCredential::BearerFor(
    const std::string& resource, Deadline) {
  return KeyVaultToken(environment_, resource, "environment");
}

// Kept until the service refuses it: a file that a sidecar writes afresh is
// then read again, and a run of many requests does not read it each time.
absl::StatusOr<Secret> EnvironmentCredential::FromFile(
    const std::string& path) {
  // One thread reads, the others wait for what it got.
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!from_file_.empty()) return from_file_.Clone();
  // The code becomes kUnauthenticated whatever the file's fault is: exit code
  // 4.
  const absl::StatusOr<Secret> text = read_file_(path);
  if (!text.ok()) {
    return absl::UnauthenticatedError(
        absl::StrCat("the access token of ", kFileVariable,
                     " cannot be read: ", text.status().message()));
  }
  Secret bearer = OneLine(*text);
  if (bearer.empty()) {
    return absl::UnauthenticatedError(absl::StrCat(
        "the file of ", kFileVariable, " (", Visible(path),
        ") is empty: whatever keeps it fresh has not signed in yet"));
  }
  PATFORM_RETURN_IF_ERROR(CheckBearer(
      bearer.Reveal(), absl::StrCat("the file of ", kFileVariable)));
  // After the checks, so that a half-written file is not kept.
  from_file_ = bearer.Clone();
  return bearer;
}

void EnvironmentCredential::Refused(const Secret& bearer) {
  const std::lock_guard<std::mutex> lock(mutex_);
  // Another thread may have been here, and the new one is good.
  if (from_file_.Reveal() == bearer.Reveal()) from_file_ = Secret();
}

SourceRow EnvironmentRow() {
  SourceRow row;
  row.type.name = "environment";
  row.type.doc =
      "PATFORM_ACCESS_TOKEN, or the file that PATFORM_ACCESS_TOKEN_FILE names; "
      "for Key Vault, PATFORM_KEY_VAULT_TOKEN.";
  row.type.one_user = true;
  row.make = [](const AuthConfig&,
                const Machine& machine) -> std::unique_ptr<CredentialSource> {
    return std::make_unique<EnvironmentCredential>(machine.environment,
                                                   machine.read_secret);
  };
  return row;
}

}  // namespace patform::entra
