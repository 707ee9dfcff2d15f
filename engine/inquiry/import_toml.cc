// How an adopted token looks in TOML.
#include <algorithm>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "engine/base/clock.h"
#include "engine/base/duration.h"
#include "engine/base/strings.h"
#include "engine/desired/scope_catalog.h"
#include "engine/desired/toml_writer.h"
#include "engine/inquiry/import.h"

// Text for a file that somebody will commit: comments say what the portal knows
// and the file cannot (ids, dates, warnings).
namespace patform {
namespace {

// Below this nothing but a rotation helps in time.
constexpr absl::Duration kSoon = absl::Hours(7 * 24);
constexpr int kCommentWidth = 80;

// A paragraph of comment lines. Nothing from outside may end a line.
void Comment(std::string& out, const std::string& text) {
  std::string line = "#";
  for (absl::string_view word : absl::StrSplit(Visible(text), ' ')) {
    if (line.size() > 1 && line.size() + word.size() >= kCommentWidth) {
      absl::StrAppend(&out, line, "\n");
      // Indented, so that one paragraph is seen as one.
      line = "#  ";
    }
    absl::StrAppend(&line, " ", word);
  }
  absl::StrAppend(&out, line, "\n");
}

// The scopes that none of the others implies; the rest is in `implied`.
std::vector<std::string> Needed(const ScopeSet& scopes,
                                std::vector<std::string>& implied) {
  std::vector<std::string> needed;
  const std::vector<std::string_view> all = scopes.items();
  for (std::string_view scope : all) {
    // By the catalogue; scopes that it does not know imply nothing.
    const bool redundant =
        std::any_of(all.begin(), all.end(), [&](std::string_view other) {
          return other != scope && Implies(other, scope);
        });
    (redundant ? implied : needed).emplace_back(scope);
  }
  return needed;
}

std::string Title(const std::string& scope) {
  const ScopeInfo* known = FindScope(scope);
  return known == nullptr ? "not in patform's catalogue" : known->title;
}

// Laid out as Taplo does, so that a repository that checks its TOML takes the
// file as it is: one scope on its line, several on lines of their own, each
// with its title behind it, one below the other.
void Scopes(std::string& out, const std::vector<std::string>& scopes) {
  if (scopes.size() < 2) {
    absl::StrAppend(&out, "scopes = [",
                    scopes.empty() ? "" : TomlString(scopes[0]), "]\n");
    return;
  }
  int width = 0;
  for (const std::string& scope : scopes) {
    width = std::max(width, CodePoints(TomlString(scope)));
  }
  absl::StrAppend(&out, "scopes = [\n");
  for (const std::string& scope : scopes) {
    const std::string text = TomlString(scope);
    absl::StrAppend(&out, "  ", text, ",",
                    std::string(width - CodePoints(text) + 1, ' '), "# ",
                    Title(scope), "\n");
  }
  absl::StrAppend(&out, "]\n");
}

// What the owner should know before it is managed.
void Warnings(std::string& out, const Adoptee& adoptee, absl::Time now) {
  const ActualToken& token = adoptee.token;
  // The service reads no scopes as full access.
  if (token.scopes.empty() || token.scopes.Contains("app_token")) {
    Comment(out, "Warning: full access, all that its user may do.");
  }
  std::vector<std::string> high;
  for (std::string_view scope : token.scopes.items()) {
    const ScopeInfo* known = FindScope(scope);
    if (known != nullptr && known->high_privilege && scope != "app_token") {
      high.emplace_back(scope);
    }
  }
  if (!high.empty()) {
    Comment(out, absl::StrCat("Warning: high privilege: ",
                              absl::StrJoin(high, ", "), "."));
  }
  if (token.all_organizations) {
    Comment(out,
            "Warning: a token for all organizations stops working on "
            "2026-12-01; declare one token per organization.");
  }
  // Whoever adopts it should plan what comes next.
  if (token.valid_to <= now + kSoon) {
    Comment(out, absl::StrCat("Warning: ends soon, on ",
                              FormatMinute(token.valid_to), "."));
  }
}

// The others of its name: which they are, and what becomes of them.
void Others(std::string& out, const Adoptee& adoptee) {
  const ActualToken& token = adoptee.token;
  for (const ActualToken& other : adoptee.replaces) {
    if (other.id == token.id) continue;
    Comment(out, absl::StrCat(token.valid_from > other.valid_from
                                  ? "Newest of this name. Older: "
                                  : "Warning: not the newest of this name. "
                                    "Another: ",
                              other.id.ToString(), ", made ",
                              FormatMinute(other.valid_from), ", ends ",
                              FormatMinute(other.valid_to), "."));
  }
  if (adoptee.deliver) {
    if (adoptee.replaces.empty()) return;
    Comment(out,
            "What `replaces` names ends, after the grace, when the new secret "
            "is in service.");
  } else if (!adoptee.replaces.empty()) {
    Comment(out,
            "What `replaces` names lives on, and ends only when this one gets "
            "a `deliver` and its new secret is in service.");
  }
}

void Deliver(std::string& out, const Adoptee& adoptee) {
  if (!adoptee.deliver) return;
  absl::StrAppend(&out,
                  "deliver = [{ to = ", TomlString(adoptee.deliver->sink));
  for (const auto& [key, text] : {std::pair("at", &adoptee.deliver->at),
                                  std::pair("key", &adoptee.deliver->key)}) {
    if (!text->empty()) {
      absl::StrAppend(&out, ", ", key, " = ", TomlString(*text));
    }
  }
  out += " }]\n";
}

void Replaces(std::string& out, const Adoptee& adoptee) {
  const std::vector<ActualToken>& others = adoptee.replaces;
  if (others.empty()) return;
  if (others.size() == 1) {
    absl::StrAppend(&out, "replaces = [\"", others[0].id.ToString(), "\"]\n");
    return;
  }
  out += "replaces = [\n";
  for (const ActualToken& other : others) {
    absl::StrAppend(&out, "  \"", other.id.ToString(), "\",\n");
  }
  out += "]\n";
}

// Whole seconds, never earlier than the service has it. Rounded down, a plan
// would want to shorten it. TOML has no year 10000: a token that never ends is
// one that ends with the calendar.
absl::Time RoundedUp(absl::Time time) {
  const absl::Time last = absl::FromCivil(
      absl::CivilSecond(9999, 12, 31, 23, 59, 59), absl::UTCTimeZone());
  const absl::Time whole = absl::FromUnixSeconds(absl::ToUnixSeconds(time));
  return std::min(last, whole < time ? whole + absl::Seconds(1) : whole);
}

void Life(std::string& out, const Adoptee& adoptee) {
  if (adoptee.deliver) {
    absl::StrAppend(&out, "lifetime = \"", DurationText(adoptee.lifetime),
                    "\"\n");
    return;
  }
  // The token's own date, so that nothing is due.
  absl::StrAppend(&out, "expires = ",
                  FormatInstant(RoundedUp(adoptee.token.valid_to)), "\n");
}

// Values that pass the policy's check and are easy to search for.
void AskedFor(std::string& out, const Adoptee& adoptee) {
  std::vector<std::string> labels;
  for (const std::string& field : adoptee.asked_for) {
    if (field == "owner" || field == "purpose") {
      absl::StrAppend(&out, field, " = \"unknown\"\n");
    } else {
      labels.push_back(absl::StrCat(TomlKey(field), " = \"unknown\""));
    }
  }
  if (labels.empty()) return;
  absl::StrAppend(&out, "labels = { ", absl::StrJoin(labels, ", "), " }\n");
}

}  // namespace

// Comments, then keys in the order of the documentation.
std::string RenderTable(const Adoptee& adoptee, absl::Time now) {
  const ActualToken& token = adoptee.token;
  std::string out;
  if (!adoptee.obstacle.empty()) {
    Comment(out, absl::StrCat("Not declared: ", adoptee.obstacle, "."));
  }
  if (adoptee.to_be_revoked) {
    Comment(out, "Warning: a plan revokes it as long as no table declares it.");
  }
  Comment(out, absl::StrCat("id ", token.id.ToString(), ", made ",
                            FormatMinute(token.valid_from), ", ends ",
                            FormatMinute(token.valid_to)));
  if (adoptee.generation > 0) {
    Comment(out,
            absl::StrCat("Minted by patform, generation ", adoptee.generation,
                         adoptee.deliver ? ": gets a new secret."
                                         : ": give it back its `deliver`."));
  }
  Others(out, adoptee);
  Warnings(out, adoptee, now);
  std::vector<std::string> implied;
  const std::vector<std::string> scopes = Needed(token.scopes, implied);
  if (!implied.empty()) {
    Comment(out, absl::StrCat("Its other scopes are implied by these: ",
                              absl::StrJoin(implied, ", "), "."));
  }
  if (scopes.size() == 1) {
    Comment(out, absl::StrCat("Scope: ", Title(scopes[0]), "."));
  }
  if (!adoptee.asked_for.empty()) {
    Comment(out, "The policy asks for what is \"unknown\" here.");
  }
  std::string table;
  absl::StrAppend(&table, "[token.", TomlKey(adoptee.name), "]\n");
  if (adoptee.says_organization) {
    absl::StrAppend(&table, "organization = ", TomlString(adoptee.organization),
                    "\n");
  }
  if (adoptee.says_identity) {
    absl::StrAppend(&table, "identity = ", TomlString(adoptee.identity), "\n");
  }
  Scopes(table, scopes);
  Life(table, adoptee);
  if (token.all_organizations) table += "all_organizations = true\n";
  if (adoptee.says_one_organization) table += "all_organizations = false\n";
  if (adoptee.says_present) table += "ensure = \"present\"\n";
  if (adoptee.says_no_delivery) table += "deliver = []\n";
  AskedFor(table, adoptee);
  Deliver(table, adoptee);
  Replaces(table, adoptee);
  if (adoptee.obstacle.empty()) return out + table;
  // The last line end, or there would be a comment without text.
  table.pop_back();
  for (absl::string_view line : absl::StrSplit(table, '\n')) {
    absl::StrAppend(&out, "# ", line, "\n");
  }
  return out;
}

}  // namespace patform
