#include "providers/sinks/local/walk.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "providers/sinks/local/posix.h"

namespace patform::sinks {
namespace {

// A sink's root may be a home directory or a checkout: to read all of it would
// delay the run for nothing.
constexpr int kMaxDepth = 16;
constexpr int kMaxEntries = 50'000;

// Depth first, with one open descriptor per level, which kMaxDepth bounds.
class Walker {
 public:
  using Visit = absl::FunctionRef<void(const Directory&, const std::string&,
                                       const std::vector<std::string>&)>;

  Walker(Deadline deadline, dev_t device, Visit visit)
      : deadline_(deadline), device_(device), visit_(visit) {}

  void Go(const Directory& directory, const std::string& below, int depth) {
    const std::vector<std::string> names = NamesIn(directory);
    left_ -= static_cast<int>(names.size());
    visit_(directory, below, names);
    if (depth == kMaxDepth) return;
    for (const std::string& name : names) {
      if (left_ <= 0 || std::chrono::steady_clock::now() >= deadline_) return;
      struct stat info;
      // Three reasons to skip a directory: a link could lead out of the root, a
      // directory of somebody else is checked by nobody here, and another
      // device may be a mount that does not answer. fstatat() is asked first
      // because even to open a device or a dead mount can block.
      if (fstatat(directory.fd(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) !=
              0 ||
          !S_ISDIR(info.st_mode) || info.st_uid != geteuid() ||
          info.st_dev != device_) {
        continue;
      }
      Fd fd = OpenAt(directory.fd(), name, O_RDONLY | O_DIRECTORY);
      if (!fd.ok()) continue;
      Go(Directory(std::move(fd), directory.PathOf(name)),
         below.empty() ? name : absl::StrCat(below, "/", name), depth + 1);
    }
  }

 private:
  const Deadline deadline_;
  const dev_t device_;
  const Visit visit_;
  int left_ = kMaxEntries;
};

}  // namespace

// The list is read whole before anything is removed: POSIX leaves open whether
// readdir() shows entries that change under it.
std::vector<std::string> NamesIn(const Directory& directory) {
  std::vector<std::string> names;
  // A descriptor of its own: closedir() closes it.
  Fd fd = OpenAt(directory.fd(), ".", O_RDONLY | O_DIRECTORY);
  if (!fd.ok()) return names;
  DIR* const stream = fdopendir(fd.get());
  if (stream == nullptr) return names;
  fd.Release();
  while (const dirent* entry = readdir(stream)) {
    std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(std::move(name));
  }
  closedir(stream);
  std::sort(names.begin(), names.end());
  return names;
}

void WalkDirectories(
    const Root& root, Deadline deadline,
    absl::FunctionRef<void(const Directory& directory, const std::string& below,
                           const std::vector<std::string>& names)>
        visit) {
  // An empty FilePath is the root itself.
  const auto directory = OpenDirectory(root, FilePath());
  struct stat info;
  if (!directory.ok() || !directory->has_value() ||
      fstat((*directory)->fd(), &info) != 0) {
    return;
  }
  // The root's device is the one to stay on.
  Walker(deadline, info.st_dev, visit).Go(**directory, "", 0);
}

}  // namespace patform::sinks
