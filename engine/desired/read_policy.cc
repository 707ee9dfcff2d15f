#include "engine/desired/read_policy.h"

#include <algorithm>
#include <iterator>
#include <regex>
#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "engine/desired/table_reader.h"

namespace patform {
namespace {

std::vector<std::string> Union(std::vector<std::string> a,
                               const std::vector<std::string>& b) {
  for (const std::string& item : b) {
    if (std::find(a.begin(), a.end(), item) == a.end()) a.push_back(item);
  }
  return a;
}

template <typename T>
std::optional<T> Smaller(const std::optional<T>& a, const std::optional<T>& b) {
  if (!a) return b;
  if (!b) return a;
  return std::min(*a, *b);
}

bool GoodPattern(const std::string& pattern) {
  try {
    std::regex compiled(pattern, std::regex::ECMAScript | std::regex::nosubs);
    return true;
  } catch (const std::regex_error&) {
    return false;
  }
}

// A count, or a share such as "10%".
void ReadMaxRevocations(Problems& problems, TableReader& reader,
                        PolicyConfig& policy) {
  const char* kKey = "max_revocations";
  if (reader.IsString(kKey)) {
    const std::string text = *reader.String(kKey);
    int percent = 0;
    if (text.size() < 2 || text.back() != '%' ||
        text.find_first_not_of("0123456789") != text.size() - 1 ||
        !absl::SimpleAtoi(text.substr(0, text.size() - 1), &percent) ||
        percent > 100) {
      problems.Error(
          reader.At(kKey),
          absl::StrCat("`max_revocations` can not be \"", text, "\""),
          "expected a number of tokens such as 5, or a share of "
          "the live ones from \"0%\" to \"100%\"");
      return;
    }
    policy.max_revocations_share = percent / 100.0;
    return;
  }
  const std::optional<int64_t> number = reader.Integer(kKey);
  if (!number) return;
  if (*number < 0 || *number > 100000) {
    problems.Error(reader.At(kKey),
                   absl::StrCat("`max_revocations` can not be ", *number),
                   "expected a number from 0 to 100000");
    return;
  }
  policy.max_revocations = static_cast<int>(*number);
}

}  // namespace

PolicyConfig ReadPolicy(Problems& problems, const TomlValue& table) {
  PolicyConfig policy;
  policy.where = problems.Where(table.at);
  TableReader reader(problems, table, "[policy]");
  policy.max_lifetime = reader.Duration("max_lifetime");
  if (policy.max_lifetime && *policy.max_lifetime == absl::ZeroDuration()) {
    problems.Error(reader.At("max_lifetime"), "`max_lifetime` is zero",
                   "no token could exist; expected for example \"90d\"");
  }
  policy.forbidden_scopes =
      reader.Strings("forbidden_scopes").value_or(std::vector<std::string>());
  policy.required_fields =
      reader.Strings("required_fields").value_or(std::vector<std::string>());
  policy.name_pattern = reader.String("name_pattern");
  if (policy.name_pattern && !GoodPattern(*policy.name_pattern)) {
    problems.Error(reader.At("name_pattern"),
                   "`name_pattern` is not a regular expression",
                   "it is matched against the whole name; single quotes keep "
                   "backslashes as they are");
  }
  if (const auto choice =
          reader.Choice("all_organizations", {"allow", "deny"})) {
    policy.deny_all_organizations = *choice == 1;
  }
  if (const auto choice =
          reader.Choice("unmanaged", {"ignore", "report", "revoke"})) {
    policy.unmanaged = static_cast<Unmanaged>(*choice);
  }
  policy.unmanaged_except =
      reader.Strings("unmanaged_except").value_or(std::vector<std::string>());
  ReadMaxRevocations(problems, reader, policy);
  policy.prevent_revoke =
      reader.Strings("prevent_revoke").value_or(std::vector<std::string>());
  policy.allow_unknown_scopes =
      reader.Bool("allow_unknown_scopes").value_or(false);
  reader.Finish();
  return policy;
}

PolicyConfig Stricter(const PolicyConfig& a, const PolicyConfig& b) {
  PolicyConfig both = a;
  both.max_lifetime = Smaller(a.max_lifetime, b.max_lifetime);
  both.max_revocations = Smaller(a.max_revocations, b.max_revocations);
  both.max_revocations_share =
      Smaller(a.max_revocations_share, b.max_revocations_share);
  both.prevent_revoke = Union(a.prevent_revoke, b.prevent_revoke);
  both.forbidden_scopes = Union(a.forbidden_scopes, b.forbidden_scopes);
  both.required_fields = Union(a.required_fields, b.required_fields);
  if (a.name_pattern && b.name_pattern && *a.name_pattern != *b.name_pattern) {
    // A name must satisfy both.
    both.name_pattern =
        absl::StrCat("(?=(?:", *a.name_pattern, ")$)(?:", *b.name_pattern, ")");
  } else if (b.name_pattern) {
    both.name_pattern = b.name_pattern;
  }
  both.deny_all_organizations =
      a.deny_all_organizations || b.deny_all_organizations;
  // Revoking is the strictest; an exception must stand in both.
  both.unmanaged = std::max(a.unmanaged, b.unmanaged);
  both.unmanaged_except.clear();
  const std::set<std::string> theirs(b.unmanaged_except.begin(),
                                     b.unmanaged_except.end());
  std::copy_if(a.unmanaged_except.begin(), a.unmanaged_except.end(),
               std::back_inserter(both.unmanaged_except),
               [&](const std::string& glob) { return theirs.count(glob) > 0; });
  both.allow_unknown_scopes = a.allow_unknown_scopes && b.allow_unknown_scopes;
  return both;
}

}  // namespace patform
