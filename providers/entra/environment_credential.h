#pragma once

#include <functional>
#include <mutex>
#include <string>

#include "engine/base/environment.h"
#include "providers/entra/credential.h"
#include "providers/entra/sources.h"

namespace patform::entra {

// The bearer that the environment names: in PATFORM_ACCESS_TOKEN, what a
// pipeline's sign-in step left; or in the file of PATFORM_ACCESS_TOKEN_FILE,
// which something else keeps fresh. That one is read again once the service
// has refused what it held. Safe from several threads.
class EnvironmentCredential : public CredentialSource {
 public:
  using ReadFile = std::function<absl::StatusOr<Secret>(const std::string&)>;

  EnvironmentCredential(EnvironmentLookup environment, ReadFile read_file);
  absl::StatusOr<Secret> Bearer(Deadline deadline) override;
  absl::StatusOr<Secret> BearerFor(const std::string& resource,
                                   Deadline deadline) override;
  void Refused(const Secret& bearer) override;

 private:
  absl::StatusOr<Secret> FromFile(const std::string& path);

  const EnvironmentLookup environment_;
  const ReadFile read_file_;
  std::mutex mutex_;
  Secret from_file_;  // empty: to be read; guarded by the mutex
};

SourceRow EnvironmentRow();

}  // namespace patform::entra
