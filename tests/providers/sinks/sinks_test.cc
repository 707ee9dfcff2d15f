#include "providers/sinks/sinks.h"

#include "tests/providers/sinks/testing.h"

namespace patform::sinks {
namespace {

SinkConfig Config(const std::string& type) {
  SinkConfig config;
  config.name = "store";
  config.type = type;
  config.settings["path"] = std::string("/nowhere/at/all");
  config.settings["format"] = std::string("plain");
  config.settings["template"] = std::string("{{secret}}");
  return config;
}

void ExpectBoth(const SinkConfig& config, const std::string& want) {
  const auto sink = KnownSinks().Open(config, AuthConfig());
  const auto reader = KnownSinks().OpenReader(config, AuthConfig());
  EXPECT_EQ(sink.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(sink.status().message(), want);
  EXPECT_EQ(reader.status(), sink.status());
}

std::vector<std::string> Names() {
  std::vector<std::string> names;
  for (const SinkType& type : KnownSinks().Types()) names.push_back(type.name);
  return names;
}

// Those that keep files below a folder.
std::vector<std::string> Local() {
  std::vector<std::string> names;
  for (const SinkType& type : KnownSinks().Types()) {
    if (type.place.at_is_path) names.push_back(type.name);
  }
  return names;
}

// What the protocol and the operator rest on, a line a type.
TEST(SinksTest, WhatEachTypeCanDo) {
  std::string dump;
  for (const SinkType& type : KnownSinks().Types()) {
    absl::StrAppend(&dump, type.name, type.can.keeps_record ? " record" : "",
                    type.can.compare_and_set ? " compare-and-set" : "",
                    type.can.one_write ? " one-write" : "",
                    type.can.gives_back ? " gives-back" : "", " reach ",
                    static_cast<int>(type.reach), "\n");
  }
  EXPECT_EQ(dump,
            "aws-secrets-manager record compare-and-set reach 1\n"
            "azure-pipelines one-write reach 0\n"
            "dotenv record compare-and-set one-write gives-back reach 0\n"
            "exec record one-write reach 2\n"
            "file record compare-and-set one-write gives-back reach 0\n"
            "github-actions one-write reach 0\n"
            "github-secrets record reach 1\n"
            "key-vault record one-write reach 1\n"
            "kubernetes record compare-and-set one-write reach 1\n"
            "template record compare-and-set one-write reach 0\n"
            "variable-group record one-write reach 1\n"
            "vault record compare-and-set gives-back reach 1\n");
}

TEST(SinksTest, OpensKeepersOfWhatGivesBack) {
  for (const SinkType& type : KnownSinks().Types()) {
    const absl::Status status =
        KnownSinks().OpenKeeper(Config(type.name)).status();
    EXPECT_EQ(absl::IsUnimplemented(status), !type.can.gives_back)
        << type.name << " " << status;
  }
}

TEST(SinksTest, MakesWhatItHas) {
  EXPECT_EQ(Names(), (std::vector<std::string>{
                         "aws-secrets-manager",
                         "azure-pipelines",
                         "dotenv",
                         "exec",
                         "file",
                         "github-actions",
                         "github-secrets",
                         "key-vault",
                         "kubernetes",
                         "template",
                         "variable-group",
                         "vault",
                     }));
  for (const std::string& type : Local()) {
    EXPECT_TRUE(KnownSinks().OpenReader(Config(type), AuthConfig()).ok());
    const auto sink = KnownSinks().Open(Config(type), AuthConfig());
    ASSERT_TRUE(sink.ok());
    // The place above the root is not there either.
    const absl::Status check =
        (*sink)->Check(At("a", type == "dotenv" ? "KEY" : ""), Soon());
    EXPECT_EQ(check.message(),
              "cannot open the directory \"/nowhere/at\": No such file or "
              "directory. Create its directory first.");
  }
}

// What the environment filled in is nobody's business: a part of a path may be
// anything that the machine holds.
TEST(SinksTest, MessagesShowWhatIsWritten) {
  const char* kSecret = "hunter2/and/more";
  for (const std::string& type : Local()) {
    SinkConfig config = Config(type);
    config.filled_in = "a fingerprint";
    config.written["path"] = std::string("/dev/null/${X}");
    const Delivery place = At("a", type == "dotenv" ? "KEY" : "");
    const auto messages = [&] {
      std::string all;
      const auto sink = KnownSinks().Open(config, AuthConfig());
      const auto reader = KnownSinks().OpenReader(config, AuthConfig());
      if (!sink.ok()) return std::string(sink.status().message());
      SinkRecord record;
      return absl::StrCat(
          std::string((*reader)->Read(place, Soon()).why.message()), "\n",
          std::string((*sink)->Read(place, Soon()).why.message()), "\n",
          std::string((*sink)->Check(place, Soon()).message()));
    };
    config.settings["path"] = absl::StrCat("/dev/null/", kSecret, "/");
    std::string seen = messages();
    EXPECT_NE(seen.find("/dev/null/${X}"), std::string::npos) << seen;
    EXPECT_EQ(seen.find("hunter2"), std::string::npos) << seen;
    // Of a root that is not there the one above it is named.
    config.settings["path"] = absl::StrCat("/nowhere/", kSecret);
    seen = messages();
    EXPECT_NE(seen.find("/dev/null/${X}/.."), std::string::npos) << seen;
    EXPECT_EQ(seen.find("nowhere"), std::string::npos) << seen;
    config.settings["path"] = absl::StrCat("/nowhere/", kSecret, "\n");
    EXPECT_EQ(
        messages(),
        "sink \"store\": the sink's path \"/dev/null/${X}\" contains a control "
        "character. Name the directory that the sink keeps its files in.");
  }
  SinkConfig mode = Config("file");
  mode.filled_in = "a fingerprint";
  mode.settings["mode"] = std::string("hunter2");
  mode.written["mode"] = std::string("${MODE}");
  ExpectBoth(mode,
             "sink \"store\": mode \"${MODE}\" is not one that a secret may "
             "have; write \"0600\" or \"0640\".");
}

TEST(SinksTest, RefusesWhatItHasNot) {
  ExpectBoth(Config("ftp"),
             "sink \"store\": this program has no sink of type \"ftp\"");
  SinkConfig no_path = Config("file");
  no_path.settings.clear();
  ExpectBoth(
      no_path,
      "sink \"store\": the sink's path \"\" is empty. Name the directory "
      "that the sink keeps its files in.");
  SinkConfig mode = Config("file");
  mode.settings["mode"] = std::string("0644");
  ExpectBoth(mode,
             "sink \"store\": mode \"0644\" is not one that a secret may have; "
             "write \"0600\" or \"0640\".");
}

}  // namespace
}  // namespace patform::sinks
