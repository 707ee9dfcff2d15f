// What is in no table, what is in several organizations, what is held back.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/diff/diff.h"
#include "tests/engine/diff/diff_world.h"

namespace patform {
namespace {

using testing::Id;
using testing::kDay;
using testing::kNow;
using testing::Marked;
using testing::Token;

constexpr absl::Duration kYoung = absl::Minutes(5);

class UndeclaredTest : public testing::DiffWorld {
 protected:
  // Minted for places that this file does not name.
  void MintedForOthers(absl::Duration age) {
    ActualToken token = testing::OwnElsewhere(2, 1, age).token;
    token.display_name.replace(0, 2, "web");
    Exists({token});
  }
  // Minted for the places of "ci", under a name that is in no table.
  void MintedForCi(absl::Duration age) {
    ActualToken token = Marked(2, "web", 2, age);
    token.display_name = DisplayName(
        "web", {"w", 2,
                NonceFor(testing::Nonce(2),
                         PlacesPrint(desired_, desired_.tokens[0].deliver))});
    Exists({token});
  }
};

TEST_F(UndeclaredTest, OfThisWorkspace) {
  ExpectEach({
      {"old", [&] { Exists({Marked(2, "web", 1, 10 * kDay)}); },
       "- token.web revoke undeclared revokes 1\n"
       "unchanged 1\n"
       "for 13d"},
      {"young, for places that are nobody's here",
       [&] { MintedForOthers(kYoung); },
       "- token.web revoke undeclared revokes 1\n"
       "unchanged 1\n"
       "for 13d"},
      {"young, for places of this file", [&] { MintedForCi(kYoung); },
       "note token.web: generation 2 (00000002) is in flight: minted "
       "2027-01-15 07:55 UTC for places of this configuration, under a name "
       "that is in no table of it, and delivered nowhere yet. A run with "
       "another version of the file may still be at work on it; if none is, an "
       "apply 30m later revokes it\n"
       "unchanged 1\n"
       "for 25m"},
      {"at the fence", [&] { MintedForCi(kAgeFence); },
       "note token.web: generation 2 (00000002) is in flight: minted "
       "2027-01-15 07:30 UTC for places of this configuration, under a name "
       "that is in no table of it, and delivered nowhere yet. A run with "
       "another version of the file may still be at work on it; if none is, an "
       "apply 30m later revokes it\n"
       "unchanged 1\n"
       "for 0s"},
      {"a second older", [&] { MintedForCi(kAgeFence + absl::Seconds(1)); },
       "- token.web revoke undeclared revokes 2\n"
       "unchanged 1\n"
       "for 13d"},
      {"young, and beside it an old one",
       [&] {
         MintedForCi(kYoung);
         Exists({Marked(3, "web", 1, 10 * kDay)});
       },
       "- token.web revoke undeclared revokes 1\n"
       "note token.web: generation 2 (00000002) is in flight: minted "
       "2027-01-15 07:55 UTC for places of this configuration, under a name "
       "that is in no table of it, and delivered nowhere yet. A run with "
       "another version of the file may still be at work on it; if none is, an "
       "apply 30m later revokes it\n"
       "unchanged 1\n"
       "for 25m"},
      {"its own expiry is the service's",
       [&] {
         Exists({Marked(2, "web", 1, 10 * kDay)});
         Existing(2).state = TokenState::kExpired;
       },
       "unchanged 1\n"
       "for 13d"},
      {"a copy of the mark in service",
       [&] {
         ActualToken copy = Existing(1);
         copy.id = Id(9);
         copy.valid_from = kNow;
         copy.display_name.replace(0, 2, "web");
         Exists({copy});
       },
       "note token.web: token 00000009 \"web ~pf:w#1.nonce0000001sruw\" "
       "carries "
       "a copied mark; patform did not mint it and leaves it alone\n"
       "unchanged 1\n"
       "for 13d"},
      {"of another workspace",
       [&] { Exists({Token(2, "web ~pf:v#1." + testing::Nonce(2), kDay)}); },
       "unchanged 1\n"
       "for 13d"},
      {"what a table was called before, and another table is now",
       [&] {
         Declare("web", {}).ensure = Ensure::kAbsent;
         Exists({Marked(2, "old", 1, 10 * kDay)});
         desired_.tokens[1].renamed_from = "old";
       },
       "- token.web revoke declared_absent revokes 1\n"
       "unchanged 1\n"
       "for 13d"},
      {"a place of this file serves it",
       [&] {
         Declare("app", {"main:app"});
         Exists({Marked(2, "web", 1, 10 * kDay)});
         Holds("main:app", 2, 1, "web");
       },
       "+ token.app create record_not_ours gen 2 [display_name valid_to]\n"
       "- token.web revoke undeclared revokes 1\n"
       "unchanged 1\n"
       "for 13d"},
      {"… and gets nothing else, for it is of another workspace",
       [&] {
         Declare("app", {"main:app"});
         Exists({Marked(2, "web", 1, 10 * kDay)});
         Holds("main:app", 2, 1, "web");
         Record("main:app").record->workspace = "v";
       },
       "? token.app: the record at main:app is of workspace \"v\", this "
       "configuration is \"w\"; the place belongs to another setup or was "
       "copied from one: deliver elsewhere, or remove it\n"
       "? token.web: main:app still holds the secret of token 00000002; it is "
       "revoked once another one is there\n"
       "unchanged 1\n"
       "for 13d"},
      {"two names, a place that holds one of them back",
       [&] {
         Exists({Marked(2, "web", 1, 10 * kDay), Marked(3, "api", 1, kDay)});
         Holds("main:old", 2, 1, "web");
       },
       "- token.api revoke undeclared revokes 1\n"
       "? token.web: main:old still holds the secret of token 00000002; it is "
       "revoked once another one is there\n"
       "unchanged 1\n"
       "for 13d"},
      {"two generations, two places: the first address is told",
       [&] {
         Exists({Marked(2, "web", 1, 10 * kDay), Marked(3, "web", 2, kDay)});
         Holds("z:web", 2, 1, "web");
         Holds("a:web", 3, 2, "web");
       },
       "? token.web: a:web still holds the secret of token 00000003; it is "
       "revoked once another one is there\n"
       "unchanged 1\n"
       "for 13d"},
      {"one of two generations is served: neither ends",
       [&] {
         Exists({Marked(2, "web", 1, 10 * kDay), Marked(3, "web", 2, kDay)});
         Holds("z:web", 3, 2, "web");
       },
       "? token.web: z:web still holds the secret of token 00000003; it is "
       "revoked once another one is there\n"
       "unchanged 1\n"
       "for 13d"},
      {"an unread place comes before the one that serves it",
       [&] {
         Exists({Marked(2, "web", 1, 10 * kDay)});
         Holds("z:web", 2, 1, "web");
         Unread("a:web");
       },
       "? token.web: no token is revoked that a sink may serve, and what a:web "
       "holds could not be read: no answer\n"
       "unchanged 1\n"
       "for 13d"},
      {"an unread place comes after it",
       [&] {
         Exists({Marked(2, "web", 1, 10 * kDay)});
         Holds("a:web", 2, 1, "web");
         Unread("z:web");
       },
       "? token.web: a:web still holds the secret of token 00000002; it is "
       "revoked once another one is there\n"
       "unchanged 1\n"
       "for 13d"},
      {"nothing is known to be old, and it was never for this file",
       [&] {
         actual_.clock_ahead.reset();
         MintedForOthers(10 * kDay);
       },
       "- token.web revoke undeclared revokes 1\n"
       "unchanged 1\n"
       "for 13d"},
      {"nothing is known to be old, and it was for this file",
       [&] {
         actual_.clock_ahead.reset();
         MintedForCi(10 * kDay);
       },
       "note token.web: generation 2 (00000002) is in flight: minted "
       "2027-01-05 08:00 UTC for places of this configuration, under a name "
       "that is in no table of it, and delivered nowhere yet. A run with "
       "another version of the file may still be at work on it; if none is, an "
       "apply revokes it once the service dates its answers: they carry no "
       "Date, so nothing is known to be old\n"
       "unchanged 1\n"
       "for 13d"},
  });
}

TEST_F(UndeclaredTest, OfNobody) {
  const auto revoke = [&] { desired_.policy.unmanaged = Unmanaged::kRevoke; };
  const auto ignore = [&] { desired_.policy.unmanaged = Unmanaged::kIgnore; };
  const auto deny = [&] { desired_.policy.unmanaged = Unmanaged::kDeny; };
  const auto except = [&](std::vector<std::string> patterns) {
    desired_.policy.unmanaged_except = std::move(patterns);
  };
  ExpectEach(
      {
          {"reported", [] {},
           "unmanaged alpha\n"
           "unmanaged beta\n"
           "unchanged 1\n"
           "for 13d"},
          {"denied: a rule's business, reported here", deny,
           "unmanaged alpha\n"
           "unmanaged beta\n"
           "unchanged 1\n"
           "for 13d"},
          {"ignored", ignore,
           "excepted 2\n"
           "unchanged 1\n"
           "for 13d"},
          {"revoked", revoke,
           "- token.alpha revoke unmanaged revokes 0\n"
           "- token.beta revoke unmanaged revokes 0\n"
           "unchanged 1\n"
           "for 13d"},
          {"reported, but for some", [&] { except({"a*"}); },
           "unmanaged beta\n"
           "excepted 1\n"
           "unchanged 1\n"
           "for 13d"},
          {"revoked, but for some",
           [&] {
             revoke();
             except({"a*", "nobody"});
           },
           "- token.beta revoke unmanaged revokes 0\n"
           "excepted 1\n"
           "unchanged 1\n"
           "for 13d"},
          {"revoked, but for all",
           [&] {
             revoke();
             except({"*"});
           },
           "excepted 2\n"
           "unchanged 1\n"
           "for 13d"},
          {"ignored, and some excepted",
           [&] {
             ignore();
             except({"a*"});
           },
           "excepted 2\n"
           "unchanged 1\n"
           "for 13d"},
          {"a pattern is of the whole name",
           [&] {
             except({"lph", "alph"});
           },
           "unmanaged alpha\n"
           "unmanaged beta\n"
           "unchanged 1\n"
           "for 13d"},
          {"the next to end",
           [&] { Existing(5).valid_to = kNow + absl::Seconds(1); },
           "unmanaged alpha\n"
           "unmanaged beta\n"
           "unchanged 1\n"
           "for 1s"},
          {"expired ones are no matter",
           [&] {
             revoke();
             Existing(5).state = TokenState::kExpired;
             Existing(6).state = TokenState::kRevoked;
           },
           "unchanged 1\n"
           "for 13d"},
          {"the name of a table",
           [&] {
             revoke();
             Declare("alpha", {});
           },
           "- token.beta revoke unmanaged revokes 0\n"
           "unchanged 2\n"
           "for 13d"},
          {"what a table was called before",
           [&] {
             revoke();
             Declare("omega", {}).renamed_from = "alpha";
           },
           "~ token.omega update renamed {display_name: alpha → omega}\n"
           "- token.beta revoke unmanaged revokes 0\n"
           "unchanged 1\n"
           "for 13d"},
          {"the name of a table of another organization",
           [&] {
             revoke();
             Declare("alpha", {}).organization = "fabrikam";
           },
           "- token.alpha revoke unmanaged revokes 0\n"
           "- token.beta revoke unmanaged revokes 0\n"
           "? fabrikam/token.alpha: the tokens of fabrikam could not be "
           "listed\n"
           "unchanged 1\n"
           "for 13d"},
          {"a place serves it",
           [&] {
             revoke();
             Holds("main:x", 5, 1, "x");
           },
           "- token.alpha revoke unmanaged revokes 0\n"
           "? token.beta: main:x still holds the secret of token 00000005; it "
           "is revoked once another one is there\n"
           "unchanged 1\n"
           "for 13d"},
          {"a place cannot be read",
           [&] {
             revoke();
             Unread("main:x");
           },
           "? token.alpha: no token is revoked that a sink may serve, and what "
           "main:x holds could not be read: no answer\n"
           "? token.beta: no token is revoked that a sink may serve, and what "
           "main:x holds could not be read: no answer\n"
           "unchanged 1\n"
           "for 13d"},
          {"one name twice, by id",
           [&] {
             revoke();
             Existing(6).display_name = "beta";
             Existing(5).display_name = "beta";
           },
           "- token.beta revoke unmanaged revokes 0\n"
           "- token.beta revoke unmanaged revokes 0\n"
           "unchanged 1\n"
           "for 13d"},
      },
      [&] {
        Exists({Token(5, "beta", kDay), Token(6, "alpha", kDay)});
      });
}

TEST_F(UndeclaredTest, Organizations) {
  ExpectEach({
      {"one that was not asked for: of no interest",
       [&] {
         DesiredToken& token = Declare("ci", {"main:f"});
         token.organization = "fabrikam";
       },
       "? fabrikam/token.ci: the tokens of fabrikam could not be listed\n"
       "unchanged 1\n"
       "for 13d"},
      {"one that could not be listed",
       [&] {
         Declare("ci", {"main:f"}).organization = "fabrikam";
         actual_.unread["fabrikam"] = absl::PermissionDeniedError("HTTP 403");
       },
       "? fabrikam/token.ci: the tokens of fabrikam could not be listed: HTTP "
       "403\n"
       "unchanged 1\n"
       "for 13d"},
      {"… not even where nothing would be done",
       [&] {
         ci().organization = "fabrikam";
         ci().ensure = Ensure::kReleased;
         actual_.unread["fabrikam"] = absl::PermissionDeniedError("HTTP 403");
         actual_.organizations.clear();
       },
       "? fabrikam/token.ci: the tokens of fabrikam could not be listed: HTTP "
       "403"},
      {"what it records is not ended elsewhere",
       [&] {
         Exists({Marked(2, "web", 1, 10 * kDay)});
         Declare("app", {"main:f"}).organization = "fabrikam";
         Holds("main:f", 2, 1, "web");
       },
       "? fabrikam/token.app: the tokens of fabrikam could not be listed\n"
       "? token.web: main:f still holds the secret of token 00000002; it is "
       "revoked once another one is there\n"
       "unchanged 1\n"
       "for 13d"},
      {"one name in both",
       [&] {
         Declare("ci", {"main:f"}).organization = "fabrikam";
         Exists({}, "fabrikam");
       },
       "+ fabrikam/token.ci create not_found gen 1\n"
       "unchanged 1\n"
       "for 13d"},
      {"one name in both, rotated by name: both",
       [&] {
         Declare("ci", {"main:f"}).organization = "fabrikam";
         Exists({Marked(2, "ci", 1, kDay)}, "fabrikam");
         Holds("main:f", 2, 1);
         Record("main:f").record->organization = "fabrikam";
         options_.rotate = {"ci"};
       },
       "+/- token.ci rotate requested gen 2 retires 1 [valid_to]\n"
       "+/- fabrikam/token.ci rotate requested gen 2 retires 1 [valid_to]"},
      {"one name in both, rotated by address: one",
       [&] {
         Declare("ci", {"main:f"}).organization = "fabrikam";
         Exists({Marked(2, "ci", 1, kDay)}, "fabrikam");
         Holds("main:f", 2, 1);
         Record("main:f").record->organization = "fabrikam";
         options_.rotate = {"fabrikam/token.ci"};
       },
       "+/- fabrikam/token.ci rotate requested gen 2 retires 1 [valid_to]\n"
       "unchanged 1\n"
       "for 13d"},
      {"the mark in service was copied into another one",
       [&] {
         ActualToken copy = Existing(1);
         copy.id = Id(9);
         copy.valid_from = kNow;
         Exists({copy}, "fabrikam");
       },
       "note fabrikam/token.ci: token 00000009 \"ci ~pf:w#1.nonce0000001sruw\" "
       "carries a copied mark; patform did not mint it and leaves it alone\n"
       "unchanged 1\n"
       "for 13d"},
      {"it was copied from there",
       [&] {
         ActualToken first = Existing(1);
         first.id = Id(9);
         first.valid_from = kNow - 11 * kDay;
         Exists({first}, "fabrikam");
       },
       "+ token.ci create record_not_ours gen 2 [valid_to]\n"
       "- fabrikam/token.ci revoke undeclared revokes 1\n"
       "note token.ci: token 00000001 \"ci ~pf:w#1.nonce0000001sruw\" carries "
       "a copied mark; patform did not mint it and leaves it alone\n"
       "for 20d"},
      {"undeclared in another one",
       [&] { Exists({Marked(2, "web", 1, kDay)}, "fabrikam"); },
       "- fabrikam/token.web revoke undeclared revokes 1\n"
       "unchanged 1\n"
       "for 13d"},
      {"nobody's in another one",
       [&] { Exists({Token(2, "hand", kDay)}, "fabrikam"); },
       "unmanaged hand\n"
       "unchanged 1\n"
       "for 13d"},
      {"a list that tells too little",
       [&] {
         actual_.untold["fabrikam"] = 1;
         actual_.untold["contoso"] = 2;
       },
       "note contoso: its list contains 2 more tokens that cannot yet be "
       "attributed to this organization; patform leaves them alone\n"
       "note fabrikam: its list contains 1 more token that cannot yet be "
       "attributed to this organization; patform leaves them alone\n"
       "unchanged 1\n"
       "for 13d"},
  });
}

TEST_F(UndeclaredTest, Clocks) {
  const auto ahead = [&](absl::Duration by) {
    return [this, by] { actual_.clock_ahead = by; };
  };
  ExpectEach({
      {"as far apart as nobody minds", ahead(kClockWarning),
       "unchanged 1\n"
       "for 13d"},
      {"the same, the other way", ahead(-kClockWarning),
       "unchanged 1\n"
       "for 13d"},
      {"a second more", ahead(kClockWarning + absl::Seconds(1)),
       "note clock: this machine's clock is 5m 1s behind the service's. Ages, "
       "windows, graces and ends are reckoned by the service's clock; set this "
       "machine's\n"
       "unchanged 1\n"
       "for 13d"},
      {"a second more, the other way", ahead(-kClockWarning - absl::Seconds(1)),
       "note clock: this machine's clock is 5m 1s ahead of the service's. "
       "Ages, windows, graces and ends are reckoned by the service's clock; "
       "set this machine's\n"
       "unchanged 1\n"
       "for 13d"},
      {"not known", [&] { actual_.clock_ahead.reset(); },
       "unchanged 1\n"
       "for 13d"},
  });
}

// A revocation waits where its token may be in use, and only there.
TEST_F(UndeclaredTest, HeldBack) {
  const auto renamed_without_saying = [&] { ci().name = "web"; };
  ExpectEach(
      {
          {"the place gets another secret in this plan", [] {},
           "+ token.web create record_not_ours gen 2 [display_name valid_to]\n"
           "- token.ci revoke undeclared revokes 1"},
          {"it would, but waits itself",
           [&] {
             ci().deliver.push_back(PlaceOf("other:x"));
             Unread("other:x");
           },
           "? token.web: what other:x holds could not be read: no answer\n"
           "? token.ci: main:ci still holds the secret of token 00000001; it "
           "is revoked once another one is there\nfor 20d"},
          {"the new one is watched only", [&] { ci().deliver.clear(); },
           "? token.web: no live token named \"web\" exists, and without "
           "`deliver` patform cannot create it: its secret would have nowhere "
           "to go. Add `deliver`, or create the token in the portal\n"
           "? token.ci: main:ci still holds the secret of token 00000001; it "
           "is revoked once another one is there\nfor 20d"},
          {"the new one is released", [&] { ci().ensure = Ensure::kReleased; },
           "? token.ci: main:ci still holds the secret of token 00000001; it "
           "is revoked once another one is there\n"
           "unchanged 1\nfor 20d"},
          {"the new one is absent", [&] { ci().ensure = Ensure::kAbsent; },
           "? token.ci: main:ci still holds the secret of token 00000001; it "
           "is revoked once another one is there\n"
           "unchanged 1\nfor 20d"},
          {"it is served by another place, too",
           [&] { Holds("other:old", 1, 1); },
           "+ token.web create record_not_ours gen 2 [display_name valid_to]\n"
           "? token.ci: other:old still holds the secret of token 00000001; it "
           "is revoked once another one is there\nfor 20d"},
          {"what was read is all that there is",
           [&] {
             ci().deliver = {PlaceOf("other:x")};
             actual_.records.clear();
             Record("other:x") = HeldRecord::Absent();
           },
           "+ token.web create not_found gen 1\n"
           "- token.ci revoke undeclared revokes 1"},
          {"nobody's, revoked by the policy, served by the place",
           [&] {
             Existing(1).display_name = "hand";
             desired_.policy.unmanaged = Unmanaged::kRevoke;
             ci().deliver.clear();
           },
           "? token.web: no live token named \"web\" exists, and without "
           "`deliver` patform cannot create it: its secret would have nowhere "
           "to go. Add `deliver`, or create the token in the portal\n"
           "? token.hand: main:ci still holds the secret of token 00000001; it "
           "is revoked once another one is there\nfor 20d"},
          {"torn places serve one that nobody can name",
           [&] { HoldsAs("main:ci", HeldRecord::State::kTorn); },
           "+ token.web create sink_out_of_date gen 1\n"
           "- token.ci revoke undeclared revokes 1"},
          {"a silent one tells nothing",
           [&] {
             ci().deliver.push_back(PlaceOf("other:x"));
             HoldsAs("other:x", HeldRecord::State::kSilent);
           },
           "+ token.web create record_not_ours gen 2 [display_name valid_to]\n"
           "- token.ci revoke undeclared revokes 1"},
      },
      renamed_without_saying);
}

}  // namespace
}  // namespace patform
