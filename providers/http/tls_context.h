#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/environment.h"
#include "providers/http/http_client.h"

namespace patform::http {

// Whom the connections of one factory trust, and as whom they show themselves.
// Safe from several threads.
class TlsContext {
 public:
  // OpenSSL's own trust store, SSL_CERT_FILE and SSL_CERT_DIR as usual.
  // `environment` is for messages.
  explicit TlsContext(EnvironmentLookup environment);
  // With what `options` names in its place. kInvalidArgument: it has no
  // certificate, or none that fits the key; the message has no part of a key.
  static absl::StatusOr<std::unique_ptr<TlsContext>> Make(
      EnvironmentLookup environment, const TlsOptions& options);

  // Lives as long as this object. One per factory, so that each authority is
  // read once.
  boost::asio::ssl::context& Get();

  // Reads the one file that has all of the system's authorities, the first
  // time. For a verification that does not find what it needs without.
  void ReadSystemFile();

  // The name that a server's certificate must be for; "": that of its address.
  const std::string& server_name() const { return server_name_; }
  // For messages, after "Trusted are ": OpenSSL does not report a file or
  // folder that does not exist, it merely trusts nobody.
  std::string Trusted() const;
  // What is wrong with a trust store that a variable names, as a sentence; "":
  // nothing.
  std::string Fault() const;

 private:
  absl::Status Use(const TlsOptions& options);

  const EnvironmentLookup environment_;
  std::string server_name_;
  std::string authorities_name_;  // "": the process's trust store
  std::mutex mutex_;
  std::once_flag system_file_;
  std::optional<boost::asio::ssl::context> context_;  // guarded by the mutex
};

}  // namespace patform::http
