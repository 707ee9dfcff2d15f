#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/diff/token_view.h"
#include "tests/engine/diff/testing.h"

namespace patform {
namespace {

using testing::Held;
using testing::Id;
using testing::kDay;
using testing::Marked;
using testing::Nonce;
using testing::Token;

// "ci: ours 1/gen 1 stranger 2 unmarked 3 recorded 1": ids, by name.
std::string Dump(const std::map<std::string, TokenView>& views) {
  const auto number = [](const AuthorizationId& id) {
    return std::stoi(id.Short(), nullptr, 16);
  };
  std::string text;
  for (const auto& [name, view] : views) {
    absl::StrAppend(&text, name, ":");
    for (const OwnToken& own : view.ours) {
      absl::StrAppend(&text, " ours ", number(own.token.id), "/gen ",
                      own.generation, own.copied ? " copied" : "");
    }
    for (const ActualToken& token : view.strangers) {
      absl::StrAppend(&text, " stranger ", number(token.id));
    }
    for (const ActualToken& token : view.unmarked) {
      absl::StrAppend(&text, " unmarked ", number(token.id));
    }
    if (view.recorded) {
      absl::StrAppend(&text, " recorded ", number(view.recorded->id));
    }
    for (const AuthorizationId& id : view.served_elsewhere) {
      absl::StrAppend(&text, " elsewhere ", number(id));
    }
    if (view.unknown_elsewhere) text += " unknown elsewhere";
    text += "\n";
  }
  return text;
}

class ViewTest : public ::testing::Test {
 protected:
  ViewTest() {
    desired_.workspace = "w";
    desired_.organization = "contoso";
    Declare("ci", {"main:ci"});
  }
  DesiredToken& Declare(const std::string& name,
                        const std::vector<std::string>& places) {
    DesiredToken token;
    token.name = name;
    token.organization = "contoso";
    for (const std::string& place : places) {
      token.deliver.push_back(PlaceOf(place));
    }
    desired_.tokens.push_back(token);
    return desired_.tokens.back();
  }
  std::string View(std::vector<ActualToken> tokens) {
    std::sort(tokens.begin(), tokens.end(),
              [](const auto& a, const auto& b) { return a.id < b.id; });
    actual_.organizations["contoso"].organization = "contoso";
    actual_.organizations["contoso"].tokens = std::move(tokens);
    return Dump(ViewTokens(desired_, "contoso", actual_));
  }

  DesiredState desired_;
  ActualState actual_;
};

ActualToken Dead(ActualToken token, TokenState state) {
  token.state = state;
  return token;
}

// A token that bears another's whole display name.
ActualToken Copy(int id, const ActualToken& of, absl::Duration age) {
  return Token(id, of.display_name, age);
}

TEST_F(ViewTest, OursByMarkAndGeneration) {
  EXPECT_EQ(View({Marked(7, "ci", 1, 3 * kDay), Marked(2, "ci", 3, kDay),
                  Marked(5, "ci", 2, 2 * kDay), Token(9, "ci", kDay),
                  Token(8, "git: laptop", kDay)}),
            "ci: ours 7/gen 1 ours 5/gen 2 ours 2/gen 3 unmarked 9\n");
}

TEST_F(ViewTest, OnlyTheFirstCarrierIsOurs) {
  const ActualToken mine = Marked(5, "ci", 1, 3 * kDay);
  EXPECT_EQ(View({mine, Copy(1, mine, kDay), Copy(9, mine, 2 * kDay)}),
            "ci: ours 5/gen 1 copied stranger 1 stranger 9\n");
  // Regenerated in the portal: the first carrier is dead, its heir is nobody's.
  EXPECT_EQ(View({Dead(mine, TokenState::kRevoked), Copy(6, mine, kDay)}),
            "ci: stranger 6\n");
  EXPECT_EQ(View({Dead(mine, TokenState::kExpired), Copy(6, mine, kDay)}),
            "ci: stranger 6\n");
  EXPECT_EQ(View({mine, Dead(Copy(6, mine, kDay), TokenState::kRevoked)}),
            "ci: ours 5/gen 1\n");
  // Born in the same 1/300 s: the smaller id, always.
  EXPECT_EQ(View({mine, Copy(4, mine, 3 * kDay)}),
            "ci: ours 4/gen 1 copied stranger 5\n");
  // A copy under another human name, or with another generation.
  ActualToken renamed = Copy(6, mine, kDay);
  renamed.display_name = DisplayName("web", Mark{"w", 4, Nonce(5)});
  EXPECT_EQ(View({mine, renamed}),
            "ci: ours 5/gen 1 copied\nweb: stranger 6\n");
}

// However the service spells the name in front of the mark.
TEST_F(ViewTest, NamesAreComparedFolded) {
  Declare("Q&A caf\u00e9", {"main:qa"});
  for (const char* name : {"Q&A caf\u00e9", "Q&amp;A caf\u00e9",
                           "q&amp;a cafe\u0301", "Q&#38;A  CAF&#201;"}) {
    EXPECT_EQ(View({Marked(1, name, 1, kDay)}),
              "Q&A caf\u00e9: ours 1/gen 1\nci:\n")
        << name;
  }
  // Without a mark another case is another name.
  EXPECT_EQ(View({Token(1, "Q&amp;A cafe\u0301", kDay), Token(2, "CI", kDay)}),
            "Q&A caf\u00e9: unmarked 1\nci:\n");
  // Of one that is not declared, one of its spellings.
  EXPECT_EQ(View({Marked(1, "Old", 1, 2 * kDay), Marked(2, "old", 2, kDay)}),
            "Old: ours 1/gen 1 ours 2/gen 2\nQ&A caf\u00e9:\nci:\n");
  desired_.tokens[1].renamed_from = "B&B";
  EXPECT_EQ(View({Marked(1, "b&amp;b", 1, kDay)}),
            "Q&A caf\u00e9: ours 1/gen 1\nci:\n");
}

// Neither under the name that a declared token bore before.
TEST_F(ViewTest, OtherWorkspacesAreNotWhatWasRenamed) {
  Declare("new", {});
  desired_.tokens.back().renamed_from = "old";
  const ActualToken ours = Marked(4, "old", 2, kDay);
  const ActualToken theirs = Token(3, "old ~pf:v#1." + Nonce(3), kDay);
  EXPECT_EQ(View({theirs}), "ci:\nnew:\n");
  EXPECT_EQ(View({ours, theirs}), "ci:\nnew: ours 4/gen 2\n");
}

TEST_F(ViewTest, OtherWorkspacesCanNotBeDeclaredUnderTheirWholeName) {
  ActualToken theirs = Token(3, "ci ~pf:v#1." + Nonce(3), kDay);
  EXPECT_EQ(View({theirs}), "ci:\n");
  Declare(theirs.display_name, {});
  EXPECT_EQ(View({theirs}), "ci:\nci ~pf:v#1.nonce0000003sruw:\n");
}

TEST_F(ViewTest, RenamesLeadToTheNewName) {
  desired_.tokens[0].name = "packaging";
  desired_.tokens[0].renamed_from = "ci";
  const std::vector<ActualToken> tokens = {Marked(1, "ci", 1, 2 * kDay),
                                           Marked(2, "packaging", 2, kDay),
                                           Token(3, "ci", kDay)};
  EXPECT_EQ(View(tokens), "packaging: ours 1/gen 1 ours 2/gen 2 unmarked 3\n");
  // Not while the old name is declared itself.
  Declare("ci", {});
  EXPECT_EQ(View(tokens),
            "ci: ours 1/gen 1 unmarked 3\npackaging: ours 2/gen 2\n");
}

TEST_F(ViewTest, RecordsAndWhatTheyName) {
  Declare("web", {"main:web", "other:web"});
  actual_.records["main:ci"] = Held(1, 1, PlaceOf("main:ci"));
  actual_.records["main:web"] = Held(4, 1, PlaceOf("main:web"));
  // A place that changed hands: it serves a token of another name.
  actual_.records["other:web"] = Held(2, 2, PlaceOf("other:web"), "ci");
  const std::vector<ActualToken> tokens = {Marked(1, "ci", 1, 2 * kDay),
                                           Marked(2, "ci", 2, kDay),
                                           Marked(4, "web", 1, kDay)};
  EXPECT_EQ(View(tokens),
            "ci: ours 1/gen 1 ours 2/gen 2 recorded 1 elsewhere 2\n"
            "web: ours 4/gen 1 recorded 4\n");
  actual_.records["main:web"] = HeldRecord::Unknown(absl::OkStatus());
  EXPECT_EQ(View(tokens),
            "ci: ours 1/gen 1 ours 2/gen 2 recorded 1 elsewhere 2 unknown "
            "elsewhere\n"
            "web: ours 4/gen 1\n");
  // What was not read is unknown, never absent.
  actual_.records.clear();
  const auto views = ViewTokens(desired_, "contoso", actual_);
  ASSERT_EQ(views.at("web").records.size(), 2u);
  EXPECT_EQ(views.at("web").records[1].state, HeldRecord::State::kUnknown);
  EXPECT_EQ(views.at("web").records[1].why.message(), "was not read");
}

TEST_F(ViewTest, UndeclaredNamesAndOtherOrganizations) {
  EXPECT_EQ(View({Marked(1, "gone", 2, kDay)}), "ci:\ngone: ours 1/gen 2\n");
  desired_.tokens[0].organization = "fabrikam";
  EXPECT_EQ(View({Marked(1, "ci", 2, kDay)}), "ci: ours 1/gen 2\n");
  EXPECT_TRUE(ViewTokens(desired_, "fabrikam", actual_).empty());
}

TEST(NeedsHistoryTest, Table) {
  const Delivery place = PlaceOf("main:ci");
  struct Row {
    const char* name;
    std::vector<ActualToken> tokens;
    std::map<std::string, HeldRecord> records;
    bool want;
  };
  HeldRecord elsewhere = Held(1, 1, place);
  elsewhere.record->organization = "fabrikam";
  const std::vector<Row> rows = {
      {"nothing", {}, {}, false},
      {"strangers only", {Token(1, "git", kDay)}, {}, false},
      {"settled",
       {Marked(1, "ci", 1, kDay), Token(2, "git", kDay)},
       {{"main:ci", Held(1, 1, place)}},
       false},
      {"marked and not recorded", {Marked(1, "ci", 1, kDay)}, {}, true},
      {"another workspace's",
       {Token(1, "ci ~pf:v#1." + Nonce(1), kDay)},
       {},
       false},
      {"recorded and not there",
       {Marked(2, "ci", 2, kDay)},
       {{"a", Held(1, 1, place)}, {"b", Held(2, 2, place)}},
       true},
      {"recorded in another organization", {}, {{"a", elsewhere}}, false},
      {"two places hold the same",
       {Marked(1, "ci", 1, kDay)},
       {{"a", Held(1, 1, place)}, {"b", Held(1, 1, place)}},
       false},
      {"recorded although unmarked",
       {Token(1, "ci", kDay)},
       {{"a", Held(1, 1, place)}},
       false},
  };
  for (const Row& row : rows) {
    TokenList snapshot;
    snapshot.organization = "contoso";
    snapshot.tokens = row.tokens;
    EXPECT_EQ(NeedsHistory("w", snapshot, row.records), row.want) << row.name;
  }
}

// The mark of one workspace under the old name of another one's token.
TEST_F(ViewTest, AnotherWorkspacesTokenUnderAnOldName) {
  desired_.tokens[0].renamed_from = "old";
  ActualToken theirs = Token(3, "old ~pf:v#1." + Nonce(3), kDay);
  const ActualToken ours = Marked(4, "old", 1, kDay);
  EXPECT_EQ(View({theirs}), "ci:\n");
  EXPECT_EQ(View({theirs, ours}), "ci: ours 4/gen 1\n");
  theirs.display_name = "ci ~pf:v#9." + Nonce(3);
  EXPECT_EQ(View({theirs, ours}), "ci: ours 4/gen 1\n");
}

// The first carrier of a mark may be in another organization.
TEST_F(ViewTest, ACopyFromAnotherOrganization) {
  ActualToken first = Marked(5, "ci", 1, 3 * kDay);
  actual_.organizations["fabrikam"].organization = "fabrikam";
  actual_.organizations["fabrikam"].tokens = {first};
  EXPECT_EQ(View({Copy(6, first, kDay)}), "ci: stranger 6\n");
  // A mark that nobody copied is nobody's business there.
  actual_.organizations["fabrikam"].tokens = {Marked(7, "ci", 1, 5 * kDay)};
  EXPECT_EQ(View({first}), "ci: ours 5/gen 1\n");
}

}  // namespace
}  // namespace patform
