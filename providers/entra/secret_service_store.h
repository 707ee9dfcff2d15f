#pragma once

#include <optional>
#include <string>

#include "providers/entra/token_store.h"

namespace patform::entra {

// The Secret Service of the desktop (freedesktop.org's Secret Service API 0.2):
// gnome-keyring, KWallet, KeePassXC. Through `secret-tool` of libsecret, which
// takes the secret on its standard input and gives it back on its standard
// output. A library of its own would be linked into every run for the few that
// have a desktop.
class SecretServiceStore : public TokenStore {
 public:
  explicit SecretServiceStore(Programs& programs) : programs_(programs) {}

  absl::StatusOr<std::optional<Secret>> Read(const std::string& name,
                                             Deadline deadline) override;
  absl::Status Write(const std::string& name, const std::string& label,
                     const Secret& text, Deadline deadline) override;
  absl::Status Remove(const std::string& name, Deadline deadline) override;
  std::string PlaceOf(const std::string& name) override;

 private:
  absl::StatusOr<ProgramResult> Run(ProgramCall call, Deadline deadline);

  Programs& programs_;
};

}  // namespace patform::entra
