#include "tests/providers/pull_requests/testing.h"

namespace patform::pull_requests {
namespace {

class GitHubTest : public PullRequestsTest {};

constexpr char kBase[] = "api.github.com/repos/contoso/tokens/issues/";

TEST_F(GitHubTest, CommentsWithAJobsToken) {
  const auto pull = OpenOrDie(kGitHub);
  server_.Answer(403,
                 R"({"message":"Resource not accessible by integration"})");
  server_.Answer(200,
                 R"([{"id":1,"body":"a","user":{"login":"ada","type":"User"}},
               {"id":2,"body":"b","user":{"login":"github-actions[bot]",
                                          "type":"Bot"}}])",
                 {{"Link",
                   "<https://evil.example/?page=2>; rel=\"next\", "
                   "<https://evil.example/?page=2>; rel=\"last\""}});
  server_.Answer(200, R"([{"id":3,"body":null,"user":null}])",
                 {{"Link", "<https://x>; rel=\"prev\""}});
  EXPECT_EQ(Dump(pull->Comments(Soon())), "1: a; 2*: b; 3: ");
  const std::string page =
      absl::StrCat("GET ", kBase, "17/comments?per_page=100&page=");
  EXPECT_EQ(Lines(), (std::vector<std::string>{"GET api.github.com/user",
                                               page + "1", page + "2"}));
}

TEST_F(GitHubTest, CommentsWithAPersonsToken) {
  const auto pull = OpenOrDie(kGitHub);
  server_.Answer(200, R"({"login":"ada","id":7,"type":"User"})");
  server_.Answer(200,
                 R"([{"id":1,"body":"a","user":{"login":"Ada","type":"User"}},
               {"id":2,"body":"b","user":{"login":"x","type":"Bot"}}])");
  EXPECT_EQ(Dump(pull->Comments(Soon())), "1*: a; 2: b");
}

TEST_F(GitHubTest, Writes) {
  const auto pull = OpenOrDie(kGitHub);
  server_.Answer(201, R"({"id":5})");
  EXPECT_EQ(*pull->Post("hello", Soon()), "5");
  server_.Answer(200, R"({"id":5})");
  EXPECT_TRUE(pull->Edit("5", "other", Soon()).ok());
  server_.Answer(204, "");
  EXPECT_TRUE(pull->Remove("5", Soon()).ok());
  EXPECT_EQ(*pull->SetStatus({"w"}, Soon()), false);
  EXPECT_EQ(Lines(), (std::vector<std::string>{
                         absl::StrCat("POST ", kBase, "17/comments"),
                         absl::StrCat("PATCH ", kBase, "comments/5"),
                         absl::StrCat("DELETE ", kBase, "comments/5")}));
  EXPECT_EQ(server_.exchanges()[0].body, R"({"body":"hello"})");
}

TEST_F(GitHubTest, PagesWithoutAnEnd) {
  const auto pull = OpenOrDie(kGitHub);
  server_.Answer(403, "{}");
  for (int i = 0; i < 50; ++i) {
    server_.Answer(200, "[]", {{"Link", "<https://x>; rel=\"next\""}});
  }
  EXPECT_EQ(Dump(pull->Comments(Soon())),
            "DATA_LOSS: reading the comments: GitHub sends pages without an "
            "end; after 50 of them patform gave up");
}

// What a post may have done is kUnknown, and it is not sent again.
TEST_F(GitHubTest, PostsWhoseAnswerIsLost) {
  const auto pull = OpenOrDie(kGitHub);
  server_.Fail(absl::UnknownError("reading: the connection was closed"));
  EXPECT_EQ(pull->Post("x", Soon()).status().ToString(),
            "UNKNOWN: posting the comment: reading: the connection was closed");
  for (const int status : {500, 502, 503, 504}) {
    server_.Answer(status, "");
    EXPECT_EQ(
        pull->Post("x", Soon()).status().ToString(),
        absl::StrCat("UNKNOWN: posting the comment: GitHub answered ", status,
                     ": it failed on the way; it may have done it."));
  }
  for (const char* body : {"", "{}", "[1]", R"({"id":"5"})", "\xff"}) {
    server_.Answer(201, body);
    EXPECT_EQ(pull->Post("x", Soon()).status().ToString(),
              "UNKNOWN: posting the comment: the answer has no usable id; a "
              "proxy may have answered in the service's place, or its API has "
              "changed");
  }
  EXPECT_EQ(server_.exchanges().size(), 10);
  // Turned away before anything was done: sent again.
  server_.Answer(503, "", {{"Retry-After", "1"}});
  server_.Answer(429, "");
  server_.Fail(absl::UnavailableError("connecting: refused"));
  server_.Answer(201, R"({"id":5})");
  EXPECT_EQ(*pull->Post("x", Soon()), "5");
}

// Edits say the same however often they are sent.
TEST_F(GitHubTest, EditsAreSentAgain) {
  const auto pull = OpenOrDie(kGitHub);
  server_.Fail(absl::UnknownError("reading: the connection was closed"));
  server_.Answer(504, "");
  server_.Answer(200, "{}");
  EXPECT_TRUE(pull->Edit("12", "x", Soon()).ok());
  for (int i = 0; i < http::kMaxTries; ++i) server_.Answer(502, "");
  EXPECT_EQ(pull->Edit("12", "x", Soon()).ToString(),
            "UNAVAILABLE: editing the comment: GitHub answered 502: it is in "
            "trouble. Run the step again in a few minutes.");
}

TEST_F(GitHubTest, WhatIsNoRepository) {
  for (const char* name : {"", "x", "x/", "/x", "a/b/c", "a/..", "a/b?c",
                           "a b/c", "a/b\r\nX: y"}) {
    PullRequestTarget target = kGitHub;
    target.repository = name;
    EXPECT_TRUE(absl::IsInvalidArgument(TryOpen(target).status())) << name;
  }
}

}  // namespace
}  // namespace patform::pull_requests
