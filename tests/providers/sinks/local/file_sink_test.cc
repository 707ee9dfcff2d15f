#include "providers/sinks/local/file_sink.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <set>

#include "tests/providers/sinks/testing.h"

namespace patform::sinks {
namespace {

using Code = absl::StatusCode;

class FileSinkTest : public TempDirTest {
 protected:
  void SetUp() override {
    TempDirTest::SetUp();
    sink_ = std::make_unique<FileSink>(root_, FileSink::Options{});
  }

  std::string Read(const std::string& at) {
    // The sink and the plan's reader never differ.
    FileReader reader(root_);
    const std::string by_reader = Show(reader.Read(At(at), Soon()));
    EXPECT_EQ(Show(sink_->Read(At(at), Soon())), by_reader);
    return by_reader;
  }
  absl::StatusOr<std::string> Put(const std::string& at, int generation,
                                  const std::string& expected) {
    return sink_->Put(At(at), Secret(FakeToken(generation)),
                      RecordOf(generation, At(at)), expected, Soon());
  }
  std::string Path(const std::string& at) const { return root_ + "/" + at; }

  std::unique_ptr<FileSink> sink_;
};

TEST_F(FileSinkTest, CreatesAndReplaces) {
  EXPECT_EQ(Read("ci/packaging"), "absent");
  const auto first = Put("ci/packaging", 1, "");
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(Read("ci/packaging"), "present 1");
  EXPECT_EQ(ReadFileText(Path("ci/packaging")), FakeToken(1));
  EXPECT_EQ(ModeOf(Path("ci/packaging")), 0600u);
  EXPECT_EQ(ModeOf(Path("ci/.packaging.patform.json")), 0600u);
  const HeldRecord held = sink_->Read(At("ci/packaging"), Soon());
  EXPECT_EQ(held.version, *first);
  EXPECT_EQ(*held.record, RecordOf(1, At("ci/packaging")));

  const auto second = Put("ci/packaging", 2, *first);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_NE(*first, *second);
  EXPECT_EQ(Read("ci/packaging"), "present 2");
  EXPECT_EQ(ReadFileText(Path("ci/packaging")), FakeToken(2));
  EXPECT_EQ(Tree(), "ci ci/.gitignore ci/.packaging.patform.json ci/packaging");
  EXPECT_EQ(FilesWith(FakeToken(2)), "ci/packaging");
  EXPECT_EQ(FilesWith(FakeToken(1)), "");
}

TEST_F(FileSinkTest, NewlineAndModeWhateverTheUmask) {
  FileSink sink(root_, {.newline = true, .mode = 0640});
  const mode_t old = umask(0777);
  const auto put =
      sink.Put(At("a"), Secret(FakeToken(1)), RecordOf(1, At("a")), "", Soon());
  umask(old);
  ASSERT_TRUE(put.ok()) << put.status();
  EXPECT_EQ(ReadFileText(Path("a")), FakeToken(1) + "\n");
  EXPECT_EQ(ModeOf(Path("a")), 0640u);
  EXPECT_EQ(ModeOf(Path(".a.patform.json")), 0600u);
}

TEST_F(FileSinkTest, RefusesWhenTheVersionMoved) {
  const auto first = Put("a", 1, "");
  for (const std::string& expected : {std::string(), std::string("1-2.3")}) {
    const auto put = Put("a", 2, expected);
    EXPECT_EQ(put.status().code(), Code::kAborted);
    EXPECT_EQ(put.status().message(),
              "\"" + Path("a") +
                  "\" has changed since it was read. Nothing was written; "
                  "patform reads it again and decides again.");
  }
  const auto gone = Put("b", 2, *first);
  EXPECT_EQ(gone.status().code(), Code::kAborted);
  EXPECT_EQ(Read("a"), "present 1");
  EXPECT_EQ(Tree(), ".a.patform.json a");
  EXPECT_EQ(FilesWith(FakeToken(2)), "");
}

TEST_F(FileSinkTest, ForeignValuesAreSeenAndMayBeTakenOver) {
  WriteFileText(Path("a"), "by hand", fs::perms(0644));
  const HeldRecord held = sink_->Read(At("a"), Soon());
  EXPECT_EQ(Show(held), "foreign");
  EXPECT_EQ(held.why.message(),
            "\"" + Path("a") +
                "\" holds a value that patform did not write, or that was "
                "changed since. Move the file away, deliver to another "
                "address, or set adopt = true on this delivery to replace it.");
  EXPECT_EQ(Put("a", 1, "").status().code(), Code::kAborted);
  EXPECT_EQ(ReadFileText(Path("a")), "by hand");
  ASSERT_TRUE(Put("a", 1, held.version).ok());
  EXPECT_EQ(Read("a"), "present 1");
  // A mode that is too wide for a secret is not kept.
  EXPECT_EQ(ModeOf(Path("a")), 0600u);
}

TEST_F(FileSinkTest, ASecretThatWasEditedIsForeign) {
  ASSERT_TRUE(Put("a", 1, "").ok());
  std::string edited = FakeToken(1);
  edited[0] = 'N';  // the same length
  WriteFileText(Path("a"), edited);
  EXPECT_EQ(Read("a"), "foreign");
}

TEST_F(FileSinkTest, RecordsThatCannotBeReadAreNoRecords) {
  ASSERT_TRUE(Put("a", 1, "").ok());
  for (const char* text : {"", "{", "[]", "{\"entries\":[{}]}",
                           "{\"entries\":[{\"version\":1,\"record\":{}}]}"}) {
    WriteFileText(Path(".a.patform.json"), text);
    EXPECT_EQ(Read("a"), "foreign") << text;
  }
  fs::remove(Path(".a.patform.json"));
  EXPECT_EQ(Read("a"), "foreign");
  fs::create_symlink("x", Path(".a.patform.json"));
  EXPECT_EQ(Read("a"),
            "unknown: \"" + Path(".a.patform.json") +
                "\" is a symbolic link. patform does not follow links where it "
                "keeps secrets: remove it, or deliver to the file that it "
                "names.");
}

// A run may stop between any two steps; each leaves one of these behind.
TEST_F(FileSinkTest, StoppedAfterTheTemporaryFiles) {
  const auto first = Put("a", 1, "");
  WriteFileText(Path(".a.patform-tmp-0123456789abcdef"), FakeToken(2));
  WriteFileText(Path("..a.patform.json.patform-tmp-0123456789abcdef"), "{}");
  EXPECT_EQ(Read("a"), "present 1");
  // Another run clears up with its first write in that directory.
  FileSink next(root_, {});
  ASSERT_TRUE(
      next.Put(At("b"), Secret(FakeToken(3)), RecordOf(3, At("b")), "", Soon())
          .ok());
  EXPECT_EQ(Tree(), ".a.patform.json .b.patform.json a b");
  EXPECT_EQ(FilesWith(FakeToken(2)), "");
}

// A run that has nothing to write clears up as well, but for what a living
// run has there, and a plan leaves everything as it is.
TEST_F(FileSinkTest, LeftoversGoWithARead) {
  ASSERT_TRUE(Put("a", 1, "").ok());
  WriteFileText(Path(".a.patform-tmp-0123456789abcdef"), FakeToken(2));
  FileReader reader(root_);
  EXPECT_EQ(Show(reader.Read(At("a"), Soon())), "present 1");
  EXPECT_EQ(FilesWith(FakeToken(2)), ".a.patform-tmp-0123456789abcdef");

  FileSink next(root_, {});
  {
    const Fd living = OpenAt(AT_FDCWD, root_, O_RDONLY | O_DIRECTORY);
    ASSERT_TRUE(Lock(living.get(), root_, Soon()).ok());
    EXPECT_EQ(Show(next.Read(At("a"), Soon())), "present 1");
    EXPECT_EQ(FilesWith(FakeToken(2)), ".a.patform-tmp-0123456789abcdef");
  }
  EXPECT_EQ(Show(next.Read(At("a"), Soon())), "present 1");
  EXPECT_EQ(Tree(), ".a.patform.json a");
}

TEST_F(FileSinkTest, StoppedBetweenTheTwoRenames) {
  const auto first = Put("a", 1, "");
  ASSERT_TRUE(first.ok());
  const std::string before = ReadFileText(Path("a"));
  struct stat info;
  ASSERT_EQ(stat(Path("a").c_str(), &info), 0);
  ASSERT_TRUE(Put("a", 2, *first).ok());
  // The record is the new one; put the data back as it was.
  WriteFileText(Path("a"), before);
  const timespec times[2] = {info.st_mtim, info.st_mtim};
  ASSERT_EQ(utimensat(AT_FDCWD, Path("a").c_str(), times, 0), 0);
  EXPECT_EQ(Read("a"), "present 1");
  // And on from there.
  ASSERT_TRUE(Put("a", 3, *first).ok());
  EXPECT_EQ(Read("a"), "present 3");
}

TEST_F(FileSinkTest, StoppedBeforeTheFirstDataFile) {
  ASSERT_TRUE(Put("a", 1, "").ok());
  fs::remove(Path("a"));
  EXPECT_EQ(Read("a"), "absent");
  ASSERT_TRUE(Put("a", 2, "").ok());
  EXPECT_EQ(Read("a"), "present 2");
}

TEST_F(FileSinkTest, CheckLeavesNothingBehind) {
  EXPECT_TRUE(sink_->Check(At("x/y/z"), Soon()).ok());
  EXPECT_EQ(Tree(), "");
  fs::create_directory(Path("z"));
  EXPECT_EQ(sink_->Check(At("z"), Soon()).message(),
            "\"" + Path("z") +
                "\" is a directory, not a file. Change the address, or move it "
                "away.");
  Delivery keyed = At("a", "KEY");
  EXPECT_EQ(sink_->Check(keyed, Soon()).message(),
            "the delivery to \"s:a#KEY\" has a key, but a sink of type "
            "\"file\" keeps one secret per file. Remove `key`, or use a sink "
            "of type \"dotenv\".");
  EXPECT_EQ(sink_->Check(At("../a"), Soon()).code(), Code::kInvalidArgument);
}

TEST_F(FileSinkTest, LinksAreRefusedAndNotFollowed) {
  fs::create_directory(Path("elsewhere"));
  fs::permissions(Path("elsewhere"), fs::perms::owner_all);
  fs::create_symlink("elsewhere/a", Path("a"));
  EXPECT_EQ(Put("a", 1, "").status().code(), Code::kFailedPrecondition);
  EXPECT_EQ(Tree(), "a elsewhere");
}

TEST_F(FileSinkTest, NothingIsWrittenWhenTheTimeIsUp) {
  ASSERT_TRUE(Put("a", 1, "").ok());
  const HeldRecord held = sink_->Read(At("a"), Soon());
  const auto put = sink_->Put(At("a"), Secret(FakeToken(2)),
                              RecordOf(2, At("a")), held.version, Past());
  EXPECT_EQ(put.status().code(), Code::kDeadlineExceeded);
  EXPECT_EQ(Read("a"), "present 1");
  EXPECT_EQ(Tree(), ".a.patform.json a");
  EXPECT_EQ(FilesWith(FakeToken(2)), "");
}

TEST_F(FileSinkTest, ALockThatIsHeldIsWaitedForAndThenGivenUp) {
  const int fd = open(root_.c_str(), O_RDONLY | O_DIRECTORY);
  ASSERT_EQ(flock(fd, LOCK_EX), 0);
  const auto put = sink_->Put(At("a"), Secret(FakeToken(1)),
                              RecordOf(1, At("a")), "", Past());
  close(fd);
  EXPECT_EQ(put.status().code(), Code::kDeadlineExceeded);
  EXPECT_EQ(put.status().message(),
            "the directory \"" + root_ +
                "\" is locked by another run of patform and the time for this "
                "step is up. Nothing was written; run patform again when the "
                "other is done.");
}

TEST_F(FileSinkTest, RemovesWhatIsUnchanged) {
  const auto put = Put("ci/a", 1, "");
  ASSERT_TRUE(put.ok());
  EXPECT_EQ(sink_->Remove(At("ci/a"), "another", Soon()).code(),
            Code::kAborted);
  EXPECT_EQ(Read("ci/a"), "present 1");
  EXPECT_TRUE(sink_->Remove(At("ci/a"), *put, Soon()).ok());
  EXPECT_EQ(Tree(), "ci ci/.gitignore");
  EXPECT_EQ(sink_->Remove(At("ci/a"), *put, Soon()).code(), Code::kNotFound);
  EXPECT_EQ(sink_->Remove(At("none/a"), "", Soon()).code(), Code::kNotFound);
  // What somebody wrote there since is theirs.
  const auto again = Put("ci/a", 2, "");
  WriteFileText(Path("ci/a"), "by hand");
  EXPECT_EQ(sink_->Remove(At("ci/a"), *again, Soon()).code(), Code::kAborted);
  EXPECT_EQ(ReadFileText(Path("ci/a")), "by hand");
}

TEST_F(FileSinkTest, FindsEveryRecordBelowTheRoot) {
  for (const char* at : {"a", "ci/b", "ci/deep/c"}) {
    ASSERT_TRUE(Put(at, 1, "").ok());
  }
  WriteFileText(Path("by-hand"), "x");
  WriteFileText(Path("ci/b"), "edited since");
  fs::create_directory_symlink(Path("ci"), Path("link"));
  std::string found;
  for (const StrayPlace& each : FileReader(root_).Recorded({}, Soon())) {
    absl::StrAppend(&found, each.place.at, " ", Show(each.held), ";");
  }
  EXPECT_EQ(found, "a present 1;ci/deep/c present 1;");
}

TEST_F(FileSinkTest, VersionsNeverRepeat) {
  std::set<std::string> seen;
  std::string version;
  for (int i = 1; i <= 60; ++i) {
    const auto put = Put("a", i, version);
    ASSERT_TRUE(put.ok()) << put.status();
    version = *put;
    EXPECT_TRUE(seen.insert(version).second);
  }
}

}  // namespace
}  // namespace patform::sinks
