#include "engine/report/audit_text.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/clock.h"
#include "engine/base/strings.h"
#include "engine/base/wrap.h"
#include "engine/report/findings_text.h"
#include "engine/report/table.h"

namespace patform {
namespace {

constexpr int kWidth = 80;
// Of the tokens that have the same risk for the same reason.
constexpr size_t kNamesShown = 5;

// What several tokens have in common.
struct Same {
  std::string what;
  std::vector<std::string> names;
};

class AuditText {
 public:
  AuditText(const AuditReport& report, const Style& style)
      : report_(report), style_(style) {}

  std::string Text() {
    if (report_.snapshot_taken_at) {
      Line(absl::StrCat("From a snapshot of ",
                        FormatMinute(*report_.snapshot_taken_at), "."));
      Line("");
    }
    Rows();
    Legend();
    Findings();
    for (const Note& stray : report_.strays) {
      Line(
          absl::StrCat(Visible(stray.address), ": ", Visible(stray.text), "."));
    }
    if (!report_.strays.empty()) Line("");
    Closing();
    return std::move(text_);
  }

 private:
  void Line(const std::string& line) { absl::StrAppend(&text_, line, "\n"); }

  static Table::Paint PaintOf(RiskLevel level) {
    switch (level) {
      case RiskLevel::kCritical:
      case RiskLevel::kHigh:
        return Bad;
      case RiskLevel::kMedium:
        return Pending;
      default:
        return nullptr;
    }
  }

  std::string Name(const AuditedToken& audited) const {
    std::string name = Visible(audited.address);
    if (audited.address.empty()) {
      name = absl::StrCat("\"", Visible(audited.token.display_name), "\"");
      if (!audited.identity.empty()) {
        absl::StrAppend(&name, " of ", Visible(audited.identity));
      }
    }
    return report_.organizations.size() > 1
               ? absl::StrCat(name, " in ", Visible(audited.organization))
               : name;
  }

  // One row for each token that has a risk.
  void Rows() {
    Table table(kWidth);
    table.Add({{"TOKEN", Bold},
               {"LEVEL", Bold},
               {"ID", Bold},
               {"ENDS", Bold},
               {"RISKS", Bold}});
    for (const AuditedToken& audited : report_.tokens) {
      if (audited.points == 0) continue;
      std::vector<std::string> risks;
      for (const TokenRisk& risk : audited.risks) {
        risks.push_back(Word(risk.risk));
        Meet(risk, audited);
      }
      const RiskLevel level = LevelOf(audited.points);
      table.Add({{Name(audited)},
                 {Word(level), PaintOf(level)},
                 {audited.token.id.Short()},
                 {FormatDay(audited.token.valid_to)},
                 {absl::StrJoin(risks, ", ")}});
    }
    if (met_.empty()) return;
    absl::StrAppend(&text_, table.Text(style_), "\n");
  }

  // The same finding of several tokens is one, and their names follow it.
  void Meet(const TokenRisk& risk, const AuditedToken& audited) {
    std::vector<Same>& found = met_[risk.risk];
    for (Same& same : found) {
      if (same.what != risk.what) continue;
      same.names.push_back(Name(audited));
      return;
    }
    found.push_back({risk.what, {Name(audited)}});
  }

  void Legend() {
    for (const auto& [risk, found] : met_) {
      Line(
          Wrapped(absl::StrCat(style_.Bold(Word(risk)), ": ", InfoOf(risk).why),
                  kWidth, 2));
      for (const Same& same : found) {
        std::vector<std::string> names(
            same.names.begin(),
            same.names.begin() + std::min(same.names.size(), kNamesShown));
        if (same.names.size() > kNamesShown) {
          names.push_back(
              absl::StrCat("… and ", same.names.size() - kNamesShown, " more"));
        }
        // The dash: what begins a line may be a command for a log.
        Line(Wrapped(absl::StrCat("    - ", Visible(same.what), ": ",
                                  absl::StrJoin(names, ", ")),
                     kWidth, 2));
      }
      Line(Wrapped(absl::StrCat("      fix: ", InfoOf(risk).fix), kWidth, 2));
    }
    if (!met_.empty()) Line("");
  }

  void Findings() {
    std::vector<const Finding*> findings;
    for (const Finding& finding : report_.findings) {
      findings.push_back(&finding);
    }
    if (findings.empty()) return;
    absl::StrAppend(&text_, RenderFindings(findings, {}, style_), "\n");
  }

  void Closing() {
    std::string text = absl::StrCat(
        "Audit: ",
        Count(static_cast<long long>(report_.tokens.size()), "live token"));
    for (const RiskLevel level :
         {RiskLevel::kCritical, RiskLevel::kHigh, RiskLevel::kMedium,
          RiskLevel::kLow, RiskLevel::kNone}) {
      absl::StrAppend(
          &text, ", ", report_.CountOf(level), " ",
          level == RiskLevel::kNone ? "without a risk" : Word(level));
    }
    Line(style_.Bold(text + "."));
    if (!report_.complete) {
      for (const std::string& why : report_.unread) {
        Line(absl::StrCat("The audit is incomplete: ", Visible(why)));
      }
      if (report_.unread.empty()) {
        Line("The audit is incomplete: a sink's record could not be read.");
      }
    }
  }

  const AuditReport& report_;
  const Style& style_;
  std::map<Risk, std::vector<Same>> met_;  // the gravest first
  std::string text_;
};

}  // namespace

std::string RenderAudit(const AuditReport& report, const Style& style) {
  return AuditText(report, style).Text();
}

}  // namespace patform
