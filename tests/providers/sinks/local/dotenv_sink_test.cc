#include "providers/sinks/local/dotenv_sink.h"

#include <utility>

#include "tests/providers/sinks/system_calls.h"
#include "tests/providers/sinks/testing.h"

namespace patform::sinks {
namespace {

using Code = absl::StatusCode;

class DotenvSinkTest : public TempDirTest {
 protected:
  void SetUp() override {
    TempDirTest::SetUp();
    sink_ = std::make_unique<DotenvSink>(root_);
  }
  std::string Read(const std::string& at, const std::string& key) {
    DotenvReader reader(root_);
    const std::string by_reader = Show(reader.Read(At(at, key), Soon()));
    EXPECT_EQ(Show(sink_->Read(At(at, key), Soon())), by_reader);
    return by_reader;
  }
  absl::StatusOr<std::string> Put(const std::string& at, const std::string& key,
                                  int generation, const std::string& expected) {
    return sink_->Put(At(at, key), Secret(FakeToken(generation)),
                      RecordOf(generation, At(at, key)), expected, Soon());
  }
  std::string Path(const std::string& at) const { return root_ + "/" + at; }

  std::unique_ptr<DotenvSink> sink_;
};

TEST_F(DotenvSinkTest, SeveralTokensInOneFile) {
  EXPECT_EQ(Read("app/.env", "ONE"), "absent");
  const auto one = Put("app/.env", "ONE", 1, "");
  ASSERT_TRUE(one.ok()) << one.status();
  const auto two = Put("app/.env", "TWO", 2, "");
  ASSERT_TRUE(two.ok()) << two.status();
  // The other entry has come and the version of this one still holds.
  const auto three = Put("app/.env", "ONE", 3, *one);
  ASSERT_TRUE(three.ok()) << three.status();
  EXPECT_EQ(Read("app/.env", "ONE"), "present 3");
  EXPECT_EQ(Read("app/.env", "TWO"), "present 2");
  EXPECT_EQ(sink_->Read(At("app/.env", "ONE"), Soon()).version, *three);
  EXPECT_EQ(ModeOf(Path("app/.env")), 0600u);
  EXPECT_EQ(Tree(), "app app/.env app/.gitignore");
  EXPECT_EQ(FilesWith(FakeToken(1)), "");
}

// What a run that died has left holds every secret of the file.
TEST_F(DotenvSinkTest, LeftoversGoWithARead) {
  ASSERT_TRUE(Put(".env", "ONE", 1, "").ok());
  WriteFileText(Path("..env.patform-tmp-0123456789abcdef"), FakeToken(2));
  DotenvReader reader(root_);
  EXPECT_EQ(Show(reader.Read(At(".env", "ONE"), Soon())), "present 1");
  EXPECT_EQ(FilesWith(FakeToken(2)), "..env.patform-tmp-0123456789abcdef");
  DotenvSink next(root_);
  EXPECT_EQ(Show(next.Read(At(".env", "ONE"), Soon())), "present 1");
  EXPECT_EQ(Tree(), ".env");
}

TEST_F(DotenvSinkTest, CompareAndSet) {
  WriteFileText(Path(".env"), "# mine\nONE=by-hand\n");
  EXPECT_EQ(Read(".env", "ONE"), "foreign");
  const auto put = Put(".env", "ONE", 1, "");
  EXPECT_EQ(put.status().code(), Code::kAborted);
  EXPECT_EQ(put.status().message(),
            "ONE in \"" + Path(".env") +
                "\" has changed since it was read. Nothing was written; "
                "patform reads it again and decides again.");
  EXPECT_EQ(ReadFileText(Path(".env")), "# mine\nONE=by-hand\n");
  const std::string foreign = sink_->Read(At(".env", "ONE"), Soon()).version;
  ASSERT_TRUE(Put(".env", "ONE", 1, foreign).ok());
  EXPECT_EQ(Read(".env", "ONE"), "present 1");
  EXPECT_EQ(Tree(), ".env");
}

TEST_F(DotenvSinkTest, ModesAreKeptOrRefused) {
  WriteFileText(Path(".env"), "A=1\n", fs::perms(0644));
  const std::string want = "\"" + Path(".env") +
                           "\" is open to other users (mode 0644) and would "
                           "hold a secret. Run: chmod 600 \"" +
                           Path(".env") + "\"";
  EXPECT_EQ(sink_->Check(At(".env", "KEY"), Soon()).message(), want);
  EXPECT_EQ(Put(".env", "KEY", 1, "").status().message(), want);
  // Looking does no harm.
  EXPECT_EQ(Read(".env", "KEY"), "absent");
  ASSERT_EQ(chmod(Path(".env").c_str(), 0700), 0);
  ASSERT_TRUE(Put(".env", "KEY", 1, "").ok());
  EXPECT_EQ(ModeOf(Path(".env")), 0700u);
}

// Each bit of its own: one that is not asked for is a file that others read.
TEST_F(DotenvSinkTest, EveryPermissionOfOthersIsRefused) {
  for (mode_t bit = 1; bit <= S_IXUSR << 3; bit <<= 1) {
    WriteFileText(Path(".env"), "A=1\n");
    ASSERT_EQ(chmod(Path(".env").c_str(), 0600 | bit), 0);
    // A group may read it: somebody gave the file to one.
    const bool others = (bit & 0037) != 0;
    EXPECT_EQ(sink_->Check(At(".env", "KEY"), Soon()).ok(), !others)
        << ModeText(bit);
    const auto put = Put(".env", "KEY", 1, "");
    EXPECT_EQ(put.status().code(),
              others ? Code::kFailedPrecondition : Code::kOk)
        << ModeText(bit);
    EXPECT_EQ(FilesWith(FakeToken(1)), others ? "" : ".env") << ModeText(bit);
  }
}

TEST_F(DotenvSinkTest, CheckSaysWhatPutWould) {
  EXPECT_TRUE(sink_->Check(At("a/b/.env", "KEY"), Soon()).ok());
  EXPECT_EQ(Tree(), "");
  EXPECT_EQ(sink_->Check(At(".env"), Soon()).message(),
            "the delivery to \"s:.env\" has no key: a sink of type \"dotenv\" "
            "needs the name of a variable, letters, digits and _, such as key "
            "= \"NUGET_PAT\".");
  EXPECT_EQ(sink_->Check(At(".env", "A-B"), Soon()).message(),
            "the delivery to \"s:.env#A-B\" has a key that is not a name: a "
            "sink of type \"dotenv\" needs the name of a variable, letters, "
            "digits and _, such as key = \"NUGET_PAT\".");
  WriteFileText(Path(".env"), "KEY=1\nKEY=2\n");
  EXPECT_EQ(sink_->Check(At(".env", "KEY"), Soon()).code(),
            Code::kFailedPrecondition);
  EXPECT_TRUE(sink_->Check(At(".env", "OTHER"), Soon()).ok());
}

TEST_F(DotenvSinkTest, LargeFilesAreRefused) {
  WriteFileText(Path(".env"), std::string((1 << 20) + 1, '#'));
  EXPECT_EQ(Read(".env", "KEY"),
            "unknown: \"" + Path(".env") +
                "\" is larger than 1048576 bytes, more than patform reads. "
                "Deliver to another file.");
  WriteFileText(Path(".env"), std::string((1 << 20) - 100, '#'));
  const auto put = Put(".env", "KEY", 1, "");
  EXPECT_EQ(put.status().code(), Code::kResourceExhausted);
  EXPECT_EQ(put.status().message(),
            "\"" + Path(".env") +
                "\" would be larger than 1048576 bytes, more than patform "
                "reads. Deliver to another file.");
  EXPECT_EQ(Tree(), ".env");
}

TEST_F(DotenvSinkTest, NothingIsWrittenWhenTheTimeIsUp) {
  WriteFileText(Path(".env"), "A=1\n");
  const auto put = sink_->Put(At(".env", "KEY"), Secret(FakeToken(1)),
                              RecordOf(1, At(".env", "KEY")), "", Past());
  EXPECT_EQ(put.status().code(), Code::kDeadlineExceeded);
  EXPECT_EQ(put.status().message(),
            "the time for this step was up before \"" + Path(".env") +
                "\" could be replaced. Nothing was written; run patform "
                "again.");
  EXPECT_EQ(ReadFileText(Path(".env")), "A=1\n");
  EXPECT_EQ(Tree(), ".env");
}

TEST_F(DotenvSinkTest, TheReaderOfAPlanReadsEachFileOnce) {
  ASSERT_TRUE(Put(".env", "ONE", 1, "").ok());
  DotenvReader reader(root_);
  EXPECT_EQ(Show(reader.Read(At(".env", "ONE"), Soon())), "present 1");
  fs::remove(Path(".env"));
  EXPECT_EQ(Show(reader.Read(At(".env", "ONE"), Soon())), "present 1");
  EXPECT_EQ(Show(reader.Read(At(".env", "TWO"), Soon())), "absent");
  // A sink that is about to be written looks anew.
  EXPECT_EQ(Show(sink_->Read(At(".env", "ONE"), Soon())), "absent");
}

TEST_F(DotenvSinkTest, LinksAreRefused) {
  WriteFileText(Path("real"), "A=1\n");
  fs::create_symlink("real", Path(".env"));
  EXPECT_EQ(Put(".env", "KEY", 1, "").status().code(),
            Code::kFailedPrecondition);
  EXPECT_EQ(ReadFileText(Path("real")), "A=1\n");
}

// Each bit that lets others in is enough; a group may read.
TEST_F(DotenvSinkTest, OneBitIsEnough) {
  for (const mode_t bit : {0020, 0010, 0004, 0002, 0001}) {
    WriteFileText(Path(".env"), "A=1\n", fs::perms(0600 | bit));
    EXPECT_EQ(sink_->Check(At(".env", "KEY"), Soon()).code(),
              Code::kFailedPrecondition)
        << bit;
    EXPECT_EQ(Put(".env", "KEY", 1, "").status().code(),
              Code::kFailedPrecondition)
        << bit;
    EXPECT_EQ(ReadFileText(Path(".env")), "A=1\n");
  }
}

TEST_F(DotenvSinkTest, RemovesTheLineThatIsUnchanged) {
  WriteFileText(Path(".env"), "A=1\nONE= # first\nB=2\n");
  ASSERT_EQ(chmod(Path(".env").c_str(), 0640), 0);
  const auto one = Put(".env", "ONE", 1, "");
  ASSERT_TRUE(one.ok()) << one.status();
  EXPECT_EQ(sink_->Remove(At(".env", "ONE"), "another", Soon()).code(),
            Code::kAborted);
  EXPECT_EQ(Read(".env", "ONE"), "present 1");
  EXPECT_TRUE(sink_->Remove(At(".env", "ONE"), *one, Soon()).ok());
  EXPECT_EQ(ReadFileText(Path(".env")), "A=1\n# first\nB=2\n");
  EXPECT_EQ(ModeOf(Path(".env")), 0640u);
  EXPECT_EQ(sink_->Remove(At(".env", "ONE"), *one, Soon()).code(),
            Code::kNotFound);
  EXPECT_EQ(sink_->Remove(At("none/.env", "ONE"), *one, Soon()).code(),
            Code::kNotFound);
}

// A program that knows nothing of the lock, while the new text is put on disk.
TEST_F(DotenvSinkTest, RemovesNothingThatIsNotWhatItRead) {
  const auto one = Put(".env", "ONE", 1, "");
  ASSERT_TRUE(one.ok()) << one.status();
  SystemCalls calls;
  bool done = false;
  calls.before = [&](const std::string& call) {
    if (call.starts_with("fsync .") && !std::exchange(done, true)) {
      WriteFileText(Path(".env"), "ONE=theirs\n");
    }
    return 0;
  };
  const absl::Status removed = sink_->Remove(At(".env", "ONE"), *one, Soon());
  EXPECT_TRUE(done);
  EXPECT_EQ(removed.code(), Code::kAborted);
  EXPECT_EQ(removed.message(),
            "ONE in \"" + Path(".env") +
                "\" has changed since it was read. Nothing was written; "
                "patform reads it again and decides again.");
  EXPECT_EQ(ReadFileText(Path(".env")), "ONE=theirs\n");
}

// Files that nobody named are not looked into.
TEST_F(DotenvSinkTest, FindsTheRecordsOfKnownFiles) {
  ASSERT_TRUE(Put(".env", "ONE", 1, "").ok());
  ASSERT_TRUE(Put("app.env", "TWO", 2, "").ok());
  ASSERT_TRUE(Put("other.env", "THREE", 3, "").ok());
  std::string found;
  for (const StrayPlace& each :
       DotenvReader(root_).Recorded({"app.env", "none"}, Soon())) {
    absl::StrAppend(&found, each.place.at, "#", each.place.key, " ",
                    Show(each.held), ";");
  }
  EXPECT_EQ(found, ".env#ONE present 1;app.env#TWO present 2;");
}

}  // namespace
}  // namespace patform::sinks
