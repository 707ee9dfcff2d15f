#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/diagnostic.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "engine/cli/command.h"
#include "engine/cli/failure.h"
#include "engine/cli/flags.h"
#include "engine/cli/output.h"
#include "engine/cli/planning.h"
#include "engine/desired/place_rules.h"
#include "engine/report/whoami.h"

// Whoever runs it may sit at another machine than the one that it runs on: the
// address and the code are printed in any case, and nothing has to be answered
// in the terminal.
namespace patform::cli {
namespace {

// For a person to find their password, their phone and their patience.
constexpr absl::Duration kLongest = absl::Minutes(15);

// Tells the person at the terminal what to do; all of it on standard error, so
// that --json is alone on the other.
class AtTheTerminal : public LoginListener {
 public:
  explicit AtTheTerminal(Ports& ports) : err_(ports.terminal->err) {}

  // The address on a line of its own and whole, to be clicked or copied.
  void OnBrowser(const std::string& url, bool started) override {
    err_ << (started ? "A browser opens to sign in. If it does not, open this "
                       "address on this machine:\n\n"
                     : "To sign in, open this address in a browser on this "
                       "machine:\n\n")
         << Visible(url) << "\n\nWaiting for the browser (Ctrl-C gives up).\n";
    err_.flush();
  }

  void OnCode(const std::string& url, const std::string& code,
              const std::string& message, absl::Time ends) override {
    // Entra's own words have both, in the language of the user.
    const bool whole = absl::StrContains(message, code);
    err_ << (whole ? Visible(message)
                   : absl::StrCat("To sign in, open ", Visible(url),
                                  " on any device and type in the code ",
                                  Visible(code), "."))
         << "\n\nWaiting for that until " << FormatMinute(ends)
         << " (Ctrl-C gives up).\n";
    err_.flush();
  }

 private:
  std::ostream& err_;
};

absl::StatusOr<LoginRequest> RequestFor(const Arguments& arguments,
                                        Ports& ports,
                                        const DesiredState& desired) {
  LoginRequest request;
  using Way = LoginRequest::Way;
  if (arguments.browser) request.way = Way::kBrowser;
  if (arguments.no_browser) request.way = Way::kShownAddress;
  if (arguments.device_code) request.way = Way::kDeviceCode;
  if (!arguments.seed.empty()) {
    PATFORM_ASSIGN_OR_RETURN(request.seed,
                             TypedPlace("--seed", arguments.seed,
                                        {desired.sinks, ports.sinks->Types()}));
  }
  return request;
}

absl::Status SignIn(const Arguments& arguments, Ports& ports,
                    const AuthConfig& auth, const LoginRequest& request) {
  AtTheTerminal listener(ports);
  PATFORM_ASSIGN_OR_RETURN(
      const SignedIn user,
      ports.sign_ins->Login(auth, request, listener,
                            After(*ports.clock, kLongest)));
  const WhoAmI who = {&auth, &user, ports.clock->Now()};
  // Its words differ: the next run is not on this machine.
  const bool seeded = request.seed.has_value() || auth.kept_at.has_value();
  ports.terminal->out << (arguments.format == "json"
                              ? RenderWhoAmIJson(who)
                              : ForTerminal(ports, RenderLogin(who, seeded)));
  // What a plan would do next is not what was just signed in to.
  SayWhoseBearer(arguments, ports, auth);
  return absl::OkStatus();
}

absl::StatusOr<ExitCode> Run(const Arguments& arguments, Ports& ports) {
  PATFORM_ASSIGN_OR_RETURN(const DesiredState desired,
                           ConfigurationOf(arguments, ports));
  PATFORM_ASSIGN_OR_RETURN(const std::vector<AuthConfig> all,
                           SignInsOf(arguments, desired));
  PATFORM_ASSIGN_OR_RETURN(const LoginRequest request,
                           RequestFor(arguments, ports, desired));
  if (request.seed && all.size() > 1) {
    return UsageError("--seed is one place, and each --identity needs its own");
  }
  for (const AuthConfig& auth : all) {
    PATFORM_RETURN_IF_ERROR(SignIn(arguments, ports, auth, request));
  }
  return kDone;
}

}  // namespace

Command LoginCommand() {
  return {
      .name = "login",
      .what = "Sign in once, so that the commands below can act for you",
      .example =
          "patform login\n"
          "  patform login --device-code       # without a browser\n"
          "  patform login --seed vault:patform/build-bot\n"
          "  patform whoami",
      .flags = {{.names = "--browser",
                 .help = "by a browser on this machine (default where there "
                         "is one)",
                 .target = &Arguments::browser},
                {.names = "--no-browser",
                 .help = "likewise, but print the address and start nothing",
                 .target = &Arguments::no_browser},
                {.names = "--device-code",
                 .help = "by a code that is typed in on any device (default "
                         "without a browser)",
                 .target = &Arguments::device_code},
                {.names = "--seed",
                 .value = "SINK:PLACE",
                 .help = "put the refresh token there, where a pipeline reads "
                         "it, and keep nothing here (default: where `from` of "
                         "[auth] says)",
                 .target = &Arguments::seed},
                IdentityFlag("as this [identity.NAME] and not as the user of "
                             "[auth] (repeatable)"),
                AllowHostFlag()},
      .run = Run};
}

}  // namespace patform::cli
