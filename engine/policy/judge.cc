#include "engine/policy/judge.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/clock.h"
#include "engine/base/strings.h"

namespace patform {

const PolicyException* Judge::ExceptionFor(const std::string& rule,
                                           const std::string& name) const {
  if (name.empty()) return nullptr;
  for (const PolicyException& each : policy_.exceptions) {
    if (each.rule == rule && now_ < each.until && GlobMatch(each.token, name)) {
      return &each;
    }
  }
  return nullptr;
}

void Judge::Broken(Finding finding, const std::string& name, bool exists) {
  finding.severity = policy_.Says(finding.rule).value_or(Severity::kError);
  if (exists) {
    const Existing counts = policy_.existing.value_or(Existing::kWarning);
    if (counts == Existing::kIgnore) return;
    if (counts == Existing::kWarning) finding.severity = Severity::kWarning;
  }
  if (const PolicyException* exception = ExceptionFor(finding.rule, name)) {
    if (excepted_ == nullptr) return;
    excepted_->push_back(
        {finding.address,
         absl::StrCat(finding.what, "; excepted from ", finding.rule, " until ",
                      FormatMinute(exception->until), ": ",
                      exception->reason)});
    return;
  }
  out_.push_back(std::move(finding));
}

}  // namespace patform
