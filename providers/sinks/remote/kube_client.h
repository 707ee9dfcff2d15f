#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/clock.h"
#include "engine/base/secret.h"
#include "providers/sinks/remote/kube_access.h"
#include "providers/sinks/remote/kube_object.h"
#include "providers/sinks/remote/rest_store.h"

namespace patform::sinks {

// An answer about one Secret: its metadata, or why there is none.
struct KubeAnswer {
  bool good() const { return status == 200 || status == 201 || status == 202; }

  int status = 0;
  std::optional<KubeObject> object;
  std::string reason;  // of a refusal, in the server's word: "Conflict"
  // Clients that own what was to be written, and where:
  // `conflict with "human" using v1: .data.token`.
  std::vector<std::string> conflicts;
  bool of_secret = false;  // a refusal that is about a Secret
  bool repeated = false;   // an earlier try may have been carried out
  absl::Status refused;    // RestStore::Refused; kUnknown if `repeated`
};

// What can be restarted: its word, and the resource of apps/v1.
struct KubeWorkload {
  const char* word;
  const char* resource;
};
inline constexpr KubeWorkload kWorkloads[] = {{"deployment", "deployments"},
                                              {"statefulset", "statefulsets"},
                                              {"daemonset", "daemonsets"}};
// Null: not KIND/NAME with one of those kinds, or no name that there can be.
const KubeWorkload* WorkloadOf(const std::string& text);

// The exchanges with one API server about Secrets, and the workloads that use
// them. Every answer is asked for
// without data. Safe from several threads.
class KubeClient {
 public:
  // kPermissionDenied: the operator allows neither the server nor the program
  // that it takes. kInvalidArgument. Nothing is sent.
  static absl::StatusOr<std::unique_ptr<KubeClient>> Open(
      const SinkConfig& config, const Machine& machine);

  // nullopt: there is no such Secret.
  absl::StatusOr<std::optional<KubeObject>> Get(const KubeEntry& entry,
                                                Deadline deadline);
  // Those of a namespace that have our label, by name.
  absl::StatusOr<std::map<std::string, KubeObject>> List(
      const std::string& space, Deadline deadline);

  struct Write {
    const char* method = "PATCH";
    std::string query;  // "?fieldManager=patform-token"
    const char* content_type = "application/json";
    Secret body;
  };
  // An error: what RestStore::Send has to say.
  absl::StatusOr<KubeAnswer> Send(const KubeEntry& entry, Write write,
                                  const Purpose& purpose, Deadline deadline);

  // Has the pods of `workload`, "deployment/agents" of one of the kinds in
  // kWorkloads, made again, as `kubectl rollout restart` does: an annotation of
  // its pod template changes.
  absl::Status Restart(const std::string& space, const std::string& workload,
                       Deadline deadline);

  // `sink "prod": writing ado/ci, entry token: ` before `why`.
  absl::Status Failed(absl::StatusCode code, const Purpose& purpose,
                      std::string_view why) const {
    return store_->Failed(code, purpose, why);
  }
  absl::Status Malformed(const Purpose& purpose, const std::string& why) const {
    return store_->Malformed(purpose, why);
  }
  const std::string& default_namespace() const {
    return access_->default_namespace();
  }
  absl::Time Now() const { return store_->Now(); }
  Deadline Monotonic() const { return store_->machine().clock->Monotonic(); }

 private:
  KubeClient(std::unique_ptr<KubeAccess> access,
             std::unique_ptr<RestStore> store);
  absl::StatusOr<http::Response> Ask(http::Request& request,
                                     const Purpose& purpose, Deadline deadline);
  KubeAnswer Read(const http::Response& answer, const Purpose& purpose) const;
  absl::Status AddPage(const http::Response& answer, const Purpose& purpose,
                       std::map<std::string, KubeObject>& objects,
                       std::string& next) const;

  const std::unique_ptr<KubeAccess> access_;
  const std::unique_ptr<RestStore> store_;
};

}  // namespace patform::sinks
