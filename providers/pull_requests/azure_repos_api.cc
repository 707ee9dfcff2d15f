#include "providers/pull_requests/azure_repos_api.h"

#include <algorithm>
#include <boost/json.hpp>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "engine/base/strings.h"
#include "engine/base/words.h"
#include "providers/pull_requests/json_members.h"

// What a thread, a comment and a status look like on the wire, for Azure DevOps
// Services and for Azure DevOps Server, which writes some members differently.
// A body is either understood (its members may be absent) or nullopt.
namespace patform::pull_requests::azure_repos {
namespace {

namespace json = boost::json;

// Statuses of other programs may have the same name.
constexpr char kGenre[] = "patform";

// The service's words, not ours.
using State = PullRequestStatus::State;
constexpr WordFor<State> kStates[] = {{State::kSucceeded, "succeeded"},
                                      {State::kFailed, "failed"},
                                      {State::kPending, "pending"}};
static_assert(AllInOrder(kStates, State::kPending));

const char* StateName(State state) {
  return kStates[static_cast<size_t>(state)].word;
}

// Ids are GUIDs, which the service writes in either case.
bool SameId(std::string_view a, std::string_view b) {
  return absl::EqualsIgnoreCase(AbslView(a), AbslView(b));
}

// Threads are for people's words if their first comment is of type text.
const json::object* FirstComment(const json::object& thread) {
  // Deleted threads stay in the list, without their text.
  if (Flag(thread, "isDeleted")) return nullptr;
  const json::array* comments = Array(thread, "comments");
  const json::object* first = nullptr;
  // The first comment has the lowest id; the order of the list is not promised.
  int64_t lowest = 0;
  for (size_t i = 0; comments != nullptr && i < comments->size(); ++i) {
    const json::object* comment = (*comments)[i].if_object();
    // 0: not a number, or absent.
    const int64_t id = comment == nullptr ? 0 : Number(*comment, "id");
    if (id > 0 && (first == nullptr || id < lowest)) {
      first = comment;
      lowest = id;
    }
  }
  if (first == nullptr || Flag(*first, "isDeleted")) return nullptr;
  // Older servers write the number.
  const json::value* type = first->if_contains("commentType");
  const bool text = Text(*first, "commentType") == "text" ||
                    (type != nullptr && *type == json::value(1));
  return text ? first : nullptr;
}

// What Edit() and Remove() get back: both parts are needed for a path.
std::string IdOf(int64_t thread, int64_t comment) {
  return absl::StrCat(thread, "/", comment);
}

}  // namespace

std::optional<std::string> ParseIdentity(std::string_view body) {
  const Document document(body);
  const json::object* user =
      document.root() == nullptr
          ? nullptr
          : Object(*document.root(), "authenticatedUser");
  if (user == nullptr || Text(*user, "id").empty()) return std::nullopt;
  return std::string(Text(*user, "id"));
}

std::optional<std::vector<PullRequestComment>> ParseThreads(
    std::string_view body, std::string_view own_id) {
  const Document document(body);
  const json::array* threads =
      document.root() == nullptr ? nullptr : Array(*document.root(), "value");
  if (threads == nullptr) return std::nullopt;
  std::vector<std::pair<int64_t, PullRequestComment>> found;
  // One entry that is not an object, and this is not the answer of the API.
  for (const json::value& value : *threads) {
    const json::object* thread = value.if_object();
    if (thread == nullptr) return std::nullopt;
    const int64_t id = Number(*thread, "id");
    // Threads of the system ("X voted") have no text of a person, and are not
    // ours.
    const json::object* first = FirstComment(*thread);
    if (id <= 0 || first == nullptr) continue;
    const json::object* author = Object(*first, "author");
    PullRequestComment comment;
    comment.id = IdOf(id, Number(*first, "id"));
    comment.body = std::string(Text(*first, "content"));
    // Where the identity is not known the marker in the text decides alone.
    comment.own = own_id.empty() ||
                  (author != nullptr && SameId(Text(*author, "id"), own_id));
    found.emplace_back(id, std::move(comment));
  }
  // The oldest first: if there are several of ours, that one is kept.
  std::stable_sort(
      found.begin(), found.end(),
      [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<PullRequestComment> comments;
  comments.reserve(found.size());
  for (auto& [id, comment] : found) comments.push_back(std::move(comment));
  return comments;
}

std::optional<std::string> ParsePosted(std::string_view body) {
  const Document document(body);
  if (document.root() == nullptr) return std::nullopt;
  const int64_t thread = Number(*document.root(), "id");
  const json::array* comments = Array(*document.root(), "comments");
  // A thread is always answered with its first comment.
  if (thread <= 0 || comments == nullptr || comments->empty()) {
    return std::nullopt;
  }
  const json::object* comment = comments->front().if_object();
  const int64_t id = comment == nullptr ? 0 : Number(*comment, "id");
  if (id <= 0) return std::nullopt;
  return IdOf(thread, id);
}

// "12/1" becomes threads/12/comments/1.
std::string CommentPath(const std::string& id) {
  return absl::StrCat("threads/",
                      absl::StrReplaceAll(id, {{"/", "/comments/"}}));
}

std::optional<bool> StandsAlready(std::string_view body,
                                  const PullRequestStatus& status) {
  const Document document(body);
  const json::array* statuses =
      document.root() == nullptr ? nullptr : Array(*document.root(), "value");
  if (statuses == nullptr) return std::nullopt;
  // The highest id is the newest.
  int64_t newest = 0;
  bool same = false;
  for (const json::value& value : *statuses) {
    const json::object* object = value.if_object();
    const json::object* context =
        object == nullptr ? nullptr : Object(*object, "context");
    // Other genres and names are other people's.
    if (context == nullptr || Text(*context, "genre") != kGenre ||
        Text(*context, "name") != status.name) {
      continue;
    }
    const int64_t id = Number(*object, "id");
    // Ids only grow.
    if (id < newest) continue;
    newest = id;
    same = Text(*object, "state") == StateName(status.state) &&
           Text(*object, "description") == status.description;
  }
  return same;
}

std::string ThreadJson(const std::string& body) {
  json::object comment;
  // 0: the first comment of its thread.
  comment["parentCommentId"] = 0;
  comment["content"] = body;
  comment["commentType"] = "text";
  json::object thread;
  thread["comments"] = json::array{std::move(comment)};
  // No status of the thread: one that is active has to be resolved by somebody
  // before a pull request under the usual policies can be completed.
  return json::serialize(thread);
}

std::string CommentJson(const std::string& body) {
  json::object comment;
  comment["content"] = body;
  return json::serialize(comment);
}

std::string StatusJson(const PullRequestStatus& status,
                       const std::string& url) {
  json::object context;
  context["name"] = status.name;
  context["genre"] = kGenre;
  json::object object;
  object["state"] = StateName(status.state);
  object["description"] = status.description;
  object["context"] = std::move(context);
  // An empty URL would be refused.
  if (!url.empty()) object["targetUrl"] = url;
  return json::serialize(object);
}

}  // namespace patform::pull_requests::azure_repos
