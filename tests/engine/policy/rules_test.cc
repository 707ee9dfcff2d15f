#include "engine/policy/rules.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/policy/rule_info.h"

namespace patform {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);
constexpr absl::Duration kDay = absl::Hours(24);

std::string Dump(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& finding : findings) {
    absl::StrAppend(&text, finding.rule, " ",
                    finding.address.empty() ? "-" : finding.address, " ",
                    finding.where.line, ": ", finding.what, " | ", finding.fix,
                    "\n");
  }
  return text;
}

DesiredState OneToken() {
  DesiredState desired;
  DesiredToken token;
  token.name = "ci";
  token.scopes = ScopeSet::Of({"vso.code", "vso.build_execute"});
  token.lifetime = 30 * kDay;
  token.owner = "team";
  token.purpose = "publish";
  token.where = SourceLocation{"", 7};
  token.scopes_where = SourceLocation{"", 8};
  desired.tokens = {token};
  desired.policy.where.line = 2;
  for (const auto& [name, type] :
       {std::pair("files", "file"), std::pair("kv", "vault"),
        std::pair("safe-files", "file")}) {
    SinkConfig sink;
    sink.name = name;
    sink.type = type;
    desired.sinks.push_back(sink);
  }
  return desired;
}

TEST(CheckDesiredTest, Table) {
  struct Row {
    const char* name;
    std::function<void(PolicyConfig&, DesiredToken&)> change;
    const char* want;
  };
  const std::vector<Row> rows = {
      {"no rules", [](PolicyConfig&, DesiredToken&) {}, ""},
      {"kept",
       [](PolicyConfig& p, DesiredToken&) {
         p.max_lifetime = 30 * kDay;
         p.forbidden_scopes = {"app_token", "vso.*_manage"};
         p.required_fields = {"owner", "purpose"};
         p.name_patterns = {"[a-z]+"};
         p.deny_all_organizations = true;
       },
       ""},
      {"lifetime",
       [](PolicyConfig& p, DesiredToken&) {
         p.max_lifetime = 30 * kDay - absl::Hours(1);
       },
       "max_lifetime token.ci 7: lives 30d; the policy allows 29d 23h | "
       "shorten `lifetime`; rotation renews the token in time\n"},
      {"a date too far",
       [](PolicyConfig& p, DesiredToken& t) {
         p.max_lifetime = 30 * kDay;
         t.expires = kNow + 31 * kDay;
       },
       "max_lifetime token.ci 7: expires in 31d; the policy allows 30d | set "
       "an earlier `expires`, or a `lifetime` instead: rotation renews the "
       "token in time\n"},
      {"a date near enough, whatever `lifetime` says",
       [](PolicyConfig& p, DesiredToken& t) {
         p.max_lifetime = 30 * kDay;
         t.lifetime = 90 * kDay;
         t.expires = kNow + 30 * kDay;
       },
       ""},
      {"scopes, each once",
       [](PolicyConfig& p, DesiredToken&) {
         p.forbidden_scopes = {"vso.code", "vso.*", "vso.build_execute"};
       },
       "forbidden_scopes token.ci 8: asks for vso.build_execute, which the "
       "policy forbids (\"vso.*\") | ask for a weaker scope; `patform scopes` "
       "lists them\n"
       "forbidden_scopes token.ci 8: asks for vso.code, which the policy "
       "forbids (\"vso.code\") | ask for a weaker scope; `patform scopes` "
       "lists them\n"},
      {"fields",
       [](PolicyConfig& p, DesiredToken& t) {
         p.required_fields = {"owner", "purpose", "deliver", "cost-centre",
                              "ticket"};
         t.owner = "";
         t.labels["ticket"] = "A-1";
       },
       "required_fields token.ci 7: has no `owner` | add `owner`\n"
       "required_fields token.ci 7: has no `deliver` | add `deliver`\n"
       "required_fields token.ci 7: has no `cost-centre` | add `cost-centre` "
       "under `labels`\n"},
      {"name, as a whole",
       [](PolicyConfig& p, DesiredToken&) { p.name_patterns = {"c"}; },
       "name_pattern token.ci 7: the name does not match c | rename it, with "
       "`renamed_from` the old name\n"},
      {"no pattern at all",
       [](PolicyConfig& p, DesiredToken&) { p.name_patterns = {"["}; },
       "name_pattern - 2: the pattern is not a regular expression | correct "
       "`name_pattern`\n"},
      {"all organizations",
       [](PolicyConfig& p, DesiredToken& t) {
         p.deny_all_organizations = true;
         t.all_organizations = true;
       },
       "all_organizations token.ci 7: is valid in all organizations; such "
       "tokens stop working on 2026-12-01 | remove `all_organizations`; "
       "declare one token per organization\n"},
      {"too short a life",
       [](PolicyConfig& p, DesiredToken&) { p.min_lifetime = 31 * kDay; },
       "min_lifetime token.ci 7: lives 30d; the policy asks for 31d at least | "
       "lengthen `lifetime`\n"},
      {"a date is no short life",
       [](PolicyConfig& p, DesiredToken& t) {
         p.min_lifetime = 31 * kDay;
         t.expires = kNow + kDay;
       },
       ""},
      {"renewed too late, a share of its life",
       [](PolicyConfig& p, DesiredToken& t) {
         p.min_rotate_before = 4 * kDay;
         t.rotate_before.share = 0.1;
         t.deliver.resize(1);
       },
       "min_rotate_before token.ci 7: is renewed 3d before its end; the policy "
       "asks for 4d at least | set an earlier `rotate_before`\n"},
      {"renewed too late, a span, although it ends on a date",
       [](PolicyConfig& p, DesiredToken& t) {
         p.min_rotate_before = 4 * kDay;
         t.rotate_before.span = kDay;
         t.expires = kNow + 9 * kDay;
         t.renewal = Renewal::kExtend;
       },
       "min_rotate_before token.ci 7: is renewed 1d before its end; the policy "
       "asks for 4d at least | set an earlier `rotate_before`\n"},
      {"renewed in time, or never",
       [](PolicyConfig& p, DesiredToken& t) {
         p.min_rotate_before = 40 * kDay;
         t.rotate_before.share = 0.1;
       },
       ""},
      {"not among the allowed scopes",
       [](PolicyConfig& p, DesiredToken&) {
         p.allowed_scopes = {{"vso.*"}, {"vso.code*", "vso.wiki"}};
       },
       "allowed_scopes token.ci 8: asks for vso.build_execute, which is not "
       "among the scopes that the policy allows | ask for a weaker scope; "
       "`patform scopes` lists them\n"},
      {"high privilege",
       [](PolicyConfig& p, DesiredToken&) {
         p.high_privilege_scopes = {"app_token", "vso.build_execute"};
       },
       "high_privilege_scopes token.ci 8: asks for vso.build_execute, a scope "
       "of high privilege, which the policy denies | ask for a weaker scope; "
       "`patform scopes` lists them\n"},
      {"full access, said once",
       [](PolicyConfig& p, DesiredToken& t) {
         p.high_privilege_scopes = {"app_token"};
         p.deny_full_scope = true;
         t.scopes = ScopeSet::Of({"app_token"});
       },
       "full_scope token.ci 8: asks for full access (app_token), which the "
       "policy denies | ask for a weaker scope; `patform scopes` lists them\n"},
      {"a sink that may not have it",
       [](PolicyConfig& p, DesiredToken& t) {
         p.sinks_for_scopes = {{{"vso.wiki"}, {}, {}, {}},
                               {{"vso.code"}, {"safe-*"}, {"vault"}, {}}};
         for (const char* sink : {"files", "kv", "safe-files"}) {
           Delivery place;
           place.sink = sink;
           place.at = "ci";
           place.where = SourceLocation{"", 9};
           t.deliver.push_back(place);
         }
       },
       "sinks_for_scopes token.ci 9: goes to files:ci (type file); with "
       "vso.code the policy allows sinks of type vault and sinks named safe-* "
       "| deliver it to an allowed sink, or ask for a weaker scope\n"},
      {"full access is every scope",
       [](PolicyConfig& p, DesiredToken& t) {
         p.sinks_for_scopes = {{{"vso.code"}, {}, {"vault"}, {}}};
         t.scopes = ScopeSet::Of({"app_token"});
         t.deliver.resize(1);
         t.deliver[0].sink = "files";
         t.deliver[0].at = "x";
       },
       "sinks_for_scopes token.ci 0: goes to files:x (type file); with "
       "app_token the policy allows sinks of type vault | deliver it to an "
       "allowed sink, or ask for a weaker scope\n"},
      {"too many", [](PolicyConfig& p, DesiredToken&) { p.max_tokens = 0; },
       "max_tokens - 2: the configuration declares 1 token; the policy allows "
       "0 | take out what nobody uses: `patform audit` ranks it\n"},
      {"what is to go is not judged",
       [](PolicyConfig& p, DesiredToken& t) {
         p.max_lifetime = kDay;
         p.name_patterns = {"x"};
         t.ensure = Ensure::kAbsent;
       },
       ""},
      {"nor what is let go",
       [](PolicyConfig& p, DesiredToken& t) {
         p.max_lifetime = kDay;
         t.ensure = Ensure::kReleased;
       },
       ""},
  };
  for (const Row& row : rows) {
    DesiredState desired = OneToken();
    row.change(desired.policy, desired.tokens[0]);
    EXPECT_EQ(Dump(CheckDesired(desired, kNow)), row.want) << row.name;
  }
}

// By what places are: a sink called "kv" may lead anywhere.
TEST(CheckDesiredTest, AllowedPlaces) {
  struct Row {
    const char* name;
    std::vector<std::vector<AllowedPlaces>> lists;
    const char* want;
  };
  const AllowedPlaces ours = {
      {"vso.*"}, {"vault"}, {"https://v.example/kv/*"}, {}};
  const AllowedPlaces all = {{"*"}, {}, {"*"}, {}};
  const std::string refused =
      "allowed_places token.ci 9: goes to kv:ado/ci#token, which is "
      "https://v.example/kv/ado/ci#token; with ";
  const std::string fix =
      " | deliver it to an allowed place, or ask for a weaker scope\n";
  const std::vector<Row> rows = {
      {"no list", {}, ""},
      {"ours", {{ours}}, ""},
      {"one of two fits", {{{{"*"}, {}, {"/srv/*"}, {}}, ours}}, ""},
      {"each list has to", {{ours}, {all}}, ""},
      {"an empty list lets nothing through",
       {{}},
       "vso.build_execute the policy allows none"},
      {"another type",
       {{{{"*"}, {"file"}, {"*"}, {}}}},
       "vso.build_execute the policy allows *"},
      {"another store",
       {{{{"*"}, {}, {"https://w.example/*"}, {}}}},
       "vso.build_execute the policy allows https://w.example/*"},
      {"another place",
       {{{{"*"}, {}, {"https://v.example/kv/prod/*"}, {}}}},
       "vso.build_execute the policy allows https://v.example/kv/prod/*"},
      {"a scope that nobody names",
       {{{{"vso.build*"}, {}, {"*"}, {}}}},
       "vso.code the policy allows none"},
      {"two policies",
       {{{{"*"}, {}, {"/a/*", "/b"}, {}}}, {}},
       "vso.build_execute the policy allows /a/* or /b, and of these none"},
  };
  for (const Row& row : rows) {
    DesiredState desired = OneToken();
    desired.sinks[1].store = "https://v.example/kv";
    Delivery place;
    place.sink = "kv";
    place.at = "ado/ci";
    place.key = "token";
    place.where = SourceLocation{"", 9};
    desired.tokens[0].deliver = {place};
    desired.policy.allowed_places = row.lists;
    const std::string want = row.want;
    EXPECT_EQ(Dump(CheckDesired(desired, kNow)),
              want.empty() ? "" : refused + want + fix)
        << row.name;
  }
}

// Full access is named as such; what the environment gave is not shown.
TEST(CheckDesiredTest, AllowedPlacesOfFullAccess) {
  DesiredState desired = OneToken();
  desired.sinks[0].store = "/hunter2";
  desired.sinks[0].filled_in = "a fingerprint";
  Delivery place;
  place.sink = "files";
  place.at = "x";
  desired.tokens[0].deliver = {place};
  desired.tokens[0].scopes = ScopeSet();
  desired.policy.allowed_places = {{{{"vso.*"}, {}, {"*"}, {}}}};
  EXPECT_EQ(Dump(CheckDesired(desired, kNow)),
            "allowed_places token.ci 0: goes to files:x, which is at an "
            "address with ${…}; with app_token the policy allows none | "
            "deliver it to an allowed place, or ask for a weaker scope\n");
  desired.policy.allowed_places[0][0].scopes = {"app_token"};
  EXPECT_EQ(Dump(CheckDesired(desired, kNow)), "");
}

TEST(CheckDesiredTest, FileOrder) {
  DesiredState desired = OneToken();
  desired.tokens.push_back(desired.tokens[0]);
  desired.tokens[1].name = "a b";
  desired.policy.max_lifetime = kDay;
  EXPECT_EQ(Dump(CheckDesired(desired, kNow)),
            "max_lifetime token.ci 7: lives 30d; the policy allows 1d | "
            "shorten `lifetime`; rotation renews the token in time\n"
            "max_lifetime token.\"a b\" 7: lives 30d; the policy allows 1d | "
            "shorten `lifetime`; rotation renews the token in time\n");
}

TEST(CheckDesiredTest, Severity) {
  DesiredState desired = OneToken();
  desired.policy.max_lifetime = kDay;
  desired.policy.required_fields = {"ticket"};
  desired.policy.severity[rule::kMaxLifetime] = Severity::kWarning;
  const std::vector<Finding> findings = CheckDesired(desired, kNow);
  std::string text;
  for (const Finding& finding : findings) {
    absl::StrAppend(&text, finding.rule, " ", Word(finding.severity), "\n");
  }
  EXPECT_EQ(text, "max_lifetime warning\nrequired_fields error\n");
  EXPECT_TRUE(HasErrors(findings));
  EXPECT_EQ(CountOf(findings, Severity::kWarning), 1);
  EXPECT_FALSE(HasErrors({findings[0]}));
}

TEST(CheckDesiredTest, Exceptions) {
  DesiredState desired = OneToken();
  desired.policy.max_lifetime = kDay;
  const auto check = [&](absl::Time now) {
    std::vector<Note> notes;
    std::string text = Dump(CheckDesired(desired, now, &notes));
    for (const Note& note : notes) {
      absl::StrAppend(&text, "note ", note.address, ": ", note.text, "\n");
    }
    return text;
  };
  const auto announced = [](const char* rule, const char* token) {
    return absl::StrCat("expired_exception - 4: the exception of \"", token,
                        "\" from ", rule,
                        " ends 2027-01-16 08:00 UTC (in 1d) | make the token "
                        "keep to the rule before, or set a later `until`\n");
  };
  const std::string broken =
      "max_lifetime token.ci 7: lives 30d; the policy allows 1d | shorten "
      "`lifetime`; rotation renews the token in time\n";
  PolicyException exception;
  exception.rule = rule::kMaxLifetime;
  exception.token = "c?";
  exception.until = kNow + kDay;
  exception.reason = "moves in January";
  exception.where.line = 4;
  // Of another rule, or of other tokens.
  PolicyException other = exception;
  other.rule = rule::kNamePattern;
  desired.policy.exceptions = {other};
  EXPECT_EQ(check(kNow), announced(rule::kNamePattern, "c?") + broken);
  PolicyException legacy = exception;
  legacy.token = "legacy-*";
  desired.policy.exceptions = {legacy};
  EXPECT_EQ(check(kNow), announced(rule::kMaxLifetime, "legacy-*") + broken);
  desired.policy.exceptions = {other, exception};
  EXPECT_EQ(check(kNow),
            announced(rule::kNamePattern, "c?") +
                announced(rule::kMaxLifetime, "c?") +
                "note token.ci: lives 30d; the policy allows 1d; excepted from "
                "max_lifetime until 2027-01-16 08:00 UTC: moves in January\n");
  // At its end the rule holds again, of what it was about alone.
  desired.policy.exceptions = {exception};
  EXPECT_EQ(check(kNow + kDay),
            "expired_exception - 4: the exception of \"c?\" from "
            "max_lifetime ended 2027-01-16 08:00 UTC | remove it; the rule "
            "holds again\n"
            "max_lifetime token.ci 7: lives 30d; the policy allows 1d; its "
            "exception ended 2027-01-16 08:00 UTC | shorten `lifetime`; "
            "rotation renews the token in time\n");
  std::vector<Finding> findings = CheckDesired(desired, kNow + kDay);
  EXPECT_EQ(findings[0].severity, Severity::kWarning);
  EXPECT_TRUE(HasErrors(findings));
  EXPECT_TRUE(findings[1].lapsed);
  EXPECT_FALSE(Forbids(findings));
  // What was never excepted still forbids the plan.
  desired.policy.max_tokens = 0;
  EXPECT_TRUE(Forbids(CheckDesired(desired, kNow + kDay)));
}

// Two weeks before its end an exception is announced, and not before.
TEST(CheckDesiredTest, AnExceptionThatEndsSoon) {
  DesiredState desired = OneToken();
  desired.policy.exceptions = {
      {rule::kMaxLifetime, "ci", kNow + 15 * kDay, "soon", {}}};
  EXPECT_EQ(Dump(CheckDesired(desired, kNow)), "");
  EXPECT_EQ(NextExceptionEnd(desired.policy, kNow), kNow + kDay);
  EXPECT_EQ(Dump(CheckDesired(desired, kNow + kDay)),
            "expired_exception - 0: the exception of \"ci\" from max_lifetime "
            "ends 2027-01-30 08:00 UTC (in 14d) | make the token keep to the "
            "rule before, or set a later `until`\n");
  EXPECT_EQ(NextExceptionEnd(desired.policy, kNow + kDay), kNow + 15 * kDay);
  EXPECT_FALSE(HasErrors(CheckDesired(desired, kNow + kDay)));
}

// However many tokens break a rule, what is said of it is bounded.
TEST(CheckDesiredTest, AThousandFindingsOfOneRule) {
  DesiredState desired = OneToken();
  desired.policy.max_lifetime = 2 * kDay;
  desired.policy.set_at[rule::kMaxLifetime].line = 3;
  const DesiredToken token = desired.tokens[0];
  for (int i = 0; i < 1500; ++i) {
    desired.tokens.push_back(token);
    desired.tokens.back().name = absl::StrCat("t", i);
  }
  std::vector<Finding> findings = CheckDesired(desired, kNow);
  ASSERT_EQ(findings.size(), 1001u);
  EXPECT_EQ(Dump({findings.back()}),
            "max_lifetime - 3: is broken 501 more times than is shown here | "
            "correct these first\n");
  EXPECT_EQ(findings.back().severity, Severity::kError);
  desired.policy.exceptions = {{rule::kMaxLifetime, "t*", kNow + 20 * kDay,
                                "soon", SourceLocation{"", 4}}};
  std::vector<Note> notes;
  findings = CheckDesired(desired, kNow, &notes);
  EXPECT_EQ(findings.size(), 1u);
  ASSERT_EQ(notes.size(), 1001u);
  EXPECT_EQ(notes.back().text, "500 more exceptions from max_lifetime hold");
}

TEST(CheckDesiredTest, TheFirstExceptionThatFits) {
  DesiredState desired = OneToken();
  desired.policy.max_lifetime = 2 * kDay;
  const auto exception = [](const char* token, const char* reason) {
    return PolicyException{
        rule::kMaxLifetime, token, kNow + 20 * kDay, reason, {}};
  };
  const PolicyException name = exception("ci", "name"),
                        glob = exception("c*", "glob"),
                        other = exception("d?", "other");
  const std::pair<std::vector<PolicyException>, const char*> kCases[] = {
      {{name, glob}, "name"},        {{glob, name}, "glob"},
      {{other, name, glob}, "name"}, {{other, glob}, "glob"},
      {{name, name}, "name"},
  };
  for (const auto& [exceptions, want] : kCases) {
    desired.policy.exceptions = exceptions;
    std::vector<Note> notes;
    EXPECT_EQ(Dump(CheckDesired(desired, kNow, &notes)), "");
    ASSERT_EQ(notes.size(), 1u);
    EXPECT_NE(notes[0].text.find(absl::StrCat(": ", want)), std::string::npos)
        << notes[0].text;
  }
  desired.policy.exceptions = {other};
  EXPECT_EQ(CheckDesired(desired, kNow).size(), 1u);
}

TEST(CheckDesiredTest, NextExceptionEnd) {
  PolicyConfig policy;
  EXPECT_EQ(NextExceptionEnd(policy, kNow), absl::InfiniteFuture());
  policy.exceptions.resize(3);
  policy.exceptions[0].until = kNow + 2 * kDay;
  policy.exceptions[1].until = kNow + kDay;
  policy.exceptions[2].until = kNow;
  EXPECT_EQ(NextExceptionEnd(policy, kNow), kNow + kDay);
}

TEST(WhyOf, SaysItOfEveryRule) {
  for (const std::string& rule : PolicyRules()) {
    EXPECT_STRNE(WhyOf(rule), "") << rule;
  }
  EXPECT_STREQ(WhyOf("no_such_rule"), "");
}

TEST(CheckDesiredTest, TablesThatEndTokensAreNotCounted) {
  DesiredState desired = OneToken();
  desired.policy.max_tokens = 1;
  desired.tokens.push_back(desired.tokens[0]);
  desired.tokens[1].name = "old";
  desired.tokens[1].ensure = Ensure::kAbsent;
  EXPECT_EQ(Dump(CheckDesired(desired, kNow, nullptr)), "");
  desired.tokens[1].ensure = Ensure::kPresent;
  EXPECT_NE(Dump(CheckDesired(desired, kNow, nullptr)), "");
}

}  // namespace
}  // namespace patform
