#include "providers/entra/token_cache.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/digest.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"

namespace patform::entra {
namespace {

// What tells one sign-in from another, each a line; case does not in the first
// three.
std::string NameOf(const Registration& registration,
                   const std::string& identity) {
  // Not the name of the user, which nobody knows before they have signed in.
  const std::string key = absl::StrJoin(
      {absl::AsciiStrToLower(registration.authority.HostAndPort()),
       absl::AsciiStrToLower(registration.tenant),
       absl::AsciiStrToLower(registration.client_id), identity},
      "\n");
  // Half of the digest, as 128 bits are enough for a name.
  return Sha256(key).substr(0, 32);
}

}  // namespace

std::string LoginCommand(const AuthConfig& auth) {
  return auth.identity.empty()
             ? "patform login"
             : absl::StrCat("patform login --identity ", auth.identity);
}

absl::StatusOr<TokenCache> TokenCache::Of(const AuthConfig& auth,
                                          const Registration& registration,
                                          const Machine& machine) {
  TokenStoreNeeds needs;
  needs.files = machine.state_files;
  needs.programs = machine.programs;
  needs.has_session_bus =
      !machine.environment("DBUS_SESSION_BUS_ADDRESS").value_or("").empty();
  TokenCache cache;
  PATFORM_ASSIGN_OR_RETURN(
      cache.store_,
      MakeTokenStore(TextOf(auth.settings, "cache", "auto"), needs));
  cache.files_ = machine.state_files;
  cache.name_ = NameOf(registration, auth.identity);
  cache.login_ = LoginCommand(auth);
  cache.about_ = {{"authority", registration.authority.Authority()},
                  {"tenant", registration.tenant},
                  {"client_id", registration.client_id},
                  {"identity", auth.identity}};
  return cache;
}

absl::StatusOr<std::optional<KeptSignIn>> TokenCache::Read(Deadline deadline) {
  absl::StatusOr<std::optional<Secret>> text = store_->Read(name_, deadline);
  absl::Status status = text.status();
  if (text.ok()) {
    if (!*text) return std::nullopt;
    absl::StatusOr<KeptSignIn> kept = ReadKept(**text);
    if (kept.ok()) return std::optional<KeptSignIn>(*std::move(kept));
    status = Annotate(kept.status(), store_->PlaceOf(name_));
  }
  if (absl::IsCancelled(status) || absl::IsDeadlineExceeded(status)) {
    return status;
  }
  // kUnauthenticated, because a person has to act, whatever the disk or the
  // desktop's code for it is. Whatever is wrong with it, signing in again mends
  // it, or says more.
  return absl::UnauthenticatedError(absl::StrCat(
      "the sign-in that this machine keeps cannot be used: ", status.message(),
      ". Then run `", login_, "`"));
}

absl::Status TokenCache::Write(const KeptSignIn& kept, Deadline deadline) {
  return store_->Write(name_,
                       absl::StrCat("patform: sign-in to ", about_[1].second),
                       WriteKept(kept, about_), deadline);
}

absl::Status TokenCache::Check(Deadline deadline) {
  PATFORM_RETURN_IF_ERROR(store_->Check());
  return Lock(deadline).status();
}

absl::Status TokenCache::Remove(Deadline deadline) {
  return store_->Remove(name_, deadline);
}

absl::StatusOr<std::shared_ptr<void>> TokenCache::Lock(Deadline deadline) {
  return files_->Lock(name_, deadline);
}

}  // namespace patform::entra
