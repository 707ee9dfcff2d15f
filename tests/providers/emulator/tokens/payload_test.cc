#include "providers/emulator/tokens/payload.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "providers/emulator/tokens/wire.h"

namespace patform::emulator {
namespace {

// "name|scope|validTo|allOrgs", "-" for what is not there; "" for a refusal.
std::string Dump(std::string_view body) {
  const auto payload = ParsePayload(body);
  if (!payload.ok()) return "";
  std::string reach = "-";
  if (payload->all_organizations) {
    reach = *payload->all_organizations ? "yes" : "no";
  }
  return absl::StrCat(
      payload->display_name.value_or("-"), "|", payload->scope.value_or("-"),
      "|", payload->valid_to ? FormatTicks(ToTicks(*payload->valid_to)) : "-",
      "|", reach);
}

// Beyond JSON, as Json.NET reads it.
TEST(ParsePayload, TakesWhatJsonNetTakes) {
  const struct {
    const char* name;
    std::string body;
    const char* want;
  } rows[] = {
      {"JSON", R"({"displayName":"a","scope":"vso.code","allOrgs":false})",
       "a|vso.code|-|no"},
      {"names in any case", R"({"DISPLAYNAME":"a","Scope":"b"})", "a|b|-|-"},
      {"a byte order mark", "\xef\xbb\xbf{\"displayName\":\"a\"}", "a|-|-|-"},
      {"names without quotes", "{displayName:\"a\", $x_1: 2, scope :\"b\"}",
       "a|b|-|-"},
      {"single quotes", R"({'displayName':'it\'s "a"'})", "it's \"a\"|-|-|-"},
      {"a line break in a text", "{\"displayName\":\"a\nb\"}", "a\nb|-|-|-"},
      {"comments", "/* a */ {// b\n\"displayName\": /* c */ \"a\"} // d",
       "a|-|-|-"},
      {"a comma behind the last", R"({"displayName":"a","x":[1,2,],})",
       "a|-|-|-"},
      {"escapes", R"({"displayName":"\u00e9\ud83d\ude00\t\/"})",
       "\xc3\xa9\xf0\x9f\x98\x80\t/|-|-|-"},
      {"half a pair", R"({"displayName":"\ud83d"})", "\xef\xbf\xbd|-|-|-"},
      {"milliseconds", R"({"validTo":"\/Date(1797760800000)\/"})",
       "-|-|2026-12-20T10:00:00Z|-"},
      {"a number as a text", R"({"displayName":1.50,"scope":true})",
       "1.50|true|-|-"},
      {"numbers as flags", R"({"allOrgs":0})", "-|-|-|no"},
      {"and another", R"({"allOrgs":1})", "-|-|-|yes"},
      {"texts as flags", R"({"allOrgs":" True "})", "-|-|-|yes"},
      {"what is not known", R"({"x":{"y":[{}, {z:'}'}]},"scope":"b"})",
       "-|b|-|-"},
      {"null", R"({"displayName":null,"validTo":null,"allOrgs":null})",
       "-|-|-|-"},
      {"the last of two", R"({"displayName":"a","displayname":"b"})",
       "b|-|-|-"},
      {"nothing", "{}", "-|-|-|-"},
  };
  for (const auto& row : rows) EXPECT_EQ(Dump(row.body), row.want) << row.name;
}

TEST(ParsePayload, RefusesTheRest) {
  for (const std::string body : {"",
                                 "null",
                                 "[]",
                                 "\"a\"",
                                 "{",
                                 "{\"displayName\":\"a\"",
                                 "{\"displayName\" \"a\"}",
                                 "{\"displayName\":}",
                                 "{\"displayName\":\"a}",
                                 "{\"displayName\":\"\\x\"}",
                                 "{\"displayName\":\"\\u12\"}",
                                 "{\"displayName\":\"a\"}}",
                                 "{\"displayName\":[\"a\"]}",
                                 "{\"allOrgs\":\"1\"}",
                                 "{\"allOrgs\":True}",
                                 "{\"validTo\":1797760800000}",
                                 "{\"validTo\":\"soon\"}",
                                 "{,}",
                                 "{\"a\":1 \"b\":2}",
                                 "{/* a",
                                 "{\"displayName\":\"\xff\"}"}) {
    EXPECT_EQ(Dump(body), "") << body;
  }
  EXPECT_EQ(Dump(absl::StrCat("{x:", std::string(5000, '['), "}")), "");
}

}  // namespace
}  // namespace patform::emulator
