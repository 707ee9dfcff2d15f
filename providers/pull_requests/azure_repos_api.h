#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/ports/pull_request.h"

// The wire format of Azure Repos' pull requests, api-version 7.1. Pure.
namespace patform::pull_requests::azure_repos {

// connectionData: the id of the identity that the token is; nullopt: the
// answer has none.
std::optional<std::string> ParseIdentity(std::string_view body);

// A list of threads: the comment that each begins with, oldest first. System
// messages and what was deleted are left out. `own_id` empty: not known, any
// may be ours. nullopt: this is not a list of threads.
std::optional<std::vector<PullRequestComment>> ParseThreads(
    std::string_view body, std::string_view own_id);

// The id of the comment in a thread that was just made; nullopt: it has none.
std::optional<std::string> ParsePosted(std::string_view body);

// The path of the comment in an id of the above, "threads/7/comments/1".
std::string CommentPath(const std::string& id);

// A list of statuses: is the newest one of that name the same?
// nullopt: this is not a list of statuses.
std::optional<bool> StandsAlready(std::string_view body,
                                  const PullRequestStatus& status);

std::string ThreadJson(const std::string& body);
std::string CommentJson(const std::string& body);
// `url`: where a click on it leads; "": nowhere.
std::string StatusJson(const PullRequestStatus& status, const std::string& url);

}  // namespace patform::pull_requests::azure_repos
