#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/model/desired_state.h"
#include "engine/ports/secret_sink.h"
#include "providers/sinks/machine.h"

namespace patform::sinks {

// The sinks that this program has. A new one is a file with its Row (row.h),
// which sinks.cc lists.
class KnownSinks : public Sinks {
 public:
  // Its pointers must outlive what is opened.
  explicit KnownSinks(Machine machine = {}) : machine_(std::move(machine)) {}

  const std::vector<SinkType>& Types() const override;
  absl::StatusOr<std::string> Canonical(const SinkConfig& config) override;
  absl::StatusOr<std::unique_ptr<RecordReader>> OpenReader(
      const SinkConfig& config, const AuthConfig& auth) override;
  absl::StatusOr<std::unique_ptr<SecretSink>> Open(
      const SinkConfig& config, const AuthConfig& auth) override;
  absl::StatusOr<std::unique_ptr<SecretKeeper>> OpenKeeper(
      const SinkConfig& config) override;

 private:
  const Machine machine_;
};

}  // namespace patform::sinks
