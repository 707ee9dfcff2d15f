#include "providers/system/system_files.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/providers/system/child.h"

namespace patform::system {
namespace {

namespace fs = std::filesystem;

class SystemFilesTest : public ::testing::Test {
 protected:
  SystemFilesTest() {
    std::string name = (fs::temp_directory_path() / "files-XXXXXX").string();
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    root_ = fs::canonical(name);
    fs::create_directories(root_ / "teams/deep");
    fs::create_directory(root_ / "outside");
    for (const char* file : {"a.toml", "teams/a.toml", "teams/b.toml",
                             "teams/deep/c.toml", "outside/d.toml"}) {
      std::ofstream(root_ / file) << file;
    }
    fs::create_symlink("../outside/d.toml", root_ / "teams/link.toml");
    fs::create_symlink("outside", root_ / "linked");
    fs::create_symlink("nowhere", root_ / "teams/dangling.toml");
    fs::create_symlink("loop", root_ / "loop");
  }
  ~SystemFilesTest() override { fs::remove_all(root_); }

  fs::path root_;
};

// One after the other on one object, as a reader of many files asks.
TEST_F(SystemFilesTest, CanonicalIsWhatTheSystemSays) {
  SystemFiles files;
  for (const char* path :
       {"a.toml", "teams/a.toml", "teams/b.toml", "teams/link.toml",
        "teams/b.toml", "linked/d.toml", "outside/d.toml", "linked", "linked/",
        "teams/../a.toml", "teams/.", "teams/..", "./teams//b.toml",
        "teams/deep/c.toml", "teams/deep/../a.toml", "teams/a.toml"}) {
    const std::string whole = (root_ / path).string();
    const auto real = files.Canonical(whole);
    ASSERT_TRUE(real.ok()) << path << ": " << real.status();
    EXPECT_EQ(*real, fs::canonical(whole).string()) << path;
  }
  EXPECT_EQ(*files.Canonical("/"), "/");
  EXPECT_EQ(*files.Canonical("/proc"), "/proc");
  EXPECT_EQ(*files.Canonical("."), fs::current_path().string());
}

TEST_F(SystemFilesTest, CanonicalOfWhatIsNotThere) {
  SystemFiles files;
  ASSERT_TRUE(files.Canonical((root_ / "teams/a.toml").string()).ok());
  for (const char* path :
       {"teams/z.toml", "teams/dangling.toml", "none/a.toml", "a.toml/x", ""}) {
    const std::string whole =
        *path == '\0' ? std::string() : (root_ / path).string();
    EXPECT_EQ(files.Canonical(whole).status().code(),
              absl::StatusCode::kNotFound)
        << path;
  }
  EXPECT_EQ(files.Canonical((root_ / "loop").string()).status().code(),
            absl::StatusCode::kInvalidArgument);
}

// What is read is below the folder, whatever leads there.
TEST_F(SystemFilesTest, ReadInsideReadsNothingElse) {
  std::ofstream(root_ / "teams/secret") << "outside of teams/deep";
  fs::create_symlink("../a.toml", root_ / "teams/up.toml");
  fs::create_symlink(root_ / "teams/a.toml", root_ / "teams/absolute.toml");
  fs::create_symlink("deep/c.toml", root_ / "teams/down.toml");
  fs::create_symlink("/proc/self/environ", root_ / "teams/environ");
  fs::create_symlink("/proc/self/root" + (root_ / "outside/d.toml").string(),
                     root_ / "teams/root.toml");
  fs::create_symlink("/dev/zero", root_ / "teams/zero");
  fs::create_symlink(root_ / "teams", root_ / "folder");
  fs::create_symlink("../outside", root_ / "teams/linked");
  ASSERT_EQ(mkfifo((root_ / "teams/pipe").c_str(), 0600), 0);
  const std::string out = "it leads out";
  const struct {
    const char* directory;
    const char* path;
    std::string want;  // the text, or a part of the error
  } kCases[] = {
      {"teams", "teams/a.toml", "teams/a.toml"},
      {"teams", "teams/deep/c.toml", "teams/deep/c.toml"},
      {"teams", "teams/down.toml", "teams/deep/c.toml"},
      {"teams", "teams/absolute.toml", "teams/a.toml"},
      {"folder", "folder/a.toml", "teams/a.toml"},
      {"folder", "teams/a.toml", "teams/a.toml"},
      {"teams", "folder/a.toml", "teams/a.toml"},
      {".", "teams/link.toml", "outside/d.toml"},
      {"teams", "teams/link.toml", out},
      {"teams", "teams/up.toml", out},
      {"teams", "teams/linked/d.toml", out},
      {"teams", "a.toml", out},
      {"teams", "teams/../a.toml", out},
      {"teams/deep", "teams/deep/../secret", out},
      {"teams", "teams/environ", out},
      {"teams", "teams/root.toml", out},
      {"teams", "teams/zero", out},
      {"teams", "teams/pipe", "not a regular file"},
      {"teams", "teams/deep", "Is a directory"},
      {"teams", "teams/dangling.toml", "No such file"},
      {"nowhere", "teams/a.toml", "No such file"},
  };
  SystemFiles files;
  for (const auto& c : kCases) {
    const auto text = files.ReadInside((root_ / c.directory).string(),
                                       (root_ / c.path).string(), 1000);
    EXPECT_NE(
        (text.ok() ? *text : std::string(text.status().message())).find(c.want),
        std::string::npos)
        << c.directory << " " << c.path << " " << text.status();
  }
  // Files of the kernel are nobody's configuration, wherever they are.
  EXPECT_EQ(
      files.ReadInside("/", "/proc/self/environ", 1 << 20).status().code(),
      absl::StatusCode::kOutOfRange);
  EXPECT_TRUE(files.ReadInside("/", (root_ / "a.toml").string(), 1000).ok());
}

// Devices and pipes are written to, and stay; links below /dev, too, which lead
// to where standard output goes.
TEST_F(SystemFilesTest, ReplaceDoesNotReplaceWhatIsNoFile) {
  SystemFiles files;
  EXPECT_TRUE(files.Replace("/dev/null", "text").ok());
  EXPECT_EQ(files.Stat("/dev/null"), Files::Kind::kOther);
  const absl::Status full = files.Replace("/dev/full", "text");
  EXPECT_EQ(full.message(), "writing /dev/full: No space left on device");
  EXPECT_EQ(files.Stat("/dev/full"), Files::Kind::kOther);

  const std::string pipe = (root_ / "pipe").string();
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const int reader = open(pipe.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  EXPECT_TRUE(files.Replace(pipe, "text").ok());
  char read_back[8] = {};
  EXPECT_EQ(read(reader, read_back, sizeof(read_back)), 4);
  EXPECT_STREQ(read_back, "text");
  close(reader);
  EXPECT_EQ(files.Stat(pipe), Files::Kind::kOther);

  std::ofstream(root_ / "log") << "before ";
  const int log = open((root_ / "log").c_str(), O_WRONLY | O_CLOEXEC);
  const std::string link = absl::StrCat("/dev/fd/", log);
  EXPECT_TRUE(files.Replace(link, "text").ok());
  close(log);
  std::ifstream in(root_ / "log");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), "before text");
}

// For others to read, whatever umask this user has.
TEST_F(SystemFilesTest, WhatIsPublishedAllMayRead) {
  SystemFiles files;
  const std::filesystem::path folder = root_ / "collector";
  std::filesystem::create_directory(folder);
  const std::string path = (folder / "patform.prom").string();
  const mode_t before = umask(077);
  EXPECT_TRUE(files.Publish(path, "one").ok());
  EXPECT_TRUE(files.Publish(path, "two").ok());
  umask(before);
  struct stat info;
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0644u);
  EXPECT_EQ(*files.Read(path, 100), "two");
  EXPECT_TRUE(files.CheckReplace(path).ok());
  EXPECT_TRUE(files.CheckReplace((folder / "other.prom").string()).ok());
  EXPECT_EQ(*files.List(folder.string()),
            std::vector<std::string>{"patform.prom"});
}

TEST_F(SystemFilesTest, WhereNothingCanBeWrittenIsFoundOut) {
  SystemFiles files;
  EXPECT_TRUE(files.CheckReplace("/dev/stdout").ok());
  const std::string nowhere = (root_ / "nowhere" / "a.prom").string();
  EXPECT_EQ(files.CheckReplace(nowhere).message(),
            "writing a file beside " + nowhere + ": No such file or directory");
  EXPECT_EQ(files.CheckReplace("/proc/a.prom").message(),
            "writing a file beside /proc/a.prom: No such file or directory");
  EXPECT_EQ(files.CheckReplace(root_.string()).message(),
            "writing " + root_.string() + ": Is a directory");
}

// What a process sees whose standard input holds `text`, as an exit code.
int SeenOnInput(const std::string& text, const std::string& want) {
  return InChild([&] {
    int ends[2];
    if (pipe(ends) != 0 || dup2(ends[0], STDIN_FILENO) < 0) return 99;
    if (write(ends[1], text.data(), text.size()) < 0) return 98;
    close(ends[1]);
    const absl::StatusOr<Secret> read = ReadSecretInput([] { return false; });
    return (read.ok() ? read->Reveal() : read.status().ToString()) == want ? 0
                                                                           : 1;
  });
}

TEST(SecretInput, IsReadToItsEnd) {
  const std::string large(10000, 'x');
  EXPECT_EQ(SeenOnInput("", ""), 0);
  EXPECT_EQ(SeenOnInput("a.b.c\n", "a.b.c\n"), 0);
  EXPECT_EQ(SeenOnInput(large, large), 0);
}

TEST(SecretInput, ThatNeverEndsIsGivenUpWhenTheUserInterrupts) {
  EXPECT_EQ(InChild([] {
              int ends[2];
              if (pipe(ends) != 0 || dup2(ends[0], STDIN_FILENO) < 0) return 99;
              int asked = 0;
              return ReadSecretInput([&] { return ++asked > 1; }).status() ==
                             absl::CancelledError("interrupted")
                         ? 0
                         : 1;
            }),
            0);
}

}  // namespace
}  // namespace patform::system
