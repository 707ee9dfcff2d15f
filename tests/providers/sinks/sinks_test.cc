#include "providers/sinks/sinks.h"

#include "tests/providers/sinks/testing.h"

namespace patform::sinks {
namespace {

SinkConfig Config(const std::string& type) {
  SinkConfig config;
  config.name = "store";
  config.type = type;
  config.settings["path"] = std::string("/nowhere/at/all");
  return config;
}

void ExpectBoth(const SinkConfig& config, const std::string& want) {
  const auto sink = MakeSink(config);
  const auto reader = MakeRecordReader(config);
  EXPECT_EQ(sink.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(sink.status().message(), want);
  EXPECT_EQ(reader.status(), sink.status());
}

TEST(SinksTest, MakesWhatItHas) {
  EXPECT_EQ(SinkTypes(), (std::vector<std::string>{"dotenv", "file"}));
  for (const std::string& type : SinkTypes()) {
    EXPECT_TRUE(MakeRecordReader(Config(type)).ok());
    const auto sink = MakeSink(Config(type));
    ASSERT_TRUE(sink.ok());
    EXPECT_TRUE((*sink)->traits().keeps_record);
    EXPECT_TRUE((*sink)->traits().compare_and_set);
    EXPECT_TRUE((*sink)->traits().one_write);
    // The place above the root is not there either.
    const absl::Status check =
        (*sink)->Check(At("a", type == "dotenv" ? "KEY" : ""), Soon());
    EXPECT_EQ(check.message(),
              "cannot open the directory \"/nowhere/at\": No such file or "
              "directory. Create the directory that it is to be in.");
  }
}

TEST(SinksTest, RefusesWhatItHasNot) {
  ExpectBoth(Config("vault"),
             "sink type \"vault\" is not available in this version; available: "
             "dotenv, file");
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
