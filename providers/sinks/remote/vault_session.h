#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/clock.h"
#include "engine/base/secret.h"
#include "engine/model/desired_state.h"
#include "providers/http/transport.h"
#include "providers/sinks/machine.h"
#include "providers/sinks/remote/rest_store.h"

namespace patform::sinks {

// A request below /v1/.
struct VaultRequest {
  const char* method = "GET";
  std::string path;  // percent-encoded, with its query
  Secret body;       // JSON
};

// Signed in at one server of HashiCorp Vault or OpenBao, for one sink. `auth`
// of the sink decides how:
//
//   token     VAULT_TOKEN, else ~/.vault-token, as the server's own client
//   approle   `role_id`, and VAULT_SECRET_ID or the file `secret_id_file`
//   jwt       `role`, and the file `jwt_file`
//
// A login of its own is renewed before it ends, or made again, and given back
// with this object; a token that the operator gave is never ended. Safe from
// several threads.
class VaultSession {
 public:
  // Nothing is sent yet. As RestStore::Make.
  static absl::StatusOr<std::unique_ptr<VaultSession>> Make(
      const SinkConfig& config, const Machine& machine);
  ~VaultSession();

  // The engine's name in paths, "secret".
  const std::string& mount() const { return mount_; }
  RestStore& store() { return *store_; }

  // Signs in, and looks once whether a KV engine of version 2 is mounted there,
  // as far as the token may know. kUnauthenticated, kFailedPrecondition.
  absl::Status Prepare(Deadline deadline);
  // One exchange, after Prepare(). A PUT or PATCH is sent again as retry.h
  // allows, and a POST, too: those here do no harm twice.
  absl::StatusOr<http::Response> Send(VaultRequest request,
                                      const Purpose& purpose,
                                      Deadline deadline);
  // As RestStore::Refused, with the server's own words, and what they mean to
  // the person who runs this.
  absl::Status Refused(const http::Response& answer,
                       const Purpose& purpose) const;

 private:
  struct Login {
    Secret token;
    bool own = false;        // to be given back
    bool renewable = false;  // by itself
    Deadline renew_at = Deadline::max();
    Deadline ends = Deadline::max();
  };

  VaultSession(const SinkConfig& config, const Machine& machine,
               std::unique_ptr<RestStore> store);
  http::Request Build(const VaultRequest& request) const;
  absl::StatusOr<std::shared_ptr<const Login>> SignedIn(Deadline deadline);
  absl::StatusOr<Login> SignIn(Deadline deadline);
  absl::StatusOr<Login> GivenToken() const;
  absl::StatusOr<Login> Renewed(const Login& login, Deadline deadline);
  absl::StatusOr<Login> Ask(const VaultRequest& request, const Secret* token,
                            const Purpose& purpose, Deadline deadline);
  absl::StatusOr<Secret> FromFile(const std::string& setting) const;
  absl::Status LookAtMount(Deadline deadline);

  const SinkConfig config_;
  const Machine& machine_;
  const std::unique_ptr<RestStore> store_;
  const std::string mount_;
  std::mutex mutex_;
  std::shared_ptr<const Login> login_;  // guarded by the mutex
  std::mutex looking_;
  bool looked_ = false;  // guarded by looking_
};

// Whether the server's answer is its way to tell that nothing is there: 404
// without a word. What is not mounted, or not routed, is 404 with words.
bool IsNothing(const http::Response& answer);

// The server's words, on one line; "": there are none.
std::string VaultWords(const http::Response& answer);

}  // namespace patform::sinks
