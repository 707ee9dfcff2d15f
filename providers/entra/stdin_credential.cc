#include "providers/entra/stdin_credential.h"

#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "providers/entra/bearer.h"
#include "providers/entra/claims.h"
#include "providers/entra/key_vault_token.h"

namespace patform::entra {
namespace {

absl::StatusOr<Secret> ReadBearer(const Machine& machine) {
  const absl::StatusOr<Secret> text = machine.read_stdin();
  // Whatever the fault is, the sign-in failed; not so an interrupt.
  if (absl::IsCancelled(text.status())) return text.status();
  if (!text.ok()) {
    return absl::UnauthenticatedError(
        absl::StrCat("the access token cannot be read from standard input: ",
                     text.status().message()));
  }
  Secret bearer = OneLine(*text);
  if (bearer.empty()) {
    return absl::UnauthenticatedError(absl::StrCat(
        "standard input is empty: the command that should have printed the "
        "access token failed, or standard input was read before. For example: ",
        kGetAccessToken, " | patform plan --access-token-stdin"));
  }
  PATFORM_RETURN_IF_ERROR(CheckBearer(bearer.Reveal(), "standard input"));
  return bearer;
}

class StdinCredential : public CredentialSource {
 public:
  explicit StdinCredential(const Machine& machine) : machine_(machine) {}

  absl::StatusOr<Secret> Bearer(Deadline) override {
    // One thread reads, the others wait for what it got.
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!was_read_) {
      bearer_ = ReadBearer(machine_);
      was_read_ = true;
    }
    if (!bearer_.ok()) return bearer_.status();
    return bearer_->Clone();
  }

  absl::StatusOr<Secret> BearerFor(const std::string& resource,
                                   Deadline) override {
    return KeyVaultToken(machine_.environment, resource, "stdin");
  }

  void Refused(const Secret&) override {}

 private:
  const Machine machine_;
  std::mutex mutex_;
  // Guarded by the mutex.
  bool was_read_ = false;
  absl::StatusOr<Secret> bearer_ = Secret();
};

}  // namespace

SourceRow StdinRow() {
  SourceRow row;
  row.type.name = "stdin";
  row.type.doc =
      "Standard input: the access token and nothing else, read once.";
  row.type.one_user = true;
  row.make = [](const AuthConfig&,
                const Machine& machine) -> std::unique_ptr<CredentialSource> {
    return std::make_unique<StdinCredential>(machine);
  };
  return row;
}

}  // namespace patform::entra
