// The state machine alone: what it wants next, for every answer it may get.
#include "engine/apply/rotation.h"

#include <gtest/gtest.h>

#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/engine/apply/rotation_player.h"
#include "tests/engine/diff/testing.h"
#include "tests/fakes/world.h"

namespace patform {
namespace {

using testing::Held;
using testing::Id;
using testing::kDay;
using testing::kNow;
using testing::Own;
using testing::Token;

// Generation 1 is in service in two places, a rotation to 2 is planned.
class RotationTest : public ::testing::Test {
 protected:
  RotationTest() {
    decide_.name = "ci";
    decide_.workspace = "w";
    decide_.organization = "contoso";
    decide_.grace = kDay;
    decide_.deliver = {PlaceOf("main:ci"), PlaceOf("other:ci")};
    change_.action = Action::kRotate;
    change_.reason = Reason::kRequested;
    change_.name = "ci";
    change_.organization = "contoso";
    change_.deliver = decide_.deliver;
    change_.before.emplace();
    change_.before->generation = 1;
    decide_.rotate = true;
    change_.decision = Decide(decide_, View(1, 1), kNow);
    planned_ = View(1, 1).records;
  }

  // What a look shows when the places hold these generations (0: nothing).
  TokenView View(int primary, int secondary, std::vector<OwnToken> more = {}) {
    TokenView view = testing::EmptyView();
    view.ours = {Own(1, 1, 10 * kDay)};
    for (OwnToken& own : more) view.ours.push_back(own);
    const int held[] = {primary, secondary};
    for (int i = 0; i < 2; ++i) {
      view.records.push_back(held[i] == 0
                                 ? HeldRecord::Absent()
                                 : Held(held[i], held[i], decide_.deliver[i]));
    }
    return view;
  }

  // Plays the events, which are words, and tells what the machine wanted:
  //   ok gone failed lost conflict   the plain answers
  //   minted                         id and generation 2
  //   records P S                    what both places hold
  //   back G                         what the one place read back holds
  //   back?                          … when it cannot be read
  //   view P S                       what a look shows
  //   viewed                         the view put into `look`
  //   updated
  // "!" behind a word: the user interrupted.
  std::string Play(const std::string& events) {
    Rotation rotation(change_, decide_, planned_);
    Event event;
    event.now = now_;
    event.stop = stopped_;
    std::string trace = testing::Brief(rotation.Step(event), change_.deliver);
    std::istringstream words(events);
    std::string word;
    while (words >> word) {
      event = Event();
      event.stop = word.back() == '!';
      if (event.stop) word.pop_back();
      now_ += step_;
      event.now = now_;
      if (word == "ok") {
        event.kind = Event::Kind::kOk;
      } else if (word == "gone") {
        event.kind = Event::Kind::kGone;
        event.status = absl::NotFoundError("no such token");
      } else if (word == "failed") {
        event.kind = Event::Kind::kFailed;
        event.status = absl::FailedPreconditionError("refused");
      } else if (word == "lost") {
        event.kind = Event::Kind::kLost;
        event.status = absl::UnknownError("the connection broke");
      } else if (word == "conflict") {
        event.kind = Event::Kind::kConflict;
        event.status = absl::AbortedError("moved");
      } else if (word == "minted") {
        event.kind = Event::Kind::kMinted;
        event.token = Own(2, 2, absl::ZeroDuration()).token;
      } else if (word == "delivered") {
        event.kind = Event::Kind::kDelivered;
      } else if (word == "updated") {
        event.kind = Event::Kind::kUpdated;
        event.token = granted_;
      } else if (word == "back") {
        int generation = 0;
        words >> generation;
        event.kind = Event::Kind::kRecords;
        event.records = {View(generation, 1).records[0]};
      } else if (word == "back?") {
        event.kind = Event::Kind::kRecords;
        event.records = {
            HeldRecord::Unknown(absl::UnavailableError("no answer"))};
      } else {
        int primary = 0, secondary = 0;
        if (word != "viewed") words >> primary >> secondary;
        event.kind =
            word == "records" ? Event::Kind::kRecords : Event::Kind::kView;
        event.view = word == "viewed" ? look_ : View(primary, secondary);
        event.records = event.view->records;
      }
      absl::StrAppend(&trace, ", ",
                      testing::Brief(rotation.Step(event), change_.deliver));
    }
    return absl::StrCat(trace, "; ", Dump(rotation.outcome()));
  }

  // To the delivery to the secondary place.
  const std::string kToSecondary = "ok records 1 1 minted";

  Change change_;
  DecideInput decide_;
  std::vector<HeldRecord> planned_;
  std::optional<TokenView> look_;
  std::optional<ActualToken> granted_;
  absl::Time now_ = kNow;
  absl::Duration step_ = absl::Seconds(1);
  bool stopped_ = false;
};

TEST_F(RotationTest, AllWell) {
  EXPECT_EQ(Play(kToSecondary + " delivered delivered ok"),
            "check, read, mint 2, deliver 2 to other:ci over v1, deliver 2 to "
            "main:ci over v1, retire 1, end; done: minted generation 2 "
            "(00000002); delivered to other:ci; delivered to main:ci; retired "
            "generation 1 (00000001): it ends 2027-01-16 08:00 UTC");
}

TEST_F(RotationTest, BeforeTheMint) {
  EXPECT_EQ(Play("failed"), "check, end; failed (refused)");
  EXPECT_EQ(Play("ok!"), "check, end; interrupted (interrupted)");
  EXPECT_EQ(Play("ok failed"), "check, read, end; failed (refused)");
  EXPECT_EQ(Play("ok records! 1 1"),
            "check, read, end; interrupted (interrupted)");
  stopped_ = true;
  EXPECT_EQ(Play(""), "end; interrupted (interrupted)");
}

TEST_F(RotationTest, RecordsMovedSinceThePlan) {
  // Another run delivered generation 2: the wish is fulfilled. Its collecting
  // was not in this plan for any token but the old one.
  look_ = View(2, 2, {Own(2, 2, absl::Minutes(1))});
  EXPECT_EQ(Play("ok records 2 2 viewed ok"),
            "check, read, look, retire 1, end; done: found it done by another "
            "run; retired generation 1 (00000001): it ends 2027-01-16 08:00 "
            "UTC");
  // … or died half way: decide anew, with the next generation.
  look_ = View(1, 2, {Own(2, 2, absl::Minutes(1))});
  EXPECT_EQ(Play("ok records 1 2 viewed records 1 2"),
            "check, read, look, read, mint 3; done");
  EXPECT_EQ(Play("ok records 1 2 failed"),
            "check, read, look, end; failed (refused)");
  EXPECT_EQ(Play("ok records 1 2 view! 1 1"),
            "check, read, look, end; interrupted (interrupted)");
  look_->records[0] = HeldRecord::Unknown(absl::UnavailableError("no answer"));
  EXPECT_EQ(Play("ok records 1 2 viewed"),
            "check, read, look, end; failed (what main:ci holds could not be "
            "read: no answer)");
  look_ = View(1, 1,
               {Own(2, 2, absl::Minutes(1)), Own(3, 3, absl::Minutes(1)),
                Own(4, 4, absl::Minutes(1))});
  EXPECT_EQ(Play("ok records 1 2 viewed"),
            "check, read, look, end; failed (3 tokens of ci were minted in the "
            "last 30m and none was delivered; other runs may be at work. Wait "
            "and apply again; what stays undelivered is then collected)");
}

// Planned between the delivery and the end of another run's rotation: the
// record still named generation 1, which was revoked when the history was read.
TEST_F(RotationTest, PlannedInTheMiddleOfAnotherRun) {
  change_.reason = Reason::kGone;
  change_.before->generation = 2;  // what lived then
  look_ = View(2, 2, {Own(2, 2, absl::Minutes(1))});
  look_->ours.erase(look_->ours.begin());
  EXPECT_EQ(Play("ok records 2 2 viewed"),
            "check, read, look, end; done: found it done by another run");
  // It died half way: still wrong, so still to be mended.
  look_ = View(1, 2, {Own(2, 2, absl::Minutes(1))});
  change_.reason = Reason::kSinkOutOfDate;
  EXPECT_EQ(Play("ok records 0 2 viewed records 1 2"),
            "check, read, look, read, mint 3; done");
}

TEST_F(RotationTest, RecordsThatKeepMoving) {
  EXPECT_EQ(Play("ok records 1 2 view 1 1 records 1 2 view 1 1 records 1 2 "
                 "view 1 1 records 1 2 view 1 1 records 1 2"),
            "check, read, look, read, look, read, look, read, look, read, end; "
            "failed (the sink records kept changing: another run is working on "
            "this token. Let it finish, then apply again)");
}

TEST_F(RotationTest, Mint) {
  EXPECT_EQ(Play("ok records 1 1 failed"),
            "check, read, mint 2, end; failed (refused)");
  // A lost answer is never sent again unseen. The orphan is in the list and
  // the next generation passes it; this plan did not name it.
  look_ = View(1, 1, {Own(2, 2, absl::ZeroDuration())});
  EXPECT_EQ(Play("ok records 1 1 lost viewed records 1 1"),
            "check, read, mint 2, look, read, mint 3; done: sent a create for "
            "generation 2 whose answer was lost; if it lives, its mark shows "
            "it and it is collected");
  EXPECT_EQ(Play("ok records 1 1 lost viewed records 1 1 minted delivered "
                 "delivered ok"),
            "check, read, mint 2, look, read, mint 3, deliver 3 to other:ci "
            "over v1, deliver 3 to main:ci over v1, retire 1, end; done: sent "
            "a create for generation 2 whose answer was lost; if it lives, its "
            "mark shows it and it is collected; minted generation 3 "
            "(00000002); delivered to other:ci; delivered to main:ci; retired "
            "generation 1 (00000001): it ends 2027-01-16 08:00 UTC | left: end "
            "generation 2 (00000002), which this plan did not name");
  // Twice is enough.
  EXPECT_EQ(Play("ok records 1 1 lost view 1 1 records 1 1 lost view 1 1 "
                 "records 1 1"),
            "check, read, mint 2, look, read, mint 2, look, read, end; "
            "incomplete (the connection broke): sent a create for generation 2 "
            "whose answer was lost; if it lives, its mark shows it and it is "
            "collected; sent a create for generation 2 whose answer was lost; "
            "if it lives, its mark shows it and it is collected");
  EXPECT_EQ(Play("ok records 1 1 lost view! 1 1"),
            "check, read, mint 2, look, end; incomplete (interrupted): sent a "
            "create for generation 2 whose answer was lost; if it lives, its "
            "mark shows it and it is collected");
}

// What was done before the records were read a second time stays told.
TEST_F(RotationTest, StoppedAfterALostCreate) {
  const std::string done =
      ": sent a create for generation 2 whose answer was lost; if it lives, "
      "its mark shows it and it is collected";
  EXPECT_EQ(
      Play("ok records 1 1 lost view 1 1 records! 1 1"),
      "check, read, mint 2, look, read, end; incomplete (interrupted)" + done);
  EXPECT_EQ(
      Play("ok records 1 1 lost view 1 1 failed"),
      "check, read, mint 2, look, read, end; incomplete (refused)" + done);
}

TEST_F(RotationTest, FirstDelivery) {
  const std::string before =
      "check, read, mint 2, deliver 2 to other:ci over v1, ";
  // Nothing holds it: it dies, the old one stays.
  EXPECT_EQ(Play(kToSecondary + " failed ok"),
            before +
                "revoke 2, end; failed (refused): minted generation 2 "
                "(00000002); revoked generation 2 (00000002), which could "
                "not be delivered");
  EXPECT_EQ(Play(kToSecondary + " failed gone"),
            before +
                "revoke 2, end; failed (refused): minted generation 2 "
                "(00000002); revoked generation 2 (00000002), which could "
                "not be delivered");
  EXPECT_EQ(Play(kToSecondary + " failed lost"),
            before +
                "revoke 2, end; incomplete (refused): minted generation 2 "
                "(00000002) | left: revoke generation 2 (00000002), which "
                "was not delivered: the connection broke");
  // Refused because it moved: ours was never there. Look again.
  EXPECT_EQ(Play(kToSecondary + " conflict ok view 1 1 records 1 1"),
            before +
                "revoke 2, look, read, mint 2; done: minted generation 2 "
                "(00000002); revoked generation 2 (00000002), which could "
                "not be delivered");
  EXPECT_EQ(Play(kToSecondary + " conflict ok!"),
            before +
                "revoke 2, end; failed (other:ci was changed by somebody "
                "else meanwhile): minted generation 2 (00000002); revoked "
                "generation 2 (00000002), which could not be delivered");
}

TEST_F(RotationTest, LostWrite) {
  const std::string before =
      "check, read, mint 2, deliver 2 to other:ci over v1, ";
  const std::string again = "read back other:ci, deliver 2 to other:ci over v1";
  // It had arrived.
  EXPECT_EQ(Play(kToSecondary + " lost back 2"),
            before +
                "read back other:ci, deliver 2 to main:ci over v1; done: "
                "minted generation 2 (00000002); delivered to other:ci");
  // It had not: the same value on the same version, three times in all. Then
  // it is left alive, for it may still arrive.
  EXPECT_EQ(Play(kToSecondary + " lost back 1 lost back 1 lost back 1"),
            before + again + ", " + again +
                ", read back other:ci, end; incomplete (whether other:ci took "
                "the secret is not known: the connection broke): minted "
                "generation 2 (00000002) | left: make a new generation: "
                "generation 2 (00000002) may be in a sink and stays alive "
                "until then");
  // The second write is refused: it may be by our own first one.
  EXPECT_EQ(Play(kToSecondary + " lost back 1 conflict back 2"),
            before + again +
                ", read back other:ci, deliver 2 to main:ci over v1; done: "
                "minted generation 2 (00000002); delivered to other:ci");
  // Somebody else's is there now. Ours is never revoked after a lost write.
  for (const char* back : {" back 7", " back?"}) {
    EXPECT_EQ(Play(kToSecondary + " lost" + back),
              before +
                  "read back other:ci, end; incomplete (whether other:ci "
                  "took the secret is not known: the connection broke): "
                  "minted generation 2 (00000002) | left: make a new "
                  "generation: generation 2 (00000002) may be in a sink "
                  "and stays alive until then")
        << back;
  }
  // Interrupted: it is not written again.
  EXPECT_EQ(Play(kToSecondary + " lost back! 1"),
            before +
                "read back other:ci, end; incomplete (whether other:ci "
                "took the secret is not known: the connection broke): "
                "minted generation 2 (00000002) | left: make a new "
                "generation: generation 2 (00000002) may be in a sink and "
                "stays alive until then");
}

TEST_F(RotationTest, PrimaryAfterSecondary) {
  const std::string before =
      "check, read, mint 2, deliver 2 to other:ci over v1, deliver 2 to "
      "main:ci over v1, ";
  const std::string left =
      " | left: make a new generation: generation 2 (00000002) may be in a "
      "sink and stays alive until then";
  // A secondary serves it: it is never revoked by this run.
  EXPECT_EQ(Play(kToSecondary + " delivered failed"),
            before +
                "end; incomplete (refused): minted generation 2 "
                "(00000002); delivered to other:ci" +
                left);
  EXPECT_EQ(Play(kToSecondary + " delivered conflict!"),
            before +
                "end; incomplete (main:ci was changed by somebody else "
                "meanwhile): minted generation 2 (00000002); delivered to "
                "other:ci" +
                left);
  look_ = View(1, 2, {Own(2, 2, absl::ZeroDuration())});
  EXPECT_EQ(Play(kToSecondary + " delivered conflict viewed records 1 2"),
            before +
                "look, read, mint 3; done: minted generation 2 "
                "(00000002); delivered to other:ci");
  // An interrupted run finishes what it has in hand, and ends nothing.
  EXPECT_EQ(Play(kToSecondary + "! delivered! delivered!"),
            before +
                "end; incomplete (interrupted): minted generation 2 "
                "(00000002); delivered to other:ci; delivered to main:ci "
                "| left: end generation 1 (00000001)");
}

TEST_F(RotationTest, TheDeadlineFromMintToDelivery) {
  // Every step takes six minutes: the secondary is written in time, the
  // primary would not be.
  step_ = absl::Minutes(6);
  EXPECT_EQ(Play(kToSecondary + " delivered"),
            "check, read, mint 2, deliver 2 to other:ci over v1, end; "
            "incomplete (delivering took longer than 10m): minted generation 2 "
            "(00000002); delivered to other:ci | left: make a new generation: "
            "generation 2 (00000002) may be in a sink and stays alive until "
            "then");
  step_ = absl::Minutes(11);
  EXPECT_EQ(Play(kToSecondary + " ok"),
            "check, read, mint 2, revoke 2, end; failed (delivering took "
            "longer than 10m): minted generation 2 (00000002); revoked "
            "generation 2 (00000002), which could not be delivered");
}

TEST_F(RotationTest, Collect) {
  const std::string before =
      "check, read, mint 2, deliver 2 to other:ci over v1, deliver 2 to "
      "main:ci over v1, retire 1, end; ";
  const std::string done =
      ": minted generation 2 (00000002); delivered to other:ci; delivered to "
      "main:ci";
  EXPECT_EQ(Play(kToSecondary + " delivered delivered gone"),
            before + "done" + done +
                "; found generation 1 (00000001) gone "
                "already");
  for (const char* answer : {" failed", " lost"}) {
    const std::string why =
        answer == std::string(" lost") ? "the connection broke" : "refused";
    EXPECT_EQ(Play(kToSecondary + " delivered delivered" + answer),
              before + "incomplete (" + why + ")" + done +
                  " | left: end generation 1 (00000001)");
  }
}

TEST_F(RotationTest, CollectFirstOrNotAtAll) {
  decide_.rotate = true;
  const TokenView view =
      View(1, 1, {Own(2, 2, kDay), Own(3, 3, kDay), Own(4, 4, kDay)});
  change_.decision = Decide(decide_, view, kNow);
  EXPECT_EQ(Play("ok records 1 1 ok gone minted"),
            "check, read, revoke 3, revoke 4, mint 5, deliver 5 to other:ci "
            "over v1; done: revoked generation 3 (00000003); found generation "
            "4 (00000004) gone already; minted generation 5 (00000002)");
  EXPECT_EQ(Play("ok records 1 1 failed"),
            "check, read, revoke 3, end; failed (refused) | left: end "
            "generation 3 (00000003); end generation 4 (00000004)");
  EXPECT_EQ(Play("ok records 1 1 ok lost"),
            "check, read, revoke 3, revoke 4, end; incomplete (the connection "
            "broke): revoked generation 3 (00000003) | left: end generation 4 "
            "(00000004)");
  // A stop is heard between two ends, not only after the last.
  EXPECT_EQ(Play("ok records 1 1 ok!"),
            "check, read, revoke 3, end; incomplete (interrupted): revoked "
            "generation 3 (00000003) | left: end generation 4 (00000004)");
  EXPECT_EQ(Play("ok records 1 1 ok gone!"),
            "check, read, revoke 3, revoke 4, end; incomplete (interrupted): "
            "revoked generation 3 (00000003); found generation 4 (00000004) "
            "gone already");
}

TEST_F(RotationTest, WhatMustGoFirstHasToStandInThePlan) {
  decide_.grace = absl::ZeroDuration();
  look_ = View(4, 5,
               {Own(2, 2, absl::Minutes(1)), Own(3, 3, absl::Minutes(1)),
                Own(4, 4, absl::Minutes(1)), Own(5, 5, absl::Minutes(1))});
  EXPECT_EQ(Play("ok records 1 2 viewed records 4 5 ok"),
            "check, read, look, read, revoke 1, end; incomplete (other runs "
            "have left so many generations that some must end first, which "
            "this plan did not name; apply again): revoked generation 1 "
            "(00000001)");
}

TEST_F(RotationTest, Finish) {
  change_.action = Action::kFinish;
  decide_.rotate = false;
  const TokenView view = View(2, 2, {Own(2, 2, kDay), Own(3, 3, kDay)});
  planned_ = view.records;
  change_.decision = Decide(decide_, view, kNow);
  EXPECT_EQ(Play("records 2 2 ok ok"),
            "read, retire 1, revoke 3, end; done: retired generation 1 "
            "(00000001): it ends 2027-01-16 08:00 UTC; revoked generation 3 "
            "(00000003)");
  // The records moved, and what they hold now was to end.
  look_ = View(3, 3, {Own(2, 2, kDay), Own(3, 3, kDay)});
  EXPECT_EQ(Play("records 3 3 viewed ok"),
            "read, look, retire 1, end; done: found it done by another run; "
            "retired generation 1 (00000001): it ends 2027-01-16 08:00 UTC | "
            "left: end generation 2 (00000002), which this plan did not name");
  EXPECT_EQ(Play("records 3 3 view 1 0"),
            "read, look, end; failed (what the sinks hold has changed since "
            "the plan; plan again)");
}

TEST_F(RotationTest, Revoke) {
  change_.action = Action::kRevoke;
  change_.decision = Decision();
  change_.revoke = {{Id(1), 1, Reason::kUndeclared, std::nullopt, kNow},
                    {Id(5), 0, Reason::kUnmanaged, std::nullopt, kNow}};
  EXPECT_EQ(Play("ok ok"),
            "revoke 1, revoke 0, end; done: revoked generation 1 (00000001); "
            "revoked token 00000005");
  EXPECT_EQ(Play("ok! "),
            "revoke 1, end; incomplete (interrupted): revoked generation 1 "
            "(00000001) | left: end token 00000005");
  EXPECT_EQ(Play("failed"),
            "revoke 1, end; failed (refused) | left: end generation 1 "
            "(00000001); end token 00000005");
}

// A dead secret goes when its token has ended, and not before.
TEST_F(RotationTest, RevokeAndRemove) {
  Change change;
  change.action = Action::kRevoke;
  change.name = "old";
  change.revoke.push_back(
      EndNow(Token(1, "old", 10 * kDay), 1, Reason::kUndeclared));
  change.remove = {{PlaceOf("main:old"), Id(1), "v1"},
                   {PlaceOf("other:old"), Id(1), "v2"}};
  const auto run = [&](std::vector<Event::Kind> answers, bool stop_last) {
    Rotation rotation(change, decide_, {});
    std::string text;
    Event event;
    event.now = kNow;
    for (size_t i = 0;; ++i) {
      const Effect effect = rotation.Step(event);
      if (effect.kind == Effect::Kind::kDone) break;
      absl::StrAppend(&text, effect.kind == Effect::Kind::kRevoke
                                 ? "revoke; "
                                 : absl::StrCat("remove ", effect.place, "; "));
      event.kind = answers[i];
      event.status = event.kind == Event::Kind::kFailed
                         ? absl::UnavailableError("no disk")
                         : absl::OkStatus();
      event.stop = stop_last && i + 1 == answers.size();
    }
    const Outcome& outcome = rotation.outcome();
    return absl::StrCat(text, Word(outcome.kind), " | ",
                        absl::StrJoin(outcome.done, "; "), " | ",
                        absl::StrJoin(outcome.left, "; "));
  };
  using Kind = Event::Kind;
  const std::string revoked = "revoked " + Which(1, Id(1));
  EXPECT_EQ(run({Kind::kOk, Kind::kOk, Kind::kOk}, false),
            "revoke; remove 0; remove 1; done | " + revoked +
                "; removed its secret from main:old; removed its secret from "
                "other:old | ");
  EXPECT_EQ(run({Kind::kGone, Kind::kGone, Kind::kConflict}, false),
            "revoke; remove 0; remove 1; done | found " + Which(1, Id(1)) +
                " gone already; left other:old as it is: it was changed "
                "meanwhile | ");
  EXPECT_EQ(run({Kind::kFailed}, false),
            "revoke; failed |  | end " + Which(1, Id(1)));
  EXPECT_EQ(run({Kind::kOk, Kind::kFailed}, false),
            "revoke; remove 0; incomplete | " + revoked +
                " | remove the dead secret from main:old; remove the dead "
                "secret from other:old");
  EXPECT_EQ(run({Kind::kOk}, true),
            "revoke; incomplete | " + revoked +
                " | remove the dead secret from main:old; remove the dead "
                "secret from other:old");
}

TEST_F(RotationTest, UpdateAndRelease) {
  change_.action = Action::kUpdate;
  change_.before.emplace();
  change_.before->id = Id(1);
  change_.after = change_.before;
  granted_ = Token(1, "ci", kDay);
  EXPECT_EQ(Play("updated"), "update, end; done: updated in place");
  EXPECT_EQ(Play("failed"), "update, end; failed (refused)");
  EXPECT_EQ(Play("lost lost"),
            "update, update, end; incomplete (the connection broke. If this "
            "service gives an updated token a new secret, its places hold a "
            "dead one: apply --rotate ci)");
  EXPECT_EQ(Play("gone"),
            "update, end; failed (the token is gone: somebody revoked it since "
            "the plan; plan again)");
  change_.after->valid_to = kNow + 29 * kDay + absl::Milliseconds(900);
  EXPECT_EQ(Play("updated"), "update, end; done: updated in place");
  change_.after->valid_to = kNow + 40 * kDay;
  EXPECT_EQ(Play("updated"),
            "update, end; incomplete (the service shortened the token's life: "
            "asked for 2027-02-24 08:00 UTC, granted 2027-02-13 08:00 UTC. A "
            "tenant policy limits it, counted from the token's creation; only "
            "a rotation extends it further): updated in place");
  change_.action = Action::kRelease;
  change_.after->valid_to.reset();
  EXPECT_EQ(Play("updated"), "update, end; done: took the mark off");
}

TEST_F(RotationTest, EqualStatesHaveEqualFingerprints) {
  Rotation a(change_, decide_, planned_), b(change_, decide_, planned_);
  Event event;
  event.now = kNow;
  EXPECT_EQ(a.Fingerprint(kNow), b.Fingerprint(kNow));
  a.Step(event);
  EXPECT_NE(a.Fingerprint(kNow), b.Fingerprint(kNow));
  b.Step(event);
  EXPECT_EQ(a.Fingerprint(kNow), b.Fingerprint(kNow));
  // A finished machine stays finished.
  event.kind = Event::Kind::kFailed;
  a.Step(event);
  EXPECT_EQ(a.Step(event).kind, Effect::Kind::kDone);
}

}  // namespace
}  // namespace patform
