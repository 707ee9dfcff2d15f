#include "engine/report/page/timeline.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/clock.h"

namespace patform {
namespace {

using State = GenerationState;

// In pixels: of one generation's bar and between two.
constexpr int kBar = 10;
constexpr int kGap = 4;

// Which of a few looks a generation has.
const char* LookOf(State state) {
  switch (state) {
    case State::kCurrent:
    case State::kWatched:
      return "live";
    case State::kSuperseded:
    case State::kServedElsewhere:
      return "past";
    case State::kExpired:
    case State::kRevoked:
    case State::kGone:
      return "dead";
    case State::kCopied:
    case State::kUnmanaged:
      return "other";
    case State::kDeclaredAbsent:
    case State::kDeclaredReleased:
    case State::kUndeclared:
      return "leaving";
    case State::kPartlyDelivered:
    case State::kInFlight:
    case State::kOrphan:
    case State::kUnrecorded:
    case State::kUnknown:
      break;
  }
  return "pending";
}

// From when on a generation lives only for whoever has not fetched the next one
// yet; nullopt: it is not in its grace.
std::optional<absl::Time> GraceOf(const TokenStatus& token,
                                  const GenerationStatus& row) {
  if (row.state != State::kSuperseded) return std::nullopt;
  std::optional<absl::Time> from;
  for (const GenerationStatus& other : token.generations) {
    if (other.generation <= row.generation || !other.valid_from) continue;
    if (!from || *other.valid_from < *from) from = other.valid_from;
  }
  return from;
}

// A drawing as wide as its column; what is in the inner one can be stretched
// and moved without being distorted.
void BeginDrawing(Html& page, std::string_view height) {
  page.Begin("svg", {{"class", "pane"}, {"width", "100%"}, {"height", height}});
}

// Bars one below the other on one line of time.
// A rect can have its place in per cent, so the page needs no script and no
// style of its own to be drawn at any width.
class Lanes {
 public:
  Lanes(size_t count, const TimeScale& scale, absl::Time now,
        std::string_view words, Html& page)
      : scale_(scale), page_(page) {
    const std::string height =
        absl::StrCat(std::max<size_t>(count, 1) * (kBar + kGap) + kGap);
    page_.Begin("svg", {{"class", "life"},
                        {"width", "100%"},
                        {"height", height},
                        {"role", "img"},
                        {"aria-label", words}});
    BeginDrawing(page_, height);
    // Where there is no room for one line through all lives.
    const std::string here = Percent(scale_.At(now));
    page_.Shape("line",
                {{"class", "here"}, {"x1", here}, {"x2", here}, {"y2", "99"}});
  }
  ~Lanes() { page_.End().End(); }
  Lanes(const Lanes&) = delete;
  Lanes& operator=(const Lanes&) = delete;

  void Below() { top_ += kBar + kGap; }

  void Bar(const char* look, absl::Time from, absl::Time to) {
    const double x = scale_.At(from), width = scale_.At(to) - x;
    page_.Shape("rect", {{"class", look},
                         {"x", Percent(x)},
                         {"y", absl::StrCat(top_)},
                         {"width", Percent(std::max(width, 0.1))},
                         {"height", absl::StrCat(kBar)}});
  }

  // A diamond: its own little drawing, because a path has no per cent.
  void Due(absl::Time at) {
    page_
        .Begin("svg", {{"x", Percent(scale_.At(at))},
                       {"y", absl::StrCat(top_ + kBar / 2)},
                       {"class", "mark"}})
        .Shape("path", {{"class", "due"}, {"d", "M0-6 6 0 0 6-6 0z"}})
        .End();
  }

  void End(absl::Time at) {
    page_.Shape("rect", {{"class", "end"},
                         {"x", Percent(scale_.At(at))},
                         {"y", absl::StrCat(top_ - 3)},
                         {"width", "3"},
                         {"height", absl::StrCat(kBar + 6)}});
  }

 private:
  const TimeScale& scale_;
  Html& page_;
  int top_ = kGap;
};

void DrawGeneration(const TokenStatus& token, const GenerationStatus& row,
                    absl::Time now, Lanes& lanes) {
  const absl::Time from = *row.valid_from, to = *row.valid_to;
  const bool serves = IsInService(row.state);
  const bool ends = serves && token.ends;
  // Whatever else it is: what ends unrenewed is red.
  lanes.Bar(ends ? "ends" : LookOf(row.state), from, to);
  if (serves && token.due_at && *token.due_at < to) {
    lanes.Bar(ends ? "window ends" : "window", *token.due_at, to);
  }
  if (const std::optional<absl::Time> grace = GraceOf(token, row)) {
    lanes.Bar("grace", *grace, to);
  }
  if (serves && token.unrenewed) {
    lanes.End(to);
  } else if (serves && token.due_at && *token.due_at > now) {
    lanes.Due(*token.due_at);
  }
  // What the next apply cuts off.
  const bool cut = row.next == NextStep::kRetire ||
                   row.next == NextStep::kRevoke ||
                   row.next == NextStep::kReplace;
  const absl::Time at = row.at.value_or(now);
  if (cut && at < to) lanes.Bar("cut", std::max(at, from), to);
}

// When the token that a change is about ends by it; nullopt: not by it.
std::optional<absl::Time> EndOf(const Change& change, absl::Time now) {
  if (!change.before || !change.before->id) return std::nullopt;
  for (const std::vector<Collect>* ends :
       {&change.decision->collect_first, &change.decision->collect,
        &change.revoke}) {
    for (const Collect& end : *ends) {
      if (end.id == *change.before->id) return end.retire_at.value_or(now);
    }
  }
  return std::nullopt;
}

// Nothing of it is beyond the edge.
const char* AnchorAt(double at) {
  return at < 3 ? "start" : at > 97 ? "end" : "middle";
}

// One bar of the legend.
void Swatch(Html& page, const char* look, const char* what) {
  page.Begin("li").Begin("svg", {{"class", "swatch"},
                                 {"width", "28"},
                                 {"height", "14"},
                                 {"aria-hidden", "true"}});
  const std::string_view name = look;
  if (name == "due") {
    page.Shape("path", {{"class", look}, {"d", "M14 1 20 7 14 13 8 7z"}});
  } else if (name == "end") {
    page.Shape(
        "rect",
        {{"class", "ends"}, {"y", "2"}, {"width", "24"}, {"height", "10"}});
    page.Shape(
        "rect",
        {{"class", look}, {"x", "24"}, {"width", "3"}, {"height", "14"}});
  } else {
    if (name == "window" || name == "grace") {
      page.Shape("rect", {{"class", name == "window" ? "live" : "past"},
                          {"y", "2"},
                          {"width", "28"},
                          {"height", "10"}});
    }
    page.Shape(
        "rect",
        {{"class", look}, {"y", "2"}, {"width", "28"}, {"height", "10"}});
  }
  page.End().Text(" ").Text(what).End();
}

}  // namespace

void DrawAxis(const TimeScale& scale, absl::Time now, Html& page) {
  page.Begin("svg", {{"class", "axis"},
                     {"width", "100%"},
                     {"height", "34"},
                     {"aria-hidden", "true"}});
  BeginDrawing(page, "34");
  for (const TimeScale::Tick& tick : scale.Ticks()) {
    page.Element("text", tick.label,
                 {{"class", tick.always ? "tick" : "tick minor"},
                  {"text-anchor", AnchorAt(scale.At(tick.at))},
                  {"x", Percent(scale.At(tick.at))},
                  {"y", "28"}});
  }
  page.Element("text", "now",
               {{"class", "now"},
                {"text-anchor", "middle"},
                {"x", Percent(scale.At(now))},
                {"y", "12"}});
  page.End().End();
}

void DrawGrid(const TimeScale& scale, absl::Time now, Html& page) {
  page.Begin("svg", {{"class", "grid"},
                     {"width", "100%"},
                     {"height", "100%"},
                     {"aria-hidden", "true"}});
  BeginDrawing(page, "100%");
  const auto line = [&](const char* look, absl::Time at) {
    const std::string x = Percent(scale.At(at));
    page.Shape(
        "line",
        {{"class", look}, {"x1", x}, {"x2", x}, {"y1", "0"}, {"y2", "100%"}});
  };
  for (const TimeScale::Tick& tick : scale.Ticks()) {
    line(tick.always ? "tick" : "tick minor", tick.at);
  }
  line("now", now);
  page.End().End();
}

void DrawLife(const TokenStatus& token, const TimeScale& scale, absl::Time now,
              Html& page) {
  std::vector<const GenerationStatus*> rows;
  for (const GenerationStatus& row : token.generations) {
    if (row.valid_from && row.valid_to) rows.push_back(&row);
  }
  // What does not exist yet is below what does.
  const bool makes = token.makes > 0 && token.makes_until;
  Lanes lanes(rows.size() + (makes ? 1 : 0), scale, now, LifeInWords(token),
              page);
  for (const GenerationStatus* row : rows) {
    DrawGeneration(token, *row, now, lanes);
    lanes.Below();
  }
  if (makes) lanes.Bar("next", now, *token.makes_until);
  if (rows.empty() && token.ends) lanes.End(token.unrenewed->ends);
}

void DrawChange(const Change& change, const TimeScale& scale, absl::Time now,
                Html& page) {
  const bool makes = change.decision->kind == Decision::Kind::kMake;
  std::vector<std::string> words;
  if (change.before && change.before->valid_to) {
    words.push_back("until " + FormatDay(*change.before->valid_to) + " now");
  }
  if (change.after && change.after->valid_to) {
    words.push_back("until " + FormatDay(*change.after->valid_to) + " then");
  }
  Lanes lanes(words.size(), scale, now,
              words.empty() ? "no dates" : absl::StrJoin(words, ", "), page);
  const std::optional<absl::Time> end = EndOf(change, now);
  if (change.before && change.before->valid_to) {
    const absl::Time to = *change.before->valid_to;
    const absl::Time from = change.before->valid_from.value_or(now);
    lanes.Bar(makes || end ? "past" : "live", from, to);
    if (end && *end < to) lanes.Bar("cut", std::max(*end, from), to);
    lanes.Below();
  }
  if (change.after && change.after->valid_to) {
    const absl::Time from =
        makes || !change.before ? now : change.before->valid_from.value_or(now);
    lanes.Bar("next", from, *change.after->valid_to);
  }
}

std::string LifeInWords(const TokenStatus& token) {
  std::vector<std::string> words;
  for (const GenerationStatus& row : token.generations) {
    std::string text = row.generation > 0
                           ? absl::StrCat("generation ", row.generation, ", ")
                           : std::string();
    absl::StrAppend(&text, Shown(row.state));
    if (row.valid_from && row.valid_to) {
      absl::StrAppend(&text, ", from ", FormatDay(*row.valid_from), " to ",
                      FormatDay(*row.valid_to));
    }
    if (IsInService(row.state) && token.due_at) {
      absl::StrAppend(&text, ", due on ", FormatDay(*token.due_at));
    }
    words.push_back(std::move(text));
  }
  if (token.makes > 0 && token.makes_until) {
    words.push_back(absl::StrCat("the next apply makes generation ",
                                 token.makes, ", until ",
                                 FormatDay(*token.makes_until)));
  }
  if (token.unrenewed) {
    words.push_back(absl::StrCat("nothing renews it before it ends on ",
                                 FormatDay(token.unrenewed->ends)));
  }
  return words.empty() ? "nothing lives" : absl::StrJoin(words, "; ");
}

void DrawLegend(Html& page) {
  page.Begin("ul", {{"class", "legend"}});
  for (const auto& [look, what] :
       {std::pair("live", "in service"),
        std::pair("window", "window in which it is renewed"),
        std::pair("due", "falls due"),
        std::pair("grace", "grace of the one before"),
        std::pair("next", "what the next apply makes"),
        std::pair("cut", "cut off by the next apply"),
        std::pair("pending", "not in service"),
        std::pair("end", "ends, and nothing renews it")}) {
    Swatch(page, look, what);
  }
  page.End().Line();
}

}  // namespace patform
