// What a token is to its places, in every combination that tells two states
// apart, and what becomes of it.
#include "engine/diff/generation_state.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/engine/diff/testing.h"

namespace patform {
namespace {

using testing::Away;
using testing::EmptyView;
using testing::Held;
using testing::Id;
using testing::kDay;
using testing::kNow;
using testing::Own;
using testing::OwnElsewhere;
using testing::Token;

constexpr absl::Duration kYoung = absl::Minutes(5);
const absl::Duration kOld = kAgeFence + absl::Seconds(1);

// Generation 2 is in service at main:ci; `own` is looked at.
class GenerationStateTest : public ::testing::Test {
 protected:
  GenerationStateTest() { Reset(); }

  void Reset() {
    view_ = EmptyView();
    view_.ours = {Own(2, 2, 10 * kDay)};
    view_.records = {Held(2, 2, PlaceOf("main:ci"))};
    view_.recorded = view_.ours[0].token;
  }
  // Also in a second place.
  void Second(HeldRecord held) { view_.records.push_back(std::move(held)); }
  static HeldRecord In(HeldRecord::State state) {
    HeldRecord held = HeldRecord::Absent();
    held.state = state;
    return held;
  }
  std::string Look(const OwnToken& own) {
    if (own.token.id != Id(2)) view_.ours.push_back(own);
    const Testimony says(view_);
    const GenerationState state = StateOf(own, view_, kNow);
    EXPECT_EQ(says.StateOf(own, kNow), state);
    std::string text = Word(state);
    const Prospect prospect = ProspectOf(own, says, grace_, kNow);
    switch (prospect.kind) {
      case Prospect::Kind::kStays:
        return absl::StrCat(text, ", stays");
      case Prospect::Kind::kEndsItself:
        absl::StrAppend(&text, ", ends itself");
        break;
      case Prospect::Kind::kIsToEnd:
        absl::StrAppend(&text, ", is to end");
        break;
    }
    return absl::StrCat(text, " in ", Away(prospect.at));
  }

  TokenView view_;
  absl::Duration grace_ = kDay;
};

TEST_F(GenerationStateTest, Table) {
  struct Row {
    const char* name;
    OwnToken own;
    std::function<void()> change;
    const char* want;
  };
  const auto as_is = [] {};
  const OwnToken above = Own(3, 3, kOld);
  const OwnToken above_young = Own(3, 3, kYoung);
  const std::vector<Row> rows = {
      {"the primary names it", Own(2, 2, 10 * kDay), as_is,
       "current, is to end in -9d 23h"},
      {"… and it is young", Own(2, 2, kYoung), as_is,
       "current, is to end in 25m"},
      {"… and another token's place serves it, too", Own(2, 2, 10 * kDay),
       [&] { view_.served_elsewhere = {Id(2)}; }, "current, stays"},
      {"a secondary names it", above,
       [&] { Second(Held(3, 3, PlaceOf("other:ci"))); },
       "partly_delivered, is to end in -1s"},
      {"a secondary names an older one", Own(1, 1, 20 * kDay),
       [&] { Second(Held(1, 1, PlaceOf("other:ci"))); },
       "partly_delivered, is to end in -19d 23h"},
      {"another token's place serves it", above,
       [&] { view_.served_elsewhere = {Id(3)}; }, "served_elsewhere, stays"},
      {"… which outweighs what cannot be read", above,
       [&] {
         view_.served_elsewhere = {Id(3)};
         Second(HeldRecord::Unknown(absl::UnavailableError("no answer")));
       },
       "served_elsewhere, stays"},
      {"a place cannot be read", above,
       [&] {
         Second(HeldRecord::Unknown(absl::UnavailableError("no answer")));
       },
       "unknown, is to end in -1s"},
      {"… not even of one that was superseded", Own(1, 1, 20 * kDay),
       [&] {
         Second(HeldRecord::Unknown(absl::UnavailableError("no answer")));
       },
       "unknown, is to end in -19d 23h"},
      {"a place of another token cannot be read: ours is in service", above,
       [&] { view_.unknown_elsewhere = true; }, "orphan, is to end in -1s"},
      {"… and nothing of ours is", above,
       [&] {
         view_.unknown_elsewhere = true;
         view_.records = {HeldRecord::Absent()};
       },
       "unrecorded, stays"},
      {"below", Own(1, 1, 20 * kDay), as_is,
       "superseded, is to end in -19d 23h"},
      {"below and young", Own(1, 1, kYoung), as_is,
       "superseded, is to end in 25m"},
      {"beside it: two runs at once made the same generation",
       Own(3, 2, kYoung), as_is, "superseded, is to end in 25m"},
      {"below, and it ends within its grace", Own(1, 1, 29 * kDay), as_is,
       "superseded, ends itself in 1d"},
      {"… a second later", Own(1, 1, 29 * kDay - absl::Seconds(1)), as_is,
       "superseded, ends itself in 1d"},
      {"… two seconds later", Own(1, 1, 29 * kDay - absl::Seconds(2)), as_is,
       "superseded, is to end in -28d 23h"},
      {"… without a grace", Own(1, 1, 29 * kDay),
       [&] { grace_ = absl::ZeroDuration(); },
       "superseded, is to end in -28d 23h"},
      {"above and young", above_young, as_is, "in_flight, is to end in 25m"},
      {"above, exactly at the fence", Own(3, 3, kAgeFence), as_is,
       "in_flight, is to end in 0s"},
      {"above and old", above, as_is, "orphan, is to end in -1s"},
      {"an orphan has no grace", Own(3, 3, kOld, kAgeFence + kDay), as_is,
       "orphan, is to end in -1s"},
      {"above and old, the service does not tell its time", above,
       [&] { view_.knows_age = false; }, "in_flight, is to end in -1s"},
      {"above, of other places, young", OwnElsewhere(3, 3, kYoung), as_is,
       "in_flight, is to end in 25m"},
      {"above, of other places, old", OwnElsewhere(3, 3, kOld), as_is,
       "unrecorded, is to end in -1s"},
      {"above and old, a place is torn", above,
       [&] { Second(In(HeldRecord::State::kTorn)); },
       "unrecorded, is to end in -1s"},
      {"above and old, a place tells nothing", above,
       [&] { Second(In(HeldRecord::State::kSilent)); },
       "unrecorded, is to end in -1s"},
      {"above and old, a place is empty", above,
       [&] { Second(HeldRecord::Absent()); }, "orphan, is to end in -1s"},
      {"above and old, a place holds a stranger's value", above,
       [&] { Second(In(HeldRecord::State::kForeign)); },
       "orphan, is to end in -1s"},
      {"no record", above, [&] { view_.records = {HeldRecord::Absent()}; },
       "unrecorded, is to end in -1s"},
      {"no record, and young", above_young,
       [&] { view_.records = {HeldRecord::Absent()}; },
       "in_flight, is to end in 25m"},
      {"no record, and it ends within its grace", Own(1, 1, 29 * kDay),
       [&] { view_.records = {HeldRecord::Absent()}; },
       "unrecorded, ends itself in 1d"},
      {"no places at all", above, [&] { view_.records.clear(); },
       "unrecorded, is to end in -1s"},
      {"the record names what the service does not list", Own(3, 3, kOld),
       [&] {
         view_.ours.clear();
         view_.recorded.reset();
       },
       "orphan, is to end in -1s"},
      {"the record names one that has expired", Own(3, 3, kOld),
       [&] {
         view_.ours.clear();
         view_.recorded = Token(2, "x", 40 * kDay);
       },
       "orphan, is to end in -1s"},
      {"the record names a stranger's: its generation tells nothing",
       Own(1, 1, kOld),
       [&] {
         view_.ours.clear();
         view_.recorded = Token(2, "made in the portal", kDay);
       },
       "unrecorded, is to end in -1s"},
  };
  for (const Row& row : rows) {
    Reset();
    grace_ = kDay;
    row.change();
    EXPECT_EQ(Look(row.own), row.want) << row.name;
  }
}

TEST_F(GenerationStateTest, WhatTheRecordsSayTogether) {
  struct Row {
    const char* name;
    std::function<void()> change;
    const char* want;
  };
  const auto dump = [this] {
    const Testimony says(view_);
    std::string text =
        says.primary() == nullptr
            ? "none"
            : absl::StrCat("generation ", says.primary()->generation);
    for (const auto& [is, word] :
         {std::pair(says.current() != nullptr, " current"),
          std::pair(says.comparable(), " comparable"),
          std::pair(says.fenced(), " fenced"),
          std::pair(says.in_step(), " in step"),
          std::pair(says.torn(), " torn"), std::pair(says.silent(), " silent"),
          std::pair(says.MayBeServedUnseen(), " unseen")}) {
      if (is) text += word;
    }
    return text;
  };
  const std::vector<Row> rows = {
      {"one place", [] {}, "generation 2 current comparable fenced in step"},
      {"two places", [&] { Second(Held(2, 2, PlaceOf("other:ci"))); },
       "generation 2 current comparable fenced in step"},
      {"the second is behind", [&] { Second(Held(1, 1, PlaceOf("other:ci"))); },
       "generation 2 current comparable fenced"},
      {"the second has not got the secret that an update was answered with",
       [&] {
         Second(Held(2, 2, PlaceOf("other:ci")));
         view_.records[0].record->renewed_by_update = true;
       },
       "generation 2 current comparable fenced"},
      {"only the second has got it",
       [&] {
         Second(Held(2, 2, PlaceOf("other:ci")));
         view_.records[1].record->renewed_by_update = true;
       },
       "generation 2 current comparable fenced"},
      {"both have got it",
       [&] {
         view_.records[0].record->renewed_by_update = true;
         Second(view_.records[0]);
       },
       "generation 2 current comparable fenced in step"},
      {"the second is empty", [&] { Second(HeldRecord::Absent()); },
       "generation 2 current comparable fenced"},
      {"the second tells nothing",
       [&] { Second(In(HeldRecord::State::kSilent)); },
       "generation 2 current comparable fenced in step silent"},
      {"the second is torn", [&] { Second(In(HeldRecord::State::kTorn)); },
       "generation 2 current comparable fenced torn"},
      {"the second takes late writes",
       [&] {
         Second(Held(2, 2, PlaceOf("other:ci")));
         view_.records[1].compare_and_set = false;
       },
       "generation 2 current comparable in step"},
      {"the primary is empty",
       [&] {
         Second(view_.records[0]);
         view_.records[0] = HeldRecord::Absent();
       },
       "none fenced"},
      {"it names one that does not live",
       [&] {
         view_.ours.clear();
         view_.recorded.reset();
       },
       "generation 2 comparable fenced in step"},
      {"it names a stranger", [&] { view_.ours.clear(); },
       "generation 2 fenced in step"},
      {"another token's place is unread, ours is in service",
       [&] { view_.unknown_elsewhere = true; },
       "generation 2 current comparable fenced in step"},
      {"another token's place is unread, and none of ours is in service",
       [&] {
         view_.unknown_elsewhere = true;
         view_.ours.clear();
       },
       "generation 2 fenced in step unseen"},
      {"no places", [&] { view_.records.clear(); }, "none fenced in step"},
  };
  for (const Row& row : rows) {
    Reset();
    row.change();
    EXPECT_EQ(dump(), row.want) << row.name;
  }
}

// A large file's tokens are in service and old: what costs a digest for each
// is asked of none of them.
TEST_F(GenerationStateTest, ThePrintOfItsPlacesIsAskedForLast) {
  const OwnToken current = view_.ours[0];
  view_.places = LazyPlaces(testing::kHere);
  EXPECT_EQ(StateOf(current, view_, kNow), GenerationState::kCurrent);
  const OwnToken orphan = Own(3, 3, kOld);
  EXPECT_EQ(StateOf(orphan, view_, kNow), GenerationState::kOrphan);
  // Of no places: it matches no mark.
  view_.places = LazyPlaces();
  EXPECT_EQ(StateOf(orphan, view_, kNow), GenerationState::kUnrecorded);
  EXPECT_EQ(StateOf(current, view_, kNow), GenerationState::kCurrent);
}

}  // namespace
}  // namespace patform
