#include "providers/pull_requests/host.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "providers/http/allowed_hosts.h"
#include "providers/http/url.h"
#include "providers/pull_requests/errors.h"

// The one way to both hosts: where the job's token may be sent, how often
// something is repeated, and what is an answer.
namespace patform::pull_requests {
namespace {

using System = PullRequestTarget::System;

// The names that only Microsoft and GitHub serve.
std::vector<std::string> WellKnown(System system) {
  // GitHub Enterprise has hosts of its own: --allow-host.
  if (system == System::kGitHub) return {"api.github.com"};
  // Each organization of the old kind has a name below visualstudio.com.
  return {"dev.azure.com", "*.visualstudio.com"};
}

// Whoever can set a variable of the job would otherwise get its token.
absl::Status CheckHost(System system, const http::Url& url,
                       const std::vector<std::string>& allowed) {
  const std::vector<std::string> well_known = WellKnown(system);
  if (http::AllowedHosts{well_known, allowed}.Contains(url)) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "the variables of this job name the host ", Visible(url.Authority()),
      ", which is not ", absl::StrJoin(well_known, " or "), ", and would get ",
      TokenVariable(system),
      ". Nothing was sent. If it is yours, allow it where the pipeline is "
      "defined: --allow-host ",
      Visible(url.Authority()), " or PATFORM_ALLOW_HOSTS"));
}

}  // namespace

// Takes the transport once: a run makes a handful of requests, one after
// another.
Host::Host(Config config, http::Url base)
    : config_(std::move(config)),
      base_(std::move(base)),
      transport_(config_.new_transport()) {}

absl::StatusOr<std::unique_ptr<Host>> Host::Make(Config config) {
  const System system = config.target.system;
  PATFORM_ASSIGN_OR_RETURN(http::Url base,
                           http::ParseUrl(config.target.base_url));
  PATFORM_RETURN_IF_ERROR(CheckHost(system, base, config.allow_hosts));
  if (base.target.find('?') != std::string::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", Visible(config.target.base_url),
                     "\" has a query; it must be without"));
  }
  while (absl::EndsWith(base.target, "/")) base.target.pop_back();
  // After the host was checked, so that a missing token is not the first thing
  // that somebody with a wrong host is sent to look for.
  if (config.token.empty()) return MissingToken(system);
  return std::unique_ptr<Host>(new Host(std::move(config), std::move(base)));
}

absl::StatusOr<http::Response> Host::Send(const std::string& method,
                                          const std::string& path,
                                          const std::string& body,
                                          const Purpose& purpose,
                                          Deadline deadline) {
  const System system = config_.target.system;
  http::Request request;
  request.method = method;
  // These hosts count a request before they do anything: 429 means not done.
  request.repeat_when_limited = true;
  request.url = base_;
  request.url.target += path;
  // Pinned: without a version GitHub takes its default, which changes.
  if (system == System::kGitHub) {
    request.headers = {{"Accept", "application/vnd.github+json"},
                       {"X-GitHub-Api-Version", "2022-11-28"}};
  } else {
    // Suppress: answer 401 rather than send a browser to the sign-in page.
    request.headers = {{"Accept", "application/json"},
                       {"X-TFS-FedAuthRedirect", "Suppress"}};
  }
  request.bearer = &config_.token;
  if (!body.empty()) {
    request.content_type = "application/json";
    request.body = Secret(body);
  }
  absl::StatusOr<http::Response> answer = http::SendWithRetry(
      *transport_, *config_.clock, *config_.retry, request, deadline);
  if (!answer.ok()) return TransportError(answer.status(), purpose);
  const bool good = answer->status >= 200 && answer->status < 300;
  // A page of HTML may come with 200.
  if (good && !IsSignInPage(*answer)) return answer;
  return AnswerError(*answer, config_.target, purpose);
}

}  // namespace patform::pull_requests
