#include "engine/inquiry/duty.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/clock.h"
#include "engine/plan/identity.h"

// What a person must do, from the status alone: a page, a calendar and a metric
// must not differ about it.
namespace patform {
namespace {

// Collects them in the order of what a sign-in, a token, the policy says; the
// date decides at the end.
class Duties {
 public:
  explicit Duties(const StatusReport& report) : report_(report) {}

  std::vector<Duty> All() {
    SignIn();
    // Whoever cannot be asked may have tokens that end tonight.
    for (const std::string& why : report_.unread) Add(Duty::Kind::kUnread, why);
    for (const TokenStatus& token : report_.tokens) OfToken(token);
    if (report_.forbidden) {
      Add(Duty::Kind::kPolicy,
          "the next apply would do nothing: a policy or guard forbids it",
          "`patform plan` names it");
    } else if (report_.errors > 0) {
      Add(Duty::Kind::kPolicy,
          "the next apply would leave out what a policy forbids",
          "`patform plan` names it");
    }
    if (!report_.clock.empty()) Add(Duty::Kind::kClock, report_.clock);
    for (const Note& stray : report_.strays) {
      Add(Duty::Kind::kStray, stray.text).address = stray.address;
    }
    Sort();
    return std::move(duties_);
  }

 private:
  Duty& Add(Duty::Kind kind, std::string what, std::string fix = "") {
    Duty duty;
    duty.kind = kind;
    duty.what = std::move(what);
    duty.fix = std::move(fix);
    duties_.push_back(std::move(duty));
    return duties_.back();
  }

  // One that ends soon, or is in trouble already, has words of its own. Any
  // other end is a duty for later: a calendar wants to know it long before.
  void SignIn() {
    if (!report_.sign_in.empty()) {
      Add(Duty::Kind::kSignIn, report_.sign_in).by = report_.sign_in_ends;
      return;
    }
    if (!report_.sign_in_ends) return;
    Duty& duty =
        Add(Duty::Kind::kSignIn,
            absl::StrCat("it ends on ", FormatDay(*report_.sign_in_ends),
                         report_.sign_in_why.empty() ? "" : ": ",
                         report_.sign_in_why));
    duty.by = report_.sign_in_ends;
    duty.from = *report_.sign_in_ends - kSignInEndsSoon;
  }

  // At most one for a token: what ends counts more than why it is undecided.
  void OfToken(const TokenStatus& token) {
    Duty* duty = nullptr;
    if (token.unrenewed) {
      const Unrenewed& end = *token.unrenewed;
      std::string what =
          absl::StrCat(end.ends > report_.as_of ? "ends on " : "ended on ",
                       FormatDay(end.ends), ": ", RowOf(end.why).why);
      std::string fix = RowOf(end.why).fix;
      // Why it is undecided is what there is to mend.
      if (end.why == Unrenewed::Why::kHeldBack && !token.problem.empty()) {
        absl::StrAppend(&what, ": ", token.problem);
        fix.clear();
      }
      duty = &Add(Duty::Kind::kEnding, std::move(what), std::move(fix));
      duty->by = end.ends;
      if (!token.ends) duty->from = end.shown_from;
    } else if (!token.problem.empty()) {
      duty = &Add(Duty::Kind::kUndecided, "is undecided: " + token.problem);
    }
    if (duty == nullptr) return;
    duty->address = token.address;
    duty->organization = token.organization;
    duty->identity = token.identity;
    duty->owner = token.owner;
  }

  // What is due now, then by date; what has no date comes last. Stable, so that
  // two of one date stay in the order of the file.
  void Sort() {
    const auto rank = [&](const Duty& duty) {
      return std::tuple(!duty.IsShown(report_.as_of), !duty.by.has_value(),
                        duty.by.value_or(absl::InfinitePast()));
    };
    std::stable_sort(
        duties_.begin(), duties_.end(),
        [&](const Duty& a, const Duty& b) { return rank(a) < rank(b); });
  }

  const StatusReport& report_;
  std::vector<Duty> duties_;
};

}  // namespace

std::vector<Duty> DutiesOf(const StatusReport& report) {
  return Duties(report).All();
}

}  // namespace patform
