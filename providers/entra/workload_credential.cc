#include "providers/entra/workload_credential.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "providers/entra/certificate.h"
#include "providers/entra/certificate_proof.h"
#include "providers/entra/federated_proof.h"
#include "providers/entra/refresh_token_credential.h"
#include "providers/entra/registration.h"

namespace patform::entra {
namespace {

using Kind = SettingKey::Kind;

absl::StatusOr<Secret> ReadPem(const AuthConfig& auth, const char* key,
                               const Machine& machine) {
  absl::StatusOr<Secret> text = machine.read_secret(TextOf(auth.settings, key));
  if (text.ok()) return text;
  // Without the system's words: see FileProof.
  return absl::UnauthenticatedError(absl::StrCat(
      "signing in: the file of `", key, "` (",
      Visible(TextOf(auth.written, key)), ") cannot be read by this user"));
}

// Makes its proof at the first use: nobody reads a key to validate a file.
class LateProof : public ClientProof {
 public:
  LateProof(AuthConfig auth, Machine machine)
      : auth_(std::move(auth)), machine_(std::move(machine)) {}

  absl::Status AddTo(Form& form, const TokenEndpoint& endpoint,
                     Deadline deadline) override {
    if (made_ == nullptr) {
      PATFORM_ASSIGN_OR_RETURN(made_, MakeProof(auth_, machine_));
    }
    return made_->AddTo(form, endpoint, deadline);
  }
  absl::Time Ends() override {
    return made_ == nullptr ? absl::InfiniteFuture() : made_->Ends();
  }

 private:
  const AuthConfig auth_;
  const Machine machine_;
  std::unique_ptr<ClientProof> made_;
};

}  // namespace

std::string FaultOfProof(const std::map<std::string, SettingValue>& settings) {
  const auto has = [&settings](const char* key) {
    return settings.contains(key);
  };
  // Half a certificate counts as one, so that the message names what is
  // missing.
  const int proofs = (has("certificate") || has("private_key") ? 1 : 0) +
                     (has("assertion") ? 1 : 0) +
                     (has("assertion_file") ? 1 : 0);
  if (proofs != 1) {
    return "one proof of the application is needed, and no more: `certificate` "
           "with `private_key`, or `assertion`, or `assertion_file`";
  }
  if (has("certificate") != has("private_key")) {
    return has("certificate") ? "`certificate` needs `private_key`"
                              : "`private_key` needs `certificate`";
  }
  const bool pipelines = TextOf(settings, "assertion") == "azure-pipelines";
  if (pipelines != has("service_connection")) {
    return pipelines ? "assertion = \"azure-pipelines\" needs "
                       "`service_connection`"
                     : "`service_connection` is for assertion = "
                       "\"azure-pipelines\"";
  }
  return "";
}

absl::StatusOr<std::unique_ptr<ClientProof>> MakeProof(const AuthConfig& auth,
                                                       const Machine& machine) {
  // Checked where the file is read; a saved plan may come from elsewhere.
  if (const std::string fault = FaultOfProof(auth.settings); !fault.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("[auth]: ", fault));
  }
  const std::string assertion = TextOf(auth.settings, "assertion");
  if (!assertion.empty()) {
    return MakeCiProof(assertion, TextOf(auth.settings, "service_connection"),
                       machine);
  }
  const std::string file = TextOf(auth.settings, "assertion_file");
  if (!file.empty()) {
    return MakeFileProof(file, TextOf(auth.written, "assertion_file"), machine);
  }
  PATFORM_ASSIGN_OR_RETURN(const Secret certificate,
                           ReadPem(auth, "certificate", machine));
  PATFORM_ASSIGN_OR_RETURN(const Secret key,
                           ReadPem(auth, "private_key", machine));
  absl::StatusOr<Certificate> parsed = Certificate::Parse(certificate, key);
  if (!parsed.ok()) return Annotate(parsed.status(), "[auth]");
  return std::make_unique<CertificateProof>(*std::move(parsed), machine.clock,
                                            machine.random);
}

SourceRow WorkloadRow() {
  SourceRow row;
  row.type.name = "workload";
  row.type.doc =
      "A user's sign-in as of \"refresh-token\", which only this application "
      "can use.";
  row.type.keys = RegistrationKeys();
  row.type.keys.push_back(FromKey());
  const SettingKey more[] = {
      {"certificate", Kind::kPath, false,
       "The certificate of the application, in PEM."},
      {"private_key", Kind::kPath, false,
       "Its private key, in PEM without a passphrase."},
      {"assertion",
       Kind::kText,
       false,
       "The CI that vouches for this job, instead of a certificate.",
       {"azure-pipelines", "github"},
       nullptr,
       "\"github\""},
      {"service_connection", Kind::kText, false,
       "The id of the service connection, for azure-pipelines."},
      {"assertion_file", Kind::kPath, false,
       "A file with a JWT that vouches for this job, as Kubernetes has it."}};
  row.type.keys.insert(row.type.keys.end(), std::begin(more), std::end(more));
  row.type.fault = FaultOfProof;
  row.make = [](const AuthConfig& auth,
                const Machine& machine) -> std::unique_ptr<CredentialSource> {
    return std::make_unique<RefreshTokenCredential>(
        auth, machine, std::make_unique<LateProof>(auth, machine));
  };
  return row;
}

}  // namespace patform::entra
