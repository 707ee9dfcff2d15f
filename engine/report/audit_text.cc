#include "engine/report/audit_text.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/clock.h"
#include "engine/base/strings.h"

namespace patform {
namespace {

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
    for (const AuditedToken& token : report_.tokens) {
      if (token.points > 0) Block(token);
    }
    Legend();
    Findings();
    Closing();
    return std::move(text_);
  }

 private:
  void Line(const std::string& line) { absl::StrAppend(&text_, line, "\n"); }

  std::string Colored(RiskLevel level) const {
    std::string word = Word(level);
    word.resize(8, ' ');
    switch (level) {
      case RiskLevel::kCritical:
      case RiskLevel::kHigh:
        return style_.Red(word);
      case RiskLevel::kMedium:
        return style_.Yellow(word);
      default:
        return word;
    }
  }

  void Block(const AuditedToken& audited) {
    const ActualToken& token = audited.token;
    std::string head = absl::StrCat(
        Colored(LevelOf(audited.points)), "  ",
        style_.Bold(audited.address.empty()
                        ? absl::StrCat("\"", Visible(token.display_name), "\"")
                        : Visible(audited.address)),
        " (", token.id.Short(), ")");
    if (report_.organizations.size() > 1) {
      absl::StrAppend(&head, " in ", Visible(audited.organization));
    }
    absl::StrAppend(&head, ", until ", FormatMinute(token.valid_to), " (",
                    FormatRelative(token.valid_to, report_.as_of), ")");
    Line(head);
    if (!audited.where.file.empty()) {
      Line(absl::StrCat("    ", Visible(audited.where.file), ":",
                        audited.where.line));
    }
    for (const TokenRisk& risk : audited.risks) {
      Line(absl::StrCat("    ", Word(risk.risk), ": ", Visible(risk.what)));
      met_.insert(risk.risk);
    }
    Line("");
  }

  void Legend() {
    if (met_.empty()) return;
    Line(style_.Bold("What to do:"));
    for (const Risk risk : met_) {
      Line(absl::StrCat("  ", Word(risk), " (", InfoOf(risk).why, ")"));
      Line(absl::StrCat("      ", InfoOf(risk).fix));
    }
    Line("");
  }

  void Findings() {
    for (const Finding& finding : report_.findings) {
      std::string place;
      if (!finding.where.file.empty()) {
        place = absl::StrCat(Visible(finding.where.file), ":",
                             finding.where.line, ": ");
      }
      Line(absl::StrCat(
          finding.severity == Severity::kError
              ? style_.Red("Policy")
              : style_.Yellow("Policy warning"),
          " ", Visible(finding.rule), ": ", place, Visible(finding.address),
          finding.address.empty() ? "" : " ", Visible(finding.what)));
    }
    if (!report_.findings.empty()) Line("");
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
      Line("The audit is incomplete: a sink's record could not be read.");
    }
  }

  const AuditReport& report_;
  const Style& style_;
  std::set<Risk> met_;
  std::string text_;
};

}  // namespace

std::string RenderAudit(const AuditReport& report, const Style& style) {
  return AuditText(report, style).Text();
}

}  // namespace patform
