#include "providers/entra/sources.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
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

// What goes wrong with the sign-in of [identity.NAME] is told of that table:
// its sources know [auth] alone.
class OfIdentity : public CredentialSource {
 public:
  OfIdentity(const std::string& identity,
             std::unique_ptr<CredentialSource> source)
      : table_(SignInTable(identity)), source_(std::move(source)) {}

  absl::StatusOr<Secret> Bearer(Deadline deadline) override {
    return Named(source_->Bearer(deadline));
  }
  absl::StatusOr<Secret> BearerFor(const std::string& resource,
                                   Deadline deadline) override {
    return Named(source_->BearerFor(resource, deadline));
  }
  void Refused(const Secret& bearer) override { source_->Refused(bearer); }
  void Challenged(const Secret& bearer, const std::string& claims) override {
    source_->Challenged(bearer, claims);
  }
  void Describe(SignedIn& user) override { source_->Describe(user); }

 private:
  absl::StatusOr<Secret> Named(absl::StatusOr<Secret> bearer) const {
    if (bearer.ok()) return bearer;
    const absl::Status& why = bearer.status();
    absl::Status named(
        why.code(), absl::StrReplaceAll(why.message(), {{"[auth]", table_}}));
    why.ForEachPayload([&](absl::string_view type, const absl::Cord& payload) {
      named.SetPayload(type, payload);
    });
    return named;
  }

  const std::string table_;
  const std::unique_ptr<CredentialSource> source_;
};

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
    if (row.type.name != source) continue;
    std::unique_ptr<CredentialSource> made = row.make(auth, machine);
    if (auth.identity.empty()) return made;
    return std::make_unique<OfIdentity>(auth.identity, std::move(made));
  }
  // A configuration is checked against the same table.
  return absl::InvalidArgumentError(absl::StrCat(
      "[auth]: this program has no source \"", Visible(auth.source), "\""));
}

}  // namespace patform::entra
