#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/base/clock.h"
#include "engine/base/secret.h"
#include "engine/model/desired_state.h"
#include "providers/sinks/machine.h"
#include "providers/sinks/remote/rest_store.h"

// GitHub's REST API for the secrets and variables of Actions (version
// 2022-11-28): of a repository, of one of its environments, or of an
// organization. Values of secrets are never answered.
namespace patform::sinks {

// A secret without its value.
struct GithubSecret {
  std::string updated_at;  // RFC 3339, whole seconds
  std::string visibility;  // of an organization's: all, private, selected
  absl::Time now;          // by GitHub's clock, when it answered

  absl::Time Updated() const;  // InfinitePast(): not a time
};

class GithubActions {
 public:
  // As RestStore::Make. The token is the operator's, from PATFORM_GITHUB_TOKEN
  // or GH_TOKEN; without one every call is kUnauthenticated.
  static absl::StatusOr<std::unique_ptr<GithubActions>> Make(
      const SinkConfig& config, const Machine& machine);

  // nullopt: there is none. GitHub answers 404 to whoever may not see a
  // repository, too: then this is an error.
  absl::StatusOr<std::optional<GithubSecret>> FindSecret(
      const std::string& name, Deadline deadline);
  absl::StatusOr<std::optional<std::string>> FindVariable(
      const std::string& name, Deadline deadline);
  // All of them, by name; a page that moves meanwhile may hide one.
  absl::StatusOr<std::map<std::string, GithubSecret>> ListSecrets(
      Deadline deadline);
  absl::StatusOr<std::map<std::string, std::string>> ListVariables(
      Deadline deadline);

  // Makes or replaces it. `found`: what is there. An organization's secret
  // keeps its visibility and its repositories.
  absl::Status PutSecret(const std::string& name,
                         const std::optional<GithubSecret>& found,
                         const Secret& value, Deadline deadline);
  absl::Status PutVariable(const std::string& name, bool exists,
                           std::string_view value, Deadline deadline);
  // kNotFound: there is none.
  absl::Status Delete(const std::string& kind, const std::string& name,
                      Deadline deadline);

  const Machine& machine() const { return outer_; }

 private:
  class PatientTransport;
  struct PublicKey {
    std::string id;
    std::string bytes;
  };
  GithubActions(const SinkConfig& config, const Machine& machine);

  absl::StatusOr<http::Response> Call(const std::string& method,
                                      const std::string& path, Secret body,
                                      const Purpose& purpose,
                                      Deadline deadline);
  absl::Status Refused(const http::Response& answer,
                       const Purpose& purpose) const;
  absl::StatusOr<PublicKey> Key(bool again, Deadline deadline);
  absl::StatusOr<std::vector<int64_t>> SelectedRepositories(
      const std::string& name, Deadline deadline);
  absl::StatusOr<Secret> SecretBody(const std::string& name,
                                    const std::optional<GithubSecret>& found,
                                    const Secret& value, const PublicKey& key,
                                    Deadline deadline);

  const Machine outer_;
  Machine machine_;               // with connections that know GitHub's 403
  const std::string base_;        // "/repos/contoso/app/actions"
  const std::string visibility_;  // of new secrets; "": not an organization's
  Secret token_;
  std::mutex mutex_;
  std::optional<PublicKey> key_;  // guarded by the mutex
  std::unique_ptr<RestStore> store_;
};

// The path of what `config` names, "/repos/contoso/app/actions".
std::string GithubBase(const SinkConfig& config);
// Its address: the setting, or GitHub's own.
std::string GithubAddress(const SinkConfig& config);

}  // namespace patform::sinks
