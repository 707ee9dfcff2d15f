// Several users in one organization: a list each, side by side, and nobody
// touches what is another's.
#include <gtest/gtest.h>

#include "tests/engine/diff/diff_world.h"

namespace patform {
namespace {

using testing::DiffWorld;
using testing::Held;
using testing::Id;
using testing::kDay;
using testing::Marked;

constexpr char kBot[] = "bot";

class IdentitiesTest : public DiffWorld {
 protected:
  IdentitiesTest() { AddBot(); }

  // [identity.bot], with a settled token "ci" of its own in main:bot.
  void AddBot() {
    desired_.identities.emplace_back().identity = kBot;
    actual_.users[kBot] = "oid-bot";
    Declare("ci", {"main:bot"}).identity = kBot;
    TokenList& listed = actual_.organizations[{kBot, "contoso"}];
    listed.organization = "contoso";
    listed.identity = kBot;
    listed.has_history = true;
    listed.tokens = {Marked(11, "ci", 1, 10 * kDay)};
    actual_.records["main:bot"] = Held(11, 1, PlaceOf("main:bot"));
    actual_.records["main:bot"].record->user_oid = "oid-bot";
  }
  TokenList& bots() { return actual_.organizations[{kBot, "contoso"}]; }
  DesiredToken& bot() { return desired_.tokens[1]; }

  void Expect(const std::vector<Row>& rows) {
    ExpectEach(rows, [this] { AddBot(); });
  }
};

TEST_F(IdentitiesTest, EachHasItsOwnTokenOfOneName) {
  Expect({
      {"settled", [&] {}, "unchanged 2\nfor 13d"},
      {"the second user's scopes differ",
       [&] { bot().scopes = ScopeSet::Of({"vso.code"}); },
       "~ identity.bot/token.ci update scope_changed {scopes: vso.build "
       "vso.code → vso.code}\nunchanged 1\nfor 13d"},
      {"a rotation by the name of both, grouped",
       [&] {
         options_.rotate = {"ci"};
         std::swap(desired_.tokens[0], desired_.tokens[1]);
       },
       "+/- token.ci rotate requested gen 2 retires 1 [valid_to]\n+/- "
       "identity.bot/token.ci rotate requested gen 2 retires 1 [valid_to]"},
      {"a rotation by one address",
       [&] { options_.rotate = {"identity.bot/token.ci"}; },
       "+/- identity.bot/token.ci rotate requested gen 2 retires 1 "
       "[valid_to]\nunchanged 1\nfor 13d"},
      {"a table that left the file",
       [&] {
         desired_.tokens.pop_back();
         actual_.records.erase("main:bot");
       },
       "- identity.bot/token.ci revoke undeclared revokes 1\nunchanged 1\n"
       "for 13d"},
      {"only the other's is by hand",
       [&] { bots().tokens.push_back(testing::Token(12, "ci", kDay)); },
       "note identity.bot/token.ci: an unmarked token of this name exists too "
       "(0000000c); patform did not make it and leaves it alone. If this one "
       "is to take its place: replaces = "
       "[\"0000000c-0000-4000-8000-000000000000\"]\nunchanged 2\nfor 13d"},
      {"an unmanaged one of the second user",
       [&] {
         desired_.policy.unmanaged = Unmanaged::kRevoke;
         bots().tokens.push_back(testing::Token(12, "by hand", kDay));
       },
       "- identity.bot/token.\"by hand\" revoke unmanaged revokes 0\nunchanged "
       "2\nfor 13d"},
  });
}

TEST_F(IdentitiesTest, OneThatCannotBeRead) {
  const auto sign_out = [this] {
    actual_.organizations.erase({kBot, "contoso"});
    actual_.users.clear();
    actual_.unread[{kBot, "contoso"}] =
        absl::UnauthenticatedError("nobody is signed in");
  };
  Expect({
      {"its tokens are undecided", sign_out,
       "? identity.bot/token.ci: the tokens of bot in contoso could not be "
       "listed: nobody is signed in\nunchanged 1\nfor 13d"},
      {"also where no table names it any more",
       [&] {
         sign_out();
         desired_.tokens.pop_back();
       },
       "? identity.bot: the tokens of bot in contoso could not be listed: "
       "nobody is signed in\nunchanged 1\nfor 13d"},
      {"and nothing ends that its places serve",
       [&] {
         sign_out();
         actual_.records["main:bot"] = Held(1, 1, PlaceOf("main:bot"));
         ci().deliver = {PlaceOf("main:elsewhere")};
         ci().name = "renamed";
         actual_.records["main:elsewhere"] = HeldRecord::Absent();
       },
       "+ token.renamed create not_found gen 1\n? token.ci: main:bot still "
       "holds the secret of token 00000001; it is revoked once another one is "
       "there\n? identity.bot/token.ci: the tokens of bot in contoso could not "
       "be listed: nobody is signed in\nfor 20d"},
  });
}

// To another place it is made by its new owner; then the old owner's ends. In
// the same place it waits: the record is another user's.
TEST_F(IdentitiesTest, ATokenThatMoves) {
  Expect({
      {"to another place",
       [&] {
         bot().name = "moved";
         bot().identity = "";
         bot().deliver = {PlaceOf("main:new")};
         actual_.records["main:new"] = HeldRecord::Absent();
         actual_.records.erase("main:bot");
       },
       "+ token.moved create not_found gen 1\n- identity.bot/token.ci revoke "
       "undeclared revokes 1\nunchanged 1\nfor 13d"},
      {"in the same place",
       [&] {
         bot().name = "moved";
         bot().identity = "";
       },
       "? token.moved: the record at main:bot is of user \"oid-bot\", this "
       "configuration is \"oid-1\"; the place belongs to another setup or was "
       "copied from one: deliver elsewhere, or remove it\n? "
       "identity.bot/token.ci: main:bot still holds the secret of token "
       "0000000b; it is revoked once another one is there\nunchanged 1\nfor "
       "13d"},
      {"of the same name, in flight by another version of the file",
       [&] {
         bots().tokens = {Marked(11, "old", 1, absl::Minutes(5))};
         ci().deliver = {PlaceOf("main:ci")};
         desired_.tokens.pop_back();
         actual_.records.erase("main:bot");
       },
       "note identity.bot/token.old: generation 1 (0000000b) is in flight: "
       "minted 2027-01-15 07:55 UTC for places of this configuration, under a "
       "name that is in no table of it, and delivered nowhere yet. A run with "
       "another version of the file may still be at work on it; if none is, an "
       "apply 30m later revokes it\nunchanged 1\nfor 25m"},
  });
}

// What is left in a place says whose it is.
TEST_F(IdentitiesTest, StraysAreTheirUsers) {
  desired_.tokens.pop_back();
  StrayPlace stray;
  stray.place = PlaceOf("main:bot");
  stray.held = actual_.records["main:bot"];
  actual_.records.erase("main:bot");
  actual_.strays["main:bot"] = stray;
  const ChangeSet changes = Changes();
  ASSERT_EQ(changes.changes.size(), 1u);
  EXPECT_EQ(changes.changes[0].address, "identity.bot/token.ci");
  ASSERT_EQ(changes.changes[0].remove.size(), 1u);
  ASSERT_EQ(changes.strays.size(), 1u);
  EXPECT_EQ(changes.strays[0].address, "identity.bot/token.ci");
}

}  // namespace
}  // namespace patform
