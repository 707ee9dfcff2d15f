#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/clock.h"
#include "engine/base/secret.h"
#include "engine/model/token.h"
#include "providers/sinks/remote/vault_session.h"
#include "providers/sinks/remote/vault_wire.h"

namespace patform::sinks {

// The exchanges about one path, in words of VaultMetadata. Errors as
// RestStore's; of what writes the secret, all but kUnknown mean that it was not
// written.
class VaultPlace {
 public:
  VaultPlace(VaultSession& session, const Delivery& place, Deadline deadline)
      : session_(session), place_(place), deadline_(deadline) {}

  // "secret/data/ado/ci", to ask for or to show.
  std::string Path(const char* kind) const;

  // What is there; one that does not exist is an entry of nothing.
  absl::StatusOr<VaultMetadata> Look();
  // Sets or, null, takes away the field, if `entry` is still what is there;
  // else kAborted.
  absl::StatusOr<VaultWritten> WriteField(const VaultMetadata& entry,
                                          const Secret* value);
  // The patch, of custom_metadata alone; `entry` as of the last look.
  absl::Status PatchMetadata(const VaultMetadata& entry, Secret patch,
                             const std::string& doing);
  // Ends these versions for good.
  absl::Status Destroy(const std::vector<int64_t>& versions);
  // Whether the token may do what a write needs now. As far as the server
  // tells: not every token may ask.
  absl::Status Allowed(const VaultMetadata& entry);

  // By the store's clock, at the last look.
  absl::Time now() const { return now_; }
  absl::Status Moved() const;

 private:
  VaultSession& session_;
  const Delivery& place_;
  const Deadline deadline_;
  absl::Time now_;
};

}  // namespace patform::sinks
