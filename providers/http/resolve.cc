#include "providers/http/resolve.h"

#include <netdb.h>
#include <string.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <new>
#include <system_error>
#include <thread>

#include "absl/strings/str_cat.h"

namespace patform::http {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

constexpr auto kPoll = std::chrono::milliseconds(100);

// Shared with the thread that looks up: whoever goes last frees it.
struct Lookup {
  std::mutex mutex;
  std::condition_variable changed;
  bool done = false;
  int error = 0;
  std::vector<tcp::endpoint> endpoints;
};

void LookUp(Lookup& lookup, const std::string& host, int port) {
  addrinfo hints = {};
  // Or each address would be listed once per type of socket.
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), nullptr, &hints, &found);
  const std::lock_guard<std::mutex> lock(lookup.mutex);
  lookup.error = error;
  try {
    for (addrinfo* a = found; error == 0 && a != nullptr; a = a->ai_next) {
      tcp::endpoint endpoint;
      // Larger than an endpoint can hold: of a family that is not for TCP.
      if (a->ai_addrlen > endpoint.capacity()) continue;
      memcpy(endpoint.data(), a->ai_addr, a->ai_addrlen);
      endpoint.resize(a->ai_addrlen);
      endpoint.port(static_cast<uint16_t>(port));
      lookup.endpoints.push_back(endpoint);
    }
  } catch (const std::bad_alloc&) {
    // On a thread of its own nobody could catch it.
    lookup.error = EAI_MEMORY;
  }
  if (error == 0) freeaddrinfo(found);
  lookup.done = true;
  lookup.changed.notify_all();
}

}  // namespace

absl::StatusOr<std::vector<tcp::endpoint>> Resolve(
    const std::string& host, int port, Deadline deadline,
    const std::function<bool()>& interrupted) {
  // An address needs no lookup, and must not go to a resolver that might answer
  // it.
  boost::system::error_code literal;
  const asio::ip::address address = asio::ip::make_address(host, literal);
  if (!literal) {
    return std::vector<tcp::endpoint>{
        tcp::endpoint(address, static_cast<uint16_t>(port))};
  }
  auto lookup = std::make_shared<Lookup>();
  // getaddrinfo knows no deadline: it runs on a thread of its own, which is
  // left behind when the time is up; on this one where the machine gives none.
  try {
    std::thread([lookup, host, port] { LookUp(*lookup, host, port); }).detach();
  } catch (const std::system_error&) {
    LookUp(*lookup, host, port);
  }
  std::unique_lock<std::mutex> lock(lookup->mutex);
  while (!lookup->done) {
    lookup->changed.wait_for(lock, kPoll);
    if (lookup->done) break;
    if (interrupted()) return absl::CancelledError("interrupted");
    if (std::chrono::steady_clock::now() >= deadline) {
      return absl::DeadlineExceededError(
          absl::StrCat("looking up ", host, " took too long"));
    }
  }
  if (lookup->error != 0) {
    return absl::UnavailableError(absl::StrCat(
        "the host ", host, " was not found: ", gai_strerror(lookup->error)));
  }
  return lookup->endpoints;
}

}  // namespace patform::http
