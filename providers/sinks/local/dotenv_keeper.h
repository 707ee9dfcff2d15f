#pragma once

#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "engine/ports/secret_sink.h"
#include "providers/sinks/local/commit.h"
#include "providers/sinks/local/directory.h"
#include "providers/sinks/row.h"

namespace patform::sinks {

// A variable of a .env file that holds what this program itself reads again.
// Its version is a hash of the value: the other lines may come and go.
class DotenvKeeper : public SecretKeeper {
 public:
  explicit DotenvKeeper(Root root) : root_(std::move(root)) {}

  absl::StatusOr<KeptSecret> Read(const Delivery& place,
                                  Deadline deadline) override;
  absl::Status Replace(const Delivery& place, const Secret& value,
                       const std::string& expected, Deadline deadline) override;

 private:
  const Root root_;
  Leftovers leftovers_;
};

absl::StatusOr<std::unique_ptr<SecretKeeper>> OpenDotenvKeeper(
    const Opening& opening);

}  // namespace patform::sinks
