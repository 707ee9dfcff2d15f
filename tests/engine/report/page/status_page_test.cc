// What the page says of a status; its looks are for the golden file and for
// the suite `page`.
#include "engine/report/page/status_page.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/report/page/timeline.h"
#include "engine/report/page/upcoming.h"

namespace patform {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);  // 2027-01-15
constexpr absl::Duration kDay = absl::Hours(24);

GenerationStatus Generation(GenerationState state, int64_t number, int from,
                            int to) {
  GenerationStatus row;
  row.state = state;
  row.generation = number;
  row.valid_from = kNow + from * kDay;
  row.valid_to = kNow + to * kDay;
  return row;
}

class StatusPageTest : public ::testing::Test {
 protected:
  StatusPageTest() {
    report_.workspace = "platform";
    report_.organizations = {"contoso"};
    report_.as_of = kNow;
  }

  TokenStatus& Add(const std::string& name) {
    TokenStatus& token = report_.tokens.emplace_back();
    token.name = name;
    token.address = absl::StrCat("token.", name);
    token.organization = "contoso";
    return token;
  }

  void ExpectHas(const std::string& part) {
    const std::string page = RenderStatusPage(report_);
    EXPECT_TRUE(absl::StrContains(page, part)) << part;
  }

  StatusReport report_;
};

TEST_F(StatusPageTest, WhatEndsAndNothingRenewsIsFirst) {
  // Before what falls due sooner, too.
  TokenStatus& fine = Add("fine");
  fine.generations = {Generation(GenerationState::kCurrent, 1, -1, 29)};
  fine.due_at = kNow + kDay;
  TokenStatus& ends = Add("ends");
  ends.generations = {Generation(GenerationState::kCurrent, 1, -20, 3)};
  ends.unrenewed.emplace();
  ends.unrenewed->ends = kNow + 3 * kDay;
  ends.unrenewed->shown_from = kNow - kDay;
  ends.ends = true;
  const std::string page = RenderStatusPage(report_);
  EXPECT_LT(page.find("<li id=\"t0\" class=\"is-ends\""),
            page.find("<li id=\"t1\" class=\"is-fine\""));
  EXPECT_TRUE(absl::StrContains(
      page,
      "<li class=\"grave\"><span class=\"by\"><time "
      "datetime=\"2027-01-18T08:00:00Z\">2027-01-18</time> <small>in "
      "3d</small></span><div><a href=\"#t0\"><bdi "
      "class=\"name\">token.ends</bdi></a> ends on 2027-01-18: "
      "<code>expires</code> is a fixed date. <span class=\"fix\">Set a later "
      "<code>expires</code>, or a <code>lifetime</code>, which rotation "
      "renews.</span></div>"))
      << page;
}

TEST_F(StatusPageTest, NothingToDoIsSaid) {
  Add("fine").generations = {Generation(GenerationState::kCurrent, 1, -1, 29)};
  ExpectHas("Nothing now: every token that ends soon is renewed.");
}

TEST_F(StatusPageTest, NoToken) {
  ExpectHas("No token is declared, and none carries this workspace's mark.");
}

TEST_F(StatusPageTest, WhatIsMissingIsSaid) {
  report_.complete = false;
  report_.unread = {"the tokens of identity.bot could not be listed: no"};
  report_.snapshot_taken_at = kNow - kDay;
  report_.left_out = {"token.a", "token.b"};
  ExpectHas("This is incomplete: something could not be read.");
  ExpectHas(
      "<strong>List of tokens</strong>: the tokens of identity.bot could not "
      "be listed: no.");
  ExpectHas("from a snapshot of <time datetime=\"2027-01-14T08:00:00Z\">");
  ExpectHas("limited to the targets given, 2 other tokens left out");
}

TEST_F(StatusPageTest, WhatEachPlaceHolds) {
  TokenStatus& token = Add("ci");
  using Held = PlaceStatus::State;
  const std::pair<Held, const char*> rows[] = {
      {Held::kHolds, "holds\">holds generation 3<"},
      {Held::kOther, "lags\">holds generation 3, not the one in service<"},
      {Held::kEmpty, "lags\">holds nothing yet<"},
      {Held::kForeign, "lags\">holds a value that patform did not write<"},
      {Held::kUnreadable, "lags\">could not be read: it is &lt;locked&gt;<"},
      {Held::kTorn, "lags\">holds a secret and the record of another one<"},
      {Held::kSilent, "lags\">keeps no record of what it holds<"},
  };
  for (const auto& [state, want] : rows) {
    PlaceStatus& place = token.places.emplace_back();
    place.address = "main:ci";
    place.sink = "main";
    place.state = state;
    place.generation = 3;
    place.why = "it is <locked>";
    ExpectHas(absl::StrCat("<td><bdi>main:ci</bdi></td><td class=\"", want));
  }
}

TEST_F(StatusPageTest, LivesAreToldInWords) {
  TokenStatus& token = Add("ci");
  EXPECT_EQ(LifeInWords(token), "nothing lives");
  token.generations = {Generation(GenerationState::kSuperseded, 1, -30, 1),
                       Generation(GenerationState::kCurrent, 2, -1, 29)};
  token.due_at = kNow + 22 * kDay;
  token.makes = 3;
  token.makes_until = kNow + 30 * kDay;
  EXPECT_EQ(LifeInWords(token),
            "generation 1, superseded, from 2026-12-16 to 2027-01-16; "
            "generation 2, current, from 2027-01-14 to 2027-02-13, due on "
            "2027-02-06; the next apply makes generation 3, until 2027-02-14");
}

TEST_F(StatusPageTest, EventsAreInOrder) {
  TokenStatus& a = Add("a");
  a.generations = {Generation(GenerationState::kSuperseded, 1, -30, 1),
                   Generation(GenerationState::kCurrent, 2, -1, 29)};
  a.generations[0].next = NextStep::kEndItself;
  a.generations[0].at = kNow + kDay;
  a.due_at = kNow + 22 * kDay;
  TokenStatus& b = Add("b");
  b.unrenewed.emplace();
  b.unrenewed->ends = kNow + 2 * kDay;
  TokenStatus& past = Add("past");
  past.due_at = kNow - kDay;
  std::string text;
  for (const Upcoming& event : UpcomingOf(report_)) {
    absl::StrAppend(&text, event.token->name, " ", event.what, "\n");
  }
  EXPECT_EQ(text,
            "a the grace of generation 1 ends\n"
            "b ends, and nothing renews it\n"
            "a falls due and is renewed\n");
}

// A number is all that the script compares: a name cannot be another's.
TEST_F(StatusPageTest, FiltersAreNumbers) {
  Add("a").owner = "x\" data-owner=\"1";
  Add("b").owner = "y";
  ExpectHas("<option value=\"0\">x&quot; data-owner=&quot;1</option>");
  ExpectHas("data-owner=\"0\" data-identity=\"0\"");
  ExpectHas("data-owner=\"1\" data-identity=\"0\"");
}

TEST_F(StatusPageTest, TheSameStatusGivesTheSameBytes) {
  Add("a").owner = "x";
  EXPECT_EQ(RenderStatusPage(report_), RenderStatusPage(report_));
}

}  // namespace
}  // namespace patform
