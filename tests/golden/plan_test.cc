// What a plan looks like, as text and as JSON: compared with the files beside
// this one, byte for byte. PATFORM_UPDATE_GOLDEN=1 writes them, and fails, so
// that somebody reads them.
#include "engine/plan/plan.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "engine/model/mark.h"
#include "engine/model/places.h"
#include "engine/report/json.h"
#include "engine/report/text.h"
#include "tests/golden/golden.h"

namespace patform {
namespace {

const absl::Time kNow = absl::FromCivil(
    absl::CivilSecond(2026, 11, 23, 12, 0, 0), absl::UTCTimeZone());

AuthorizationId Id(int n) {
  std::string text = absl::StrCat(n);
  text = std::string(8 - text.size(), '0') + text;
  return *AuthorizationId::Parse(
      absl::StrCat(text, "-0000-4000-8000-000000000000"));
}

// A small world with one of everything.
class Scene {
 public:
  Scene() {
    desired.workspace = "w";
    desired.organization = "contoso";
    actual.taken_at = kNow;
    snapshot().organization = "contoso";
    snapshot().has_history = true;
  }

  TokenList& snapshot() { return actual.organizations["contoso"]; }

  DesiredToken& Want(const std::string& name) {
    DesiredToken token;
    token.name = name;
    token.organization = "contoso";
    token.owner = "me";
    token.scopes = ScopeSet::Parse("vso.code");
    token.where = {"patform.toml", static_cast<int>(desired.tokens.size()) + 10,
                   2, 4};
    token.scopes_where = token.where;
    desired.tokens.push_back(token);
    return desired.tokens.back();
  }

  Delivery& DeliverTo(DesiredToken& token, const std::string& at) {
    Delivery place;
    place.sink = "files";
    place.at = at;
    token.deliver.push_back(place);
    actual.records[place.Address()] = HeldRecord::Absent();
    return token.deliver.back();
  }

  ActualToken& Live(int id, const std::string& display_name, int age_days,
                    int days) {
    ActualToken token;
    token.id = Id(id);
    token.display_name = display_name;
    token.scopes = ScopeSet::Parse("vso.code");
    token.valid_from = kNow - absl::Hours(24 * age_days);
    token.valid_to = token.valid_from + absl::Hours(24 * days);
    snapshot().tokens.push_back(token);
    return snapshot().tokens.back();
  }

  static std::string Marked(const std::string& name, int generation, int n) {
    return DisplayName(name, {"w", generation,
                              absl::StrCat("nonce", n, std::string(10, 'a'))});
  }

  void Record(const Delivery& place, int id, int generation) {
    HeldRecord held;
    held.state = HeldRecord::State::kPresent;
    held.version = "1";
    SinkRecord record;
    record.id = Id(id);
    record.generation = generation;
    record.workspace = "w";
    record.organization = "contoso";
    record.token = place.at;
    record.address = place.Address();
    held.record = record;
    actual.records[place.Address()] = held;
  }

  Plan Make(const PlanOptions& options = {}) const {
    return MakePlan(desired, actual, options, kNow);
  }

  DesiredState desired;
  ActualState actual;
};

// One of every kind of change, and everything else a plan can say.
Scene Everything() {
  Scene s;
  DesiredToken& created = s.Want("created");
  s.DeliverTo(created, "created");
  s.DeliverTo(created, "second").encoding = Encoding::kBasic;

  DesiredToken& updated = s.Want("updated");
  updated.scopes = ScopeSet::Parse("vso.code_write vso.wiki");
  s.Live(1, Scene::Marked("updated", 1, 1), 5, 30);
  s.Record(s.DeliverTo(updated, "updated"), 1, 1);

  DesiredToken& rotated = s.Want("rotated");
  s.Live(2, Scene::Marked("rotated", 3, 2), 28, 30);
  s.Record(s.DeliverTo(rotated, "rotated"), 2, 3);

  DesiredToken& finished = s.Want("finished");
  s.Live(3, Scene::Marked("finished", 2, 3), 2, 30);
  s.Live(4, Scene::Marked("finished", 1, 4), 9, 30);
  s.Record(s.DeliverTo(finished, "finished"), 3, 2);
  const std::string nonce =
      NonceFor("nonce5aaaaaaaaaa", PlacesPrint(s.desired, finished.deliver));
  s.Live(5, DisplayName("finished", {"w", 3, nonce}), 1, 30);

  DesiredToken& absent = s.Want("absent");
  absent.ensure = Ensure::kAbsent;
  s.Live(6, Scene::Marked("absent", 1, 6), 2, 30);

  DesiredToken& released = s.Want("released");
  released.ensure = Ensure::kReleased;
  s.Live(7, Scene::Marked("released", 4, 7), 2, 30);

  s.Live(8, Scene::Marked("undeclared", 1, 8), 2, 30);

  DesiredToken& watched = s.Want("watched");
  watched.all_organizations = false;
  watched.lifetime = absl::Hours(24 * 10);
  s.Live(9, "watched", 2, 30);

  DesiredToken& unreadable = s.Want("unreadable");
  s.actual.records[s.DeliverTo(unreadable, "unreadable").Address()] =
      HeldRecord::Unknown(absl::PermissionDeniedError("permission denied"));

  s.Want("nowhere to go");
  s.Live(10, "by hand \x1b[31m\n##vso[task.setvariable]", 2, 30);
  s.desired.policy.forbidden_scopes = {"vso.code_*"};
  s.desired.policy.required_fields = {"purpose"};
  s.desired.policy.max_revocations = 2;
  s.desired.policy.where = {"patform.toml", 5, 1, 8};
  for (DesiredToken& token : s.desired.tokens) {
    if (token.name != "created") token.purpose = "p";
  }
  return s;
}

TEST(PlanGolden, OneOfEverything) {
  const Plan plan = Everything().Make();
  ExpectGolden("everything.txt", RenderPlan(plan, Style(false)));
  ExpectGolden("everything-color.txt", RenderPlan(plan, Style(true)));
  ExpectGolden("everything.json", RenderPlanJson(plan));
}

TEST(PlanGolden, TheSameInputsGiveTheSameBytes) {
  const Scene scene = Everything();
  EXPECT_EQ(RenderPlanJson(scene.Make()), RenderPlanJson(scene.Make()));
  Scene shuffled = Everything();
  std::reverse(shuffled.snapshot().tokens.begin(),
               shuffled.snapshot().tokens.end());
  EXPECT_EQ(RenderPlanJson(shuffled.Make()), RenderPlanJson(scene.Make()));
}

TEST(PlanGolden, NothingToDo) {
  Scene s;
  DesiredToken& token = s.Want("a");
  s.Live(1, Scene::Marked("a", 1, 1), 2, 30);
  s.Record(s.DeliverTo(token, "a"), 1, 1);
  const Plan plan = s.Make();
  EXPECT_EQ(RenderPlan(plan, Style(false)),
            "No changes. Your tokens match the configuration.\n");
  ExpectGolden("nothing.json", RenderPlanJson(plan));
}

TEST(PlanGolden, LimitedToATarget) {
  PlanOptions options;
  options.targets = {"created"};
  options.allowed_revocations = 9;
  Scene scene = Everything();
  scene.desired.policy = PolicyConfig();
  ExpectGolden("target.txt", RenderPlan(scene.Make(options), Style(false)));
}

}  // namespace
}  // namespace patform
