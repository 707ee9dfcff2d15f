// The conversations of pull requests, as the two systems' APIs have them.
#include "tests/providers/emulator/testing.h"

namespace patform::emulator {
namespace {

namespace json = boost::json;

constexpr char kIssues[] = "/api/v3/repos/contoso/tokens/issues/";

class PullRequests : public ::testing::Test {
 protected:
  // The variables of a job.
  json::object Job(const std::string& body) {
    return subject_.Admin("POST", "pull_request", body)
        .at("variables")
        .as_object();
  }
  std::string Token(const std::string& body) {
    const json::object variables = Job(body);
    const json::value* token = variables.if_contains("GITHUB_TOKEN");
    if (token == nullptr) token = variables.if_contains("SYSTEM_ACCESSTOKEN");
    return std::string(token->as_string());
  }
  // "STATUS body", the body without what differs between runs.
  http::ServerResponse Send(const std::string& token, const std::string& method,
                            const std::string& target, std::string body = "") {
    return subject_.Send(method, target, std::move(body),
                         {{"Authorization", "Bearer " + token},
                          {"User-Agent", "test"},
                          {"Content-Type", "application/json"}});
  }
  std::string Azure(const std::string& rest) {
    return absl::StrCat(
        "/contoso/platform/_apis/git/repositories/tokens/"
        "pullRequests/17/",
        rest, "?api-version=7.1");
  }

  Subject subject_;
};

TEST_F(PullRequests, TheVariablesOfAJob) {
  json::object azure = Job(R"({"system":"azure","number":5})");
  EXPECT_GT(azure["SYSTEM_ACCESSTOKEN"].as_string().size(), 20);
  azure.erase("SYSTEM_ACCESSTOKEN");
  EXPECT_EQ(json::serialize(azure),
            absl::StrCat(R"({"TF_BUILD":"True",)"
                         R"("SYSTEM_COLLECTIONURI":"http://localhost/contoso/")"
                         R"(,"SYSTEM_TEAMPROJECT":"platform",)"
                         R"("BUILD_REPOSITORY_PROVIDER":"TfsGit",)"
                         R"("BUILD_REPOSITORY_ID":")",
                         DerivedGuid("repository", "tokens"),
                         R"(","BUILD_BUILDID":"4711",)"
                         R"("SYSTEM_PULLREQUEST_PULLREQUESTID":"5"})"));
  json::object github = Job(R"({"system":"github"})");
  github.erase("GITHUB_TOKEN");
  EXPECT_EQ(json::serialize(github),
            R"({"GITHUB_ACTIONS":"true",)"
            R"("GITHUB_API_URL":"http://localhost/api/v3",)"
            R"("GITHUB_SERVER_URL":"http://localhost",)"
            R"("GITHUB_REPOSITORY":"contoso/tokens",)"
            R"("GITHUB_REF":"refs/pull/17/merge","GITHUB_RUN_ID":"4711"})");
  for (const char* body :
       {"{}", R"({"system":"gitlab"})", R"({"system":"azure","number":0})",
        R"({"system":"azure","access":"all"})"}) {
    EXPECT_EQ(subject_
                  .Send("POST", "/_emulator/pull_request", body,
                        {{"X-Emulator-Admin", "1"}})
                  .status,
              400)
        << body;
  }
}

TEST_F(PullRequests, AzureThreads) {
  const std::string token = Token(R"({"system":"azure"})");
  auto answer = Send(token, "POST", Azure("threads"),
                     R"({"comments":[{"content":"hello"}]})");
  ASSERT_EQ(answer.status, 200) << answer.body;
  const int64_t id = subject_.Json(answer).at("id").as_int64();
  const std::string comment = absl::StrCat("threads/", id, "/comments/1");
  const auto listed = [&] {
    const json::value list =
        subject_.Json(Send(token, "GET", Azure("threads")));
    EXPECT_EQ(list.at("count").as_int64(), 1);
    const json::object& thread = list.at("value").as_array()[0].as_object();
    const json::object& first = thread.at("comments").as_array()[0].as_object();
    return absl::StrCat(
        thread.at("isDeleted").as_bool() ? "deleted " : "",
        first.contains("content") ? std::string(first.at("content").as_string())
                                  : "no content",
        " by ", std::string(first.at("author").at("displayName").as_string()));
  };
  const std::string who = " by platform Build Service (contoso)";
  EXPECT_EQ(listed(), "hello" + who);
  EXPECT_EQ(Send(token, "PATCH", Azure(comment), R"({"content":"bye"})").status,
            200);
  EXPECT_EQ(listed(), "bye" + who);
  // Somebody else's hands off.
  const std::string other = Token(R"({"system":"azure","user":"mallory"})");
  EXPECT_EQ(Send(other, "PATCH", Azure(comment), R"({"content":"x"})").status,
            403);
  EXPECT_EQ(Send(other, "DELETE", Azure(comment)).status, 403);
  EXPECT_EQ(Send(token, "DELETE", Azure(comment)).status, 200);
  EXPECT_EQ(listed(), "deleted no content" + who);
  EXPECT_EQ(Send(token, "PATCH", Azure(comment), R"({"content":"x"})").status,
            404);
}

TEST_F(PullRequests, AzureRefusals) {
  const std::string token = Token(R"({"system":"azure"})");
  const std::string reader = Token(R"({"system":"azure","access":"read"})");
  const std::string none = Token(R"({"system":"azure","access":"none"})");
  const std::string github = Token(R"({"system":"github"})");
  const std::string good = R"({"comments":[{"content":"x"}]})";
  const struct {
    std::string token, method, target, body;
    int status;
    const char* words;
  } rows[] = {
      {"", "GET", Azure("threads"), "", 302, "Object moved"},
      {github, "GET", Azure("threads"), "", 302, "Object moved"},
      {subject_.bearer, "GET", Azure("threads"), "", 302, "Object moved"},
      {none, "GET", Azure("threads"), "", 404, "TF401180"},
      {reader, "GET", Azure("threads"), "", 200, "\"count\":0"},
      {reader, "POST", Azure("threads"), good, 403, "TF401027"},
      {reader, "POST", Azure("statuses"), "{}", 403, "TF401027"},
      {token, "GET",
       "/contoso/platform/_apis/git/repositories/tokens/pullRequests/18/"
       "threads",
       "", 404, "TF401180"},
      {token, "GET",
       "/contoso/other/_apis/git/repositories/tokens/pullRequests/17/threads",
       "", 404, "TF401180"},
      {token, "POST",
       "/contoso/platform/_apis/git/repositories/tokens/pullRequests/17/"
       "threads",
       good, 400, "No api-version was supplied"},
      {token, "POST",
       "/contoso/platform/_apis/git/repositories/tokens/pullRequests/17/"
       "threads?api-version=9.9",
       good, 400, "out of range"},
      {token, "POST", Azure("threads"), "x", 400, "TF400898"},
      {token, "POST", Azure("threads"), "{}", 400, "at least one comment"},
      {token, "PATCH", Azure("threads/1/comments/1"), R"({"content":"x"})", 404,
       "does not exist"},
      {token, "POST", Azure("statuses"), R"({"state":"failed"})", 400,
       "context with a name"},
      {token, "POST", Azure("statuses"),
       R"({"state":"red","context":{"name":"w"}})", 400, "not valid"},
  };
  for (const auto& row : rows) {
    const auto answer = Send(row.token, row.method, row.target, row.body);
    EXPECT_EQ(answer.status, row.status) << row.target << answer.body;
    EXPECT_NE(answer.body.find(row.words), std::string::npos) << answer.body;
  }
}

TEST_F(PullRequests, AzureStatusesAndIdentity) {
  const std::string token = Token(R"({"system":"azure"})");
  const std::string body =
      R"({"state":"failed","description":"d","targetUrl":"https://x",)"
      R"("context":{"name":"w","genre":"patform"}})";
  EXPECT_EQ(Send(token, "POST", Azure("statuses"), body).status, 200);
  const json::value list = subject_.Json(Send(token, "GET", Azure("statuses")));
  const json::object& status = list.at("value").as_array()[0].as_object();
  EXPECT_EQ(status.at("state"), json::value("failed"));
  EXPECT_EQ(status.at("context").at("genre"), json::value("patform"));
  const json::value me = subject_.Json(Send(
      token, "GET", "/contoso/_apis/connectionData?api-version=7.1-preview.1"));
  EXPECT_EQ(me.at("authenticatedUser").at("id"),
            status.at("createdBy").at("id"));
  EXPECT_EQ(Send(token, "GET", "/contoso/_apis/connectionData?api-version=7.1")
                .status,
            400);
}

TEST_F(PullRequests, GitHubPages) {
  const std::string token = Token(R"({"system":"github"})");
  const std::string comments = absl::StrCat(kIssues, "17/comments");
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(
        Send(token, "POST", comments, absl::StrCat("{\"body\":\"", i, "\"}"))
            .status,
        201);
  }
  const auto page = [&](const std::string& query) {
    const auto answer = Send(token, "GET", comments + query);
    std::string text;
    const json::value list = subject_.Json(answer);
    for (const json::value& comment : list.as_array()) {
      text += std::string(comment.at("body").as_string());
    }
    for (const auto& [name, value] : answer.headers) {
      if (name == "Link") text += " " + value;
    }
    return text;
  };
  EXPECT_EQ(page(""), "01234");
  EXPECT_EQ(page("?per_page=2&page=2"),
            "23 <https://localhost/api/v3/repos/contoso/tokens/issues/17/"
            "comments?per_page=2&page=3>; rel=\"next\", "
            "<https://localhost/api/v3/repos/contoso/tokens/issues/17/"
            "comments?per_page=2&page=3>; rel=\"last\"");
  EXPECT_EQ(page("?per_page=2&page=3"), "4");
  EXPECT_EQ(page("?per_page=2&page=4"), "");
  subject_.Admin("POST", "faults",
                 R"({"operation":"comment_list","action":{"list_omit":3}})");
  EXPECT_EQ(page(""), "01");
}

TEST_F(PullRequests, GitHubRefusals) {
  const std::string token = Token(R"({"system":"github"})");
  const std::string person = Token(R"({"system":"github","user":"ada"})");
  const std::string reader = Token(R"({"system":"github","access":"read"})");
  const std::string none = Token(R"({"system":"github","access":"none"})");
  const std::string azure = Token(R"({"system":"azure"})");
  const std::string comments = absl::StrCat(kIssues, "17/comments");
  const std::string theirs = absl::StrCat(
      kIssues, "comments/",
      subject_.Json(Send(person, "POST", comments, R"({"body":"x"})"))
          .at("id")
          .as_int64());
  const struct {
    std::string token, method, target, body;
    int status;
    const char* words;
  } rows[] = {
      {"", "GET", comments, "", 401, "Bad credentials"},
      {azure, "GET", comments, "", 401, "Bad credentials"},
      {none, "GET", comments, "", 404, "Not Found"},
      {reader, "GET", comments, "", 200, "\"body\":\"x\""},
      {reader, "POST", comments, R"({"body":"x"})", 403, "by integration"},
      {token, "GET", "/api/v3/user", "", 403, "by integration"},
      {person, "GET", "/api/v3/user", "", 200, "\"login\":\"ada\""},
      {token, "GET", absl::StrCat(kIssues, "18/comments"), "", 404,
       "Not Found"},
      {token, "POST", comments, "x", 400, "Problems parsing JSON"},
      {token, "POST", comments, "{}", 422, "can't be blank"},
      {token, "POST", comments,
       absl::StrCat("{\"body\":\"", std::string(65'537, 'x'), "\"}"), 422,
       "too long"},
      {token, "POST", comments,
       absl::StrCat("{\"body\":\"", std::string(65'536, 'x'), "\"}"), 201, ""},
      {token, "PATCH", theirs, R"({"body":"y"})", 403, "by integration"},
      {token, "DELETE", theirs, "", 403, "by integration"},
      {person, "DELETE", theirs, "", 204, ""},
      {person, "DELETE", theirs, "", 404, "Not Found"},
      {token, "DELETE", comments, "", 404, ""},
  };
  for (const auto& row : rows) {
    const auto answer = Send(row.token, row.method, row.target, row.body);
    EXPECT_EQ(answer.status, row.status) << row.target << answer.body;
    EXPECT_NE(answer.body.find(row.words), std::string::npos) << answer.body;
  }
  const auto unnamed = subject_.Send("GET", comments, "",
                                     {{"Authorization", "Bearer " + token}});
  EXPECT_EQ(unnamed.status, 403);
}

TEST_F(PullRequests, GitHubPulls) {
  const std::string token = Token(R"({"system":"github","head_sha":"abc"})");
  Token(R"({"system":"github","number":18,"head_sha":"def"})");
  Token(R"({"system":"github","number":19,"repository":"other"})");
  EXPECT_EQ(Send(token, "GET", "/api/v3/repos/contoso/tokens/pulls").body,
            R"([{"number":18,"state":"open","head":{"sha":"def"}},)"
            R"({"number":17,"state":"open","head":{"sha":"abc"}}])");
  EXPECT_EQ(Send(token, "GET", "/api/v3/repos/contoso/none/pulls").status, 404);
}

TEST_F(PullRequests, AResetForgetsThem) {
  const std::string token = Token(R"({"system":"github"})");
  subject_.Admin("POST", "reset");
  EXPECT_EQ(Send(token, "GET", absl::StrCat(kIssues, "17/comments")).status,
            401);
}

}  // namespace
}  // namespace patform::emulator
