#include "providers/sinks/record_json.h"

#include "absl/strings/str_replace.h"
#include "tests/providers/sinks/testing.h"

namespace patform::sinks {
namespace {

constexpr char kJson[] =
    "{\"format\":1,\"id\":\"00000000-0000-4000-8000-000000000007\","
    "\"generation\":7,\"workspace\":\"w\",\"organization\":\"contoso\","
    "\"token\":\"ci \\\"packaging\\\"\\n\",\"address\":\"s:a\","
    "\"owner\":\"oid\",\"valid_to\":\"2027-01-15T08:00:00.1033333Z\","
    "\"written_at\":\"2026-09-21T14:13:20Z\"}";

TEST(RecordJsonTest, RoundTrip) {
  const SinkRecord record = RecordOf(7, At("a"));
  EXPECT_EQ(RecordToJson(record), kJson);
  ASSERT_TRUE(RecordFromJson(kJson).has_value());
  EXPECT_EQ(*RecordFromJson(kJson), record);
}

TEST(RecordJsonTest, UnknownKeysAreIgnored) {
  const std::string more =
      absl::StrReplaceAll(kJson, {{"{\"format\"", "{\"x\":[],\"format\""}});
  EXPECT_TRUE(RecordFromJson(more).has_value());
}

TEST(RecordJsonTest, AnythingElseIsNoRecord) {
  const std::pair<const char*, const char*> edits[] = {
      {"\"format\":1", "\"format\":2"},
      {"\"format\":1", "\"format\":\"1\""},
      {"000000000007", "00000000000x"},
      {"00000000-0000-4000-8000-000000000007",
       "00000000-0000-0000-0000-000000000000"},
      {"\"generation\":7", "\"generation\":-7"},
      {"\"generation\":7", "\"generation\":7.5"},
      {"\"owner\":\"oid\"", "\"owner\":null"},
      {"2027-01-15T", "2027-13-15T"},
      {"\"address\"", "\"adress\""},
      {"}", ""},
  };
  for (const auto& [from, to] : edits) {
    EXPECT_FALSE(
        RecordFromJson(absl::StrReplaceAll(kJson, {{from, to}})).has_value())
        << from << " -> " << to;
  }
  EXPECT_FALSE(RecordFromJson("").has_value());
  EXPECT_FALSE(RecordFromJson("[]").has_value());
  EXPECT_FALSE(RecordFromJson(std::string(1 << 20, '[')).has_value());
}

}  // namespace
}  // namespace patform::sinks
