// A few random hostile plans in every format: whatever ends, widens or moves a
// token is found again in each, whole, or the comment says that it is
// incomplete. tests/attacks/cases_hostile_plans.py reads many more of them,
// with readers that know nothing of attention.h.
#include "engine/report/attention.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "engine/base/strings.h"
#include "engine/report/events.h"
#include "engine/report/formats.h"
#include "tests/attacks/hostile_plan.h"

namespace patform {
namespace {

// What a reader of the format has in the end.
std::string Read(const std::string& format, const std::string& text) {
  if (format == "junit" || format == "html") {
    return absl::StrReplaceAll(text, {{"&quot;", "\""},
                                      {"&apos;", "'"},
                                      {"&lt;", "<"},
                                      {"&gt;", ">"},
                                      {"&#35;", "#"},
                                      {"&amp;", "&"}});
  }
  if (format == "github") return absl::StrReplaceAll(text, {{"%25", "%"}});
  if (format != "azure") return text;
  // Only commands are unescaped; the other lines stay as they are.
  std::vector<std::string> lines = absl::StrSplit(text, '\n');
  for (std::string& line : lines) {
    if (!absl::StartsWith(line, "##vso[")) continue;
    line = absl::StrReplaceAll(line, {{"%AZP25", "%"}});
  }
  return absl::StrJoin(lines, "\n");
}

// In every format, as it is there when it is visible.
std::set<std::string> MarksOf(const HostilePlan& hostile) {
  std::set<std::string> marks;
  for (const HostileItem& item : hostile.items) {
    if (!item.id.empty()) marks.insert(item.id);
    // "files:place12/…", "vso.added7…": what is behind may be anything.
    if (!item.place.empty()) {
      marks.insert(item.place.substr(0, item.place.find('/') + 1));
    }
    for (const std::string& scope : item.scopes) {
      marks.insert(scope.substr(
          0, scope.find_first_not_of("0123456789", sizeof("vso.added") - 1)));
    }
  }
  return marks;
}

TEST(Hostile, EveryEndWideningAndMoveIsFoundInEveryFormat) {
  constexpr int kPlans = 50;
  int found = 0, incomplete = 0;
  for (int seed = 0; seed < kPlans; ++seed) {
    const HostilePlan hostile = MakeHostilePlan(seed);
    const Plan& plan = hostile.plan;
    const std::set<std::string> marks = MarksOf(hostile);
    std::vector<std::string> items;
    for (const Change& change : plan.changes.changes) {
      for (const Attention& each : AttentionOf(change, plan.as_of)) {
        items.push_back(each.what);
      }
    }
    for (const std::string format :
         {"text", "junit", "github", "azure", "markdown", "html"}) {
      const std::string text =
          Read(format, RenderPlanAs(format, plan, Style(false)));
      if (format == "markdown" &&
          absl::StrContains(text.substr(0, 400), "\n## ⛔ INCOMPLETE")) {
        EXPECT_FALSE(absl::StrContains(text, plan.digest)) << seed;
        ++incomplete;
        continue;
      }
      // Outside of any fold.
      const std::string open =
          text.substr(0, format == "markdown" ? text.find("\n<details>")
                                              : std::string::npos);
      for (const std::string& mark : marks) {
        EXPECT_TRUE(absl::StrContains(open, mark)) << seed << format << mark;
        ++found;
      }
      for (const std::string& what : items) {
        std::string shown = Visible(what), within = open;
        // What is code there, and the spaces around it, are not compared.
        if (format == "markdown") {
          for (std::string* each_of : {&shown, &within}) {
            *each_of = absl::StrReplaceAll(*each_of, {{"`", ""}, {" ", ""}});
          }
        }
        EXPECT_TRUE(absl::StrContains(within, shown))
            << seed << format << ": " << shown;
        ++found;
      }
    }
    for (const std::string format : {"json", "sarif"}) {
      const std::string text = RenderPlanAs(format, plan, Style(false));
      boost::json::error_code error;
      const boost::json::value document = boost::json::parse(text, error);
      ASSERT_FALSE(error) << seed << format;
      const std::string read(boost::json::serialize(document));
      for (const std::string& mark : marks) {
        EXPECT_TRUE(absl::StrContains(read, mark)) << seed << format << mark;
        ++found;
      }
      if (format == "json") {
        EXPECT_EQ(document.at("attention").as_array().size(), items.size());
      }
    }
    const std::string events = RenderPlannedEvents(plan, plan.as_of);
    for (const std::string& mark : marks) {
      EXPECT_TRUE(absl::StrContains(events, mark)) << seed << mark;
      ++found;
    }
    // What the maker meant, and nothing else.
    EXPECT_EQ(items.size(), hostile.items.size()) << seed;
  }
  // Both kinds of comment were there.
  EXPECT_GT(incomplete, 0);
  EXPECT_LT(incomplete, kPlans / 2);
  EXPECT_GT(found, 5'000);
}

}  // namespace
}  // namespace patform
