#include "providers/sinks/local/place_given.h"

#include <errno.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cstdint>
#include <memory>

#include "providers/sinks/local/dotenv_sink.h"
#include "providers/sinks/local/file_sink.h"
#include "tests/providers/sinks/testing.h"

namespace patform::sinks {
namespace {

// Of either type of sink: what a delivery leaves of what a place was given.
class PlaceGivenTest : public TempDirTest {
 protected:
  absl::Status Deliver(SecretSink& sink, const Delivery& place, int number) {
    const HeldRecord held = sink.Read(place, Soon());
    const absl::Status checked = sink.Check(place, Soon());
    if (!checked.ok()) return checked;
    return sink
        .Put(place, Secret(FakeToken(number)), RecordOf(number, place),
             held.version, Soon())
        .status();
  }
  std::string Path(const std::string& at) const { return root_ + "/" + at; }
};

TEST_F(PlaceGivenTest, ModeAndGroupStay) {
  FileSink files(root_, {});
  DotenvSink variables(root_);
  ASSERT_TRUE(Deliver(files, At("a"), 1).ok());
  ASSERT_TRUE(Deliver(variables, At(".env", "KEY"), 1).ok());
  for (const mode_t mode : {0400, 0600, 0640, 0700, 0740}) {
    for (const char* name : {"a", ".env"}) {
      ASSERT_EQ(chmod(Path(name).c_str(), mode), 0);
      if (geteuid() == 0) {
        ASSERT_EQ(chown(Path(name).c_str(), static_cast<uid_t>(-1), 4711), 0);
      }
    }
    EXPECT_TRUE(Deliver(files, At("a"), 2).ok());
    EXPECT_TRUE(Deliver(variables, At(".env", "KEY"), 2).ok());
    for (const char* name : {"a", ".env"}) {
      struct stat info;
      ASSERT_EQ(stat(Path(name).c_str(), &info), 0);
      EXPECT_EQ(info.st_mode & 07777, mode) << name;
      if (geteuid() == 0) {
        EXPECT_EQ(info.st_gid, 4711u) << name;
      }
    }
  }
}

TEST_F(PlaceGivenTest, AFileThatOthersMayReadIsNamedAndClosed) {
  FileSink sink(root_, {});
  ASSERT_TRUE(Deliver(sink, At("a"), 1).ok());
  EXPECT_EQ(FileReader(root_).Read(At("a"), Soon()).caution, "");
  for (const mode_t mode : {0644, 0660, 0601, 0610}) {
    ASSERT_EQ(chmod(Path("a").c_str(), mode), 0);
    EXPECT_EQ(FileReader(root_).Read(At("a"), Soon()).caution,
              "\"" + Path("a") + "\" is open to other users (mode " +
                  ModeText(mode) + "); the next delivery closes it to them");
    ASSERT_TRUE(Deliver(sink, At("a"), 2).ok());
    EXPECT_EQ(ModeOf(Path("a")), 0600u);
  }
}

TEST_F(PlaceGivenTest, ADotenvFileThatOthersMayReadIsNamed) {
  WriteFileText(Path(".env"), "A=1\n", fs::perms(0644));
  EXPECT_EQ(DotenvReader(root_).Read(At(".env", "KEY"), Soon()).caution,
            "\"" + Path(".env") +
                "\" is open to other users (mode 0644); nothing is delivered "
                "to it until that is changed: chmod 600 \"" +
                Path(".env") + "\"");
}

// Version 2: the owner, user 12 (r), the group, the mask (r), others.
std::string AclFor(uint32_t user) {
  std::string list("\2\0\0\0", 4);
  const auto add = [&list](uint16_t tag, uint16_t rights, uint32_t id) {
    list.append(reinterpret_cast<const char*>(&tag), sizeof(tag));
    list.append(reinterpret_cast<const char*>(&rights), sizeof(rights));
    list.append(reinterpret_cast<const char*>(&id), sizeof(id));
  };
  constexpr uint32_t kNobody = 0xffffffff;
  add(0x01, 6, kNobody);
  add(0x02, 4, user);
  add(0x04, 0, kNobody);
  add(0x10, 4, kNobody);
  add(0x20, 0, kNobody);
  return list;
}

TEST_F(PlaceGivenTest, AnAccessControlListStays) {
  constexpr char kAcl[] = "system.posix_acl_access";
  FileSink files(root_, {});
  DotenvSink variables(root_);
  ASSERT_TRUE(Deliver(files, At("a"), 1).ok());
  ASSERT_TRUE(Deliver(variables, At(".env", "KEY"), 1).ok());
  const std::string acl = AclFor(12);
  for (const char* name : {"a", ".env"}) {
    if (setxattr(Path(name).c_str(), kAcl, acl.data(), acl.size(), 0) != 0) {
      GTEST_SKIP() << "no access control lists here";
    }
  }
  EXPECT_TRUE(Deliver(files, At("a"), 2).ok());
  EXPECT_TRUE(Deliver(variables, At(".env", "KEY"), 2).ok());
  for (const char* name : {"a", ".env"}) {
    char found[256];
    const ssize_t size =
        getxattr(Path(name).c_str(), kAcl, found, sizeof(found));
    ASSERT_GT(size, 0) << name;
    EXPECT_EQ(std::string(found, static_cast<size_t>(size)), acl) << name;
    EXPECT_EQ(ModeOf(Path(name)), 0640u) << name;
  }
}

// In a child, for the mount is to be seen by nobody else.
TEST_F(PlaceGivenTest, TheTargetOfAMountIsRefusedBeforeAnything) {
  WriteFileText(Path("there"), "A=1\n");
  WriteFileText(Path("app.env"), "");
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    if (unshare(CLONE_NEWNS) != 0 ||
        mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        mount(Path("there").c_str(), Path("app.env").c_str(), nullptr, MS_BIND,
              nullptr) != 0) {
      _exit(77);
    }
    const std::string want =
        "\"" + Path("app.env") +
        "\" is the target of a mount, so it cannot be replaced. Mount its "
        "directory instead, or deliver to another file.";
    DotenvSink variables(root_);
    FileSink files(root_, {});
    const bool same =
        variables.Check(At("app.env", "KEY"), Soon()).message() == want &&
        files.Check(At("app.env"), Soon()).message() == want;
    _exit(same ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  if (WEXITSTATUS(status) == 77) GTEST_SKIP() << "may not mount";
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace patform::sinks
