#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/base/clock.h"
#include "engine/base/secret.h"
#include "engine/model/desired_state.h"
#include "engine/ports/grants.h"
#include "providers/sinks/machine.h"
#include "providers/sinks/remote/kubeconfig.h"

namespace patform::sinks {

// How this run reaches a cluster, and as whom: by the kubeconfig that the sink
// names, or else by the one that KUBECONFIG names, as a pod
// (KUBERNETES_SERVICE_HOST), or by ~/.kube/config, in this order. The server
// that the operator's own environment names needs no permission; that of a
// kubeconfig which the configuration names does. Safe from several threads.
class KubeAccess {
 public:
  // Reads files, runs nothing and sends nothing. `machine` must outlive it.
  // kInvalidArgument: something is missing or wrong. kPermissionDenied:
  // there is no kubeconfig, or it takes a program, and the operator allows
  // none.
  static absl::StatusOr<std::unique_ptr<KubeAccess>> Open(
      const SinkConfig& config, const Machine& machine);
  KubeAccess(const KubeAccess&) = delete;
  KubeAccess& operator=(const KubeAccess&) = delete;

  const std::string& server() const { return target_.server; }
  // Where a place is that names no namespace.
  const std::string& default_namespace() const { return namespace_; }
  // For RestStore: with the cluster's authorities and the client's certificate,
  // and with the server among the allowed hosts if the operator named it.
  const Machine& machine() const { return machine_; }

  // What a request is to carry; empty: the client's certificate is enough.
  // Read or made again where it has ended. kUnauthenticated.
  absl::StatusOr<Secret> Bearer(Deadline deadline);
  // The server did not take `bearer`. Can there be another one?
  bool Renew(const Secret& bearer);

 private:
  KubeAccess(std::string sink, KubeTarget target, const Machine& machine);
  absl::Status ReadFiles();
  absl::Status UseTls();
  void AllowServer();
  absl::StatusOr<Secret> RunProgram(Deadline deadline);
  std::string ExecInfo() const;
  absl::Status Wrong(absl::StatusCode code, std::string_view why) const;

  const std::string sink_;
  KubeTarget target_;
  std::string namespace_;
  Machine machine_;
  Grants grants_;
  std::mutex mutex_;
  // Of a program, until then; guarded by the mutex.
  Secret kept_;
  absl::Time keep_until_ = absl::InfinitePast();
};

}  // namespace patform::sinks
