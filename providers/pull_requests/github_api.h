#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/ports/pull_request.h"
#include "providers/http/transport.h"

// The wire format of GitHub's issue comments, version 2022-11-28. Pure.
namespace patform::pull_requests::github {

// Who the token is. The token of a job is an app's, which may not ask.
struct Identity {
  std::string login;  // "": an app's; its comments are those of a bot
};

// The answer to GET /user; nullopt: it names nobody.
std::optional<Identity> ParseUser(std::string_view body);

// A page of comments. nullopt: this is not a list of comments.
std::optional<std::vector<PullRequestComment>> ParseComments(
    std::string_view body, const Identity& own);

// The id of a comment that was just made; nullopt: it has none.
std::optional<std::string> ParsePosted(std::string_view body);

// Does the answer announce another page? Its address is not
// followed: a page is asked for by its number.
bool HasNextPage(const http::Response& response);

std::string CommentJson(const std::string& body);

// Is it OWNER/NAME, of letters, digits, and - . _?
bool IsRepository(std::string_view name);

}  // namespace patform::pull_requests::github
