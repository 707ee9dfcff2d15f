// The order of the calls that change files, and what each failure of one, or
// another program in front of it, comes to: the same for both sinks.
#include <errno.h>
#include <fcntl.h>
#include <gtest/gtest.h>

#include <memory>

#include "absl/strings/str_join.h"
#include "providers/sinks/local/dotenv_sink.h"
#include "providers/sinks/local/file_sink.h"
#include "tests/providers/sinks/system_calls.h"
#include "tests/providers/sinks/testing.h"

namespace patform::sinks {
namespace {

using Code = absl::StatusCode;

class CallsTest : public TempDirTest, public testing::WithParamInterface<bool> {
 protected:
  void SetUp() override {
    TempDirTest::SetUp();
    Begin();
  }
  // An empty store and a run that has not looked at it.
  void Begin() {
    fs::remove_all(root_);
    fs::create_directory(root_);
    fs::permissions(root_, fs::perms(0700));
    path_ = root_ + (dotenv() ? "/.env" : "/a");
    place_ = dotenv() ? At(".env", "KEY") : At("a");
    if (dotenv()) {
      sink_ = std::make_unique<DotenvSink>(root_);
    } else {
      sink_ = std::make_unique<FileSink>(root_, FileSink::Options{});
    }
  }
  bool dotenv() const { return GetParam(); }
  absl::StatusOr<std::string> Put(int generation, const std::string& expected) {
    return sink_->Put(place_, Secret(FakeToken(generation)),
                      RecordOf(generation, place_), expected, Soon());
  }
  std::string Read() { return Show(sink_->Read(place_, Soon())); }
  // The call that makes the change.
  bool IsCommit(const std::string& call) const {
    const std::string end = dotenv() ? " .env" : " a";
    return call.ends_with("->" + end) || call.ends_with("<->" + end);
  }
  // Another program, in front of the commit, once.
  std::function<int(const std::string&)> InFrontOfIt(
      std::function<void()> other) {
    return [this, other, done = false](const std::string& call) mutable {
      if (IsCommit(call) && !std::exchange(done, true)) other();
      return 0;
    };
  }

  std::string path_;
  Delivery place_;
  std::unique_ptr<SecretSink> sink_;
};

// A kill loses nothing that was not put on disk; a power cut does.
TEST_P(CallsTest, ContentThenNameThenFolderGoToTheDisk) {
  const auto calls = [this](int generation, const std::string& expected) {
    SystemCalls seen;
    EXPECT_TRUE(Put(generation, expected).ok());
    return absl::StrJoin(seen.log, "\n");
  };
  const std::string record =
      "write ..a.patform.json\nfchmod ..a.patform.json\n"
      "fsync ..a.patform.json\nrename ..a.patform.json -> .a.patform.json\n"
      "fsync /\n";
  EXPECT_EQ(calls(1, ""), dotenv() ? "write ..env\nfchmod ..env\nfsync ..env\n"
                                     "rename ..env -> .env\nfsync /"
                                   : "write .a\nfchmod .a\nfsync .a\n" +
                                         record + "rename .a -> a\nfsync /");
  EXPECT_EQ(calls(2, sink_->Read(place_, Soon()).version),
            dotenv() ? "write ..env\nfchmod ..env\nfsync ..env\n"
                       "exchange ..env <-> .env\nunlink ..env\nfsync /"
                     : "write .a\nfchmod .a\nfsync .a\n" + record +
                           "exchange .a <-> a\nunlink .a\nfsync /");
  EXPECT_EQ(Read(), "present 2");
}

// What each errno of the commit says of it, and of what is done already.
TEST_P(CallsTest, ACommitThatIsSaidToHaveFailed) {
  const struct {
    int error;
    bool done;
    Code code;
  } rows[] = {
      {EIO, true, Code::kUnknown},
      {ENOENT, true, Code::kUnknown},
      {EEXIST, true, Code::kUnknown},
      {ESTALE, true, Code::kUnknown},
      {EINTR, true, Code::kUnknown},
      {EIO, false, Code::kUnknown},
      {ESTALE, false, Code::kUnknown},
      {ENOSPC, false, Code::kFailedPrecondition},
      {EDQUOT, false, Code::kFailedPrecondition},
      {EROFS, false, Code::kFailedPrecondition},
      {EACCES, false, Code::kPermissionDenied},
      {EPERM, false, Code::kPermissionDenied},
  };
  for (const auto& row : rows) {
    for (const bool first : {true, false}) {
      Begin();
      const std::string version = first ? "" : *Put(1, "");
      absl::StatusOr<std::string> put;
      {
        SystemCalls calls;
        (row.done ? calls.after : calls.before) = [&](const std::string& call) {
          return IsCommit(call) ? row.error : 0;
        };
        put = Put(2, version);
      }
      EXPECT_EQ(put.status().code(), row.code)
          << row.error << row.done << first << put.status();
      EXPECT_EQ(Read(), row.done ? "present 2"
                        : first  ? "absent"
                                 : "present 1")
          << row.error << first;
    }
  }
}

TEST_P(CallsTest, AFolderThatIsNotPutOnDisk) {
  const std::string version = *Put(1, "");
  SystemCalls calls;
  bool renamed = false;
  calls.before = [&](const std::string& call) {
    renamed = renamed || IsCommit(call);
    return renamed && call == "fsync /" ? EIO : 0;
  };
  EXPECT_EQ(Put(2, version).status().code(), Code::kUnknown);
}

TEST_P(CallsTest, ContentThatIsNotPutOnDiskIsNotCommitted) {
  const std::string version = *Put(1, "");
  {
    SystemCalls calls;
    calls.before = [&](const std::string& call) {
      return call.starts_with("fsync .") ? EIO : 0;
    };
    EXPECT_EQ(Put(2, version).status().code(), Code::kUnavailable);
    for (const std::string& call : calls.log) EXPECT_FALSE(IsCommit(call));
  }
  EXPECT_EQ(Read(), "present 1");
}

// A program that knows no lock comes between the last look and the rename:
// what it made of the place stays, and nothing of ours does.
TEST_P(CallsTest, AnotherProgramInFrontOfTheRename) {
  const std::string text = dotenv() ? "KEY=theirs\n" : "theirs";
  const struct {
    const char* name;
    bool first;
    std::function<void()> other;
    std::string there;
  } rows[] = {
      {"creates it", true, [&] { WriteFileText(path_, text); }, text},
      {"writes it", false, [&] { WriteFileText(path_, text); }, text},
      {"replaces it", false,
       [&] {
         WriteFileText(path_ + "~", text);
         fs::rename(path_ + "~", path_);
       },
       text},
      {"removes it", false, [&] { fs::remove(path_); }, ""},
  };
  for (const auto& row : rows) {
    Begin();
    const std::string version = row.first ? "" : *Put(1, "");
    {
      SystemCalls calls;
      calls.before = InFrontOfIt(row.other);
      EXPECT_EQ(Put(2, version).status().code(), Code::kAborted) << row.name;
    }
    EXPECT_EQ(ReadFileText(path_), row.there) << row.name;
    EXPECT_EQ(FilesWith(FakeToken(2)), "") << row.name;
  }
}

// It comes earlier, while the new content is put on disk.
TEST_P(CallsTest, AnotherProgramSinceThePlaceWasRead) {
  const std::string version = *Put(1, "");
  {
    SystemCalls calls;
    bool done = false;
    calls.before = [&](const std::string& call) {
      if (call.starts_with("fsync .") && !std::exchange(done, true)) {
        WriteFileText(path_, "KEY=theirs");
      }
      return 0;
    };
    EXPECT_EQ(Put(2, version).status().code(), Code::kAborted);
    EXPECT_TRUE(done);
  }
  EXPECT_EQ(ReadFileText(path_), "KEY=theirs");
  EXPECT_EQ(FilesWith(FakeToken(2)), "");
}

// It comes a second time, in front of the rename that puts its work back.
TEST_P(CallsTest, AnotherProgramTwice) {
  const std::string version = *Put(1, "");
  {
    SystemCalls calls;
    int turn = 0;
    calls.before = [&](const std::string& call) {
      if (IsCommit(call) && ++turn <= 2) {
        WriteFileText(path_ + "~", "KEY=theirs" + std::to_string(turn));
        fs::rename(path_ + "~", path_);
      }
      return 0;
    };
    EXPECT_EQ(Put(2, version).status().code(), Code::kAborted);
  }
  EXPECT_EQ(ReadFileText(path_), "KEY=theirs2");
  EXPECT_EQ(FilesWith(FakeToken(2)), "");
}

// Where there is no such rename, the last look is right before the plain one.
TEST_P(CallsTest, AFileSystemThatDoesNotExchange) {
  std::string version;
  for (int generation = 1; generation < 3; ++generation) {
    SystemCalls calls;
    bool refused = false;
    calls.before = [&](const std::string& call) {
      return IsCommit(call) && !std::exchange(refused, true) ? EINVAL : 0;
    };
    const auto put = Put(generation, version);
    ASSERT_TRUE(put.ok()) << put.status();
    version = *put;
    EXPECT_TRUE(calls.log[calls.log.size() - 2].starts_with("rename "));
  }
  EXPECT_EQ(Read(), "present 2");
  {
    SystemCalls calls;
    calls.before = [&](const std::string& call) {
      if (!call.starts_with("exchange")) return 0;
      WriteFileText(path_, "KEY=theirs");
      return EINVAL;
    };
    EXPECT_EQ(Put(3, version).status().code(), Code::kAborted);
  }
  EXPECT_EQ(ReadFileText(path_), "KEY=theirs");
}

// Nobody else may read the secret before its mode is set, and no program that
// is started later has it open.
TEST_P(CallsTest, TheNewFileIsOfThisRunAlone) {
  SystemCalls calls;
  ASSERT_TRUE(Put(1, "").ok());
  EXPECT_EQ(absl::StrJoin(calls.creates, "\n"),
            dotenv() ? "..env 0600 new not-inherited"
                     : ".a 0600 new not-inherited\n"
                       "..a.patform.json 0600 new not-inherited");
}

TEST_P(CallsTest, ANewFolderIsOnDiskBeforeWhatIsInIt) {
  place_.at = "x/y/" + place_.at;
  SystemCalls calls;
  ASSERT_TRUE(Put(1, "").ok());
  calls.log.resize(7);
  EXPECT_EQ(absl::StrJoin(calls.log, ", "),
            "mkdir x, fsync /, write .gitignore, fchmod .gitignore, fsync "
            ".gitignore, mkdir y, fsync /");
}

TEST_P(CallsTest, ShortAndInterruptedCallsGoOn) {
  {
    SystemCalls calls;
    calls.most = 7;
    calls.before = [n = 0](const std::string& call) mutable {
      const bool slow = call.starts_with("write") || call.starts_with("fsync");
      return slow && ++n % 2 == 1 ? EINTR : 0;
    };
    ASSERT_TRUE(Put(1, "").ok());
  }
  EXPECT_EQ(Read(), "present 1");
  EXPECT_NE(ReadFileText(path_).find(FakeToken(1)), std::string::npos);
}

// The record is written first: whatever became of it, the secret is the old
// one, so that the new token can be ended.
TEST_P(CallsTest, ARecordThatMayHaveBeenReplaced) {
  if (dotenv()) return;  // it has none of its own
  for (const bool done : {false, true}) {
    Begin();
    const std::string version = *Put(1, "");
    {
      SystemCalls calls;
      (done ? calls.after : calls.before) = [&](const std::string& call) {
        return call.ends_with(" .a.patform.json") ? EIO : 0;
      };
      EXPECT_EQ(Put(2, version).status().code(), Code::kUnavailable);
    }
    EXPECT_EQ(Read(), "present 1");
    EXPECT_EQ(FilesWith(FakeToken(2)), "");
  }
}

// What tells one content from another, each alone.
TEST_P(CallsTest, AnotherProgramThatHidesItsWork) {
  struct stat seen = {};
  const auto with_times = [&](const std::string& path, long later) {
    timespec times[2] = {seen.st_atim, seen.st_mtim};
    times[1].tv_nsec = (times[1].tv_nsec + later) % 1'000'000'000;
    ASSERT_EQ(utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
  };
  const struct {
    const char* name;
    std::function<void(std::string text)> other;
  } rows[] = {
      {"in the same second",
       [&](std::string text) {
         text[0] = text[0] == '#' ? '!' : '#';
         WriteFileText(path_, text);
         with_times(path_, 1);
       }},
      {"with the times of what was there",
       [&](const std::string& text) {
         WriteFileText(path_ + "~", text);
         with_times(path_ + "~", 0);
         fs::rename(path_ + "~", path_);
       }},
      {"longer, with the times of what was there",
       [&](const std::string& text) {
         WriteFileText(path_, text + "#");
         with_times(path_, 0);
       }},
  };
  for (const auto& row : rows) {
    Begin();
    const std::string version = *Put(1, "");
    std::string theirs;
    {
      SystemCalls calls;
      calls.before = InFrontOfIt([&] {
        ASSERT_EQ(stat(path_.c_str(), &seen), 0);
        row.other(ReadFileText(path_));
        theirs = ReadFileText(path_);
      });
      EXPECT_EQ(Put(2, version).status().code(), Code::kAborted) << row.name;
    }
    EXPECT_EQ(ReadFileText(path_), theirs) << row.name;
    EXPECT_EQ(FilesWith(FakeToken(2)), "") << row.name;
  }
}

INSTANTIATE_TEST_SUITE_P(Sinks, CallsTest, testing::Bool(),
                         [](const auto& param) {
                           return param.param ? "Dotenv" : "File";
                         });

}  // namespace
}  // namespace patform::sinks
