// What holds of every diff, in a few hundred worlds that are drawn by lot.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/diff/endings.h"
#include "engine/diff/still_served.h"
#include "tests/engine/diff/diff_world.h"

namespace patform {
namespace {

using testing::Held;
using testing::Id;
using testing::kDay;
using testing::kNow;
using testing::Marked;
using testing::Token;

constexpr int kWorlds = 300;

class DiffPropertyTest : public testing::DiffWorld {
 protected:
  // 0 … n-1. Not a distribution: those differ between libraries. Compilers
  // differ in the order of a call's arguments, so the worlds do as well.
  int Draw(int n) { return static_cast<int>(random_() % n); }
  bool OneIn(int n) { return Draw(n) == 0; }
  std::string Name() { return absl::StrCat("t", Draw(6)); }
  std::string Organization() { return OneIn(4) ? "fabrikam" : "contoso"; }

  // Shuffling by hand, for the same reason.
  template <typename List>
  void Shuffle(List& list) {
    for (size_t i = list.size(); i > 1; --i) {
      std::swap(list[i - 1], list[Draw(static_cast<int>(i))]);
    }
  }

  void Start(int seed) {
    random_.seed(seed);
    Reset();
    desired_.tokens.clear();
    actual_.organizations.clear();
    actual_.records.clear();
    next_id_ = 1;
    for (const char* name : {"contoso", "fabrikam"}) Exists({}, name);
  }

  // Tables, tokens and records that fit together by chance only.
  void DrawWorld(int seed) {
    Start(seed);
    std::set<std::string> declared;
    for (int n = 1 + Draw(6); n > 0; --n) DrawTable(declared);
    for (int n = Draw(16); n > 0; --n) DrawToken();
    for (auto& [address, held] : actual_.records) DrawRecord(address, held);
    desired_.policy.unmanaged = static_cast<Unmanaged>(Draw(4));
    if (OneIn(2)) desired_.policy.unmanaged_except = {"hand*", "t1"};
    if (OneIn(6)) actual_.clock_ahead.reset();
    if (OneIn(8)) actual_.organizations.erase("fabrikam");
    if (OneIn(3)) options_.rotate = {Name(), "token." + Name()};
  }

  // A settled world: all as declared, none of it due.
  void DrawSettled(int seed) {
    Start(seed);
    for (int n = 1 + Draw(8), i = 0; i < n; ++i) {
      const std::string name = absl::StrCat("t", i);
      const std::string first = absl::StrCat("main:", name);
      DesiredToken& token = Declare(name, {first});
      for (int more = Draw(3); more > 0; --more) {
        const std::string place = absl::StrCat("s", more, ":", name);
        token.deliver.push_back(PlaceOf(place));
      }
      token.organization = Organization();
      token.lifetime = (20 + Draw(200)) * kDay;
      token.all_organizations = OneIn(3);
      if (OneIn(3)) token.renewal = Renewal::kExtend;
      if (OneIn(3)) token.rotate_before.span.reset();
      const int id = next_id_++;
      const int generation = 1 + Draw(9);
      const absl::Duration age = absl::Hours(Draw(12 * 24));
      ActualToken live = Marked(id, name, generation, age, token.lifetime);
      live.all_organizations = token.all_organizations;
      if (OneIn(3)) {
        token.expires = live.valid_to;
        token.renewal = Renewal::kRotate;
      }
      Exists({live}, token.organization);
      for (const Delivery& place : token.deliver) {
        HeldRecord held = Held(id, generation, place, name);
        held.record->organization = token.organization;
        actual_.records[place.Address()] = held;
      }
    }
  }

  // Everything that a diff says, its facts included.
  std::string All() {
    const ChangeSet changes = Changes();
    std::string text = testing::Whole(changes, now_);
    for (const Change& change : changes.changes) {
      absl::StrAppend(&text, "\n", change.address, " in ", change.organization);
      for (const Ending& ending : EndingsOf(change)) {
        absl::StrAppend(&text, " ends ", ending.id.ToString());
      }
      for (const auto* facts : {&change.before, &change.after}) {
        if (!*facts) continue;
        absl::StrAppend(&text, " ", (*facts)->display_name, "#",
                        (*facts)->generation, " ", (*facts)->scopes.text());
      }
    }
    return text;
  }

  std::mt19937 random_;
  int next_id_ = 1;

 private:
  void DrawTable(std::set<std::string>& declared) {
    const std::string name = Name();
    const std::string organization = Organization();
    if (!declared.insert(organization + "/" + name).second) return;
    DesiredToken& token = Declare(name, {});
    token.organization = organization;
    token.ensure = OneIn(4) ? static_cast<Ensure>(Draw(3)) : Ensure::kPresent;
    for (int n = Draw(3); n > 0; --n) {
      const std::string place =
          absl::StrCat(n, ":", organization, OneIn(5) ? "x" : name);
      token.deliver.push_back(PlaceOf(place));
      actual_.records.emplace(place, HeldRecord::Absent());
    }
    if (OneIn(4)) token.grace = absl::ZeroDuration();
    if (OneIn(4)) token.renewal = Renewal::kExtend;
    if (OneIn(4)) token.all_organizations = true;
    if (OneIn(4)) token.lifetime = (1 + Draw(40)) * kDay;
    if (OneIn(4)) token.expires = kNow + (Draw(40) - 5) * kDay;
    for (int n = OneIn(3) ? 3 : 0; n > 0; --n) {
      token.replaces.push_back(Id(1 + Draw(16)));
    }
  }

  void DrawToken() {
    const int id = next_id_++;
    const int64_t generation = 1 + Draw(4);
    const absl::Duration age =
        OneIn(3) ? absl::Minutes(Draw(60)) : absl::Hours(Draw(35 * 24));
    ActualToken token = Marked(id, Name(), generation, age);
    if (OneIn(4)) token.display_name = OneIn(2) ? Name() : "hand made";
    if (OneIn(8)) {
      token.display_name = absl::StrCat("t1 ~pf:v#1.", testing::Nonce(id));
    }
    if (OneIn(8)) {  // the mark of another one
      token.display_name =
          DisplayName(Name(), {"w", generation, testing::Nonce(1 + Draw(id))});
    }
    if (OneIn(8)) token.state = TokenState::kRevoked;
    Exists({token}, Organization());
  }

  void DrawRecord(const std::string& address, HeldRecord& held) {
    if (OneIn(4)) return;
    if (OneIn(6)) {
      held.state = static_cast<HeldRecord::State>(2 + Draw(4));
      return;
    }
    const std::string name = address.substr(address.size() - 2);
    held = Held(1 + Draw(16), 1 + Draw(4), PlaceOf(address), name);
    held.record->organization =
        address.find("fabrikam") != std::string::npos ? "fabrikam" : "contoso";
    held.compare_and_set = !OneIn(4);
  }
};

// Lists come in the order of a service, keys in that of an editor.
TEST_F(DiffPropertyTest, TheOrderOfListsDoesNotMatter) {
  int changes = 0;
  for (int seed = 0; seed < kWorlds; ++seed) {
    DrawWorld(seed);
    const std::string text = All();
    changes += static_cast<int>(Changes().changes.size());
    EXPECT_EQ(All(), text) << seed;
    for (auto& [name, snapshot] : actual_.organizations) {
      Shuffle(snapshot.tokens);
    }
    for (DesiredToken& token : desired_.tokens) Shuffle(token.replaces);
    Shuffle(desired_.policy.unmanaged_except);
    EXPECT_EQ(All(), text) << seed;
  }
  EXPECT_GT(changes, kWorlds);  // else nothing was tested
}

// The order of the tables is that of the changes, and nothing more.
TEST_F(DiffPropertyTest, TheOrderOfTablesOrdersWhatIsSaid) {
  const auto sorted = [&] {
    std::vector<std::string> lines = absl::StrSplit(All(), '\n');
    std::sort(lines.begin(), lines.end());
    return lines;
  };
  for (int seed = 0; seed < kWorlds; ++seed) {
    DrawWorld(seed);
    const std::vector<std::string> lines = sorted();
    Shuffle(desired_.tokens);
    EXPECT_EQ(sorted(), lines) << seed;
  }
}

TEST_F(DiffPropertyTest, ASettledWorldHasNoDiff) {
  for (int seed = 0; seed < kWorlds; ++seed) {
    DrawSettled(seed);
    const ChangeSet changes = Changes();
    EXPECT_EQ(Dump(changes), "") << seed;
    EXPECT_EQ(changes.unchanged, static_cast<int>(desired_.tokens.size()));
    EXPECT_TRUE(changes.unmanaged.empty()) << seed;
    // It stays settled for as long as it says, and no longer.
    if (changes.stable_until == absl::InfiniteFuture()) continue;
    now_ = changes.stable_until - absl::Seconds(1);
    EXPECT_EQ(Text(), "") << seed;
    now_ = changes.stable_until;
    // What ends on its date ends as its table says: that is not a change.
    const bool ended =
        std::any_of(desired_.tokens.begin(), desired_.tokens.end(),
                    [&](const DesiredToken& token) {
                      return token.expires && *token.expires <= now_;
                    });
    // What begins to be shown because nothing renews it is in no change either.
    const ChangeSet then = Changes();
    const bool shown = std::any_of(
        then.unrenewed.begin(), then.unrenewed.end(),
        [&](const Unrenewed& token) { return token.shown_from == now_; });
    EXPECT_TRUE(ended || shown || Dump(then) != "") << seed;
  }
}

// Nobody's token ends by accident: each one that ends carries our mark, first
// of all that carry it, or the file asks for its end.
TEST_F(DiffPropertyTest, WhatEndsIsOursOrNamed) {
  int ends = 0;
  for (int seed = 0; seed < kWorlds; ++seed) {
    DrawWorld(seed);
    const ChangeSet changes = Changes();
    std::set<AuthorizationId> replaced;
    std::set<std::string> absent;
    for (const DesiredToken& token : desired_.tokens) {
      replaced.insert(token.replaces.begin(), token.replaces.end());
      if (token.ensure == Ensure::kAbsent) {
        absent.insert(token.organization + "/" + token.name);
      }
    }
    std::set<AuthorizationId> ours;
    for (const auto& [name, snapshot] : actual_.organizations) {
      for (const auto& [token, view] : ViewTokens(desired_, name, actual_)) {
        for (const OwnToken& own : view.ours) ours.insert(own.token.id);
      }
    }
    for (const Change& change : changes.changes) {
      const TokenList& listed = actual_.organizations[change.organization];
      for (const Ending& ending : EndingsOf(change)) {
        ++ends;
        const auto token =
            std::find_if(listed.tokens.begin(), listed.tokens.end(),
                         [&](const auto& t) { return t.id == ending.id; });
        ASSERT_NE(token, listed.tokens.end()) << seed;
        EXPECT_EQ(token->state, TokenState::kActive) << seed;
        const bool unmarked = !ParseDisplayName(token->display_name);
        const bool named =
            replaced.count(ending.id) > 0 ||
            absent.count(change.organization + "/" + token->display_name) > 0 ||
            desired_.policy.unmanaged == Unmanaged::kRevoke;
        EXPECT_TRUE(ours.count(ending.id) > 0 || (unmarked && named))
            << seed << ": " << token->display_name;
      }
    }
  }
  EXPECT_GT(ends, kWorlds);
}

// What a place serves ends only once that place gets another secret.
TEST_F(DiffPropertyTest, WhatIsServedIsNotRevoked) {
  int held_back = 0;
  for (int seed = 0; seed < kWorlds; ++seed) {
    DrawWorld(seed);
    const ChangeSet changes = Changes();
    std::set<std::string> remade;
    for (const Change& change : changes.changes) AddRemade(change, remade);
    const Served served = StillServed(actual_.records, remade);
    for (const Change& change : changes.changes) {
      // An earlier `expires` is what the file asks of the token that is served.
      if (change.action == Action::kUpdate) continue;
      for (const Ending& ending : EndingsOf(change)) {
        EXPECT_EQ(served.places.count(ending.id), 0u)
            << seed << ": " << Dump(change);
      }
      if (change.action != Action::kRevoke) continue;
      EXPECT_TRUE(served.unread == nullptr ||
                  change.reason == Reason::kDeclaredAbsent)
          << seed << ": " << Dump(change);
    }
    for (const Deferred& deferred : changes.deferred) {
      held_back +=
          deferred.explanation.find("still holds") != std::string::npos;
    }
  }
  EXPECT_GT(held_back, 0);
}

// Each table is changed, deferred or counted as unchanged, no token ends twice,
// and an action carries what belongs to it.
TEST_F(DiffPropertyTest, EachTableOnceEachEndOnce) {
  for (int seed = 0; seed < kWorlds; ++seed) {
    DrawWorld(seed);
    const ChangeSet changes = Changes();
    std::set<AuthorizationId> ended;
    std::set<std::string> said;
    // That two tables name one token is for the reader of the file to refuse.
    std::multiset<AuthorizationId> replaced;
    for (const DesiredToken& token : desired_.tokens) {
      replaced.insert(token.replaces.begin(), token.replaces.end());
    }
    for (const Change& change : changes.changes) {
      said.insert(change.address);
      for (const Ending& ending : EndingsOf(change)) {
        EXPECT_TRUE(ended.insert(ending.id).second ||
                    replaced.count(ending.id) > 1)
            << seed << ": " << Dump(change);
      }
      if (change.InPlace()) {
        const UpdateRequest sent = RequestOf(change);
        EXPECT_TRUE(sent.display_name || sent.scopes || sent.valid_to ||
                    sent.all_organizations)
            << seed << ": " << Dump(change);
      }
      EXPECT_EQ(change.revoke.empty(), change.action != Action::kRevoke);
      EXPECT_EQ(
          change.decision->kind == Decision::Kind::kMake,
          change.action == Action::kCreate || change.action == Action::kRotate);
      EXPECT_NE(change.action, Action::kNoOp) << seed;
      EXPECT_NE(change.reason, Reason::kNone) << seed;
    }
    for (const Deferred& deferred : changes.deferred) {
      said.insert(deferred.address);
      EXPECT_NE(deferred.explanation, "") << seed;
    }
    int silent = 0;
    for (const DesiredToken& token : desired_.tokens) {
      silent +=
          said.count(desired_.AddressOf(token.name, token.organization)) == 0;
    }
    EXPECT_EQ(silent, changes.unchanged) << seed << "\n" << All();
  }
}

}  // namespace
}  // namespace patform
