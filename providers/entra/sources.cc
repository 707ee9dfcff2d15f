#include "providers/entra/sources.h"

#include "absl/strings/str_cat.h"
#include "engine/base/strings.h"
#include "providers/entra/azure_cli.h"
#include "providers/entra/environment_credential.h"
#include "providers/entra/exec_credential.h"
#include "providers/entra/refresh_token_credential.h"
#include "providers/entra/sign_in_credential.h"
#include "providers/entra/stdin_credential.h"
#include "providers/entra/workload_credential.h"

namespace patform::entra {
namespace {

// The default first, which is also what a configuration without [auth] means.
const std::vector<SourceRow>& Rows() {
  static const auto& rows = *new std::vector<SourceRow>{
      EnvironmentRow(), StdinRow(),        AzureCliRow(), ExecRow(),
      SignInRow(),      RefreshTokenRow(), WorkloadRow()};
  return rows;
}

}  // namespace

void ToTheEnd(const Machine& machine, absl::FunctionRef<void()> call) {
  if (machine.uninterrupted) {
    machine.uninterrupted(call);
  } else {
    call();
  }
}

const std::vector<SettingsType>& Sources() {
  static const auto& types = *[] {
    auto* all = new std::vector<SettingsType>();
    for (const SourceRow& row : Rows()) all->push_back(row.type);
    return all;
  }();
  return types;
}

absl::StatusOr<std::unique_ptr<CredentialSource>> MakeCredential(
    const AuthConfig& auth, const Machine& machine) {
  std::string source =
      auth.overridden_by.empty() ? auth.source : auth.overridden_by;
  // Commands that read no configuration have nothing that could be overridden.
  if (source == "environment" && machine.grants->bearer_on_stdin) {
    source = "stdin";
  }
  for (const SourceRow& row : Rows()) {
    if (row.type.name == source) return row.make(auth, machine);
  }
  // A configuration is checked against the same table.
  return absl::InvalidArgumentError(absl::StrCat(
      "[auth]: this program has no source \"", Visible(auth.source), "\""));
}

}  // namespace patform::entra
