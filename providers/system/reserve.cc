#include "providers/system/reserve.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <new>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace patform::system {
namespace {

// A connection is a socket and the three descriptors of its event loop.
constexpr int kFilesPerConnection = 4;
// A file sink at its busiest has a directory, its lock, two new files and what
// it reads; a host is looked up with as many.
constexpr int kFilesPerDelivery = 6;
constexpr int kFilesBeside = 2;

constexpr size_t kMiB = 1 << 20;
// A delivery takes a tenth of this; a create and its answer need the other.
constexpr size_t kDeliveryMemory = 1 * kMiB;
constexpr size_t kCreateMemory = 2 * kMiB;
constexpr size_t kWorkerMemory = 4 * kMiB;  // beside its stack
constexpr size_t kMemoryBeside = 2 * kMiB;
// Certificates, a connection, a small list; beside the stack of its thread.
constexpr size_t kStartMemory = 10 * kMiB;

// Open files that mean nothing, closed with the object.
class SpareFiles {
 public:
  // As many of `wanted` as there are.
  explicit SpareFiles(int wanted) {
    for (; count_ < std::min(wanted, kMost); ++count_) {
      const int fd = open("/", O_PATH | O_CLOEXEC);
      if (fd < 0) break;
      files_[count_] = fd;
    }
  }
  SpareFiles(const SpareFiles&) = delete;
  SpareFiles& operator=(const SpareFiles&) = delete;
  ~SpareFiles() {
    for (int i = 0; i < count_; ++i) close(files_[i]);
  }
  int count() const { return count_; }

 private:
  static constexpr int kMost = 4096;
  int files_[kMost];
  int count_ = 0;
};

// Address space that nobody uses, given back with the object or before.
class SpareMemory {
 public:
  explicit SpareMemory(size_t size) : size_(size) {
    at_ = mmap(nullptr, size, PROT_READ | PROT_WRITE,
               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  }
  SpareMemory(const SpareMemory&) = delete;
  SpareMemory& operator=(const SpareMemory&) = delete;
  ~SpareMemory() { Release(); }
  bool ok() const { return at_ != MAP_FAILED; }
  // False: it was given back already.
  bool Release() {
    if (at_ == MAP_FAILED) return false;
    munmap(std::exchange(at_, MAP_FAILED), size_);
    return true;
  }

 private:
  void* at_;
  const size_t size_;
};

class Reserve;
thread_local Reserve* t_reserve = nullptr;

class Reserve {
 public:
  Reserve()
      : files(kFilesPerDelivery),
        memory(kDeliveryMemory),
        before_(std::exchange(t_reserve, this)) {}
  ~Reserve() { t_reserve = before_; }
  SpareFiles files;
  SpareMemory memory;

 private:
  Reserve* const before_;
};

void OnNoMemory() {
  if (t_reserve != nullptr && t_reserve->memory.Release()) return;
  throw std::bad_alloc();
}

size_t StackSize() {
  rlimit limit = {};
  if (getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) {
    return 2 * kMiB;  // what the C library takes then
  }
  return limit.rlim_cur;
}

// A stack that cannot grow is a SIGSEGV: it is made large at once. Deeper than
// this nothing here goes.
void GrowStack() {
  constexpr size_t kDeep = 512 << 10;
  char bytes[kDeep];
  explicit_bzero(bytes, kDeep);
}

absl::Status NotEnoughFiles(int missing) {
  return absl::ResourceExhaustedError(
      absl::StrCat("the limit of open files is too low by ", missing,
                   ", so nothing was begun. Raise it (ulimit -n)."));
}

absl::Status NotEnoughMemory() {
  return absl::ResourceExhaustedError(
      "there is not enough memory, so nothing was begun. Raise its limit "
      "(ulimit -v), or give the job more.");
}

}  // namespace

bool PrepareForLimits() {
  rlimit files = {};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0 &&
      files.rlim_cur < files.rlim_max) {
    // More than this no run uses, and some systems walk all there may be.
    files.rlim_cur = std::min<rlim_t>(files.rlim_max,
                                      std::max<rlim_t>(files.rlim_cur, 4096));
    setrlimit(RLIMIT_NOFILE, &files);
  }
  rlimit space = {};
  if (getrlimit(RLIMIT_AS, &space) == 0 && space.rlim_cur != RLIM_INFINITY) {
    mallopt(M_ARENA_MAX, 1);
    GrowStack();
  }
  std::set_new_handler(OnNoMemory);
  return SpareMemory(StackSize() + kStartMemory).ok();
}

absl::StatusOr<int> AffordableWorkers(int wanted, int organizations) {
  const int per_worker =
      kFilesPerConnection * std::max(organizations, 1) + kFilesPerDelivery;
  const int files = SpareFiles(kFilesBeside + wanted * per_worker).count();
  int workers = std::min(wanted, (files - kFilesBeside) / per_worker);
  if (workers < 1) return NotEnoughFiles(kFilesBeside + per_worker - files);
  const auto fits = [](int n) {
    // One of them is this thread, and hosts are looked up on another.
    const size_t threads = static_cast<size_t>(n);
    return SpareMemory(kMemoryBeside + threads * StackSize() +
                       static_cast<size_t>(n) * kWorkerMemory)
        .ok();
  };
  while (workers > 0 && !fits(workers)) --workers;
  if (workers < 1) return NotEnoughMemory();
  return workers;
}

absl::StatusOr<std::shared_ptr<void>> TakeReserve() {
  auto reserve = std::make_shared<Reserve>();
  if (reserve->files.count() < kFilesPerDelivery) {
    return NotEnoughFiles(kFilesPerDelivery - reserve->files.count());
  }
  if (!reserve->memory.ok() || !SpareMemory(kCreateMemory).ok()) {
    return NotEnoughMemory();
  }
  return std::shared_ptr<void>(std::move(reserve));
}

}  // namespace patform::system
