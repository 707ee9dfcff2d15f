#include "engine/desired/read_token.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "engine/base/clock.h"
#include "engine/base/duration.h"
#include "engine/base/likeness.h"
#include "engine/base/strings.h"
#include "engine/desired/interpolate.h"
#include "engine/desired/scope_catalog.h"
#include "engine/desired/scope_guess.h"
#include "engine/model/mark.h"
#include "engine/model/organization.h"

// [token.NAME], and [defaults] with the same keys. Each key is read into an
// optional, so that "not there" and "set to the default" stay apart until both
// tables are laid over each other; the checks follow after that, on the whole
// token, and blame whichever table a value came from.
namespace patform {
namespace {

constexpr size_t kMostLabels = 64;

using Words = std::vector<std::string>;

// What may be sent on trust, with allow_unknown_scopes: the form of the
// service's scopes, so that a typo with capitals or spaces is caught all the
// same.
bool ScopeShaped(const std::string& scope) {
  return absl::StartsWith(scope, "vso.") && scope.size() < 80 &&
         std::all_of(scope.begin(), scope.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                  c == '.' || c == '_';
         });
}

// Copied from the portal or from an API, where they are one text. `scopes`:
// what is in it.
void ReportSeveral(Problems& problems, const TomlValue& item,
                   const std::vector<std::string>& scopes) {
  constexpr size_t kMostShown = 5;
  std::vector<std::string> shown;
  for (size_t i = 0; i < std::min(scopes.size(), kMostShown); ++i) {
    shown.push_back(InQuotes(scopes[i]));
  }
  if (scopes.size() > kMostShown) shown.push_back("…");
  problems.Error(item.at, "several scopes in one string",
                 absl::StrCat("write each as a string of its own: [",
                              absl::StrJoin(shown, ", "), "]"));
}

// `item` is a string of the list.
void CheckScope(Problems& problems, const TomlValue& item, bool allow_unknown) {
  const std::string& scope = item.text;
  if (FindScope(scope) == nullptr && !problems.Full()) {
    const std::string trimmed(absl::StripAsciiWhitespace(scope));
    if (trimmed != scope && FindScope(trimmed) != nullptr) {
      problems.Error(item.at,
                     absl::StrCat("scope \"", scope,
                                  "\" begins or ends with a blank space"),
                     absl::StrCat("remove it: \"", trimmed, "\""));
      return;
    }
    if (const std::vector<std::string> several = SeveralScopes(scope);
        !several.empty()) {
      ReportSeveral(problems, item, several);
      return;
    }
  }
  const ScopeInfo* known = FindScope(scope);
  // patform's own sign-in has these; a token with them could make tokens.
  if (known != nullptr && known->EntraOnly()) {
    problems.Error(
        item.at, absl::StrCat("no token can have the scope \"", scope, "\""),
        "it belongs to Microsoft Entra access tokens, with which patform "
        "itself signs in");
    return;
  }
  if (known != nullptr) return;
  // The count goes on, the work of a message is saved.
  if (problems.Full() && !(allow_unknown && ScopeShaped(scope))) {
    problems.OneMore();
    return;
  }
  const std::string detail = ScopeHint(
      scope, [&](std::string_view word, const std::vector<std::string>& all) {
        return problems.Nearest(word, all);
      });
  if (allow_unknown && ScopeShaped(scope)) {
    problems.Warning(
        item.at, absl::StrCat("unknown scope \"", scope, "\""),
        absl::StrCat(detail, "\nsent as it is: allow_unknown_scopes"));
    return;
  }
  problems.Error(item.at, absl::StrCat("unknown scope \"", scope, "\""),
                 detail);
}

// An order of checks: empty, twice, unknown, redundant.
void CheckScopes(Problems& problems, const TomlValue& list,
                 bool allow_unknown) {
  if (list.items.empty()) {
    problems.Error(list.at, "`scopes` is empty",
                   "the service reads no scopes as full access; name what the "
                   "token needs");
  }
  // The first scope that implies another, "*": any.
  absl::flat_hash_map<std::string, size_t> implied;
  for (size_t i = 0; i < list.items.size(); ++i) {
    const ScopeInfo* scope = FindScope(list.items[i].text);
    if (scope == nullptr) continue;
    // emplace(): the first one stays, and is named.
    for (const std::string& weaker : scope->implies) implied.emplace(weaker, i);
  }
  absl::flat_hash_set<std::string> seen;
  for (const TomlValue& item : list.items) {
    // Reported by Strings() already.
    if (item.type != TomlValue::Type::kString) continue;
    if (!seen.insert(item.text).second) {
      problems.Error(item.at,
                     absl::StrCat("scope \"", item.text, "\" is listed twice"),
                     "remove one");
      continue;
    }
    CheckScope(problems, item, allow_unknown);
    size_t stronger = list.items.size();
    // "*" is full access: it implies whatever is beside it.
    for (const char* word : {item.text.c_str(), "*"}) {
      const auto found = implied.find(word);
      if (found == implied.end()) continue;
      // Not by itself.
      if (list.items[found->second].text == item.text) continue;
      stronger = std::min(stronger, found->second);
    }
    if (stronger == list.items.size()) continue;
    problems.Error(
        item.at,
        absl::StrCat("the scope \"", item.text, "\" is redundant: \"",
                     list.items[stronger].text, "\" implies it"),
        absl::StrCat("remove \"", item.text,
                     "\", so that the list shows what the token "
                     "can do"));
  }
}

// A span, or a share of the lifetime such as "25%".
std::optional<RotateBefore> ReadRotateBefore(Problems& problems,
                                             TableReader& reader,
                                             const TomlValue& table) {
  const TomlValue::Member* member = table.Find("rotate_before");
  if (member == nullptr || member->value.type != TomlValue::Type::kString ||
      !absl::EndsWith(member->value.text, "%")) {
    const std::optional<absl::Duration> span = reader.Duration("rotate_before");
    if (!span) return std::nullopt;
    if (*span == absl::ZeroDuration()) {
      problems.Error(reader.At("rotate_before"), "`rotate_before` is zero",
                     "a token would be rotated only after it has expired");
      return std::nullopt;
    }
    RotateBefore result;
    result.span = span;
    return result;
  }
  // Marks the key as known.
  reader.Has("rotate_before");
  const std::string& text = member->value.text;
  int percent = 0;
  if (!absl::SimpleAtoi(text.substr(0, text.size() - 1), &percent) ||
      percent < 1 || percent > 99) {
    problems.Error(member->value.at,
                   absl::StrCat("`rotate_before` cannot be \"", text, "\""),
                   "expected a share of the lifetime from \"1%\" to \"99%\", "
                   "or a duration such as \"7d\"");
    return std::nullopt;
  }
  RotateBefore result;
  result.share = percent / 100.0;
  return result;
}

// An entry of `deliver` for a sink that was named alone, or as "SINK:PLACE".
std::string PlaceIn(const std::string& text) {
  const size_t colon = text.find(':');
  const std::string at =
      colon == std::string::npos ? "{name}" : text.substr(colon + 1);
  return absl::StrCat("{ to = ", InQuotes(text.substr(0, colon)),
                      ", at = ", InQuotes(at), " }");
}

// nullopt: there is no such key, so [defaults] counts. An empty list is a list:
// this token is delivered nowhere.
std::optional<std::vector<Delivery>> ReadDeliver(Problems& problems,
                                                 TableReader& reader) {
  if (reader.IsString("deliver")) {
    // By far the most common slip: the sink's name alone.
    const Position at = reader.At("deliver");
    if (const auto sink = reader.String("deliver")) {
      problems.Error(at, "`deliver` is a string; expected a list of places",
                     absl::StrCat("write deliver = [", PlaceIn(*sink), "]"));
    }
    return std::nullopt;
  }
  if (reader.IsTable("deliver")) {
    reader.Has("deliver");
    problems.Error(reader.At("deliver"),
                   "`deliver` is a table; expected a list of places",
                   "put brackets around it: deliver = [{ to = \"SINK\", … }]");
    return std::nullopt;
  }
  const TomlValue* list = reader.List("deliver");
  if (list == nullptr) return std::nullopt;
  std::vector<Delivery> deliveries;
  // Each entry by itself, so that one mistake hides none of the others.
  for (const TomlValue& item : list->items) {
    if (item.type == TomlValue::Type::kString) {
      const auto sink = TableReader::StringItem(
          problems, item, [] { return std::string("an item of `deliver`"); });
      if (!sink) continue;
      problems.Error(item.at,
                     "an item of `deliver` is a string; expected a place",
                     absl::StrCat("write ", PlaceIn(*sink)));
      continue;
    }
    if (item.type != TomlValue::Type::kTable) {
      problems.Error(item.at,
                     absl::StrCat("an item of `deliver` is ", Word(item.type),
                                  "; expected { to = \"SINK\", at = \"…\" }"));
      continue;
    }
    TableReader entry(problems, item, "an item of `deliver`");
    Delivery delivery;
    delivery.where = problems.Where(item.at);
    if (!entry.Has("to")) {
      problems.Error(item.at, "an item of `deliver` has no `to`",
                     "name the sink: { to = \"SINK\" }");
    }
    delivery.sink = entry.String("to").value_or("");
    delivery.at = entry.String("at").value_or("");
    delivery.key = entry.String("key").value_or("");
    delivery.adopt = entry.Bool("adopt").value_or(false);
    if (const auto encoding = entry.Choice<Encoding>("encoding")) {
      delivery.encoding = *encoding;
    }
    entry.Finish();
    // Without a sink there is nothing to check about it.
    if (!delivery.sink.empty()) deliveries.push_back(std::move(delivery));
  }
  return deliveries;
}

std::optional<std::map<std::string, std::string>> ReadLabels(
    Problems& problems, TableReader& reader) {
  const TomlValue* table = reader.Table("labels");
  if (table == nullptr) return std::nullopt;
  if (table->members.size() > kMostLabels) {
    problems.Error(
        table->members[kMostLabels].at,
        absl::StrCat("`labels` has ", table->members.size(), " labels"),
        absl::StrCat("at most ", kMostLabels));
    return std::nullopt;
  }
  std::map<std::string, std::string> labels;
  for (const TomlValue::Member& member : table->members) {
    const auto text = TableReader::StringItem(problems, member.value, [&] {
      return absl::StrCat("the label `", member.key, "`");
    });
    if (text) labels[member.key] = *text;
  }
  return labels;
}

// "" is the user of [auth], whatever [defaults] says.
void CheckIdentity(Problems& problems, const Position& at,
                   const std::string& name, const TokenContext& context) {
  const std::vector<std::string>& known = context.identities;
  if (name.empty() ||
      std::find(known.begin(), known.end(), name) != known.end()) {
    return;
  }
  std::string detail = problems.DidYouMean(name, known);
  if (detail.empty()) {
    detail = absl::StrCat("declare it in the main file: ", SignInTable(name));
  }
  problems.Error(at, absl::StrCat("there is no identity \"", name, "\""),
                 detail);
}

std::optional<std::vector<AuthorizationId>> ReadReplaces(Problems& problems,
                                                         TableReader& reader) {
  const TomlValue* list = reader.List("replaces");
  if (list == nullptr) return std::nullopt;
  std::vector<AuthorizationId> ids;
  std::set<AuthorizationId> seen;
  for (const TomlValue& item : list->items) {
    const auto text = TableReader::StringItem(
        problems, item, [] { return std::string("an item of `replaces`"); });
    if (!text) continue;
    const std::optional<AuthorizationId> id = AuthorizationId::Parse(*text);
    if (!id) {
      problems.Error(item.at,
                     absl::StrCat("\"", *text, "\" is not a token's id"),
                     "expected what `patform import` and `patform audit` show, "
                     "such as \"27e59f42-1a7c-4e0b-9d6e-0f4a3b2c1d00\"");
    } else if (!seen.insert(*id).second) {
      problems.Error(item.at,
                     absl::StrCat("id \"", *text, "\" is listed twice"),
                     "remove one");
    } else {
      ids.push_back(*id);
    }
  }
  return ids;
}

// Printable ASCII: most names are.
bool IsPlain(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c >= ' ' && c <= '~'; });
}

// A name is shown in the portal, in plans and in logs, and becomes part of a
// display name together with the mark.
void CheckName(Problems& problems, const TomlValue::Member& member) {
  const std::string& name = member.key;
  const auto bad = [&](std::string why, std::string fix) {
    problems.Error(member.at, absl::StrCat("a token's name ", why),
                   std::move(fix));
  };
  if (name.empty()) return bad("is empty", "give it one: [token.NAME]");
  // In characters, as the service counts.
  if (CodePoints(name) > kMaxTokenName) {
    bad(absl::StrCat("is longer than ", kMaxTokenName, " characters"),
        "the service takes 256, patform's mark needs the rest");
  }
  // Two names that look alike could not be told apart in a review.
  if (!IsPlain(name) && HoldsInvisible(WithoutJoiners(name))) {
    bad("contains a control or an invisible character", "remove it");
  }
  // The portal does not show them, and the service may trim them.
  if (name.front() == ' ' || name.back() == ' ') {
    bad("begins or ends with a space", "remove it");
  }
  // ParseDisplayName() would find the wrong beginning.
  if (absl::StrContains(name, " ~pf:")) {
    bad("contains \" ~pf:\"", "that is how patform's own mark begins");
  }
}

// Lays `over` over `under`.
template <typename T>
T Either(std::optional<T>& over, const std::optional<T>& under, T otherwise) {
  if (over) return *std::move(over);
  if (under) return *under;
  return otherwise;
}

// [defaults] is in the main file, wherever the token is.
SourceRef DefaultsLocation(const TokenContext& context, const Position& at) {
  return {context.defaults_file, at.line, at.column, at.length};
}

// What a token's values must satisfy together.
class TokenChecks {
 public:
  TokenChecks(Problems& problems, const Position& header,
              const TokenContext& context, const TokenFields& own)
      : problems_(problems), header_(header), context_(context), own_(own) {}

  // Only for tokens that are to be: one that ends has no lifetime to check.
  void Times(const DesiredToken& token) const {
    // The calendar makes no file invalid that was merged long ago: what a date
    // that has passed keeps from being done is the plan's to report, of this
    // token alone.
    if (token.expires) {
      const SourceLocation where = Location(&TokenFields::expires_at);
      if (*token.expires <= context_.now) {
        problems_.WarningAt(
            where,
            absl::StrCat("`expires` is in the past: ",
                         FormatMinute(*token.expires)),
            token.deliver.empty()
                ? "the token has ended; remove its table"
                : "the token has ended, and nothing renews it: set a later "
                  "date, or remove its table");
      } else if (*token.expires > context_.now + kLongestLife) {
        // A leap year's length, so that "one year" is always accepted.
        problems_.ErrorAt(
            where, "`expires` is more than a year ahead",
            absl::StrCat("the service does not let a token live longer\nit is "
                         "now ",
                         FormatMinute(context_.now)));
      }
    } else if (token.lifetime == absl::ZeroDuration()) {
      problems_.ErrorAt(Location(&TokenFields::lifetime_at),
                        "`lifetime` is zero", "expected at least \"1h\"");
    } else if (token.lifetime > kLongestLife) {
      problems_.ErrorAt(
          Location(&TokenFields::lifetime_at),
          absl::StrCat("`lifetime` is ", DurationText(token.lifetime),
                       ", longer than a year"),
          "the service does not let a token live longer; shorter is better, "
          "patform "
          "rotates it in time");
    } else if (token.lifetime < absl::Hours(1)) {
      problems_.ErrorAt(Location(&TokenFields::lifetime_at),
                        "`lifetime` is shorter than an hour",
                        "expected at least \"1h\": a run needs time to "
                        "deliver and to rotate");
    }
    const absl::Duration life =
        token.expires ? *token.expires - context_.now : token.lifetime;
    // `expires` is a fixed date: nothing comes due before it by a span.
    if (!token.expires && token.rotate_before.span &&
        *token.rotate_before.span >= life) {
      problems_.ErrorAt(
          Location(&TokenFields::rotate_at, &TokenFields::lifetime_at),
          absl::StrCat(
              "`rotate_before` (", DurationText(*token.rotate_before.span),
              ") is not shorter than the lifetime (", DurationText(life), ")"),
          "the token would be due as soon as it is made");
    }
    // The old token would have to live on after its own end.
    if (!token.expires && life > absl::ZeroDuration() && token.grace > life) {
      problems_.ErrorAt(
          Location(&TokenFields::grace_at, &TokenFields::lifetime_at),
          absl::StrCat("`grace` (", DurationText(token.grace),
                       ") is longer than the lifetime (", DurationText(life),
                       ")"),
          "a token cannot outlive itself");
    }
  }

  // Everything that does not depend on time.
  void Rest(const DesiredToken& token) const {
    if (token.organization.empty()) {
      problems_.Error(header_, "the token is in no organization",
                      "set `organization` at the top of the main file, or "
                      "here");
    }
    if (token.ensure == Ensure::kAbsent && token.prevent_revoke) {
      // Said by the same table, so both cannot be meant.
      problems_.Error(header_,
                      "`ensure = \"absent\"` revokes what `prevent_revoke` "
                      "protects",
                      "remove one of the two");
    }
    if (!token.name.empty() && token.renamed_from == token.name) {
      problems_.Error(header_, "`renamed_from` is the token's own name",
                      "remove it");
    }
    // Without `deliver` it only tells which token of the name is meant, and
    // ends none; a token that ends itself takes nobody's place.
    if (!token.replaces.empty() && token.ensure != Ensure::kPresent) {
      problems_.ErrorAt(Location(&TokenFields::replaces_at),
                        "`replaces` needs a token that stays",
                        "remove it, or `ensure`");
    }
    if (!token.all_organizations) return;
    // Announced by Microsoft for global tokens.
    const absl::Time end =
        absl::FromCivil(absl::CivilDay(2026, 12, 1), absl::UTCTimeZone());
    // It cannot be made any more, which concerns this token alone.
    if (context_.now >= end) {
      problems_.Warning(header_,
                        "tokens for all organizations do not work any more",
                        token.deliver.empty()
                            ? "the service retired them on 2026-12-01; revoke "
                              "it: ensure = \"absent\""
                            : "the service retired them on 2026-12-01; declare "
                              "one token per organization");
    } else {
      problems_.Warning(header_,
                        "a token for all organizations stops working on "
                        "2026-12-01",
                        "the service retires them; declare one token per "
                        "organization");
    }
  }

 private:
  // The token's own place, else the default's, else the header. Of two keys
  // that do not go together the one that is written is at fault.
  SourceLocation Location(Position TokenFields::*at,
                          Position TokenFields::*other = nullptr) const {
    if ((own_.*at).line > 0) return problems_.Where(own_.*at);
    if ((context_.defaults.*at).line > 0) {
      return DefaultsLocation(context_, context_.defaults.*at);
    }
    if (other != nullptr) return Location(other);
    return problems_.Where(header_);
  }

  Problems& problems_;
  const Position& header_;
  const TokenContext& context_;
  const TokenFields& own_;
};

}  // namespace

// `token`: its name, for messages; nullptr: [defaults].
TokenFields ReadTokenFields(Problems& problems, const TomlValue& table,
                            const std::string* token,
                            const TokenContext& context) {
  static const std::string& defaults = *new std::string("[defaults]");
  TableReader reader = token == nullptr ? TableReader(problems, table, defaults)
                                        : TableReader(problems, table, token);
  TokenFields fields;
  fields.scopes = reader.Strings("scopes");
  // Too many items were reported by Strings().
  if (const TomlValue::Member* scopes = table.Find("scopes");
      scopes != nullptr && scopes->value.type == TomlValue::Type::kArray &&
      scopes->value.items.size() <= TableReader::kMostItems) {
    CheckScopes(problems, scopes->value, context.allow_unknown_scopes);
  }
  fields.lifetime = reader.Duration("lifetime");
  fields.expires = reader.Instant("expires");
  // As keys, not as values: either may be unreadable.
  if (table.Find("lifetime") != nullptr && table.Find("expires") != nullptr) {
    problems.Error(table.Find("expires")->at,
                   "`lifetime` and `expires` exclude each other",
                   "keep one: a span that rotation renews, or a date");
  }
  fields.rotate_before = ReadRotateBefore(problems, reader, table);
  fields.renewal = reader.Choice<Renewal>("renewal");
  // A grace of zero is fine: the old token ends at once.
  fields.grace = reader.Duration("grace");
  fields.deliver = ReadDeliver(problems, reader);
  fields.owner = reader.String("owner");
  fields.purpose = reader.String("purpose");
  fields.renamed_from = reader.String("renamed_from");
  fields.replaces = ReadReplaces(problems, reader);
  if (const auto organization = reader.String("organization")) {
    fields.organization =
        ReadOrganization(problems, reader.At("organization"), *organization);
  }
  fields.identity = reader.String("identity");
  if (fields.identity) {
    CheckIdentity(problems, reader.At("identity"), *fields.identity, context);
  }
  fields.labels = ReadLabels(problems, reader);
  fields.prevent_revoke = reader.Bool("prevent_revoke");
  fields.all_organizations = reader.Bool("all_organizations");
  fields.verify = reader.Bool("verify");
  fields.ensure = reader.Choice<Ensure>("ensure");
  reader.Finish();
  // 0:0 where the key is not there.
  const auto place = [&](std::string_view key) {
    const TomlValue::Member* member = table.Find(key);
    return member == nullptr ? Position() : member->value.at;
  };
  fields.scopes_at = place("scopes");
  fields.lifetime_at = place("lifetime");
  fields.expires_at = place("expires");
  fields.rotate_at = place("rotate_before");
  fields.grace_at = place("grace");
  fields.replaces_at = place("replaces");
  return fields;
}

// Reported where it is written, once, and not for each token that is in it.
std::string ReadOrganization(Problems& problems, const Position& at,
                             const std::string& written) {
  if (!OrganizationShaped(written)) {
    const std::string meant = OrganizationMeant(written);
    problems.Error(
        at, absl::StrCat("\"", written, "\" cannot be an organization's name"),
        meant.empty() ? "expected letters, digits and hyphens, as in "
                        "https://dev.azure.com/NAME"
                      : absl::StrCat("did you mean \"", meant, "\"?"));
  }
  // Not "", or each token would be in no organization as well.
  return written.empty() ? "-" : OrganizationKey(written);
}

// What one more token costs that takes everything from [defaults].
size_t BytesOf(const TokenFields& fields) {
  // A name or an organization is filled in at each brace.
  constexpr size_t kFilledIn = 160;
  size_t bytes = 0;
  const auto add = [&](const std::string& text) {
    bytes += text.size() + sizeof(std::string) +
             kFilledIn * std::count(text.begin(), text.end(), '{');
  };
  const auto add_all = [&](const std::vector<std::string>& texts) {
    for (const std::string& text : texts) add(text);
  };
  if (fields.scopes) add_all(*fields.scopes);
  for (const auto* text : {&fields.owner, &fields.purpose, &fields.renamed_from,
                           &fields.organization, &fields.identity}) {
    if (*text) add(**text);
  }
  if (fields.deliver) {
    for (const Delivery& place : *fields.deliver) {
      for (const auto* text : {&place.sink, &place.at, &place.key}) add(*text);
      bytes += sizeof(Delivery);
    }
  }
  if (fields.replaces)
    bytes += fields.replaces->size() * sizeof(AuthorizationId);
  if (fields.labels) {
    for (const auto& [key, value] : *fields.labels) add(key), add(value);
  }
  return bytes;
}

namespace {

// The token with [defaults] laid under its own table, which gives up what it
// holds.
void LayOver(TokenFields& own, const TokenContext& context, Problems& problems,
             DesiredToken& token) {
  const TokenFields& base = context.defaults;
  token.scopes =
      ScopeSet::Of(Either(own.scopes, base.scopes, std::vector<std::string>()));
  // A complaint about a scope points to where it was written.
  token.scopes_where = token.where;
  if (own.scopes_at.line > 0) {
    token.scopes_where = problems.Where(own.scopes_at);
  } else if (base.scopes_at.line > 0) {
    token.scopes_where = DefaultsLocation(context, base.scopes_at);
  }
  // One of the two: a token's own lifetime beats an end that defaults give.
  if (own.expires || (!own.lifetime && base.expires)) {
    token.expires = own.expires ? own.expires : base.expires;
  } else {
    token.lifetime = Either(own.lifetime, base.lifetime, token.lifetime);
  }
  token.rotate_before =
      Either(own.rotate_before, base.rotate_before, token.rotate_before);
  token.renewal = Either(own.renewal, base.renewal, token.renewal);
  token.grace = Either(own.grace, base.grace, token.grace);
  // All of the list, or none: entries are not merged.
  token.deliver = Either(own.deliver, base.deliver, {});
  token.owner = Either(own.owner, base.owner, {});
  token.purpose = Either(own.purpose, base.purpose, {});
  token.renamed_from = Either(own.renamed_from, base.renamed_from, {});
  token.replaces = Either(own.replaces, base.replaces, {});
  token.organization =
      Either(own.organization, base.organization, context.organization);
  token.identity = Either(own.identity, base.identity, {});
  token.labels = Either(own.labels, base.labels, {});
  token.prevent_revoke = Either(own.prevent_revoke, base.prevent_revoke, false);
  token.all_organizations =
      Either(own.all_organizations, base.all_organizations, false);
  token.verify = Either(own.verify, base.verify, false);
  token.ensure = Either(own.ensure, base.ensure, Ensure::kPresent);
}

// Fills {name} and {organization} in, wherever a token may say them.
void FillIn(Problems& problems, DesiredToken& token) {
  // After both tables were joined, so that a default can have {name} in it.
  const auto fill = [&](std::string& text, const SourceRef& where) {
    if (text.find_first_of("{}$") == std::string::npos) return;
    const std::map<std::string, std::string> values = {
        {"name", token.name}, {"organization", token.organization}};
    absl::StatusOr<std::string> filled = Interpolate(text, values);
    if (!filled.ok()) {
      problems.ErrorAt(where, std::string(filled.status().message()));
    } else if (filled->size() > TableReader::kLongestString) {
      // Short texts can become long ones.
      problems.ErrorAt(where, absl::StrCat("a text is longer than ",
                                           TableReader::kLongestString,
                                           " bytes once it is filled in"));
    } else {
      text = *std::move(filled);
    }
  };
  fill(token.owner, token.where);
  fill(token.purpose, token.where);
  for (auto& [key, value] : token.labels) fill(value, token.where);
  for (Delivery& delivery : token.deliver) {
    // A name is one step of a path, whoever chose it.
    if (token.name.find('/') != std::string::npos &&
        (delivery.at.empty() || absl::StrContains(delivery.at, "{name}"))) {
      problems.ErrorAt(delivery.where,
                       "the token's name contains a /, which cannot be part of "
                       "a place",
                       "name the place without {name}: at = \"…\"");
      continue;
    }
    fill(delivery.at, delivery.where);
    fill(delivery.key, delivery.where);
  }
}

}  // namespace

// The stages of one token: its name, its own keys, [defaults] below them, the
// texts filled in, and the checks of the whole.
DesiredToken ReadToken(Problems& problems, const TomlValue::Member& member,
                       const TokenContext& context) {
  DesiredToken token;
  token.name = member.key;
  token.where = problems.Where(member.at);
  CheckName(problems, member);
  if (!IsTable(problems, member, "token")) return token;
  TokenFields own =
      ReadTokenFields(problems, member.value, &member.key, context);
  LayOver(own, context, problems, token);
  FillIn(problems, token);
  // A `scopes` that is there and wrong has its own message.
  if (token.ensure == Ensure::kPresent && token.scopes.empty() &&
      member.value.Find("scopes") == nullptr) {
    problems.Error(
        member.at,
        absl::StrCat("[", TokenAddress(token.name), "] has no `scopes`"),
        "name what the token may do; `patform scopes` lists them");
  }
  const TokenChecks checks(problems, member.at, context, own);
  // Rest() for all of them.
  if (token.ensure == Ensure::kPresent) checks.Times(token);
  checks.Rest(token);
  return token;
}

}  // namespace patform
