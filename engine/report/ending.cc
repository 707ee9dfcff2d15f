#include "engine/report/ending.h"

#include <iterator>
#include <set>

#include "absl/strings/str_cat.h"
#include "engine/base/clock.h"
#include "engine/base/strings.h"
#include "engine/model/json_fields.h"
#include "engine/report/json_line.h"

namespace patform {

std::vector<Unrenewed> ShownOf(const std::vector<Unrenewed>& all,
                               absl::Time now) {
  std::vector<Unrenewed> shown;
  for (const Unrenewed& token : all) {
    if (token.IsShown(now)) shown.push_back(token);
  }
  return shown;
}

std::string EndingTitle(const std::vector<Unrenewed>& shown) {
  return absl::StrCat(Count(static_cast<long long>(shown.size()), "token"),
                      shown.size() == 1 ? " ends, and nothing renews it"
                                        : " end, and nothing renews them");
}

std::string EndingText(const Unrenewed& token, absl::Time now) {
  return absl::StrCat(token.ends > now ? "ends " : "ended ",
                      FormatRelative(token.ends, now), " (",
                      FormatMinute(token.ends), "): ", RowOf(token.why).why);
}

std::string RenderEnding(const std::vector<Unrenewed>& shown, absl::Time now,
                         const Style& style) {
  if (shown.empty()) return "";
  std::string text = style.Red(EndingTitle(shown) + ":") + "\n";
  std::set<Unrenewed::Why> met;
  for (const Unrenewed& token : shown) {
    met.insert(token.why);
    absl::StrAppend(&text, "  ", style.Red("!"), " ",
                    style.Bold(Visible(token.address)),
                    token.id ? " (" + token.id->Short() + ")" : std::string(),
                    " ", EndingText(token, now));
    if (!token.owner.empty()) {
      absl::StrAppend(&text, "; owner ", InQuotes(Visible(token.owner)));
    }
    text += "\n";
  }
  for (const Unrenewed::Why why : met) {
    absl::StrAppend(&text, "    ", met.size() > 1 ? RowOf(why).why : "fix",
                    ": ", RowOf(why).fix, "\n");
  }
  return text;
}

boost::json::object UnrenewedJson(const Unrenewed& token) {
  boost::json::object object = {
      {"address", token.address},
      {"organization", token.organization},
      {"authorization_id", token.id ? boost::json::value(token.id->ToString())
                                    : boost::json::value(nullptr)},
      {"generation", token.generation},
      {"owner", TextOrNull(token.owner)},
      {"ends", FormatInstant(token.ends)},
      {"reason", Word(token.why)},
      {"why", RowOf(token.why).why},
      {"fix", RowOf(token.why).fix},
      {"location", LocationJson(token.where)}};
  if (!token.identity.empty()) object["identity"] = token.identity;
  return object;
}

}  // namespace patform
