#pragma once

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "engine/base/clock.h"
#include "engine/base/environment.h"
#include "engine/base/secret.h"
#include "providers/entra/state_files.h"
#include "providers/sinks/local/directory.h"

namespace patform::sinks {

// $XDG_STATE_HOME/patform, or ~/.local/state/patform: what a program has to
// find again and nobody would carry to another machine, which is what the XDG
// Base Directory Specification 0.8 has that folder for. Not the cache folder,
// which people and tools empty: a sign-in that is gone takes a person to make.
//
// Files have mode 0600, the folder 0700 where it is made here.
class StateFolder : public entra::StateFiles {
 public:
  StateFolder(EnvironmentLookup environment, Clock& clock)
      : environment_(std::move(environment)), clock_(clock) {}

  absl::StatusOr<std::optional<Secret>> Read(const std::string& name) override;
  absl::Status Replace(const std::string& name, const Secret& content,
                       Deadline deadline) override;
  absl::Status Remove(const std::string& name) override;
  absl::StatusOr<std::shared_ptr<void>> Lock(const std::string& name,
                                             Deadline deadline) override;
  absl::StatusOr<std::string> PathOf(const std::string& name) override;

 private:
  absl::StatusOr<std::string> Path() const;
  // nullopt: it does not exist.
  absl::StatusOr<std::optional<Directory>> Open() const;
  absl::StatusOr<Directory> Make() const;

  const EnvironmentLookup environment_;
  Clock& clock_;
};

}  // namespace patform::sinks
