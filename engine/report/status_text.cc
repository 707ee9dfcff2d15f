#include "engine/report/status_text.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/clock.h"
#include "engine/base/strings.h"
#include "engine/report/ending.h"
#include "engine/report/remark.h"
#include "engine/report/table.h"

namespace patform {
namespace {

using State = GenerationState;

// "26d" of 26d 22h.
std::string Largest(absl::Duration span) {
  const std::string both = FormatSpan(span);
  return both.substr(0, both.find(' '));
}

// Fits a terminal of old.
constexpr int kWidth = 80;

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

std::string NextText(const GenerationStatus& row, absl::Time now) {
  switch (row.next) {
    case NextStep::kStay:
    case NextStep::kEndItself:
      return "-";
    case NextStep::kUpdate:
      return "update";
    case NextStep::kReplace:
      return "rotate";
    case NextStep::kRetire:
      return absl::StrCat("end in ", Largest(*row.at - now));
    case NextStep::kRevoke:
      return "revoke";
    case NextStep::kRelease:
      return "release";
    case NextStep::kWait:
      return absl::StrCat("wait ", Largest(*row.at - now));
    case NextStep::kUndecided:
      return "undecided";
  }
  return "";
}

// When what is in service ends; without that, what ends first. A token that has
// nothing at all comes before all others.
absl::Time EndOf(const TokenStatus& token) {
  absl::Time first = absl::InfiniteFuture();
  for (const GenerationStatus& row : token.generations) {
    if (row.state == State::kRevoked || row.state == State::kGone) {
      return absl::InfinitePast();
    }
    if (!row.valid_to) continue;
    if (IsInService(row.state)) return *row.valid_to;
    first = std::min(first, *row.valid_to);
  }
  return token.generations.empty() ? absl::InfinitePast() : first;
}

bool IsMissing(const TokenStatus& token) {
  return token.declared && token.generations.empty() && token.problem.empty();
}

class StatusText {
 public:
  StatusText(const StatusReport& report, const Style& style)
      : report_(report), style_(style) {}

  std::string Text() {
    if (report_.tokens.empty() && report_.strays.empty()) {
      return "No token is declared, and none carries this workspace's mark.\n";
    }
    if (!report_.sign_in.empty()) {
      Line(absl::StrCat("Note: sign-in: ", Visible(report_.sign_in)));
    }
    if (!report_.clock.empty()) {
      Line(absl::StrCat("Note: clock: ", Visible(report_.clock)));
      Line("");
    }
    if (!report_.ending.empty()) {
      Line(RenderEnding(report_.ending, report_.as_of, style_));
    }
    if (!report_.tokens.empty()) Rows();
    for (const TokenStatus* token : Ordered()) Explain(*token);
    for (const Note& stray : report_.strays) {
      Line("");
      Line(absl::StrCat(style_.Bold(Visible(stray.address)), ": ",
                        Visible(stray.text), "."));
    }
    Closing();
    return std::move(text_);
  }

 private:
  void Line(const std::string& line) { absl::StrAppend(&text_, line, "\n"); }

  // What ends first comes first.
  std::vector<const TokenStatus*> Ordered() const {
    std::vector<const TokenStatus*> ordered;
    for (const TokenStatus& token : report_.tokens) ordered.push_back(&token);
    std::stable_sort(ordered.begin(), ordered.end(),
                     [](const TokenStatus* a, const TokenStatus* b) {
                       return EndOf(*a) < EndOf(*b);
                     });
    return ordered;
  }

  void Rows() {
    Table table(kWidth);
    std::vector<Table::Cell> head;
    for (const char* title : {"TOKEN", "STATE", "DUE", "ENDS", "NEXT APPLY"}) {
      head.push_back({title, Bold});
    }
    table.Add(std::move(head));
    for (const TokenStatus* token : Ordered()) {
      if (token->generations.empty()) {
        const std::string next = token->makes > 0         ? "create"
                                 : token->problem.empty() ? "-"
                                                          : "undecided";
        table.Add({{Visible(token->address)},
                   {IsMissing(*token) ? "missing" : "none", Bad},
                   {"-"},
                   {"-"},
                   {next}},
                  Places(*token, {}));
        continue;
      }
      std::string first = Visible(token->address);
      for (const GenerationStatus& row : token->generations) {
        const bool due = row.state == State::kCurrent && token->due_at;
        table.Add({{first},
                   {Shown(row.state), PaintOf(row.state)},
                   {due ? Due(*token->due_at) : "-"},
                   {Ends(row)},
                   {NextText(row, report_.as_of)}},
                  Places(*token, Details(row)));
        first.clear();
      }
    }
    text_ += table.Text(style_);
  }

  std::string Due(absl::Time at) const {
    return at <= report_.as_of ? "now" : FormatDay(at);
  }

  // "2027-02-14 in 26d"
  std::string Ends(const GenerationStatus& row) const {
    if (!row.valid_to || row.state == State::kRevoked) return "-";
    const absl::Duration left = *row.valid_to - report_.as_of;
    return absl::StrCat(FormatDay(*row.valid_to),
                        left < absl::ZeroDuration()
                            ? " ended"
                            : absl::StrCat(" in ", Largest(left)));
  }

  std::vector<std::string> Details(const GenerationStatus& row) const {
    std::vector<std::string> details;
    if (row.generation > 0) {
      details.push_back(absl::StrCat("generation ", row.generation));
    }
    details.push_back(row.id.Short());
    if (row.valid_from) {
      details.push_back(absl::StrCat("minted ", Relative(row.valid_from)));
    }
    if (!row.held_by.empty()) {
      details.push_back(
          absl::StrCat("in ", Visible(absl::StrJoin(row.held_by, ", "))));
    }
    return details;
  }

  // The line below a row; "": there is nothing to add.
  std::string Places(const TokenStatus& token,
                     std::vector<std::string> details) const {
    if (report_.organizations.size() > 1) {
      details.insert(details.begin(), Visible(token.organization));
    }
    return details.empty() ? ""
                           : absl::StrCat("    ", absl::StrJoin(details, ", "));
  }

  std::string Relative(const std::optional<absl::Time>& time) const {
    return time ? FormatRelative(*time, report_.as_of) : "-";
  }

  void Explain(const TokenStatus& token) {
    for (const Remark& remark : RemarksOn(token, report_.as_of)) {
      const bool undecided = remark.about == Remark::About::kUndecided;
      Line("");
      Line(absl::StrCat(undecided ? style_.Yellow("?") + " " : std::string(),
                        style_.Bold(Visible(token.address)),
                        remark.about == Remark::About::kPlace ? ": " : " ",
                        remark.text));
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
    const auto missing =
        std::count_if(report_.tokens.begin(), report_.tokens.end(), IsMissing);
    if (missing > 0) {
      absl::StrAppend(&text, separator, missing, " missing");
      separator = ", ";
    }
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
      for (const std::string& why : report_.unread) {
        Line(absl::StrCat("The status is incomplete: ", Visible(why)));
      }
      if (report_.unread.empty()) {
        Line(
            "The status is incomplete: a place could not be read (see above).");
      }
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
