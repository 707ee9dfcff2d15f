#include "providers/system/reserve.h"

#include <dirent.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <memory>
#include <new>

#include "tests/providers/system/child.h"

#ifdef __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define PATFORM_SANITIZED
#endif
#endif

namespace patform::system {
namespace {

int OpenFiles() {
  int count = -1;  // the one that counts
  DIR* const directory = opendir("/proc/self/fd");
  while (const dirent* entry = readdir(directory)) {
    if (entry->d_name[0] != '.') ++count;
  }
  closedir(directory);
  return count;
}

void Limit(int resource, rlim_t most) {
  const rlimit limit = {most, most};
  setrlimit(static_cast<__rlimit_resource>(resource), &limit);
}

// So many more can be opened.
void LeaveFiles(int spare) {
  rlim_t limit = 0;
  for (; spare > 0; ++limit) {
    if (fcntl(static_cast<int>(limit), F_GETFD) < 0) --spare;
  }
  Limit(RLIMIT_NOFILE, limit);
}

TEST(AffordableWorkersTest, AsManyAsThereAreFilesFor) {
  const struct {
    int spare, wanted, organizations, workers;  // workers 0: refused
  } rows[] = {
      {11, 8, 1, 0}, {12, 8, 1, 1},  {21, 8, 1, 1}, {22, 8, 1, 2},
      {82, 8, 1, 8}, {200, 8, 1, 8}, {12, 1, 1, 1}, {15, 8, 2, 0},
      {16, 8, 2, 1}, {12, 8, 0, 1},
  };
  for (const auto& row : rows) {
    const int got = InChild([&row] {
      LeaveFiles(row.spare);
      return AffordableWorkers(row.wanted, row.organizations).value_or(0);
    });
    EXPECT_EQ(got, row.workers) << row.spare << " for " << row.wanted;
  }
}

TEST(AffordableWorkersTest, WhatIsMissing) {
  EXPECT_EQ(InChild([] {
              LeaveFiles(9);
              const auto workers = AffordableWorkers(8, 1);
              return workers.status() ==
                             absl::ResourceExhaustedError(
                                 "the limit of open files is too low by 3, so "
                                 "nothing was begun. Raise it (ulimit -n).")
                         ? 0
                         : 1;
            }),
            0);
}

TEST(ReserveTest, HoldsFilesUntilItGoes) {
  const int before = OpenFiles();
  absl::StatusOr<std::shared_ptr<void>> reserve = TakeReserve();
  ASSERT_TRUE(reserve.ok()) << reserve.status();
  EXPECT_EQ(OpenFiles(), before + 6);
  reserve->reset();
  EXPECT_EQ(OpenFiles(), before);
}

TEST(ReserveTest, RefusedWhenItCannotBeWhole) {
#ifdef PATFORM_SANITIZED
  GTEST_SKIP() << "UBSan needs descriptors of its own to look at memory";
#endif
  const int got = InChild([] {
    LeaveFiles(5);
    return absl::IsResourceExhausted(TakeReserve().status()) ? 0 : 1;
  });
  EXPECT_EQ(got, 0);
}

TEST(PrepareForLimitsTest, TheSoftLimitIsRaised) {
  EXPECT_EQ(InChild([] {
              const rlimit files = {64, 512};
              setrlimit(RLIMIT_NOFILE, &files);
              PrepareForLimits();
              rlimit now = {};
              getrlimit(RLIMIT_NOFILE, &now);
              return now.rlim_cur == 512 ? 0 : 1;
            }),
            0);
}

// Leaves no address space that could be had.
void TakeAllMemory() {
  for (size_t size = 64 << 20; size >= 4096; size /= 2) {
    while (mmap(nullptr, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
           MAP_FAILED) {
    }
  }
}

TEST(ReserveTest, MemoryThatRunsOutIsTakenFromIt) {
#ifdef PATFORM_SANITIZED
  GTEST_SKIP() << "sanitizers have an allocator of their own";
#endif
  EXPECT_EQ(
      InChild([] {
        PrepareForLimits();
        const auto reserve = TakeReserve();
        if (!reserve.ok()) return 1;
        Limit(RLIMIT_AS, 1 << 30);
        TakeAllMemory();
        if (!absl::IsResourceExhausted(TakeReserve().status())) return 2;
        const std::unique_ptr<char[]> some(new (std::nothrow) char[700 << 10]);
        const std::unique_ptr<char[]> more(new (std::nothrow) char[700 << 10]);
        return some == nullptr ? 3 : more != nullptr ? 4 : 0;
      }),
      0);
}

}  // namespace
}  // namespace patform::system
