#include "engine/policy/guards.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/model/mark.h"

namespace patform {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);
constexpr char kAda[] = "5d2e0000-0000-4000-8000-00000000000a";
constexpr char kBob[] = "5d2e0000-0000-4000-8000-00000000000b";
constexpr char kCleo[] = "5d2e0000-0000-4000-8000-00000000000c";

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

AuthorizationId Id(int n) {
  return *AuthorizationId::Parse(absl::StrCat(absl::Dec(n, absl::kZeroPad8),
                                              "-0000-4000-8000-000000000000"));
}

// A world of one organization, "contoso", of the workspace "w".
struct Scene {
  Scene() {
    desired.workspace = "w";
    desired.policy.where.line = 2;
    actual.user_oid = kAda;
    actual.organizations["contoso"].organization = "contoso";
  }

  void AddTokens(int count, TokenState state = TokenState::kActive) {
    std::vector<ActualToken>& tokens = actual.organizations["contoso"].tokens;
    for (int i = 0; i < count; ++i) {
      ActualToken token;
      token.id = Id(static_cast<int>(tokens.size()) + 1);
      token.display_name = DisplayName(
          absl::StrCat("t", i), {"w", 1, std::string(kNonceLength, 'a')});
      token.state = state;
      tokens.push_back(token);
    }
  }

  void AddRecord(int id, const std::string& user_oid) {
    HeldRecord held;
    held.state = HeldRecord::State::kPresent;
    held.record.emplace();
    held.record->id = Id(id);
    held.record->workspace = "w";
    held.record->organization = "contoso";
    held.record->user_oid = user_oid;
    actual.records[absl::StrCat("files:", id)] = held;
  }

  // [identity.bot], whose token is at files:2.
  void AddBot() {
    desired.identities.emplace_back().identity = "bot";
    for (const char* at : {"1", "2"}) {
      DesiredToken& token = desired.tokens.emplace_back();
      token.organization = "contoso";
      Delivery& place = token.deliver.emplace_back();
      place.sink = "files";
      place.at = at;
    }
    desired.tokens.back().identity = "bot";
    actual.users["bot"] = kBob;
    TokenList& listed = actual.organizations[{"bot", "contoso"}];
    listed.organization = "contoso";
    listed.identity = "bot";
    listed.tokens.emplace_back().id = Id(90);
    options.several_users = true;
  }

  void Revoke(const std::string& name, Reason reason, int count = 1) {
    Change change;
    change.action = Action::kRevoke;
    change.reason = reason;
    change.name = name;
    change.address = TokenAddress(name);
    change.revoke.resize(count);
    changes.changes.push_back(change);
  }

  std::string Check() const {
    return Dump(CheckGuards(desired, actual, changes, options));
  }

  DesiredState desired;
  ActualState actual;
  ChangeSet changes;
  GuardOptions options;
};

TEST(CheckGuardsTest, Revocations) {
  DesiredState desired;
  desired.policy.where.line = 2;
  struct Row {
    const char* name;
    int revoked;
    std::optional<int> limit;
    int allowed;
    const char* want;
  };
  const std::vector<Row> rows = {
      {"none", 0, 0, -1, ""},
      {"the default's last", 10, {}, -1, ""},
      {"one more than the default",
       11,
       {},
       -1,
       "max_revocations - 2: the plan revokes 11 tokens; at most 10 may be "
       "revoked at once | read the plan; if it is meant, apply with "
       "--allow-revocations 11\n"},
      {"none allowed", 1, 0, -1,
       "max_revocations - 2: the plan revokes 1 token; at most 0 may be "
       "revoked at once | read the plan; if it is meant, apply with "
       "--allow-revocations 1\n"},
      {"lifted", 11, 2, 11, ""},
      {"lifted too little", 11, 2, 5,
       "max_revocations - 2: the plan revokes 11 tokens; at most 5 may be "
       "revoked at once | read the plan; if it is meant, apply with "
       "--allow-revocations 11\n"},
      {"the command line does not tighten", 3, 5, 0, ""},
  };
  for (const Row& row : rows) {
    ChangeSet changes;
    for (int i = 0; i < row.revoked; ++i) {
      // Two in one change, to see that tokens are counted.
      if (i % 2 == 0) changes.changes.emplace_back();
      changes.changes.back().action = Action::kRevoke;
      changes.changes.back().revoke.emplace_back();
    }
    // What a rotation ends is replaced, not lost.
    changes.changes.emplace_back();
    changes.changes.back().decision.Mutable().collect.resize(50);
    for (Collect& end : changes.changes.back().decision.Mutable().collect) {
      end.generation = 1;
    }
    desired.policy.max_revocations = row.limit;
    GuardOptions options;
    options.allowed_revocations = row.allowed;
    EXPECT_EQ(Dump(CheckGuards(desired, {}, changes, options)), row.want)
        << row.name;
  }
}

TEST(CheckGuardsTest, RevocationsAsAShare) {
  struct Row {
    const char* name;
    int live;
    int revoked;
    double share;
    std::optional<int> limit;
    int allowed;
    const char* want;
  };
  const std::vector<Row> rows = {
      {"a tenth of forty", 40, 4, 0.1, {}, -1, ""},
      {"one more",
       40,
       5,
       0.1,
       {},
       -1,
       "max_revocations - 2: the plan revokes 5 tokens; at most 4 (10% of 40 "
       "live tokens) may be revoked at once | read the plan; if it is meant, "
       "apply with --allow-revocations 5\n"},
      {"rounded up", 3, 1, 0.1, {}, -1, ""},
      {"none at all",
       3,
       1,
       0,
       {},
       -1,
       "max_revocations - 2: the plan revokes 1 token; at most 0 (0% of 3 live "
       "tokens) may be revoked at once | read the plan; if it is meant, apply "
       "with --allow-revocations 1\n"},
      {"more than the default", 200, 20, 0.1, {}, -1, ""},
      {"the count is stricter", 200, 3, 0.1, 2, -1,
       "max_revocations - 2: the plan revokes 3 tokens; at most 2 may be "
       "revoked at once | read the plan; if it is meant, apply with "
       "--allow-revocations 3\n"},
      {"the share is stricter", 10, 2, 0.1, 5, -1,
       "max_revocations - 2: the plan revokes 2 tokens; at most 1 (10% of 10 "
       "live tokens) may be revoked at once | read the plan; if it is meant, "
       "apply with --allow-revocations 2\n"},
      {"lifted", 10, 2, 0.1, 5, 2, ""},
  };
  for (const Row& row : rows) {
    Scene scene;
    scene.AddTokens(row.live);
    // Neither dead ones nor those of others count.
    scene.AddTokens(100, TokenState::kRevoked);
    ActualToken other;
    other.id = Id(99999);
    other.display_name = "by hand";
    scene.actual.organizations["contoso"].tokens.push_back(other);
    scene.Revoke("t", Reason::kUndeclared, row.revoked);
    scene.desired.policy.max_revocations_share = row.share;
    scene.desired.policy.max_revocations = row.limit;
    scene.options.allowed_revocations = row.allowed;
    EXPECT_EQ(scene.Check(), row.want) << row.name;
  }
}

// Without a share in the policy: however few tokens a workspace has, more than
// half of them need words.
TEST(CheckGuardsTest, MostOfWhatAWorkspaceHas) {
  struct Row {
    const char* name;
    int live;
    int undeclared;
    int absent;
    std::optional<int> limit;
    int allowed;
    const char* want;  // "3 of the 4 tokens"; "": it may
  };
  const std::vector<Row> rows = {
      {"the only one", 1, 1, 0, {}, -1, "1 of the 1 token "},
      {"one of two", 2, 1, 0, {}, -1, ""},
      {"both", 2, 2, 0, {}, -1, "2 of the 2 tokens "},
      {"two of three", 3, 2, 0, {}, -1, "2 of the 3 tokens "},
      {"half", 8, 4, 0, {}, -1, ""},
      {"more", 8, 5, 0, {}, -1, "5 of the 8 tokens "},
      {"all, under a high limit", 8, 8, 0, 100, -1, "8 of the 8 tokens "},
      {"lifted", 8, 8, 0, {}, 8, ""},
      {"lifted too little", 8, 8, 0, {}, 7, "8 of the 8 tokens "},
      {"one absent in words", 1, 0, 1, {}, -1, ""},
      {"all absent, as [defaults] can say",
       2,
       0,
       2,
       {},
       -1,
       "2 of the 2 tokens "},
  };
  for (const Row& row : rows) {
    Scene scene;
    scene.AddTokens(row.live);
    // A superseded generation is not a token of its own.
    scene.AddTokens(row.live);
    for (int i = 0; i < row.undeclared + row.absent; ++i) {
      scene.Revoke(absl::StrCat("t", i), i < row.undeclared
                                             ? Reason::kUndeclared
                                             : Reason::kDeclaredAbsent);
      scene.changes.changes.back().organization = "contoso";
    }
    scene.desired.policy.max_revocations = row.limit;
    scene.options.allowed_revocations = row.allowed;
    const std::string want =
        std::string(row.want).empty()
            ? ""
            : absl::StrCat(
                  "max_revocations - 2: the plan revokes ", row.want,
                  "that this workspace has; more than half may not be revoked "
                  "at once | check that every file of the configuration was "
                  "read; if it is meant, apply with --allow-revocations ",
                  row.undeclared + row.absent, "\n");
    EXPECT_EQ(scene.Check(), want) << row.name;
  }
}

TEST(CheckGuardsTest, PreventRevoke) {
  Scene scene;
  scene.AddTokens(1);
  scene.desired.policy.prevent_revoke = {"prod-*", "deploy"};
  scene.Revoke("prod-db", Reason::kUndeclared);
  scene.Revoke("production", Reason::kUndeclared);
  scene.Revoke("deploy", Reason::kDeclaredAbsent);
  EXPECT_EQ(
      scene.Check(),
      "prevent_revoke token.prod-db 0: would be revoked (not in the "
      "configuration any more), which the policy forbids (\"prod-*\") | put "
      "its table back into the configuration, or take the name out of "
      "`prevent_revoke` first\n"
      "prevent_revoke token.deploy 0: would be revoked (the configuration "
      "says absent), which the policy forbids (\"deploy\") | take the name "
      "out of `prevent_revoke` first\n");
}

// Whatever key ends a token: the guard looks at every name that it has.
TEST(CheckGuardsTest, PreventRevokeByTheVictimsName) {
  struct Row {
    const char* name;
    const char* pattern;
    const char* human;
    int64_t generation;
    bool stops;
  };
  const std::vector<Row> rows = {
      {"replaces", "prod-*", "prod-db", 0, true},
      {"by address", "token.prod-db", "prod-db", 0, true},
      {"without regard to case", "PROD-*", "prod-db", 0, true},
      {"whatever case it is in", "prod-*", "Prod-DB", 0, true},
      {"renamed", "prod-*", "prod-db", 3, true},
      {"another name", "prod-*", "db", 0, false},
      {"who replaces does not end", "ci", "prod-db", 0, false},
      {"who is renamed does", "ci", "prod-db", 3, true},
      {"its own generation", "ci", "ci", 3, false},
  };
  for (const Row& row : rows) {
    Scene scene;
    scene.AddTokens(1);
    scene.desired.policy.prevent_revoke = {row.pattern};
    Change change;
    change.action = Action::kCreate;
    change.name = "ci";
    change.address = "token.ci";
    const std::string display_name =
        row.generation == 0
            ? std::string(row.human)
            : DisplayName(row.human, {"w", row.generation,
                                      std::string(kNonceLength, 'a')});
    change.decision.Mutable().collect.push_back(
        {Id(7), row.generation, Reason::kSuperseded, kNow, kNow, display_name});
    scene.changes.changes.push_back(change);
    EXPECT_EQ(scene.Check(),
              row.stops
                  ? absl::StrCat(
                        "prevent_revoke token.ci 0: would end \"", row.human,
                        "\" (00000007-0000-4000-8000-000000000000), which the "
                        "policy forbids (\"",
                        row.pattern,
                        "\") | take the name out of `prevent_revoke` "
                        "first\n")
                  : "")
        << row.name;
  }
}

TEST(CheckGuardsTest, EveryRevocationCounts) {
  Scene scene;
  scene.AddTokens(1);
  scene.desired.policy.max_revocations = 3;
  Change change;
  change.action = Action::kCreate;
  change.name = "ci";
  for (int i = 0; i < 4; ++i) {
    change.decision.Mutable().collect.push_back(
        {Id(7 + i), 0, Reason::kSuperseded, kNow, kNow, "by hand"});
  }
  scene.changes.changes.push_back(change);
  EXPECT_EQ(scene.Check(),
            "max_revocations - 2: the plan revokes 4 tokens; at most 3 may be "
            "revoked at once | read the plan; if it is meant, apply with "
            "--allow-revocations 4\n");
}

TEST(CheckGuardsTest, AnotherUserThanTheRecordsSay) {
  Scene scene;
  scene.AddTokens(1);
  scene.AddRecord(1, kBob);
  scene.AddRecord(2, kBob);
  EXPECT_EQ(scene.Check(),
            "wrong_user - 0: signed in is the user "
            "5d2e0000-0000-4000-8000-00000000000a; every record in the sinks "
            "is of 5d2e0000-0000-4000-8000-00000000000b | sign in as the user "
            "whose tokens these are; if another user takes over, deliver to "
            "new places\n");
  // One place that changed hands is that place's affair.
  scene.AddRecord(3, kAda);
  EXPECT_EQ(scene.Check(), "");
  scene.actual.records.erase("files:3");
  scene.AddRecord(4, "");
  EXPECT_NE(scene.Check(), "");
  // A credential that does not say whose it is proves nothing.
  scene.actual.user_oid = "";
  EXPECT_EQ(scene.Check(), "");
}

// Each identity by the records of its own places.
TEST(CheckGuardsTest, AnotherUserThanTheRecordsOfAnIdentitySay) {
  Scene scene;
  scene.AddTokens(1);
  scene.AddBot();
  scene.AddRecord(1, kAda);
  scene.AddRecord(2, kBob);
  EXPECT_EQ(scene.Check(), "");
  scene.actual.users["bot"] = kCleo;
  EXPECT_EQ(scene.Check(),
            "wrong_user - 0: signed in as bot is the user "
            "5d2e0000-0000-4000-8000-00000000000c; every record in its places "
            "is of 5d2e0000-0000-4000-8000-00000000000b | sign in as the user "
            "whose tokens these are; if another user takes over, deliver to "
            "new places\n");
  scene.actual.users.clear();
  EXPECT_EQ(scene.Check(), "");
  scene.actual.users["bot"] = kBob;
  scene.options.baseline.emplace();
  scene.options.baseline->taken_at = kNow;
  scene.options.baseline->users["bot"] = kCleo;
  EXPECT_EQ(scene.Check(),
            "wrong_user - 0: signed in as bot is the user "
            "5d2e0000-0000-4000-8000-00000000000b; on 2027-01-15 08:00 UTC it "
            "was 5d2e0000-0000-4000-8000-00000000000c | sign in as the user "
            "whose tokens these are; if another user takes over, deliver to "
            "new places\n");
}

// They would end each other's tokens.
TEST(CheckGuardsTest, TwoIdentitiesThatAreOneUser) {
  constexpr char kFix[] =
      ": each would end the other's tokens | sign in as two users, or let one "
      "identity own all of its tokens\n";
  Scene scene;
  scene.AddTokens(1);
  scene.AddBot();
  scene.actual.users["bot"] = kAda;
  EXPECT_EQ(scene.Check(),
            absl::StrCat("same_user - 0: [auth] and [identity.bot] sign in the "
                         "same user (5d2e0000-0000-4000-8000-00000000000a)",
                         kFix));
  scene.actual.user_oid = "";
  EXPECT_EQ(scene.Check(), "");
  // Nobody's credential says who they are; one token in both lists does.
  scene.actual.users.clear();
  scene.actual.organizations[{"bot", "contoso"}].tokens =
      scene.actual.organizations["contoso"].tokens;
  EXPECT_EQ(scene.Check(),
            absl::StrCat("same_user - 0: [auth] and [identity.bot] sign in the "
                         "same user",
                         kFix));
}

TEST(CheckGuardsTest, AnotherUserThanBefore) {
  Scene scene;
  scene.AddTokens(1);
  scene.options.baseline.emplace();
  scene.options.baseline->taken_at = kNow;
  scene.options.baseline->user_oid = kBob;
  scene.options.baseline->live["contoso"] = 1;
  EXPECT_EQ(scene.Check(),
            "wrong_user - 0: signed in is the user "
            "5d2e0000-0000-4000-8000-00000000000a; on 2027-01-15 08:00 UTC it "
            "was 5d2e0000-0000-4000-8000-00000000000b | sign in as the user "
            "whose tokens these are; if another user takes over, deliver to "
            "new places\n");
  scene.options.baseline->user_oid = kAda;
  EXPECT_EQ(scene.Check(), "");
  scene.options.baseline->user_oid = "";
  EXPECT_EQ(scene.Check(), "");
}

TEST(CheckGuardsTest, AnotherOrganizationThanBefore) {
  Scene scene;
  scene.AddTokens(1);
  scene.options.baseline.emplace();
  scene.options.baseline->taken_at = kNow;
  scene.options.baseline->live["fabrikam"] = 3;
  EXPECT_EQ(scene.Check(),
            "wrong_organization - 0: the tokens are of contoso; on 2027-01-15 "
            "08:00 UTC they were of fabrikam | name the organization that is "
            "meant in the configuration, or plan without --baseline\n");
  scene.options.baseline->live["contoso"] = 0;
  EXPECT_EQ(scene.Check(), "");
}

TEST(CheckGuardsTest, AnEmptyListThatWasNot) {
  Scene scene;
  EXPECT_EQ(scene.Check(), "");  // nothing there, nothing known: a first run
  const char* kFix =
      "check who is signed in and that the organization is the right one; if "
      "the tokens are really gone, continue with --allow-empty-list\n";
  scene.AddRecord(1, kAda);
  EXPECT_EQ(scene.Check(),
            absl::StrCat("empty_list - 0: the service lists no token in "
                         "contoso; 1 record in the sinks names one, and the "
                         "service knows none of them | ",
                         kFix));
  scene.AddRecord(2, kAda);
  EXPECT_EQ(scene.Check(),
            absl::StrCat("empty_list - 0: the service lists no token in "
                         "contoso; 2 records in the sinks name some, and the "
                         "service knows none of them | ",
                         kFix));
  Scene allowed = scene;
  allowed.options.allow_empty_list = true;
  EXPECT_EQ(allowed.Check(), "");
  // The service knows what became of one: this is the right list.
  Scene known = scene;
  known.AddTokens(1, TokenState::kRevoked);
  EXPECT_EQ(known.Check(), "");
  known.options.baseline.emplace();
  known.options.baseline->taken_at = kNow;
  known.options.baseline->live["contoso"] = 7;
  EXPECT_EQ(known.Check(),
            absl::StrCat("empty_list - 0: the service lists no token in "
                         "contoso; on 2027-01-15 08:00 UTC it listed 7 live "
                         "tokens | ",
                         kFix));
  known.AddTokens(1);
  EXPECT_EQ(known.Check(), "");
}

TEST(BaselineTest, CountsTheLiving) {
  Scene scene;
  scene.actual.taken_at = kNow;
  scene.AddTokens(2);
  scene.AddTokens(3, TokenState::kExpired);
  const Baseline baseline = BaselineOf(scene.actual);
  EXPECT_EQ(baseline.taken_at, kNow);
  EXPECT_EQ(baseline.user_oid, kAda);
  EXPECT_EQ(baseline.live, (std::map<Realm, int>{{"contoso", 2}}));
}

}  // namespace
}  // namespace patform
