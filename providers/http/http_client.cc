#include "providers/http/http_client.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <string.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/parser.hpp>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/clock.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "providers/http/request_bytes.h"
#include "providers/http/resolve.h"
#include "providers/http/tls_context.h"

// Layers, from the bottom: Await() turns one asynchronous operation into a call
// with a deadline; Open() makes a connection, through a proxy if need be, and
// proves whose it is; Exchange() writes one request and reads one answer;
// Send() decides whether an idle connection may be used, and repeats what a
// closed one swallowed. Asio does the input and output, Beast only reads and
// writes the text of messages: its own streams take three times as long to
// compile, and their bodies would be in memory that nobody wipes.
//
// What matters most to callers is the code of an error. For a request that
// changes something, kUnavailable, kDeadlineExceeded and kCancelled mean that
// it was not carried out; kUnknown, kDataLoss and kResourceExhausted, that
// nobody can tell. A create is sent again only after the former.
namespace patform::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;
using tcp = asio::ip::tcp;
using TlsStream = asio::ssl::stream<tcp::socket>;

// How long one address may take to connect while others are left to try.
constexpr auto kPerAddress = std::chrono::seconds(5);
// How often a wait looks whether it was interrupted or abandoned.
constexpr auto kPoll = std::chrono::milliseconds(100);
// Announcements (1xx) before an answer, and bytes beside its body (the ends of
// chunks, trailers): more is nobody's answer.
constexpr int kMaxAnnouncements = 16;
constexpr int64_t kMaxFraming = 16 << 20;

// A body that Beast's parser writes into memory that wipes itself. Beast's own
// string_body grows a std::string, which leaves the head of the body, with a
// fresh token in it, in memory that was freed but not wiped.
struct SecretBody {
  using value_type = Secret;
  class reader {
   public:
    template <bool kRequest, class Fields>
    reader(beast::http::header<kRequest, Fields>&, value_type& body)
        : body_(body) {}
    // The announced length is not used to reserve memory: a server may announce
    // anything.
    void init(const boost::optional<uint64_t>&, error_code& ec) { ec = {}; }
    template <class Buffers>
    size_t put(const Buffers& buffers, error_code& ec) {
      size_t taken = 0;
      for (auto it = asio::buffer_sequence_begin(buffers);
           it != asio::buffer_sequence_end(buffers); ++it) {
        const asio::const_buffer part = *it;
        body_.Append(std::string_view(static_cast<const char*>(part.data()),
                                      part.size()));
        taken += part.size();
      }
      ec = {};
      return taken;
    }
    void finish(error_code& ec) { ec = {}; }

   private:
    value_type& body_;
  };
};

using Parser = beast::http::response_parser<SecretBody>;

// Bytes read that may hold a secret; wiped when it goes.
struct ReadBuffer {
  // Never resized, so no copy of its bytes is left behind. It also bounds a
  // header: one that does not fit is refused by MakeRoom().
  ReadBuffer() : bytes(64 << 10) {}
  ~ReadBuffer() { explicit_bzero(bytes.data(), bytes.size()); }
  std::vector<char> bytes;
  size_t begin = 0, end = 0;
};

}  // namespace

struct ClientFactory::Shared {
  explicit Shared(ClientOptions o)
      : options(std::move(o)),
        tls(std::make_unique<TlsContext>(options.environment)) {}
  Shared(ClientOptions o, std::unique_ptr<TlsContext> t)
      : options(std::move(o)), tls(std::move(t)) {}

  ClientOptions options;
  std::unique_ptr<TlsContext> tls;
};

namespace {

// One connection at a time, used by one thread. What it is connected to is in
// key_; a request to another place closes it.
class HttpClient : public Transport {
 public:
  explicit HttpClient(std::shared_ptr<ClientFactory::Shared> shared)
      : shared_(std::move(shared)) {}
  ~HttpClient() override { Close(); }

  absl::StatusOr<Response> Send(const Request& request,
                                Deadline deadline) override {
    PATFORM_RETURN_IF_ERROR(CheckRequest(request));
    abandoned_ = request.abandoned;
    reads_ = request.method == "GET" || request.method == "HEAD";
    began_ = std::chrono::steady_clock::now();
    const Secret wire = RequestBytes(request, shared_->options.user_agent);
    // With the scheme: the same name and port over plain HTTP is another peer.
    const std::string key =
        absl::StrCat(request.url.tls ? "s" : "p", request.url.Authority());
    if (key != key_ || !StillOpen()) Close();
    // Twice at most: the second time on a connection that was just opened.
    for (bool again = false;; again = true) {
      // The first may have been carried out, whatever becomes of the second.
      const bool unclear = again && !reads_;
      const auto failed = [unclear](const absl::Status& why) {
        return unclear && !MayHaveBeenDone(why)
                   ? absl::UnknownError(why.message())
                   : why;
      };
      const bool reused = socket_ != nullptr;
      if (!reused) {
        absl::Status opened = Open(request.url, deadline);
        // Open() leaves parts of a connection behind when it fails.
        if (!opened.ok()) {
          Close();
          return failed(opened);
        }
        key_ = key;
      }
      // True once a single byte of the answer was seen.
      bool answered = false;
      absl::StatusOr<Response> response = Exchange(wire, deadline, answered);
      if (response.ok()) {
        response->repeated = unclear;
        return response;
      }
      Close();
      // The server had closed the idle connection as we wrote, or it broke
      // under the answer. Harmless to repeat, but for a create.
      const bool stale = reused && !answered && !again &&
                         absl::IsUnknown(response.status()) &&
                         request.method != "POST" && !request.once &&
                         std::chrono::steady_clock::now() < deadline;
      if (!stale) {
        return Annotate(
            failed(response.status()),
            absl::StrCat(request.method, " to ", request.url.Authority()));
      }
    }
  }

 private:
  const ClientOptions& options() const { return shared_->options; }
  bool IsAbandoned() const { return abandoned_ != nullptr && *abandoned_; }
  // The socket below, for connect() and close(), which TLS has no part in.
  tcp::socket& lowest() { return tls_ ? tls_->next_layer() : *plain_; }

  void Close() {
    // No close_notify is sent: that could block, and every message that is used
    // has a length or was ended by the other side.
    if (socket_ != nullptr) {
      error_code ignored;
      socket_->close(ignored);
    }
    socket_ = nullptr;
    tls_.reset();
    plain_.reset();
    key_.clear();
    // Assigned by copying (the destructor suppresses the move), so the old
    // bytes are overwritten in place before the new buffer goes.
    buffer_ = ReadBuffer();
  }

  // An idle connection on which something can be read was closed. Between two
  // requests nothing may arrive but the end of the connection, or the TLS alert
  // in front of it.
  bool StillOpen() {
    if (socket_ == nullptr) return false;
    // Bytes that OpenSSL has decrypted already are not visible to poll().
    if (tls_ && SSL_pending(tls_->native_handle()) > 0) return false;
    pollfd fd = {socket_->native_handle(), POLLIN, 0};
    return poll(&fd, 1, 0) == 0;
  }

  // Runs one asynchronous operation to its end or to the deadline, at which the
  // connection is closed. `start` is given a handler. A loop of its own rather
  // than a timer per operation: it also has to look at two flags that other
  // threads and the signal handler set.
  template <typename Start>
  error_code Await(Start start, Deadline deadline, bool interruptible,
                   size_t* transferred = nullptr) {
    bool done = false;
    error_code result;
    // Captures this frame by reference, so this function must not return before
    // it has run. Closing the socket makes sure that it will, with an error.
    start([&](error_code ec, size_t n = 0) {
      done = true;
      result = ec;
      if (transferred != nullptr) *transferred = n;
    });
    // The context counts itself as finished whenever it runs out of work.
    context_.restart();
    error_code forced;
    while (!done) {
      const Deadline now = std::chrono::steady_clock::now();
      if (!forced) {
        // What was abandoned or interrupted counts as that, even if its time is
        // up, too.
        if (now >= deadline) forced = asio::error::timed_out;
        if (IsAbandoned() || (interruptible && options().interrupted())) {
          forced = asio::error::interrupted;
        }
        if (forced) {
          error_code ignored;
          lowest().close(ignored);
        }
      }
      // After the close only the handler is waited for, and the interruption is
      // not looked at any more.
      context_.run_one_until(forced ? now + std::chrono::seconds(1)
                                    : std::min(deadline, now + kPoll));
      if (context_.stopped() && !done) context_.restart();
    }
    // Our own reason; the operation itself only knows that its socket was
    // closed.
    return forced ? forced : result;
  }

  // Before the request was written. Whatever went wrong, it can be tried again,
  // even if it is a create.
  static absl::Status Unsent(error_code ec, const std::string& what) {
    if (ec == asio::error::timed_out) {
      return absl::DeadlineExceededError(absl::StrCat(what,
                                                      ": no answer in "
                                                      "time; nothing was "
                                                      "sent"));
    }
    if (ec == asio::error::interrupted) {
      return absl::CancelledError("interrupted");
    }
    return absl::UnavailableError(absl::StrCat(what, ": ", ec.message()));
  }

  absl::Status Open(const Url& url, Deadline caller_deadline) {
    // One deadline for the lookup, all addresses, the proxy and the handshake:
    // a connection that takes long in each of them is as useless as one that
    // never comes.
    const Deadline deadline =
        std::min(caller_deadline,
                 std::chrono::steady_clock::now() +
                     absl::ToChronoMilliseconds(options().connect_timeout));
    PATFORM_ASSIGN_OR_RETURN(std::optional<Proxy> proxy,
                             ProxyFor(url, options().environment));
    // The TLS stream is made here in any case; its handshake begins once the
    // tunnel is there.
    PATFORM_RETURN_IF_ERROR(Connect(proxy ? proxy->host : url.host,
                                    proxy ? proxy->port : url.port, url.tls,
                                    deadline));
    // A plain request is for loopback only, which no proxy is used for.
    if (proxy) PATFORM_RETURN_IF_ERROR(ConnectThrough(*proxy, url, deadline));
    if (url.tls) PATFORM_RETURN_IF_ERROR(Handshake(url, deadline));
    return absl::OkStatus();
  }

  absl::Status Connect(const std::string& host, int port, bool tls,
                       Deadline deadline) {
    // The caller gets addresses in the order that the resolver prefers (RFC
    // 6724).
    PATFORM_ASSIGN_OR_RETURN(const std::vector<tcp::endpoint> endpoints,
                             Resolve(host, port, deadline, [this] {
                               return IsAbandoned() || options().interrupted();
                             }));
    // If the list is empty.
    error_code last = asio::error::host_not_found;
    for (size_t i = 0; i < endpoints.size(); ++i) {
      // A new stream per attempt: after a failed connect() a socket is of no
      // use, and an SSL object belongs to its stream.
      if (tls) {
        tls_ = std::make_unique<TlsStream>(context_, shared_->tls->Get());
      } else {
        plain_ = std::make_unique<tcp::socket>(context_);
      }
      socket_ = &lowest();
      // One black hole must not eat the time of the addresses after it.
      const Deadline now = std::chrono::steady_clock::now();
      // The last one may use all that is left.
      const Deadline here =
          i + 1 == endpoints.size()
              ? deadline
              : std::min<Deadline>(deadline, now + kPerAddress);
      last = Await(
          [&](auto handler) {
            socket_->async_connect(endpoints[i],
                                   [handler](error_code ec) { handler(ec); });
          },
          here, true);
      if (!last) {
        error_code ignored;
        // A request is one write and then a wait; Nagle's algorithm would hold
        // back its end until the other side acknowledges the beginning.
        socket_->set_option(tcp::no_delay(true), ignored);
        return absl::OkStatus();
      }
      // Or each remaining address would be tried for one round of the loop.
      if (last == asio::error::interrupted) break;
      tls_.reset();
      plain_.reset();
      socket_ = nullptr;
    }
    return Unsent(last, absl::StrCat("connecting to ", host, ":", port));
  }

  absl::Status ConnectThrough(const Proxy& proxy, const Url& url,
                              Deadline deadline) {
    // An IPv6 address is bracketed in an authority (RFC 3986).
    const std::string target =
        absl::StrCat(url.host.find(':') == std::string::npos
                         ? url.host
                         : absl::StrCat("[", url.host, "]"),
                     ":", url.port);
    // In a Secret because of the password for the proxy.
    Secret wire(absl::StrCat("CONNECT ", target, " HTTP/1.1\r\nHost: ", target,
                             "\r\n"));
    if (!proxy.authorization.empty()) {
      wire.Append("Proxy-Authorization: ");
      wire.Append(proxy.authorization.Reveal());
      wire.Append("\r\n");
    }
    wire.Append("\r\n");
    const std::string what = absl::StrCat("the proxy ", proxy.Authority());
    // In plain text, even where the proxy is far away: HTTPS_PROXY with an
    // https:// proxy is refused by ParseProxy(). The bearer is not in here.
    error_code ec = Await(
        [&](auto handler) {
          asio::async_write(*socket_, Bytes(wire), handler);
        },
        deadline, true);
    if (ec) return Unsent(ec, what);
    Parser parser;
    // The answer to a successful CONNECT has no body, whatever its headers
    // announce (RFC 9110, 9.3.6).
    parser.skip(true);
    parser.header_limit(options().max_header);
    while (!parser.is_header_done()) {
      size_t n = 0;
      char bytes[4096];
      ec = Await(
          [&](auto handler) {
            socket_->async_read_some(asio::buffer(bytes), handler);
          },
          deadline, true, &n);
      if (ec) return Unsent(ec, what);
      // Bytes behind the header are dropped. There are none: in TLS the client
      // speaks first.
      parser.put(asio::buffer(bytes, n), ec);
      if (ec == beast::http::error::need_more) ec = {};
      if (ec) {
        return absl::UnavailableError(
            absl::StrCat(what, " did not answer in HTTP"));
      }
    }
    // Neither is worth another try: a person has to change something.
    const int status = parser.get().result_int();
    if (status == 407) {
      return absl::FailedPreconditionError(absl::StrCat(
          what,
          " asks for a sign-in (407): put user and password into "
          "HTTPS_PROXY as http://USER:PASSWORD@HOST:PORT. Nothing was "
          "sent to ",
          url.host));
    }
    if (status / 100 != 2) {
      return absl::FailedPreconditionError(
          absl::StrCat(what, " refused to connect to ", target, " (", status,
                       "): ask who runs it, or except the host with NO_PROXY"));
    }
    return absl::OkStatus();
  }

  absl::Status Handshake(const Url& url, Deadline deadline) {
    // The three things that make a connection trusted: the name for the
    // server's choice of a certificate, the name that the certificate must be
    // for, and the chain (verify_peer in TlsContext).
    SSL* ssl = tls_->native_handle();
    const std::string& other = shared_->tls->server_name();
    const std::string& name = other.empty() ? url.host : other;
    error_code literal;
    asio::ip::make_address(name, literal);
    // RFC 6066 allows no addresses in SNI, and a certificate lists them in a
    // field of their own. SSL_set1_host() and not Asio's
    // host_name_verification, whose refusals all read "unspecified certificate
    // verification error".
    if (literal) {
      SSL_set_tlsext_host_name(ssl, name.c_str());
      SSL_set1_host(ssl, name.c_str());
    } else {
      X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name.c_str());
    }
    // The queue of errors belongs to the thread; what another connection left
    // there would be taken for this one's.
    ERR_clear_error();
    const error_code ec = Await(
        [&](auto handler) {
          tls_->async_handshake(asio::ssl::stream_base::client,
                                [handler](error_code e) { handler(e); });
        },
        deadline, true);
    if (!ec) return absl::OkStatus();
    const std::string what = absl::StrCat("TLS with ", url.Authority());
    // Asked first: the error of the handshake only mentions that verification
    // failed.
    const long verified = SSL_get_verify_result(ssl);
    if (verified != X509_V_OK) {
      // Trying again does not make a certificate right.
      if (const std::string fault = shared_->tls->Fault(); !fault.empty()) {
        return absl::FailedPreconditionError(absl::StrCat(
            fault, ". ", what, " failed (",
            X509_verify_cert_error_string(verified), "); nothing was sent"));
      }
      return absl::FailedPreconditionError(absl::StrCat(
          what, " failed: ", X509_verify_cert_error_string(verified),
          ". Trusted are ", shared_->tls->Trusted(), ". Nothing was sent"));
    }
    // What TLS itself refuses, it refuses every time.
    if (ec.category() == asio::error::get_ssl_category()) {
      return absl::FailedPreconditionError(
          absl::StrCat(what, " failed: ", TlsReason(ec), ". Nothing was sent"));
    }
    return Unsent(ec, what);
  }

  // OpenSSL's texts with what they mean in practice; most often a port that
  // speaks something else, or a middlebox of the last decade.
  static std::string TlsReason(error_code ec) {
    switch (ERR_GET_REASON(static_cast<unsigned long>(ec.value()))) {
      case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
      case SSL_R_TLSV1_ALERT_INAPPROPRIATE_FALLBACK:
      case SSL_R_UNSUPPORTED_PROTOCOL:
        return absl::StrCat(
            "the other side does not support TLS 1.2 or newer, and patform "
            "accepts nothing older (",
            ec.message(), ")");
      case SSL_R_WRONG_VERSION_NUMBER:
        return absl::StrCat("the other side does not speak TLS (", ec.message(),
                            ")");
      default:
        return ec.message();
    }
  }

  // Borrowed: `secret` has to outlive the operation.
  static asio::const_buffer Bytes(const Secret& secret) {
    return asio::buffer(secret.Reveal().data(), secret.size());
  }

  absl::StatusOr<Response> Exchange(const Secret& wire, Deadline deadline,
                                    bool& answered) {
    // The last look before something is sent. Later only a request that reads
    // is cut short; of a change we want the answer, or the token it made has no
    // secret.
    if (options().interrupted()) return absl::CancelledError("interrupted");
    error_code ec = Await(
        [&](auto handler) {
          if (tls_) {
            asio::async_write(*tls_, Bytes(wire), handler);
          } else {
            asio::async_write(*plain_, Bytes(wire), handler);
          }
        },
        deadline, reads_);
    if (ec) return Lost(ec);
    // Counted over all announcements of this exchange.
    received_ = 0;
    for (int announcements = 0;; ++announcements) {
      Parser parser;
      // Reads on into the body; without it the parser stops after each header.
      parser.eager(true);
      // Beast's own limit is 8 MB, for bodies with a length and for chunked
      // ones.
      parser.body_limit(options().max_body);
      parser.header_limit(options().max_header);
      PATFORM_RETURN_IF_ERROR(ReadMessage(parser, deadline, answered));
      // Beast takes any three digits.
      if (parser.get().result_int() < 100) {
        return Malformed(beast::http::error::bad_status);
      }
      // 1xx announces an answer, it is none. Nobody asked to switch.
      const auto status = parser.get().result_int();
      if (status == 101 ||
          (status / 100 == 1 && announcements >= kMaxAnnouncements)) {
        return Malformed(beast::http::error::bad_status);
      }
      if (status / 100 == 1) continue;
      Response response;
      response.status = static_cast<int>(parser.get().result_int());
      for (const auto& field : parser.get()) {
        const auto name = field.name_string();
        const auto value = field.value();
        response.headers.push_back({std::string(name.data(), name.size()),
                                    std::string(value.data(), value.size())});
      }
      // What follows an answer that nobody asked for is not the next one.
      const bool keep = parser.keep_alive() && buffer_.begin == buffer_.end;
      // The parser keeps no second copy.
      response.body = std::move(parser.get().body());
      if (!keep) Close();
      return response;
    }
  }

  // Reads until `parser` has a whole message, first from what is buffered.
  absl::Status ReadMessage(Parser& parser, Deadline deadline, bool& answered) {
    while (!parser.is_done()) {
      error_code ec;
      if (buffer_.begin < buffer_.end) {
        // Even a part of a header may be the answer to what was sent, so the
        // request is not repeated as if the connection had been stale.
        answered = true;
        const size_t used =
            parser.put(asio::buffer(buffer_.bytes.data() + buffer_.begin,
                                    buffer_.end - buffer_.begin),
                       ec);
        buffer_.begin += used;
        // need_more is the parser's word for "not yet"; everything else ends
        // it.
        if (ec && ec != beast::http::error::need_more) return Malformed(ec);
        if (parser.is_done()) break;
        // The header is done and part of the body is already here.
        if (!ec && used > 0 && buffer_.begin < buffer_.end) continue;
      }
      PATFORM_RETURN_IF_ERROR(MakeRoom());
      size_t n = 0;
      const auto room = asio::buffer(buffer_.bytes.data() + buffer_.end,
                                     buffer_.bytes.size() - buffer_.end);
      ec = Await(
          [&](auto handler) {
            if (tls_) {
              tls_->async_read_some(room, handler);
            } else {
              plain_->async_read_some(room, handler);
            }
          },
          deadline, reads_, &n);
      buffer_.end += n;
      // body_limit does not count the framing: an endless row of empty chunks
      // or trailers would never reach it.
      received_ += static_cast<int64_t>(n);
      if (received_ > options().max_body + kMaxFraming) {
        return Malformed(beast::http::error::body_limit);
      }
      const bool closed =
          ec == asio::error::eof || ec == asio::ssl::error::stream_truncated;
      // put_eof() asserts that something was read.
      if (closed && parser.got_some()) {
        // An answer without a length ends with the connection. Over TLS an
        // end without close_notify may be an attacker's: only a clean one
        // completes it.
        if (ec != asio::error::eof) return Lost(ec);
        error_code end;
        parser.put_eof(end);
        if (end || !parser.is_done()) return Lost(ec);
        break;
      }
      if (ec) return Lost(ec);
    }
    return absl::OkStatus();
  }

  // Moves what is unread to the front; grows while a header does not fit.
  absl::Status MakeRoom() {
    if (buffer_.begin == buffer_.end) {
      buffer_.begin = buffer_.end = 0;
    } else if (buffer_.begin > 0) {
      std::copy(buffer_.bytes.begin() + buffer_.begin,
                buffer_.bytes.begin() + buffer_.end, buffer_.bytes.begin());
      buffer_.end -= buffer_.begin;
      buffer_.begin = 0;
    }
    if (buffer_.end < buffer_.bytes.size()) return absl::OkStatus();
    return Malformed(beast::http::error::header_limit);
  }

  // For a request that only reads it does not matter whether it arrived.
  absl::Status Lost(error_code ec) const {
    if (reads_ && ec == asio::error::interrupted) {
      return absl::CancelledError("interrupted");
    }
    if (ec == asio::error::timed_out) {
      if (!reads_) {
        return absl::UnknownError(
            "sent, but the answer did not arrive in time; whether it was "
            "carried out is not known");
      }
      return absl::DeadlineExceededError(absl::StrCat(
          "no whole answer within ",
          FormatSpan(
              absl::FromChrono(std::chrono::steady_clock::now() - began_))));
    }
    const std::string how =
        ec == asio::error::eof ? "closed by the other side" : ec.message();
    if (reads_) {
      return absl::UnknownError(absl::StrCat(
          "the connection broke before the answer was whole (", how, ")"));
    }
    return absl::UnknownError(absl::StrCat(
        "sent, but the connection broke before the answer was whole (", how,
        "); whether it was carried out is not known"));
  }

  // A request that changes something was sent in full, so both are as unclear
  // as a lost answer: MayHaveBeenDone() counts them.
  absl::Status Malformed(error_code ec) const {
    const char* sent = reads_ ? "" : "sent, but ";
    if (ec == beast::http::error::body_limit ||
        ec == beast::http::error::header_limit) {
      return absl::ResourceExhaustedError(
          absl::StrCat(sent, "the answer is larger than patform accepts"));
    }
    return absl::DataLossError(
        absl::StrCat(sent, "the answer is not HTTP (", ec.message(),
                     "): another program may be listening there"));
  }

  std::shared_ptr<ClientFactory::Shared> shared_;
  // One thread per client: Asio may leave out its locks. Declared before the
  // streams, which need it for as long as they live.
  asio::io_context context_{1};
  std::unique_ptr<TlsStream> tls_;
  std::unique_ptr<tcp::socket> plain_;
  // Of tls_ or plain_, whichever there is; nullptr: not connected.
  tcp::socket* socket_ = nullptr;
  const std::atomic<bool>* abandoned_ = nullptr;  // of the request in hand
  bool reads_ = false;    // the request in hand asks, it changes nothing
  Deadline began_{};      // … and this is when
  int64_t received_ = 0;  // bytes of its answers
  // Scheme and authority of the connection.
  std::string key_;
  ReadBuffer buffer_;
};

}  // namespace

ClientFactory::ClientFactory(ClientOptions options)
    : shared_(std::make_shared<Shared>(std::move(options))) {}

ClientFactory::ClientFactory(ClientOptions options,
                             std::unique_ptr<TlsContext> tls)
    : shared_(std::make_shared<Shared>(std::move(options), std::move(tls))) {}

absl::StatusOr<std::unique_ptr<ClientFactory>> ClientFactory::With(
    ClientOptions options, const TlsOptions& tls) {
  PATFORM_ASSIGN_OR_RETURN(auto context,
                           TlsContext::Make(options.environment, tls));
  return std::unique_ptr<ClientFactory>(
      new ClientFactory(std::move(options), std::move(context)));
}

ClientFactory::~ClientFactory() = default;

std::unique_ptr<Transport> ClientFactory::NewClient() {
  return std::make_unique<HttpClient>(shared_);
}

}  // namespace patform::http
