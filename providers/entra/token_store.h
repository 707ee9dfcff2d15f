#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/clock.h"
#include "engine/base/secret.h"
#include "engine/ports/programs.h"
#include "engine/ports/settings.h"
#include "providers/entra/state_files.h"

namespace patform::entra {

// Where sign-ins are kept on this machine. One text for each, under a name of
// lower-case letters and digits. Safe from several threads.
class TokenStore {
 public:
  virtual ~TokenStore() = default;
  // nullopt: there is none.
  virtual absl::StatusOr<std::optional<Secret>> Read(const std::string& name,
                                                     Deadline deadline) = 0;
  // Does it keep anything at all? kInvalidArgument: it does not, and says what
  // to do instead.
  virtual absl::Status Check() { return absl::OkStatus(); }
  // `label` is what a person who looks through the store sees.
  virtual absl::Status Write(const std::string& name, const std::string& label,
                             const Secret& text, Deadline deadline) = 0;
  // kNotFound: there was none.
  virtual absl::Status Remove(const std::string& name, Deadline deadline) = 0;
  // Where that text is now, behind "kept in": "the desktop's Secret Service".
  virtual std::string PlaceOf(const std::string& name) = 0;
};

// What stores work with. Null: it is not there, and stores that need it fail.
struct TokenStoreNeeds {
  StateFiles* files = nullptr;
  Programs* programs = nullptr;
  bool has_session_bus = false;  // DBUS_SESSION_BUS_ADDRESS is set
};

// The key `cache` of [auth]: what this program can do, the first is the
// default.
SettingKey TokenStoreKey();

// kInvalidArgument: `which` is not one of its values.
absl::StatusOr<std::unique_ptr<TokenStore>> MakeTokenStore(
    const std::string& which, const TokenStoreNeeds& needs);

}  // namespace patform::entra
