// Puts the World together and hands it to the command line. The one file of
// the engine that knows the providers.
#include <malloc.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <exception>
#include <iostream>
#include <memory>
#include <new>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/status.h"
#include "engine/cli/cli.h"
#include "engine/cli/exit_code.h"
#include "engine/model/mark.h"
#include "providers/azure_devops/pat_provider.h"
#include "providers/entra/claims.h"
#include "providers/entra/environment_credential.h"
#include "providers/http/http_client.h"
#include "providers/http/retry.h"
#include "providers/http/url.h"
#include "providers/pull_requests/errors.h"
#include "providers/pull_requests/pull_requests.h"
#include "providers/sinks/sinks.h"
#include "providers/system/machine.h"
#include "providers/system/output.h"
#include "providers/system/random.h"
#include "providers/system/reserve.h"
#include "providers/system/signals.h"
#include "providers/system/system_clock.h"
#include "providers/system/system_files.h"

namespace patform {
namespace {

std::optional<std::string> Environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return value;
}

bool Stopping() { return system::MayStopHere(); }

// What everybody who talks to the service shares. Lives as long as main().
struct Service {
  Service()
      : clock(Stopping),
        credential(Environment, system::ReadSecretFile),
        clients(MakeClientOptions()),
        retry(system::RandomNumber),
        host_retry(system::RandomNumber) {}

  static http::ClientOptions MakeClientOptions() {
    http::ClientOptions options;
    options.environment = Environment;
    options.interrupted = Stopping;
    return options;
  }

  absl::StatusOr<azure_devops::Config> ConfigFor(
      const ServiceOptions& options, const std::string& organization) {
    azure_devops::Config config;
    config.organization = organization;
    if (!options.url.empty()) {
      // The operator named it on the command line or in the environment:
      // that is the permission. The configuration has no such key.
      PATFORM_ASSIGN_OR_RETURN(const http::Url url,
                               http::ParseUrl(options.url));
      config.base_url = options.url;
      config.allow_hosts = {url.Authority()};
    }
    if (!options.api_version.empty()) config.api_version = options.api_version;
    config.credentials = &credential;
    config.new_transport = [this] { return clients.NewClient(); };
    config.retry = &retry;
    config.clock = &clock;
    return config;
  }

  absl::StatusOr<std::unique_ptr<PullRequest>> OpenPullRequest(
      const PullRequestTarget& target,
      const std::vector<std::string>& allow_hosts) {
    pull_requests::Config config;
    config.target = target;
    config.token = Secret(
        Environment(pull_requests::TokenVariable(target.system)).value_or(""));
    config.allow_hosts = allow_hosts;
    config.new_transport = [this] { return clients.NewClient(); };
    config.retry = &host_retry;
    config.clock = &clock;
    return pull_requests::Open(std::move(config));
  }

  // Empty where the credential is opaque, or there is none.
  entra::Claims Claims() {
    const absl::StatusOr<Secret> bearer =
        credential.Bearer(After(clock, absl::Seconds(30)));
    if (!bearer.ok()) return entra::Claims();
    return entra::ReadClaims(bearer->Reveal());
  }

  std::optional<std::string> BearerScopes() {
    const entra::Claims claims = Claims();
    if (claims.audience.empty()) return std::nullopt;
    return claims.scopes;
  }

  system::SystemClock clock;
  entra::EnvironmentCredential credential;
  http::ClientFactory clients;
  http::RetryState retry;
  http::RetryState host_retry;  // another service, with a patience of its own
};

int Columns() {
  winsize size = {};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    return size.ws_col;
  }
  return 80;
}

// What no step has made an outcome of. Needs no memory.
int OutOf(const char* what, const char* do_next) {
  for (const char* part :
       {"patform: the machine has run out of something: ", what, ". ", do_next,
        " and run patform again: what an apply has begun, the next one "
        "finishes.\n"}) {
    [[maybe_unused]] const ssize_t n =
        write(STDERR_FILENO, part, std::strlen(part));
  }
  return cli::kError;
}

World MakeWorld(Service& service, system::SystemFiles& files,
                std::ostream& out) {
  World world;
  world.clock = &service.clock;
  world.files = &files;
  world.environment = Environment;
  world.out = &out;
  world.err = &std::cerr;
  world.in = &std::cin;
  world.out_is_terminal = isatty(STDOUT_FILENO) != 0;
  world.err_is_terminal = isatty(STDERR_FILENO) != 0;
  world.in_is_terminal = isatty(STDIN_FILENO) != 0;
  world.columns = Columns();
  world.token_reader = [&service](const ServiceOptions& options,
                                  const AuthConfig&,
                                  const std::string& organization)
      -> absl::StatusOr<std::unique_ptr<TokenReader>> {
    PATFORM_ASSIGN_OR_RETURN(azure_devops::Config config,
                             service.ConfigFor(options, organization));
    return azure_devops::MakeTokenReader(std::move(config));
  };
  world.provider = [&service](const ServiceOptions& options, const AuthConfig&,
                              const std::string& organization)
      -> absl::StatusOr<std::unique_ptr<Provider>> {
    PATFORM_ASSIGN_OR_RETURN(azure_devops::Config config,
                             service.ConfigFor(options, organization));
    return azure_devops::MakeProvider(std::move(config));
  };
  world.record_reader = sinks::MakeRecordReader;
  world.sink = sinks::MakeSink;
  world.pull_request = [&service](const PullRequestTarget& target,
                                  const std::vector<std::string>& allow_hosts) {
    return service.OpenPullRequest(target, allow_hosts);
  };
  world.owner = [&service] { return service.Claims().oid; };
  world.bearer_scopes = [&service] { return service.BearerScopes(); };
  world.machine = system::MachineName();
  world.nonce = [] { return system::RandomName(kNonceLength); };
  world.interrupted = system::StopSignal;
  world.affordable_workers = system::AffordableWorkers;
  world.reserve = system::TakeReserve;
  world.end_at_signal = system::EndAtSignal;
  world.to_the_end = system::RunToTheEnd;
  return world;
}

}  // namespace
}  // namespace patform

int main(int argc, char** argv) {
  patform::system::ForbidDumps();
  patform::system::InstallLastResort();
  if (!patform::system::PrepareForLimits()) {
    return patform::OutOf("memory", "Raise its limit (ulimit -v)");
  }
  // What is this large goes back to the system as soon as it is freed; left to
  // itself the allocator would come to keep the lists that grew, each time.
  mallopt(M_MMAP_THRESHOLD, 128 << 10);
  patform::system::InstallSignalHandlers();
  try {
    patform::Service service;
    patform::system::SystemFiles files;
    patform::system::Output out(STDOUT_FILENO);
    patform::World world = patform::MakeWorld(service, files, out);
    return patform::cli::Main(std::vector<std::string>(argv + 1, argv + argc),
                              world);
  } catch (const std::bad_alloc&) {
    return patform::OutOf("memory", "Give it more");
  } catch (const std::exception& why) {
    return patform::OutOf(why.what(), "Raise its limits (ulimit -a)");
  }
}
