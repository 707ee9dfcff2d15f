#include "engine/report/status_text.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/clock.h"
#include "engine/base/strings.h"
#include "engine/diff/decide.h"
#include "engine/report/ending.h"

namespace patform {
namespace {

using State = GenerationState;

std::string When(absl::Time time, absl::Time now) {
  return absl::StrCat(FormatMinute(time), " (", FormatRelative(time, now), ")");
}

std::string Padded(std::string text, size_t width) {
  const size_t columns = static_cast<size_t>(CodePoints(text));
  if (columns < width) text.append(width - columns, ' ');
  return text;
}

// A table whose columns are as wide as their widest cell. Colour is put on
// after the cells are filled up, so that it costs no width.
class Table {
 public:
  using Paint = std::string (*)(const Style&, const std::string&);
  struct Cell {
    std::string text;
    Paint paint = nullptr;
  };

  void Add(std::vector<Cell> row) { rows_.push_back(std::move(row)); }

  std::string Text(const Style& style) const {
    std::vector<size_t> widths;
    for (const std::vector<Cell>& row : rows_) {
      widths.resize(std::max(widths.size(), row.size()));
      for (size_t i = 0; i < row.size(); ++i) {
        widths[i] =
            std::max(widths[i], static_cast<size_t>(CodePoints(row[i].text)));
      }
    }
    std::string text;
    for (const std::vector<Cell>& row : rows_) {
      for (size_t i = 0; i < row.size(); ++i) {
        const bool last = i + 1 == row.size();
        const std::string cell =
            last ? row[i].text : Padded(row[i].text, widths[i]);
        absl::StrAppend(
            &text, row[i].paint == nullptr ? cell : row[i].paint(style, cell),
            last ? "\n" : "  ");
      }
    }
    return text;
  }

 private:
  std::vector<std::vector<Cell>> rows_;
};

std::string Bold(const Style& style, const std::string& text) {
  return style.Bold(text);
}
std::string Good(const Style& style, const std::string& text) {
  return style.Green(text);
}
std::string Bad(const Style& style, const std::string& text) {
  return style.Red(text);
}
std::string Pending(const Style& style, const std::string& text) {
  return style.Yellow(text);
}
std::string Faint(const Style& style, const std::string& text) {
  return style.Dim(text);
}

Table::Paint PaintOf(State state) {
  switch (state) {
    case State::kCurrent:
    case State::kWatched:
      return Good;
    case State::kSuperseded:
    case State::kUnmanaged:
    case State::kServedElsewhere:
      return Faint;
    case State::kInFlight:
    case State::kPartlyDelivered:
    case State::kDeclaredAbsent:
    case State::kDeclaredReleased:
    case State::kUndeclared:
      return Pending;
    default:
      return Bad;
  }
}

std::string NextText(const GenerationStatus& row, const TokenStatus& token,
                     absl::Time now) {
  switch (row.next) {
    case NextStep::kStay:
      return "-";
    case NextStep::kUpdate:
      return "updates it";
    case NextStep::kReplace:
      return absl::StrCat("makes generation ", token.makes);
    case NextStep::kRetire:
      return absl::StrCat("ends it ", FormatRelative(*row.at, now));
    case NextStep::kRevoke:
      return "revokes it";
    case NextStep::kRelease:
      return "releases it";
    case NextStep::kEndItself:
      return "- (ends by itself)";
    case NextStep::kWait:
      return absl::StrCat("waits; revokes it ", FormatRelative(*row.at, now));
    case NextStep::kUndecided:
      return "undecided";
  }
  return "";
}

class StatusText {
 public:
  StatusText(const StatusReport& report, const Style& style)
      : report_(report), style_(style) {}

  std::string Text() {
    if (report_.tokens.empty()) {
      return "No token is declared, and none carries this workspace's mark.\n";
    }
    if (!report_.clock.empty()) {
      Line(absl::StrCat("Note: clock: ", Visible(report_.clock)));
      Line("");
    }
    if (!report_.ending.empty()) {
      Line(RenderEnding(report_.ending, report_.as_of, style_));
    }
    Rows();
    for (const TokenStatus& token : report_.tokens) Explain(token);
    Closing();
    return std::move(text_);
  }

 private:
  void Line(const std::string& line) { absl::StrAppend(&text_, line, "\n"); }

  void Rows() {
    const bool many = report_.organizations.size() > 1;
    Table table;
    std::vector<Table::Cell> head = {{"TOKEN", Bold}};
    if (many) head.push_back({"ORGANIZATION", Bold});
    for (const char* title :
         {"GEN", "STATE", "ID", "MINTED", "EXPIRES", "NEXT APPLY", "HELD BY"}) {
      head.push_back({title, Bold});
    }
    table.Add(std::move(head));
    for (const TokenStatus& token : report_.tokens) {
      std::vector<Table::Cell> first = {{Visible(token.address)}};
      if (many) first.push_back({Visible(token.organization)});
      if (token.generations.empty()) {
        std::vector<Table::Cell> row = first;
        const std::string next =
            token.makes > 0 ? absl::StrCat("makes generation ", token.makes)
            : token.problem.empty() ? "-"
                                    : "undecided";
        for (const std::string& cell :
             {std::string("-"), std::string("none"), std::string("-"),
              std::string("-"), std::string("-"), next, std::string("-")}) {
          row.push_back({cell});
        }
        table.Add(std::move(row));
        continue;
      }
      for (const GenerationStatus& generation : token.generations) {
        std::vector<Table::Cell> row = first;
        for (Table::Cell& cell : first) cell.text.clear();
        row.push_back({generation.generation > 0
                           ? absl::StrCat(generation.generation)
                           : "-"});
        row.push_back({Shown(generation.state), PaintOf(generation.state)});
        row.push_back({generation.id.Short()});
        row.push_back({Relative(generation.valid_from)});
        row.push_back({generation.state == State::kRevoked
                           ? "-"
                           : Relative(generation.valid_to)});
        row.push_back({NextText(generation, token, report_.as_of)});
        row.push_back({generation.held_by.empty()
                           ? "-"
                           : Visible(absl::StrJoin(generation.held_by, ", "))});
        table.Add(std::move(row));
      }
    }
    text_ += table.Text(style_);
  }

  std::string Relative(const std::optional<absl::Time>& time) const {
    return time ? FormatRelative(*time, report_.as_of) : "-";
  }

  std::string Which(const TokenStatus& token,
                    const GenerationStatus& row) const {
    std::string which = style_.Bold(Visible(token.address));
    if (row.generation > 0) {
      absl::StrAppend(&which, " generation ", row.generation);
    }
    return absl::StrCat(which, " (", row.id.Short(), ")");
  }

  std::string Minted(const GenerationStatus& row) const {
    return absl::StrCat("It was minted ", When(*row.valid_from, report_.as_of),
                        row.nonce.empty()
                            ? ""
                            : absl::StrCat(" by the run that left the mark ",
                                           Visible(row.nonce)));
  }

  // What the next apply does with what was never delivered.
  std::string ThenEnds(const GenerationStatus& row) const {
    switch (row.next) {
      case NextStep::kRevoke:
        return "The next apply revokes it.";
      case NextStep::kRetire:
        return absl::StrCat("The next apply lets it end ",
                            When(*row.at, report_.as_of), ".");
      case NextStep::kWait:
        return absl::StrCat("An apply after ", When(*row.at, report_.as_of),
                            " revokes it.");
      case NextStep::kEndItself:
        return absl::StrCat("It ends by itself ", When(*row.at, report_.as_of),
                            ".");
      case NextStep::kUndecided:
        return "What becomes of it could not be decided.";
      default:
        return "The next apply leaves it alone.";
    }
  }

  void Explain(const TokenStatus& token) {
    for (const GenerationStatus& row : token.generations) {
      const std::string why = Why(token, row);
      if (why.empty()) continue;
      Line("");
      Line(absl::StrCat(Which(token, row), " ", why));
    }
    Places(token);
    if (!token.shorter.empty()) {
      Line("");
      Line(absl::StrCat(style_.Bold(Visible(token.address)), " ", token.shorter,
                        "."));
    }
    if (!token.problem.empty()) {
      Line("");
      Line(absl::StrCat(style_.Yellow("?"), " ",
                        style_.Bold(Visible(token.address)),
                        " is undecided: ", Visible(token.problem)));
    }
  }

  std::string Why(const TokenStatus& token, const GenerationStatus& row) const {
    switch (row.state) {
      case State::kCurrent:
      case State::kSuperseded:
      case State::kWatched:
      case State::kDeclaredAbsent:
      case State::kDeclaredReleased:
        return "";
      case State::kInFlight:
      case State::kOrphan:
      case State::kPartlyDelivered:
      case State::kUnrecorded:
      case State::kUnknown:
        return WhyNotInService(token, row);
      case State::kServedElsewhere:
        return "is what a place that is now another token's still holds; it "
               "is not ended before that place holds another.";
      case State::kExpired:
        return absl::StrCat("has expired, and ", HeldText(row),
                            " still holds its secret. ", MakesText(token));
      case State::kRevoked:
        return absl::StrCat("was revoked by somebody else, and ", HeldText(row),
                            " still holds its secret. ", MakesText(token));
      case State::kGone:
        return absl::StrCat(
            "is what ", HeldText(row),
            " holds, and the service does not list such a token any more. ",
            MakesText(token));
      case State::kUndeclared:
        return absl::StrCat(
            "was declared once: it carries the mark of this workspace, and "
            "no configuration names it. ",
            row.next == NextStep::kRevoke ? "The next apply revokes it."
                                          : "It stays for now.");
      case State::kCopied:
        return "carries a copy of another token's mark; patform did not mint "
               "it and leaves it alone.";
      case State::kUnmanaged:
        return "bears this name and no mark; patform did not mint it and "
               "leaves it alone.";
    }
    return "";
  }

  // No primary place is known to hold these.
  std::string WhyNotInService(const TokenStatus& token,
                              const GenerationStatus& row) const {
    switch (row.state) {
      case State::kInFlight:
        return absl::StrCat(
            "is in flight: no sink's record names it yet. ", Minted(row),
            "; a run has ", FormatSpan(kDeliveryDeadline),
            " to deliver what it minted, so one may still be at work. ",
            ThenEnds(row));
      case State::kOrphan:
        return absl::StrCat(
            "is an orphan. ", Minted(row),
            ", which was interrupted before it delivered it: "
            "its secret is in no sink, and nobody can have it. ",
            ThenEnds(row));
      case State::kPartlyDelivered:
        return absl::StrCat(
            "is delivered in part: ", Visible(absl::StrJoin(row.held_by, ", ")),
            " has it, the primary place does not. ", Minted(row), ". ",
            token.makes > 0
                ? absl::StrCat("The next apply makes generation ", token.makes,
                               " and delivers that to every place; until "
                               "then this one stays alive.")
                : "It stays alive until another is there.");
      case State::kUnrecorded:
        return absl::StrCat(
            "is in no record of this token's places: it was never delivered, "
            "or the places have moved since. ",
            Minted(row), ". ", ThenEnds(row));
      case State::kUnknown:
        return absl::StrCat(
            "may be in service or not: a record could not be read, and what "
            "is unknown is never taken for absent. ",
            Minted(row), ".");
      default:
        return "";
    }
  }

  static std::string HeldText(const GenerationStatus& row) {
    return row.held_by.empty() ? "the sink"
                               : Visible(absl::StrJoin(row.held_by, ", "));
  }

  static std::string MakesText(const TokenStatus& token) {
    if (token.makes == 0) return "The next apply does nothing about it.";
    return absl::StrCat("The next apply makes generation ", token.makes,
                        " and delivers it.");
  }

  static bool HasPart(const TokenStatus& token, int64_t generation) {
    return std::any_of(token.generations.begin(), token.generations.end(),
                       [generation](const GenerationStatus& row) {
                         return row.state == State::kPartlyDelivered &&
                                row.generation == generation;
                       });
  }

  // Places that lag behind the primary, or hold what they should not.
  void Places(const TokenStatus& token) {
    const bool in_service = std::any_of(
        token.places.begin(), token.places.end(), [](const PlaceStatus& place) {
          return place.state == PlaceStatus::State::kHolds;
        });
    for (const PlaceStatus& place : token.places) {
      std::string what;
      switch (place.state) {
        case PlaceStatus::State::kHolds:
          continue;
        case PlaceStatus::State::kOther:
          // A generation that is delivered in part has been explained.
          if (HasPart(token, place.generation)) continue;
          what = absl::StrCat("holds generation ", place.generation,
                              ", not the one in service");
          break;
        case PlaceStatus::State::kEmpty:
          if (!in_service) continue;
          what = "holds nothing yet";
          break;
        case PlaceStatus::State::kForeign:
        case PlaceStatus::State::kUnreadable:
          // The first of these is why the token is undecided, and shown there.
          if (!token.problem.empty()) continue;
          what = place.state == PlaceStatus::State::kForeign
                     ? "holds a value that patform did not write"
                     : absl::StrCat("could not be read: ", Visible(place.why));
          break;
        case PlaceStatus::State::kTorn:
          what = "holds a secret and the record of another one";
          break;
        case PlaceStatus::State::kSilent:
          continue;
      }
      Line("");
      Line(absl::StrCat(style_.Bold(Visible(token.address)), ": ",
                        Visible(place.address), " ", what, "."));
    }
  }

  void Closing() {
    std::map<State, int> counts;
    for (const TokenStatus& token : report_.tokens) {
      for (const GenerationStatus& row : token.generations) {
        ++counts[row.state];
      }
    }
    std::string text =
        Count(static_cast<long long>(report_.tokens.size()), "token");
    const char* separator = ": ";
    for (const auto& [state, n] : counts) {
      absl::StrAppend(&text, separator, n, " ", Shown(state));
      separator = ", ";
    }
    Line("");
    Line(style_.Bold(text + "."));
    if (!report_.left_out.empty()) {
      Line(absl::StrCat(
          "Limited to the targets given: ",
          Count(static_cast<long long>(report_.left_out.size()), "other token"),
          " left out."));
    }
    if (report_.forbidden) {
      Line(
          "The next apply would do nothing: a policy or guard forbids it; "
          "`patform plan` names it.");
    } else if (report_.errors > 0) {
      Line(
          "The next apply would leave out what a policy forbids; `patform "
          "plan` names it.");
    }
    if (report_.warnings > 0) {
      Line(absl::StrCat("The policy has ", Count(report_.warnings, "warning"),
                        "; `patform plan` shows ",
                        report_.warnings == 1 ? "it." : "them."));
    }
    if (!report_.complete) {
      Line("The status is incomplete: a place could not be read (see above).");
    }
  }

  const StatusReport& report_;
  const Style& style_;
  std::string text_;
};

}  // namespace

std::string RenderStatus(const StatusReport& report, const Style& style) {
  return StatusText(report, style).Text();
}

}  // namespace patform
