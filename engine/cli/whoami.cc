#include "engine/report/whoami.h"

#include "engine/base/status.h"
#include "engine/cli/command.h"
#include "engine/cli/flags.h"
#include "engine/cli/output.h"
#include "engine/cli/planning.h"

// It may renew the sign-in, as any command does that needs a bearer: what it
// shows is what the next one will use.
namespace patform::cli {
namespace {

constexpr absl::Duration kLongest = absl::Minutes(2);

absl::Status Show(const Arguments& arguments, Ports& ports,
                  const AuthConfig& auth) {
  // Before the answer, which would look like a mistake without it.
  SayWhoseBearer(arguments, ports, auth);
  PATFORM_ASSIGN_OR_RETURN(
      const SignedIn user,
      ports.tokens->WhoAmI(auth, After(*ports.clock, kLongest)));
  const WhoAmI who = {&auth, &user, ports.clock->Now()};
  ports.terminal->out
      << (arguments.format == "json"
              ? RenderWhoAmIJson(who)
              : ForTerminal(
                    ports,
                    RenderWhoAmI(who,
                                 StyleFor(arguments, ports,
                                          ports.terminal->out_is_terminal))));
  return absl::OkStatus();
}

absl::StatusOr<ExitCode> Run(const Arguments& arguments, Ports& ports) {
  return ForEachSignIn(arguments, ports, Show);
}

}  // namespace

Command WhoAmICommand() {
  return {.name = "whoami",
          .what = "Show who is signed in, for what and until when",
          .example =
              "patform whoami\n"
              "  patform whoami --json | jq -r .rests_until\n"
              "  patform whoami || patform login   # 4: nobody is",
          .flags = Join({{IdentityFlag("of this [identity.NAME] and not of "
                                       "the user of [auth] (repeatable)")},
                         GrantFlags()}),
          .run = Run};
}

}  // namespace patform::cli
