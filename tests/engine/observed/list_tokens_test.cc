#include "engine/observed/list_tokens.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace patform {
namespace {

using Code = absl::StatusCode;

// Pages by filter; a page's continuation is the number of the next.
class PagedReader : public TokenReader {
 public:
  absl::StatusOr<TokenPage> List(TokenFilter filter,
                                 const std::string& continuation,
                                 Deadline) override {
    const int page = continuation.empty() ? 0 : std::stoi(continuation);
    const char* names[] = {"active", "expired", "revoked"};
    asked.push_back(
        absl::StrCat(names[static_cast<int>(filter)], " ", continuation));
    if (endless) return TokenPage{{}, absl::StrCat(page + 1)};
    if (filter == fail_filter && page == fail_page) {
      return absl::UnavailableError("no answer");
    }
    const auto& pages = lists[filter];
    TokenPage result;
    if (page < static_cast<int>(pages.size())) {
      for (int id : pages[page]) {
        ActualToken token;
        token.id = *AuthorizationId::Parse(
            absl::StrCat("00000000-0000-4000-8000-0000000000",
                         absl::Dec(id, absl::kZeroPad2)));
        token.state = static_cast<TokenState>(filter);
        result.tokens.push_back(token);
      }
    }
    if (page + 1 < static_cast<int>(pages.size())) {
      result.continuation = absl::StrCat(page + 1);
    } else if (loops) {
      result.continuation = "1";
    }
    return result;
  }
  absl::StatusOr<ActualToken> Get(const AuthorizationId&, Deadline) override {
    return absl::InternalError("not asked for here");
  }

  std::map<TokenFilter, std::vector<std::vector<int>>> lists;
  TokenFilter fail_filter = TokenFilter::kActive;
  int fail_page = -1;
  bool loops = false;
  bool endless = false;
  std::vector<std::string> asked;
};

std::string Dump(const TokenList& snapshot) {
  std::string text = snapshot.has_history ? "history:" : "active:";
  for (const ActualToken& token : snapshot.tokens) {
    absl::StrAppend(&text, " ", token.id.ToString().substr(34), "/",
                    std::string(1, *Word(token.state)));
  }
  return text;
}

TEST(ListTokensTest, ReadsToTheEndAndSorts) {
  PagedReader reader;
  reader.lists[TokenFilter::kActive] = {{5, 3}, {}, {4, 1}};
  std::vector<int> progress;
  const auto snapshot =
      ListTokens(reader, "contoso", /*with_history=*/false, {},
                 [&progress](int tokens) { progress.push_back(tokens); });
  ASSERT_TRUE(snapshot.ok());
  EXPECT_EQ(snapshot->organization, "contoso");
  EXPECT_EQ(Dump(*snapshot), "active: 01/a 03/a 04/a 05/a");
  EXPECT_EQ(progress, (std::vector<int>{2, 2, 4}));
  EXPECT_EQ(reader.asked,
            (std::vector<std::string>{"active ", "active 1", "active 2"}));
}

TEST(ListTokensTest, ATokenSeenTwiceIsOneAndTheLaterStateWins) {
  PagedReader reader;
  reader.lists[TokenFilter::kActive] = {{1, 2, 3}, {3, 4}};
  reader.lists[TokenFilter::kExpired] = {{2, 5}};
  reader.lists[TokenFilter::kRevoked] = {{3, 5, 6}};
  const auto snapshot = ListTokens(reader, "contoso", true, {});
  ASSERT_TRUE(snapshot.ok());
  EXPECT_EQ(Dump(*snapshot), "history: 01/a 02/e 03/r 04/a 05/r 06/r");
}

TEST(ListTokensTest, AListThatDoesNotEndIsAnError) {
  PagedReader reader;
  reader.lists[TokenFilter::kActive] = {{1}, {2}, {3}};
  reader.loops = true;
  const auto looping = ListTokens(reader, "contoso", false, {});
  EXPECT_EQ(looping.status().code(), Code::kDataLoss);
  EXPECT_EQ(looping.status().message(),
            "the list of active tokens does not end: page 3 leads back to a "
            "page that was read before. The list cannot be trusted and nothing "
            "was changed; try again later.");

  PagedReader endless;
  endless.endless = true;
  const auto never = ListTokens(endless, "contoso", false, {});
  EXPECT_EQ(never.status().code(), Code::kResourceExhausted);
  EXPECT_EQ(never.status().message(),
            "the list of active tokens did not end after 20000 pages. The list "
            "cannot be trusted and nothing was changed; try again later.");
  EXPECT_EQ(endless.asked.size(), 20'000u);
}

TEST(ListTokensTest, AnErrorIsNeverAShorterList) {
  PagedReader reader;
  reader.lists[TokenFilter::kActive] = {{1}, {2}, {3}};
  reader.fail_page = 1;
  const auto snapshot = ListTokens(reader, "contoso", false, {});
  EXPECT_EQ(snapshot.status().code(), Code::kUnavailable);
  EXPECT_EQ(snapshot.status().message(),
            "reading page 2 of the active tokens: no answer");
}

TEST(AddHistoryTest, AddsOrLeavesAlone) {
  PagedReader reader;
  reader.lists[TokenFilter::kActive] = {{1, 2}};
  reader.lists[TokenFilter::kExpired] = {{3}};
  reader.lists[TokenFilter::kRevoked] = {{2}, {4}};
  TokenList snapshot = *ListTokens(reader, "contoso", false, {});
  reader.fail_filter = TokenFilter::kRevoked;
  reader.fail_page = 1;
  EXPECT_EQ(AddHistory(reader, {}, snapshot).message(),
            "reading page 2 of the revoked tokens: no answer");
  EXPECT_EQ(Dump(snapshot), "active: 01/a 02/a");
  reader.fail_page = -1;
  EXPECT_TRUE(AddHistory(reader, {}, snapshot).ok());
  EXPECT_EQ(Dump(snapshot), "history: 01/a 02/r 03/e 04/r");
}

}  // namespace
}  // namespace patform
