#include "engine/base/status.h"
#include "engine/cli/command.h"
#include "engine/cli/flags.h"
#include "engine/cli/output.h"
#include "engine/cli/planning.h"
#include "engine/report/answer.h"

namespace patform::cli {
namespace {

constexpr absl::Duration kLongest = absl::Minutes(2);

absl::Status SignOut(const Arguments& arguments, Ports& ports,
                     const AuthConfig& auth) {
  const absl::Status status =
      ports.sign_ins->Logout(auth, After(*ports.clock, kLongest));
  // To be signed out is what was wanted, whoever did it.
  const bool was_signed_in = status.ok();
  if (!was_signed_in && !absl::IsNotFound(status)) return status;
  if (arguments.format == "json") {
    ports.terminal->out << Answer().Flag("was_signed_in", was_signed_in).Line();
    return absl::OkStatus();
  }
  // There is no request that ends one refresh token of Entra's.
  ports.terminal->out << ForTerminal(
      ports,
      was_signed_in
          ? "Signed out: this machine no longer keeps the sign-in. To end it "
            "everywhere as well, choose \"Sign out everywhere\" at "
            "https://mysignins.microsoft.com.\n"
          : "Nobody was signed in on this machine.\n");
  return absl::OkStatus();
}

absl::StatusOr<ExitCode> Run(const Arguments& arguments, Ports& ports) {
  return ForEachSignIn(arguments, ports, SignOut);
}

}  // namespace

Command LogoutCommand() {
  return {.name = "logout",
          .what = "Forget the sign-in that this machine keeps",
          .example = "patform logout",
          .flags = {IdentityFlag("of this [identity.NAME] and not of the user "
                                 "of [auth] (repeatable)"),
                    AllowHostFlag()},
          .run = Run};
}

}  // namespace patform::cli
