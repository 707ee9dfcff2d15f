#include "providers/system/system_files.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

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

}  // namespace
}  // namespace patform::system
