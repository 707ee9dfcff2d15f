#pragma once

#include <functional>
#include <optional>
#include <string>

#include "engine/actual/credential.h"

namespace patform::entra {

// The bearer in PATFORM_ACCESS_TOKEN: what a pipeline's sign-in step left.
class EnvironmentCredential : public CredentialSource {
 public:
  using Environment =
      std::function<std::optional<std::string>(const std::string&)>;

  explicit EnvironmentCredential(Environment environment);
  absl::StatusOr<Secret> Bearer(Deadline deadline) override;
  void Refused(const Secret&) override {}

 private:
  Environment environment_;
};

}  // namespace patform::entra
