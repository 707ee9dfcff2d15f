#include "engine/inquiry/overlay.h"

#include <gtest/gtest.h>

#include "tests/fakes/fake_files.h"

namespace patform {
namespace {

// Like a disk, which knows no place for what does not exist.
class StrictFiles : public FakeFiles {
 public:
  absl::StatusOr<std::string> Canonical(const std::string& path) override {
    if (links.count(path) == 0 && Stat(path) == Kind::kMissing) {
      return absl::NotFoundError("no such file");
    }
    return FakeFiles::Canonical(path);
  }
};

class OverlayTest : public ::testing::Test {
 protected:
  OverlayTest() {
    real_.files = {{"patform.toml", "real"},
                   {"/cwd/patform.toml", "real"},
                   {"teams/a.toml", "a"},
                   {"/cwd/teams/a.toml", "a"}};
    real_.links = {{"link", "/cwd/patform.toml"}, {"here", "/cwd/teams"}};
  }
  std::string Read(const std::string& path) {
    const absl::StatusOr<std::string> text = overlay_.Read(path, 100);
    return text.ok() ? *text : std::string(text.status().message());
  }

  StrictFiles real_;
  Overlay overlay_{real_};
};

TEST_F(OverlayTest, ReadsWhatWasPut) {
  EXPECT_EQ(Read("patform.toml"), "real");
  overlay_.Put("patform.toml", "put");
  EXPECT_EQ(Read("patform.toml"), "put");
  EXPECT_EQ(*overlay_.ReadInside(".", "patform.toml", 100), "put");
  EXPECT_EQ(Read("teams/a.toml"), "a");
  overlay_.Put("patform.toml", "again");
  EXPECT_EQ(Read("patform.toml"), "again");
  EXPECT_EQ(real_.files["patform.toml"], "real");
}

TEST_F(OverlayTest, AFileThatDoesNotExistYet) {
  EXPECT_EQ(overlay_.Stat("new.toml"), Files::Kind::kMissing);
  overlay_.Put("new.toml", "new");
  EXPECT_EQ(overlay_.Stat("new.toml"), Files::Kind::kFile);
  EXPECT_EQ(Read("new.toml"), "new");
  EXPECT_EQ(*overlay_.Canonical("new.toml"), "/cwd/new.toml");
  EXPECT_EQ(real_.files.count("new.toml"), 0u);
}

// By another path it is the same file, and one of the same name elsewhere is
// not.
TEST_F(OverlayTest, APlaceHasSeveralNames) {
  overlay_.Put("/cwd/patform.toml", "put");
  EXPECT_EQ(Read("patform.toml"), "put");
  EXPECT_EQ(Read("/cwd/patform.toml"), "put");
  EXPECT_EQ(Read("teams/patform.toml"), "no such file");
  // Links of folders are followed for what does not exist yet.
  overlay_.Put("here/b.toml", "b");
  EXPECT_EQ(Read("/cwd/teams/b.toml"), "b");
}

TEST_F(OverlayTest, WritesNothing) {
  EXPECT_FALSE(overlay_.CreateNew("x", "y").ok());
  EXPECT_FALSE(overlay_.Replace("patform.toml", "y").ok());
  EXPECT_FALSE(overlay_.Publish("patform.toml", "y").ok());
  EXPECT_FALSE(overlay_.CheckReplace("patform.toml").ok());
  EXPECT_EQ(real_.files["patform.toml"], "real");
}

}  // namespace
}  // namespace patform
