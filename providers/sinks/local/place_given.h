#pragma once

#include <sys/stat.h>

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "providers/sinks/local/directory.h"

// What a place has beside its content, because its owner or an administrator
// gave it: a mode, a group, an access control list. A delivery replaces the
// file, so all of it has to be given to the new one before that has the name.
namespace patform::sinks {

struct Given {
  mode_t mode = 0600;
  gid_t group = static_cast<gid_t>(-1);  // -1: that of a new file
  std::optional<std::string> acl;        // as the kernel keeps it
};

// Who but the owner may have a file with a secret: a group, to read it.
inline constexpr mode_t kWidestMode = 0740;

// What `name` has, of which `info` is known.
absl::StatusOr<Given> GivenTo(const Directory& directory,
                              const std::string& name, const struct stat& info);

// Gives it to the open file. `path`: of the place, for messages.
absl::Status Give(int fd, const Given& given, const std::string& path);

// Could `name` be replaced by a file that is given the same? Tries it with one
// that has no name. kFailedPrecondition for the target of a mount and for a
// file that nobody may change; nothing is left behind.
absl::Status CheckReplaceable(const Directory& directory,
                              const std::string& name);

// For people, where others than kWidestMode allows may have the file: `"PATH"
// is open to other users (mode 0644) …`; else "".
std::string OpenToOthers(const struct stat& info, const std::string& path);

}  // namespace patform::sinks
