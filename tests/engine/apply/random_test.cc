// Random configurations over random worlds. Whatever was there: one plan, one
// apply, and the next plan must be empty, and stay so until the instant that
// it names; nothing of others is touched, and
// what the sinks serve lives.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/diff/life.h"
#include "tests/fakes/dump.h"
#include "tests/fakes/world.h"

namespace patform {
namespace {

class RandomWorld {
 public:
  explicit RandomWorld(int seed) : random_(seed) {
    world_.clock.SetStep(absl::Milliseconds(Below(50)) +
                         absl::Microseconds(Below(1000)));
    world_.AddSink("main", Chance(70));
    world_.AddSink("other", Chance(70));
    FakeService& service = world_.service();
    service.page_size = 1 + Below(4);
    if (Chance(40)) service.max_life = absl::Hours(24) * (2 + Below(40));
    service.skew = absl::Seconds(Below(121) - 60);
    for (int i = Below(4); i > 0; --i) {
      service.AddStranger(absl::StrCat(Chance(30) ? "t" : "git: ", Below(6)),
                          "vso.code", absl::Hours(Below(500)),
                          absl::Hours(100 + Below(3000)));
    }
    // Another user, with tokens of their own in the same organization.
    if (Chance(50)) {
      FakeService& theirs = world_.AddUser("bot");
      theirs.page_size = service.page_size;
      theirs.max_life = service.max_life;
      theirs.skew = service.skew;
      if (Chance(40)) {
        theirs.AddStranger(absl::StrCat("t", Below(6)), "vso.code",
                           absl::Hours(Below(500)),
                           absl::Hours(100 + Below(3000)));
      }
    }
    for (int i = 1 + Below(4); i > 0; --i) Declare(Name());
  }

  // Runs, waits, rotations, crashes and lost answers.
  void Live() {
    for (int i = Below(4); i > 0; --i) {
      if (Chance(40)) {
        world_.misfortune.rules = {{"", 1 + Below(25), AnyKind(),
                                    absl::FailedPreconditionError("refused")}};
      }
      std::set<std::string> rotate;
      if (Chance(30)) rotate.insert(AnyName());
      said_ += world_.Run(rotate) + "---\n";
      world_.misfortune.Clear();
      world_.clock.Tick(
          absl::Minutes(Below(3) == 0 ? Below(60) : Below(60 * 24 * 12)));
    }
    // What two runs at once or a person leave behind.
    for (const FakeService::Row& row : world_.service().rows) {
      if (!Chance(15)) continue;
      const std::string copied = row.token.display_name;
      world_.service().AddStranger(copied, "vso.code", absl::ZeroDuration(),
                                   absl::Hours(200));
      break;
    }
    if (Chance(10) && !world_.service().rows.empty()) {
      world_.service().rows[Below(world_.service().rows.size())].revoked = true;
    }
    if (Chance(10)) world_.sinks["main"]->entries.clear();
  }

  // People edit the file.
  void Edit() {
    for (const auto& [realm, service] : world_.services) {
      for (FakeService::Row& row : service->rows) row.writes = 0;
    }
    for (size_t i = 0; i < world_.desired.tokens.size(); ++i) {
      DesiredToken& token = world_.desired.tokens[i];
      switch (Below(13)) {
        case 0:
          if (!Free("new" + token.name)) break;
          token.renamed_from = token.name;
          token.name = "new" + token.name;
          break;
        case 1:
          token.ensure = Ensure::kAbsent;
          break;
        case 2:
          token.ensure = Ensure::kReleased;
          break;
        case 3:
          token.scopes = AnyScopes();
          break;
        case 4:
          token.lifetime = absl::Hours(24) * (1 + Below(60));
          token.rotate_before.span = token.lifetime / 4;
          break;
        case 5:
          token.deliver = AnyPlaces();
          break;
        case 6:
          token.all_organizations = !token.all_organizations;
          break;
        case 7:
          if (token.renewal == Renewal::kExtend) break;
          token.expires = absl::FromUnixSeconds(absl::ToUnixSeconds(
              world_.clock.Now() + absl::Hours(1 + Below(1000))));
          break;
        case 12:
          // Theirs from now on, at another place: this one stays with who has
          // it.
          if (world_.desired.identities.empty()) break;
          token.identity = token.identity.empty() ? "bot" : "";
          if (Chance(80)) token.deliver = AnyPlaces();
          break;
        case 8:
          world_.desired.tokens.erase(world_.desired.tokens.begin() + i);
          break;
        default:
          break;
      }
    }
    if (Chance(40)) Declare(Name());
    if (Chance(20)) world_.desired.policy.unmanaged = Unmanaged::kIgnore;
    for (DesiredToken& token : world_.desired.tokens) {
      // What the reader would refuse: a date that is past.
      if (token.expires && *token.expires <= world_.clock.Now()) {
        token.expires.reset();
      }
      token.grace = std::min(token.grace, token.lifetime);
    }
  }

  // One plan, one apply; "" when the next plan is empty and nothing is broken.
  std::string Check() {
    std::set<std::string> rotate;
    if (Chance(20)) rotate.insert(AnyName());
    // Without a place to deliver to, and for a kind of token that the service
    // makes no more, a rotation is deferred, and with it all else that the
    // token needs.
    for (const DesiredToken& token : world_.desired.tokens) {
      const bool ended =
          token.all_organizations && world_.clock.Now() >= GlobalTokensEnd();
      if (token.deliver.empty() || ended) rotate.erase(token.name);
    }
    // None of a store without compare-and-set passes the age fence in between.
    for (const auto& [realm, service] : world_.services) {
      for (const FakeService::Row& row : service->rows) KeepOffFence(row);
    }
    const Plan first = world_.PlanNow(rotate);
    said_ += Dump(first.changes);
    const ApplyResult result = world_.Apply(first, 1);
    for (const ApplyResult::Entry& entry : result.entries) {
      absl::StrAppend(&said_, entry.change.address, " ", Dump(entry.outcome),
                      "\n");
      ++changes_;
      // The one thing the world refuses here: more life than a tenant allows.
      if (entry.outcome.kind == Outcome::Kind::kIncomplete &&
          entry.change.action == Action::kUpdate) {
        return "";
      }
      if (entry.outcome.kind != Outcome::Kind::kDone) {
        return "an outcome is not done\n" + said_;
      }
    }
    for (int again = 0; again < 2; ++again) {
      const Plan next = world_.PlanNow();
      if (!next.changes.changes.empty()) {
        return absl::StrCat("not empty:\n", Dump(next.changes), "after:\n",
                            said_, world_.Summary());
      }
      world_.Apply(next);
      world_.clock.Tick(absl::Seconds(1));
    }
    // Nothing changes by itself before the plan says so.
    const absl::Time until = world_.PlanNow().stable_until;
    const absl::Duration wait = until - absl::Seconds(90) - world_.clock.Now();
    if (until != absl::InfiniteFuture() && wait > absl::ZeroDuration()) {
      world_.clock.Tick(wait);
      const Plan then = world_.PlanNow();
      if (!then.changes.changes.empty()) {
        return absl::StrCat("not stable until ", FormatInstant(until), ":\n",
                            Dump(then.changes), "after:\n", said_,
                            world_.Summary());
      }
    }
    const std::string broken = Broken(first);
    return broken.empty() ? "" : absl::StrCat(broken, "\n", said_);
  }
  int changes() const { return changes_; }

 private:
  using Kind = Misfortune::Kind;

  int Below(size_t n) {
    return static_cast<int>(random_() % std::max<size_t>(1, n));
  }
  void KeepOffFence(const FakeService::Row& row) {
    const absl::Duration age = world_.clock.Now() - row.token.valid_from;
    if (absl::AbsDuration(age - kAgeFence) < absl::Minutes(3)) {
      world_.clock.Tick(absl::Minutes(7));
    }
  }
  bool Chance(int percent) { return Below(100) < percent; }
  Kind AnyKind() { return static_cast<Kind>(Below(5)); }
  bool Free(const std::string& name) {
    for (const DesiredToken& token : world_.desired.tokens) {
      if (token.name == name || token.renamed_from == name) return false;
    }
    return true;
  }
  std::string Name() {
    for (;;) {
      std::string name = absl::StrCat("t", Below(8));
      if (Free(name)) return name;
    }
  }
  std::string AnyName() {
    const auto& tokens = world_.desired.tokens;
    return tokens.empty() ? "t0" : tokens[Below(tokens.size())].name;
  }
  ScopeSet AnyScopes() {
    const char* all[] = {"vso.code", "vso.build", "vso.work", "vso.packaging"};
    std::vector<std::string> some = {all[Below(4)]};
    for (const char* scope : all) {
      if (Chance(30)) some.push_back(scope);
    }
    return ScopeSet::Of(some);
  }
  // Places are handed out once: no two tokens share one.
  std::vector<Delivery> AnyPlaces() {
    std::vector<Delivery> places;
    for (int n = Chance(15) ? 0 : 1 + Below(3); n > 0; --n) {
      places.push_back(
          PlaceOf(absl::StrCat(Chance(50) ? "main" : "other", ":", ++places_)));
    }
    return places;
  }
  void Declare(const std::string& name) {
    DesiredToken& token = world_.Declare(name, {});
    token.deliver = AnyPlaces();
    token.scopes = AnyScopes();
    token.lifetime = absl::Hours(24) * (1 + Below(90));
    token.rotate_before.span.reset();
    if (Chance(60)) {
      token.rotate_before.span = token.lifetime * (1 + Below(9)) / 10;
    } else {
      token.rotate_before.share = (1 + Below(9)) / 10.0;
    }
    token.grace = Chance(30)
                      ? absl::ZeroDuration()
                      : std::min(token.lifetime, absl::Hours(1 + Below(48)));
    if (Chance(25)) token.renewal = Renewal::kExtend;
    token.all_organizations = Chance(20);
    if (!world_.desired.identities.empty() && Chance(40)) {
      token.identity = "bot";
    }
  }
  // What could not be decided may still serve what died before this run.
  std::string Broken(const Plan& plan) {
    if (!plan.changes.deferred.empty()) return "";
    return world_.Broken();
  }

  std::mt19937 random_;
  FakeWorld world_;
  std::string said_;
  int places_ = 0;
  int changes_ = 0;
};

TEST(RandomTest, TheNextPlanIsEmpty) {
  int changes = 0;
  for (int seed = 1; seed <= 5000; ++seed) {
    RandomWorld world(seed);
    world.Live();
    world.Edit();
    ASSERT_EQ(world.Check(), "") << "seed " << seed;
    changes += world.changes();
  }
  // The worlds are not all at rest from the beginning.
  EXPECT_GT(changes, 5000);
}

}  // namespace
}  // namespace patform
