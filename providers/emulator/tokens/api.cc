#include "providers/emulator/tokens/api.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "engine/base/strings.h"
#include "providers/emulator/tokens/api_version.h"
#include "providers/emulator/tokens/locations.h"
#include "providers/emulator/tokens/payload.h"
#include "providers/emulator/tokens/rules.h"
#include "providers/emulator/tokens/token_secret.h"
#include "providers/emulator/tokens/vss_error.h"

// The five operations of the PAT API and the one call where a token itself is
// used. What is checked first is what the hosted service checks first, as far
// as that is known: the organization, the sign-in, the version, scopes, then
// the body. Refusals by policy come with 200 and a name; everything else has
// the platform's envelope.
namespace patform::emulator {
namespace {

// The service's own limit.
constexpr int kMaxTop = 100;

// What every operation needs of a request that is let in.
struct Call {
  Service& service;
  const http::ServerRequest& request;
  const Target& target;
  const FaultAction& fault;
  std::string organization;  // id
  Caller caller;
  Ticks now = 0;
  bool with_message = false;
};

// An argument that .NET could not bind.
http::ServerResponse BadQuery(std::string_view name, std::string_view value) {
  return VssError(400, "ArgumentException",
                  absl::StrCat("The value '", AbslView(value),
                               "' is not valid for ", AbslView(name), "."),
                  0);
}

// 200: that is how this API refuses.
http::ServerResponse Refusal(const Call& call, const Verdict& verdict) {
  return JsonAnswer(
      200, RefusalJson(verdict.error, verdict.message, call.with_message));
}

// `secret` null: the answer of anything but a create.
http::ServerResponse Result(const Call& call, const TokenRow& row,
                            const Secret* secret) {
  std::string body = R"({"patToken":)";
  if (secret == nullptr) {
    // The row's members are rendered already, up to the token.
    AppendRow(body, row);
  } else {
    body += row.json_members;
    AppendJson(body, secret->Reveal());
    body += '}';
  }
  body += R"(,"patTokenError":"none")";
  // From 7.2 on.
  if (call.with_message) body += R"(,"patTokenErrorMessage":null)";
  body += '}';
  return JsonAnswer(200, std::move(body));
}

// A disk that is full, with --data.
http::ServerResponse NotStored(const absl::Status& status) {
  return VssError(500, "DatabaseOperationException", StdView(status.message()));
}

// Sets `value` to the place of the parameter's text in `names`. False: it is
// none of them.
template <size_t n>
bool ReadChoice(const std::optional<std::string>& text,
                const char* const (&names)[n], int& value) {
  for (size_t i = 0; text && i < n; ++i) {
    if (absl::EqualsIgnoreCase(*text, names[i])) {
      value = static_cast<int>(i);
      return true;
    }
  }
  return false;
}

// A page. Parameters that were not given come from switches, because the
// documentation does not tell the service's defaults.
http::ServerResponse List(const Call& call) {
  static constexpr const char* kFilters[] = {"active", "revoked", "expired",
                                             "all"};
  static constexpr const char* kSorts[] = {"displayName", "displayDate",
                                           "status"};
  static constexpr const char* kBools[] = {"false", "true"};
  const Switches& switches = call.service.switches;
  // A parameter with an empty value is one that is not there.
  const auto parameter = [&](const char* name, const std::string& otherwise) {
    const auto value = call.target.Find(name);
    return value && !value->empty() ? *value : otherwise;
  };
  ListQuery query;
  int filter = 0, sort = 0, ascending = 1;
  std::string text =
      parameter("displayFilterOption", switches.Get("list_filter"));
  if (!ReadChoice(text, kFilters, filter)) {
    return BadQuery("displayFilterOption", text);
  }
  text = parameter("sortByOption", switches.Get("list_sort"));
  if (!ReadChoice(text, kSorts, sort)) return BadQuery("sortByOption", text);
  text = parameter("isSortAscending", switches.Get("list_ascending"));
  if (!ReadChoice(text, kBools, ascending)) {
    return BadQuery("isSortAscending", text);
  }
  text = parameter("$top", switches.Get("list_top"));
  if (!absl::SimpleAtoi(text, &query.top)) return BadQuery("$top", text);
  // Out of range is not an error here: the service's answer is not known.
  query.top = std::clamp(query.top, 1, kMaxTop);
  query.user = call.caller.object_id;
  if (switches.Is("list_organizations", "own")) {
    query.organization = call.organization;
  }
  query.filter = static_cast<ListFilter>(filter);
  query.sort = static_cast<ListSort>(sort);
  query.ascending = ascending == 1;
  // Opaque to us, too: the store checks it.
  query.continuation = parameter("continuationToken", "");
  query.by_offset = switches.Is("paging", "offset");
  query.omit_newest = call.fault.list_omit;
  const auto page = call.service.store.List(query, call.now);
  if (!page.ok()) return BadQuery("continuationToken", query.continuation);

  std::string body;
  // About 400 bytes for each token.
  body.reserve(64 + page->rows.size() * 400);
  body += R"({"continuationToken":)";
  AppendJson(body, page->continuation);
  body += R"(,"patTokens":[)";
  for (const TokenRow* row : page->rows) {
    if (body.back() != '[') body += ',';
    AppendRow(body, *row);
  }
  body += "]}";
  return JsonAnswer(200, std::move(body));
}

// Also expired and revoked tokens: only a missing row is "not found".
http::ServerResponse Get(const Call& call) {
  const std::string text = *call.target.Find("authorizationId");
  const auto id = ParseGuid(text);
  if (!id) return BadQuery("authorizationId", text);
  const TokenRow* row = call.service.store.Find(*id);
  if (row == nullptr) {
    return Refusal(call, {"tokenNotFound", "There is no such token."});
  }
  if (row->user != call.caller.object_id) {
    return Refusal(call, {"accessDenied", "The token is somebody else's."});
  }
  return Result(call, *row, nullptr);
}

// The one answer with a secret, which is made here and kept only as a hash.
http::ServerResponse Create(const Call& call, const Payload& payload) {
  TokenRow row;
  const Verdict verdict =
      DecideCreate(payload, call.now, call.service.switches, row);
  if (!verdict.ok()) return Refusal(call, verdict);
  // After the rules: a refusal makes nothing.
  const Secret secret = MakeTokenSecret(call.now);
  row.id = RandomGuid();
  row.user = call.caller.object_id;
  row.user_name = call.caller.user;
  row.organization = call.organization;
  row.secret_hash = Sha256(secret.Reveal());
  // `row` is moved below.
  const std::string id = row.id;
  if (absl::Status status = call.service.store.Put(std::move(row));
      !status.ok()) {
    return NotStored(status);
  }
  return Result(call, *call.service.store.Find(id), &secret);
}

// By the id in the body, unlike the other operations.
http::ServerResponse Update(const Call& call, const Payload& payload) {
  if (!payload.authorization_id || payload.authorization_id->empty()) {
    return Refusal(
        call, {"invalidAuthorizationId", "The id of the token is missing."});
  }
  const auto id = ParseGuid(*payload.authorization_id);
  // A text that is not a GUID is a binding error to .NET.
  if (!id) return BadJson();
  const TokenRow* found = call.service.store.Find(*id);
  if (found == nullptr) {
    return Refusal(call, {"tokenNotFound", "There is no such token."});
  }
  if (found->user != call.caller.object_id) {
    return Refusal(call, {"accessDenied", "The token is somebody else's."});
  }
  // A copy: a refusal must not leave half of a change.
  TokenRow row = *found;
  const Verdict verdict =
      DecideUpdate(payload, call.now, call.service.switches, row);
  if (!verdict.ok()) return Refusal(call, verdict);
  // A token that gives up all organizations belongs to the one of the call.
  if (found->all_organizations && !row.all_organizations) {
    row.organization = call.organization;
  }
  const bool renews = call.service.switches.Is("update_secret", "renewed");
  const Secret secret = renews ? MakeTokenSecret(call.now) : Secret();
  if (renews) row.secret_hash = Sha256(secret.Reveal());
  if (absl::Status status = call.service.store.Put(std::move(row));
      !status.ok()) {
    return NotStored(status);
  }
  return Result(call, *found, renews ? &secret : nullptr);
}

// Somebody else's, an unknown one and one that is revoked already get the same
// answer; a client treats all three as done.
http::ServerResponse Revoke(const Call& call) {
  const auto text = call.target.Find("authorizationId");
  const auto id = text ? ParseGuid(*text) : std::nullopt;
  if (!id) return BadQuery("authorizationId", text.value_or(""));
  const TokenRow* found = call.service.store.Find(*id);
  if (found == nullptr || found->revoked ||
      found->user != call.caller.object_id) {
    return VssError(
        call.service.switches.Number("not_found_status"),
        "SessionTokenNotFoundException",
        absl::StrCat("The session token ", *id, " could not be found."));
  }
  // Kept: revoked tokens stay in the lists for months.
  TokenRow row = *found;
  row.revoked = true;
  if (absl::Status status = call.service.store.Put(std::move(row));
      !status.ok()) {
    return NotStored(status);
  }
  http::ServerResponse response;
  response.status =
      call.service.switches.Is("revoke_status", "204") ? 204 : 200;
  response.headers = {{"Cache-Control", "no-cache, no-store"}};
  return response;
}

// Where a PAT itself is used: the smallest call that any token may make.
http::ServerResponse ConnectionData(Service& service,
                                    const http::ServerRequest& request,
                                    const std::string& name,
                                    const std::string& organization) {
  const absl::Time now = service.clock.Now();
  std::string user_id, user;
  // Basic with a token as password, which is what tokens are for.
  if (const auto password = BasicPassword(request)) {
    const TokenRow* row = service.store.FindBySecret(*password);
    // A token of one organization is worth nothing in another.
    if (row == nullptr || !IsUsable(*row, ToTicks(now), service.switches) ||
        (!row->all_organizations && row->organization != organization)) {
      http::ServerResponse refusal = VssError(
          401, "UnauthorizedRequestException",
          "TF400813: The user '' is not authorized to access this resource.");
      refusal.headers.emplace_back("WWW-Authenticate",
                                   "Basic realm=\"https://dev.azure.com/\"");
      return refusal;
    }
    user_id = row->user;
    user = row->user_name;
  } else {
    auto checked = service.auth.Check(request, name, now, service.switches);
    if (auto* refusal = std::get_if<http::ServerResponse>(&checked)) {
      return std::move(*refusal);
    }
    user_id = std::get<Caller>(checked).object_id;
    user = std::get<Caller>(checked).user;
  }
  std::string body = R"({"authenticatedUser":{"id":)";
  AppendJson(body, user_id);
  body += R"(,"providerDisplayName":)";
  AppendJson(body, user);
  body += R"(,"isActive":true},"authorizedUser":{"id":)";
  AppendJson(body, user_id);
  body += R"(,"providerDisplayName":)";
  AppendJson(body, user);
  body += R"(,"isActive":true},"instanceId":)";
  AppendJson(body, organization);
  body += R"(,"deploymentType":"hosted")";
  body += LocationServiceMembers(BaseUrl(request, service.tls, name));
  body += '}';
  return JsonAnswer(200, std::move(body));
}

// The bearer is good, but not for this.
http::ServerResponse NoScope(const Service& service) {
  return VssError(service.switches.Is("scope_failure", "json401") ? 401 : 403,
                  "UnauthorizedRequestException",
                  "TF400813: The access token has not the scopes that this "
                  "operation needs.");
}

// What the switch asks for; no bearer meets it.
constexpr int64_t kSomeTime = 1'795'000'000;

// The sign-in was good until a policy asked for more: for a bearer that is not
// valid before `not_before`, in Unix seconds.
http::ServerResponse MoreClaims(int64_t not_before) {
  http::ServerResponse response =
      VssError(401, "UnauthorizedRequestException",
               "TF400813: The user '' is not authorized to access this "
               "resource.");
  // The form of continuous access evaluation: claims in base64, in the
  // challenge.
  response.headers.emplace_back(
      "WWW-Authenticate",
      "Bearer realm=\"\", authorization_uri=\"https://login.microsoftonline."
      "com/common/oauth2/authorize\", error=\"insufficient_claims\", "
      "claims=\"" +
          absl::Base64Escape(absl::StrCat(
              R"({"access_token":{"nbf":{"essential":true,"value":")",
              not_before, R"("}}})")) +
          "\"");
  return response;
}

// nullopt: nothing more is asked for.
std::optional<http::ServerResponse> Challenge(const Call& call, bool reads) {
  const int64_t from = call.service.sessions_from;
  if (call.caller.not_before < from) return MoreClaims(from);
  const std::string& challenged = call.service.switches.Get("claims_challenge");
  if (challenged == "all" || (challenged == "writes" && !reads)) {
    return MoreClaims(kSomeTime);
  }
  return std::nullopt;
}

// What somebody else does at the last moment, between a client's look and its
// act: tokens are revoked, or made.
absl::Status Interfere(const Call& call) {
  Store& store = call.service.store;
  std::vector<TokenRow> changed;
  for (const TokenRow& row : store.all()) {
    // Live tokens of the caller whose name begins so.
    if (call.fault.revoke_named.empty() || row.user != call.caller.object_id ||
        StateOf(row, call.now) != RowState::kActive ||
        !absl::StartsWith(row.display_name, call.fault.revoke_named)) {
      continue;
    }
    changed.push_back(row);
    changed.back().revoked = true;
  }
  if (!call.fault.make_named.empty()) {
    TokenRow row;
    row.id = RandomGuid();
    row.user = call.caller.object_id;
    row.user_name = call.caller.user;
    row.organization = call.organization;
    row.display_name = call.fault.make_named;
    row.scope = "vso.code";
    row.valid_from = call.now;
    row.valid_to = call.now + 30 * kTicksPerDay;
    row.secret_hash = RandomBytes(32);  // nobody knows its secret
    changed.push_back(std::move(row));
  }
  return changed.empty() ? absl::OkStatus() : store.PutAll(std::move(changed));
}

// Create and update have a body; the others must not need one.
http::ServerResponse Write(const Call& call, std::string_view operation) {
  // A client that forgets the header is let through.
  if (const auto type = call.request.Find("Content-Type");
      type && !absl::StrContains(AbslView(*type), "json")) {
    return VssError(415, "VssRequestContentTypeNotSupportedException",
                    absl::StrCat("The request indicated a Content-Type of \"",
                                 AbslView(*type),
                                 "\" which is not supported. Valid content "
                                 "types are: application/json."));
  }
  const auto payload = ParsePayload(call.request.body);
  if (!payload.ok()) return BadJson();
  return operation == "create" ? Create(call, *payload)
                               : Update(call, *payload);
}

// Where "_apis" is in the path: behind the organization, or first.
size_t ApisAt(const Target& target) { return target.Is(0, "_apis") ? 0 : 1; }

// What anybody may ask, signed in or not.
http::ServerResponse Locate(const Service& service, std::string_view operation,
                            const http::ServerRequest& request,
                            const Target& target) {
  const size_t apis = ApisAt(target);
  if (operation == "locations") return AnswerLocations(target, apis);
  return AnswerResourceAreas(
      target, apis,
      BaseUrl(request, service.tls, apis == 0 ? "" : target.path[0]));
}

}  // namespace

// Also used for faults.
std::string RefusalJson(std::string_view error, std::string_view message,
                        bool with_message) {
  std::string body = R"({"patToken":null,"patTokenError":)";
  AppendJson(body, error);
  if (with_message) {
    body += R"(,"patTokenErrorMessage":)";
    AppendJson(body, message);
  }
  return body + "}";
}

// The member is new in 7.2, and absent before.
bool HasErrorMessage(const http::ServerRequest& request, const Target& target) {
  return absl::StartsWith(RequestedVersion(request, target), "7.2");
}

// Paths have no case. Anything else is "other" and gets 404.
std::string OperationOf(std::string_view method, const Target& target) {
  // Below the deployment as well, where clients look when the organization
  // does not have what they want.
  const size_t apis = ApisAt(target);
  if (method == "OPTIONS" && target.Is(apis, "_apis")) return "locations";
  if (method == "GET" && target.Is(apis, "_apis") &&
      target.Is(apis + 1, "resourceAreas") && target.path.size() <= apis + 3) {
    return "resource_areas";
  }
  if (target.path.size() == 3 && target.Is(1, "_apis") &&
      target.Is(2, "connectionData")) {
    return "connection_data";
  }
  if (target.path.size() != 4 || !target.Is(1, "_apis") ||
      !target.Is(2, "tokens") || !target.Is(3, "pats")) {
    return "other";
  }
  // List and get share a path: the id makes the difference.
  if (method == "GET") return target.Find("authorizationId") ? "get" : "list";
  if (method == "POST") return "create";
  if (method == "PUT") return "update";
  if (method == "DELETE") return "revoke";
  return "no_such_method";
}

http::ServerResponse AnswerApi(Service& service, std::string_view operation,
                               const http::ServerRequest& request,
                               const Target& target, const FaultAction& fault) {
  if (operation == "other") return NoSuchResource();
  const bool locates =
      operation == "locations" || operation == "resource_areas";
  if (locates && ApisAt(target) == 0) {
    return Locate(service, operation, request, target);
  }
  const std::string& name = target.path[0];
  // Before the sign-in: an organization that does not exist has nobody to ask.
  const auto organization =
      service.organizations.find(absl::AsciiStrToLower(name));
  if (organization == service.organizations.end()) return NoSuchResource();
  if (locates) return Locate(service, operation, request, target);
  if (operation == "connection_data") {
    return ConnectionData(service, request, name, organization->second);
  }
  // A fault may let time pass in the middle of a run.
  service.clock.Advance(absl::Seconds(fault.advance_seconds));
  const absl::Time now = service.clock.Now();
  auto checked = service.auth.Check(request, name, now, service.switches);
  if (auto* refusal = std::get_if<http::ServerResponse>(&checked)) {
    return std::move(*refusal);
  }
  // After the sign-in, as ASP.NET routes.
  if (operation == "no_such_method") {
    http::ServerResponse refusal = VssError(
        405, "VssRequestHttpMethodNotSupportedException",
        absl::StrCat("The requested resource does not support http method '",
                     request.method, "'."));
    refusal.headers.emplace_back("Allow", "GET, POST, PUT, DELETE");
    return refusal;
  }
  const std::string version = RequestedVersion(request, target);
  if (auto refusal = CheckVersion(version)) return std::move(*refusal);
  const Call call{service,
                  request,
                  target,
                  fault,
                  organization->second,
                  std::get<Caller>(std::move(checked)),
                  ToTicks(now),
                  HasErrorMessage(request, target)};
  // Right before the work, where a race would hurt most.
  if (absl::Status status = Interfere(call); !status.ok()) {
    return NotStored(status);
  }
  const bool reads = operation == "list" || operation == "get";
  if (fault.end_sessions) service.sessions_from = absl::ToUnixSeconds(now);
  if (auto challenge = Challenge(call, reads)) return std::move(*challenge);
  if (reads ? !call.caller.may_read : !call.caller.may_write) {
    return NoScope(service);
  }
  if (operation == "list") return List(call);
  if (operation == "get") return Get(call);
  if (operation == "revoke") return Revoke(call);
  return Write(call, operation);
}

}  // namespace patform::emulator
