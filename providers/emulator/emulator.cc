#include "providers/emulator/emulator.h"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/time/time.h"
#include "engine/base/status.h"
#include "providers/emulator/admin.h"
#include "providers/emulator/code_hosts/pull_requests_api.h"
#include "providers/emulator/entra/token_endpoint.h"
#include "providers/emulator/key_vault/secrets_api.h"
#include "providers/emulator/tokens/api.h"
#include "providers/emulator/tokens/target.h"
#include "providers/emulator/tokens/vss_error.h"
#include "providers/emulator/variable_groups/api.h"

// One request at a time, under one lock: an emulator is exact before it is
// fast. A fault may take effect before the work (nothing was done), after it
// (done, but the answer is lost) or on the answer itself, because those are
// what a client has to tell apart.
namespace patform::emulator {
namespace {

namespace json = boost::json;
using Fate = http::ServerResponse::Fate;

// The answer instead of the work; nullopt: the work is to be done.
std::optional<http::ServerResponse> Instead(const FaultAction& fault,
                                            const http::ServerRequest& request,
                                            const Target& target) {
  // The order of the actions, if a rule has several.
  if (fault.cut_before) {
    http::ServerResponse cut;
    cut.fate = Fate::kCutBefore;
    return cut;
  }
  if (fault.html) return SignInPage(203);
  if (!fault.pat_token_error.empty()) {
    return JsonAnswer(200, RefusalJson(fault.pat_token_error,
                                       "A fault asked for this answer.",
                                       HasErrorMessage(request, target)));
  }
  const bool answers = fault.status || fault.body || !fault.headers.empty();
  // With "after" the work is done, and its answer replaced by Spoil().
  if (!answers || fault.after) return std::nullopt;
  return JsonAnswer(200, "");
}

// To test a client that checks whether it got what it asked for.
// An answer about a token with some of its members replaced.
void Lie(const std::string& members, std::string& body) {
  json::error_code error;
  json::value answer = json::parse(body, error);
  json::object* token = nullptr;
  if (!error && answer.is_object() &&
      answer.get_object().contains("patToken")) {
    token = answer.get_object()["patToken"].if_object();
  }
  if (token == nullptr) return;
  const json::value lies = json::parse(members);
  // A secret of a certain length, whatever else the token says.
  for (const auto& [name, value] : lies.as_object()) {
    if (name == "token_length") {
      (*token)["token"] =
          std::string(static_cast<size_t>(value.to_number<int>()), 'a');
    } else {
      (*token)[name] = value;
    }
  }
  body = json::serialize(answer);
}

// What becomes of an answer.
void Spoil(const FaultAction& fault, http::ServerResponse& response) {
  if (!fault.lie.empty()) Lie(fault.lie, response.body);
  if (fault.status) response.status = *fault.status;
  if (fault.body) response.body = *fault.body;
  for (const auto& header : fault.headers) {
    // Replaced, not added: a second Date or Retry-After would mean nothing.
    for (auto old = response.headers.begin(); old != response.headers.end();) {
      old = absl::EqualsIgnoreCase(old->first, header.first)
                ? response.headers.erase(old)
                : old + 1;
    }
    response.headers.push_back(header);
  }
  if (fault.garbage) {
    // Valid UTF-8 ends here, in the middle of a page.
    response = JsonAnswer(200, "{\"patTokens\":[{\"displayName\":\"\xff\xfe");
  }
  // The work was done; only the answer is lost.
  if (fault.cut_after) response.fate = Fate::kCutBefore;
  if (fault.slow_drip) response.fate = Fate::kSlowDrip;
  response.delay = std::chrono::milliseconds(fault.latency_ms);
}

}  // namespace

// Names of organizations are compared in lower case from here on.
Emulator::Emulator(Options options, std::unique_ptr<SqliteLog> log,
                   std::string signing_key)
    : options_(std::move(options)),
      service_(ServiceClock(options_.machine_time), std::move(log),
               std::move(signing_key)) {
  service_.tls = options_.tls;
  if (options_.now) service_.clock.Set(*options_.now);
  service_.switches = options_.switches;
  for (const std::string& name : options_.organizations) {
    service_.organizations.emplace(absl::AsciiStrToLower(name),
                                   DerivedGuid("organization", name));
  }
  service_.store.SetRendering(service_.switches.Get("names"),
                              service_.switches.Is("scope_order", "sorted"));
}

absl::StatusOr<std::unique_ptr<Emulator>> Emulator::Make(Options options) {
  std::unique_ptr<SqliteLog> log;
  // Without a file the key is new each time: bearers do not outlive the
  // process.
  std::string key = RandomBytes(32);
  if (!options.data.empty()) {
    PATFORM_ASSIGN_OR_RETURN(log, SqliteLog::Open(options.data));
    PATFORM_ASSIGN_OR_RETURN(key, log->SigningKey());
  }
  std::unique_ptr<Emulator> emulator(
      new Emulator(std::move(options), std::move(log), std::move(key)));
  // After the constructor, because loading can fail.
  PATFORM_RETURN_IF_ERROR(emulator->service_.store.Load());
  return emulator;
}

http::ServerResponse Emulator::Handle(const http::ServerRequest& request) {
  // Parsed outside of the lock.
  const Target target = ParseTarget(request.target);
  const std::lock_guard lock(mutex_);
  http::ServerResponse response =
      target.Is(0, "_emulator")
          ? AnswerAdmin(service_,
                        {options_.now, options_.switches,
                         options_.connections ? options_.connections() : 0,
                         options_.tls},
                        request, target)
          : HandleApi(request, target);
  // By its own clock, unless a fault moves it.
  const auto dates = [](const auto& header) { return header.first == "Date"; };
  if (std::none_of(response.headers.begin(), response.headers.end(), dates)) {
    response.headers.emplace_back(
        "Date", absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT",
                                 service_.clock.Now(), absl::UTCTimeZone()));
  }
  return response;
}

// The operation decides which rule applies and how the request is counted.
http::ServerResponse Emulator::HandleApi(const http::ServerRequest& request,
                                         const Target& target) {
  const std::string host_operation =
      PullRequestOperationOf(request.method, target);
  const std::string group_operation =
      VariableGroupOperationOf(request.method, target);
  const bool signs_in = IsSignIn(service_, request.method, target);
  const std::string vault_operation = VaultOperationOf(request.method, target);
  const std::string operation = signs_in                   ? kSignIn
                                : !vault_operation.empty() ? vault_operation
                                : !group_operation.empty() ? group_operation
                                : host_operation.empty()
                                    ? OperationOf(request.method, target)
                                    : host_operation;
  const FaultAction fault =
      service_.faults
          .Next(operation, target.path.empty()
                               ? ""
                               : absl::AsciiStrToLower(target.path[0]))
          .value_or(FaultAction());
  std::optional<http::ServerResponse> response =
      Instead(fault, request, target);
  // The same host serves several APIs, and GitHub's below /api/v3.
  if (!response && signs_in) {
    response = AnswerSignIn(service_, request);
  } else if (!response && !vault_operation.empty()) {
    response = AnswerVault(service_, operation, request, target);
  } else if (!response && !group_operation.empty()) {
    response = AnswerVariableGroups(service_, group_operation, request, target);
  } else if (!response && !host_operation.empty()) {
    const auto answer = IsGitHub(target) ? AnswerGitHub : AnswerAzureRepos;
    response = answer(service_, operation, request, target, fault);
  } else if (!response && AsksWhoItIs(service_, request, target)) {
    response = AnswerWhoItIs(service_, request, target);
  } else if (!response) {
    response = AnswerApi(service_, operation, request, target, fault);
  }
  Spoil(fault, *response);
  // Counted as a client would see it: an answer that was cut has no status.
  service_.requests.Add(
      {operation, request.method, request.target,
       response->fate == Fate::kCutBefore ? 0 : response->status,
       request.connection});
  return std::move(*response);
}

}  // namespace patform::emulator
