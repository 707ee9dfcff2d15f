#include "engine/policy/judge.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/clock.h"
#include "engine/base/strings.h"

namespace patform {

Judge::Judge(const PolicyConfig& policy, absl::Time now,
             std::vector<Finding>& out, std::vector<Note>* excepted)
    : policy_(policy), now_(now), out_(out), excepted_(excepted) {
  for (const PolicyException& each : policy.exceptions) {
    // Those that have ended are kept: a finding says that it was excepted once,
    // so that nobody looks for a change that nobody made.
    Exceptions& of = (now < each.until ? exceptions_ : lapsed_)[each.rule];
    // A name is looked up, a pattern is tried: with thousands of exceptions and
    // tokens, trying each on each would take minutes.
    if (each.token.find_first_of("*?") == std::string::npos) {
      of.by_name.emplace(each.token, &each);
    } else {
      of.patterns.push_back(&each);
    }
  }
}

// The first in the list.
const PolicyException* Judge::ExceptionFor(const ByRule& exceptions,
                                           const std::string& rule,
                                           const std::string& name) {
  const auto of = exceptions.find(rule);
  if (name.empty() || of == exceptions.end()) return nullptr;
  const auto named = of->second.by_name.find(name);
  const PolicyException* first =
      named == of->second.by_name.end() ? nullptr : named->second;
  for (const PolicyException* each : of->second.patterns) {
    // Both lists are in file order, and so are the addresses.
    if (first != nullptr && first < each) break;
    if (GlobMatch(each->token, name)) return each;
  }
  return first;
}

void Judge::Broken(Finding finding, const std::string& name, bool exists) {
  // A rule is an error unless the policy says less.
  finding.severity = policy_.Says(finding.rule).value_or(Severity::kError);
  if (exists) {
    const Existing counts = policy_.existing.value_or(Existing::kWarning);
    // What exists was made under no rule, or another one: it must not stop a
    // release unless the policy asks for that in words.
    if (counts == Existing::kIgnore) return;
    if (counts == Existing::kWarning) finding.severity = Severity::kWarning;
  }
  if (const PolicyException* exception =
          ExceptionFor(exceptions_, finding.rule, name)) {
    // Bounded as the findings are: an exception for "*" is one line in the file
    // and could be a hundred thousand in the plan.
    if (excepted_ == nullptr || ++noted_[finding.rule] > kMostFindings) return;
    excepted_->push_back(
        {finding.address,
         absl::StrCat(finding.what, "; excepted from ", finding.rule, " until ",
                      FormatMinute(exception->until), ": ",
                      exception->reason)});
    return;
  }
  if (const PolicyException* ended =
          ExceptionFor(lapsed_, finding.rule, name)) {
    // It concerns this token alone; the rest of the plan goes on.
    finding.lapsed = true;
    absl::StrAppend(&finding.what, "; its exception ended ",
                    FormatMinute(ended->until));
  }
  // Counted even where it is not shown: Finish() says how many there are.
  if (++found_[{finding.rule, finding.severity}] > kMostFindings) return;
  out_.push_back(std::move(finding));
}

bool Judge::OnlyCounted(const std::string& rule, const std::string& name) {
  const auto found =
      found_.find({rule, policy_.Says(rule).value_or(Severity::kError)});
  // Before the words are made: they are what takes the time.
  if (found == found_.end() || found->second < kMostFindings) return false;
  if (ExceptionFor(exceptions_, rule, name) != nullptr) return false;
  ++found->second;
  return true;
}

void Judge::Finish() {
  for (const auto& [of, count] : found_) {
    if (count <= kMostFindings) continue;
    const auto& [rule, severity] = of;
    Finding more;
    more.rule = rule;
    more.severity = severity;
    more.what = absl::StrCat("is broken ", count - kMostFindings,
                             " more times than is shown here");
    more.fix = "correct these first";
    // The rule itself: of the tokens no single one stands for the rest.
    more.where = policy_.At(rule);
    out_.push_back(std::move(more));
  }
  for (const auto& [rule, count] : noted_) {
    if (count <= kMostFindings) continue;
    excepted_->push_back(
        {"", absl::StrCat(count - kMostFindings, " more exceptions from ", rule,
                          " hold")});
  }
}

}  // namespace patform
