#include "providers/emulator/flags.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "providers/emulator/tokens/wire.h"

// Flags by hand rather than by a library: there are a dozen of them, and the
// emulator should build in seconds.
namespace patform::emulator {
namespace {

constexpr char kUsage[] =
    R"(patform-emulator: the PAT Lifecycle Management API of Azure DevOps on this
machine, for rehearsals and tests. It listens only on loopback and gives
bearers to anybody who asks: nothing real belongs in it.

Usage: patform-emulator [FLAGS]

  --port N             the port to listen on; 0: any free one (default 8443)
  --host ADDRESS       an address of this machine (default 127.0.0.1)
  --plain              HTTP without TLS
  --tls-cert-out FILE  where to write the certificate to trust (default:
                       patform-emulator.pem beside the ready file, or here)
  --ready-file FILE    written when it listens: one line of JSON with url,
                       port, pid and certificate
  --data FILE          keep the tokens in this SQLite file (default: memory)
  --organization NAME  an organization that exists; may be repeated (default
                       contoso)
  --now TIME           the time it starts at, such as 2026-11-23T10:00:00Z
  --set NAME=VALUE     a switch, see below; may be repeated
  --help, --version

Example:
  patform-emulator --port 0 --ready-file ready.json &
  export PATFORM_SERVICE_URL=$(jq -r .url ready.json)
  export SSL_CERT_FILE=$(jq -r .certificate ready.json)
  export PATFORM_ACCESS_TOKEN=$(curl -sS --cacert $SSL_CERT_FILE \
      -H 'X-Emulator-Admin: 1' -d '{"user": "ada@contoso.example"}' \
      $PATFORM_SERVICE_URL/_emulator/token | jq -r .access_token)
  patform plan

The vault is at the address itself: vault = PATFORM_SERVICE_URL in [sink.NAME] of
type "key-vault", with PATFORM_ALLOW_HOSTS=HOST:PORT and PATFORM_KEY_VAULT_TOKEN
from POST token with "audience": "https://vault.azure.net".

Steering, with the header X-Emulator-Admin: 1, below /_emulator/:
  POST token     {"user", "tenant", "scopes", "lifetime", "audience",
                 "app_only"}: a bearer
  POST refresh_token {"user"}: what a sign-in leaves behind; see the switch
                 sign_in
  POST verify    {"token"}: the id and the state of a token
  POST faults    {"operation", "organization", "nth", "count",
                 "action": {"latency_ms" |
                 "status", "body", "headers", "after" | "pat_token_error" |
                 "cut_before" | "cut_after" | "html" | "garbage" | "slow_drip" |
                 "lie": {members of patToken, or "token_length"} |
                 "list_omit" | "advance_seconds", "end_sessions",
                 "revoke_named", "make_named"}}; DELETE faults, or {"clear": true}: none again
  POST seed      {"user", "organization", "count", "name", "scope",
                 "valid_days"}: tokens, {i} in the name is their number
  GET  tokens    all of them, without secrets
  GET  served    what consumers get: {"vault": {NAME: value}, "groups":
                 {PROJECT/GROUP: {VARIABLE: value}}}
  GET  requests  what was asked for, and how often
  GET, POST clock     {"now"} or {"advance_seconds"}
  GET, POST switches  {NAME: VALUE}
  POST pull_request {"system": "azure" or "github", "organization", "project",
                 "repository", "number", "head_sha", "user", "access": "write"
                 or "read" or "none"}: a pull request, and the variables of a
                 CI job that runs for it, its token too
  POST reset     as it was started, without a token
  GET  health

Switches: where the hosted service's answer is not known, and policies. The
first value is the default.
)";

// Refused rather than warned about: bound to another address, anybody on the
// network could have bearers made.
absl::StatusOr<std::string> Loopback(const std::string& host) {
  if (absl::EqualsIgnoreCase(host, "localhost")) return "127.0.0.1";
  if (host == "::1" || absl::StartsWith(host, "127.")) return host;
  return absl::InvalidArgumentError(absl::StrCat(
      "--host ", Visible(host),
      " is refused: this service gives bearers to anybody who asks, so it "
      "listens only on this machine. Use 127.0.0.1 or ::1."));
}

// A flag's name and what is done with its value; null: it takes none.
absl::Status Apply(const std::string& name, const std::string& value,
                   Flags& flags) {
  if (name == "--port") {
    if (!absl::SimpleAtoi(value, &flags.port) || flags.port < 0 ||
        flags.port > 65535) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--port ", Visible(value), " is not a number from 0 to 65535"));
    }
  } else if (name == "--host") {
    PATFORM_ASSIGN_OR_RETURN(flags.host, Loopback(value));
  } else if (name == "--tls-cert-out") {
    flags.tls_cert_out = value;
  } else if (name == "--ready-file") {
    flags.ready_file = value;
  } else if (name == "--data") {
    flags.data = value;
  } else if (name == "--organization") {
    flags.organizations.push_back(value);
  } else if (name == "--now") {
    flags.now = ParseTime(value);
    if (!flags.now) {
      return absl::InvalidArgumentError(
          absl::StrCat("--now ", Visible(value),
                       " is not a time such as 2026-11-23T10:00:00Z"));
    }
  } else {
    // --set NAME=VALUE.
    const size_t equals = value.find('=');
    if (equals == std::string::npos) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--set ", Visible(value), " is not of the form NAME=VALUE"));
    }
    return flags.switches.Set(value.substr(0, equals),
                              value.substr(equals + 1));
  }
  return absl::OkStatus();
}

// In the same directory, or here.
std::string Beside(const std::string& path, const std::string& name) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? name : path.substr(0, slash + 1) + name;
}

}  // namespace

// "--port 8443" and "--port=8443" alike.
absl::StatusOr<Flags> ParseFlags(const std::vector<std::string>& arguments) {
  static const std::vector<std::string> kWithValue = {
      "--port", "--host",         "--tls-cert-out", "--ready-file",
      "--data", "--organization", "--now",          "--set"};
  // Nothing is started before all flags were read: a mistake in the last one
  // leaves no file behind.
  Flags flags;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    const size_t equals = argument.find('=');
    const std::string name = argument.substr(0, equals);
    if (argument == "--help" || argument == "-h") {
      flags.help = true;
    } else if (argument == "--version") {
      flags.version = true;
    } else if (argument == "--plain") {
      flags.plain = true;
    } else if (std::find(kWithValue.begin(), kWithValue.end(), name) ==
               kWithValue.end()) {
      const auto near = Nearest(name, kWithValue);
      return absl::InvalidArgumentError(
          absl::StrCat("there is no flag ", Visible(name),
                       near ? absl::StrCat("; did you mean ", *near, "?")
                            : "; --help lists them"));
    } else if (equals != std::string::npos) {
      PATFORM_RETURN_IF_ERROR(Apply(name, argument.substr(equals + 1), flags));
    } else if (i + 1 == arguments.size()) {
      return absl::InvalidArgumentError(absl::StrCat(name, " needs a value"));
    } else {
      PATFORM_RETURN_IF_ERROR(Apply(name, arguments[++i], flags));
    }
  }
  // After the loop: a default that one --organization replaces.
  if (flags.organizations.empty()) flags.organizations = {"contoso"};
  // Refused, because whoever names the file will wait for it.
  if (flags.plain && !flags.tls_cert_out.empty()) {
    return absl::InvalidArgumentError(
        "--plain and --tls-cert-out exclude each other: without TLS there is "
        "no certificate");
  }
  if (!flags.plain && flags.tls_cert_out.empty()) {
    flags.tls_cert_out = Beside(flags.ready_file, "patform-emulator.pem");
  }
  return flags;
}

// Switches document themselves: the table is the help.
std::string HelpText() {
  std::string text = kUsage;
  for (const SwitchSpec& spec : SwitchSpecs()) {
    absl::StrAppendFormat(&text, "  %-22s %s\n      %s\n", spec.name,
                          spec.values.front() == "N"
                              ? absl::StrCat("N (", spec.initial, ")")
                              : absl::StrJoin(spec.values, " | "),
                          spec.help);
  }
  return text;
}

}  // namespace patform::emulator
