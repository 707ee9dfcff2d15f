#include "tests/providers/pull_requests/testing.h"

namespace patform::pull_requests {
namespace {

class AzureReposTest : public PullRequestsTest {};

constexpr char kBase[] =
    "dev.azure.com/contoso/Token%20Platform/_apis/git/repositories/3e2f%2Fx/"
    "pullRequests/17/";

TEST_F(AzureReposTest, Comments) {
  server_.Answer(200, R"({"authenticatedUser":{"id":"ABC"}})");
  server_.Answer(200, R"({"count":7,"value":[
      {"id":9,"comments":[{"id":1,"author":{"id":"abc"},"content":"newer",
                           "commentType":"text"}]},
      {"id":3,"comments":[{"id":2,"author":{"id":"abc"},"content":"a reply",
                           "commentType":"text"},
                          {"id":1,"author":{"id":"xyz"},"content":"theirs",
                           "commentType":"text"}]},
      {"id":4,"isDeleted":true,"comments":[{"id":1,"commentType":"text"}]},
      {"id":5,"comments":[{"id":1,"isDeleted":true,"commentType":"text"}]},
      {"id":6,"comments":[{"id":1,"author":{"id":"abc"},"content":"voted",
                           "commentType":"system"}]},
      {"id":7,"comments":[]},
      {"id":2,"comments":[{"id":1,"author":{"id":"Abc"},"content":null,
                           "commentType":1}]}]})");
  const auto pull = OpenOrDie(kAzure);
  EXPECT_EQ(Dump(pull->Comments(Soon())), "2/1*: ; 3/1: theirs; 9/1*: newer");
  EXPECT_EQ(Lines(),
            (std::vector<std::string>{
                "GET dev.azure.com/contoso/_apis/connectionData?api-version="
                "7.1-preview.1",
                absl::StrCat("GET ", kBase, "threads?api-version=7.1")}));
}

TEST_F(AzureReposTest, Writes) {
  const auto pull = OpenOrDie(kAzure);
  server_.Answer(200, R"({"id":12,"comments":[{"id":1}]})");
  const auto id = pull->Post("**\"hello\"**\n", Soon());
  ASSERT_TRUE(id.ok()) << id.status();
  EXPECT_EQ(*id, "12/1");
  server_.Answer(200, "{}");
  EXPECT_TRUE(pull->Edit(*id, "other", Soon()).ok());
  server_.Answer(200, "");
  EXPECT_TRUE(pull->Remove(*id, Soon()).ok());
  EXPECT_EQ(Lines(),
            (std::vector<std::string>{
                absl::StrCat("POST ", kBase, "threads?api-version=7.1"),
                absl::StrCat("PATCH ", kBase,
                             "threads/12/comments/1?api-version=7.1"),
                absl::StrCat("DELETE ", kBase,
                             "threads/12/comments/1?api-version=7.1")}));
  EXPECT_EQ(server_.exchanges()[0].body,
            R"({"comments":[{"parentCommentId":0,"content":)"
            R"("**\"hello\"**\n","commentType":"text"}]})");
  EXPECT_EQ(server_.exchanges()[0].content_type, "application/json");
  EXPECT_EQ(server_.exchanges()[1].body, R"({"content":"other"})");
}

TEST_F(AzureReposTest, Status) {
  const PullRequestStatus status = {"w", PullRequestStatus::State::kFailed,
                                    "bad"};
  const auto pull = OpenOrDie(kAzure);
  // Another genre, another name, an older one of ours.
  server_.Answer(200, R"({"value":[
      {"id":4,"state":"failed","description":"bad",
       "context":{"genre":"other","name":"w"}},
      {"id":5,"state":"failed","description":"bad",
       "context":{"genre":"patform","name":"v"}},
      {"id":3,"state":"succeeded","description":"good",
       "context":{"genre":"patform","name":"w"}},
      {"id":2,"state":"failed","description":"bad",
       "context":{"genre":"patform","name":"w"}}]})");
  server_.Answer(200, "{}");
  EXPECT_EQ(*pull->SetStatus(status, Soon()), true);
  EXPECT_EQ(server_.exchanges()[1].body,
            R"({"state":"failed","description":"bad","context":{"name":"w",)"
            R"("genre":"patform"},"targetUrl":"https://run/1"})");
  server_.Answer(200, R"({"value":[{"id":6,"state":"failed",
      "description":"bad","context":{"genre":"patform","name":"w"}}]})");
  EXPECT_EQ(*pull->SetStatus(status, Soon()), false);
  EXPECT_EQ(server_.left(), 0);
}

// A server that does not tell whose a token is: the marker decides.
TEST_F(AzureReposTest, UnknownIdentity) {
  server_.Answer(403, "{}");
  server_.Answer(200, R"({"value":[{"id":9,"comments":[{"id":1,
      "author":{"id":"abc"},"content":"x","commentType":"text"}]}]})");
  EXPECT_EQ(Dump(OpenOrDie(kAzure)->Comments(Soon())), "9/1*: x");
}

TEST_F(AzureReposTest, AnswersOfAnotherShape) {
  for (const char* body :
       {"", "[]", "{}", R"({"value":7})", R"({"value":[7]})", "\xff"}) {
    const auto pull = OpenOrDie(kAzure);
    server_.Answer(200, "{}");
    server_.Answer(200, body);
    EXPECT_EQ(Dump(pull->Comments(Soon())),
              "DATA_LOSS: reading the comments: the answer has no usable list "
              "of threads; a proxy may have answered in the service's place, "
              "or its API has changed")
        << body;
  }
}

}  // namespace
}  // namespace patform::pull_requests
