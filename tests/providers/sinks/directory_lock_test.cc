#include "providers/sinks/directory_lock.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <unistd.h>

#include <future>
#include <memory>
#include <optional>

#include "providers/sinks/directory.h"
#include "providers/sinks/posix.h"
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
        MakeDirectory(root_, *ParsePlace("d/" + name));
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

}  // namespace
}  // namespace patform::sinks
