#include "providers/emulator/sqlite_log.h"

#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "engine/base/strings.h"
#include "tests/providers/emulator/testing.h"

namespace patform::emulator {
namespace {

class SqliteLogTest : public testing::Test {
 protected:
  SqliteLogTest() {
    std::string path =
        (std::filesystem::temp_directory_path() / "patform-XXXXXX").string();
    folder_ = mkdtemp(path.data());
    data_ = (folder_ / "data.sqlite").string();
  }
  ~SqliteLogTest() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_;
  std::string data_;
};

TEST_F(SqliteLogTest, OutlivesTheProcess) {
  std::string bearer, kept, gone, secret, before;
  {
    Subject subject(data_);
    bearer = subject.bearer;
    const auto token = subject.Create(
        R"({"displayName":"kept é","scope":"vso.code","allOrgs":true})");
    secret = Subject::Text(token, "token");
    kept = Subject::Text(token, "authorizationId");
    gone = subject.Make("gone");
    subject.Call("DELETE", "&authorizationId=" + gone);
    subject.Call("PUT", "",
                 absl::StrCat(R"({"authorizationId":")", kept,
                              R"(","validTo":"2027-01-01T00:00:00.319Z"})"));
    before = subject.Call("GET", "&displayFilterOption=all").body;
  }
  Subject subject(data_);
  // The key is kept too: a bearer of before is still good.
  subject.bearer = bearer;
  EXPECT_EQ(subject.Call("GET", "&displayFilterOption=all").body, before);
  EXPECT_EQ(subject.Names(subject.Call("GET", "&displayFilterOption=revoked")),
            std::vector<std::string>{"gone"});
  EXPECT_EQ(
      Subject::Text(subject.Admin("POST", "verify",
                                  absl::StrCat(R"({"token":")", secret, "\"}")),
                    "authorizationId"),
      kept);
  // The secret itself is nowhere on the disk.
  for (const auto& file : std::filesystem::directory_iterator(folder_)) {
    std::ifstream in(file.path(), std::ios::binary);
    std::stringstream bytes;
    bytes << in.rdbuf();
    EXPECT_EQ(bytes.str().find(secret), std::string::npos) << file.path();
    struct stat info;
    ASSERT_EQ(stat(file.path().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 077, 0u) << file.path();
  }
}

TEST_F(SqliteLogTest, ResetEmptiesIt) {
  {
    Subject subject(data_);
    subject.Make("a");
    subject.Admin("POST", "reset");
  }
  EXPECT_EQ(
      Subject(data_).Admin("GET", "tokens").at("tokens").as_array().size(), 0u);
}

TEST_F(SqliteLogTest, WhatIsNoDatabaseIsSaid) {
  std::ofstream(data_) << std::string(4096, 'x');
  const auto log = SqliteLog::Open(data_);
  ASSERT_FALSE(log.ok());
  EXPECT_EQ(log.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(StdView(log.status().message()),
            data_ +
                ": the data file could not be changed: file is not a "
                "database");
}

}  // namespace
}  // namespace patform::emulator
