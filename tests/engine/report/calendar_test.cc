#include "engine/report/calendar.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "engine/base/version.h"

namespace patform {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1795420800);

StatusReport Report() {
  StatusReport report;
  report.workspace = "w";
  report.organizations = {"contoso"};
  report.as_of = kNow;
  return report;
}

TokenStatus Token(const std::string& name) {
  TokenStatus token;
  token.address = "token." + name;
  token.name = name;
  token.organization = "contoso";
  return token;
}

TokenStatus Ending(const std::string& name, absl::Duration left) {
  TokenStatus token = Token(name);
  Unrenewed end;
  end.address = token.address;
  end.ends = kNow + left;
  end.shown_from = kNow;
  token.unrenewed = end;
  return token;
}

TokenStatus Renewed(const std::string& name, absl::Duration left) {
  TokenStatus token = Token(name);
  GenerationStatus row;
  row.state = GenerationState::kCurrent;
  row.valid_to = kNow + left;
  token.generations = {row};
  token.due_at = kNow + left - absl::Hours(48);
  return token;
}

std::string Render(const StatusReport& report) {
  return absl::StrReplaceAll(RenderCalendar(report), {{kVersion, "V"}});
}

// The values of a property, in order.
std::vector<std::string> All(const std::string& calendar,
                             const std::string& property) {
  std::vector<std::string> values;
  for (const std::string& line : std::vector<std::string>(absl::StrSplit(
           absl::StrReplaceAll(calendar, {{"\r\n ", ""}}), "\r\n"))) {
    if (absl::StartsWith(line, property + ":")) {
      values.push_back(line.substr(property.size() + 1));
    }
  }
  return values;
}

TEST(Calendar, WithoutAnythingToDo) {
  EXPECT_EQ(Render(Report()),
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//patform//V//EN\r\n"
            "METHOD:PUBLISH\r\nX-WR-CALNAME:patform w\r\nEND:VCALENDAR\r\n");
}

TEST(Calendar, AnEventWithItsReminders) {
  StatusReport report = Report();
  report.tokens = {Ending("ci", absl::Hours(24 * 30))};
  report.tokens[0].owner = "team; a, b";
  EXPECT_EQ(
      Render(report),
      "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//patform//V//EN\r\n"
      "METHOD:PUBLISH\r\nX-WR-CALNAME:patform w\r\n"
      "BEGIN:VEVENT\r\n"
      "UID:d5d636601578caed58c14f582ee08527@patform\r\n"
      "DTSTAMP:20261123T080000Z\r\n"
      "DTSTART:20261223T080000Z\r\n"
      "SUMMARY:patform w: token.ci ends on 2026-12-23: `expires` is a fixed "
      "date\r\n"
      "DESCRIPTION:set a later `expires`\\, or a `lifetime`\\, which rotation "
      "renews\r\n . Owner: team\\; a\\, b\r\n"
      "TRANSP:TRANSPARENT\r\n"
      "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-P7D\r\n"
      "DESCRIPTION:token.ci ends on 2026-12-23: `expires` is a fixed date\r\n"
      "END:VALARM\r\n"
      "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-P1D\r\n"
      "DESCRIPTION:token.ci ends on 2026-12-23: `expires` is a fixed date\r\n"
      "END:VALARM\r\n"
      "END:VEVENT\r\nEND:VCALENDAR\r\n");
}

TEST(Calendar, WhatIsOverdueOrHasNoDateIsForToday) {
  StatusReport report = Report();
  report.tokens = {Ending("late", -absl::Hours(1)), Token("odd")};
  report.tokens[1].problem = "a place could not be read";
  report.unread = {"one", "two"};
  const std::string calendar = Render(report);
  EXPECT_EQ(All(calendar, "DTSTART;VALUE=DATE"),
            std::vector<std::string>(4, "20261123"));
  EXPECT_EQ(All(calendar, "DTSTART").size(), 0u);
  EXPECT_EQ(All(calendar, "TRIGGER").size(), 0u);
  // Two of one kind, which have nothing else to tell them apart.
  const std::vector<std::string> uids = All(calendar, "UID");
  EXPECT_EQ(std::set<std::string>(uids.begin(), uids.end()).size(), 4u);
}

TEST(Calendar, TheReleaseThatMustRun) {
  StatusReport report = Report();
  report.tokens = {Renewed("later", absl::Hours(24 * 9)),
                   Renewed("first", absl::Hours(24 * 5)), Token("new")};
  std::string calendar = Render(report);
  EXPECT_EQ(All(calendar, "SUMMARY"),
            std::vector<std::string>{
                "patform w: a release must have run: token.first ends\\, and "
                "the next apply after 2026-11-26 renews it"});
  EXPECT_EQ(All(calendar, "DTSTART"),
            std::vector<std::string>{"20261128T080000Z"});
  // It has run.
  const std::vector<std::string> uid = All(calendar, "UID");
  report.tokens[1] = Renewed("first", absl::Hours(24 * 30));
  calendar = Render(report);
  EXPECT_EQ(All(calendar, "DTSTART"),
            std::vector<std::string>{"20261202T080000Z"});
  EXPECT_EQ(All(calendar, "UID"), uid);
}

// UIDs hang on what a thing is, not on its words or its date.
TEST(Calendar, AnEventMoves) {
  StatusReport report = Report();
  report.tokens = {Ending("a", absl::Hours(100)), Ending("b", absl::Hours(99))};
  report.sign_in_ends = kNow + absl::Hours(1000);
  const std::vector<std::string> before = All(Render(report), "UID");
  ASSERT_EQ(before.size(), 3u);
  report.as_of += absl::Hours(1);
  report.tokens = {Ending("a", absl::Hours(50)), Ending("b", absl::Hours(60))};
  report.tokens[0].unrenewed->why = Unrenewed::Why::kNoDelivery;
  report.sign_in_why = "its refresh token is idle";
  const std::vector<std::string> after = All(Render(report), "UID");
  EXPECT_EQ(std::set<std::string>(before.begin(), before.end()),
            std::set<std::string>(after.begin(), after.end()));
  // The same in another workspace is another thing.
  report.workspace = "v";
  EXPECT_NE(All(Render(report), "UID"), after);
}

TEST(Calendar, FoldsBetweenCharactersAndBreaksCommands) {
  StatusReport report = Report();
  for (int length = 0; length < 80; ++length) {
    report.tokens.push_back(
        Ending(std::string(length, 'x') + "äöü€𝄞::add-mask::\r\nEND:VEVENT",
               absl::Hours(100)));
  }
  const std::string calendar = RenderCalendar(report);
  for (const std::string& line :
       std::vector<std::string>(absl::StrSplit(calendar, "\r\n"))) {
    EXPECT_LE(line.size(), 75u) << line;
    EXPECT_TRUE(line.empty() || (line[line[0] == ' '] & '\xc0') != '\x80')
        << line;
    EXPECT_FALSE(absl::StrContains(line, "::")) << line;
  }
  EXPECT_EQ(All(calendar, "END").size(), 80u * 3 + 1);
}

}  // namespace
}  // namespace patform
