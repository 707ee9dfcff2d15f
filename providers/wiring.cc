#include "providers/wiring.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "engine/model/mark.h"
#include "providers/azure_devops/pat_provider.h"
#include "providers/azure_devops/pat_service.h"
#include "providers/entra/claims.h"
#include "providers/entra/sign_ins.h"
#include "providers/entra/sources.h"
#include "providers/http/http_client.h"
#include "providers/http/retry.h"
#include "providers/http/url.h"
#include "providers/http/way.h"
#include "providers/pull_requests/errors.h"
#include "providers/pull_requests/pull_requests.h"
#include "providers/sinks/local/state_folder.h"
#include "providers/sinks/sinks.h"
#include "providers/system/machine.h"
#include "providers/system/output.h"
#include "providers/system/program.h"
#include "providers/system/random.h"
#include "providers/system/reserve.h"
#include "providers/system/signals.h"
#include "providers/system/system_clock.h"
#include "providers/system/system_files.h"

namespace patform {
namespace {

// Read when it is asked for: a variable that no command needs is looked at by
// none.
std::optional<std::string> Environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return value;
}

// Waits and requests ask this every now and then; it is false on a thread that
// holds a secret which is not delivered yet.
bool MayStop() { return system::MayStopHere(); }

http::ClientOptions OptionsOfClients() {
  http::ClientOptions options;
  options.environment = Environment;
  options.interrupted = MayStop;
  return options;
}

// Transports of a factory that lives as long as they are made.
absl::StatusOr<std::function<std::unique_ptr<http::Transport>()>>
NewTransportsWith(const http::TlsOptions& tls) {
  PATFORM_ASSIGN_OR_RETURN(auto made,
                           http::ClientFactory::With(OptionsOfClients(), tls));
  const std::shared_ptr<http::ClientFactory> clients = std::move(made);
  return [clients] { return clients->NewClient(); };
}

// What the operating system knows of this process, as one port.
class Process : public Run {
 public:
  int Signal() override { return system::StopSignal(); }
  void EndAtSignal(bool at_once) override { system::EndAtSignal(at_once); }
  void Uninterrupted(absl::FunctionRef<void()> call) override {
    system::RunToTheEnd(call);
  }
  std::string Nonce() override { return system::RandomName(kNonceLength); }
  absl::StatusOr<int> AffordableWorkers(int wanted,
                                        int organizations) override {
    return system::AffordableWorkers(wanted, organizations);
  }
  absl::StatusOr<std::shared_ptr<void>> Reserve() override {
    return system::TakeReserve();
  }
  std::string Machine() override { return system::MachineName(); }
};

// Every reader and writer of a run shares the budget of retries, because the
// service counts requests per user and not per connection.
class AzureDevOps : public TokenServices {
 public:
  explicit AzureDevOps(entra::Machine machine)
      : clock_(*machine.clock),
        retry_(*machine.retry),
        machine_(std::move(machine)) {}

  absl::StatusOr<std::unique_ptr<TokenReader>> OpenReader(
      const Connection& connection) override {
    PATFORM_ASSIGN_OR_RETURN(azure_devops::Config config, ConfigOf(connection));
    return azure_devops::MakeTokenReader(std::move(config));
  }

  absl::StatusOr<std::unique_ptr<TokenWriter>> OpenWriter(
      const Connection& connection) override {
    PATFORM_ASSIGN_OR_RETURN(azure_devops::Config config, ConfigOf(connection));
    return azure_devops::MakeTokenWriter(std::move(config));
  }

  absl::StatusOr<SignedIn> WhoAmI(const AuthConfig& auth,
                                  Deadline deadline) override {
    PATFORM_ASSIGN_OR_RETURN(CredentialSource * credential, CredentialOf(auth));
    // From memory most of the time: a reader has asked for it before.
    PATFORM_ASSIGN_OR_RETURN(const Secret bearer, credential->Bearer(deadline));
    SignedIn user = entra::SignedInBy(entra::ReadClaims(bearer.Reveal()));
    credential->Describe(user);
    return user;
  }

  // For a store that takes the sign-in of a user of tokens.
  absl::StatusOr<Secret> BearerFor(const AuthConfig& auth,
                                   const std::string& resource,
                                   Deadline deadline) {
    PATFORM_ASSIGN_OR_RETURN(CredentialSource * credential, CredentialOf(auth));
    // Of which every source has one at hand.
    if (entra::IsAzureDevOps(resource)) return credential->Bearer(deadline);
    return credential->BearerFor(resource, deadline);
  }

  Route Trace(const Connection& connection, Deadline deadline) override {
    Route route;
    const absl::StatusOr<http::Url> url = http::ParseUrl(absl::StrCat(
        connection.service.url.empty() ? azure_devops::kServiceUrl
                                       : connection.service.url,
        "/", PercentEncode(connection.organization), "/_apis/tokens/pats"));
    if (!url.ok()) {
      route.answered = url.status();
      return route;
    }
    const std::unique_ptr<http::Transport> client = machine_.new_transport();
    const http::Way way =
        http::WayTo(*url, *client, Environment, MayStop, deadline);
    route.host = url->HostAndPort();
    route.proxy = way.proxy.value_or("");
    route.proxy_settings = way.proxy.status();
    route.addresses = way.addresses;
    route.tls = url->tls;
    route.trust = http::TrustStore(Environment);
    route.answered = way.answer.status();
    if (!way.answer.ok()) return route;
    if (const auto date = http::DateOf(*way.answer)) {
      route.clock_ahead = *date - clock_.Now();
    }
    // Of whom the organization takes access tokens (Git Credential Manager
    // asks in the same way).
    route.tenant =
        std::string(way.answer->Find("X-VSS-ResourceTenant").value_or(""));
    return route;
  }

  void OnWait(WaitListener listener) override {
    retry_.waits.Listen(std::move(listener), clock_.Monotonic());
  }

  const std::vector<SettingsType>& Sources() const override {
    return entra::Sources();
  }

 private:
  // One for all who sign in the same way: it remembers its token, and the
  // workers of an apply come from several threads.
  absl::StatusOr<CredentialSource*> CredentialOf(const AuthConfig& auth) {
    const std::lock_guard<std::mutex> lock(mutex_);
    // One or two of them: a map would need an order of settings.
    for (const auto& [settings, credential] : credentials_) {
      if (settings.identity == auth.identity &&
          settings.source == auth.source &&
          settings.settings == auth.settings &&
          settings.overridden_by == auth.overridden_by) {
        return credential.get();
      }
    }
    PATFORM_ASSIGN_OR_RETURN(std::unique_ptr<CredentialSource> credential,
                             entra::MakeCredential(auth, machine_));
    credentials_.emplace_back(auth, std::move(credential));
    return credentials_.back().second.get();
  }

  absl::StatusOr<azure_devops::Config> ConfigOf(const Connection& connection) {
    azure_devops::Config config;
    config.organization = connection.organization;
    const ServiceOptions& service = connection.service;
    if (!service.url.empty()) {
      // The operator named it on the command line or in the environment:
      // that is the permission. The configuration has no such key.
      PATFORM_ASSIGN_OR_RETURN(const http::Url url,
                               http::ParseUrl(service.url));
      config.base_url = service.url;
      config.allow_hosts = {url.HostAndPort()};
    }
    // Else the version that the adapter was written against.
    if (!service.api_version.empty()) config.api_version = service.api_version;
    PATFORM_ASSIGN_OR_RETURN(config.credentials, CredentialOf(connection.auth));
    config.new_transport = machine_.new_transport;
    config.retry = &retry_;
    config.clock = &clock_;
    return config;
  }

  Clock& clock_;
  http::RetryState& retry_;
  const entra::Machine machine_;
  std::mutex mutex_;
  // Guarded by the mutex.
  std::vector<std::pair<AuthConfig, std::unique_ptr<CredentialSource>>>
      credentials_;
};

// A service of its own for waits and retries: what Azure DevOps asks of a user
// of tokens does not concern a comment on GitHub.
class PullRequestHosts : public CodeHosts {
 public:
  PullRequestHosts(Clock& clock, http::ClientFactory& clients)
      : clock_(clock), clients_(clients), retry_(system::RandomNumber) {}

  absl::StatusOr<std::unique_ptr<PullRequest>> Open(
      const PullRequestTarget& target,
      const std::vector<std::string>& allow_hosts) override {
    pull_requests::Config config;
    config.target = target;
    // The job's own token, from the variable that its CI gives it, and never a
    // bearer that could mint.
    config.token = Secret(
        Environment(pull_requests::TokenVariable(target.system)).value_or(""));
    config.allow_hosts = allow_hosts;
    config.new_transport = [this] { return clients_.NewClient(); };
    config.retry = &retry_;
    config.clock = &clock_;
    return pull_requests::Open(std::move(config));
  }

 private:
  Clock& clock_;
  http::ClientFactory& clients_;
  http::RetryState retry_;  // of a service with a patience of its own
};

// Of standard error, where progress is drawn; 80 where nobody tells.
int Columns() {
  winsize size = {};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    return size.ws_col;
  }
  return 80;
}

}  // namespace

// In the order of dependence: what is built first is destroyed last.
struct Wiring::Parts {
  system::SystemClock clock{MayStop};
  system::SystemFiles files;
  system::Output out{STDOUT_FILENO};
  Terminal terminal{out,
                    std::cerr,
                    std::cin,
                    isatty(STDOUT_FILENO) != 0,
                    isatty(STDERR_FILENO) != 0,
                    isatty(STDIN_FILENO) != 0,
                    Columns()};
  std::mutex printing;  // to `out`
  Process run;
  // One for all: they share connections' settings and certificates.
  http::ClientFactory clients{OptionsOfClients()};
  Grants grants;
  system::SystemPrograms programs{MayStop};
  sinks::KnownSinks sinks{SinkMachineOf(*this)};
  sinks::StateFolder state{Environment, clock};
  // Of the service of tokens and of sign-ins, which are asked in turn.
  http::RetryState retry{system::RandomNumber};
  AzureDevOps tokens{MachineOf(*this)};
  entra::EntraSignIns sign_ins{MachineOf(*this)};
  PullRequestHosts code_hosts{clock, clients};
  Ports ports{&clock, &files,      &terminal, &run,    &tokens,
              &sinks, &code_hosts, &sign_ins, &grants, Environment};

  // Several sinks' threads at once: no lines of one are between those of
  // another.
  absl::Status Print(const Secret& lines) {
    if (terminal.out_is_json) {
      return absl::FailedPreconditionError(
          "standard output has JSON for another program. Run without --json");
    }
    const std::lock_guard<std::mutex> lock(printing);
    return out.WriteLines(lines);
  }

  // What sinks work with.
  static sinks::Machine SinkMachineOf(Parts& parts) {
    sinks::Machine machine;
    machine.environment = Environment;
    machine.read_secret = system::ReadSecretFile;
    machine.clock = &parts.clock;
    machine.grants = &parts.grants;
    machine.programs = &parts.programs;
    machine.new_transport = [&parts] { return parts.clients.NewClient(); };
    machine.new_transports_with = NewTransportsWith;
    machine.random = system::RandomNumber;
    machine.print = [&parts](const Secret& lines) {
      return parts.Print(lines);
    };
    machine.bearer = [&parts](const AuthConfig& auth,
                              const std::string& resource, Deadline deadline) {
      return parts.tokens.BearerFor(auth, resource, deadline);
    };
    return machine;
  }

  // What sources of credentials work with.
  static entra::Machine MachineOf(Parts& parts) {
    entra::Machine machine;
    machine.environment = Environment;
    machine.read_secret = system::ReadSecretFile;
    machine.read_stdin = [] { return system::ReadSecretInput(MayStop); };
    machine.clock = &parts.clock;
    machine.grants = &parts.grants;
    machine.programs = &parts.programs;
    machine.sinks = &parts.sinks;
    machine.new_transport = [&parts] { return parts.clients.NewClient(); };
    machine.retry = &parts.retry;
    machine.state_files = &parts.state;
    machine.random = system::RandomNumber;
    machine.interrupted = MayStop;
    machine.uninterrupted = system::RunToTheEnd;
    return machine;
  }
};

Wiring::Wiring() : parts_(std::make_unique<Parts>()) {}

Wiring::~Wiring() = default;

Ports& Wiring::ports() { return parts_->ports; }

bool PrepareProcess() {
  // First of all: nothing may be opened in the place of standard output.
  system::OpenStandardStreams();
  // From here on a crash shows nobody what is in memory.
  system::ForbidDumps();
  system::InstallLastResort();
  if (!system::PrepareForLimits()) return false;
  // Last: until here an interrupt may simply end the program.
  system::InstallSignalHandlers();
  return true;
}

}  // namespace patform
