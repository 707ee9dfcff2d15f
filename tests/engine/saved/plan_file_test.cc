#include "engine/saved/plan_file.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "engine/base/canonical_json.h"
#include "engine/base/digest.h"
#include "engine/base/status.h"
#include "engine/base/version.h"
#include "engine/report/json.h"
#include "engine/report/text.h"
#include "tests/fakes/world.h"

namespace patform {
namespace {

namespace json = boost::json;

constexpr char kKey[] = "a key for tests, long enough";

// A plan with one of most kinds of change.
class PlanFileTest : public ::testing::Test {
 protected:
  PlanFileTest() {
    world_.AddSink("main");
    for (const char* name : {"updated", "rotated", "finished", "gone"}) {
      world_.Declare(name, {absl::StrCat("main:", name)});
    }
    world_.Run();
    world_.clock.Tick(absl::Hours(1));
    world_.misfortune.rules = {
        {"put main:finished", 1, Misfortune::Kind::kCrashBefore, {}}};
    EXPECT_EQ(world_.Run({"finished"}), "crashed");
    world_.misfortune.Clear();
    world_.clock.Tick(absl::Hours(1));
    world_.service().AddStranger("by hand \x1b[31m", "vso.work", absl::Hours(1),
                                 absl::Hours(99));
    world_.Declared("updated").scopes = ScopeSet::Of({"vso.work"});
    world_.Declared("updated").where = {"patform.toml", 7, 2, 3};
    world_.Declared("gone").ensure = Ensure::kAbsent;
    world_.Declare("new", {"main:new"}).labels = {{"team", "a"}};
    world_.Declare("nowhere", {});
    world_.desired.policy.forbidden_scopes = {"vso.work"};
    options_.diff.rotate = {"rotated"};
    options_.targets = {"*e*", "n*"};
    options_.allowed_revocations = 3;
    actual_ = *world_.Look();
    plan_ = MakePlan(world_.desired, actual_, options_, world_.clock.Now());
    plan_.identity = Identity{ScopeSet::Of({"vso.pats"})};
    plan_.identity->rests_until = absl::FromUnixSeconds(1'800'000'000);
    plan_.identity->rests_why = "why";
    plan_.identity->trouble = "trouble";
    text_ = Write("");
  }

  std::string Write(std::string_view key) const {
    return WritePlan(SavePlan(plan_, options_, world_.desired, actual_), key);
  }
  // The file with `from` replaced by `to`, once at least.
  std::string Edited(const std::string& from, const std::string& to) const {
    EXPECT_NE(text_.find(from), std::string::npos) << from;
    return absl::StrReplaceAll(text_, {{from, to}});
  }
  // What somebody does who knows how the integrity is made.
  static std::string Resealed(const std::string& text) {
    json::object object = json::parse(text).as_object();
    object.erase("integrity");
    object.erase("signature");
    object["integrity"] = "sha256:" + Sha256(Canonical(object));
    return JsonForLogs(Canonical(object)) + "\n";
  }
  static std::string Error(const std::string& text, std::string_view key) {
    const absl::StatusOr<SavedPlan> saved = ReadPlan(text, key);
    if (saved.ok()) return "ok";
    return absl::StrCat(IsStale(saved.status()) ? "stale: " : "invalid: ",
                        std::string(saved.status().message()));
  }

  FakeWorld world_;
  PlanOptions options_;
  ActualState actual_;
  Plan plan_;
  std::string text_;
};

TEST_F(PlanFileTest, ReadsTheSameFromTheFile) {
  const absl::StatusOr<SavedPlan> saved = ReadPlan(text_, "");
  ASSERT_TRUE(saved.ok()) << saved.status();
  EXPECT_EQ(saved->plan.signature, Plan::Signature::kNone);
  plan_.signature = saved->plan.signature;
  EXPECT_EQ(RenderPlan(saved->plan, Style(false)),
            RenderPlan(plan_, Style(false)));
  EXPECT_EQ(RenderPlanJson(saved->plan), RenderPlanJson(plan_));
  EXPECT_EQ(saved->plan.policy_changes, plan_.policy_changes);
  EXPECT_EQ(saved->options.diff.rotate, options_.diff.rotate);
  EXPECT_EQ(saved->options.targets, options_.targets);
  EXPECT_EQ(saved->options.allowed_revocations, options_.allowed_revocations);
  // And written again, the same bytes.
  EXPECT_EQ(WritePlan(*saved, ""), text_);
}

// What a revocation removes from a place that no table names is planned again
// from the file, and no edit of it goes unnoticed.
TEST_F(PlanFileTest, ReadsWhatIsRemovedFromStrayPlaces) {
  StrayPlace& stray = actual_.strays["main:old"];
  stray.place = PlaceOf("main:old");
  stray.held = actual_.records["main:updated"];
  stray.held.record->address = "main:old";
  for (const Change& change : plan_.changes.changes) {
    if (change.name == "gone") stray.held.record->id = change.revoke[0].id;
  }
  plan_ = MakePlan(world_.desired, actual_, {}, world_.clock.Now());
  options_ = {};
  text_ = Write("");
  const absl::StatusOr<SavedPlan> saved = ReadPlan(text_, "");
  ASSERT_TRUE(saved.ok()) << saved.status();
  size_t removals = 0;
  for (const Change& change : saved->plan.changes.changes) {
    removals += change.remove.size();
  }
  EXPECT_EQ(removals, 1u);
  json::object edited = json::parse(text_).as_object();
  json::object& world = edited.at("world").as_object();
  world.at("strays").at(0).at("record").at("written_at") =
      "2020-01-01T00:00:00Z";
  EXPECT_EQ(Error(Resealed(Canonical(edited)), "").substr(0, 48),
            "stale: its parts disagree: fingerprints.strays i");
  world.erase("strays");
  EXPECT_EQ(Error(Resealed(Canonical(edited)), "").substr(0, 26),
            "stale: its parts disagree:");
}

TEST_F(PlanFileTest, TheSamePlanGivesTheSameBytes) {
  EXPECT_EQ(Write(""), text_);
  EXPECT_EQ(Write(kKey), Write(kKey));
  EXPECT_EQ(text_, Canonical(json::parse(text_)) + "\n");
  EXPECT_EQ(text_.find('\x1b'), std::string::npos);
}

TEST_F(PlanFileTest, HoldsNoSecret) {
  for (const FakeService::Row& row : world_.service().rows) {
    if (row.secret.empty()) continue;
    EXPECT_EQ(text_.find(row.secret), std::string::npos);
  }
  EXPECT_EQ(Write(kKey).find(kKey), std::string::npos);
}

TEST_F(PlanFileTest, AnEditIsFound) {
  struct Row {
    const char* from;
    const char* to;
  };
  for (const Row& row : {Row{"vso.work", "vso.full"}, Row{"main:new", "main:x"},
                         Row{"\"policy\"", "\"maintenance\""}}) {
    const std::string error = Error(Edited(row.from, row.to), "");
    EXPECT_EQ(error.substr(0, error.find("sha256:")),
              "stale: it was changed after it was written: its content has "
              "the digest ")
        << row.from;
  }
  // Layout, too: what is read twice could be read in two ways.
  const char* kLayout =
      "stale: it was changed after it was written: its layout is not the one "
      "that patform writes, or a member is in it twice";
  EXPECT_EQ(Error(text_ + "\n", ""), kLayout);
  EXPECT_EQ(
      Error(absl::StrReplaceAll(text_, {{"{\"approval\"", "{ \"approval\""}}),
            ""),
      kLayout);
  EXPECT_EQ(
      Error(absl::StrReplaceAll(
                text_, {{"\"digest\":\"", "\"digest\":\"x\",\"digest\":\""}}),
            ""),
      kLayout);
}

// Whoever repairs the integrity as well is found by what follows from the rest.
TEST_F(PlanFileTest, PartsThatDisagree) {
  const std::string write = ". Write a new one: `patform plan --out FILE`";
  struct Row {
    const char* from;
    const char* to;
    const char* want;
  };
  const std::vector<Row> rows = {
      {"\"class\":\"policy\"", "\"class\":\"maintenance\"",
       "plan.changes[0].class is \"maintenance\"; by the rest of the file it "
       "is \"policy\""},
      {"\"action\":\"create\"", "\"action\":\"mint\"",
       "plan.changes[4].action is \"mint\"; by the rest of the file it is "
       "\"create\""},
      {"\"action\":\"create\"", "\"action\":\"\u202e\"",
       "plan.changes[4].action is \"\\u{202e}\"; by the rest of the file it "
       "is \"create\""},
      {"\"unchanged\":0", "\"unchanged\":-1",
       "plan.unchanged is -1; by the rest of the file it is 0"},
      {"\"stable_until\":\"2", "\"stable_until\":\"3",
       "plan.stable_until is \"3027-01-19T12:00:00Z\"; by the rest of the file "
       "it is \"2027-01-19T12:00:00Z\""},
      {"\"left_out\":[]", "\"left_out\":[7]",
       "plan.left_out has 1 entry; by the rest of the file it has 0"},
      {"\"severity\":\"error\"", "\"severity\":\"warning\"",
       "plan.findings[0].severity is \"warning\"; by the rest of the file it "
       "is \"error\""},
      {"\"intent\":\"create\"", "\"intent\":\"change\"",
       "approval.changes[1].content.intent is \"change\"; by the rest of the "
       "file it is \"create\""},
      {"\"has_history\":false", "\"has_history\":false,\"tokens2\":[]",
       "world.organizations[0].tokens2 means nothing here"},
      {"\"deferred\":", "\"deferred2\":", "plan.deferred is missing"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(Error(Resealed(Edited(row.from, row.to)), ""),
              absl::StrCat("stale: its parts disagree: ", row.want, write));
  }
  EXPECT_EQ(Error(Resealed(Edited("\"patform_version\":\"",
                                  "\"patform_version"
                                  "\":\"9")),
                  ""),
            "ok");
}

// A harmless plan's changes with a harmful one's approval and digest.
TEST_F(PlanFileTest, TheBodyOfOneAndTheApprovalOfAnother) {
  const std::string harmless = text_;
  world_.Declared("new").scopes = ScopeSet::Of({"vso.tokens"});
  plan_ = MakePlan(world_.desired, actual_, options_, world_.clock.Now());
  const std::string harmful = Write("");
  const json::object other = json::parse(harmful).as_object();
  // Every choice of which member comes from which file.
  const std::vector<const char*> members = {
      "approval", "configuration", "digest", "fingerprints",
      "plan",     "request",       "world"};
  int refused = 0;
  for (int choice = 1; choice + 1 < 1 << members.size(); ++choice) {
    json::object spliced = json::parse(harmless).as_object();
    for (size_t i = 0; i < members.size(); ++i) {
      if (choice >> i & 1) spliced[members[i]] = other.at(members[i]);
    }
    const std::string text = Resealed(Canonical(spliced));
    if (text == harmless || text == harmful) continue;
    const std::string error = Error(text, "");
    EXPECT_EQ(error.substr(0, error.find("disagree")), "stale: its parts ")
        << choice;
    ++refused;
  }
  EXPECT_GT(refused, 20);
  EXPECT_EQ(Error(harmful, ""), "ok");
}

TEST_F(PlanFileTest, Signatures) {
  const std::string signed_text = Write(kKey);
  EXPECT_EQ(Error(signed_text, kKey), "ok");
  EXPECT_EQ(Error(signed_text, ""), "ok");
  EXPECT_EQ(ReadPlan(signed_text, "")->plan.signature,
            Plan::Signature::kUnchecked);
  EXPECT_EQ(ReadPlan(signed_text, kKey)->plan.signature,
            Plan::Signature::kGood);
  EXPECT_EQ(Error(signed_text, "another key, of no worth here"),
            "stale: it was not signed with the key in PATFORM_PLAN_KEY");
  EXPECT_EQ(Error(text_, kKey),
            "stale: it is not signed, and PATFORM_PLAN_KEY is set: only what "
            "was signed with that key is accepted");
  // The signature of one plan under another.
  json::object grafted = json::parse(text_).as_object();
  grafted["signature"] = json::parse(signed_text).at("signature");
  EXPECT_EQ(Error(Canonical(grafted) + "\n", kKey), "ok");
  grafted["fingerprints"].as_object()["records"] = std::string(64, '0');
  grafted.erase("integrity");
  grafted.erase("signature");
  const std::string body = Canonical(grafted);
  grafted["integrity"] = "sha256:" + Sha256(body);
  grafted["signature"] = json::parse(signed_text).at("signature");
  EXPECT_EQ(Error(Canonical(grafted) + "\n", kKey),
            "stale: it was not signed with the key in PATFORM_PLAN_KEY");
}

TEST_F(PlanFileTest, NoPlanAtAll) {
  const char* kNone =
      "invalid: it is not a saved plan; `patform plan --out FILE` writes one";
  for (const std::string& text :
       {std::string(), std::string("{"), std::string("[]"),
        std::string("{\"format\":\"patform-snapshot\"}"),
        text_.substr(0, text_.size() / 2), std::string(100'000, '[')}) {
    EXPECT_EQ(Error(text, ""), kNone) << text.substr(0, 40);
  }
  EXPECT_EQ(Error(Edited("\"format_version\":2", "\"format_version\":1"), ""),
            absl::StrCat("invalid: it is a saved plan of format 1, written by "
                         "patform ",
                         kVersion, "; this patform (", kVersion,
                         ") reads format 2. Write a new one: `patform plan "
                         "--out FILE`"));
}

// Of another shape, with its integrity in order: said with the place.
TEST_F(PlanFileTest, AnotherShape) {
  struct Row {
    const char* from;
    const char* to;
    const char* want;
  };
  const std::vector<Row> rows = {
      {"\"targets\":[\"*e*\",\"n*\"]", "\"targets\":\"*\"",
       "invalid: request.targets: expected a list"},
      {"\"has_history\":false", "\"has_history\":0",
       "invalid: world.organizations[0].has_history: expected true or false"},
      {"\"world\":{", "\"world2\":{", "invalid: world is not an object"},
      {"\"as_of\":\"2", "\"as_of\":\"x",
       "invalid: plan.as_of: expected an "
       "instant"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(Error(Resealed(Edited(row.from, row.to)), ""), row.want);
  }
}

TEST_F(PlanFileTest, FingerprintsTellWhatMoved) {
  const auto fingerprints = [](const std::string& text) {
    return json::parse(text).at("fingerprints").as_object();
  };
  const json::object before = fingerprints(text_);
  world_.Declared("updated").where = SourceLocation{"", 99};
  EXPECT_EQ(fingerprints(Write("")), before);
  world_.Declared("new").owner = "b";
  json::object now = fingerprints(Write(""));
  EXPECT_NE(now["configuration"], before.at("configuration"));
  EXPECT_EQ(now["tokens"], before.at("tokens"));
  actual_.organizations["contoso"].tokens[0].valid_to += absl::Seconds(1);
  now = fingerprints(Write(""));
  EXPECT_NE(now["tokens"], before.at("tokens"));
  EXPECT_EQ(now["records"], before.at("records"));
  actual_.records["main:new"] = HeldRecord::Unknown(absl::UnknownError("x"));
  EXPECT_NE(fingerprints(Write(""))["records"], before.at("records"));
}

}  // namespace
}  // namespace patform
