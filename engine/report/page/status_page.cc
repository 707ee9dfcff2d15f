#include "engine/report/page/status_page.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/strings.h"
#include "engine/inquiry/duty.h"
#include "engine/inquiry/standing.h"
#include "engine/report/page/facets.h"
#include "engine/report/page/html.h"
#include "engine/report/page/page.h"
#include "engine/report/page/time_scale.h"
#include "engine/report/page/timeline.h"
#include "engine/report/page/token_row.h"
#include "engine/report/page/upcoming.h"
#include "engine/report/page/words.h"

namespace patform {
namespace {

// What comes next is for a glance; the rest is at the tokens.
constexpr size_t kEventsShown = 6;

// Of a duty that is about neither a token nor a place.
const char* SubjectOf(Duty::Kind kind) {
  switch (kind) {
    case Duty::Kind::kSignIn:
      return "Sign-in";
    case Duty::Kind::kUnread:
      return "List of tokens";
    case Duty::Kind::kPolicy:
      return "Policy";
    case Duty::Kind::kClock:
      return "Clock";
    case Duty::Kind::kEnding:
    case Duty::Kind::kUndecided:
    case Duty::Kind::kStray:
      break;
  }
  return "";
}

class StatusPage {
 public:
  explicit StatusPage(const StatusReport& report)
      : report_(report),
        facets_(report),
        events_(UpcomingOf(report)),
        scale_(ScaleOf(report)),
        page_(BeginPage(absl::StrCat("Tokens of ", report.workspace))) {
    for (const TokenStatus& token : report.tokens) order_.push_back(&token);
    // The gravest first, and of these what ends first.
    std::stable_sort(order_.begin(), order_.end(),
                     [](const TokenStatus* a, const TokenStatus* b) {
                       return std::pair(StandingOf(*a), NextOf(*a)) <
                              std::pair(StandingOf(*b), NextOf(*b));
                     });
    for (size_t i = 0; i < order_.size(); ++i) {
      anchors_[order_[i]->address] = absl::StrCat("t", i);
    }
  }

  std::string Text() {
    Head();
    Overview();
    ToDo();
    Next();
    Tokens();
    return EndPage(std::move(page_));
  }

 private:
  void Head() {
    BeginHead("Tokens of ", report_.workspace, report_.organizations,
              report_.as_of, page_);
    if (report_.snapshot_taken_at) {
      page_.Dot()
          .Text("from a snapshot of ")
          .Minute(*report_.snapshot_taken_at);
    }
    if (!report_.left_out.empty()) {
      page_.Dot().Text(absl::StrCat(
          "limited to the targets given, ",
          Count(static_cast<int64_t>(report_.left_out.size()), "other token"),
          " left out"));
    }
    EndHeadLine(report_.as_of, page_);
    if (!report_.complete) {
      page_
          .Element("p",
                   "This is incomplete: something could not be read. What is "
                   "missing is listed below.",
                   {{"class", "note grave"}})
          .Line();
    }
    page_.End().Line();
  }

  void Overview() {
    std::array<int, std::size(kStandingWords)> counts = {};
    for (const TokenStatus& token : report_.tokens) {
      ++counts[static_cast<size_t>(StandingOf(token))];
    }
    page_.Begin("section", {{"aria-labelledby", "glance"}})
        .Element("h2", "At a glance", {{"id", "glance"}, {"class", "unseen"}})
        .Begin("dl", {{"class", "tiles"}})
        .Line();
    Tile("all", static_cast<int64_t>(report_.tokens.size()), "tokens", page_);
    // All of them, so that a zero can be seen as well.
    for (const StandingRow& row : kStandingWords) {
      const int count = counts[static_cast<size_t>(row.value)];
      Tile(count > 0 ? absl::StrCat("is-", row.word) : "none", count, row.one,
           page_);
    }
    page_.Begin("div", {{"class", "event"}}).Element("dt", "next event");
    page_.Begin("dd");
    if (events_.empty()) {
      page_.Text("none");
    } else {
      page_.Element("span", RoughSpan(events_[0].at, report_.as_of)).Text(" ");
      page_.Begin("small")
          .Name(events_[0].token->name)
          .Text(": ")
          .Text(events_[0].what)
          .End();
    }
    page_.End().End().End().End().Line();
  }

  // A token's name, as a link to its row.
  void Link(const std::string& address) {
    const auto at = anchors_.find(address);
    if (at == anchors_.end()) {
      page_.Name(address, {{"class", "name"}});
      return;
    }
    page_.Begin("a", {{"href", absl::StrCat("#", at->second)}})
        .Name(address, {{"class", "name"}})
        .End();
  }

  void ToDo() {
    const std::vector<Duty> duties = DutiesOf(report_);
    const auto later = std::find_if(
        duties.begin(), duties.end(),
        [&](const Duty& duty) { return !duty.IsShown(report_.as_of); });
    page_.Begin("section", {{"aria-labelledby", "todo"}})
        .Element("h2", "To do", {{"id", "todo"}})
        .Line();
    if (later == duties.begin()) {
      page_.Element("p", "Nothing now: every token that ends soon is renewed.",
                    {{"class", "quiet"}});
    } else {
      List(duties.begin(), later);
    }
    // What is months away would bury what is for this week.
    if (later != duties.end()) {
      page_.Begin("details").Element(
          "summary",
          absl::StrCat("Later: ", Count(duties.end() - later, "thing")));
      List(later, duties.end());
      page_.End();
    }
    page_.End().Line();
  }

  using DutyAt = std::vector<Duty>::const_iterator;
  void List(DutyAt from, DutyAt to) {
    page_.Begin("ul", {{"class", "duties"}}).Line();
    for (DutyAt duty = from; duty != to; ++duty) Row(*duty);
    page_.End().Line();
  }

  void Row(const Duty& duty) {
    const bool grave =
        duty.kind == Duty::Kind::kEnding && duty.IsShown(report_.as_of);
    page_.Begin("li", {{"class", grave ? "grave" : "duty"}});
    page_.Begin("span", {{"class", "by"}});
    if (duty.by) {
      page_.Day(*duty.by).Text(" ").Element("small",
                                            RoughSpan(*duty.by, report_.as_of));
    } else {
      page_.Text("now");
    }
    page_.End().Begin("div");
    if (duty.address.empty()) {
      page_.Element("strong", SubjectOf(duty.kind)).Text(": ");
    } else {
      Link(duty.address);
      page_.Text(duty.kind == Duty::Kind::kStray ? ": " : " ");
    }
    if (duty.fix.empty()) {
      page_.Text(duty.what).Text(".");
    } else {
      page_.Prose(duty.what)
          .Text(". ")
          .Begin("span", {{"class", "fix"}})
          .Prose(Capitalized(duty.fix))
          .Text(".")
          .End();
    }
    page_.End().Begin("span", {{"class", "owner"}});
    if (!duty.owner.empty()) page_.Name(duty.owner);
    page_.End().End().Line();
  }

  void Next() {
    if (events_.empty()) return;
    page_.Begin("section", {{"aria-labelledby", "next"}})
        .Element("h2", "Coming up", {{"id", "next"}})
        .Line()
        .Begin("ol", {{"class", "duties"}})
        .Line();
    for (size_t i = 0; i < std::min(events_.size(), kEventsShown); ++i) {
      const Upcoming& event = events_[i];
      page_.Begin("li").Begin("span", {{"class", "by"}});
      page_.Day(event.at).Text(" ").Element("small",
                                            RoughSpan(event.at, report_.as_of));
      page_.End().Begin("div");
      Link(event.token->address);
      page_.Text(": ").Text(event.what).Text(".").End();
      page_.Begin("span", {{"class", "owner"}});
      if (!event.token->owner.empty()) page_.Name(event.token->owner);
      page_.End().End().Line();
    }
    page_.End();
    if (events_.size() > kEventsShown) {
      page_.Element("p",
                    absl::StrCat("And ", events_.size() - kEventsShown,
                                 " more, each at its token below."),
                    {{"class", "quiet"}});
    }
    page_.End().Line();
  }

  void Tokens() {
    page_.Begin("section", {{"aria-labelledby", "tokens"}})
        .Element("h2", "Tokens", {{"id", "tokens"}})
        .Line();
    if (order_.empty()) {
      page_
          .Element("p",
                   "No token is declared, and none carries this workspace's "
                   "mark.",
                   {{"class", "quiet"}})
          .End()
          .Line();
      return;
    }
    Tools();
    DrawLegend(page_);
    page_.Begin("div", {{"class", "chart"}}).Line();
    page_.Begin("div", {{"class", "head"}});
    DrawAxis(scale_, report_.as_of, page_);
    page_.End().Line();
    page_.Begin("div", {{"class", "backdrop"}});
    DrawGrid(scale_, report_.as_of, page_);
    page_.End().Line();
    page_.Begin("ol", {{"class", "tokens"}, {"id", "list"}}).Line();
    TokenRows rows(report_, facets_, scale_, page_);
    for (size_t i = 0; i < order_.size(); ++i)
      rows.Draw(*order_[i], anchors_[order_[i]->address]);
    page_.End().End().End().Line();
  }

  // Nothing of this works without the script, which shows it.
  void Tools() {
    page_
        .Begin("fieldset",
               {{"class", "tools"}, {"id", "tools"}, {"hidden", ""}})
        .Element("legend", "Filter and sort the tokens", {{"class", "unseen"}})
        .Line();
    page_.Begin("label")
        .Element("span", "Find", {{"class", "quiet"}})
        .Void("input", {{"type", "search"},
                        {"id", "find"},
                        {"placeholder", "Name or purpose"},
                        {"autocomplete", "off"},
                        {"spellcheck", "false"}})
        .End()
        .Line();
    facets_.DrawChoices(page_);
    page_.Begin("label")
        .Element("span", "Sort", {{"class", "quiet"}})
        .Begin("select", {{"id", "sort"}});
    for (const auto& [value, text] :
         {std::pair("urgency", "By urgency"), std::pair("next", "By next date"),
          std::pair("end", "By end"), std::pair("name", "By name"),
          std::pair("owner", "By owner")}) {
      page_.Element("option", text, {{"value", value}});
    }
    page_.End().End().Line();
    page_.Begin("label")
        .Element("span", "Time", {{"class", "quiet"}})
        .Begin("select", {{"id", "zoom"},
                          {"data-from", UnixSeconds(scale_.from())},
                          {"data-to", UnixSeconds(scale_.to())},
                          {"data-now", UnixSeconds(report_.as_of)}});
    for (const auto& [value, text] :
         {std::pair("all", "All"), std::pair("365", "A year"),
          std::pair("90", "90 days"), std::pair("30", "30 days")}) {
      page_.Element("option", text, {{"value", value}});
    }
    page_.End().End().Line();
    page_.Element("button", "Clear", {{"type", "button"}, {"id", "clear"}})
        .Line()
        .Element("output", "", {{"id", "count"}, {"class", "quiet"}})
        .Line();
    page_.End().Line();
  }

  const StatusReport& report_;
  const Facets facets_;
  const std::vector<Upcoming> events_;
  const TimeScale scale_;
  Html page_;
  std::vector<const TokenStatus*> order_;
  std::map<std::string, std::string> anchors_;  // by address
};

}  // namespace

std::string RenderStatusPage(const StatusReport& report) {
  return StatusPage(report).Text();
}

}  // namespace patform
