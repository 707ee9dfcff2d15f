#include "tests/crash/power.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace boundary {
namespace {

namespace fs = std::filesystem;

std::atomic<bool> g_failing{false};
thread_local bool t_failing = false;
thread_local bool t_holds = false;

std::string PathOf(int fd) {
  if (fd == AT_FDCWD) return fs::current_path();
  char path[PATH_MAX];
  const std::string link = "/proc/self/fd/" + std::to_string(fd);
  const ssize_t n = readlink(link.c_str(), path, sizeof(path));
  return std::string(path, n > 0 ? static_cast<size_t>(n) : 0);
}

unsigned long InodeOf(int fd) {
  struct stat info = {};
  syscall(SYS_fstat, fd, &info);
  return info.st_ino;
}

bool Look(const std::string& path, struct stat& info) {
  return syscall(SYS_newfstatat, AT_FDCWD, path.c_str(), &info,
                 AT_SYMLINK_NOFOLLOW) == 0;
}

}  // namespace

Power::Hold::Hold(Power* power) {
  if (power == nullptr) return;
  lock_ = std::shared_lock(power->under_way_);
  t_holds = true;
}

Power::Hold::~Hold() { t_holds = false; }

bool Power::Failing() {
  while (g_failing && !t_failing && !t_holds) pause();
  return t_failing;
}

Power::Entry Power::Read(const std::string& path) {
  Entry entry;
  entry.path = path;
  struct stat info = {};
  if (!Look(path, info)) return entry;
  entry.file = S_ISREG(info.st_mode);
  entry.folder = S_ISDIR(info.st_mode);
  entry.mode = info.st_mode & 07777;
  entry.modified = info.st_mtim;
  if (!entry.file) return entry;
  std::ifstream in(path, std::ios::binary);
  entry.content.assign(std::istreambuf_iterator<char>(in), {});
  return entry;
}

void Power::Restore(const Entry& entry) {
  std::error_code ignored;
  if (entry.folder) return;
  fs::remove_all(entry.path, ignored);
  if (!entry.file) return;
  std::ofstream(entry.path, std::ios::binary) << entry.content;
  chmod(entry.path.c_str(), entry.mode);
  const struct timespec times[2] = {entry.modified, entry.modified};
  utimensat(AT_FDCWD, entry.path.c_str(), times, 0);
}

void Power::Changes(int directory, const char* name, const char* other) {
  const std::lock_guard<std::mutex> lock(mutex_);
  Change change;
  const auto add = [&](const std::string& text) {
    const std::string path =
        text.front() == '/' ? text : PathOf(directory) + "/" + text;
    change.folder = fs::path(path).parent_path();
    change.before.push_back(Read(path));
  };
  add(name);
  if (other != nullptr) add(other);
  changes_.push_back(std::move(change));
}

void Power::Written(int fd) {
  const std::lock_guard<std::mutex> lock(mutex_);
  written_.insert(InodeOf(fd));
}

void Power::Synced(int fd) {
  const std::lock_guard<std::mutex> lock(mutex_);
  written_.erase(InodeOf(fd));
  const std::string path = PathOf(fd);
  std::erase_if(changes_,
                [&path](const Change& c) { return c.folder == path; });
}

void Power::Fail() {
  t_failing = true;
  g_failing = true;
  // Never given back: nothing comes after this.
  under_way_.lock();
  const std::lock_guard<std::mutex> lock(mutex_);
  std::error_code ignored;
  for (const auto& entry : fs::recursive_directory_iterator(store_, ignored)) {
    struct stat info = {};
    if (!Look(entry.path(), info) || written_.count(info.st_ino) == 0) continue;
    fs::resize_file(entry.path(), 0, ignored);
  }
  if (names_stay_) return;
  for (auto change = changes_.rbegin(); change != changes_.rend(); ++change) {
    for (const Entry& entry : change->before) Restore(entry);
  }
}

}  // namespace boundary
