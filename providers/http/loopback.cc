#include "providers/http/loopback.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/status.hpp>
#include <iterator>
#include <list>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/secret.h"

// One thread and poll(): a browser opens connections ahead of need and leaves
// them silent, so that a listener which serves one at a time waits for ever
// while the request that counts is in the queue.
namespace patform::http {
namespace {

namespace beast = boost::beast;

// Cookies are kept per host and not per port, so that a developer's localhost
// may have many of them.
constexpr size_t kMaxHead = 64 << 10;
// A browser opens six; the oldest of more than this has to go.
constexpr size_t kMaxClients = 16;
// How often the deadline and a signal are looked at.
constexpr int kPollMs = 50;
// The browser gets the last page in this many polls, or does without it.
constexpr int kLastPolls = 40;

struct Client {
  explicit Client(int socket) : fd(socket) {}
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() { close(fd); }

  const int fd;
  Secret in;  // an authorization code is in it
  std::string out;
  size_t sent = 0;
  bool last = false;
};

// `v6`: ::1, else 127.0.0.1. -1: see errno.
int ListenOn(bool v6, int port) {
  sockaddr_storage address = {};
  socklen_t size = 0;
  if (v6) {
    auto* to = reinterpret_cast<sockaddr_in6*>(&address);
    to->sin6_family = AF_INET6;
    to->sin6_addr = in6addr_loopback;
    to->sin6_port = htons(static_cast<uint16_t>(port));
    size = sizeof(*to);
  } else {
    auto* to = reinterpret_cast<sockaddr_in*>(&address);
    to->sin_family = AF_INET;
    to->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to->sin_port = htons(static_cast<uint16_t>(port));
    size = sizeof(*to);
  }
  const int fd = socket(v6 ? AF_INET6 : AF_INET,
                        SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -1;
  // Not SO_REUSEADDR: nobody else may share the port.
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
      listen(fd, static_cast<int>(kMaxClients)) == 0) {
    return fd;
  }
  const int error = errno;
  close(fd);
  errno = error;
  return -1;
}

// Whole, with headers that let nothing but text and colours into the page and
// keep its address, which holds the code, to itself.
std::string Encode(const LoopbackAnswer& answer) {
  const beast::string_view reason = beast::http::obsolete_reason(
      beast::http::int_to_status(static_cast<unsigned>(answer.status)));
  return absl::StrCat("HTTP/1.1 ", answer.status, " ",
                      absl::string_view(reason.data(), reason.size()),
                      "\r\nContent-Type: text/html; charset=utf-8\r\n"
                      "Cache-Control: no-store\r\n"
                      "Content-Security-Policy: default-src 'none'; style-src "
                      "'unsafe-inline'; frame-ancestors 'none'\r\n"
                      "Referrer-Policy: no-referrer\r\n"
                      "X-Content-Type-Options: nosniff\r\n"
                      "Content-Length: ",
                      answer.html.size(), "\r\nConnection: close\r\n\r\n",
                      answer.html);
}

LoopbackAnswer Malformed() {
  LoopbackAnswer answer;
  answer.status = 400;
  answer.html = "<!doctype html><title>400</title>This is not HTTP.\n";
  return answer;
}

}  // namespace

class Loopback::Impl {
 public:
  explicit Impl(int port) : port_(port) {}
  ~Impl() {
    for (const int fd : listeners_) close(fd);
  }
  void Add(int fd) { listeners_.push_back(fd); }
  int port() const { return port_; }

  using Answer = absl::FunctionRef<LoopbackAnswer(const LoopbackRequest&)>;
  // Once round. True: the last answer is sent.
  bool Poll(Answer answer);
  bool LastIsDue() const { return last_is_due_; }

 private:
  void Accept(int listener);
  // False: the connection is to be closed.
  bool Serve(Client& client, Answer answer);
  static bool Receive(Client& client);
  bool Respond(Client& client, Answer answer);
  static bool Send(Client& client);

  const int port_;
  std::vector<int> listeners_;
  std::list<Client> clients_;  // the oldest first
  bool last_is_due_ = false;
  bool done_ = false;
};

void Loopback::Impl::Accept(int listener) {
  const int fd =
      accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd < 0) return;
  if (clients_.size() == kMaxClients) clients_.pop_front();
  clients_.emplace_back(fd);
}

// What has arrived; false: nothing more comes.
bool Loopback::Impl::Receive(Client& client) {
  char buffer[4096];
  const ssize_t n = recv(client.fd, buffer, sizeof(buffer), 0);
  if (n < 0) return errno == EAGAIN || errno == EINTR;
  if (n == 0) return false;
  client.in.Append(std::string_view(buffer, static_cast<size_t>(n)));
  explicit_bzero(buffer, sizeof(buffer));
  return client.in.size() <= kMaxHead;
}

// Reads the head from its beginning each time: it comes in one piece, or two.
bool Loopback::Impl::Respond(Client& client, Answer answer) {
  beast::http::request_parser<beast::http::empty_body> parser;
  parser.header_limit(kMaxHead);
  const std::string_view head = client.in.Reveal();
  beast::error_code error;
  parser.put(boost::asio::buffer(head.data(), head.size()), error);
  if (error == beast::http::error::need_more) return true;
  // A body is not waited for: no answer of a sign-in that was asked for has
  // one.
  if (error && !parser.is_header_done()) {
    client.out = Encode(Malformed());
    return Send(client);
  }
  // The answer is made while the head is still in memory, and only once.
  LoopbackRequest request;
  request.method = std::string(parser.get().method_string());
  request.target = std::string(parser.get().target());
  const LoopbackAnswer answered = answer(request);
  client.out = Encode(answered);
  client.last = answered.last;
  last_is_due_ = last_is_due_ || answered.last;
  return Send(client);
}

bool Loopback::Impl::Send(Client& client) {
  while (client.sent < client.out.size()) {
    const ssize_t n =
        send(client.fd, client.out.data() + client.sent,
             client.out.size() - client.sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return true;
    if (n < 0) return false;
    client.sent += static_cast<size_t>(n);
  }
  // The browser sees a whole page before the connection is closed.
  shutdown(client.fd, SHUT_WR);
  return false;
}

bool Loopback::Impl::Serve(Client& client, Answer answer) {
  bool open = true;
  if (client.out.empty()) {
    open = Receive(client) && Respond(client, answer);
  } else {
    open = Send(client);
  }
  // Sent, or the browser has gone away: either way it asked.
  if (!open && client.last) done_ = true;
  return open;
}

bool Loopback::Impl::Poll(Answer answer) {
  std::vector<pollfd> polled;
  for (const int fd : listeners_) polled.push_back({fd, POLLIN, 0});
  for (const Client& client : clients_) {
    const short events = client.out.empty() ? POLLIN : POLLOUT;
    polled.push_back({client.fd, events, 0});
  }
  if (poll(polled.data(), polled.size(), kPollMs) <= 0) return done_;
  size_t at = listeners_.size();
  for (auto client = clients_.begin(); client != clients_.end();) {
    const bool ready = polled[at++].revents != 0;
    const bool open = !ready || Serve(*client, answer);
    client = open ? std::next(client) : clients_.erase(client);
  }
  // After the clients, whose places in `polled` these would shift.
  for (size_t i = 0; i < listeners_.size(); ++i) {
    if (polled[i].revents != 0) Accept(listeners_[i]);
  }
  return done_;
}

Loopback::Loopback(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Loopback::~Loopback() = default;

int Loopback::port() const { return impl_->port(); }

absl::StatusOr<std::unique_ptr<Loopback>> Loopback::Listen() {
  const int fd = ListenOn(/*v6=*/false, 0);
  if (fd < 0) {
    return absl::UnavailableError(
        absl::StrCat("cannot listen on 127.0.0.1 for the browser's answer: ",
                     std::generic_category().message(errno)));
  }
  sockaddr_in address = {};
  socklen_t size = sizeof(address);
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  auto impl = std::make_unique<Impl>(ntohs(address.sin_port));
  impl->Add(fd);
  // A browser may try ::1 first for "localhost". Without it, it is refused
  // there at once and goes on to 127.0.0.1.
  if (const int v6 = ListenOn(/*v6=*/true, impl->port()); v6 >= 0) {
    impl->Add(v6);
  }
  return std::unique_ptr<Loopback>(new Loopback(std::move(impl)));
}

absl::Status Loopback::Serve(
    absl::FunctionRef<LoopbackAnswer(const LoopbackRequest&)> answer,
    Clock& clock, Deadline deadline, const std::function<bool()>& interrupted) {
  int polls_left = kLastPolls;
  while (!impl_->Poll(answer)) {
    if (impl_->LastIsDue()) {
      // What was waited for is here, whether or not the page can be shown.
      if (--polls_left == 0) return absl::OkStatus();
      continue;
    }
    if (interrupted && interrupted()) {
      return absl::CancelledError("interrupted while waiting for the browser");
    }
    if (clock.Monotonic() >= deadline) {
      return absl::DeadlineExceededError("the browser did not answer in time");
    }
  }
  return absl::OkStatus();
}

}  // namespace patform::http
