#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/base/secret.h"
#include "engine/base/version.h"
#include "providers/http/proxy.h"
#include "providers/http/transport.h"

namespace patform::http {

struct ClientOptions {
  EnvironmentLookup environment;   // proxies; SSL_CERT_FILE for messages
  int64_t max_body = 64 << 20;     // bytes
  uint32_t max_header = 64 << 10;  // bytes
  absl::Duration connect_timeout = absl::Seconds(20);  // DNS, TCP, TLS
  std::string user_agent = std::string("patform/") + kVersion;
  // Asked at least every 100 ms while a call blocks. Ends a GET at once. Of
  // what changes something, it ends a wait only before the request was
  // written: after that the answer is worth more.
  std::function<bool()> interrupted = [] { return false; };
};

class TlsContext;

// Trust and identity for one service, in place of this process's own.
struct TlsOptions {
  // PEM, one or several; the only authorities that are trusted. "": those of
  // the process.
  std::string authorities_pem;
  std::string authorities_name;  // for messages: "the authorities of ..."
  // A client certificate, PEM, its chain after it, and its key; "": none.
  std::string certificate_pem;
  Secret key_pem;
  // The name that the server's certificate must be for; "": the host asked.
  std::string server_name;
};

// Beast's codec under a blocking loop of our own, and not libcurl: the caller
// must know whether a byte of a request went out, because a POST that may have
// arrived is never sent again, and curl reports that of a transfer only from
// outside. Bodies hold secrets and are read into memory that is wiped; curl
// keeps its own copies. A stop, or a call that nobody waits for any more, is
// heard within 100 ms at every step, the lookup of a name among them.
//
// Makes clients that share one TLS context: reading the trust store takes
// 20 ms and is done once, at the first TLS connection.
//
// A client is for one thread. It keeps its connection alive between requests
// to the same host and opens a new one when the server has closed it. TLS 1.2
// or newer, certificate and host name verified; the trust store is OpenSSL's,
// SSL_CERT_FILE and SSL_CERT_DIR as usual.
class ClientFactory {
 public:
  explicit ClientFactory(ClientOptions options);
  // kInvalidArgument: what `tls` has is not of use; no secret is in the
  // message.
  static absl::StatusOr<std::unique_ptr<ClientFactory>> With(
      ClientOptions options, const TlsOptions& tls);
  ~ClientFactory();
  std::unique_ptr<Transport> NewClient();

  struct Shared;

 private:
  ClientFactory(ClientOptions options, std::unique_ptr<TlsContext> tls);

  std::shared_ptr<Shared> shared_;
};

}  // namespace patform::http
