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
#include "providers/sinks/remote/kube_transports.h"
#include "providers/sinks/remote/kubeconfig.h"

namespace patform::sinks {

// What a request is to carry.
struct KubeBearer {
  Secret token;  // empty: the client's certificate is enough
  int turn = 0;  // which answer of the program it is from; 0: there is none
};

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

  // Read or made again where it has ended. A client certificate that a program
  // gives is from here on that of the machine's transports. kUnauthenticated.
  absl::StatusOr<KubeBearer> Bearer(Deadline deadline);
  // The server did not take `bearer`, or the certificate that came with it. Can
  // there be another one?
  bool Renew(const KubeBearer& bearer);

 private:
  KubeAccess(std::string sink, KubeTarget target, const Machine& machine);
  // What a program printed.
  struct Login {
    Secret token;
    std::string certificate_pem;
    Secret key_pem;
    absl::Time ends = absl::InfiniteFuture();
  };

  absl::Status ReadFiles();
  absl::StatusOr<KubeTransports::Maker> TransportsAs(
      const std::string& certificate_pem, Secret key_pem) const;
  absl::Status UseTls();
  void AllowServer();
  absl::StatusOr<Login> RunProgram(Deadline deadline) const;
  absl::Status UseLogin(Login login);
  // `the program "login" of user "u" printed no token`, of signing in.
  absl::Status ProgramFailed(std::string_view why) const;
  std::string ExecInfo() const;
  absl::Status Wrong(absl::StatusCode code, std::string_view why) const;

  const std::string sink_;
  KubeTarget target_;
  std::string namespace_;
  Machine machine_;
  Grants grants_;
  std::shared_ptr<KubeTransports> transports_;  // null: no program
  std::mutex mutex_;
  // Of a program's last answer, until then; guarded by the mutex.
  Secret kept_;
  std::string kept_certificate_;
  absl::Time keep_until_ = absl::InfinitePast();
  int turn_ = 0;
};

}  // namespace patform::sinks
