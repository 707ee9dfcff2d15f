#include "providers/sinks/local/directory.h"

#include <unistd.h>

#include "tests/providers/sinks/testing.h"

namespace patform::sinks {
namespace {

std::string Error(const absl::Status& status) {
  return status.ok() ? "ok" : std::string(status.message());
}

TEST(ParseFilePathTest, Addresses) {
  const auto place = ParseFilePath("ci/x y/täg");
  ASSERT_TRUE(place.ok());
  EXPECT_EQ(place->directories, (std::vector<std::string>{"ci", "x y"}));
  EXPECT_EQ(place->file, "täg");

  const std::string hint =
      ". Write a path below the sink's own directory, such as "
      "\"ci/packaging\".";
  const std::string long_name(201, 'a');
  const struct {
    std::string at, want;
  } rows[] = {
      {"", "the address \"\" is empty"},
      {"/etc/passwd",
       "the address \"/etc/passwd\" is absolute; it is taken from the sink's "
       "`path`"},
      {"a//b",
       "the address \"a//b\" has an empty part between two / or at an end"},
      {"a/", "the address \"a/\" has an empty part between two / or at an end"},
      {"a/../b",
       "the address \"a/../b\" has .. as a part: it stays below the sink's "
       "`path`"},
      {"..",
       "the address \"..\" has .. as a part: it stays below the sink's `path`"},
      {"./a",
       "the address \"./a\" has . as a part: it stays below the sink's `path`"},
      {std::string("a\0b", 3),
       "the address \"a\\x00b\" contains a control character"},
      {"a\nb", "the address \"a\\nb\" contains a control character"},
      {"a\x7f", "the address \"a\\x7f\" contains a control character"},
      {"a\xff", "the address \"a\\xff\" is not valid UTF-8"},
      {long_name, "the address \"" + long_name +
                      "\" has a part of 201 bytes; at most 200"},
      {".a.patform.json",
       "the address \".a.patform.json\" is a name that patform uses for its "
       "own files"},
      {"d/.a.patform-tmp-00",
       "the address \"d/.a.patform-tmp-00\" is a name that patform uses for "
       "its own files"},
  };
  for (const auto& row : rows) {
    const auto result = ParseFilePath(row.at);
    EXPECT_EQ(result.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(Error(result.status()), row.want + hint);
  }
}

TEST(NormalRootTest, Roots) {
  EXPECT_EQ(NormalRoot("/a/b/")->path, "/a/b");
  EXPECT_EQ(NormalRoot("/a/./.")->path, "/a");
  EXPECT_EQ(NormalRoot("/")->path, "/");
  EXPECT_EQ(NormalRoot(".")->path, ".");
  EXPECT_EQ(Error(NormalRoot("").status()),
            "the sink's path \"\" is empty. Name the directory that the sink "
            "keeps its files in.");
  EXPECT_EQ(Error(NormalRoot("a\nb").status()),
            "the sink's path \"a\\n"
            "b\" contains a control character. Name the directory that the "
            "sink keeps its files in.");
}

class DirectoryTest : public TempDirTest {
 protected:
  std::string Open(const std::string& root, const std::string& at) {
    const auto directory = OpenDirectory(root, *ParseFilePath(at));
    if (!directory.ok()) return Error(directory.status());
    return *directory ? "open" : "missing";
  }
};

TEST_F(DirectoryTest, MakesWhatIsMissingWhateverTheUmask) {
  const std::string base = root_ + "/secrets";
  EXPECT_EQ(Open(base, "a/b/c"), "missing");
  EXPECT_TRUE(CheckDirectory(base, *ParseFilePath("a/b/c")).ok());
  EXPECT_EQ(Tree(), "");
  const mode_t old = umask(0777);
  const auto made = MakeDirectory(base, *ParseFilePath("a/b/c"));
  umask(old);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(Tree(), "secrets secrets/.gitignore secrets/a secrets/a/b");
  EXPECT_EQ(ReadFileText(base + "/.gitignore"),
            "# Written by patform: secrets are not for git.\n*\n");
  EXPECT_EQ(ModeOf(base), 0700u);
  EXPECT_EQ(ModeOf(base + "/a/b"), 0700u);
  EXPECT_EQ(Open(base, "a/b/c"), "open");
}

// The repository around it is not ours; a directory in ours is covered.
TEST_F(DirectoryTest, OnlyTheFirstThatIsMadeKeepsGitAway) {
  ASSERT_TRUE(MakeDirectory(root_, *ParseFilePath("a/b/f")).ok());
  ASSERT_TRUE(MakeDirectory(root_, *ParseFilePath("a/c/f")).ok());
  EXPECT_EQ(Tree(), "a a/.gitignore a/b a/c a/c/.gitignore");
}

TEST(CanonicalRootTest, OneSpelling) {
  std::string pattern = testing::TempDir() + "patform-root-XXXXXX";
  ASSERT_NE(mkdtemp(pattern.data()), nullptr);
  const std::string real = fs::canonical(pattern).string();
  fs::create_directory(real + "/dir");
  fs::create_symlink("dir", real + "/link");
  for (const char* path : {"/dir/new/s", "/./dir//new/s/", "/dir/x/../new/s",
                           "/link/new/s", "/dir/new/s/."}) {
    SinkConfig config;
    config.settings["path"] = real + path;
    EXPECT_EQ(*CanonicalRoot(config), real + "/dir/new/s") << path;
  }
  SinkConfig top;
  top.settings["path"] = std::string("/");
  EXPECT_EQ(*CanonicalRoot(top), "/");
  fs::remove_all(real);
}

TEST_F(DirectoryTest, RefusesLinksEverywhere) {
  fs::create_directories(root_ + "/real/sub");
  fs::permissions(root_ + "/real", fs::perms::owner_all);
  fs::permissions(root_ + "/real/sub", fs::perms::owner_all);
  fs::create_symlink(root_ + "/real", root_ + "/link");
  fs::create_symlink("sub", root_ + "/real/link");
  const std::string hint =
      " is a symbolic link. patform does not follow links where it keeps "
      "secrets: name the real directory, or put one there.";
  EXPECT_EQ(Open(root_ + "/link", "f"), "\"" + root_ + "/link\"" + hint);
  EXPECT_EQ(Open(NormalRoot(root_ + "/link/")->path, "f"),
            "\"" + root_ + "/link\"" + hint);
  EXPECT_EQ(Open(root_ + "/real", "link/f"),
            "\"" + root_ + "/real/link\"" + hint);
  EXPECT_EQ(
      Error(
          MakeDirectory(root_ + "/real", *ParseFilePath("link/x/f")).status()),
      "\"" + root_ + "/real/link\"" + hint);
  EXPECT_EQ(Error(CheckDirectory(root_ + "/real", *ParseFilePath("link/x/f"))),
            "\"" + root_ + "/real/link\"" + hint);
  EXPECT_FALSE(fs::exists(root_ + "/real/sub/x"));
}

TEST_F(DirectoryTest, RefusesDirectoriesThatOthersMayWriteIn) {
  fs::create_directory(root_ + "/open");
  ASSERT_EQ(chmod((root_ + "/open").c_str(), 0770), 0);
  EXPECT_EQ(Open(root_, "open/f"),
            "\"" + root_ +
                "/open\" can be written by other users (mode 0770), who could "
                "redirect the secrets in it. Run: chmod go-w \"" +
                root_ + "/open\"");
  ASSERT_EQ(chmod((root_ + "/open").c_str(), 01777), 0);
  EXPECT_EQ(Open(root_, "open/f"), "open");
}

TEST_F(DirectoryTest, RefusesAFileInTheWay) {
  WriteFileText(root_ + "/a", "x");
  EXPECT_EQ(
      Open(root_, "a/f"),
      "cannot open the directory \"" + root_ +
          "/a\": Not a directory. There is a file or a symbolic link where a "
          "directory is needed: move it away, or change the address.");
}

TEST_F(DirectoryTest, RefusesOtherUsersDirectories) {
  if (geteuid() != 0) GTEST_SKIP() << "needs to give a directory away";
  fs::create_directory(root_ + "/theirs");
  fs::permissions(root_ + "/theirs", fs::perms::owner_all);
  ASSERT_EQ(chown((root_ + "/theirs").c_str(), 12345, 12345), 0);
  EXPECT_EQ(Open(root_, "theirs/f"),
            "\"" + root_ +
                "/theirs\" belongs to user 12345, who could read or redirect "
                "the secrets in it; patform runs as user 0. Run patform as its "
                "owner, or deliver to a directory of your own.");
}

TEST_F(DirectoryTest, LooksAtFiles) {
  const Directory directory = *MakeDirectory(root_, *ParseFilePath("f"));
  EXPECT_FALSE(directory.Look("f")->has_value());
  WriteFileText(root_ + "/f", "abc");
  EXPECT_EQ((*directory.Look("f"))->st_size, 3);
  fs::create_hard_link(root_ + "/f", root_ + "/g");
  EXPECT_EQ(Error(directory.Look("f").status()),
            "\"" + root_ +
                "/f\" has 2 names (hard links): the others would keep the old "
                "secret. Remove the other names, or deliver to another file.");
  fs::create_symlink("f", root_ + "/l");
  EXPECT_EQ(Error(directory.Look("l").status()),
            "\"" + root_ +
                "/l\" is a symbolic link. patform does not follow links where "
                "it keeps secrets: remove it, or deliver to the file that it "
                "names.");
  fs::create_directory(root_ + "/d");
  EXPECT_EQ(Error(directory.Look("d").status()),
            "\"" + root_ +
                "/d\" is a directory, not a file. Change the address, or move "
                "it away.");
  ASSERT_EQ(mkfifo((root_ + "/p").c_str(), 0600), 0);
  EXPECT_EQ(Error(directory.Look("p").status()),
            "\"" + root_ +
                "/p\" is not a regular file. Change the address, or move it "
                "away.");
}

TEST_F(DirectoryTest, OneBitOfADirectoryIsEnough) {
  fs::create_directory(root_ + "/d");
  for (const mode_t bit : {0020, 0002}) {
    ASSERT_EQ(chmod((root_ + "/d").c_str(), 0700 | bit), 0);
    EXPECT_EQ(OpenDirectory(root_, *ParseFilePath("d/a")).status().code(),
              absl::StatusCode::kFailedPrecondition)
        << bit;
    // Who may only read it can redirect nothing; in one like /tmp, neither.
    for (const mode_t harmless : {0755, 0750 | 0001, 01777}) {
      ASSERT_EQ(chmod((root_ + "/d").c_str(), harmless), 0);
      EXPECT_TRUE(OpenDirectory(root_, *ParseFilePath("d/a")).ok()) << harmless;
    }
  }
}

}  // namespace
}  // namespace patform::sinks
