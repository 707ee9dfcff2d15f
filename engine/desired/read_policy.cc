#include "engine/desired/read_policy.h"

#include <algorithm>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/pattern.h"
#include "engine/base/strings.h"
#include "engine/desired/scope_catalog.h"
#include "engine/desired/scope_guess.h"
#include "engine/desired/table_reader.h"

// [policy]: rules that hold for each token, and guards that hold for a plan.
// What is set is remembered with its place (set_at), because an empty list and
// a list that is not there mean different things, and because of the caret in
// messages.
namespace patform {
namespace {

// A count, or a share such as "10%".
void ReadMaxRevocations(Problems& problems, TableReader& reader,
                        PolicyConfig& policy) {
  const char* kKey = "max_revocations";
  // The type decides, so "5" (a text) is not five.
  if (reader.IsString(kKey)) {
    const std::string text = *reader.String(kKey);
    int percent = 0;
    // SimpleAtoi() would take spaces and signs.
    if (text.size() < 2 || text.back() != '%' ||
        text.find_first_not_of("0123456789") != text.size() - 1 ||
        !absl::SimpleAtoi(text.substr(0, text.size() - 1), &percent) ||
        percent > 100) {
      problems.Error(reader.At(kKey),
                     absl::StrCat("`max_revocations` cannot be \"", text, "\""),
                     "expected a number of tokens such as 5, or a share of "
                     "the live ones from \"0%\" to \"100%\"");
      return;
    }
    policy.max_revocations_share = percent / 100.0;
    return;
  }
  const std::optional<int64_t> number = reader.Integer(kKey);
  if (!number) return;
  // Zero is a value: no revocation at all.
  if (*number < 0 || *number > 100000) {
    problems.Error(reader.At(kKey),
                   absl::StrCat("`max_revocations` cannot be ", *number),
                   "expected a number from 0 to 100000");
    return;
  }
  policy.max_revocations = static_cast<int>(*number);
}

// A rule over scopes that no scope fits holds nobody back, and whoever wrote it
// believes that it does. `allow_unknown`: the service may have newer ones.
void CheckScopeGlobs(Problems& problems, const TableReader& reader,
                     std::string_view key,
                     const std::vector<std::string>& globs,
                     bool allow_unknown) {
  for (size_t i = 0; i < globs.size(); ++i) {
    const std::string& glob = globs[i];
    if (std::any_of(ScopeCatalog().begin(), ScopeCatalog().end(),
                    [&](const ScopeInfo& scope) {
                      return GlobMatch(glob, scope.name);
                    })) {
      continue;
    }
    // A pattern may be meant for scopes that are still to come.
    if (glob.find_first_of("*?") != std::string::npos) {
      problems.Warning(reader.At(key, i),
                       absl::StrCat("\"", glob, "\" matches no known scope"),
                       "`patform scopes` lists them");
    } else if (!allow_unknown) {
      problems.Error(reader.At(key, i),
                     absl::StrCat("unknown scope \"", glob, "\""),
                     ScopeHint(glob, [&](std::string_view word,
                                         const std::vector<std::string>& all) {
                       return problems.Nearest(word, all);
                     }));
    }
  }
}

// Each rule is asked about each token, or each scope.
constexpr size_t kMostScopeGlobs = 100;
constexpr size_t kMostNameGlobs = 1000;
constexpr size_t kLongestGlob = 256;  // bytes
constexpr size_t kMostFields = 32;
constexpr size_t kMostSinkRules = 64;
constexpr size_t kMostExceptions = 1000;
constexpr size_t kMostGlobExceptions = 50;

// The keys of [policy] that are rules, remembered with their places.
class PolicyReader {
 public:
  PolicyReader(Problems& problems, const TomlValue& table,
               absl::Span<const SinkType> types)
      : problems_(problems),
        table_(table),
        types_(types),
        reader_(problems, table, "[policy]") {
    policy_.where = problems.Where(table.at);
  }

  // Every key is read, whatever went wrong before it.
  PolicyConfig Read() {
    // First: the checks of scopes below depend on it.
    policy_.allow_unknown_scopes =
        reader_.Bool("allow_unknown_scopes").value_or(false);
    Lifetimes();
    Scopes();
    policy_.required_fields = Globs(reader_, "required_fields", kMostFields);
    NamePattern();
    policy_.deny_all_organizations = Denied("all_organizations");
    SinksForScopes();
    AllowedPlacesList();
    MaxTokens();
    UnmanagedTokens();
    policy_.existing = reader_.Choice<Existing>("existing");
    ReadMaxRevocations(problems_, reader_, policy_);
    policy_.prevent_revoke = Globs(reader_, "prevent_revoke", kMostNameGlobs);
    Severities();
    Exceptions();
    reader_.Finish();
    // After the reading: places are looked up by key.
    for (const std::string& rule : PolicyRules()) {
      if (table_.Find(rule) == nullptr) continue;
      policy_.set_at[rule] = problems_.Where(reader_.At(rule));
    }
    for (const char* guard : {"max_revocations", "prevent_revoke"}) {
      if (table_.Find(guard) == nullptr) continue;
      policy_.set_at[guard] = problems_.Where(reader_.At(guard));
    }
    // An empty list of exceptions is a statement, too: there are none.
    if (table_.Find("unmanaged_except") != nullptr) {
      policy_.set_at.try_emplace(
          rule::kUnmanaged, problems_.Where(reader_.At("unmanaged_except")));
    }
    return std::move(policy_);
  }

 private:
  // Bounded in number and length: each is matched against each name or scope.
  std::vector<std::string> Globs(TableReader& reader, std::string_view key,
                                 size_t most) {
    std::vector<std::string> globs =
        reader.Strings(key, most).value_or(std::vector<std::string>());
    for (size_t i = 0; i < globs.size(); ++i) {
      if (globs[i].size() <= kLongestGlob) continue;
      problems_.Error(
          reader.At(key, i),
          absl::StrCat("an item of `", AbslView(key), "` is longer than ",
                       kLongestGlob, " bytes"));
      return {};
    }
    return globs;
  }

  // "deny" is the second of the two words.
  bool Denied(std::string_view key) {
    return reader_.Choice(key, {"allow", "deny"}) == 1;
  }

  // A span of zero is never meant.
  std::optional<absl::Duration> Positive(std::string_view key) {
    const std::optional<absl::Duration> span = reader_.Duration(key);
    if (span && *span == absl::ZeroDuration()) {
      problems_.Error(reader_.At(key),
                      absl::StrCat("`", AbslView(key), "` is zero"),
                      key == rule::kMaxLifetime
                          ? "no token could exist; expected for example \"90d\""
                          : "leave it out, or set for example \"2d\"");
    }
    return span;
  }

  void Lifetimes() {
    policy_.max_lifetime = Positive(rule::kMaxLifetime);
    policy_.min_lifetime = Positive(rule::kMinLifetime);
    policy_.min_rotate_before = Positive(rule::kMinRotateBefore);
    // Each alone is fine, together they leave nothing.
    if (policy_.max_lifetime && policy_.min_lifetime &&
        *policy_.max_lifetime < *policy_.min_lifetime) {
      problems_.Error(reader_.At(rule::kMinLifetime),
                      "`min_lifetime` is longer than `max_lifetime`",
                      "no token could exist");
    }
  }

  void Scopes() {
    policy_.forbidden_scopes =
        Globs(reader_, rule::kForbiddenScopes, kMostScopeGlobs);
    CheckScopeGlobs(problems_, reader_, rule::kForbiddenScopes,
                    policy_.forbidden_scopes, policy_.allow_unknown_scopes);
    // A list in a list: two policies keep theirs apart, see merge_policy.cc.
    if (reader_.Has(rule::kAllowedScopes)) {
      const TomlValue& list = table_.Find(rule::kAllowedScopes)->value;
      std::vector<std::string> allowed =
          Globs(reader_, rule::kAllowedScopes, kMostScopeGlobs);
      // An empty list would allow nothing at all, which is not what anybody
      // wants.
      if (list.type == TomlValue::Type::kArray && list.items.empty()) {
        problems_.Error(reader_.At(rule::kAllowedScopes),
                        "`allowed_scopes` is empty",
                        "no token could exist; expected for example "
                        "[\"vso.packaging*\"]");
      }
      CheckScopeGlobs(problems_, reader_, rule::kAllowedScopes, allowed,
                      policy_.allow_unknown_scopes);
      policy_.allowed_scopes.push_back(std::move(allowed));
    }
    // The catalogue's list is copied, so that the pure rules need no catalogue.
    if (Denied(rule::kHighPrivilegeScopes)) {
      for (const ScopeInfo& scope : ScopeCatalog()) {
        if (!scope.high_privilege) continue;
        policy_.high_privilege_scopes.push_back(scope.name);
      }
      std::sort(policy_.high_privilege_scopes.begin(),
                policy_.high_privilege_scopes.end());
    }
    policy_.deny_full_scope = Denied(rule::kFullScope);
  }

  void NamePattern() {
    const std::optional<std::string> text = reader_.String(rule::kNamePattern);
    if (!text) return;
    // Kept even if it is not a pattern: there is an error anyway.
    policy_.name_patterns.push_back(*text);
    const Pattern pattern(*text);
    if (!pattern.fault()) return;
    // The caret points at the part of the pattern that is at fault.
    problems_.Error(
        problems_.Part(reader_.At(rule::kNamePattern), *text,
                       pattern.fault()->at, pattern.fault()->size),
        absl::StrCat("`name_pattern` is not a regular expression: ",
                     pattern.fault()->what),
        "it is matched against the whole name, in RE2's language; single "
        "quotes keep backslashes as they are");
  }

  void UnmanagedTokens() {
    if (const auto unmanaged = reader_.Choice<Unmanaged>(rule::kUnmanaged)) {
      policy_.unmanaged = *unmanaged;
    }
    policy_.unmanaged_except =
        Globs(reader_, "unmanaged_except", kMostNameGlobs);
  }

  void MaxTokens() {
    const std::optional<int64_t> number = reader_.Integer(rule::kMaxTokens);
    if (!number) return;
    if (*number < 1 || *number > 1000000) {
      problems_.Error(reader_.At(rule::kMaxTokens),
                      absl::StrCat("`max_tokens` cannot be ", *number),
                      "expected a number from 1 to 1000000");
      return;
    }
    policy_.max_tokens = static_cast<int>(*number);
  }

  // Tables in a list, each read by `read`.
  void Each(std::string_view key, size_t most,
            absl::FunctionRef<void(const TomlValue& item)> read) {
    const TomlValue* list = reader_.List(key, most);
    if (list == nullptr) return;
    for (const TomlValue& item : list->items) {
      if (item.type == TomlValue::Type::kTable) {
        read(item);
      } else {
        problems_.Error(item.at, absl::StrCat("an item of `", AbslView(key),
                                              "` is ", Word(item.type),
                                              "; expected a table, { … }"));
      }
    }
  }

  // Which sinks a secret with such scopes may go to.
  void SinksForScopes() {
    Each(rule::kSinksForScopes, kMostSinkRules, [this](const TomlValue& item) {
      const std::string what = "an item of `sinks_for_scopes`";
      TableReader reader(problems_, item, what);
      SinkRule rule;
      rule.where = problems_.Where(item.at);
      Require(reader, item, what, "scopes");
      rule.scopes = Globs(reader, "scopes", kMostScopeGlobs);
      CheckScopeGlobs(problems_, reader, "scopes", rule.scopes,
                      policy_.allow_unknown_scopes);
      rule.sinks = Globs(reader, "sinks", kMostScopeGlobs);
      rule.types = Globs(reader, "types", kMostFields);
      // A rule that names nothing would forbid nothing.
      if (!reader.Has("sinks") && !reader.Has("types")) {
        problems_.Error(item.at, absl::StrCat(what, " names no sink"),
                        "name those that may receive such secrets: types = "
                        "[\"file\"], or sinks = [\"name\"]");
      }
      CheckTypes(reader, rule.types);
      reader.Finish();
      policy_.sinks_for_scopes.push_back(std::move(rule));
    });
  }

  // A list in a list: two policies keep theirs apart, see merge_policy.cc.
  void AllowedPlacesList() {
    if (!reader_.Has(rule::kAllowedPlaces)) return;
    std::vector<AllowedPlaces> list;
    Each(rule::kAllowedPlaces, kMostSinkRules, [&](const TomlValue& item) {
      const std::string what = "an item of `allowed_places`";
      TableReader reader(problems_, item, what);
      AllowedPlaces places;
      places.where = problems_.Where(item.at);
      Require(reader, item, what, "scopes");
      places.scopes = Globs(reader, "scopes", kMostScopeGlobs);
      CheckScopeGlobs(problems_, reader, "scopes", places.scopes,
                      policy_.allow_unknown_scopes);
      places.types = Globs(reader, "types", kMostFields);
      CheckTypes(reader, places.types);
      Require(reader, item, what, "addresses");
      places.addresses = Globs(reader, "addresses", kMostScopeGlobs);
      reader.Finish();
      list.push_back(std::move(places));
    });
    policy_.allowed_places.push_back(std::move(list));
  }

  void CheckTypes(TableReader& reader, const std::vector<std::string>& types) {
    std::vector<std::string> known;
    for (const SinkType& type : types_) known.push_back(type.name);
    for (size_t i = 0; i < types.size(); ++i) {
      const std::string& type = types[i];
      if (std::find(known.begin(), known.end(), type) != known.end()) continue;
      std::string detail = problems_.DidYouMean(type, known);
      if (detail.empty()) {
        detail = absl::StrCat("expected one of: ", absl::StrJoin(known, ", "));
      }
      problems_.Error(reader.At("types", i),
                      absl::StrCat("unknown sink type \"", type, "\""), detail);
    }
  }

  void Require(TableReader& reader, const TomlValue& item,
               const std::string& what, const char* key) {
    if (reader.Has(key)) return;
    problems_.Error(item.at, absl::StrCat(what, " has no `", key, "`"));
  }

  void Severities() {
    const TomlValue* table = reader_.Table("severity");
    if (table == nullptr) return;
    TableReader reader(problems_, *table, "`severity`");
    // Guards are for accidents, and an accident is never meant to be a warning.
    for (const char* guard : {"max_revocations", "prevent_revoke"}) {
      if (!reader.Has(guard)) continue;
      problems_.Error(reader.At(guard),
                      absl::StrCat("`", guard, "` is a guard and always stops"),
                      "only rules can be warnings");
    }
    for (const std::string& rule : PolicyRules()) {
      if (const auto severity = reader.Choice<Severity>(rule)) {
        policy_.severity[rule] = *severity;
      }
    }
    reader.Finish();
  }

  // What a person may grant for a while. `until` is required, so that none is
  // forgotten; one that has passed is a finding of a plan, not an error of the
  // file.
  void Exceptions() {
    Each("exceptions", kMostExceptions, [this](const TomlValue& item) {
      const std::string what = "an exception";
      TableReader reader(problems_, item, what);
      PolicyException exception;
      exception.where = problems_.Where(item.at);
      // All at once, and before the values are looked at.
      for (const char* key : {"rule", "token", "until", "reason"}) {
        Require(reader, item, what, key);
      }
      std::vector<std::string> rules = PolicyRules();
      // It is about no single token.
      std::erase(rules, rule::kMaxTokens);
      if (const auto choice = reader.Choice("rule", rules)) {
        exception.rule = rules[*choice];
      }
      exception.token = reader.String("token").value_or("");
      if (exception.token.find_first_of("*?") != std::string::npos) {
        GlobException(reader);
      }
      // Already over, where it could not be read.
      exception.until = reader.Instant("until").value_or(absl::InfinitePast());
      exception.reason = reader.String("reason").value_or("");
      for (const char* key : {"token", "reason"}) {
        if (reader.IsString(key) && reader.String(key) == "") {
          problems_.Error(reader.At(key), absl::StrCat("`", key, "` is empty"));
        }
      }
      reader.Finish();
      policy_.exceptions.push_back(std::move(exception));
    });
  }

  // A glob is matched against each token; a plain name is looked up.
  void GlobException(TableReader& reader) {
    if (++glob_exceptions_ == kMostGlobExceptions + 1) {
      problems_.Error(reader.At("token"),
                      "too many exceptions for names with * or ?",
                      absl::StrCat("at most ", kMostGlobExceptions));
    }
    if (reader.String("token")->size() > kLongestGlob) {
      problems_.Error(
          reader.At("token"),
          absl::StrCat("`token` is longer than ", kLongestGlob, " bytes"));
    }
  }

  Problems& problems_;
  const TomlValue& table_;
  const absl::Span<const SinkType> types_;
  TableReader reader_;
  PolicyConfig policy_;
  size_t glob_exceptions_ = 0;
};

}  // namespace

PolicyConfig ReadPolicy(Problems& problems, const TomlValue& table,
                        absl::Span<const SinkType> types) {
  return PolicyReader(problems, table, types).Read();
}

}  // namespace patform
