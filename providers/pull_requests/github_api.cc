#include "providers/pull_requests/github_api.h"

#include <algorithm>
#include <boost/json.hpp>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/base/strings.h"
#include "providers/pull_requests/json_members.h"

namespace patform::pull_requests::github {
namespace {

namespace json = boost::json;

// Without a login (GITHUB_TOKEN): any bot. The marker in the text is looked at
// as well, and GitHub refuses the edit of a comment that is not the token's.
bool IsOwn(const json::object* user, const Identity& own) {
  if (user == nullptr) return false;
  if (own.login.empty()) return Text(*user, "type") == "Bot";
  return absl::EqualsIgnoreCase(AbslView(Text(*user, "login")), own.login);
}

}  // namespace

std::optional<Identity> ParseUser(std::string_view body) {
  const Document document(body);
  if (document.root() == nullptr || Text(*document.root(), "login").empty()) {
    return std::nullopt;
  }
  return Identity{std::string(Text(*document.root(), "login"))};
}

// One entry without an id, and this is not the answer of the API. The text may
// be empty, the author gone.
std::optional<std::vector<PullRequestComment>> ParseComments(
    std::string_view body, const Identity& own) {
  const Document document(body);
  // A list, where errors are objects.
  if (document.list() == nullptr) return std::nullopt;
  std::vector<PullRequestComment> comments;
  for (const json::value& value : *document.list()) {
    const json::object* object = value.if_object();
    const int64_t id = object == nullptr ? 0 : Number(*object, "id");
    if (id <= 0) return std::nullopt;
    PullRequestComment comment;
    comment.id = absl::StrCat(id);
    comment.body = std::string(Text(*object, "body"));
    comment.own = IsOwn(Object(*object, "user"), own);
    comments.push_back(std::move(comment));
  }
  return comments;
}

std::optional<std::string> ParsePosted(std::string_view body) {
  const Document document(body);
  const int64_t id =
      document.root() == nullptr ? 0 : Number(*document.root(), "id");
  if (id <= 0) return std::nullopt;
  return absl::StrCat(id);
}

bool HasNextPage(const http::Response& response) {
  const auto link = response.Find("Link");
  if (!link) return false;
  // Link: <...>; rel="next", <...>; rel="last" (RFC 8288).
  for (const absl::string_view part : absl::StrSplit(AbslView(*link), ',')) {
    if (absl::StrContains(part, "rel=\"next\"")) return true;
  }
  return false;
}

std::string CommentJson(const std::string& body) {
  json::object comment;
  comment["body"] = body;
  return json::serialize(comment);
}

// Two plain names. "." and ".." would lead to another path.
bool IsRepository(std::string_view name) {
  const size_t slash = name.find('/');
  if (slash == std::string_view::npos) return false;
  for (const std::string_view part :
       {name.substr(0, slash), name.substr(slash + 1)}) {
    const bool plain = std::all_of(part.begin(), part.end(), [](char c) {
      return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' ||
             c == '.' || c == '_';
    });
    if (!plain || part.find_first_not_of('.') == std::string_view::npos) {
      return false;
    }
  }
  return true;
}

}  // namespace patform::pull_requests::github
