#include "providers/pull_requests/errors.h"

#include <boost/json/parse.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/strings.h"

// Errors of both hosts in words that name what to change in the pipeline. What
// a build's token may do is decided in two other places, the job's own
// permissions and the project's settings, and neither host says which one was
// at fault.
namespace patform::pull_requests {
namespace {

namespace json = boost::json;
using Code = absl::StatusCode;
using System = PullRequestTarget::System;

// In characters.
constexpr int kMaxShown = 300;

// The host's own words, if the answer has any; both systems call them so.
std::string Adds(const http::Response& response) {
  const std::string_view body = response.body.Reveal();
  json::error_code error;
  const json::value parsed =
      json::parse(json::string_view(body.data(), body.size()), error);
  const json::object* object = error ? nullptr : parsed.if_object();
  const json::value* member =
      object == nullptr ? nullptr : object->if_contains("message");
  const json::string* text = member == nullptr ? nullptr : member->if_string();
  if (text == nullptr || text->empty()) return "";
  std::string_view kept(text->data(), text->size());
  bool cut = false;
  for (size_t at = 0, count = 0; at < kept.size(); ++at) {
    // Continuation bytes of UTF-8: never cut within a character.
    if ((static_cast<unsigned char>(kept[at]) & 0xc0) == 0x80) continue;
    if (++count > kMaxShown) {
      kept = kept.substr(0, at);
      cut = true;
    }
  }
  return absl::StrCat(" The service says: \"", Visible(kept), cut ? " …" : "",
                      "\"");
}

const char* Service(System system) {
  return system == System::kGitHub ? "GitHub" : "Azure DevOps";
}

std::string NotSignedIn(System system) {
  if (system == System::kGitHub) {
    return "GITHUB_TOKEN is not, or no longer, good: it ends with its job. "
           "Give it to the step: env: GITHUB_TOKEN: ${{ github.token }}.";
  }
  return "SYSTEM_ACCESSTOKEN is not, or no longer, good: it ends with its "
         "job. Give it to the step: env: SYSTEM_ACCESSTOKEN: "
         "$(System.AccessToken).";
}

std::string NotAllowed(System system) {
  if (system == System::kGitHub) {
    return "GITHUB_TOKEN may not do that. The job needs `permissions: "
           "pull-requests: write`. For a pull request from a fork the token "
           "can only read, whatever is asked for: comment from a workflow_run "
           "job that takes the saved plan as an artifact.";
  }
  return "the build service may not do that. It needs \"Contribute to pull "
         "requests\" on the repository: Project settings, Repositories, "
         "Security, the user \"… Build Service\".";
}

std::string NotFound(const PullRequestTarget& target) {
  if (target.system == System::kGitHub) {
    return absl::StrCat("there is no ", target.ToString(),
                        ", or GITHUB_TOKEN may not see it: the job needs "
                        "`permissions: pull-requests: write`.");
  }
  return absl::StrCat(
      "there is no ", target.ToString(),
      ", or the build service may not see it: it needs \"Read\" and "
      "\"Contribute to pull requests\" on the repository, and a pipeline that "
      "is limited to the repositories it references must reference this one.");
}

// Does a 403 of GitHub's mean "too often"?
bool IsRateLimit(const http::Response& response) {
  if (response.status == 429) return true;
  // GitHub limits the rate with 403 as well, which otherwise means a
  // permission.
  if (response.status != 403) return false;
  const auto left = response.Find("X-RateLimit-Remaining");
  return response.Find("Retry-After").has_value() || (left && *left == "0");
}

}  // namespace

// The variable that messages name; the token itself comes from the caller.
const char* TokenVariable(System system) {
  return system == System::kGitHub ? "GITHUB_TOKEN" : "SYSTEM_ACCESSTOKEN";
}

absl::Status MissingToken(System system) {
  return absl::UnauthenticatedError(absl::StrCat(
      TokenVariable(system),
      " is not set. The CI does not hand it to a step "
      "by itself: ",
      system == System::kGitHub
          ? "env: GITHUB_TOKEN: ${{ github.token }}, and for the job "
            "permissions: pull-requests: write"
          : "env: SYSTEM_ACCESSTOKEN: $(System.AccessToken)"));
}

// As in azure_devops/pat_errors.cc: 203, or a page in the place of JSON.
bool IsSignInPage(const http::Response& response) {
  if (response.status == 203) return true;
  const auto type = response.Find("Content-Type");
  return response.status >= 200 && response.status < 300 && type &&
         absl::StartsWithIgnoreCase(AbslView(*type), "text/html");
}

absl::Status AnswerError(const http::Response& response,
                         const PullRequestTarget& target,
                         const Purpose& purpose) {
  const System system = target.system;
  const int status = response.status;
  const auto make = [&](Code code, const std::string& text) {
    return absl::Status(
        code, absl::StrCat(purpose.doing, ": ", Service(system), " answered ",
                           status, ": ", text, Adds(response)));
  };
  // 302 is how the service asks a browser to sign in; it is not followed.
  if (status == 401 || IsSignInPage(response) ||
      (status >= 300 && status < 400)) {
    return make(Code::kUnauthenticated, NotSignedIn(system));
  }
  if (IsRateLimit(response)) {
    // The value is only shown: SendWithRetry() has waited as long as it may.
    const auto wait = response.Find("Retry-After");
    return make(
        Code::kResourceExhausted,
        absl::StrCat(
            "the token has asked for too much. Nothing was done; run "
            "the step again later.",
            wait ? absl::StrCat(" Retry-After: ", Visible(*wait), ".") : ""));
  }
  switch (status) {
    case 403:
      return make(Code::kPermissionDenied, NotAllowed(system));
    // 404 is also what both hosts answer to "you may not see this".
    case 404:
    case 410:
      return make(Code::kNotFound, NotFound(target));
    case 409:
      return make(Code::kAborted,
                  "something changed at the same time. Nothing was done; run "
                  "the step again.");
    case 400:
    case 413:
    case 422:
      return make(Code::kFailedPrecondition, "it does not accept the request.");
    default:
      break;
  }
  // A post may have been made; anything else can be done again.
  if (status >= 500 || status == 408) {
    if (purpose.once) {
      return make(Code::kUnknown, "it failed on the way; it may have done it.");
    }
    return make(Code::kUnavailable,
                "it is in trouble. Run the step again in a few minutes.");
  }
  return make(Code::kDataLoss, "that is not an answer of its API.");
}

// `purpose.once`: what a second time would do twice.
absl::Status TransportError(const absl::Status& status,
                            const Purpose& purpose) {
  // A lost answer: after a post the comment may be there; an edit or a question
  // is simply made again by the next run.
  const bool open = http::MayHaveBeenDone(status);
  const Code code = !open          ? status.code()
                    : purpose.once ? Code::kUnknown
                                   : Code::kUnavailable;
  return absl::Status(code,
                      absl::StrCat(purpose.doing, ": ", status.message()));
}

absl::Status Unreadable(const std::string& what, const Purpose& purpose) {
  // After a post the comment may well be there.
  const std::string text = absl::StrCat(
      purpose.doing, ": the answer has no usable ", what,
      "; a proxy may have answered in the service's place, or its API has "
      "changed");
  return purpose.once ? absl::UnknownError(text) : absl::DataLossError(text);
}

}  // namespace patform::pull_requests
