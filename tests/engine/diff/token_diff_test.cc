// One declared token in the states that it, its places and its names can be in.
#include "engine/diff/token_diff.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/engine/diff/diff_world.h"

namespace patform {
namespace {

using testing::Id;
using testing::kDay;
using testing::kNow;
using testing::Marked;
using testing::Token;
using State = HeldRecord::State;

constexpr absl::Duration kYoung = absl::Minutes(5);

class TokenDiffTest : public testing::DiffWorld {
 protected:
  void Rename(const std::string& to) {
    ci().renamed_from = ci().name;
    ci().name = to;
  }
  // Another live token with the mark of `id`.
  void Copy(int id, int of) {
    ActualToken copy = Existing(of);
    copy.id = Id(id);
    copy.valid_from = kNow;
    Exists({copy});
  }
};

TEST_F(TokenDiffTest, WhatThePlacesHold) {
  ExpectEach({
      {"one more, which holds nothing",
       [&] {
         DeliverTo({"main:ci", "other:ci"});
         Record("other:ci") = HeldRecord::Absent();
       },
       "+/- token.ci rotate sink_out_of_date gen 2 retires 1 [valid_to]"},
      {"one more, which holds it already",
       [&] {
         DeliverTo({"main:ci", "other:ci"});
       },
       "unchanged 1\n"
       "for 13d"},
      {"one less",
       [&] {
         DeliverTo({"main:ci", "other:ci"});
         ci().deliver.pop_back();
         actual_.records.erase("other:ci");
       },
       "unchanged 1\n"
       "for 13d"},
      {"the other way round",
       [&] {
         DeliverTo({"other:ci", "main:ci"});
       },
       "unchanged 1\n"
       "for 13d"},
      {"a new one comes first",
       [&] {
         DeliverTo({"other:ci", "main:ci"});
         Record("other:ci") = HeldRecord::Absent();
       },
       "+/- token.ci rotate secret_not_in_sink gen 2 retires 1 [valid_to]"},
      {"another place",
       [&] {
         ci().deliver = {PlaceOf("other:ci")};
         actual_.records.clear();
         Record("other:ci") = HeldRecord::Absent();
       },
       "+/- token.ci rotate secret_not_in_sink gen 2 retires 1 [valid_to]"},
      {"another place, the old one is another token's now",
       [&] {
         ci().deliver = {PlaceOf("other:ci")};
         Record("other:ci") = HeldRecord::Absent();
         Declare("web", {"main:ci"});
       },
       "+/- token.ci rotate secret_not_in_sink gen 2 [valid_to]\n"
       "+ token.web create record_not_ours gen 2 [display_name valid_to]"},
      {"two tokens trade places",
       [&] {
         Declare("web", {"main:web"});
         Exists({Marked(2, "web", 1, 10 * kDay)});
         Holds("main:web", 2, 1, "web");
         std::swap(desired_.tokens[0].deliver, desired_.tokens[1].deliver);
       },
       "+/- token.ci rotate record_not_ours gen 2 [valid_to]\n"
       "+/- token.web rotate record_not_ours gen 2 [valid_to]"},
      {"no place any more",
       [&] {
         ci().deliver.clear();
         actual_.records.clear();
       },
       "unchanged 1\n"
       "for 13d"},
      {"one was not read at all", [&] { actual_.records.clear(); },
       "? token.ci: what main:ci holds could not be read: was not read"},
      {"the second cannot be read",
       [&] {
         DeliverTo({"main:ci", "other:ci"});
         Unread("other:ci");
       },
       "? token.ci: what other:ci holds could not be read: no answer"},
      {"neither can: the first one is told",
       [&] {
         DeliverTo({"main:ci", "other:ci"});
         Unread("other:ci");
         Unread("main:ci");
       },
       "? token.ci: what main:ci holds could not be read: no answer"},
      {"a place of another token cannot be read",
       [&] {
         Declare("web", {"main:web"});
         Unread("main:web");
       },
       "? token.web: what main:web holds could not be read: no answer\n"
       "unchanged 1\n"
       "for 13d"},
      {"… and what is to end here has a successor in service",
       [&] {
         Exists({Marked(2, "ci", 2, kDay)});
         Holds("main:ci", 2, 2);
         Declare("web", {"main:web"});
         Unread("main:web");
       },
       "» token.ci finish superseded retires 1\n"
       "? token.web: what main:web holds could not be read: no answer\n"
       "for 22d"},
      {"… and nothing is in service here: it may serve what lives",
       [&] {
         Record("main:ci") = HeldRecord::Absent();
         Declare("web", {"main:web"});
         Unread("main:web");
       },
       "+/- token.ci rotate secret_not_in_sink gen 2 [valid_to]\n"
       "? token.web: what main:web holds could not be read: no answer"},
      {"torn", [&] { HoldsAs("main:ci", State::kTorn); },
       "+/- token.ci rotate sink_out_of_date gen 2 retires 1 [valid_to]"},
      {"the second one is torn",
       [&] {
         DeliverTo({"main:ci", "other:ci"});
         HoldsAs("other:ci", State::kTorn);
       },
       "+/- token.ci rotate sink_out_of_date gen 2 retires 1 [valid_to]"},
      {"torn, and nothing of ours lives",
       [&] {
         Empty();
         HoldsAs("main:ci", State::kTorn);
       },
       "+ token.ci create sink_out_of_date gen 1"},
      {"silent", [&] { HoldsAs("main:ci", State::kSilent); },
       "? token.ci: main:ci keeps no record of what it holds, so it cannot be "
       "the first place in `deliver`"},
      {"the second one is silent",
       [&] {
         DeliverTo({"main:ci", "other:ci"});
         HoldsAs("other:ci", State::kSilent);
       },
       "unchanged 1\n"
       "for 13d"},
      {"the second one is silent, and a run has just made one",
       [&] {
         DeliverTo({"main:ci", "other:ci"});
         HoldsAs("other:ci", State::kSilent);
         Exists({Marked(2, "ci", 2, kYoung)});
       },
       "note token.ci: generation 2 (00000002) is in flight: minted 2027-01-15 "
       "07:55 UTC and delivered nowhere yet. A run may still be working on it; "
       "if none is, an apply after 2027-01-15 08:25 UTC ends it\n"
       "unchanged 1\n"
       "for 25m 1s"},
      {"… and a rotation is asked for",
       [&] {
         DeliverTo({"main:ci", "other:ci"});
         HoldsAs("other:ci", State::kSilent);
         Exists({Marked(2, "ci", 2, kYoung)});
         options_.rotate = {"ci"};
       },
       "? token.ci waits: a token of ci was minted in the last 30m and not "
       "delivered everywhere, and one of its places keeps no record: another "
       "run may still write there. Wait and apply again"},
      {"… long ago",
       [&] {
         DeliverTo({"main:ci", "other:ci"});
         HoldsAs("other:ci", State::kSilent);
         Exists({Marked(2, "ci", 2, kDay)});
       },
       "+/- token.ci rotate sink_out_of_date gen 3 retires 1 retires 2 "
       "[valid_to]"},
      {"somebody else's value", [&] { HoldsAs("main:ci", State::kForeign); },
       "? token.ci: main:ci holds a value that patform did not write; move it "
       "away, or set `adopt = true` in its `deliver` entry to let patform "
       "replace it"},
      {"… that may be taken over",
       [&] {
         HoldsAs("main:ci", State::kForeign);
         ci().deliver[0].adopt = true;
       },
       "+/- token.ci rotate secret_not_in_sink gen 2 retires 1 [valid_to]"},
      {"of another workspace",
       [&] { Record("main:ci").record->workspace = "v"; },
       "? token.ci: the record at main:ci is of workspace \"v\", this "
       "configuration is \"w\"; the place belongs to another setup or was "
       "copied from one: deliver elsewhere, or remove it"},
      {"of another organization",
       [&] { Record("main:ci").record->organization = "fabrikam"; },
       "? token.ci: the record at main:ci is of organization \"fabrikam\", "
       "this configuration is \"contoso\"; the place belongs to another setup "
       "or was copied from one: deliver elsewhere, or remove it"},
      {"a copy of another place",
       [&] { Record("main:ci").record->address = "main:x"; },
       "? token.ci: the record at main:ci is of the place \"main:x\", this "
       "configuration is \"main:ci\"; the place belongs to another setup or "
       "was copied from one: deliver elsewhere, or remove it"},
      {"of another user", [&] { Record("main:ci").record->user_oid = "oid-2"; },
       "? token.ci: the record at main:ci is of user \"oid-2\", this "
       "configuration is \"oid-1\"; the place belongs to another setup or was "
       "copied from one: deliver elsewhere, or remove it"},
      {"of a user, and who is signed in is not known",
       [&] {
         Record("main:ci").record->user_oid = "oid-2";
         actual_.user_oid.clear();
       },
       "unchanged 1\n"
       "for 13d"},
  });
}

TEST_F(TokenDiffTest, WhatLivesBesideIt) {
  ExpectEach({
      {"an orphan at the fence",
       [&] { Exists({Marked(2, "ci", 2, kAgeFence)}); },
       "note token.ci: generation 2 (00000002) is in flight: minted 2027-01-15 "
       "07:30 UTC and delivered nowhere yet. A run may still be working on it; "
       "if none is, an apply after 2027-01-15 08:00 UTC ends it\n"
       "unchanged 1\n"
       "for 1s"},
      {"a second older",
       [&] { Exists({Marked(2, "ci", 2, kAgeFence + absl::Seconds(1))}); },
       "» token.ci finish orphan revokes 2\n"
       "for 13d"},
      {"an orphan, and an edit",
       [&] {
         Exists({Marked(2, "ci", 2, kDay)});
         ci().all_organizations = true;
       },
       "~ token.ci update all_organizations_changed {valid_in: this "
       "organization → all organizations}\n"
       "» token.ci finish orphan revokes 2\n"
       "for 13d"},
      {"an orphan, and it is due",
       [&] {
         Exists({Marked(2, "ci", 2, kDay)});
         now_ = kNow + 13 * kDay;
       },
       "+/- token.ci rotate in_rotation_window gen 3 retires 1 revokes 2 "
       "[valid_to]"},
      {"superseded, within its grace",
       [&] {
         Exists({Marked(2, "ci", 2, kDay)});
         Existing(1).valid_to = kNow + kDay;
         Holds("main:ci", 2, 2);
       },
       "unchanged 1\n"
       "for 22d"},
      {"superseded, two seconds beyond it",
       [&] {
         Exists({Marked(2, "ci", 2, kDay)});
         Existing(1).valid_to = kNow + kDay + absl::Seconds(2);
         Holds("main:ci", 2, 2);
       },
       "» token.ci finish superseded retires 1\n"
       "for 22d"},
      {"superseded, and no grace",
       [&] {
         Exists({Marked(2, "ci", 2, kDay)});
         Holds("main:ci", 2, 2);
         ci().grace = absl::ZeroDuration();
       },
       "» token.ci finish superseded revokes 1\n"
       "for 22d"},
      {"superseded, and another place serves it",
       [&] {
         Exists({Marked(2, "ci", 2, kDay)});
         Holds("main:ci", 2, 2);
         Declare("web", {"main:web"});
         Holds("main:web", 1, 1);
       },
       "+ token.web create record_not_ours gen 2 [display_name valid_to]\n"
       "unchanged 1\n"
       "for 22d"},
      {"a copy of its mark", [&] { Copy(9, 1); },
       "note token.ci: token 00000009 \"ci ~pf:w#1.nonce0000001sruw\" carries "
       "a copied mark; patform did not mint it and leaves it alone\n"
       "unchanged 1\n"
       "for 13d"},
      {"a copy ended, and the first one is in service",
       [&] {
         Copy(9, 1);
         Existing(9).state = TokenState::kRevoked;
       },
       "unchanged 1\n"
       "for 13d"},
      {"the first one ended, and the record names its copy",
       [&] {
         Copy(9, 1);
         Existing(1).state = TokenState::kRevoked;
         Holds("main:ci", 9, 1);
       },
       "+ token.ci create record_not_ours gen 2 [valid_to]\n"
       "note token.ci: token 00000009 \"ci ~pf:w#1.nonce0000001sruw\" carries "
       "a copied mark; patform did not mint it and leaves it alone\n"
       "for 20d"},
      {"in another workspace",
       [&] {
         Existing(1).display_name =
             DisplayName("ci", {"v", 1, testing::Nonce(1)});
       },
       "+ token.ci create record_not_ours gen 2 [valid_to]"},
      {"an unmarked one that ends tomorrow",
       [&] { Exists({Token(5, "ci", 29 * kDay)}); },
       "note token.ci: an unmarked token of this name exists too (00000005); "
       "patform did not make it and leaves it alone. If this one is to take "
       "its place: replaces = [\"00000005-0000-4000-8000-000000000000\"]\n"
       "unchanged 1\n"
       "for 1d"},
      {"nothing is known to be old",
       [&] {
         actual_.clock_ahead.reset();
         Exists({Marked(2, "ci", 2, kDay)});
       },
       "note token.ci: generation 2 (00000002) is in flight: minted 2027-01-14 "
       "08:00 UTC and delivered nowhere yet. A run may still be working on it; "
       "if none is, an apply ends it once the service dates its answers: they "
       "carry no Date, so nothing is known to be old\n"
       "unchanged 1\n"
       "for 13d"},
      {"recorded, and it has expired",
       [&] { Existing(1).state = TokenState::kExpired; },
       "+ token.ci create expired gen 2 [valid_to]"},
      {"recorded, and the service does not list it",
       [&] { actual_.organizations["contoso"].tokens.clear(); },
       "+ token.ci create gone gen 2"},
      {"recorded, revoked, and another generation lives",
       [&] {
         Existing(1).state = TokenState::kRevoked;
         Exists({Marked(2, "ci", 2, kDay)});
       },
       "+/- token.ci rotate gone gen 3 revokes 2 [valid_to]"},
      {"the record is ahead of all that lives", [&] { Holds("main:ci", 7, 7); },
       "+/- token.ci rotate gone gen 8 retires 1 [valid_to]"},
  });
}

TEST_F(TokenDiffTest, Absent) {
  ExpectEach(
      {
          {"ours", [] {}, "- token.ci revoke declared_absent revokes 1"},
          {"nothing lives", [&] { Empty(); }, "unchanged 1"},
          {"two generations and a young one",
           [&] {
             Exists({Marked(2, "ci", 2, kDay), Marked(3, "ci", 3, kYoung)});
           },
           "- token.ci revoke declared_absent revokes 1 revokes 2 revokes 3"},
          {"a copy is left alone", [&] { Copy(9, 1); },
           "- token.ci revoke declared_absent revokes 1\n"
           "note token.ci: token 00000009 \"ci ~pf:w#1.nonce0000001sruw\" "
           "carries a copied mark; patform did not mint it and leaves it "
           "alone\n"
           "for 20d"},
          {"only a copy lives",
           [&] {
             Copy(9, 1);
             Existing(1).state = TokenState::kRevoked;
           },
           "note token.ci: token 00000009 \"ci ~pf:w#1.nonce0000001sruw\" "
           "carries a copied mark; patform did not mint it and leaves it "
           "alone\n"
           "unchanged 1\n"
           "for 20d"},
          {"two unmarked ones",
           [&] {
             Empty();
             Exists({Token(5, "ci", kDay), Token(6, "ci", kDay)});
           },
           "? token.ci: 2 tokens bear the name \"ci\" and none carries this "
           "workspace's mark (00000005-0000-4000-8000-000000000000, "
           "00000006-0000-4000-8000-000000000000): patform cannot tell which "
           "one is meant; rename or revoke all but one in the portal\n"
           "for 29d"},
          {"of another workspace",
           [&] {
             Empty();
             Exists({Token(5, "ci ~pf:v#1." + testing::Nonce(5), kDay)});
           },
           "unchanged 1"},
          {"a place of another token serves it",
           [&] {
             Declare("web", {"main:web"});
             Holds("main:web", 1, 1);
           },
           "- token.ci revoke declared_absent revokes 1\n"
           "+ token.web create record_not_ours gen 2 [display_name valid_to]"},
          {"a place that gets another secret served it",
           [&] {
             Declare("web", {"main:ci"});
             Holds("main:ci", 1, 1);
           },
           "- token.ci revoke declared_absent revokes 1\n"
           "+ token.web create record_not_ours gen 2 [display_name valid_to]"},
          {"a place that no table names serves it",
           [&] { Holds("main:old", 1, 1); },
           "? token.ci: main:old still holds the secret of token 00000001; it "
           "is revoked once another one is there\nfor 20d"},
          {"a place that cannot be read does not hold it back",
           [&] {
             Declare("web", {"main:web"});
             Unread("main:web");
           },
           "- token.ci revoke declared_absent revokes 1\n"
           "? token.web: what main:web holds could not be read: no answer"},
          {"a rotation is asked for", [&] { options_.rotate = {"ci"}; },
           "- token.ci revoke declared_absent revokes 1"},
          {"what it was called before",
           [&] {
             ci().name = "web";
             ci().renamed_from = "ci";
           },
           "- token.web revoke declared_absent revokes 1"},
          {"what it names to replace stays",
           [&] {
             Exists({Token(5, "old", kDay)});
             ci().replaces = {Id(5)};
           },
           "- token.ci revoke declared_absent revokes 1"},
          {"it may not be revoked: a guard of the plan, not of the diff",
           [&] { ci().prevent_revoke = true; },
           "- token.ci revoke declared_absent revokes 1"},
      },
      [&] {
        ci().ensure = Ensure::kAbsent;
        ci().deliver.clear();
        actual_.records.clear();
      });
}

TEST_F(TokenDiffTest, Released) {
  ExpectEach(
      {
          {"ours", [] {},
           ". token.ci release declared_released {display_name: ci "
           "~pf:w#1.nonce0000001sruw → ci}"},
          {"nothing lives", [&] { Empty(); }, "unchanged 1"},
          {"released already", [&] { Existing(1).display_name = "ci"; },
           "unchanged 1\n"
           "for 20d"},
          {"every generation", [&] { Exists({Marked(2, "ci", 2, kDay)}); },
           ". token.ci release declared_released {display_name: ci "
           "~pf:w#1.nonce0000001sruw → ci}\n"
           ". token.ci release declared_released {display_name: ci "
           "~pf:w#2.nonce0000002sruw → ci}"},
          {"a copy of one of two",
           [&] {
             Exists({Marked(2, "ci", 2, kDay)});
             Copy(9, 2);
           },
           ". token.ci release declared_released {display_name: ci "
           "~pf:w#1.nonce0000001sruw → ci}\n"
           "? token.ci: token 00000002 cannot be released while another token "
           "carries a copy of its mark, which would then count as made by "
           "patform: rename or revoke the copy in the portal, then apply "
           "again\n"
           "note token.ci: token 00000009 \"ci ~pf:w#2.nonce0000002sruw\" "
           "carries a copied mark; patform did not mint it and leaves it "
           "alone\n"
           "for 29d"},
          {"a copy that has ended counts no more",
           [&] {
             Copy(9, 1);
             Existing(9).state = TokenState::kRevoked;
           },
           ". token.ci release declared_released {display_name: ci "
           "~pf:w#1.nonce0000001sruw → ci}"},
          {"in service: it lives on, so nothing is held back",
           [&] { Holds("main:ci", 1, 1); },
           ". token.ci release declared_released {display_name: ci "
           "~pf:w#1.nonce0000001sruw → ci}"},
          {"a rotation is asked for", [&] { options_.rotate = {"ci"}; },
           ". token.ci release declared_released {display_name: ci "
           "~pf:w#1.nonce0000001sruw → ci}"},
          {"its scopes are left as they are",
           [&] { ci().scopes = ScopeSet::Of({"vso.wiki"}); },
           ". token.ci release declared_released {display_name: ci "
           "~pf:w#1.nonce0000001sruw → ci}"},
          {"under the name that it has now", [&] { Rename("web"); },
           ". token.web release declared_released {display_name: ci "
           "~pf:w#1.nonce0000001sruw → web}"},
      },
      [&] {
        ci().ensure = Ensure::kReleased;
        ci().deliver.clear();
        actual_.records.clear();
      });
}

TEST_F(TokenDiffTest, Renamed) {
  ExpectEach({
      {"in service", [&] { Rename("web"); },
       "~ token.web update renamed {display_name: ci → web}\n"
       "for 13d"},
      {"done already: the key may stay",
       [&] {
         Rename("web");
         Existing(1).display_name =
             DisplayName("web", {"w", 1, testing::Nonce(1)});
       },
       "unchanged 1\n"
       "for 13d"},
      {"both names live, the new one is in service",
       [&] {
         Rename("web");
         Exists({Marked(2, "web", 2, kDay)});
         Holds("main:ci", 2, 2, "web");
       },
       "» token.web finish superseded retires 1\n"
       "for 22d"},
      {"both names live, the old one is in service",
       [&] {
         Rename("web");
         Exists({Marked(2, "web", 2, kYoung)});
       },
       "~ token.web update renamed {display_name: ci → web}\n"
       "note token.web: generation 2 (00000002) is in flight: minted "
       "2027-01-15 07:55 UTC and delivered nowhere yet. A run may still be "
       "working on it; if none is, an apply after 2027-01-15 08:25 UTC ends "
       "it\n"
       "for 25m 1s"},
      {"due",
       [&] {
         Rename("web");
         now_ = kNow + 13 * kDay;
       },
       "+/- token.web rotate in_rotation_window gen 2 retires 1 [display_name "
       "valid_to]"},
      {"not in service",
       [&] {
         Rename("web");
         Record("main:ci") = HeldRecord::Absent();
       },
       "+/- token.web rotate secret_not_in_sink gen 2 retires 1 [display_name "
       "valid_to]"},
      {"the old name is another table's: nobody was renamed",
       [&] {
         Rename("web");
         ci().deliver = {PlaceOf("main:web")};
         Record("main:web") = HeldRecord::Absent();
         Declare("ci", {"main:ci"});
       },
       "+ token.web create not_found gen 1\n"
       "unchanged 1\n"
       "for 13d"},
      {"an unmarked one has the old name",
       [&] {
         Rename("web");
         Exists({Token(5, "ci", kDay)});
       },
       "~ token.web update renamed {display_name: ci → web}\n"
       "note token.web: an unmarked token of this name exists too (00000005); "
       "patform did not make it and leaves it alone. If this one is to take "
       "its place: replaces = [\"00000005-0000-4000-8000-000000000000\"]\n"
       "for 13d"},
      {"an unmarked one is all there is, and it has places",
       [&] {
         Empty();
         Rename("web");
         Exists({Token(5, "ci", kDay)});
       },
       "+ token.web create not_found gen 1\n"
       "note token.web: an unmarked token of this name exists too (00000005); "
       "patform did not make it and leaves it alone. If this one is to take "
       "its place: replaces = [\"00000005-0000-4000-8000-000000000000\"]\n"
       "for 29d"},
      {"… and it has none",
       [&] {
         Empty();
         Rename("web");
         ci().deliver.clear();
         Exists({Token(5, "ci", kDay)});
       },
       "~ token.web update renamed {display_name: ci → web}\n"
       "for 22d"},
      {"an unmarked one of each name, and no places",
       [&] {
         Empty();
         Rename("web");
         ci().deliver.clear();
         Exists({Token(5, "ci", kDay), Token(6, "web", kDay)});
       },
       "? token.web: 2 tokens bear the name \"web\" and none carries this "
       "workspace's mark (00000005-0000-4000-8000-000000000000, "
       "00000006-0000-4000-8000-000000000000): patform cannot tell which one "
       "is meant; rename or revoke all but one in the portal\n"
       "for 29d"},
      {"a name with the mark of another workspace",
       [&] {
         Empty();
         const std::string old = "x ~pf:v#1." + testing::Nonce(5);
         Exists({Token(5, old, kDay)});
         ci().name = "web";
         ci().renamed_from = old;
         ci().deliver.clear();
       },
       "? token.web: no live token named \"web\" exists, and without `deliver` "
       "patform cannot create it: its secret would have nowhere to go. Add "
       "`deliver`, or create the token in the portal"},
      {"nothing bears either name",
       [&] {
         Empty();
         Rename("web");
       },
       "+ token.web create not_found gen 1"},
      {"a rotation of the old name is no request",
       [&] {
         Rename("web");
         options_.rotate = {"ci"};
       },
       "~ token.web update renamed {display_name: ci → web}\n"
       "for 13d"},
      {"a rotation of the new one",
       [&] {
         Rename("web");
         options_.rotate = {"web"};
       },
       "+/- token.web rotate requested gen 2 retires 1 [display_name "
       "valid_to]"},
  });
}

TEST_F(TokenDiffTest, Replaces) {
  ExpectEach(
      {
          {"nobody's, and ci is in service", [] {},
           "» token.ci finish superseded retires 0\n"
           "for 13d"},
          {"… without a grace", [&] { ci().grace = absl::ZeroDuration(); },
           "» token.ci finish superseded revokes 0\n"
           "for 13d"},
          {"one that is gone", [&] { ci().replaces = {Id(77)}; },
           "unmanaged old\n"
           "unchanged 1\n"
           "for 13d"},
          {"one that was revoked",
           [&] { Existing(5).state = TokenState::kRevoked; },
           "unchanged 1\n"
           "for 13d"},
          {"one that ends with the grace",
           [&] { Existing(5).valid_to = kNow + kDay + absl::Seconds(1); },
           "unchanged 1\n"
           "for 13d"},
          {"one that ends a second later",
           [&] { Existing(5).valid_to = kNow + kDay + absl::Seconds(2); },
           "» token.ci finish superseded retires 0\n"
           "for 13d"},
          {"named twice",
           [&] {
             ci().replaces = {Id(5), Id(5)};
           },
           "» token.ci finish superseded retires 0 retires 0\n"
           "for 13d"},
          {"two, in the order of their ids",
           [&] {
             Exists({Token(6, "older", kDay)});
             ci().replaces = {Id(6), Id(5)};
           },
           "» token.ci finish superseded retires 0 retires 0\n"
           "for 13d"},
          {"the very token in service", [&] { ci().replaces = {Id(1)}; },
           "note token.ci: token 00000001 \"ci ~pf:w#1.nonce0000001sruw\" is "
           "not replaced: it carries a mark\n"
           "unmanaged old\n"
           "unchanged 1\n"
           "for 13d"},
          {"of another workspace",
           [&] { Existing(5).display_name = "x ~pf:v#1." + testing::Nonce(5); },
           "note token.ci: token 00000005 \"x ~pf:v#1.nonce0000005sruw\" is "
           "not replaced: it carries a mark\n"
           "unchanged 1\n"
           "for 13d"},
          {"declared by another table", [&] { Declare("old", {}); },
           "note token.ci: token 00000005 \"old\" is not replaced: token.old "
           "declares it\n"
           "unchanged 2\n"
           "for 13d"},
          {"what another table was called before",
           [&] { Declare("new", {}).renamed_from = "old"; },
           "~ token.new update renamed {display_name: old → new}\n"
           "note token.ci: token 00000005 \"old\" is not replaced: token.new "
           "declares it\n"
           "unchanged 1\n"
           "for 13d"},
          {"in this very table's name",
           [&] { Existing(5).display_name = "ci"; },
           "» token.ci finish superseded retires 0\n"
           "for 13d"},
          {"in the name that this table had before",
           [&] { ci().renamed_from = "old"; },
           "» token.ci finish superseded retires 0\n"
           "for 13d"},
          {"served by another place", [&] { Holds("main:x", 5, 1, "x"); },
           "note token.ci: token 00000005 \"old\" is not replaced: main:x "
           "serves it\n"
           "unchanged 1\n"
           "for 13d"},
          {"served by a place of ci: its record is of a stranger",
           [&] { Holds("main:ci", 5, 1); },
           "+/- token.ci rotate record_not_ours gen 2 retires 1 [valid_to]\n"
           "note token.ci: token 00000005 \"old\" is not replaced: main:ci "
           "serves it"},
          {"two tables name it",
           [&] { Declare("web", {"main:web"}).replaces = {Id(5)}; },
           "» token.ci finish superseded retires 0\n"
           "+ token.web create not_found gen 1 retires 0\n"
           "for 13d"},
          {"it waits for a rotation that is due",
           [&] { now_ = kNow + 13 * kDay; },
           "+/- token.ci rotate in_rotation_window gen 2 retires 1 retires 0 "
           "[valid_to]"},
          {"nothing is decided, so nothing ends", [&] { Unread("main:ci"); },
           "? token.ci: what main:ci holds could not be read: no answer"},
          {"in another organization",
           [&] {
             actual_.organizations["contoso"].tokens.pop_back();
             Exists({Token(5, "old", kDay)}, "fabrikam");
           },
           "unchanged 1\n"
           "for 13d"},
          {"the policy revokes what is nobody's: not this one",
           [&] { desired_.policy.unmanaged = Unmanaged::kRevoke; },
           "» token.ci finish superseded retires 0\n"
           "for 13d"},
          {"released: its successor is not in service",
           [&] {
             ci().ensure = Ensure::kReleased;
             desired_.policy.unmanaged = Unmanaged::kRevoke;
           },
           ". token.ci release declared_released {display_name: ci "
           "~pf:w#1.nonce0000001sruw → ci}"},
      },
      [&] {
        Exists({Token(5, "old", 10 * kDay)});
        ci().replaces = {Id(5)};
      });
}

TEST_F(TokenDiffTest, Requested) {
  ExpectEach({
      {"by name", [&] { options_.rotate = {"ci"}; },
       "+/- token.ci rotate requested gen 2 retires 1 [valid_to]"},
      {"by address", [&] { options_.rotate = {"token.ci"}; },
       "+/- token.ci rotate requested gen 2 retires 1 [valid_to]"},
      {"nobody's name",
       [&] {
         options_.rotate = {"cd", "token.cd"};
       },
       "unchanged 1\n"
       "for 13d"},
      {"another one's",
       [&] {
         Declare("web", {"main:web"});
         options_.rotate = {"web"};
       },
       "+ token.web create not_found gen 1\n"
       "unchanged 1\n"
       "for 13d"},
      {"with a scope that was edited",
       [&] {
         options_.rotate = {"ci"};
         ci().scopes = ScopeSet::Of({"vso.wiki"});
       },
       "+/- token.ci rotate requested gen 2 retires 1 [scopes valid_to]"},
      {"when it is due: it was asked for",
       [&] {
         options_.rotate = {"ci"};
         now_ = kNow + 13 * kDay;
       },
       "+/- token.ci rotate requested gen 2 retires 1 [valid_to]"},
      {"of one that is extended",
       [&] {
         options_.rotate = {"ci"};
         ci().renewal = Renewal::kExtend;
       },
       "+/- token.ci rotate requested gen 2 retires 1 [valid_to]"},
      {"of one whose date has a while to go",
       [&] {
         options_.rotate = {"ci"};
         ci().expires = kNow + 90 * kDay;
       },
       "+/- token.ci rotate requested gen 2 retires 1 [valid_to]"},
      {"of one that does not exist",
       [&] {
         Empty();
         options_.rotate = {"ci"};
       },
       "+ token.ci create not_found gen 1"},
      {"of one that is not in step anyway",
       [&] {
         Record("main:ci") = HeldRecord::Absent();
         options_.rotate = {"ci"};
       },
       "+/- token.ci rotate secret_not_in_sink gen 2 retires 1 [valid_to]"},
      {"beside a young one: the run that made it is overtaken",
       [&] {
         Exists({Marked(2, "ci", 2, kYoung)});
         options_.rotate = {"ci"};
       },
       "+/- token.ci rotate requested gen 3 retires 1 revokes 2 [valid_to]"},
      {"undecided",
       [&] {
         Unread("main:ci");
         options_.rotate = {"ci"};
       },
       "? token.ci: what main:ci holds could not be read: no answer"},
  });
}

TEST_F(TokenDiffTest, OthersAreAtWork) {
  const auto three_young = [&] {
    Exists({Marked(2, "ci", 2, kYoung), Marked(3, "ci", 3, kYoung),
            Marked(4, "ci", 4, kYoung)});
  };
  ExpectEach(
      {
          {"and nothing is to be made", [] {},
           "note token.ci: generation 2 (00000002) is in flight: minted "
           "2027-01-15 07:55 UTC and delivered nowhere yet. A run may still be "
           "working on it; if none is, an apply after 2027-01-15 08:25 UTC "
           "ends it\n"
           "note token.ci: generation 3 (00000003) is in flight: minted "
           "2027-01-15 07:55 UTC and delivered nowhere yet. A run may still be "
           "working on it; if none is, an apply after 2027-01-15 08:25 UTC "
           "ends it\n"
           "note token.ci: generation 4 (00000004) is in flight: minted "
           "2027-01-15 07:55 UTC and delivered nowhere yet. A run may still be "
           "working on it; if none is, an apply after 2027-01-15 08:25 UTC "
           "ends it\n"
           "unchanged 1\n"
           "for 25m 1s"},
          {"and a rotation is asked for", [&] { options_.rotate = {"ci"}; },
           "? token.ci waits: 3 tokens of ci were minted in the last 30m and "
           "none was delivered; other runs may be at work. Wait and apply "
           "again; what stays undelivered is then collected"},
          {"and it is due", [&] { ci().rotate_before.span = 21 * kDay; },
           "? token.ci waits: 3 tokens of ci were minted in the last 30m and "
           "none was delivered; other runs may be at work. Wait and apply "
           "again; what stays undelivered is then collected\n"
           "for 25m 1s"},
          {"and its life is over in a while",
           [&] { ci().lifetime = 17 * kDay; },
           "? token.ci waits: 3 tokens of ci were minted in the last 30m and "
           "none was delivered; other runs may be at work. Wait and apply "
           "again; what stays undelivered is then collected\n"
           "for 25m 1s"},
      },
      three_young);
}

}  // namespace
}  // namespace patform
