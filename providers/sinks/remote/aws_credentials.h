#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "engine/base/clock.h"
#include "engine/model/desired_state.h"
#include "providers/sinks/machine.h"
#include "providers/sinks/remote/aws_sign.h"
#include "providers/sinks/remote/rest_store.h"

// Where the keys for AWS come from: what the operator's environment and home
// hold, found as the AWS CLI and the SDKs find it. The first that there is:
//
//   AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN
//   AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN   a role by a token of OIDC: EKS,
//                                               and a pipeline's own identity
//   the profile AWS_PROFILE, or "default", of AWS_SHARED_CREDENTIALS_FILE
//   (~/.aws/credentials) and AWS_CONFIG_FILE (~/.aws/config): keys, or a
//   credential_process
//
// With the setting `profile` that profile alone. A profile that needs more (a
// role of another profile, SSO, the metadata of a machine or a container) is
// refused with the command of the AWS CLI that turns it into the first kind.
namespace patform::sinks {

class AwsCredentials {
 public:
  // `machine` and `config` must outlive it. Sends nothing.
  AwsCredentials(const SinkConfig& config, const Machine& machine)
      : config_(config), machine_(machine) {}

  // Kept in memory until shortly before their end. kUnauthenticated: there are
  // none, or they cannot be used; the message shows what to do.
  // kPermissionDenied: the operator did not allow a program or a host.
  absl::StatusOr<AwsKeys> Keys(Deadline deadline);

 private:
  absl::StatusOr<AwsKeys> Find(Deadline deadline);
  absl::StatusOr<AwsKeys> OfWebIdentity(const std::string& token_file,
                                        const std::string& role,
                                        Deadline deadline);
  absl::StatusOr<AwsKeys> OfProfile(const std::string& name, Deadline deadline);
  absl::StatusOr<AwsKeys> OfProgram(const std::string& profile,
                                    const Secret& command, Deadline deadline);

  // A variable of the environment; "": not set.
  std::string Variable(const char* name) const;
  absl::Status Unauthenticated(const std::string& why) const;

  const SinkConfig& config_;
  const Machine& machine_;
  std::mutex mutex_;
  std::optional<AwsKeys> kept_;  // guarded by the mutex
};

// The host names of AWS in `region` end so: "amazonaws.com", and in China
// "amazonaws.com.cn".
std::string AwsDomain(const std::string& region);

}  // namespace patform::sinks
