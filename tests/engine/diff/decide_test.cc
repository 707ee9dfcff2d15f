#include "engine/diff/decide.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/engine/diff/testing.h"
#include "tests/fakes/dump.h"

namespace patform {
namespace {

using testing::Held;
using testing::Id;
using testing::kDay;
using testing::kNow;
using testing::Own;
using testing::OwnElsewhere;
using testing::Token;

std::string Dump(const Decision& decision) {
  const char* kinds[] = {"settled", "make", "wait", "blocked"};
  std::string text = kinds[static_cast<int>(decision.kind)];
  if (decision.reason != Reason::kNone) {
    absl::StrAppend(&text, " ", Word(decision.reason));
  }
  if (decision.kind == Decision::Kind::kMake) {
    absl::StrAppend(&text, " gen ", decision.generation);
  }
  if (decision.current) {
    absl::StrAppend(&text, " current ", decision.current->generation);
  }
  if (!decision.collect_first.empty()) {
    absl::StrAppend(&text, " first", DumpEnds(decision.collect_first));
  }
  for (const Collect& end : decision.collect) {
    absl::StrAppend(&text, end.retire_at ? " retires " : " revokes ",
                    end.generation, "/", Word(end.reason));
  }
  if (!decision.in_flight.empty()) {
    absl::StrAppend(&text, " in flight ", decision.in_flight.size());
  }
  if (decision.collect_more_at != absl::InfiniteFuture()) {
    absl::StrAppend(&text, " more in ",
                    FormatSpan(decision.collect_more_at - kNow));
  }
  return text;
}

class DecideTest : public ::testing::Test {
 protected:
  DecideTest() {
    in_.name = "ci";
    in_.workspace = "w";
    in_.organization = "contoso";
    in_.user_oid = "oid-1";
    in_.grace = kDay;
    in_.deliver = {PlaceOf("main:ci")};
  }

  // One record for each place; ids equal generations.
  void Holds(std::vector<int> generations) {
    in_.deliver.clear();
    view_.records.clear();
    for (size_t i = 0; i < generations.size(); ++i) {
      const Delivery place =
          PlaceOf(absl::StrCat(i == 0 ? "main" : "other", ":ci", i));
      in_.deliver.push_back(place);
      view_.records.push_back(
          generations[i] == 0 ? HeldRecord::Absent()
                              : Held(generations[i], generations[i], place));
    }
    if (!view_.records.empty() && view_.records[0].record) {
      for (const OwnToken& own : view_.ours) {
        if (own.token.id == view_.records[0].record->id) {
          view_.recorded = own.token;
        }
      }
    }
  }
  std::string Decided() { return Dump(Decide(in_, view_, kNow)); }

  DecideInput in_;
  TokenView view_ = testing::EmptyView();
};

constexpr absl::Duration kYoung = absl::Minutes(5);

TEST_F(DecideTest, Table) {
  struct Row {
    const char* name;
    std::vector<OwnToken> ours;
    std::vector<int> records;  // a place each; 0: absent
    bool rotate;
    bool fenced;
    absl::Duration grace;
    const char* want;
  };
  const auto old = [](int generation) {
    return Own(generation, generation, 10 * kDay);
  };
  const auto young = [](int generation) {
    return Own(generation, generation, kYoung);
  };
  const std::vector<Row> rows = {
      {"nothing", {}, {0}, false, true, kDay, "make not_found gen 1"},
      {"settled", {old(1)}, {1}, false, true, kDay, "settled current 1"},
      {"settled in two places",
       {old(1)},
       {1, 1},
       false,
       true,
       kDay,
       "settled current 1"},
      {"requested",
       {old(1)},
       {1},
       true,
       true,
       kDay,
       "make requested gen 2 current 1 retires 1/superseded"},
      {"requested without grace",
       {old(1)},
       {1},
       true,
       true,
       absl::ZeroDuration(),
       "make requested gen 2 current 1 revokes 1/superseded"},
      {"requested, the current one too young for a store without CAS",
       {young(1)},
       {1},
       true,
       false,
       kDay,
       "make requested gen 2 current 1"},
      {"superseded is retired",
       {old(1), old(2)},
       {2},
       false,
       true,
       kDay,
       "settled current 2 retires 1/superseded"},
      {"superseded is collected however young",
       {young(1), young(2)},
       {2},
       false,
       true,
       kDay,
       "settled current 2 retires 1/superseded"},
      {"… unless a store takes late writes",
       {young(1), young(2)},
       {2},
       false,
       false,
       kDay,
       "settled current 2 more in 25m"},
      {"old superseded, a store that takes late writes",
       {old(1), young(2)},
       {2},
       false,
       false,
       kDay,
       "settled current 2 retires 1/superseded"},
      {"in its grace already",
       {Own(1, 1, 29 * kDay + absl::Hours(6)), old(2)},
       {2},
       false,
       true,
       kDay,
       "settled current 2"},
      {"in flight",
       {old(1), young(2)},
       {1},
       false,
       true,
       kDay,
       "settled current 1 in flight 1 more in 25m"},
      {"orphan",
       {old(1), Own(2, 2, kAgeFence + absl::Seconds(1))},
       {1},
       false,
       true,
       kDay,
       "settled current 1 revokes 2/orphan"},
      {"orphan exactly at the fence",
       {old(1), Own(2, 2, kAgeFence)},
       {1},
       false,
       true,
       kDay,
       "settled current 1 in flight 1 more in 0s"},
      {"a rotation supersedes what is in flight",
       {old(1), young(2)},
       {1},
       true,
       true,
       kDay,
       "make requested gen 3 current 1 retires 1/superseded "
       "revokes 2/orphan in flight 1"},
      {"… but not where a late write could deliver it",
       {old(1), young(2)},
       {1},
       true,
       false,
       kDay,
       "make requested gen 3 current 1 retires 1/superseded in flight 1 "
       "more in 25m"},
      {"a secondary holds nothing",
       {old(1)},
       {1, 0},
       false,
       true,
       kDay,
       "make sink_out_of_date gen 2 current 1 retires 1/superseded"},
      {"a secondary is ahead",
       {old(1), young(2)},
       {1, 2},
       false,
       true,
       kDay,
       "make sink_out_of_date gen 3 current 1 retires 1/superseded "
       "retires 2/superseded"},
      {"a secondary is behind, its token lives on",
       {old(1), old(2)},
       {2, 1},
       false,
       true,
       kDay,
       "make sink_out_of_date gen 3 current 2 retires 1/superseded "
       "retires 2/superseded"},
      {"lives, not in the sink",
       {old(3)},
       {0},
       false,
       true,
       kDay,
       "make secret_not_in_sink gen 4 retires 3/superseded"},
      {"the cap: those no run can deliver go first, the eldest stays",
       {old(1), old(2), old(3)},
       {0},
       false,
       true,
       kDay,
       "make secret_not_in_sink gen 4 first revokes 2 revokes 3 "
       "retires 1/superseded"},
      {"the cap with a record",
       {old(1), old(2), old(3), young(4)},
       {1},
       true,
       true,
       kDay,
       "make requested gen 5 current 1 first revokes 3 retires 1/superseded "
       "revokes 2/orphan revokes 4/orphan in flight 1"},
      {"those that end in their grace do not count against the cap",
       {Own(1, 1, 29 * kDay + absl::Hours(6)),
        Own(2, 2, 29 * kDay + absl::Hours(7)), old(3)},
       {0},
       false,
       true,
       kDay,
       "make secret_not_in_sink gen 4 retires 3/superseded"},
  };
  for (const Row& row : rows) {
    view_ = testing::EmptyView();
    view_.ours = row.ours;
    Holds(row.records);
    for (HeldRecord& held : view_.records) held.compare_and_set = row.fenced;
    in_.rotate = row.rotate;
    in_.grace = row.grace;
    EXPECT_EQ(Decided(), row.want) << row.name;
  }
}

// Two versions of the file at once: what the other one minted for its places
// may be delivered there as long as any run can take.
TEST_F(DecideTest, WhatIsOfOtherPlacesWaitsForTheAgeFence) {
  struct Row {
    const char* name;
    std::vector<OwnToken> ours;
    int record;  // 0: absent
    bool rotate;
    const char* want;
  };
  const auto old = [](int n) { return Own(n, n, 10 * kDay); };
  const auto young = [](int n) { return Own(n, n, kYoung); };
  const auto old_elsewhere = [](int n) {
    return OwnElsewhere(n, n, kAgeFence + absl::Seconds(1));
  };
  const auto young_elsewhere = [](int n) { return OwnElsewhere(n, n, kYoung); };
  const std::vector<Row> rows = {
      {"overtaken",
       {young_elsewhere(1), young(2)},
       2,
       false,
       "settled current 2 more in 25m"},
      {"overtaken and old",
       {old_elsewhere(1), young(2)},
       2,
       false,
       "settled current 2 retires 1/superseded"},
      {"a rotation beside it",
       {old(1), young_elsewhere(2)},
       1,
       true,
       "make requested gen 3 current 1 retires 1/superseded in flight 1 more "
       "in 25m"},
      {"old and above: a place that is not in this file may serve it",
       {old(1), old_elsewhere(2)},
       1,
       false,
       "settled current 1 retires 2/superseded"},
      {"in service here, and its run may not be through elsewhere",
       {young_elsewhere(1)},
       1,
       true,
       "make requested gen 2 current 1"},
      {"the same, old",
       {old_elsewhere(1)},
       1,
       true,
       "make requested gen 2 current 1 retires 1/superseded"},
      {"no record",
       {young(1)},
       0,
       false,
       "make secret_not_in_sink gen 2 retires 1/superseded in flight 1"},
      {"no record, and it may be on its way to another machine",
       {young_elsewhere(1)},
       0,
       false,
       "make secret_not_in_sink gen 2 in flight 1 more in 25m"},
  };
  for (const Row& row : rows) {
    view_ = testing::EmptyView();
    view_.ours = row.ours;
    Holds({row.record});
    in_.rotate = row.rotate;
    EXPECT_EQ(Decided(), row.want) << row.name;
  }
}

// A write is refused at a place that has moved since its run looked; not yet
// at one that serves an older generation, or a token of another name.
TEST_F(DecideTest, RefusedEverywhereOrNot) {
  view_.ours = {Own(1, 1, 10 * kDay), Own(2, 2, kYoung), Own(3, 3, kYoung),
                Own(4, 4, kYoung), Own(5, 5, kYoung)};
  Holds({5, 5});
  EXPECT_EQ(Decided(),
            "settled current 5 retires 1/superseded retires 2/superseded "
            "retires 3/superseded retires 4/superseded");
  in_.grace = absl::ZeroDuration();
  Holds({5, 1});
  EXPECT_EQ(Decided(),
            "make sink_out_of_date gen 6 current 5 revokes 1/superseded "
            "revokes 2/superseded revokes 3/superseded revokes 4/superseded "
            "revokes 5/superseded");
  Holds({5, 9});
  EXPECT_EQ(Decided(),
            "make sink_out_of_date gen 6 current 5 revokes 1/superseded "
            "revokes 2/superseded revokes 3/superseded revokes 4/superseded "
            "revokes 5/superseded");
}

TEST_F(DecideTest, WithoutTheServicesTimeNothingEndsByItsAge) {
  view_.knows_age = false;
  view_.ours = {Own(1, 1, 10 * kDay), Own(2, 2, 9 * kDay)};
  Holds({1});
  EXPECT_EQ(Decided(), "settled current 1 in flight 1");
  Holds({2});
  EXPECT_EQ(Decided(), "settled current 2 retires 1/superseded");
  view_.ours[0] = OwnElsewhere(1, 1, 10 * kDay);
  EXPECT_EQ(Decided(), "settled current 2");
}

TEST_F(DecideTest, TheRecordedTokenIsNotOursOrDead) {
  Holds({3});
  EXPECT_EQ(Decided(), "make gone gen 4");
  view_.recorded = Token(3, "x", 40 * kDay);
  EXPECT_EQ(Decided(), "make expired gen 4");
  view_.recorded->state = TokenState::kRevoked;
  EXPECT_EQ(Decided(), "make gone gen 4");
  view_.recorded = Token(3, "made in the portal", kDay);
  EXPECT_EQ(Decided(), "make record_not_ours gen 4");
  // Its generation says nothing about ours: they were never compared. No
  // orphans then, only what may have been in service somewhere.
  view_.ours = {Own(9, 9, 10 * kDay)};
  EXPECT_EQ(Decided(), "make record_not_ours gen 10 retires 9/superseded");
}

TEST_F(DecideTest, WhatOtherPlacesServeIsLeftAlone) {
  view_.ours = {Own(1, 1, 10 * kDay), Own(2, 2, 9 * kDay)};
  Holds({2});
  EXPECT_EQ(Decided(), "settled current 2 retires 1/superseded");
  view_.served_elsewhere = {Id(1)};
  EXPECT_EQ(Decided(), "settled current 2");
  Holds({0});
  EXPECT_EQ(Decided(), "make secret_not_in_sink gen 3 retires 2/superseded");
  // Places that cannot be read may serve any of them.
  view_.unknown_elsewhere = true;
  view_.served_elsewhere.clear();
  EXPECT_EQ(Decided(), "make secret_not_in_sink gen 3");
  view_.ours.push_back(Own(3, 3, 8 * kDay));
  view_.recorded.reset();
  Decision decision = Decide(in_, view_, kNow);
  EXPECT_EQ(Dump(decision), "wait secret_not_in_sink");
}

// Nor does it count as undelivered, to make room for what is minted next.
TEST_F(DecideTest, WhatOtherPlacesServeDoesNotGoFirst) {
  view_.ours = {Own(1, 1, 10 * kDay), Own(2, 2, 9 * kDay), Own(3, 3, 8 * kDay),
                Own(4, 4, 7 * kDay)};
  Holds({1});
  in_.rotate = true;
  EXPECT_EQ(Decided(),
            "make requested gen 5 current 1 first revokes 3 revokes 4 retires "
            "1/superseded revokes 2/orphan");
  view_.served_elsewhere = {Id(3)};
  EXPECT_EQ(
      Decided(),
      "make requested gen 5 current 1 retires 1/superseded revokes 2/orphan "
      "revokes 4/orphan");
}

TEST_F(DecideTest, WaitsAtTheCap) {
  view_.ours = {Own(1, 1, 10 * kDay), Own(2, 2, kYoung), Own(3, 3, kYoung),
                Own(4, 4, kYoung)};
  Holds({1});
  EXPECT_EQ(Decided(), "settled current 1 in flight 3 more in 25m");
  in_.rotate = true;
  const Decision decision = Decide(in_, view_, kNow);
  EXPECT_EQ(decision.kind, Decision::Kind::kWait);
  EXPECT_TRUE(decision.collect.empty());
  EXPECT_TRUE(decision.collect_first.empty());
  EXPECT_EQ(decision.explanation,
            "3 tokens of ci were minted in the last 30m and none was "
            "delivered; other runs may be at work. Wait and apply again; what "
            "stays undelivered is then collected");
}

// Runs that lost to others, over and over, wrote to the secondary place and
// never to the primary. What they left goes before another is made.
TEST_F(DecideTest, WhatPiledUpGoesFirst) {
  in_.grace = absl::ZeroDuration();
  view_.ours = {Own(2, 2, kYoung), Own(3, 3, kYoung), Own(5, 5, kYoung),
                Own(6, 6, kYoung)};
  Holds({5, 6});
  EXPECT_EQ(Decided(),
            "make sink_out_of_date gen 7 current 5 revokes 2/superseded "
            "revokes 3/superseded revokes 5/superseded revokes 6/superseded");
  view_.ours.insert(view_.ours.begin(), Own(1, 1, kYoung));
  EXPECT_EQ(Decided(),
            "make sink_out_of_date gen 7 current 5 first revokes 1 "
            "revokes 2 revokes 3 revokes 5/superseded revokes 6/superseded");
  // Without compare-and-set a late write could still bring one back.
  view_.records[1].compare_and_set = false;
  EXPECT_EQ(Decided(), "make sink_out_of_date gen 7 current 5 more in 25m");
}

// A store of two writes that holds a secret whose record never came, and one
// that keeps no record at all.
TEST_F(DecideTest, PlacesThatCannotTell) {
  const auto state = [this](int place, HeldRecord::State is) {
    view_.records[place] = HeldRecord::Absent();
    view_.records[place].state = is;
  };
  constexpr auto kTorn = HeldRecord::State::kTorn;
  constexpr auto kSilent = HeldRecord::State::kSilent;
  view_.ours = {Own(1, 1, 10 * kDay), Own(2, 2, kDay)};

  Holds({1, 1});
  state(1, kTorn);
  EXPECT_EQ(Decided(),
            "make sink_out_of_date gen 3 current 1 retires 1/superseded "
            "retires 2/superseded");
  Holds({1, 1});
  state(0, kTorn);
  EXPECT_EQ(Decided(),
            "make sink_out_of_date gen 3 retires 1/superseded "
            "retires 2/superseded");

  // Generation 2 may be at the place that tells nothing.
  Holds({1, 1});
  state(1, kSilent);
  EXPECT_EQ(Decided(),
            "make sink_out_of_date gen 3 current 1 retires 1/superseded "
            "retires 2/superseded");
  // Nothing above the primary's record: what it says goes for both.
  Holds({2, 1});
  state(1, kSilent);
  EXPECT_EQ(Decided(), "settled current 2 retires 1/superseded");
  // While generation 2 is young a run may be about to write it.
  view_.ours[1] = Own(2, 2, kYoung);
  Holds({1, 1});
  state(1, kSilent);
  EXPECT_EQ(Decided(), "settled current 1 in flight 1 more in 25m");
  in_.rotate = true;
  const Decision wait = Decide(in_, view_, kNow);
  EXPECT_EQ(wait.kind, Decision::Kind::kWait);
  EXPECT_EQ(wait.explanation,
            "a token of ci was minted in the last 30m and not delivered "
            "everywhere, and one of its places keeps no record: another run "
            "may still write there. Wait and apply again");
  in_.rotate = false;

  // However many were left: what such a place may serve never goes first.
  view_.ours = {Own(1, 1, 10 * kDay), Own(2, 2, kDay), Own(3, 3, kDay),
                Own(4, 4, kDay), Own(5, 5, kDay)};
  for (HeldRecord::State is : {kTorn, kSilent}) {
    Holds({1, 1});
    state(1, is);
    EXPECT_EQ(Decided().substr(0, 41),
              "make sink_out_of_date gen 6 current 1 ret");
  }

  Holds({1});
  state(0, kSilent);
  EXPECT_EQ(Decide(in_, view_, kNow).explanation,
            "main:ci0 keeps no record of what it holds, so it cannot be the "
            "first place in `deliver`");
}

TEST_F(DecideTest, Obstacles) {
  view_.ours = {Own(1, 1, 10 * kDay)};
  struct Row {
    const char* name;
    std::function<void(HeldRecord&)> spoil;
    const char* want;
  };
  const std::vector<Row> rows = {
      {"unknown",
       [](HeldRecord& held) {
         held = HeldRecord::Unknown(absl::UnavailableError("no answer"));
       },
       "what main:ci0 holds could not be read: no answer"},
      {"foreign",
       [](HeldRecord& held) {
         held = HeldRecord::Absent();
         held.state = HeldRecord::State::kForeign;
       },
       "main:ci0 holds a value that patform did not write; move it away, or "
       "set `adopt = true` in its `deliver` entry to let patform replace it"},
      {"foreign, with a word on what it is",
       [](HeldRecord& held) {
         held = HeldRecord::Absent();
         held.state = HeldRecord::State::kForeign;
         held.why = absl::FailedPreconditionError("40 bytes");
       },
       "main:ci0 holds a value that patform did not write (40 bytes); move it "
       "away, or set `adopt = true` in its `deliver` entry to let patform "
       "replace it"},
      {"workspace", [](HeldRecord& held) { held.record->workspace = "other"; },
       "the record at main:ci0 is of workspace \"other\", this configuration "
       "is \"w\"; the place belongs to another setup or was copied from one: "
       "deliver elsewhere, or remove it"},
      {"organization",
       [](HeldRecord& held) { held.record->organization = "fabrikam"; },
       "the record at main:ci0 is of organization \"fabrikam\", this "
       "configuration is \"contoso\"; the place belongs to another setup or "
       "was copied from one: deliver elsewhere, or remove it"},
      {"place", [](HeldRecord& held) { held.record->address = "main:x"; },
       "the record at main:ci0 is of the place \"main:x\", this configuration "
       "is \"main:ci0\"; the place belongs to another setup or was copied from "
       "one: deliver elsewhere, or remove it"},
      {"user", [](HeldRecord& held) { held.record->user_oid = "oid-2"; },
       "the record at main:ci0 is of user \"oid-2\", this configuration is "
       "\"oid-1\"; the place belongs to another setup or was copied from one: "
       "deliver elsewhere, or remove it"},
  };
  for (const Row& row : rows) {
    Holds({1});
    row.spoil(view_.records[0]);
    const Decision decision = Decide(in_, view_, kNow);
    EXPECT_EQ(decision.kind, Decision::Kind::kBlocked) << row.name;
    EXPECT_EQ(decision.explanation, row.want) << row.name;
    EXPECT_TRUE(decision.collect.empty()) << row.name;
  }
  // A secondary's obstacle counts like the primary's.
  Holds({1, 1});
  view_.records[1] = HeldRecord::Unknown(absl::UnavailableError("no answer"));
  EXPECT_EQ(Decide(in_, view_, kNow).explanation,
            "what other:ci1 holds could not be read: no answer");
}

TEST_F(DecideTest, ForeignMayBeAdoptedAndOwnersMayBeUnknown) {
  Holds({1});
  view_.records[0] = HeldRecord::Absent();
  view_.records[0].state = HeldRecord::State::kForeign;
  in_.deliver[0].adopt = true;
  EXPECT_EQ(Decided(), "make not_found gen 1");
  view_.ours = {Own(1, 1, 10 * kDay)};
  Holds({1});
  view_.records[0].record->user_oid = "";
  EXPECT_EQ(Decided(), "settled current 1");
  view_.records[0].record->user_oid = "oid-2";
  in_.user_oid = "";
  EXPECT_EQ(Decided(), "settled current 1");
}

// One token beside generation 2, which is in service at the first place, in
// each state that it can be in; decided while nothing, and while a rotation, is
// asked for; with stores that refuse late writes and with one that does not;
// and where the service does not tell its time.
TEST_F(DecideTest, EachStateBesideTheOneInService) {
  struct Row {
    const char* name;
    OwnToken beside;
    int second;  // what the second place holds
    const char* settled;
    const char* settled_late_writes;
    const char* rotated;
    const char* rotated_late_writes;
    const char* without_time;
  };
  constexpr auto kOld = [](int generation) {
    return Own(generation, generation, kAgeFence + absl::Seconds(1));
  };
  const std::vector<Row> rows = {
      {"superseded, old", kOld(1), 2, "settled current 2 retires 1/superseded",
       "settled current 2 retires 1/superseded",
       "make requested gen 3 current 2 retires 1/superseded retires "
       "2/superseded",
       "make requested gen 3 current 2 retires 1/superseded retires "
       "2/superseded",
       "settled current 2 retires 1/superseded"},
      {"superseded, young", Own(1, 1, kYoung), 2,
       "settled current 2 retires 1/superseded",
       "settled current 2 more in 25m",
       "make requested gen 3 current 2 retires 1/superseded retires "
       "2/superseded",
       "make requested gen 3 current 2 retires 2/superseded more in 25m",
       "settled current 2 retires 1/superseded"},
      {"superseded, of other places, old",
       OwnElsewhere(1, 1, kAgeFence + absl::Seconds(1)), 2,
       "settled current 2 retires 1/superseded",
       "settled current 2 retires 1/superseded",
       "make requested gen 3 current 2 retires 1/superseded retires "
       "2/superseded",
       "make requested gen 3 current 2 retires 1/superseded retires "
       "2/superseded",
       "settled current 2"},
      {"superseded, of other places, young", OwnElsewhere(1, 1, kYoung), 2,
       "settled current 2 more in 25m", "settled current 2 more in 25m",
       "make requested gen 3 current 2 retires 2/superseded more in 25m",
       "make requested gen 3 current 2 retires 2/superseded more in 25m",
       "settled current 2"},
      {"of the same generation, old", Own(3, 2, kAgeFence + absl::Seconds(1)),
       2, "settled current 2 retires 2/superseded",
       "settled current 2 retires 2/superseded",
       "make requested gen 3 current 2 retires 2/superseded retires "
       "2/superseded",
       "make requested gen 3 current 2 retires 2/superseded retires "
       "2/superseded",
       "settled current 2 retires 2/superseded"},
      {"of the same generation, young", Own(3, 2, kYoung), 2,
       "settled current 2 retires 2/superseded",
       "settled current 2 more in 25m",
       "make requested gen 3 current 2 retires 2/superseded retires "
       "2/superseded",
       "make requested gen 3 current 2 retires 2/superseded more in 25m",
       "settled current 2 retires 2/superseded"},
      {"orphan", kOld(3), 2, "settled current 2 revokes 3/orphan",
       "settled current 2 revokes 3/orphan",
       "make requested gen 4 current 2 retires 2/superseded revokes 3/orphan",
       "make requested gen 4 current 2 retires 2/superseded revokes 3/orphan",
       "settled current 2 in flight 1"},
      {"in flight", Own(3, 3, kYoung), 2,
       "settled current 2 in flight 1 more in 25m",
       "settled current 2 in flight 1 more in 25m",
       "make requested gen 4 current 2 retires 2/superseded revokes 3/orphan "
       "in flight 1",
       "make requested gen 4 current 2 retires 2/superseded in flight 1 more "
       "in 25m",
       "settled current 2 in flight 1"},
      {"unrecorded: of other places",
       OwnElsewhere(3, 3, kAgeFence + absl::Seconds(1)), 2,
       "settled current 2 retires 3/superseded",
       "settled current 2 retires 3/superseded",
       "make requested gen 4 current 2 retires 2/superseded retires "
       "3/superseded",
       "make requested gen 4 current 2 retires 2/superseded retires "
       "3/superseded",
       "settled current 2 in flight 1"},
      {"in flight to other places", OwnElsewhere(3, 3, kYoung), 2,
       "settled current 2 in flight 1 more in 25m",
       "settled current 2 in flight 1 more in 25m",
       "make requested gen 4 current 2 retires 2/superseded in flight 1 more "
       "in 25m",
       "make requested gen 4 current 2 retires 2/superseded in flight 1 more "
       "in 25m",
       "settled current 2 in flight 1"},
      {"partly delivered, old", kOld(3), 3,
       "make sink_out_of_date gen 4 current 2 retires 2/superseded retires "
       "3/superseded",
       "make sink_out_of_date gen 4 current 2 retires 2/superseded retires "
       "3/superseded",
       "make sink_out_of_date gen 4 current 2 retires 2/superseded retires "
       "3/superseded",
       "make sink_out_of_date gen 4 current 2 retires 2/superseded retires "
       "3/superseded",
       "make sink_out_of_date gen 4 current 2 retires 2/superseded retires "
       "3/superseded"},
      {"partly delivered, young", Own(3, 3, kYoung), 3,
       "make sink_out_of_date gen 4 current 2 retires 2/superseded retires "
       "3/superseded",
       "make sink_out_of_date gen 4 current 2 retires 2/superseded",
       "make sink_out_of_date gen 4 current 2 retires 2/superseded retires "
       "3/superseded",
       "make sink_out_of_date gen 4 current 2 retires 2/superseded",
       "make sink_out_of_date gen 4 current 2 retires 2/superseded retires "
       "3/superseded"},
      {"an earlier one in the second place", kOld(1), 1,
       "make sink_out_of_date gen 3 current 2 retires 1/superseded retires "
       "2/superseded",
       "make sink_out_of_date gen 3 current 2 retires 1/superseded retires "
       "2/superseded",
       "make sink_out_of_date gen 3 current 2 retires 1/superseded retires "
       "2/superseded",
       "make sink_out_of_date gen 3 current 2 retires 1/superseded retires "
       "2/superseded",
       "make sink_out_of_date gen 3 current 2 retires 1/superseded retires "
       "2/superseded"},
      {"the second place is empty, an orphan", kOld(3), 0,
       "make sink_out_of_date gen 4 current 2 retires 2/superseded revokes "
       "3/orphan",
       "make sink_out_of_date gen 4 current 2 retires 2/superseded revokes "
       "3/orphan",
       "make sink_out_of_date gen 4 current 2 retires 2/superseded revokes "
       "3/orphan",
       "make sink_out_of_date gen 4 current 2 retires 2/superseded revokes "
       "3/orphan",
       "make sink_out_of_date gen 4 current 2 retires 2/superseded revokes "
       "3/orphan in flight 1"},
      {"the second place is empty, in flight", Own(3, 3, kYoung), 0,
       "make sink_out_of_date gen 4 current 2 retires 2/superseded revokes "
       "3/orphan in flight 1",
       "make sink_out_of_date gen 4 current 2 retires 2/superseded in flight 1 "
       "more in 25m",
       "make sink_out_of_date gen 4 current 2 retires 2/superseded revokes "
       "3/orphan in flight 1",
       "make sink_out_of_date gen 4 current 2 retires 2/superseded in flight 1 "
       "more in 25m",
       "make sink_out_of_date gen 4 current 2 retires 2/superseded revokes "
       "3/orphan in flight 1"},
  };
  for (const Row& row : rows) {
    const auto decide = [&](bool rotate, bool fenced, bool time) {
      view_ = testing::EmptyView();
      view_.ours = {Own(2, 2, 10 * kDay), row.beside};
      if (row.beside.generation < 2) std::swap(view_.ours[0], view_.ours[1]);
      Holds({2, row.second});
      view_.records[1].compare_and_set = fenced;
      view_.knows_age = time;
      in_.rotate = rotate;
      return Decided();
    };
    EXPECT_EQ(decide(false, true, true), row.settled) << row.name;
    EXPECT_EQ(decide(false, false, true), row.settled_late_writes) << row.name;
    EXPECT_EQ(decide(true, true, true), row.rotated) << row.name;
    EXPECT_EQ(decide(true, false, true), row.rotated_late_writes) << row.name;
    EXPECT_EQ(decide(false, true, false), row.without_time) << row.name;
  }
}

// Which of several go first, so that no more than a few live at once.
TEST_F(DecideTest, WhichGoFirst) {
  struct Row {
    const char* name;
    std::vector<OwnToken> ours;
    int record;  // 0: absent
    bool fenced;
    bool unknown_elsewhere;
    const char* want;
  };
  const auto old = [](int generation) {
    return Own(generation, generation, kDay);
  };
  const auto young = [](int generation) {
    return Own(generation, generation, kYoung);
  };
  const auto elsewhere = [](int generation) {
    return OwnElsewhere(generation, generation, kYoung);
  };
  const std::vector<Row> rows = {
      {"two are no crowd",
       {old(1), old(2), old(3)},
       1,
       true,
       false,
       "make requested gen 4 current 1 retires 1/superseded revokes 2/orphan "
       "revokes 3/orphan"},
      {"three are: the eldest stays",
       {old(1), old(2), old(3), old(4)},
       1,
       true,
       false,
       "make requested gen 5 current 1 first revokes 3 revokes 4 retires "
       "1/superseded revokes 2/orphan"},
      {"of four, too",
       {old(1), old(2), old(3), old(4), old(5)},
       1,
       true,
       false,
       "make requested gen 6 current 1 first revokes 3 revokes 4 revokes 5 "
       "retires 1/superseded revokes 2/orphan"},
      {"one old among the young",
       {old(1), young(2), old(3), young(4)},
       1,
       true,
       false,
       "make requested gen 5 current 1 first revokes 3 retires 1/superseded "
       "revokes 2/orphan revokes 4/orphan in flight 2"},
      {"the eldest alone is old",
       {old(1), old(2), young(3), young(4)},
       1,
       true,
       false,
       "wait requested current 1 in flight 2"},
      {"all are young",
       {old(1), young(2), young(3), young(4)},
       1,
       true,
       false,
       "wait requested current 1 in flight 3"},
      {"young, of other places",
       {old(1), elsewhere(2), elsewhere(3), old(4)},
       1,
       true,
       false,
       "make requested gen 5 current 1 first revokes 4 retires 1/superseded in "
       "flight 2 more in 25m"},
      {"superseded ones that a late write could bring back",
       {young(1), young(2), young(3), old(4)},
       4,
       false,
       false,
       "make requested gen 5 current 4 retires 4/superseded more in 25m"},
      {"superseded ones that none can",
       {young(1), young(2), young(3), old(4)},
       4,
       true,
       false,
       "make requested gen 5 current 4 first retires 1 retires 2 retires 3 "
       "retires 4/superseded"},
      {"old and superseded: the eldest, too",
       {old(1), old(2), old(3), old(4)},
       4,
       true,
       false,
       "make requested gen 5 current 4 first retires 1 retires 2 retires 3 "
       "retires 4/superseded"},
      {"no record: any may be in service",
       {old(1), old(2), old(3)},
       0,
       true,
       false,
       "make secret_not_in_sink gen 4 first revokes 2 revokes 3 retires "
       "1/superseded"},
      {"no record, one is young",
       {old(1), old(2), young(3)},
       0,
       true,
       false,
       "make secret_not_in_sink gen 4 first revokes 2 retires 1/superseded "
       "retires 3/superseded in flight 1"},
      {"no record, two are young",
       {old(1), young(2), young(3)},
       0,
       true,
       false,
       "wait secret_not_in_sink in flight 2"},
      {"no record, and an unread place may serve any",
       {old(1), old(2), old(3)},
       0,
       true,
       true,
       "wait secret_not_in_sink"},
      {"an unread place, but one is in service",
       {old(1), old(2), old(3), old(4)},
       1,
       true,
       true,
       "make requested gen 5 current 1 first revokes 3 revokes 4 retires "
       "1/superseded revokes 2/orphan"},
  };
  in_.rotate = true;
  for (const Row& row : rows) {
    view_ = testing::EmptyView();
    view_.ours = row.ours;
    view_.unknown_elsewhere = row.unknown_elsewhere;
    Holds({row.record});
    view_.records[0].compare_and_set = row.fenced;
    EXPECT_EQ(Decided(), row.want) << row.name;
  }
}

TEST_F(DecideTest, RetiresToNowPlusGrace) {
  view_.ours = {Own(1, 1, 10 * kDay), Own(2, 2, 9 * kDay)};
  Holds({2});
  const Decision decision = Decide(in_, view_, kNow);
  ASSERT_EQ(decision.collect.size(), 1u);
  EXPECT_EQ(decision.collect[0].id, Id(1));
  EXPECT_EQ(decision.collect[0].retire_at, kNow + kDay);
  EXPECT_EQ(decision.collect[0].valid_to, kNow + 20 * kDay);
}

}  // namespace
}  // namespace patform
