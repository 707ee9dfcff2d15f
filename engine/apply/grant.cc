#include "engine/apply/grant.h"

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/clock.h"
#include "engine/base/likeness.h"
#include "engine/base/strings.h"
#include "engine/diff/decide.h"
#include "engine/model/mark.h"

// Is what the service answered what was asked for? A service, or something in
// between, that answers a create with another token could have a stranger's
// secret delivered or a stranger's token revoked. The comparison is on
// canonical forms, because the service rounds dates, shortens lives and may
// encode names; whatever gives more than was asked for is refused.
namespace patform {
namespace {

// The mark has to come back as it was sent; what is in front of it may be
// encoded, trimmed or normalized, for the next run finds the token all the
// same.
bool SameName(std::string_view answered, std::string_view asked) {
  if (answered == asked) return true;
  if (!ParseDisplayName(asked)) return SameFolded(answered, asked);
  return CarriesMarkOf(answered, asked) &&
         SameFolded(HumanName(answered), HumanName(asked));
}

// A name is as long as the service likes.
std::string Shown(std::string_view name) {
  constexpr size_t kMost = 300;
  if (name.size() <= kMost) return absl::StrCat("\"", Visible(name), "\"");
  return absl::StrCat("\"", Visible(name.substr(0, kMost)), " …\"");
}

// Each adds a phrase to `differs` if there is something to say.
void CompareName(std::string_view asked, std::string_view answered,
                 std::vector<std::string>& differs) {
  if (SameName(answered, asked)) return;
  differs.push_back(absl::StrCat("the display name ", Shown(answered),
                                 " instead of ", Shown(asked)));
}

void CompareScopes(const DesiredState& desired, const ScopeSet& asked,
                   const ScopeSet& answered,
                   std::vector<std::string>& differs) {
  // As the reader of an answer would have them: lower case, sorted.
  const ScopeSet wanted = ScopeSet::Parse(asked.text());
  // A service that spells out what a scope implies grants nothing more.
  if (desired.SameScopes(wanted, answered)) return;
  differs.push_back(absl::StrCat(
      "the scopes ", answered.empty() ? "\"\"" : Shown(answered.text()),
      " instead of ", Shown(wanted.text())));
}

// Sooner is fine: the service shortens a life to the tenant's maximum without
// an error. Later is not what was reviewed.
void CompareEnd(absl::Time asked, absl::Time answered,
                std::vector<std::string>& differs) {
  if (answered <= asked + kDateTolerance) return;
  differs.push_back(absl::StrCat("an end of ", FormatInstant(answered),
                                 ", later than ", FormatInstant(asked)));
}

// A token for all organizations where one was asked for can do more than
// anybody approved.
void CompareReach(bool asked, const ActualToken& answered,
                  std::vector<std::string>& differs) {
  if (answered.all_organizations == asked) return;
  differs.push_back(asked ? "valid in one organization instead of in all"
                          : "valid in all organizations instead of in one");
}

}  // namespace

// The whole mark. The name in front of it may have been encoded, and is not
// what makes a token ours.
bool CarriesMarkOf(std::string_view display_name, std::string_view asked) {
  const auto have = ParseDisplayName(display_name);
  const auto want = ParseDisplayName(asked);
  return have && want && have->workspace == want->workspace &&
         have->generation == want->generation && have->nonce == want->nonce;
}

bool IsRemnantOf(std::string_view display_name, std::string_view asked) {
  const auto mark = ParseDisplayName(asked);
  const std::string name = Folded(display_name);
  if (!mark || name.empty()) return false;
  return absl::StrContains(name, AbslView(mark->nonce)) ||
         absl::StartsWith(Folded(asked), name);
}

// Everything that differs, in one message: whoever looks into it needs all of
// it.
absl::Status JudgeGrant(const DesiredState& desired, const CreateRequest& asked,
                        const Minted& granted, absl::Time now) {
  const ActualToken& token = granted.token;
  std::vector<std::string> differs;
  CompareName(asked.display_name, token.display_name, differs);
  CompareScopes(desired, asked.scopes, token.scopes, differs);
  CompareEnd(asked.valid_to, token.valid_to, differs);
  // Delivered, it would replace a secret that works.
  if (token.valid_to <= now || token.valid_to <= token.valid_from) {
    differs.push_back(absl::StrCat("a life that is over, from ",
                                   FormatInstant(token.valid_from), " to ",
                                   FormatInstant(token.valid_to)));
  }
  CompareReach(asked.all_organizations, token, differs);
  // The flaw describes the secret without any of it.
  if (!granted.flaw.empty() || granted.secret.empty()) {
    differs.push_back(granted.flaw.empty() ? "no secret" : granted.flaw);
  }
  if (differs.empty()) return absl::OkStatus();
  if (differs.size() == 1 &&
      !SameName(token.display_name, asked.display_name) &&
      IsRemnantOf(token.display_name, asked.display_name)) {
    return absl::DataLossError(absl::StrCat(
        "the service does not keep display names as they are sent: ",
        Shown(asked.display_name), " became ", Shown(token.display_name),
        ". The mark at its end is how patform finds a token again, so the "
        "secret was not delivered. A shorter name of plain letters may be "
        "kept"));
  }
  // kDataLoss: the answer is a lie or a mistake, and another try will not help.
  return absl::DataLossError(absl::StrCat(
      "the service answered the create with something else than was asked "
      "for: ",
      absl::StrJoin(differs, "; "),
      ". Nothing was delivered. Find out who answers at the service's address "
      "before you try again"));
}

// Only what was asked for; what was left out keeps its value.
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
  // kUnknown, for something may have been changed.
  return absl::UnknownError(absl::StrCat(
      "the service answered success and a token that was not "
      "changed as asked: ",
      absl::StrJoin(differs, "; "), ". The next plan shows what became of it"));
}

}  // namespace patform
