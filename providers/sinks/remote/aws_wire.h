#pragma once

#include <memory>
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
#include "providers/sinks/remote/aws_credentials.h"
#include "providers/sinks/remote/aws_record.h"
#include "providers/sinks/remote/rest_store.h"

// The calls of AWS Secrets Manager that a sink needs (API version 2017-10-17):
// each a POST to / with its name in X-Amz-Target and JSON both ways. None of
// them asks for a value. Every one may be sent twice, by what AWS documents or
// because the second is refused; so lost answers and throttling (a 400 there)
// are met by sending again.
namespace patform::sinks {

// A secret without its value, as DescribeSecret and ListSecrets have it.
struct AwsSecret {
  std::string name;
  std::string current;   // the version that has AWSCURRENT; "": it has no value
  std::string previous;  // the one that has AWSPREVIOUS; "": none
  AwsTags tags;
  absl::Time changed;  // in any way, tags included
  // Scheduled for deletion: nothing is served, and the name is taken.
  bool deleted = false;
  bool rotated = false;        // AWS rotates it, by a program of others
  std::string owning_service;  // "": none
  std::string primary_region;  // "": here
  absl::Time now;              // by the service's clock, when it answered
};

// Codes as RestStore::Refused has them, by the name of the error where there is
// one: kAlreadyExists where AWS answers ResourceExistsException,
// kFailedPrecondition for InvalidRequestException and
// InvalidParameterException.
class AwsSecretsManager {
 public:
  // As RestStore::Make. `config` and what `machine` points to must outlive it.
  static absl::StatusOr<std::unique_ptr<AwsSecretsManager>> Make(
      const SinkConfig& config, const Machine& machine);

  absl::StatusOr<AwsSecret> Describe(const std::string& name,
                                     Deadline deadline);
  // One page of the secrets that have a tag of that prefix, and the token of
  // the next one, "" at the end. Behind by up to five minutes.
  absl::StatusOr<std::vector<AwsSecret>> List(const std::string& tag_prefix,
                                              std::string& next_token,
                                              Deadline deadline);

  absl::Status Create(const std::string& name, const std::string& version,
                      const Secret& value, const AwsTags& tags,
                      const std::string& kms_key, Deadline deadline);
  // A version that is not served, unless it is the secret's first one.
  absl::Status Stage(const std::string& name, const std::string& version,
                     const Secret& value, Deadline deadline);
  absl::Status Tag(const std::string& name, const AwsTags& tags,
                   Deadline deadline);
  // Compare-and-set: from now on `to` is served, if `from` was.
  absl::Status Promote(const std::string& name, const std::string& from,
                       const std::string& to, Deadline deadline);
  // Takes AWSPREVIOUS from `version`, if it is there. A version without a label
  // is AWS's to delete.
  absl::Status Retire(const std::string& name, const std::string& version,
                      Deadline deadline);
  absl::Status Delete(const std::string& name, Deadline deadline);
  absl::Status Restore(const std::string& name, Deadline deadline);

 private:
  class SigningTransport;
  AwsSecretsManager(const SinkConfig& config, const Machine& machine);

  absl::StatusOr<http::Response> Call(const std::string& action, Secret body,
                                      const Purpose& purpose,
                                      Deadline deadline);

  const Machine outer_;  // as it was given: what signs in goes over it
  Machine machine_;      // with connections that sign
  AwsCredentials credentials_;
  const std::string region_;
  std::unique_ptr<RestStore> store_;
};

// The address that `config` leads to: its `endpoint`, or the one of AWS for its
// `region`. kInvalidArgument: not a region.
absl::StatusOr<std::string> AwsAddress(const SinkConfig& config);
// What is wrong with a region: "" or what is expected.
std::string AwsRegionFault(std::string_view region);

}  // namespace patform::sinks
