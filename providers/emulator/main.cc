#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <iostream>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "engine/base/version.h"
#include "providers/emulator/emulator.h"
#include "providers/emulator/flags.h"
#include "providers/emulator/http/certificate.h"
#include "providers/emulator/http/server.h"
#include "providers/emulator/tokens/wire.h"

namespace patform::emulator {
namespace {

// As patform itself has it: usage.
constexpr int kUsageError = 3;

// Whole or not at all: who waits for the file never reads half of it.
absl::Status WriteFile(const std::string& path, const std::string& text) {
  const std::string temporary = absl::StrCat(path, ".", getpid(), ".tmp");
  const auto failed = [&](const char* what) {
    const std::string why = std::system_category().message(errno);
    unlink(temporary.c_str());
    return absl::UnavailableError(
        absl::StrCat("cannot ", what, " ", Visible(path), ": ", why));
  };
  const int file =
      open(temporary.c_str(),
           O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
  if (file < 0) return failed("create");
  const ssize_t written = write(file, text.data(), text.size());
  const bool whole = written == static_cast<ssize_t>(text.size());
  if (close(file) != 0 || !whole) return failed("write");
  if (rename(temporary.c_str(), path.c_str()) != 0) return failed("replace");
  return absl::OkStatus();
}

// Independent of the folder that it is read from; `path` itself, if it does not
// exist.
std::string Absolute(const std::string& path) {
  char* resolved = realpath(path.c_str(), nullptr);
  const std::string absolute = resolved == nullptr ? path : resolved;
  free(resolved);
  return absolute;
}

// What whoever started this waits for: where the service listens, and with
// which certificate.
absl::Status WriteReadyFile(const Flags& flags, const std::string& url,
                            int port) {
  std::string line = R"({"url":)";
  AppendJson(line, url);
  absl::StrAppend(&line, R"(,"port":)", port, R"(,"pid":)", getpid(),
                  R"(,"certificate":)");
  // null: there is nothing to trust.
  if (flags.plain) {
    line += "null";
  } else {
    AppendJson(line, Absolute(flags.tls_cert_out));
  }
  return WriteFile(flags.ready_file, line + "}\n");
}

// The ready file comes last: whoever waits for it may connect at once.
absl::Status Run(Flags flags) {
  // Blocked before there are threads, so that none of them takes it.
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGINT);
  sigaddset(&stop, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &stop, nullptr);

  // Filled in below, whichever of both protocols it is.
  http::Server::Options options;
  options.host = flags.host;
  options.port = flags.port;
  if (!flags.plain) {
    PATFORM_ASSIGN_OR_RETURN(const http::Certificate certificate,
                             http::MakeSelfSigned());
    options.cert_pem = certificate.cert_pem;
    options.key_pem = certificate.key_pem;
    // The certificate only; the key stays in memory.
    PATFORM_RETURN_IF_ERROR(WriteFile(flags.tls_cert_out, options.cert_pem));
  }
  // Null until the server is there.
  std::atomic<http::Server*> running = nullptr;
  // The server needs the emulator and the emulator the server's count.
  PATFORM_ASSIGN_OR_RETURN(
      const std::unique_ptr<Emulator> emulator,
      Emulator::Make({.organizations = flags.organizations,
                      .data = flags.data,
                      .now = flags.now,
                      .machine_time = [] { return absl::Now(); },
                      .switches = std::move(flags.switches),
                      .connections = [&running]() -> int64_t {
                        http::Server* server = running;
                        return server == nullptr
                                   ? 0
                                   : server->connections_accepted();
                      },
                      .tls = !flags.plain}));
  PATFORM_ASSIGN_OR_RETURN(
      const std::unique_ptr<http::Server> server,
      http::Server::Start(options, [&](const http::ServerRequest& request) {
        return emulator->Handle(request);
      }));
  running = server.get();

  // The address, not "localhost": that is another address as well where the
  // resolver prefers IPv6, and nothing listens there.
  const std::string url = absl::StrCat(flags.plain ? "http://" : "https://",
                                       absl::StrContains(flags.host, ':')
                                           ? absl::StrCat("[", flags.host, "]")
                                           : flags.host,
                                       ":", server->port());
  if (!flags.ready_file.empty()) {
    PATFORM_RETURN_IF_ERROR(WriteReadyFile(flags, url, server->port()));
  }
  std::cout << "The PAT service listens on " << url;
  if (!flags.plain) {
    std::cout << "; its certificate is " << Visible(flags.tls_cert_out);
  }
  // endl: a script may be waiting for this line.
  std::cout << ". Ctrl-C ends it." << std::endl;

  // Everything else happens on the server's threads.
  int signal = 0;
  sigwait(&stop, &signal);
  server->Stop();
  return absl::OkStatus();
}

int Main(const std::vector<std::string>& arguments) {
  absl::StatusOr<Flags> flags = ParseFlags(arguments);
  if (!flags.ok()) {
    std::cerr << "patform-emulator: " << StdView(flags.status().message())
              << "\n";
    return kUsageError;
  }
  if (flags->help) {
    std::cout << HelpText();
    return 0;
  }
  if (flags->version) {
    std::cout << patform::BuildLine("patform-emulator");
    return 0;
  }
  if (const absl::Status status = Run(*std::move(flags)); !status.ok()) {
    std::cerr << "patform-emulator: " << StdView(status.message()) << "\n";
    return 1;
  }
  return 0;
}

}  // namespace
}  // namespace patform::emulator

int main(int argc, char** argv) {
  return patform::emulator::Main(
      std::vector<std::string>(argv + 1, argv + argc));
}
