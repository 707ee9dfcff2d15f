#include "providers/azure_devops/pat_service.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "providers/http/allowed_hosts.h"

// Everything that is common to the calls of one organization: the address,
// which never comes from the configuration, the bearer, the retries and a pool
// of connections. Whoever gets a bearer with vso.pats_manage can make tokens,
// so a host has to be the service's own or named by the operator.
namespace patform::azure_devops {
namespace {

// Longer than any that Azure DevOps gives out.
constexpr size_t kMaxOrganization = 128;

// Wherever this may send to gets a bearer that can mint tokens. A file that
// anybody can propose a change to must not decide that.
absl::Status CheckHost(const http::Url& url,
                       const std::vector<std::string>& allowed) {
  // The exact host: a name below dev.azure.com that is not known is not the
  // service.
  if (http::AllowedHosts{{"vssps.dev.azure.com"}, allowed}.Contains(url)) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "the address ", Visible(url.Authority()), " is not Azure DevOps (",
      kServiceUrl,
      "), and a sign-in sent there could be used against you. Nothing was "
      "sent. If you trust it, name it on the command line (--service-url) or "
      "in PATFORM_SERVICE_URL."));
}

// Part of a path and of messages. It comes from the configuration.
absl::Status CheckOrganization(const std::string& name) {
  const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' ||
           c == '_' || c == '.';
  });
  // "." and ".." would lead to another path.
  const bool dots = name.find_first_not_of('.') == std::string::npos;
  if (plain && !dots && name.size() <= kMaxOrganization) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "\"", Visible(name),
      "\" cannot be the name of an organization. Write the name as it is "
      "in https://dev.azure.com/NAME."));
}

http::Url Below(http::Url url, const char* path) {
  url.target += path;
  return url;
}

}  // namespace

PatService::PatService(Config config, http::Url organization)
    : config_(std::move(config)),
      organization_(std::move(organization)),
      url_(Below(organization_, "/_apis/tokens/pats")) {}

absl::StatusOr<std::unique_ptr<PatService>> PatService::Make(Config config) {
  PATFORM_ASSIGN_OR_RETURN(http::Url url, http::ParseUrl(config.base_url));
  PATFORM_RETURN_IF_ERROR(CheckHost(url, config.allow_hosts));
  PATFORM_RETURN_IF_ERROR(CheckOrganization(config.organization));
  // Known ones only: answers of another version may mean something else.
  if (config.api_version != "7.1-preview.1" &&
      config.api_version != "7.2-preview.1") {
    return absl::InvalidArgumentError(absl::StrCat(
        "\"", Visible(config.api_version),
        "\" is not a version of the PAT API that patform knows. Use "
        "7.1-preview.1 or 7.2-preview.1."));
  }
  // Ours is appended to it.
  if (url.target.find('?') != std::string::npos) {
    return absl::InvalidArgumentError(
        "the service's address has a query; write it without.");
  }
  while (url.target.ends_with('/')) url.target.pop_back();
  absl::StrAppend(&url.target, "/", PercentEncode(config.organization));
  return std::unique_ptr<PatService>(
      new PatService(std::move(config), std::move(url)));
}

absl::StatusOr<http::Response> PatService::Exchange(
    const http::Request& request, const AnswerContext& context,
    Deadline deadline) {
  // One connection per thread that is in a call, from a pool that grows to as
  // many as there are threads. The mutex is not held while a request is under
  // way.
  std::unique_ptr<http::Transport> transport;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!idle_.empty()) {
      transport = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  if (transport == nullptr) transport = config_.new_transport();
  absl::StatusOr<http::Response> response = http::SendWithRetry(
      *transport, *config_.clock, *config_.retry, request, deadline);
  // Kept after a failure, too: it opens itself again.
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    idle_.push_back(std::move(transport));
  }
  if (response.ok()) return response;

  const absl::Status& failed = response.status();
  const bool reads = context.operation == Operation::kList ||
                     context.operation == Operation::kGet ||
                     context.operation == Operation::kProve;
  absl::Status status = Annotate(failed, Doing(context));
  // Whatever happened to a question, it can be asked again.
  if (reads) {
    // A lost answer to a question changed nothing.
    if (failed.code() != absl::StatusCode::kUnknown) return status;
    return absl::UnavailableError(status.message());
  }
  // Nothing was carried out, whatever the code.
  if (!http::MayHaveBeenDone(failed)) return status;
  // The words for a change that may have been made.
  return absl::UnknownError(
      absl::StrCat(status.message(), ". ", MayHaveBeenDone(context.operation)));
}

absl::StatusOr<http::Response> PatService::AskWithSecret(const Secret& basic,
                                                         Deadline deadline) {
  http::Request request;
  request.method = "GET";
  request.url = Below(organization_, "/_apis/connectionData");
  request.headers = {{"Accept", "application/json"},
                     {"X-TFS-FedAuthRedirect", "Suppress"}};
  request.basic = &basic;
  return Exchange(request, Context(Operation::kProve), deadline);
}

// An answer that is known without asking: each worker would otherwise run into
// the same refusal.
std::optional<http::Response> PatService::Challenge(const Secret& bearer) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (challenged_.empty() || challenged_.Reveal() != bearer.Reveal()) {
    return std::nullopt;
  }
  // Without the body: the headers have the claims.
  http::Response response;
  response.status = challenge_.status;
  response.headers = challenge_.headers;
  return response;
}

void PatService::RememberChallenge(const Secret& bearer,
                                   const http::Response& response) {
  if (!WantedClaims(response)) return;
  const std::lock_guard<std::mutex> lock(mutex_);
  challenged_ = bearer.Clone();
  challenge_.status = response.status;
  challenge_.headers = response.headers;
}

// Claims that it lacks go back to the sign-in, which may be able to meet them.
void PatService::Tell(const Secret& bearer, const http::Response& refusal) {
  const std::optional<std::string> claims = WantedClaims(refusal);
  if (claims && !claims->empty()) {
    config_.credentials->Challenged(bearer, *claims);
  } else {
    config_.credentials->Refused(bearer);
  }
}

BearerHint PatService::Hint(const Secret& bearer) {
  const absl::Time now = Now();
  const std::lock_guard<std::mutex> lock(mutex_);
  const bool recent = now >= hinted_at_ && now - hinted_at_ < absl::Seconds(1);
  if (!recent || hinted_.Reveal() != bearer.Reveal()) {
    hint_ = HintOf(bearer, now);
    hinted_ = Secret(bearer.Reveal());
    hinted_at_ = now;
  }
  return hint_;
}

// Stages: the request; the bearer; the exchange; and, if the bearer was refused
// and a newer one is there, once more.
absl::StatusOr<http::Response> PatService::Send(const std::string& method,
                                                const std::string& query,
                                                const std::string& body,
                                                AnswerContext& context,
                                                Deadline deadline) {
  http::Request request;
  // A copy: each request has its own target.
  request.method = method;
  request.url = url_;
  request.abandoned = &abandoned_;
  // Required by the service, and pinned to what was tested.
  absl::StrAppend(&request.url.target, "?", query, query.empty() ? "" : "&",
                  "api-version=", PercentEncode(config_.api_version));
  // Suppress: answer 401 rather than send a browser to the sign-in page.
  request.headers = {{"Accept", "application/json"},
                     {"X-TFS-FedAuthRedirect", "Suppress"}};
  if (!body.empty()) {
    request.content_type = "application/json";
    request.body = Secret(body);
  }
  PATFORM_ASSIGN_OR_RETURN(Secret bearer,
                           config_.credentials->Bearer(deadline));
  // Borrowed: `bearer` is in this frame as long as the request is.
  request.bearer = &bearer;
  if (std::optional<http::Response> known = Challenge(bearer)) {
    // Asks for another one for the next call, in case somebody has signed in.
    Tell(bearer, *known);
    return *std::move(known);
  }
  PATFORM_ASSIGN_OR_RETURN(http::Response response,
                           Exchange(request, context, deadline));
  RememberChallenge(bearer, response);
  // Refused. A credential that can renew itself gets one occasion to do so.
  if (response.status == 401 || IsSignInPage(response)) {
    Tell(bearer, response);
    absl::StatusOr<Secret> fresh = config_.credentials->Bearer(deadline);
    // Only a person can meet what is asked for: the source says how.
    if (!fresh.ok() && WantedClaims(response)) return fresh.status();
    // The same one again would be refused again.
    if (fresh.ok() && fresh->Reveal() != bearer.Reveal()) {
      // A create does not go out again, whatever the answer to it was.
      if (context.operation == Operation::kCreate) {
        return absl::AbortedError(
            absl::StrCat(Doing(context),
                         ": the service did not accept the sign-in, which "
                         "has been renewed since"));
      }
      bearer = *std::move(fresh);
      PATFORM_ASSIGN_OR_RETURN(response, Exchange(request, context, deadline));
      RememberChallenge(bearer, response);
    }
  }
  // For the message of an error, made from the bearer that was sent last.
  context.bearer = Hint(bearer);
  // To be compared with the secret in the answer: see IsHeldBy() in
  // pat_provider.cc.
  if (context.operation == Operation::kCreate) {
    context.sent = std::make_shared<const Secret>(std::move(bearer));
  }
  return response;
}

}  // namespace patform::azure_devops
