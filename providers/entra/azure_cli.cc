#include "providers/entra/azure_cli.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/strings.h"
#include "providers/entra/claims.h"
#include "providers/entra/printed_token.h"
#include "providers/entra/program_credential.h"
#include "providers/entra/registration.h"
#include "providers/entra/sign_in_errors.h"

// What az prints and how it fails was tried with versions 2.45 and 2.91.
namespace patform::entra {
namespace {

// Of the Azure CLI itself, which signs in as this application. For messages.
constexpr char kAzure[] = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";

// What a person types to sign in for `resource`; "": for Azure DevOps.
std::string LoginCommand(const std::string& tenant,
                         const std::string& resource) {
  return absl::StrCat("az login --scope ",
                      resource.empty() ? kAzureDevOps : Visible(resource),
                      "/.default", tenant.empty() ? "" : " --tenant ", tenant);
}

absl::Status WhyFailed(const ProgramResult& result, const std::string& tenant,
                       const std::string& shown_tenant,
                       const std::string& resource) {
  const std::string login = LoginCommand(shown_tenant, resource);
  Registration registration;
  registration.client_id = registration.shown_client_id = kAzure;
  registration.tenant = tenant.empty() ? "organizations" : tenant;
  registration.shown_tenant =
      tenant.empty() ? registration.tenant : shown_tenant;
  // The number first: az's advice to sign in again is behind every refusal,
  // also of those that it does not help with.
  if (const std::optional<std::string> words =
          WordsFor(NumberIn(result.errors), {&registration, login})) {
    return absl::UnauthenticatedError(
        absl::StrCat("az account get-access-token: ", *words));
  }
  const std::string errors = ShownErrors(result.errors, "ERROR:");
  if (errors.find("az login") != errors.npos) {
    return absl::UnauthenticatedError(absl::StrCat(
        "nobody is signed in to the Azure CLI, or not any more: ", errors,
        ". Run: ", login));
  }
  return absl::UnauthenticatedError(
      absl::StrCat("az account get-access-token failed (exit code ",
                   result.exit_code, ")", errors.empty() ? "" : ": ", errors,
                   ". If it is the sign-in, run: ", login));
}

// Where az is missing the way out is another source, which the reader may not
// know of.
absl::Status WhyNotRun(const absl::Status& status) {
  if (!absl::IsNotFound(status)) {
    return absl::UnauthenticatedError(
        absl::StrCat("az cannot be run: ", std::string(status.message())));
  }
  return absl::UnauthenticatedError(
      "[auth] source = \"azure-cli\" needs the Azure CLI, and there is no az "
      "in PATH. Install it (https://aka.ms/azure-cli), or choose another "
      "source: patform help sign-in");
}

// Answers what is wrong with its settings.
class Unusable : public CredentialSource {
 public:
  explicit Unusable(absl::Status why) : why_(std::move(why)) {}
  absl::StatusOr<Secret> Bearer(Deadline) override { return why_; }
  absl::StatusOr<Secret> BearerFor(const std::string&, Deadline) override {
    return why_;
  }
  void Refused(const Secret&) override {}

 private:
  const absl::Status why_;
};

std::unique_ptr<CredentialSource> Make(const AuthConfig& auth,
                                       const Machine& machine) {
  const std::string tenant = TextOf(auth.settings, "tenant");
  // As it is written: what ${NAME} stands for is shown to nobody.
  const std::string shown =
      tenant.empty() ? "" : Visible(TextOf(auth.written, "tenant", tenant));
  if (const std::string fault = tenant.empty() ? "" : FaultOfTenant(tenant);
      !fault.empty()) {
    return std::make_unique<Unusable>(absl::InvalidArgumentError(absl::StrCat(
        "[auth] tenant = ", InQuotes(shown), ": expected ", fault)));
  }
  TokenProgram program;
  program.name = "az";
  program.call_for = [tenant](const std::string& resource) {
    ProgramCall call;
    // JSON, for the end of the access token; --only-show-errors, for what az
    // says of its own updates and preview commands.
    call.words = {"az", "account", "get-access-token",  "--resource", resource,
                  "-o", "json",    "--only-show-errors"};
    if (!tenant.empty()) {
      // In one word: no tenant is taken for a flag.
      call.words.push_back(absl::StrCat("--tenant=", tenant));
    }
    return call;
  };
  program.call = program.call_for(kAzureDevOps);
  program.not_run = WhyNotRun;
  program.failed = [tenant, shown](const ProgramResult& result,
                                   const std::string& resource) {
    return WhyFailed(result, tenant, shown, resource);
  };
  program.renew = absl::StrCat("Run: az logout; ", LoginCommand(shown, ""));
  return std::make_unique<ProgramCredential>(std::move(program), machine);
}

}  // namespace

SourceRow AzureCliRow() {
  SourceRow row;
  row.type.name = "azure-cli";
  row.type.doc =
      "Who is signed in to the Azure CLI (az login), on this machine.";
  row.type.keys = {{.name = "tenant",
                    .kind = SettingKey::Kind::kText,
                    .doc = "The organization's tenant: a GUID, or a domain of "
                           "it. Guests have to name it."}};
  row.make = Make;
  return row;
}

}  // namespace patform::entra
