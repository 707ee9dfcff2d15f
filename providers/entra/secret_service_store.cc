#include "providers/entra/secret_service_store.h"

#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"

// secret-tool ends with 1 both for an item that is not there and for a service
// that cannot be reached; only the second writes a reason. A locked keyring
// asks its user, in a window of its own, and the deadline of the call bounds
// that.
namespace patform::entra {
namespace {

// An item is found by attributes, which are not secret.
std::vector<std::string> Words(const char* verb, const std::string& name) {
  return {"secret-tool", verb, "application", "patform", "sign-in", name};
}

// The tool's own words, one line: it writes no secret to its standard error.
absl::Status Failed(const std::string& errors) {
  const std::string_view all = errors;
  const std::string line =
      FirstCodePoints(Visible(all.substr(0, all.find('\n'))), 200);
  return absl::FailedPreconditionError(
      absl::StrCat("the desktop's Secret Service cannot be used: ",
                   line.empty() ? "secret-tool does not say why" : line,
                   ". Unlock or start it, or set [auth] cache = \"file\""));
}

}  // namespace

absl::StatusOr<ProgramResult> SecretServiceStore::Run(ProgramCall call,
                                                      Deadline deadline) {
  absl::StatusOr<ProgramResult> result = programs_.Run(call, deadline);
  if (absl::IsNotFound(result.status())) {
    return absl::FailedPreconditionError(
        "secret-tool is not installed, by which patform reaches the desktop's "
        "Secret Service. Install it (Debian: libsecret-tools), or set [auth] "
        "cache = \"file\"");
  }
  return result;
}

absl::StatusOr<std::optional<Secret>> SecretServiceStore::Read(
    const std::string& name, Deadline deadline) {
  ProgramCall call;
  call.words = Words("lookup", name);
  PATFORM_ASSIGN_OR_RETURN(ProgramResult result,
                           Run(std::move(call), deadline));
  if (result.exit_code == 0) return std::move(result.out);
  // An item that is not there: 1, without a word.
  if (result.exit_code == 1 && result.errors.empty()) return std::nullopt;
  return Failed(result.errors);
}

// Replaces an item of the same attributes, whole or not at all.
absl::Status SecretServiceStore::Write(const std::string& name,
                                       const std::string& label,
                                       const Secret& text, Deadline deadline) {
  ProgramCall call;
  call.words = Words("store", name);
  call.words.insert(call.words.begin() + 2, absl::StrCat("--label=", label));
  call.input = &text;
  PATFORM_ASSIGN_OR_RETURN(const ProgramResult result,
                           Run(std::move(call), deadline));
  return result.exit_code == 0 ? absl::OkStatus() : Failed(result.errors);
}

absl::Status SecretServiceStore::Remove(const std::string& name,
                                        Deadline deadline) {
  // `clear` tells nobody whether something was there.
  PATFORM_ASSIGN_OR_RETURN(const std::optional<Secret> kept,
                           Read(name, deadline));
  if (!kept) return absl::NotFoundError("nothing is kept");
  ProgramCall call;
  call.words = Words("clear", name);
  PATFORM_ASSIGN_OR_RETURN(const ProgramResult result,
                           Run(std::move(call), deadline));
  return result.exit_code == 0 ? absl::OkStatus() : Failed(result.errors);
}

std::string SecretServiceStore::PlaceOf(const std::string&) {
  return "the desktop's Secret Service";
}

}  // namespace patform::entra
