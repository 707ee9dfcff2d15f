#include <algorithm>
#include <boost/json.hpp>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "engine/base/strings.h"
#include "providers/emulator/code_hosts/pull_requests_api.h"
#include "providers/emulator/tokens/vss_error.h"
#include "providers/emulator/tokens/wire.h"

// The comments of a pull request on GitHub. Its answers have other shapes than
// Azure's: numbers as ids, messages without a type, 404 for whatever may not be
// seen.
namespace patform::emulator {
namespace {

namespace json = boost::json;

// Characters of UTF-16, as documented.
constexpr size_t kMaxComment = 65'536;
// More is cut to it without an error.
constexpr int kMaxPerPage = 100;

json::string Date(absl::Time time) {
  return json::string(
      absl::FormatTime("%E4Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone()));
}

// A Bot is what an app's token acts as.
json::object UserJson(const JobIdentity& identity) {
  int64_t id = 0;
  if (!absl::SimpleAtoi(identity.id, &id)) id = 0;
  json::object object;
  object["login"] = identity.name;
  object["id"] = id;
  object["type"] = identity.app ? "Bot" : "User";
  object["site_admin"] = false;
  return object;
}

// An issue's comment: the conversation of a pull request is that of an issue.
json::object CommentJson(const HostComment& comment) {
  json::object object;
  object["id"] = comment.id;
  object["node_id"] = absl::StrCat("IC_", comment.id);
  object["user"] = UserJson(comment.author);
  object["body"] = comment.body;
  object["created_at"] = Date(comment.created);
  object["updated_at"] = Date(comment.updated);
  object["author_association"] = comment.author.app ? "NONE" : "CONTRIBUTOR";
  return object;
}

// With the headers of a token that is far from its limit.
http::ServerResponse GitHubAnswer(int status, std::string body) {
  http::ServerResponse response = JsonAnswer(status, std::move(body));
  response.headers.emplace_back("X-GitHub-Media-Type",
                                "github.v3; format=json");
  response.headers.emplace_back("X-RateLimit-Limit", "5000");
  response.headers.emplace_back("X-RateLimit-Remaining", "4999");
  return response;
}

// GitHub's form of an error, with the details in a list.
http::ServerResponse Problem(int status, const std::string& message,
                             json::array errors = {}) {
  json::object object;
  object["message"] = message;
  if (!errors.empty()) object["errors"] = std::move(errors);
  object["documentation_url"] = "https://docs.github.com/rest";
  object["status"] = absl::StrCat(status);
  return GitHubAnswer(status, json::serialize(object));
}

http::ServerResponse NotFound() { return Problem(404, "Not Found"); }

// The words that people search for when a token lacks a permission.
http::ServerResponse NotAccessible() {
  return Problem(403, "Resource not accessible by integration");
}

// The text of a comment that is sent; nullopt: `refusal` is the answer.
std::optional<std::string> BodyOf(const http::ServerRequest& request,
                                  http::ServerResponse& refusal) {
  json::error_code error;
  const json::value parsed = json::parse(request.body, error);
  const json::object* object = error ? nullptr : parsed.if_object();
  if (object == nullptr) {
    refusal = Problem(400, "Problems parsing JSON");
    return std::nullopt;
  }
  const json::value* value = object->if_contains("body");
  const json::string* text = value == nullptr ? nullptr : value->if_string();
  std::string why;
  if (text == nullptr || text->empty()) why = "body can't be blank";
  if (text != nullptr &&
      Utf16Length({text->data(), text->size()}) > kMaxComment) {
    why = "body is too long (maximum is 65536 characters)";
  }
  if (why.empty()) return std::string(text->data(), text->size());
  json::object problem;
  problem["resource"] = "IssueComment";
  problem["code"] = "unprocessable";
  problem["field"] = "data";
  problem["message"] = why;
  refusal = Problem(422, absl::StrCat("Validation Failed: ", why),
                    {std::move(problem)});
  return std::nullopt;
}

// Garbage counts as absent.
int Parameter(const Target& target, const char* name, int otherwise) {
  int value = 0;
  const auto text = target.Find(name);
  return text && absl::SimpleAtoi(*text, &value) && value > 0 ? value
                                                              : otherwise;
}

// By number of page; the Link header is absent on the last one.
http::ServerResponse List(const HostPullRequest& pull, const Target& target,
                          const http::ServerRequest& request,
                          const FaultAction& fault) {
  const auto per_page = static_cast<size_t>(
      std::min(Parameter(target, "per_page", 30), kMaxPerPage));
  const auto page = static_cast<size_t>(Parameter(target, "page", 1));
  // A list that lags behind, as a fault.
  const size_t omitted =
      std::min(static_cast<size_t>(fault.list_omit), pull.threads.size());
  const size_t all = pull.threads.size() - omitted;
  json::array comments;
  const size_t end = std::min(all, page * per_page);
  for (size_t i = (page - 1) * per_page; i < end; ++i) {
    comments.push_back(CommentJson(pull.threads[i].comments.front()));
  }
  http::ServerResponse response = GitHubAnswer(200, json::serialize(comments));
  // At least one page, even of nothing.
  const size_t last = std::max<size_t>(1, (all + per_page - 1) / per_page);
  if (page < last) {
    const auto address = [&](size_t number) {
      return absl::StrCat(
          "<https://", AbslView(request.Find("Host").value_or("localhost")),
          "/api/v3/repos/", pull.owner, "/", pull.repository, "/issues/",
          pull.number, "/comments?per_page=", per_page, "&page=", number, ">");
    };
    response.headers.emplace_back(
        "Link", absl::StrCat(address(page + 1), "; rel=\"next\", ",
                             address(last), "; rel=\"last\""));
  }
  return response;
}

// Which pull request a job is about, if its event does not tell.
http::ServerResponse ListPulls(const CodeHosts& hosts, const Target& target) {
  json::array pulls;
  for (const HostPullRequest* pull :
       hosts.OfRepository(target.path[3], target.path[4])) {
    json::object head;
    head["sha"] = pull->head_sha;
    json::object object;
    object["number"] = pull->number;
    object["state"] = "open";
    object["head"] = std::move(head);
    pulls.push_back(std::move(object));
  }
  return pulls.empty() ? NotFound() : GitHubAnswer(200, json::serialize(pulls));
}

http::ServerResponse PostComment(Service& service, HostPullRequest& pull,
                                 const JobIdentity& who,
                                 const http::ServerRequest& request) {
  http::ServerResponse refusal;
  const auto body = BodyOf(request, refusal);
  if (!body) return refusal;
  HostComment comment;
  comment.id = service.code_hosts.NextId();
  comment.author = who;
  comment.body = *body;
  comment.created = comment.updated = service.clock.Now();
  pull.threads.push_back({comment.id, "", {comment}});
  return GitHubAnswer(201, json::serialize(CommentJson(comment)));
}

// A new body for a comment, or its end.
http::ServerResponse ChangeComment(Service& service, HostPullRequest& pull,
                                   const JobIdentity& who, int64_t id,
                                   bool remove,
                                   const http::ServerRequest& request) {
  const auto thread =
      std::find_if(pull.threads.begin(), pull.threads.end(),
                   [&](const HostThread& t) { return t.id == id; });
  HostComment& comment = thread->comments.front();
  // People who may write to a repository may edit what others wrote there;
  // an app may not.
  if (who.app && comment.author.id != who.id) return NotAccessible();
  if (remove) {
    pull.threads.erase(thread);
    return GitHubAnswer(204, "");
  }
  http::ServerResponse refusal;
  const auto body = BodyOf(request, refusal);
  if (!body) return refusal;
  comment.body = *body;
  comment.updated = service.clock.Now();
  return GitHubAnswer(200, json::serialize(CommentJson(comment)));
}

}  // namespace

http::ServerResponse AnswerGitHub(Service& service, std::string_view operation,
                                  const http::ServerRequest& request,
                                  const Target& target,
                                  const FaultAction& fault) {
  // GitHub refuses requests without a User-Agent.
  const auto agent = request.Find("User-Agent");
  if (!agent || agent->empty()) {
    return Problem(403,
                   "Request forbidden by administrative rules. Please make "
                   "sure your request has a User-Agent header.");
  }
  const JobIdentity* who = service.code_hosts.Who(request);
  if (who == nullptr || !who->github) return Problem(401, "Bad credentials");
  if (operation == "user") {
    // An app's token is nobody's: this is what GITHUB_TOKEN gets.
    return who->app ? NotAccessible()
                    : GitHubAnswer(200, json::serialize(UserJson(*who)));
  }
  if (operation == "pull_list") {
    return who->may_read ? ListPulls(service.code_hosts, target) : NotFound();
  }
  // Comments are addressed by their own id, lists and posts by the pull
  // request's.
  const bool by_comment =
      operation == "comment_edit" || operation == "comment_remove";
  int64_t number = 0;
  if (!absl::SimpleAtoi(target.path[by_comment ? 7 : 6], &number)) {
    return NotFound();
  }
  HostPullRequest* pull = by_comment
                              ? service.code_hosts.FindGitHubComment(
                                    target.path[3], target.path[4], number)
                              : service.code_hosts.FindGitHub(
                                    target.path[3], target.path[4], number);
  if (pull == nullptr || !who->may_read) return NotFound();
  if (operation == "comment_list") return List(*pull, target, request, fault);
  // May read, may not write: a pull request from a fork.
  if (!who->may_write) return NotAccessible();
  return operation == "comment_post"
             ? PostComment(service, *pull, *who, request)
             : ChangeComment(service, *pull, *who, number,
                             operation == "comment_remove", request);
}

}  // namespace patform::emulator
