#include "engine/report/metrics.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "engine/base/strings.h"
#include "engine/inquiry/duty.h"
#include "engine/inquiry/served_until.h"
#include "engine/inquiry/standing.h"

namespace patform {
namespace {

using Labels = std::vector<std::pair<std::string, std::string>>;

std::string Text(const Labels& labels) {
  std::string text;
  for (const auto& [name, value] : labels) {
    absl::StrAppend(
        &text, text.empty() ? "" : ",", name, "=\"",
        absl::StrReplaceAll(Visible(value),
                            {{"\\", "\\\\"}, {"\"", "\\\""}, {"\n", "\\n"}}),
        "\"");
  }
  return text;
}

// One family: a gauge with its series. Two of the same labels are one, the
// earlier date of both: names that differ may look the same once they are made
// visible, and a file with a series twice is refused as a whole.
class Family {
 public:
  Family(const char* name, const char* help) : name_(name), help_(help) {}

  void Set(const Labels& labels, int64_t value) {
    const auto [at, is_new] = series_.emplace(Text(labels), value);
    if (!is_new) at->second = std::min(at->second, value);
  }
  void Set(const Labels& labels, absl::Time value) {
    Set(labels, absl::ToUnixSeconds(value));
  }
  void Add(const Labels& labels, int64_t n) { series_[Text(labels)] += n; }

  // "" for one without series.
  std::string Render() const {
    if (series_.empty()) return "";
    std::string text = absl::StrCat("# HELP patform_", name_, " ", help_,
                                    "\n# TYPE patform_", name_, " gauge\n");
    for (const auto& [labels, value] : series_) {
      absl::StrAppend(&text, "patform_", name_, "{", labels, "} ", value, "\n");
    }
    return text;
  }

 private:
  const char* name_;
  const char* help_;
  std::map<std::string, int64_t> series_;
};

class StatusMetrics {
 public:
  StatusMetrics(const StatusReport& report, TokenNames names)
      : report_(report), names_(names) {}

  std::string Render() {
    observed_.Set(With({}), report_.snapshot_taken_at.value_or(report_.as_of));
    complete_.Set(With({}), int64_t{report_.complete});
    // What there is none of, too: who counts must see a zero.
    for (const std::string& organization : report_.organizations) {
      for (const StandingRow& row : kStandingWords) {
        tokens_.Add(With({{"organization", organization}, {"state", row.word}}),
                    0);
      }
    }
    for (const TokenStatus& token : report_.tokens) Token(token);
    findings_.Set(With({{"severity", "error"}}), int64_t{report_.errors});
    findings_.Set(With({{"severity", "warning"}}), int64_t{report_.warnings});
    for (const auto& row : kDutyWords)
      duties_.Add(With({{"kind", row.word}}), 0);
    for (const Duty& duty : DutiesOf(report_)) {
      if (!duty.IsShown(report_.as_of)) continue;
      duties_.Add(With({{"kind", Word(duty.kind)}}), 1);
    }
    if (report_.sign_in_ends) sign_in_.Set(With({}), *report_.sign_in_ends);
    return absl::StrCat(observed_.Render(), complete_.Render(),
                        tokens_.Render(), valid_to_.Render(), renews_.Render(),
                        findings_.Render(), duties_.Render(),
                        sign_in_.Render());
  }

 private:
  Labels With(const Labels& more) const {
    Labels labels = {{"workspace", report_.workspace}};
    labels.insert(labels.end(), more.begin(), more.end());
    return labels;
  }

  void Token(const TokenStatus& token) {
    tokens_.Add(With({{"organization", token.organization},
                      {"state", Word(StandingOf(token))}}),
                1);
    // What is no longer declared is to end.
    if (!token.declared && !token.unrenewed) return;
    Labels labels = With({{"organization", token.organization}});
    if (names_ == TokenNames::kShown) {
      labels.emplace_back("identity", token.identity);
      labels.emplace_back("token", token.address);
    }
    if (token.due_at && !token.unrenewed) renews_.Set(labels, *token.due_at);
    const std::optional<absl::Time> end = ServedUntil(token);
    if (!end) return;
    labels.emplace_back("renewed", token.unrenewed ? "no" : "yes");
    valid_to_.Set(labels, *end);
  }

  const StatusReport& report_;
  const TokenNames names_;
  Family observed_{"observed_timestamp_seconds",
                   "When the tokens and the places were read."};
  Family complete_{"observed_complete",
                   "1: every list and every place could be read."};
  Family tokens_{"tokens", "Tokens by what can be said of them."};
  Family valid_to_{"token_valid_to_timestamp_seconds",
                   "When what consumers have ends, the earliest of its labels; "
                   "renewed=\"no\": no run renews it."};
  Family renews_{"token_renews_timestamp_seconds",
                 "From when on an apply renews the token, the earliest of its "
                 "labels."};
  Family findings_{"findings", "What policy and guards found, by severity."};
  Family duties_{"duties", "What a person must do, by its kind."};
  Family sign_in_{"sign_in_ends_timestamp_seconds",
                  "When the sign-in that the runs rest on ends."};
};

}  // namespace

std::string RenderStatusMetrics(const StatusReport& report, TokenNames names) {
  return StatusMetrics(report, names).Render();
}

std::string RenderApplyMetrics(const LastApply& apply) {
  const Labels workspace = {{"workspace", apply.workspace}};
  Family ended("last_apply_timestamp_seconds", "When the last apply ended.");
  ended.Set(workspace, apply.ended);
  Family success("last_apply_success",
                 "1: the last apply did all that it was to do.");
  success.Set(workspace, int64_t{apply.exit_code == 0});
  Family code("last_apply_exit_code", "The exit code of the last apply.");
  code.Set(workspace, int64_t{apply.exit_code});
  Family changes("last_apply_changes",
                 "Changes of the last apply, by their outcome.");
  for (const auto& row : kOutcomeWords) {
    Labels labels = workspace;
    labels.emplace_back("outcome", row.word);
    const auto found = apply.changes.find(row.value);
    changes.Set(labels,
                int64_t{found == apply.changes.end() ? 0 : found->second});
  }
  return absl::StrCat(ended.Render(), success.Render(), code.Render(),
                      changes.Render());
}

}  // namespace patform
