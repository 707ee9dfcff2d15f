#include "providers/sinks/local/state_folder.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "providers/sinks/local/posix.h"
#include "tests/fakes/fake_clock.h"
#include "tests/providers/sinks/testing.h"

namespace patform::sinks {
namespace {

class StateFolderTest : public TempDirTest {
 protected:
  void SetUp() override {
    TempDirTest::SetUp();
    variables_["XDG_STATE_HOME"] = root_ + "/a/state";
  }
  StateFolder Folder() {
    return StateFolder(
        [this](const std::string& name) -> std::optional<std::string> {
          const auto found = variables_.find(name);
          if (found == variables_.end()) return std::nullopt;
          return found->second;
        },
        clock_);
  }
  absl::Status Put(const std::string& text) {
    return Folder().Replace("one.json", Secret(text), Soon());
  }
  // "TEXT", "nothing" or the error's message, with the test's folder as ROOT.
  std::string Read() {
    const absl::StatusOr<std::optional<Secret>> read =
        Folder().Read("one.json");
    if (!read.ok()) return Shown(read.status());
    return *read ? std::string((*read)->Reveal()) : "nothing";
  }
  std::string Shown(const absl::Status& status) const {
    std::string text(status.message());
    for (size_t at; (at = text.find(root_)) != std::string::npos;) {
      text.replace(at, root_.size(), "ROOT");
    }
    return text;
  }
  std::string Mode(const std::string& path) const {
    struct stat info = {};
    EXPECT_EQ(stat((root_ + path).c_str(), &info), 0) << path;
    return ModeText(info.st_mode);
  }

  std::map<std::string, std::string> variables_;
  FakeClock clock_{absl::UnixEpoch()};
};

TEST_F(StateFolderTest, KeepsWhatItIsGivenFromEverybodyElse) {
  EXPECT_EQ(Read(), "nothing");
  EXPECT_EQ(Tree(), "");  // to look makes nothing
  const mode_t before = umask(0);
  ASSERT_TRUE(Put("one").ok());
  umask(before);
  EXPECT_EQ(Read(), "one");
  ASSERT_TRUE(Put("two").ok());
  EXPECT_EQ(Read(), "two");
  EXPECT_EQ(Tree(),
            "a a/state a/state/patform a/state/patform/.gitignore "
            "a/state/patform/one.json");
  EXPECT_EQ(Mode("/a"), "0700");
  EXPECT_EQ(Mode("/a/state"), "0700");
  EXPECT_EQ(Mode("/a/state/patform"), "0700");
  EXPECT_EQ(Mode("/a/state/patform/one.json"), "0600");
  EXPECT_EQ(FilesWith("one"), "");
}

TEST_F(StateFolderTest, IsWhereTheSpecificationHasIt) {
  variables_["HOME"] = "/home/ada";
  EXPECT_EQ(*Folder().PathOf("x"), root_ + "/a/state/patform/x");
  variables_["XDG_STATE_HOME"] = "relative";
  EXPECT_EQ(*Folder().PathOf("x"), "/home/ada/.local/state/patform/x");
  variables_.erase("XDG_STATE_HOME");
  EXPECT_EQ(*Folder().PathOf("x"), "/home/ada/.local/state/patform/x");
  variables_.erase("HOME");
  EXPECT_EQ(Folder().PathOf("x").status(),
            absl::FailedPreconditionError(
                "there is no place to keep a sign-in: neither XDG_STATE_HOME "
                "nor HOME names a directory"));
}

TEST_F(StateFolderTest, RefusesWhatOthersCanRead) {
  ASSERT_TRUE(Put("one").ok());
  ASSERT_EQ(chmod((root_ + "/a/state/patform/one.json").c_str(), 0640), 0);
  EXPECT_EQ(Read(),
            "\"ROOT/a/state/patform/one.json\" can be read by other users "
            "(mode 0640): the sign-in in it may be known to them. Sign out "
            "and in again (`patform logout`, `patform login`)");
  // Which the advice needs.
  EXPECT_TRUE(Folder().Remove("one.json").ok());
  EXPECT_EQ(Read(), "nothing");
}

TEST_F(StateFolderTest, FollowsNoLinkAndTakesNoFolderOfOthers) {
  ASSERT_TRUE(Put("one").ok());
  const std::string folder = root_ + "/a/state/patform";
  ASSERT_EQ(rename((folder + "/one.json").c_str(), (root_ + "/real").c_str()),
            0);
  ASSERT_EQ(symlink((root_ + "/real").c_str(), (folder + "/one.json").c_str()),
            0);
  const std::string link =
      "\"ROOT/a/state/patform/one.json\" is a symbolic link. patform does not "
      "follow links where it keeps secrets: remove it, or deliver to the file "
      "that it names.";
  EXPECT_EQ(Read(), link);
  EXPECT_EQ(Shown(Put("two")), link);
  EXPECT_EQ(ReadFileText(root_ + "/real"), "one");
  EXPECT_TRUE(Folder().Remove("one.json").ok());
  EXPECT_EQ(ReadFileText(root_ + "/real"), "one");  // the link went

  ASSERT_EQ(chmod(folder.c_str(), 0770), 0);
  EXPECT_EQ(Read(),
            "\"ROOT/a/state/patform\" can be written by other users (mode "
            "0770), who could redirect the secrets in it. Run: chmod go-w "
            "\"ROOT/a/state/patform\"");
}

TEST_F(StateFolderTest, WhatARunThatDiedLeftGoesWithTheSignIn) {
  ASSERT_TRUE(Put("one").ok());
  WriteFileText(
      root_ + "/a/state/patform/.one.json.patform-tmp-0123456789abcdef",
      "half of a secret");
  EXPECT_TRUE(Folder().Remove("one.json").ok());
  EXPECT_EQ(FilesWith("secret"), "a/state/patform/.gitignore");
  EXPECT_TRUE(absl::IsNotFound(Folder().Remove("one.json")));
}

TEST_F(StateFolderTest, OneRunAtATimeHasTheLock) {
  StateFolder one = Folder();
  StateFolder other = Folder();
  absl::StatusOr<std::shared_ptr<void>> held =
      one.Lock("one.json", After(clock_, absl::Seconds(1)));
  ASSERT_TRUE(held.ok()) << held.status();
  // That of another sign-in does not matter.
  EXPECT_TRUE(other.Lock("two.json", After(clock_, absl::Seconds(1))).ok());
  const Deadline until = After(clock_, absl::Seconds(10));
  const absl::Status late = other.Lock("one.json", until).status();
  EXPECT_EQ(late.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(Shown(late),
            "another run of patform was renewing this sign-in until the time "
            "was up (it holds \"ROOT/a/state/patform/one.json.lock\"). Run "
            "patform again");
  EXPECT_GE(clock_.Monotonic(), until);  // it waited
  held->reset();
  EXPECT_TRUE(other.Lock("one.json", After(clock_, absl::Seconds(1))).ok());
}

TEST_F(StateFolderTest, ASignalEndsTheWaitForTheLock) {
  class Interrupted : public FakeClock {
   public:
    Interrupted() : FakeClock(absl::UnixEpoch()) {}
    bool SleepUntil(Deadline) override { return false; }
  };
  Interrupted clock;
  StateFolder one = Folder();
  StateFolder other([this](const std::string&) { return root_ + "/a/state"; },
                    clock);
  const auto held = one.Lock("one.json", After(clock_, absl::Seconds(1)));
  ASSERT_TRUE(held.ok());
  EXPECT_TRUE(absl::IsCancelled(
      other.Lock("one.json", After(clock, absl::Seconds(9))).status()));
}

}  // namespace
}  // namespace patform::sinks
