#include "providers/sinks/local/directory_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "providers/sinks/local/directory.h"
#include "providers/sinks/local/posix.h"
#include "tests/providers/sinks/testing.h"

namespace patform::sinks {
namespace {

using With = DirectoryLock::With;

class DirectoryLockTest : public TempDirTest {
 protected:
  // Held until it is reset.
  using Held = std::unique_ptr<DirectoryLock>;

  Held Take(const std::string& name, With with, Deadline deadline = Soon()) {
    const absl::StatusOr<Directory> directory =
        MakeDirectory(root_, *ParseFilePath("d/" + name));
    EXPECT_TRUE(directory.ok()) << directory.status();
    absl::StatusOr<DirectoryLock> lock =
        DirectoryLock::Take(*directory, name, with, deadline);
    status_ = lock.status();
    if (!lock.ok()) return nullptr;
    return std::make_unique<DirectoryLock>(*std::move(lock));
  }

  // Would another run of patform get the lock?
  bool FreeForOthers() {
    const Fd fd = OpenAt(AT_FDCWD, root_ + "/d", O_RDONLY | O_DIRECTORY);
    EXPECT_TRUE(fd.ok());
    return flock(fd.get(), LOCK_EX | LOCK_NB) == 0;
  }

  absl::Status status_;
};

TEST_F(DirectoryLockTest, WritersOfOtherFilesShareIt) {
  Held a = Take("a", With::kOtherFiles);
  Held b = Take("b", With::kOtherFiles);
  ASSERT_NE(a, nullptr);
  ASSERT_NE(b, nullptr);
  EXPECT_FALSE(FreeForOthers());
  a.reset();
  EXPECT_FALSE(FreeForOthers());
  b.reset();
  EXPECT_TRUE(FreeForOthers());
}

TEST_F(DirectoryLockTest, WhoMustWait) {
  const struct {
    With held;
    const char* name;
    With wanted;
  } rows[] = {
      {With::kOtherFiles, "a", With::kOtherFiles},
      {With::kOtherFiles, "b", With::kNobody},
      {With::kNobody, "b", With::kOtherFiles},
      {With::kNobody, "b", With::kNobody},
  };
  for (const auto& row : rows) {
    Held held = Take("a", row.held);
    ASSERT_NE(held, nullptr);
    EXPECT_EQ(Take(row.name, row.wanted, Past()), nullptr);
    EXPECT_EQ(status_.code(), absl::StatusCode::kDeadlineExceeded);
    EXPECT_EQ(status_.message(),
              "other secrets were being written in \"" + root_ +
                  "/d\" until the time for this step was up. Nothing was "
                  "written; run patform again.");
    // And gets it as soon as it is free.
    std::future<Held> next = std::async(
        std::launch::async, [&] { return Take(row.name, row.wanted); });
    held.reset();
    EXPECT_NE(next.get(), nullptr);
  }
}

TEST_F(DirectoryLockTest, AnotherRunHasIt) {
  Take("a", With::kOtherFiles).reset();
  const Fd fd = OpenAt(AT_FDCWD, root_ + "/d", O_RDONLY | O_DIRECTORY);
  ASSERT_EQ(flock(fd.get(), LOCK_EX), 0);
  EXPECT_EQ(Take("a", With::kOtherFiles, Past()), nullptr);
  EXPECT_EQ(status_.code(), absl::StatusCode::kDeadlineExceeded);
  // Whoever asked in vain leaves nothing behind that stops the next one.
  ASSERT_EQ(flock(fd.get(), LOCK_UN), 0);
  EXPECT_NE(Take("b", With::kNobody), nullptr);
}

TEST_F(DirectoryLockTest, WhoeverGivesUpMakesRoomForOthers) {
  for (;;) {
    const Deadline began = std::chrono::steady_clock::now();
    Held a = Take("a", With::kOtherFiles);
    ASSERT_NE(a, nullptr);
    // Nobody joins while this one waits to be alone, in vain.
    EXPECT_EQ(Take("b", With::kNobody, Past()), nullptr);
    if (Take("c", With::kOtherFiles, Past()) != nullptr) break;
    // Nor once the share has lasted long: the machine was slow.
    ASSERT_GE(std::chrono::steady_clock::now() - began,
              std::chrono::milliseconds(250));
  }
}

// Two runs, of which one has many threads that never let the lock rest.
TEST_F(DirectoryLockTest, AnotherRunGetsItsTurn) {
  Take("a", With::kNobody).reset();
  for (const With with : {With::kNobody, With::kOtherFiles}) {
    std::atomic<bool> done{false};
    std::atomic<int> refused{0};
    std::vector<std::thread> busy;
    for (int i = 0; i < 6; ++i) {
      busy.emplace_back([&, i] {
        const absl::StatusOr<Directory> directory =
            MakeDirectory(root_, *ParseFilePath("d/a"));
        while (!done) {
          const auto lock = DirectoryLock::Take(
              *directory, absl::StrCat("file", i), with, Soon());
          refused += lock.ok() ? 0 : 1;
        }
      });
    }
    const Fd fd = OpenAt(AT_FDCWD, root_ + "/d", O_RDONLY | O_DIRECTORY);
    for (int turn = 0; turn < 3; ++turn) {
      EXPECT_TRUE(Lock(fd.get(), root_, Soon()).ok());
      EXPECT_EQ(flock(fd.get(), LOCK_UN), 0);
    }
    done = true;
    for (std::thread& thread : busy) thread.join();
    EXPECT_EQ(refused, 0);
  }
}

// A process that dies gives the lock back, whatever it was doing.
TEST_F(DirectoryLockTest, LocksOfProcessesDieWithThem) {
  Take("a", With::kOtherFiles).reset();
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const Held held = Take("a", With::kNobody);
    const char got = held != nullptr ? 'y' : 'n';
    if (write(ready[1], &got, 1) != 1) _exit(1);
    for (;;) pause();
  }
  char got = 0;
  ASSERT_EQ(read(ready[0], &got, 1), 1);
  EXPECT_EQ(got, 'y');
  EXPECT_EQ(Take("b", With::kOtherFiles, Past()), nullptr);
  ASSERT_EQ(kill(child, SIGKILL), 0);
  ASSERT_EQ(waitpid(child, nullptr, 0), child);
  EXPECT_NE(Take("b", With::kOtherFiles), nullptr);
  close(ready[0]);
  close(ready[1]);
}

TEST_F(DirectoryLockTest, WhatAFileSystemWithoutLocksIsCalled) {
  const absl::Status none = LockError("/srv/\x1b", EBADF);
  EXPECT_EQ(none.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(none.message(),
            "cannot lock \"/srv/\\x1b\": Bad file descriptor. Its file system "
            "gives no locks on directories, as NFS does not, so two runs could "
            "overwrite each other: deliver to a local disk.");
  EXPECT_EQ(LockError("/srv", EIO).message(),
            "cannot lock \"/srv\": Input/output error. The disk or its "
            "connection failed: see the system's log.");
}

}  // namespace
}  // namespace patform::sinks
