#include "engine/report/sarif_writer.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <set>
#include <string>

namespace patform {
namespace {

namespace json = boost::json;

json::object RunOf(const std::string& text) {
  return json::parse(text).at("runs").at(0).as_object();
}

SarifResult AResult(const std::string& message, const std::string& file = "") {
  SarifResult result;
  result.rule = "r";
  result.level = "error";
  result.message = message;
  result.where.file = file;
  result.where.line = file.empty() ? 0 : 3;
  return result;
}

TEST(WriteSarif, TextFromOutsideIsTextOnly) {
  SarifResult result = AResult("a [b](https://evil.example)\x1b[2J");
  result.address = "token.a\u202eb";
  const json::object run = RunOf(WriteSarif({result}, {{"k", "v\u200b"}}));
  const json::value& first = run.at("results").at(0);
  EXPECT_EQ(first.at("message").at("text").as_string(),
            "a [b]\\x28https://evil.example)\\x1b[2J");
  EXPECT_EQ(first.at("locations")
                .at(0)
                .at("logicalLocations")
                .at(0)
                .at("fullyQualifiedName")
                .as_string(),
            "token.a\\u{202e}b");
  EXPECT_EQ(run.at("properties").at("k").as_string(), "v\\u{200b}");
}

// A path names that file and nothing else: no query, no fragment, no scheme.
TEST(WriteSarif, PathsAreUriReferences) {
  const struct {
    const char* path;
    const char* want;
  } rows[] = {
      {"teams/a.toml", "teams/a.toml"},
      {"/etc/a b", "file:///etc/a%20b"},
      {"a#b?c:d%", "a%23b%3Fc%3Ad%25"},
      {"\xc3\xa4", "%C3%A4"},
  };
  for (const auto& row : rows) {
    const json::object run = RunOf(WriteSarif({AResult("m", row.path)}, {}));
    EXPECT_EQ(run.at("results")
                  .at(0)
                  .at("locations")
                  .at(0)
                  .at("physicalLocation")
                  .at("artifactLocation")
                  .at("uri")
                  .as_string(),
              row.want);
  }
}

// What viewers show of a tool and its rules, and where they lead.
TEST(WriteSarif, RulesHaveNamesAndPages) {
  SarifResult result = AResult("m");
  result.rule = "max_lifetime";
  result.description = "No token lives long.";
  result.page = "schemas/README.md#rules";
  const json::object run = RunOf(WriteSarif({result}, {}));
  const json::value& driver = run.at("tool").at("driver");
  EXPECT_EQ(driver.at("informationUri").as_string(), "https://patform.dev/");
  EXPECT_EQ(json::serialize(driver.at("rules")),
            R"([{"id":"max_lifetime","name":"MaxLifetime",)"
            R"("shortDescription":{"text":"No token lives long."},)"
            R"("help":{"text":"No token lives long."},)"
            R"("helpUri":"https://patform.dev/schemas/README.md#rules"}])");
}

// A log that the document is printed to finds no command in it.
TEST(WriteSarif, GivesNoCommandsToALog) {
  SarifResult result = AResult("m", "a");
  result.where.file = "##vso[task.complete]";
  result.level = "##vso[task.complete]";
  const std::string text = WriteSarif({result}, {});
  EXPECT_EQ(text.find("##"), std::string::npos) << text;
  EXPECT_EQ(RunOf(text).at("results").at(0).at("level").as_string(),
            "##vso[task.complete]");
}

TEST(WriteSarif, EqualFindingsAreToldApart) {
  const json::object run =
      RunOf(WriteSarif({AResult("a"), AResult("b"), AResult("c")}, {}));
  std::set<std::string> seen;
  for (const json::value& each : run.at("results").as_array()) {
    seen.insert(
        each.at("partialFingerprints").at("patform/v1").as_string().c_str());
  }
  EXPECT_EQ(seen.size(), 3u);
}

}  // namespace
}  // namespace patform
