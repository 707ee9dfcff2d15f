#include "engine/report/ending.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "engine/report/junit.h"
#include "engine/report/log_commands.h"
#include "engine/report/sarif.h"

namespace patform {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);
constexpr absl::Duration kDay = absl::Hours(24);

Unrenewed Ends(const std::string& name, absl::Duration in) {
  Unrenewed token;
  token.address = "token." + name;
  token.name = name;
  token.organization = "contoso";
  token.where = {"a.toml", 3, 1, 7};
  token.ends = kNow + in;
  token.shown_from = token.ends - 7 * kDay;
  token.why = Unrenewed::Why::kFixedDate;
  return token;
}

// One that ends within its window, and one that does not yet.
Plan Ending() {
  Plan plan;
  plan.workspace = "w";
  plan.organizations = {"contoso"};
  plan.as_of = kNow;
  plan.changes.unrenewed = {Ends("soon", 2 * kDay), Ends("later", 20 * kDay)};
  return plan;
}

constexpr char kWhat[] =
    "token.soon ends in 2d (2027-01-17 08:00 UTC), and nothing renews it: "
    "`expires` is a fixed date";
constexpr char kFix[] =
    "set a later `expires`, or a `lifetime`, which rotation renews";

TEST(EndingTest, IsInEachFormatThatAnnotates) {
  const std::string junit = RenderPlanJunit(Ending());
  EXPECT_TRUE(absl::StrContains(
      junit, absl::StrCat("name=\"token.soon\" time=\"0\">\n      <failure "
                          "type=\"ends_unrenewed\" message=\"",
                          kWhat, "\">ends_unrenewed: ", kWhat,
                          " (a.toml:3); to fix it: ", kFix, "</failure>\n")))
      << junit;
  EXPECT_FALSE(absl::StrContains(junit, "later\"")) << junit;
  // The command itself ends well.
  EXPECT_TRUE(absl::StrContains(junit, "tests=\"2\" failures=\"1\"")) << junit;

  const boost::json::value sarif =
      boost::json::parse(RenderPlanSarif(Ending()));
  const boost::json::value& run = sarif.at("runs").at(0);
  ASSERT_EQ(run.at("results").as_array().size(), 1u);
  const boost::json::value& result = run.at("results").at(0);
  EXPECT_EQ(result.at("ruleId").as_string(), "ends_unrenewed");
  EXPECT_EQ(result.at("level").as_string(), "warning");
  EXPECT_EQ(result.at("message").at("text").as_string(),
            absl::StrCat(kWhat, ". To fix it: ", kFix, "."));
  const boost::json::value& rule =
      run.at("tool").at("driver").at("rules").at(0);
  EXPECT_EQ(rule.at("id").as_string(), "ends_unrenewed");
  EXPECT_EQ(rule.at("shortDescription").at("text").as_string(),
            "A token that nothing renews is seen to by a person before it "
            "ends.");

  EXPECT_TRUE(absl::StartsWith(
      RenderGitHubCommands(Ending()),
      absl::StrCat("::warning file=a.toml,line=3,col=1,endColumn=8,"
                   "title=patform ends_unrenewed::",
                   kWhat, "%0A", kFix, "\n")))
      << RenderGitHubCommands(Ending());
}

TEST(EndingTest, IsNoneOfOnesThatMayWait) {
  Plan plan = Ending();
  plan.changes.unrenewed.erase(plan.changes.unrenewed.begin());
  EXPECT_FALSE(absl::StrContains(RenderPlanJunit(plan), "<failure"));
  EXPECT_FALSE(absl::StrContains(RenderPlanSarif(plan), "token.later"));
  EXPECT_FALSE(absl::StrContains(RenderGitHubCommands(plan), "::warning"));
}

}  // namespace
}  // namespace patform
