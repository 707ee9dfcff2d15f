#include "providers/sinks/local/commit.h"

#include <sys/file.h>

#include "providers/sinks/local/dotenv_sink.h"
#include "providers/sinks/local/file_sink.h"
#include "tests/providers/sinks/testing.h"

namespace patform::sinks {
namespace {

TEST(IsTemporaryTest, NamesOfOursAlone) {
  const std::string hex = "0123456789abcdef";
  const struct {
    std::string name;
    bool ours;
  } rows[] = {
      {".a.patform-tmp-" + hex, true},
      {"..env.patform-tmp-" + hex, true},
      {"..a.patform.json.patform-tmp-" + hex, true},
      {"." + std::string(200, 'n') + ".patform-tmp-" + hex, true},
      {".a.patform-tmp-x.patform-tmp-" + hex, true},
      {"a.patform-tmp-" + hex, false},
      {".patform-tmp-" + hex, false},
      {".a.patform-tmp-", false},
      {".a.patform-tmp-backup", false},
      {".a.patform-tmp-0123456789ABCDEF", false},
      {".a.patform-tmp-" + hex + "0", false},
      {".a.patform-tmp-" + hex.substr(1), false},
      {".a.patform-tmp-" + hex + "~", false},
      {".a.patform-tmp_" + hex, false},
      {"", false},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(IsTemporary(row.name), row.ours) << row.name;
  }
}

class TidyTest : public TempDirTest {
 protected:
  // One in each directory, as runs that died leave them.
  void Leave(const std::string& directory) {
    fs::create_directories(root_ + "/" + directory);
    for (const char* name :
         {"/.gone.patform-tmp-0123456789abcdef",
          "/..env.patform-tmp-fedcba9876543210",
          "/..gone.patform.json.patform-tmp-0000000000000000"}) {
      WriteFileText(root_ + "/" + directory + name, FakeToken(1));
    }
  }
};

// In places that nobody names any more, whichever sink it was.
TEST_F(TidyTest, AllBelowTheRoot) {
  for (int kind = 0; kind < 2; ++kind) {
    for (const char* directory : {".", "a", "a/b/c", "with space/x"}) {
      Leave(directory);
    }
    WriteFileText(root_ + "/a/.notes.patform-tmp-mine", "keep");
    fs::create_directory(root_ + "/a/.d.patform-tmp-0123456789abcdef");
    if (kind == 0) FileSink(root_, {}).Tidy({}, Soon());
    if (kind == 1) DotenvSink(root_).Tidy({}, Soon());
    EXPECT_EQ(Tree(),
              "a a/.d.patform-tmp-0123456789abcdef a/.notes.patform-tmp-mine "
              "a/b a/b/c with space with space/x");
  }
}

TEST_F(TidyTest, NothingOfALivingRunAndNothingElsewhere) {
  Leave("living");
  Leave("dead");
  const std::string outside = root_ + "/outside";
  Leave("outside");
  fs::create_directory(root_ + "/store");
  fs::rename(root_ + "/living", root_ + "/store/living");
  fs::rename(root_ + "/dead", root_ + "/store/dead");
  fs::create_directory_symlink(outside, root_ + "/store/link");
  fs::create_symlink(outside + "/.gone.patform-tmp-0123456789abcdef",
                     root_ + "/store/.l.patform-tmp-0123456789abcdef");
  const std::string living = root_ + "/store/living";
  const Fd fd = OpenAt(AT_FDCWD, living, O_RDONLY | O_DIRECTORY);
  ASSERT_TRUE(Lock(fd.get(), living, Soon()).ok());
  FileSink(root_ + "/store", {}).Tidy({}, Past());
  EXPECT_TRUE(
      fs::exists(root_ + "/store/dead/.gone.patform-tmp-0123456789abcdef"));
  FileSink(root_ + "/store", {}).Tidy({}, Soon());
  EXPECT_EQ(Tree(),  // resolves links
            "outside outside/..env.patform-tmp-fedcba9876543210 "
            "outside/..gone.patform.json.patform-tmp-0000000000000000 "
            "outside/.gone.patform-tmp-0123456789abcdef store store/dead "
            "store/living store/living/..env.patform-tmp-fedcba9876543210 "
            "store/living/..gone.patform.json.patform-tmp-0000000000000000 "
            "store/living/.gone.patform-tmp-0123456789abcdef");
  EXPECT_TRUE(fs::is_symlink(root_ + "/store/.l.patform-tmp-0123456789abcdef"));
}

TEST_F(TidyTest, FilesOfOtherUsersStay) {
  if (geteuid() != 0) GTEST_SKIP() << "needs to give a file away";
  Leave(".");
  const std::string other = root_ + "/.gone.patform-tmp-0123456789abcdef";
  ASSERT_EQ(chown(other.c_str(), 12345, 12345), 0);
  FileSink(root_, {}).Tidy({}, Soon());
  EXPECT_EQ(Tree(), ".gone.patform-tmp-0123456789abcdef");
}

}  // namespace
}  // namespace patform::sinks
