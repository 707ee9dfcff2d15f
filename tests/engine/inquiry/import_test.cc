#include "engine/inquiry/import.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/strings.h"
#include "engine/desired/scope_catalog.h"
#include "engine/diff/diff.h"
#include "engine/diff/endings.h"
#include "engine/policy/rules.h"
#include "tests/engine/diff/testing.h"
#include "tests/fakes/fake_files.h"
#include "tests/fakes/known.h"

namespace patform {
namespace {

using testing::Id;
using testing::kDay;
using testing::kNow;

constexpr char kHead[] =
    "format = 1\nworkspace = \"w\"\norganization = \"contoso\"\n";

ActualToken Token(int id, const std::string& name, const std::string& scopes,
                  absl::Duration life = 30 * kDay) {
  ActualToken token = testing::Token(id, name, kDay, life);
  token.scopes = ScopeSet::Parse(scopes);
  return token;
}

// A configuration in memory, and the tokens of its organization.
struct Case {
  std::string head = kHead;
  std::vector<ActualToken> tokens;
  std::vector<std::string> patterns;
  std::vector<AuthorizationId> ids;
  std::optional<AdoptedDelivery> deliver;

  ReadResult Read(const std::string& tables) const {
    FakeFiles files;
    files.files["patform.toml"] = head + tables;
    ReadInput input;
    input.path = "patform.toml";
    input.now = kNow;
    UseKnown(input);
    return ReadDesired(files, input);
  }

  ActualState Actual() const {
    ActualState actual;
    TokenList& snapshot = actual.organizations["contoso"];
    snapshot.organization = "contoso";
    snapshot.tokens = tokens;
    snapshot.has_history = true;
    std::sort(snapshot.tokens.begin(), snapshot.tokens.end(),
              [](const auto& a, const auto& b) { return a.id < b.id; });
    return actual;
  }

  absl::StatusOr<Adoption> Run() const {
    const ReadResult before = Read("");
    if (!before.state) {
      return absl::InvalidArgumentError(Render(before.diagnostics));
    }
    const ActualState actual = Actual();
    AdoptionInput input;
    input.desired = &*before.state;
    input.actual = &actual;
    input.patterns = patterns;
    input.ids = ids;
    input.deliver = deliver;
    input.now = kNow;
    input.main_file = "patform.toml";
    input.first_line =
        static_cast<int>(std::count(head.begin(), head.end(), '\n')) + 1;
    input.read = [this](const std::string& tables) { return Read(tables); };
    return Adopt(input);
  }

  // "" or what is wrong with the tables: they are not valid, or a plan of
  // them is not empty. What became a comment may be revoked if that was said.
  std::string Fault(const Adoption& adoption) const {
    const std::string& tables = adoption.tables;
    std::set<AuthorizationId> told;
    for (const Adoptee& adoptee : adoption.adopted) {
      if (adoptee.to_be_revoked) told.insert(adoptee.token.id);
    }
    const ReadResult read = Read(tables);
    if (!read.state) return Render(read.diagnostics);
    for (const Finding& finding : CheckDesired(*read.state, kNow)) {
      if (finding.severity == Severity::kError) return finding.what;
    }
    const ChangeSet changes = Diff(*read.state, Actual(), {}, kNow);
    for (const Change& change : changes.changes) {
      if (change.action == Action::kRevoke &&
          std::all_of(change.revoke.begin(), change.revoke.end(),
                      [&](const Collect& c) { return told.count(c.id) > 0; })) {
        continue;
      }
      return absl::StrCat(change.address, ": ", Explain(change.reason));
    }
    for (const Deferred& deferred : changes.deferred) {
      return absl::StrCat(deferred.address, ": ", deferred.explanation);
    }
    return "";
  }
};

TEST(Adoption, WhatATableLooksLike) {
  Case it;
  it.tokens = {Token(1, "zeta", "vso.code_write vso.code"),
               Token(2, "ci build", "vso.packaging vso.work", 2 * kDay),
               Token(3, "all", "app_token")};
  it.tokens[0].valid_to += absl::Milliseconds(1);
  it.tokens[2].all_organizations = true;
  // Before the service retires tokens for all organizations it is a warning;
  // kNow is after.
  const absl::StatusOr<Adoption> adoption = it.Run();
  ASSERT_TRUE(adoption.ok()) << adoption.status();
  EXPECT_EQ(adoption->declared(), 3);
  EXPECT_EQ(adoption->tables,
            "# id 00000003-0000-4000-8000-000000000000, made 2027-01-14 08:00 "
            "UTC, ends\n"
            "#   2027-02-13 08:00 UTC\n"
            "# Warning: full access, all that its user may do.\n"
            "# Warning: a token for all organizations stops working on "
            "2026-12-01; declare\n"
            "#   one token per organization.\n"
            "# Scope: Full access (PAT only).\n"
            "[token.all]\n"
            "scopes = [\"app_token\"]\n"
            "expires = 2027-02-13T08:00:00Z\n"
            "all_organizations = true\n"
            "\n"
            "# id 00000002-0000-4000-8000-000000000000, made 2027-01-14 08:00 "
            "UTC, ends\n"
            "#   2027-01-16 08:00 UTC\n"
            "# Warning: ends soon, on 2027-01-16 08:00 UTC.\n"
            "[token.\"ci build\"]\n"
            "scopes = [\n"
            "  \"vso.packaging\", # Packaging (read)\n"
            "  \"vso.work\",      # Work items (read)\n"
            "]\n"
            "expires = 2027-01-16T08:00:00Z\n"
            "\n"
            "# id 00000001-0000-4000-8000-000000000000, made 2027-01-14 08:00 "
            "UTC, ends\n"
            "#   2027-02-13 08:00 UTC\n"
            "# Warning: high privilege: vso.code_write.\n"
            "# Its other scopes are implied by these: vso.code.\n"
            "# Scope: Code (read and write).\n"
            "[token.zeta]\n"
            "scopes = [\"vso.code_write\"]\n"
            "expires = 2027-02-13T08:00:01Z\n");
  EXPECT_EQ(it.Fault(*adoption), "");
}

// Made by hand until now, managed from the next apply on: each is made once
// more, and the one that it replaces ends.
TEST(Adoption, WithADelivery) {
  Case it;
  it.head = absl::StrCat(kHead,
                         "[sink.env]\ntype = \"dotenv\"\npath = \"s\"\n"
                         "[policy]\nmax_lifetime = \"21d\"\n");
  it.tokens = {Token(1, "ci build", "vso.code"),
               Token(2, "9to5", "vso.code", 5 * kDay)};
  it.deliver.emplace();
  it.deliver->sink = "env";
  it.deliver->at = "{name}.env";
  it.deliver->key_of_name = true;
  const absl::StatusOr<Adoption> adoption = it.Run();
  ASSERT_TRUE(adoption.ok()) << adoption.status();
  EXPECT_EQ(adoption->declared(), 2);
  EXPECT_EQ(
      adoption->tables,
      "# id 00000002-0000-4000-8000-000000000000, made 2027-01-14 08:00 "
      "UTC, ends\n"
      "#   2027-01-19 08:00 UTC\n"
      "# What `replaces` names ends, after the grace, when the new secret "
      "is in\n"
      "#   service.\n"
      "# Warning: ends soon, on 2027-01-19 08:00 UTC.\n"
      "# Scope: Code (read).\n"
      "[token.9to5]\n"
      "scopes = [\"vso.code\"]\n"
      "lifetime = \"5d\"\n"
      "deliver = [{ to = \"env\", at = \"{name}.env\", key = \"_9TO5\" "
      "}]\n"
      "replaces = [\"00000002-0000-4000-8000-000000000000\"]\n"
      "\n"
      "# id 00000001-0000-4000-8000-000000000000, made 2027-01-14 08:00 "
      "UTC, ends\n"
      "#   2027-02-13 08:00 UTC\n"
      "# What `replaces` names ends, after the grace, when the new secret "
      "is in\n"
      "#   service.\n"
      "# Scope: Code (read).\n"
      "[token.\"ci build\"]\n"
      "scopes = [\"vso.code\"]\n"
      "lifetime = \"21d\"\n"
      "deliver = [{ to = \"env\", at = \"{name}.env\", key = "
      "\"CI_BUILD\" }]\n"
      "replaces = [\"00000001-0000-4000-8000-000000000000\"]\n");
  const ReadResult read = it.Read(adoption->tables);
  ASSERT_TRUE(read.state);
  ActualState actual = it.Actual();
  for (const char* place :
       {"env:ci build.env#CI_BUILD", "env:9to5.env#_9TO5"}) {
    actual.records[place] = HeldRecord::Absent();
  }
  std::string plan;
  for (const Change& change : Diff(*read.state, actual, {}, kNow).changes) {
    absl::StrAppend(&plan, Word(change.action), " ", change.address);
    for (const Ending& end : EndingsOf(change)) {
      absl::StrAppend(&plan, " ends ", end.id.Short());
    }
    plan += "\n";
  }
  EXPECT_EQ(plan,
            "create token.9to5 ends 00000002\n"
            "create token.\"ci build\" ends 00000001\n");
}

// Every obstacle, and that the rest is none the worse for it.
TEST(Adoption, WhatCanNotBeDeclaredIsAComment) {
  const std::string kPolicy =
      "[policy]\nforbidden_scopes = [\"vso.build*\"]\n"
      "name_pattern = '[^%]*'\nmax_lifetime = \"90d\"\n";
  const struct {
    std::string head;
    std::vector<ActualToken> tokens;
    std::string obstacle;  // of the first token
  } kRows[] = {
      {"",
       {Token(1, "a", "vso.code"), Token(2, "a", "vso.work")},
       "2 live tokens bear this name and none is the newest: name one with "
       "--id, or rename all but one in the portal"},
      {"[token.A]\nscopes = [\"vso.code\"]\nensure = \"absent\"\n",
       {Token(1, "a", "vso.code")},
       "\"a\" and \"A\" differ only by upper and lower case (the other one is "
       "at patform.toml:4; people could not tell them apart)"},
      {"",
       {Token(1, "a", "")},
       "it has no scopes, which the service reads as full access; name what "
       "it needs"},
      {"",
       {Token(1, "a", "vso.newer")},
       "unknown scope \"vso.newer\" (`patform scopes` lists them)"},
      {"",
       {Token(1, "a\nb", "vso.code")},
       "a token's name contains a control or an invisible character (remove "
       "it)"},
      {"",
       {Token(1, std::string(200, 'x'), "vso.code")},
       "a token's name is longer than 152 characters (the service takes 256, "
       "patform's mark needs the rest)"},
      {"",
       {Token(1, "a ~pf:w#1.short", "vso.code")},
       "a token's name contains \" ~pf:\" (that is how patform's own mark "
       "begins)"},
      {"",
       {Token(1, "a", "vso.code", 500 * kDay)},
       "`expires` is more than a year ahead (the service does not let a token "
       "live longer)"},
      {kPolicy,
       {Token(1, "a", "vso.build")},
       "the policy forbids it as it is: asks for vso.build, which the policy "
       "forbids (\"vso.build*\") (forbidden_scopes)"},
      {kPolicy,
       {Token(1, "a%", "vso.code")},
       "the policy forbids it as it is: the name does not match [^%]* "
       "(name_pattern)"},
      {kPolicy,
       {Token(1, "a", "vso.code", 100 * kDay)},
       "the policy forbids it as it is: expires in 99d; the policy allows 90d "
       "(max_lifetime)"},
      {"[policy]\nrequired_fields = [\"deliver\"]\n",
       {Token(1, "a", "vso.code")},
       "the policy forbids it as it is: has no `deliver` (required_fields)"},
      {"",
       {testing::Marked(1, "a", 1, kDay), testing::Marked(2, "a", 2, kDay)},
       "token 00000002, which patform minted, is the one of this name"},
  };
  for (const auto& row : kRows) {
    Case it;
    it.head += row.head;
    it.tokens = row.tokens;
    it.tokens.push_back(Token(9, "good", "vso.code"));
    const absl::StatusOr<Adoption> adoption = it.Run();
    ASSERT_TRUE(adoption.ok()) << adoption.status();
    const auto first =
        std::find_if(adoption->adopted.begin(), adoption->adopted.end(),
                     [](const Adoptee& a) { return a.token.id == Id(1); });
    ASSERT_NE(first, adoption->adopted.end());
    EXPECT_EQ(first->obstacle, row.obstacle);
    const bool nobody_may =
        absl::StrContains(row.head, "required_fields = [\"deliver\"]");
    EXPECT_EQ(absl::StrContains(adoption->tables, "\n[token.good]\n"),
              !nobody_may)
        << adoption->tables;
    EXPECT_EQ(it.Fault(*adoption), "") << adoption->tables;
  }
}

// The service's own way to rotate leaves two of one name for a while.
TEST(Adoption, TheNewestOfOneName) {
  Case it;
  it.tokens = {Token(1, "a", "vso.code"), Token(2, "a", "vso.work"),
               Token(3, "b", "vso.code")};
  it.tokens[0].valid_from += kDay / 2;
  absl::StatusOr<Adoption> adoption = it.Run();
  ASSERT_TRUE(adoption.ok()) << adoption.status();
  EXPECT_EQ(it.Fault(*adoption), "") << adoption->tables;
  EXPECT_EQ(adoption->declared(), 2);
  EXPECT_EQ(
      adoption->tables.substr(0, adoption->tables.find("\n\n")),
      "# id 00000001-0000-4000-8000-000000000000, made 2027-01-14 20:00 "
      "UTC, ends\n"
      "#   2027-02-13 08:00 UTC\n"
      "# Newest of this name. Older: 00000002-0000-4000-8000-000000000000, "
      "made\n"
      "#   2027-01-14 08:00 UTC, ends 2027-02-13 08:00 UTC.\n"
      "# What `replaces` names lives on, and ends only when this one gets "
      "a `deliver`\n"
      "#   and its new secret is in service.\n"
      "# Scope: Code (read).\n"
      "[token.a]\n"
      "scopes = [\"vso.code\"]\n"
      "expires = 2027-02-13T08:00:00Z\n"
      "replaces = [\"00000002-0000-4000-8000-000000000000\"]");
  ASSERT_EQ(adoption->adopted.size(), 3u);
  EXPECT_EQ(adoption->adopted[1].obstacle,
            "token 00000001, which is the newest, is the one of this name and "
            "has this one in `replaces`");
  // Or the one that was asked for, newest or not.
  it.ids = {Id(2)};
  adoption = it.Run();
  ASSERT_TRUE(adoption.ok()) << adoption.status();
  EXPECT_EQ(it.Fault(*adoption), "") << adoption->tables;
  ASSERT_EQ(adoption->adopted.size(), 1u);
  EXPECT_EQ(adoption->adopted[0].token.id, Id(2));
  ASSERT_EQ(adoption->adopted[0].replaces.size(), 1u);
  EXPECT_EQ(adoption->adopted[0].replaces[0].id, Id(1));
  EXPECT_TRUE(absl::StrContains(adoption->tables,
                                "# Warning: not the newest of this name."))
      << adoption->tables;
}

TEST(Adoption, AWishThatNothingFits) {
  Case it;
  it.tokens = {Token(1, "ci-build", "vso.code")};
  it.patterns = {"ci-*", "ci-biuld"};
  EXPECT_EQ(it.Run().status().message(),
            "no live token is called \"ci-biuld\"; did you mean \"ci-build\"?");
}

TEST(Adoption, WhoseTokensStayOut) {
  Case it;
  it.head +=
      "[token.mine]\nscopes = [\"vso.code\"]\n"
      "renamed_from = \"before\"\n";
  it.tokens = {
      testing::Marked(1, "mine", 1, kDay), Token(2, "before", "vso.code"),
      Token(3, DisplayName("x", Mark{"v", 1, testing::Nonce(3)}), "vso.code"),
      testing::Marked(4, "lost", 7, 2 * kDay),
      // Younger than the fourth, with its nonce: a copy.
      Token(5, DisplayName("copy", Mark{"w", 7, testing::Nonce(4)}),
            "vso.code"),
      Token(6, "expired", "vso.code", absl::Hours(1))};
  const absl::StatusOr<Adoption> adoption = it.Run();
  ASSERT_TRUE(adoption.ok()) << adoption.status();
  std::vector<std::string> names, passed;
  for (const Adoptee& a : adoption->adopted) {
    names.push_back(absl::StrCat(a.name, "#", a.generation));
  }
  for (const PassedOver& p : adoption->passed_over) {
    passed.push_back(absl::StrCat(static_cast<int>(p.why), " ",
                                  p.display_name.substr(0, 6), p.workspace));
  }
  EXPECT_EQ(absl::StrJoin(names, " "), "lost#7");
  EXPECT_EQ(absl::StrJoin(passed, ", "),
            "0 before, 2 copy ~, 0 mine ~, 1 x ~pf:v");
}

// Lists as nobody would make them: whatever the names, scopes and dates are,
// what is written is valid, and a plan of it changes nothing.
TEST(Adoption, AnyListComesOutValidAndQuiet) {
  const std::string kNames[] = {
      "ci",  "CI", "a.b",  "späher", "日本",   "\"",   "\\",     "\n[token.x]",
      "#",   "",   " ",    "=",      "\u202e", "\x01", "{name}", "${HOME}",
      "'''", "-",  "true", "\xff",   "😀",      "$",    "a",      "~pf:"};
  const char* const kPolicies[] = {
      "",
      "[policy]\nforbidden_scopes = [\"*_full\"]\nmax_lifetime = \"90d\"\n",
      "[policy]\nrequired_fields = [\"owner\", \"cost\", \"a b\"]\n",
      "[policy]\nallow_unknown_scopes = true\nunmanaged = \"revoke\"\n",
      "[defaults]\nlifetime = \"3h\"\nrotate_before = \"2h\"\nrenewal = "
      "\"extend\"\nall_organizations = true\nensure = \"absent\"\n",
      "[defaults]\nexpires = 2027-06-01T00:00:00Z\norganization = \"o\"\n"
      "deliver = [{ to = \"f\", at = \"{name}\" }]\n"
      "[sink.f]\ntype = \"file\"\npath = \"s\"\n"};
  std::vector<std::string> scopes = {"app_token", "vso.newer", "odd",
                                     "vso.pats"};
  for (const ScopeInfo& scope : ScopeCatalog()) scopes.push_back(scope.name);
  std::mt19937 dice(2026);
  int declared = 0, commented = 0;
  for (int round = 0; round < 400; ++round) {
    Case it;
    it.head += kPolicies[dice() % std::size(kPolicies)];
    const int count = static_cast<int>(dice() % 12);
    for (int id = 1; id <= count; ++id) {
      std::string name = kNames[dice() % std::size(kNames)];
      for (unsigned n = dice() % 3; n > 0; --n) {
        name += kNames[dice() % std::size(kNames)];
      }
      if (dice() % 6 == 0) {
        name = DisplayName(name, Mark{dice() % 3 == 0 ? "v" : "w",
                                      1 + static_cast<int64_t>(dice() % 3),
                                      testing::Nonce(dice() % 8)});
      }
      std::string list;
      for (unsigned n = dice() % 5; n > 0; --n) {
        absl::StrAppend(&list, scopes[dice() % scopes.size()], " ");
      }
      ActualToken token = testing::Token(id, name, absl::Hours(dice() % 2000),
                                         absl::Seconds(dice() % (400 * 86400)) +
                                             absl::Milliseconds(dice() % 1000));
      token.scopes = ScopeSet::Parse(list);
      token.all_organizations = dice() % 8 == 0;
      if (dice() % 2 == 0) token.state = TokenState::kActive;
      it.tokens.push_back(std::move(token));
    }
    const absl::StatusOr<Adoption> adoption = it.Run();
    ASSERT_TRUE(adoption.ok()) << adoption.status();
    EXPECT_EQ(it.Fault(*adoption), "") << "round " << round << "\n"
                                       << adoption->tables;
    EXPECT_EQ(it.Run()->tables, adoption->tables);
    declared += adoption->declared();
    commented +=
        static_cast<int>(adoption->adopted.size()) - adoption->declared();
    for (const char c : adoption->tables) {
      ASSERT_TRUE(c == '\n' || (c & 0xe0) != 0) << "a control character";
    }
    ASSERT_TRUE(IsValidUtf8(adoption->tables));
  }
  EXPECT_GT(declared, 200);
  EXPECT_GT(commented, 200);
}

}  // namespace
}  // namespace patform
