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
#include "engine/report/table.h"

namespace patform {
namespace {

using State = GenerationState;

// "26d" of 26d 22h.
std::string Largest(absl::Duration span) {
  const std::string both = FormatSpan(span);
  return both.substr(0, both.find(' '));
}

std::string When(absl::Time time, absl::Time now) {
  return absl::StrCat(FormatMinute(time), " (", FormatRelative(time, now), ")");
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
    if (row.state == State::kCurrent || row.state == State::kWatched) {
      return *row.valid_to;
    }
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
    Lagging(token);
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
  void Lagging(const TokenStatus& token) {
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
