#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/base/clock.h"
#include "engine/base/secret.h"
#include "providers/sinks/remote/rest_store.h"
#include "providers/sinks/row.h"

namespace patform::sinks {

// What a list of Azure Key Vault has of a secret, or of one version of it: all
// but the value.
struct VaultEntry {
  std::string name;     // as it was first written
  std::string version;  // "" in lists of secrets, which show the newest of each
  bool enabled = true;
  int64_t created = 0;  // Unix seconds, by the service's clock
  std::string content_type;
  std::map<std::string, std::string> tags;
};

// What a version is made of.
struct NewVersion {
  std::map<std::string, std::string> tags;
  std::string content_type;  // "": none
  absl::Time expires;
};

// The requests of one vault, api-version 7.4. Never asks for a value.
//
// The first request has neither a token nor a body. Its answer has to be the
// challenge of a Key Vault: 401, with the resource that tokens are for and the
// tenant that they come from. The resource's host has to be a parent domain of
// the vault's own, as Microsoft's SDKs demand: a host that somebody made up
// cannot get a token for another one. (Loopback has no parent domain. It is the
// emulator's, and the operator allowed it.) If the sign-in shows its tenant,
// that is compared, too. Only then a token is sent, and a value after it.
//
// Facts: Microsoft's pages "Authentication, requests and responses", "Azure Key
// Vault REST API error codes" and the REST reference of secrets; recorded
// answers in azure-sdk-for-js. Safe from several threads.
class KeyVault {
 public:
  // Sends nothing. Errors: RestStore::Make().
  static absl::StatusOr<std::unique_ptr<KeyVault>> Open(const Opening& opening);

  // Every version of a secret, in no order; empty: there is none.
  absl::StatusOr<std::vector<VaultEntry>> Versions(const std::string& name,
                                                   Deadline deadline);
  // The newest version of every secret, until `each` returns false.
  absl::Status Secrets(absl::FunctionRef<bool(const VaultEntry& entry)> each,
                       Deadline deadline);
  // The names, in lower case, that are taken by secrets which were deleted and
  // can be recovered.
  absl::StatusOr<std::set<std::string>> DeletedNames(Deadline deadline);
  // A new version. kUnknown: it may be there.
  absl::Status Set(const std::string& name, const Secret& value,
                   const NewVersion& version, Deadline deadline);
  // Nobody can read that version any more. kUnknown likewise.
  absl::Status Disable(const std::string& name, const std::string& version,
                       Deadline deadline);

  absl::Time Now() const { return store_->Now(); }
  Deadline Soon(absl::Duration span) const {
    return After(*store_->machine().clock, span);
  }

 private:
  struct Challenge {
    std::string resource;  // "https://vault.azure.net"
    std::string tenant;    // "" : not shown
  };

  KeyVault(std::unique_ptr<RestStore> store, const AuthConfig& auth)
      : store_(std::move(store)), auth_(auth) {}

  absl::StatusOr<Challenge> Introduce(Deadline deadline);
  absl::StatusOr<Challenge> Challenged(const http::Response& answer,
                                       const Purpose& purpose) const;
  // An answer of 200, or why not.
  absl::StatusOr<http::Response> Call(http::Request request,
                                      const Purpose& purpose,
                                      Deadline deadline);
  absl::Status Refused(const http::Response& answer,
                       const Purpose& purpose) const;
  absl::Status Pages(const std::string& path, const Purpose& purpose,
                     absl::FunctionRef<bool(const VaultEntry& entry)> each,
                     Deadline deadline);
  absl::StatusOr<http::Url> Next(std::string_view link,
                                 const Purpose& purpose) const;

  const std::unique_ptr<RestStore> store_;
  const AuthConfig& auth_;
  std::mutex mutex_;
  std::optional<Challenge> challenge_;  // guarded by the mutex
};

// Hosts of vaults, which need no permission of the operator.
const std::vector<std::string>& KeyVaultHosts();

}  // namespace patform::sinks
