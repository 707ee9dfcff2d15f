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

// Otherwise a limit of open files or of memory would be met between the answer
// of the service and the write, and the only copy of a secret would be lost for
// want of a descriptor. The counts were measured and have a margin.
namespace patform::system {
namespace {

// A connection is a socket and the three descriptors of its event loop.
constexpr int kFilesPerConnection = 4;
// A file sink at its busiest has a directory, its lock, two new files and what
// it reads; a host is looked up with as many.
constexpr int kFilesPerDelivery = 6;
// Whatever a library opens for a moment.
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
      // O_PATH needs no permission and holds nothing but the number.
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
  // Not a vector: this must work when memory is what is missing.
  int files_[kMost];
  int count_ = 0;
};

// Address space that nobody uses, given back with the object or before.
class SpareMemory {
 public:
  // Reserved but never touched: it counts against RLIMIT_AS and costs no page.
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
    // Exchanged first, so that a second call finds nothing to give back.
    return true;
  }

 private:
  void* at_;
  const size_t size_;
};

class Reserve;
// Per thread: a worker may use up only its own reserve.
thread_local Reserve* t_reserve = nullptr;

// What one thread keeps for one delivery. Nests, since a delivery may begin
// inside of a step that has a reserve.
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

// operator new calls this again and again until it can allocate or an exception
// comes out; each reserve is given back once.
void OnNoMemory() {
  if (t_reserve != nullptr && t_reserve->memory.Release()) return;
  throw std::bad_alloc();
}

// What the C library will map for a new thread.
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
  // Not memset(), which the compiler would leave out, and the stack with it.
  explicit_bzero(bytes, kDeep);
}

// `missing`: how many more would have been enough.
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
  // Return large blocks to the system on free. By default glibc raises this
  // threshold after the first one, and then keeps every token list that has
  // grown.
  mallopt(M_MMAP_THRESHOLD, 128 << 10);
  rlimit files = {};
  // The soft limit of many systems is 1024, kept for programs that use
  // select(); the hard one may be used without asking.
  if (getrlimit(RLIMIT_NOFILE, &files) == 0 &&
      files.rlim_cur < files.rlim_max) {
    // More than this no run uses, and some systems walk all there may be.
    files.rlim_cur = std::min<rlim_t>(files.rlim_max,
                                      std::max<rlim_t>(files.rlim_cur, 4096));
    setrlimit(RLIMIT_NOFILE, &files);
  }
  rlimit space = {};
  // Only under a limit of address space, as `ulimit -v` sets it.
  if (getrlimit(RLIMIT_AS, &space) == 0 && space.rlim_cur != RLIM_INFINITY) {
    // glibc gives each thread an arena of 64 MB of address space.
    mallopt(M_ARENA_MAX, 1);
    GrowStack();
  }
  // For all threads; without a reserve it throws as ever.
  std::set_new_handler(OnNoMemory);
  return SpareMemory(StackSize() + kStartMemory).ok();
}

absl::StatusOr<int> AffordableWorkers(int wanted, int organizations) {
  const int per_worker =
      kFilesPerConnection * std::max(organizations, 1) + kFilesPerDelivery;
  // Measured by taking them all at once, and not from the limit: what is open
  // already, and the system's own limit, count as well.
  const int files = SpareFiles(kFilesBeside + wanted * per_worker).count();
  int workers = std::min(wanted, (files - kFilesBeside) / per_worker);
  if (workers < 1) return NotEnoughFiles(kFilesBeside + per_worker - files);
  // Would the machine give `n` workers what they need? Tried, not computed.
  const auto fits = [](int n) {
    // One of them is this thread, and hosts are looked up on another.
    const size_t threads = static_cast<size_t>(n);
    return SpareMemory(kMemoryBeside + threads * StackSize() +
                       static_cast<size_t>(n) * kWorkerMemory)
        .ok();
  };
  // Fewer workers take longer, and that is all.
  while (workers > 0 && !fits(workers)) --workers;
  if (workers < 1) return NotEnoughMemory();
  return workers;
}

absl::StatusOr<std::shared_ptr<void>> TakeReserve() {
  auto reserve = std::make_shared<Reserve>();
  if (reserve->files.count() < kFilesPerDelivery) {
    return NotEnoughFiles(kFilesPerDelivery - reserve->files.count());
  }
  // The second one is let go at once: it only shows that the create fits, too.
  if (!reserve->memory.ok() || !SpareMemory(kCreateMemory).ok()) {
    return NotEnoughMemory();
  }
  return std::shared_ptr<void>(std::move(reserve));
}

}  // namespace patform::system
