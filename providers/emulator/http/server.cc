#include "providers/emulator/http/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/string_body.hpp>
#include <condition_variable>
#include <mutex>
#include <set>
#include <system_error>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "providers/emulator/http/connection.h"

// A thread per connection: tests have a few dozen, and a fault is easy to write
// as code that simply sleeps. Beast reads requests; answers are written by
// hand, because faults need exact bytes.
namespace patform::http {
namespace {

namespace beast = boost::beast;

// More than any client of this API sends.
constexpr uint32_t kMaxHeader = 32 << 10;

struct FreeContext {
  void operator()(SSL_CTX* p) const { SSL_CTX_free(p); }
};
using Context = std::unique_ptr<SSL_CTX, FreeContext>;

// The protocol that a client may have; without a match none is named.
int SelectHttp11(SSL*, const unsigned char** out, unsigned char* size,
                 const unsigned char* in, unsigned int in_size, void*) {
  static constexpr unsigned char kHttp11[] = "\x08http/1.1";
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, size, kHttp11, sizeof(kHttp11) - 1, in,
                            in_size) != OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_NOACK;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

// TLS 1.2 or newer, like the hosted service.
absl::StatusOr<Context> MakeContext(const Server::Options& options) {
  Context context(SSL_CTX_new(TLS_server_method()));
  const auto bad = [](const char* what) {
    return absl::InvalidArgumentError(
        absl::StrCat("the server's ", what, " cannot be used"));
  };
  if (context == nullptr) return bad("TLS");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  // Clients that end without close_notify are common, and renegotiation is of
  // no use.
  SSL_CTX_set_options(context.get(),
                      SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_alpn_select_cb(context.get(), SelectHttp11, nullptr);
  // Views into the options, which live longer.
  const auto bio = [](const std::string& pem) {
    return std::unique_ptr<BIO, decltype(&BIO_free)>(
        BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
  };
  const auto cert_bio = bio(options.cert_pem), key_bio = bio(options.key_pem);
  const std::unique_ptr<X509, decltype(&X509_free)> cert(
      PEM_read_bio_X509(cert_bio.get(), nullptr, nullptr, nullptr), &X509_free);
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      PEM_read_bio_PrivateKey(key_bio.get(), nullptr, nullptr, nullptr),
      &EVP_PKEY_free);
  if (cert == nullptr ||
      SSL_CTX_use_certificate(context.get(), cert.get()) != 1) {
    return bad("certificate");
  }
  if (key == nullptr || SSL_CTX_use_PrivateKey(context.get(), key.get()) != 1 ||
      SSL_CTX_check_private_key(context.get()) != 1) {
    return bad("key");
  }
  return context;
}

// Sun, 06 Nov 1994 08:49:37 GMT, made once a second and thread.
const std::string& HttpDate() {
  thread_local time_t made = -1;
  thread_local std::string text;
  const time_t now = time(nullptr);
  if (now != made) {
    tm parts;
    gmtime_r(&now, &parts);
    char buffer[40];
    const size_t n =
        strftime(buffer, sizeof(buffer), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    text.assign(buffer, n);
    made = now;
  }
  return text;
}

// The whole answer, or only its head.
std::string Encode(const ServerResponse& response, bool keep, bool with_body) {
  std::string out;
  out.reserve(512 + (with_body ? response.body.size() : 0));
  const auto own_date =
      std::find_if(response.headers.begin(), response.headers.end(),
                   [](const auto& header) { return header.first == "Date"; });
  // The phrase of the status; clients ignore it.
  const beast::string_view reason = beast::http::obsolete_reason(
      beast::http::int_to_status(static_cast<unsigned>(response.status)));
  absl::StrAppend(
      &out, "HTTP/1.1 ", response.status, " ",
      absl::string_view(reason.data(), reason.size()), "\r\nDate: ",
      own_date == response.headers.end() ? HttpDate() : own_date->second,
      "\r\n");
  for (const auto& [name, value] : response.headers) {
    if (name == "Date") continue;
    absl::StrAppend(&out, name, ": ", value, "\r\n");
  }
  // RFC 9110: these two have no body and no length.
  if (response.status != 204 && response.status != 304) {
    absl::StrAppend(&out, "Content-Length: ", response.body.size(), "\r\n");
  }
  out += keep ? "\r\n" : "Connection: close\r\n\r\n";
  if (with_body) out += response.body;
  return out;
}

// What was read and not yet used. The parser wants a header in one piece, so
// there is room for more than the largest one.
struct Input {
  std::vector<char> bytes = std::vector<char>(2 * kMaxHeader);
  size_t begin = 0;
  size_t end = 0;

  std::string_view rest() const {
    return std::string_view(bytes.data() + begin, end - begin);
  }
  // False: nothing more comes.
  bool Fill(Connection& connection) {
    // Moved to the front, so that a header is always in one piece.
    if (begin > 0) memmove(bytes.data(), bytes.data() + begin, end - begin);
    end -= begin;
    begin = 0;
    if (end == bytes.size()) return false;
    const size_t got = connection.Read(bytes.data() + end, bytes.size() - end);
    end += got;
    return got > 0;
  }
};

// What Beast's parser found, as the status that says it best.
ServerResponse Malformed(const beast::error_code& error) {
  ServerResponse response;
  response.headers = {{"Content-Type", "text/plain"}};
  response.status = error == beast::http::error::body_limit     ? 413
                    : error == beast::http::error::header_limit ? 431
                                                                : 400;
  response.body =
      absl::StrCat("The request is not accepted: ", error.message(), ".\n");
  return response;
}

}  // namespace

std::optional<std::string_view> ServerRequest::Find(
    std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (absl::EqualsIgnoreCase(key, AbslView(name))) return value;
  }
  return std::nullopt;
}

class Server::Impl {
 public:
  Impl(const Options& options, Handler handler, Context context)
      : options_(options),
        handler_(std::move(handler)),
        context_(std::move(context)) {}

  absl::Status Listen();
  void Stop();

  int port() const { return port_; }
  int64_t accepted() const { return accepted_; }

 private:
  void AcceptLoop();
  void Serve(int socket, int64_t number);
  bool ServeOne(Connection& connection, int64_t number, Input& input);
  bool Send(Connection& connection, const ServerResponse& response, bool keep,
            bool head);
  // False: the server stops.
  bool Sleep(std::chrono::milliseconds span);

  const Options options_;
  const Handler handler_;
  const Context context_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<int64_t> accepted_ = 0;
  std::thread acceptor_;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::set<int> open_;  // sockets that Stop cuts
  int threads_ = 0;     // one a connection
};

absl::Status Server::Impl::Listen() {
  sockaddr_storage address = {};
  socklen_t size = 0;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&address);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&address);
  if (inet_pton(AF_INET, options_.host.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(static_cast<uint16_t>(options_.port));
    size = sizeof(*v4);
  } else if (inet_pton(AF_INET6, options_.host.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(static_cast<uint16_t>(options_.port));
    size = sizeof(*v6);
  } else {
    return absl::InvalidArgumentError(absl::StrCat(
        "\"", Visible(options_.host), "\" is not an IP address to listen on"));
  }
  listener_ = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  // A port that a test has just used may still be in TIME_WAIT.
  const int on = 1;
  setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (listener_ < 0 ||
      bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      listen(listener_, 512) != 0) {
    return absl::UnavailableError(absl::StrCat(
        "cannot listen on ", options_.host, " port ", options_.port, ": ",
        std::system_category().message(errno)));
  }
  // Port 0 means any: which one it is is known only now.
  size = sizeof(address);
  getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.ss_family == AF_INET ? v4->sin_port : v6->sin6_port);
  acceptor_ = std::thread([this] { AcceptLoop(); });
  return absl::OkStatus();
}

void Server::Impl::AcceptLoop() {
  while (true) {
    {
      std::unique_lock lock(mutex_);
      // No more threads than allowed: further clients wait in the kernel's
      // queue.
      changed_.wait(lock, [&] {
        return stopping_ || threads_ < options_.max_connections;
      });
      if (stopping_) return;
    }
    const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) {
      // Out of descriptors or memory: others must end first.
      if (!Sleep(std::chrono::milliseconds(5))) return;
      continue;
    }
    // Answers are written at once, so there is nothing to collect.
    const int on = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    // A client that sends nothing gives its thread back after a while.
    const timeval idle = {static_cast<time_t>(options_.idle.count()), 0};
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &idle, sizeof(idle));
    setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &idle, sizeof(idle));
    const int64_t number = ++accepted_;
    const std::lock_guard lock(mutex_);
    // Stop() has looked at open_ already.
    if (stopping_) {
      close(socket);
      return;
    }
    open_.insert(socket);
    ++threads_;
    // Detached: threads_ counts them, and Stop() waits for it.
    std::thread([this, socket, number] { Serve(socket, number); }).detach();
  }
}

void Server::Impl::Serve(int socket, int64_t number) {
  {
    Connection connection(socket, context_.get());
    Input input;
    if (connection.Handshake()) {
      while (ServeOne(connection, number, input)) {
      }
    }
    // For TLS this is the close_notify.
    connection.Close();
    // Off the list before the descriptor is closed: its number may be given
    // to the next connection at once.
    const std::lock_guard lock(mutex_);
    open_.erase(socket);
  }
  // What OpenSSL keeps for this thread. Left to the thread's own end, it may
  // come after the process has begun to end, and nobody frees it any more.
  OPENSSL_thread_stop();
  const std::lock_guard lock(mutex_);
  --threads_;
  // Under the lock: nothing of this object may be touched after the last
  // thread has reported its end.
  changed_.notify_all();
}

bool Server::Impl::Sleep(std::chrono::milliseconds span) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, span, [&] { return stopping_; });
}

bool Server::Impl::Send(Connection& connection, const ServerResponse& response,
                        bool keep, bool head) {
  // Before any byte, so a client sees silence.
  if (response.delay.count() > 0 && !Sleep(response.delay)) return false;
  switch (response.fate) {
    case ServerResponse::Fate::kCutBefore:
      return false;
    case ServerResponse::Fate::kAnswer:
      return connection.Write(Encode(response, keep, !head));
    case ServerResponse::Fate::kSlowDrip:
      break;
  }
  if (!connection.Write(Encode(response, keep, false))) return false;
  // Byte by byte, as a server does that is dying.
  for (const char& byte : response.body) {
    if (!Sleep(response.drip_every)) return false;
    if (!connection.Write(std::string_view(&byte, 1))) return false;
  }
  return true;
}

// One request and its answer; false: the connection is to be closed.
bool Server::Impl::ServeOne(Connection& connection, int64_t number,
                            Input& input) {
  beast::http::request_parser<beast::http::string_body> parser;
  parser.header_limit(kMaxHeader);
  parser.body_limit(static_cast<uint64_t>(options_.max_body));
  // Reads the body as well.
  parser.eager(true);
  bool continued = false;
  while (!parser.is_done()) {
    if (!input.rest().empty()) {
      beast::error_code error;
      input.begin += parser.put(
          boost::asio::buffer(input.rest().data(), input.rest().size()), error);
      if (error && error != beast::http::error::need_more) {
        Send(connection, Malformed(error), false, false);
        return false;
      }
      if (parser.is_done()) break;
    }
    // curl asks before it sends a larger body.
    if (parser.is_header_done() && !continued) {
      continued = true;
      const auto expect = parser.get().find(beast::http::field::expect);
      if (expect != parser.get().end() &&
          beast::iequals(expect->value(), "100-continue") &&
          !connection.Write("HTTP/1.1 100 Continue\r\n\r\n")) {
        return false;
      }
    }
    if (!input.Fill(connection)) return false;
  }

  const bool keep = parser.keep_alive();
  auto message = parser.release();
  ServerRequest request;
  request.connection = number;
  request.method = std::string(message.method_string());
  request.target = std::string(message.target());
  request.headers.reserve(8);
  for (const auto& field : message) {
    request.headers.emplace_back(std::string(field.name_string()),
                                 std::string(field.value()));
  }
  request.body = std::move(message.body());
  // HEAD: the same headers, without the body.
  return Send(connection, handler_(request), keep, request.method == "HEAD") &&
         keep;
}

void Server::Impl::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    // Wakes the threads that wait in recv(), which then end by themselves.
    for (const int socket : open_) shutdown(socket, SHUT_RDWR);
    if (listener_ >= 0) shutdown(listener_, SHUT_RDWR);
    changed_.notify_all();
  }
  if (acceptor_.joinable()) acceptor_.join();
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return threads_ == 0; });
  if (listener_ >= 0) close(listener_);
  listener_ = -1;
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::~Server() { Stop(); }

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const Options& options,
                                                      Handler handler) {
  // For writes outside of Connection, such as OpenSSL's own.
  signal(SIGPIPE, SIG_IGN);
  Context context;
  if (!options.cert_pem.empty()) {
    PATFORM_ASSIGN_OR_RETURN(context, MakeContext(options));
  }
  auto impl =
      std::make_unique<Impl>(options, std::move(handler), std::move(context));
  PATFORM_RETURN_IF_ERROR(impl->Listen());
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

int Server::port() const { return impl_->port(); }

int64_t Server::connections_accepted() const { return impl_->accepted(); }

void Server::Stop() { impl_->Stop(); }

}  // namespace patform::http
