#include <algorithm>
#include <boost/json.hpp>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "engine/base/strings.h"
#include "providers/emulator/auth.h"
#include "providers/emulator/code_hosts/pull_requests_api.h"
#include "providers/emulator/tokens/api_version.h"
#include "providers/emulator/tokens/vss_error.h"
#include "providers/emulator/tokens/wire.h"

// Threads, comments and statuses of a pull request in Azure Repos, as far as
// patform uses them. The routes of GitHub are told apart here, too.
namespace patform::emulator {
namespace {

namespace json = boost::json;

// As documented; longer ones are refused.
constexpr size_t kMaxComment = 150'000;

// The format of the PAT API's dates is that of the platform.
json::string Date(absl::Time time) {
  return json::string(FormatTicks(ToTicks(time)));
}

json::object IdentityJson(const JobIdentity& identity) {
  json::object object;
  object["displayName"] = identity.name;
  object["id"] = identity.id;
  object["uniqueName"] = identity.name;
  return object;
}

// What was deleted keeps its place, without its words.
json::object CommentJson(const HostComment& comment) {
  json::object object;
  object["id"] = comment.id;
  object["parentCommentId"] = 0;
  object["author"] = IdentityJson(comment.author);
  if (!comment.deleted) object["content"] = comment.body;
  object["publishedDate"] = Date(comment.created);
  object["lastUpdatedDate"] = Date(comment.updated);
  object["lastContentUpdatedDate"] = Date(comment.updated);
  if (comment.deleted) object["isDeleted"] = true;
  object["commentType"] = comment.system ? "system" : "text";
  object["usersLiked"] = json::array();
  return object;
}

// A thread is deleted when all of its comments are.
json::object ThreadJson(const HostThread& thread) {
  json::object object;
  object["pullRequestThreadContext"] = nullptr;
  object["id"] = thread.id;
  object["publishedDate"] = Date(thread.comments.front().created);
  object["lastUpdatedDate"] = Date(thread.comments.back().updated);
  json::array comments;
  bool deleted = true;
  for (const HostComment& comment : thread.comments) {
    comments.push_back(CommentJson(comment));
    deleted = deleted && comment.deleted;
  }
  object["comments"] = std::move(comments);
  // Absent for threads that need no resolution.
  if (!thread.status.empty()) object["status"] = thread.status;
  object["threadContext"] = nullptr;
  object["properties"] = json::object();
  object["identities"] = nullptr;
  object["isDeleted"] = deleted;
  return object;
}

// The newest one of a context counts; all are listed.
json::object StatusJson(const HostStatus& status) {
  json::object context;
  context["name"] = status.name;
  context["genre"] = status.genre;
  json::object object;
  object["id"] = status.id;
  object["state"] = status.state;
  object["description"] = status.description;
  object["context"] = std::move(context);
  object["creationDate"] = Date(status.created);
  object["updatedDate"] = Date(status.created);
  object["createdBy"] = IdentityJson(status.creator);
  if (!status.url.empty()) object["targetUrl"] = status.url;
  return object;
}

// The platform's envelope of a list.
http::ServerResponse ListAnswer(json::array values) {
  json::object list;
  const auto count = static_cast<int64_t>(values.size());
  list["value"] = std::move(values);
  list["count"] = count;
  return JsonAnswer(200, json::serialize(list));
}

// The message of the hosted service, which names the permission.
http::ServerResponse NotAllowed(const JobIdentity& who,
                                const HostPullRequest& pull) {
  return VssError(
      403, "GitNeedsPermissionException",
      absl::StrCat("TF401027: You need the Git 'PullRequestContribute' "
                   "permission to perform this action. Details: identity "
                   "'Build\\",
                   who.id, "', scope 'repository'.  (", pull.repository, ")"));
}

// eventId 0: the argument was at fault, not the service.
http::ServerResponse BadArgument(const std::string& what) {
  return VssError(400, "ArgumentException", what, 0);
}

// "": absent, or not a text.
std::string TextOf(const json::object& object, const char* name) {
  const json::value* value = object.if_contains(name);
  const json::string* text = value == nullptr ? nullptr : value->if_string();
  return text == nullptr ? "" : std::string(text->data(), text->size());
}

// What every operation needs of a request that is let in.
struct Call {
  Service& service;
  const JobIdentity& who;
  HostPullRequest& pull;
  const Target& target;
  const FaultAction& fault;
  json::object body;
};

// A fault may hide the newest ones: a list that lags behind a post.
http::ServerResponse ListThreads(const Call& call) {
  json::array threads;
  const auto omitted = static_cast<size_t>(call.fault.list_omit);
  const size_t all = call.pull.threads.size();
  for (size_t i = 0; i + omitted < all; ++i) {
    threads.push_back(ThreadJson(call.pull.threads[i]));
  }
  return ListAnswer(std::move(threads));
}

// A thread is made together with its first comment.
http::ServerResponse PostThread(const Call& call) {
  const json::value* comments = call.body.if_contains("comments");
  const json::array* list =
      comments == nullptr ? nullptr : comments->if_array();
  const json::object* first =
      list == nullptr || list->empty() ? nullptr : list->front().if_object();
  if (first == nullptr || TextOf(*first, "content").empty()) {
    return BadArgument("The comment thread must have at least one comment.");
  }
  HostThread thread;
  thread.id = call.service.code_hosts.NextId();
  thread.status = TextOf(call.body, "status");
  HostComment comment;
  // Comments are numbered within their thread.
  comment.id = 1;
  comment.author = call.who;
  comment.body = TextOf(*first, "content");
  if (comment.body.size() > kMaxComment) {
    return BadArgument("The comment's content is too long.");
  }
  // What a program may mark as written by the system is nobody's comment.
  const json::value* type = first->if_contains("commentType");
  comment.system = type != nullptr && *type == json::value("system");
  comment.created = comment.updated = call.service.clock.Now();
  thread.comments.push_back(std::move(comment));
  call.pull.threads.push_back(std::move(thread));
  return JsonAnswer(200, json::serialize(ThreadJson(call.pull.threads.back())));
}

// Null: there is no such comment.
HostComment* Find(const Call& call) {
  int64_t thread_id = 0, comment_id = 0;
  // threads/{9}/comments/{11}
  if (!absl::SimpleAtoi(call.target.path[9], &thread_id) ||
      !absl::SimpleAtoi(call.target.path[11], &comment_id)) {
    return nullptr;
  }
  for (HostThread& thread : call.pull.threads) {
    for (HostComment& comment : thread.comments) {
      if (thread.id == thread_id && comment.id == comment_id) return &comment;
    }
  }
  return nullptr;
}

// Editing or removing: both are for the author alone.
http::ServerResponse ChangeComment(const Call& call, bool remove) {
  HostComment* comment = Find(call);
  if (comment == nullptr || comment->deleted) {
    return VssError(404, "CommentNotFoundException",
                    "The comment does not exist, or you have no access to it.");
  }
  if (comment->author.id != call.who.id) {
    return VssError(403, "CommentUpdateNotPermittedException",
                    "Only the author of a comment can change it.");
  }
  comment->updated = call.service.clock.Now();
  if (remove) {
    // Kept, without its words: replies hang on it.
    comment->deleted = true;
    http::ServerResponse response = JsonAnswer(200, "");
    return response;
  }
  const std::string text = TextOf(call.body, "content");
  if (text.empty() || text.size() > kMaxComment) {
    return BadArgument("The comment's content is empty or too long.");
  }
  comment->body = text;
  return JsonAnswer(200, json::serialize(CommentJson(*comment)));
}

http::ServerResponse ListStatuses(const Call& call) {
  json::array statuses;
  for (const HostStatus& status : call.pull.statuses) {
    statuses.push_back(StatusJson(status));
  }
  return ListAnswer(std::move(statuses));
}

// Always a new one: statuses are a history.
http::ServerResponse SetStatus(const Call& call) {
  static constexpr const char* kStates[] = {
      "notSet", "pending", "succeeded", "failed", "error", "notApplicable"};
  const json::value* context = call.body.if_contains("context");
  const json::object* named =
      context == nullptr ? nullptr : context->if_object();
  HostStatus status;
  status.state = TextOf(call.body, "state");
  if (named == nullptr || TextOf(*named, "name").empty()) {
    return BadArgument("The status must have a context with a name.");
  }
  if (std::find(std::begin(kStates), std::end(kStates), status.state) ==
      std::end(kStates)) {
    return BadArgument("The state of the status is not valid.");
  }
  // From 1, rising.
  status.id = static_cast<int64_t>(call.pull.statuses.size()) + 1;
  status.description = TextOf(call.body, "description");
  status.name = TextOf(*named, "name");
  status.genre = TextOf(*named, "genre");
  status.url = TextOf(call.body, "targetUrl");
  status.creator = call.who;
  status.created = call.service.clock.Now();
  call.pull.statuses.push_back(std::move(status));
  return JsonAnswer(200,
                    json::serialize(StatusJson(call.pull.statuses.back())));
}

// /ORGANIZATION/PROJECT/_apis/git/repositories/REPOSITORY/pullRequests/NUMBER
bool IsAzureRepos(const Target& target) {
  return target.path.size() >= 8 && target.Is(2, "_apis") &&
         target.Is(3, "git") && target.Is(4, "repositories") &&
         target.Is(6, "pullRequests");
}

// "": no operation of ours, so 404.
std::string AzureOperation(std::string_view method, const Target& target) {
  const size_t parts = target.path.size();
  if (parts == 9 && target.Is(8, "threads")) {
    if (method == "GET") return "comment_list";
    if (method == "POST") return "comment_post";
  }
  if (parts == 12 && target.Is(8, "threads") && target.Is(10, "comments")) {
    if (method == "PATCH") return "comment_edit";
    if (method == "DELETE") return "comment_remove";
  }
  if (parts == 9 && target.Is(8, "statuses")) {
    if (method == "GET") return "status_list";
    if (method == "POST") return "status_set";
  }
  return "";
}

// Below /api/v3, as GitHub Enterprise has it.
std::string GitHubOperation(std::string_view method, const Target& target) {
  const size_t parts = target.path.size();
  if (parts == 3 && target.Is(2, "user") && method == "GET") return "user";
  if (parts == 6 && target.Is(2, "repos") && target.Is(5, "pulls") &&
      method == "GET") {
    return "pull_list";
  }
  if (parts != 8 || !target.Is(2, "repos") || !target.Is(5, "issues")) {
    return "";
  }
  if (target.Is(7, "comments")) {
    if (method == "GET") return "comment_list";
    if (method == "POST") return "comment_post";
  }
  if (target.Is(6, "comments")) {
    if (method == "PATCH") return "comment_edit";
    if (method == "DELETE") return "comment_remove";
  }
  return "";
}

// GETs may go without a version, as the hosted service has it.
std::optional<http::ServerResponse> CheckGitVersion(const std::string& version,
                                                    bool needed) {
  if (version.empty()) {
    return needed ? CheckVersion(version) : std::nullopt;
  }
  // These resources have left their preview long ago.
  for (const char* known : {"5.1", "6.0", "7.0", "7.1", "7.2-preview.1"}) {
    if (version == known) return std::nullopt;
  }
  return VssError(400, "VssVersionOutOfRangeException",
                  absl::StrCat("The requested REST API version of ", version,
                               " is out of range for this server."));
}

}  // namespace

bool IsGitHub(const Target& target) {
  return target.Is(0, "api") && target.Is(1, "v3");
}

std::string PullRequestOperationOf(std::string_view method,
                                   const Target& target) {
  if (IsGitHub(target)) return GitHubOperation(method, target);
  if (IsAzureRepos(target)) return AzureOperation(method, target);
  return "";
}

// With the token of a job: connectionData asks about a PAT otherwise.
bool AsksWhoItIs(const Service& service, const http::ServerRequest& request,
                 const Target& target) {
  return request.method == "GET" && target.path.size() == 3 &&
         target.Is(1, "_apis") && target.Is(2, "connectionData") &&
         service.code_hosts.Who(request) != nullptr;
}

http::ServerResponse AnswerWhoItIs(const Service& service,
                                   const http::ServerRequest& request,
                                   const Target& target) {
  const JobIdentity* who = service.code_hosts.Who(request);
  const std::string version = RequestedVersion(request, target);
  if (who == nullptr || who->github) {
    return Authenticator::NotSignedIn(target.path[0], service.switches);
  }
  if (auto refusal = CheckVersion(version); refusal && !version.empty()) {
    return std::move(*refusal);
  }
  json::object user = IdentityJson(*who);
  user["providerDisplayName"] = who->name;
  user["isActive"] = true;
  json::object object;
  object["authenticatedUser"] = user;
  object["authorizedUser"] = std::move(user);
  object["deploymentType"] = "hosted";
  return JsonAnswer(200, json::serialize(object));
}

// The same order of checks as for tokens: organization, sign-in, version, the
// thing itself, permission, body.
http::ServerResponse AnswerAzureRepos(Service& service,
                                      std::string_view operation,
                                      const http::ServerRequest& request,
                                      const Target& target,
                                      const FaultAction& fault) {
  const std::string& organization = target.path[0];
  if (service.organizations.find(absl::AsciiStrToLower(organization)) ==
      service.organizations.end()) {
    return NoSuchResource();
  }
  const JobIdentity* who = service.code_hosts.Who(request);
  if (who == nullptr || who->github) {
    return Authenticator::NotSignedIn(organization, service.switches);
  }
  const bool reads = request.method == "GET";
  if (auto refusal =
          CheckGitVersion(RequestedVersion(request, target), !reads)) {
    return std::move(*refusal);
  }
  int64_t number = 0;
  HostPullRequest* pull =
      absl::SimpleAtoi(target.path[7], &number)
          ? service.code_hosts.FindAzure(organization, target.path[1],
                                         target.path[5], number)
          : nullptr;
  // Without the right to read it does not exist.
  if (pull == nullptr || !who->may_read) {
    return VssError(404, "GitPullRequestNotFoundException",
                    "TF401180: The requested pull request was not found.");
  }
  if (!reads && !who->may_write) return NotAllowed(*who, *pull);
  Call call{service, *who, *pull, target, fault, {}};
  // DELETE has no body.
  if (operation != "comment_remove" && !reads) {
    const auto type = request.Find("Content-Type");
    if (!type || !absl::StrContains(AbslView(*type), "json")) {
      return VssError(415, "VssRequestContentTypeNotSupportedException",
                      "The request indicated a Content-Type which is not "
                      "supported. Valid content types are: application/json.");
    }
    json::error_code error;
    json::value body = json::parse(request.body, error);
    if (error || !body.is_object()) return BadJson();
    call.body = std::move(body.get_object());
  }
  if (operation == "comment_list") return ListThreads(call);
  if (operation == "comment_post") return PostThread(call);
  if (operation == "comment_edit") return ChangeComment(call, false);
  if (operation == "comment_remove") return ChangeComment(call, true);
  if (operation == "status_list") return ListStatuses(call);
  return SetStatus(call);
}

}  // namespace patform::emulator
