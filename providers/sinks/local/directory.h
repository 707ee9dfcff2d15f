#pragma once

#include <sys/stat.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/model/desired_state.h"
#include "providers/sinks/local/posix.h"

// Directories that secrets may be kept in. Whoever can write in one could put
// a link where a secret is about to go, and whoever can replace a directory on
// the way could send all of them elsewhere. So a sink walks from its root down
// one component at a time, never through a symbolic link, and refuses any
// directory that is another user's or that others may write in.
namespace patform::sinks {

// `at` taken apart.
struct FilePath {
  std::vector<std::string> directories;  // below the root
  std::string file;
};

// kInvalidArgument for an address that WhyNotAPlace() refuses.
absl::StatusOr<FilePath> ParseFilePath(std::string_view at);

// A directory that was opened and found safe.
class Directory {
 public:
  // `path` is what messages call it.
  Directory(Fd fd, std::string path)
      : fd_(std::move(fd)), path_(std::move(path)) {}

  int fd() const { return fd_.get(); }
  const std::string& path() const { return path_; }
  std::string PathOf(std::string_view name) const;

  // What `name` is; nullopt: nothing. kFailedPrecondition for anything but a
  // regular file of this user's with no other hard link.
  absl::StatusOr<std::optional<struct stat>> Look(
      const std::string& name) const;

 private:
  Fd fd_;
  std::string path_;
};

// The directory that a sink keeps its files in.
struct Root {
  // A path that may be seen.
  Root(std::string as_it_is)  // NOLINT(google-explicit-constructor)
      : path(std::move(as_it_is)), shown(path) {}
  Root(std::string to_open, std::string to_show)
      : path(std::move(to_open)), shown(std::move(to_show)) {}

  std::string path;   // what is opened
  std::string shown;  // what messages call it
};

// `path` as the functions below want it: without slashes or "/." at its end,
// which would lead through a symbolic link. kInvalidArgument for none and for
// control characters. `shown` is what people see of it, where that is another
// text: a part of the path may come from the environment.
absl::StatusOr<Root> NormalRoot(std::string_view path,
                                std::string_view shown = "");
// The same of a sink's setting `path`.
absl::StatusOr<Root> RootOf(const SinkConfig& config);
// The one spelling of it: absolute, links resolved as far as it exists. For
// comparisons; it is not shown, and nothing is opened by it.
absl::StatusOr<std::string> CanonicalRoot(const SinkConfig& config);

// The directory of `place` below `root`; nullopt: it does not exist.
absl::StatusOr<std::optional<Directory>> OpenDirectory(const Root& root,
                                                       const FilePath& at);

// The same, with what is missing (the root too, but not what is above it)
// created: mode 0700, whatever the umask, and on disk when this returns. The
// first one that is made gets a .gitignore by which git adds nothing of it.
absl::StatusOr<Directory> MakeDirectory(const Root& root, const FilePath& at);

// Could MakeDirectory and then a write succeed? Leaves nothing behind.
absl::Status CheckDirectory(const Root& root, const FilePath& at);

// Could a file of `size` bytes, and a little more, be written there?
absl::Status CheckRoom(const Directory& directory, size_t size);

}  // namespace patform::sinks
