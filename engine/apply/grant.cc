#include "engine/apply/grant.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "engine/base/clock.h"
#include "engine/base/strings.h"
#include "engine/diff/decide.h"
#include "engine/model/mark.h"

namespace patform {
namespace {

// Names come back as they were sent, or encoded for HTML.
bool SameName(std::string_view answered, std::string_view asked) {
  if (answered == asked) return true;
  return absl::StrReplaceAll(AbslView(answered), {{"&lt;", "<"},
                                                  {"&gt;", ">"},
                                                  {"&quot;", "\""},
                                                  {"&#39;", "'"},
                                                  {"&amp;", "&"}}) ==
         AbslView(asked);
}

// A name is as long as the service likes.
std::string Shown(std::string_view name) {
  constexpr size_t kMost = 300;
  if (name.size() <= kMost) return absl::StrCat("\"", Visible(name), "\"");
  return absl::StrCat("\"", Visible(name.substr(0, kMost)), " …\"");
}

void CompareName(std::string_view asked, std::string_view answered,
                 std::vector<std::string>& differs) {
  if (SameName(answered, asked)) return;
  differs.push_back(absl::StrCat("the display name ", Shown(answered),
                                 " instead of ", Shown(asked)));
}

void CompareScopes(const DesiredState& desired, const ScopeSet& asked,
                   const ScopeSet& answered,
                   std::vector<std::string>& differs) {
  const ScopeSet wanted = ScopeSet::Parse(asked.text());
  // A service that spells out what a scope implies grants nothing more.
  if (desired.SameScopes(wanted, answered)) return;
  differs.push_back(absl::StrCat(
      "the scopes ", answered.empty() ? "\"\"" : Shown(answered.text()),
      " instead of ", Shown(wanted.text())));
}

void CompareEnd(absl::Time asked, absl::Time answered,
                std::vector<std::string>& differs) {
  if (answered <= asked + kDateTolerance) return;
  differs.push_back(absl::StrCat("an end of ", FormatInstant(answered),
                                 ", later than ", FormatInstant(asked)));
}

void CompareReach(bool asked, const ActualToken& answered,
                  std::vector<std::string>& differs) {
  if (answered.all_organizations == asked) return;
  differs.push_back(asked ? "valid in one organization instead of in all"
                          : "valid in all organizations instead of in one");
}

}  // namespace

bool CarriesMarkOf(std::string_view display_name, std::string_view asked) {
  const auto have = ParseDisplayName(display_name);
  const auto want = ParseDisplayName(asked);
  return have && want && have->workspace == want->workspace &&
         have->generation == want->generation && have->nonce == want->nonce;
}

absl::Status JudgeGrant(const DesiredState& desired, const CreateRequest& asked,
                        const Minted& granted, absl::Time now) {
  const ActualToken& token = granted.token;
  std::vector<std::string> differs;
  CompareName(asked.display_name, token.display_name, differs);
  CompareScopes(desired, asked.scopes, token.scopes, differs);
  CompareEnd(asked.valid_to, token.valid_to, differs);
  if (token.valid_to <= now || token.valid_to <= token.valid_from) {
    differs.push_back(absl::StrCat("a life that is over, from ",
                                   FormatInstant(token.valid_from), " to ",
                                   FormatInstant(token.valid_to)));
  }
  CompareReach(asked.all_organizations, token, differs);
  if (!granted.flaw.empty() || granted.secret.empty()) {
    differs.push_back(granted.flaw.empty() ? "no secret" : granted.flaw);
  }
  if (differs.empty()) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat(
      "the service answered the create with something else than was asked "
      "for: ",
      absl::StrJoin(differs, "; "),
      ". Nothing was delivered. Find out who answers at the service's address "
      "before you try again"));
}

absl::Status JudgeUpdate(const DesiredState& desired,
                         const UpdateRequest& asked,
                         const ActualToken& answered) {
  std::vector<std::string> differs;
  if (asked.display_name) {
    CompareName(*asked.display_name, answered.display_name, differs);
  }
  if (asked.scopes) {
    CompareScopes(desired, *asked.scopes, answered.scopes, differs);
  }
  if (asked.valid_to) CompareEnd(*asked.valid_to, answered.valid_to, differs);
  if (asked.all_organizations) {
    CompareReach(*asked.all_organizations, answered, differs);
  }
  if (differs.empty()) return absl::OkStatus();
  return absl::UnknownError(absl::StrCat(
      "the service answered success and a token that was not "
      "changed as asked: ",
      absl::StrJoin(differs, "; "), ". The next plan shows what became of it"));
}

}  // namespace patform
