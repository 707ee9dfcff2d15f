#include "providers/emulator/admin.h"

#include <algorithm>
#include <boost/json.hpp>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "providers/emulator/entra/token_endpoint.h"
#include "providers/emulator/tokens/rules.h"
#include "providers/emulator/tokens/vss_error.h"

// Steering, below /_emulator: bearers, faults, the clock, switches, seeds. None
// of it exists on the real service. A header is required that a browser does
// not send across sites by itself, so that a web page on this machine cannot
// ask for bearers.
namespace patform::emulator {
namespace {

namespace json = boost::json;

// More than anybody has, and a few seconds' work.
constexpr int64_t kMaxSeed = 1'000'000;

// What a handler is given.
struct Ask {
  Service& service;
  const Start& start;
  const http::ServerRequest& request;
  json::object body;  // empty: none
};

// The status of what is wrong with the request.
absl::Status Wrong(const std::string& text) {
  return absl::InvalidArgumentError(text);
}

// The member as text; nullopt: absent or null.
absl::StatusOr<std::optional<std::string>> Text(const Ask& ask,
                                                const char* key) {
  const json::value* value = ask.body.if_contains(key);
  if (value == nullptr || value->is_null()) return std::nullopt;
  const json::string* text = value->if_string();
  if (text == nullptr) return Wrong(absl::StrCat("\"", key, "\" is a string"));
  return std::string(text->data(), text->size());
}

absl::StatusOr<int64_t> Number(const Ask& ask, const char* key,
                               int64_t otherwise, int64_t low, int64_t high) {
  const json::value* value = ask.body.if_contains(key);
  if (value == nullptr || value->is_null()) return otherwise;
  const int64_t* number = value->if_int64();
  if (number == nullptr || *number < low || *number > high) {
    return Wrong(absl::StrCat("\"", key, "\" is a whole number from ", low,
                              " to ", high));
  }
  return *number;
}

// Most handlers act for somebody.
absl::StatusOr<std::string> User(const Ask& ask) {
  PATFORM_ASSIGN_OR_RETURN(const auto user, Text(ask, "user"));
  if (!user || user->empty()) {
    return Wrong("\"user\" is missing: whose? Such as ada@contoso.example");
  }
  return *user;
}

// A bearer as Entra would issue it, for any user: also one that has expired, is
// for another tenant or audience, or has too few scopes, which the real one
// would not give out on demand.
absl::StatusOr<std::string> Token(const Ask& ask) {
  Claims claims;
  const json::value* app = ask.body.if_contains("app_only");
  claims.app_only = app != nullptr && app->is_bool() && app->get_bool();
  PATFORM_ASSIGN_OR_RETURN(const auto user, Text(ask, "user"));
  // A bearer of an app has no user.
  if (!user && !claims.app_only) {
    PATFORM_RETURN_IF_ERROR(User(ask).status());
  }
  claims.user = user.value_or("app");
  claims.object_id = DerivedGuid("user", claims.user);
  PATFORM_ASSIGN_OR_RETURN(const auto tenant, Text(ask, "tenant"));
  claims.tenant = TenantId(tenant.value_or(std::string(kTenant)));
  PATFORM_ASSIGN_OR_RETURN(const auto audience, Text(ask, "audience"));
  if (audience) claims.audience = *audience;
  claims.scopes = "vso.pats vso.pats_manage";
  // Absent and empty differ: no key is what an ordinary sign-in has, an empty
  // list is a bearer without scopes.
  if (const json::value* scopes = ask.body.if_contains("scopes")) {
    claims.scopes.clear();
    const json::array* list = scopes->if_array();
    if (list == nullptr && !scopes->is_string()) {
      return Wrong("\"scopes\" is a string or a list of strings");
    }
    if (list == nullptr) {
      PATFORM_ASSIGN_OR_RETURN(const auto text, Text(ask, "scopes"));
      claims.scopes = text.value_or("");
    }
    for (size_t i = 0; list != nullptr && i < list->size(); ++i) {
      const json::string* scope = (*list)[i].if_string();
      if (scope == nullptr) return Wrong("\"scopes\" is a list of strings");
      if (i > 0) claims.scopes += ' ';
      claims.scopes.append(scope->data(), scope->size());
    }
  }
  // Negative: it has expired already.
  PATFORM_ASSIGN_OR_RETURN(
      const int64_t lifetime,
      Number(ask, "lifetime", 3600, -31'536'000, 31'536'000));
  claims.issued = absl::ToUnixSeconds(ask.service.clock.Now());
  // Or an expired bearer would be valid before it was issued.
  claims.not_before = std::min(claims.issued, claims.issued + lifetime);
  claims.expires = claims.issued + lifetime;
  std::string out = R"({"access_token":)";
  AppendJson(out, ask.service.auth.Mint(claims));
  absl::StrAppend(&out, R"(,"token_type":"Bearer","expires_in":)", lifetime,
                  "}");
  return out;
}

// What a person's sign-in would leave behind.
absl::StatusOr<std::string> RefreshToken(const Ask& ask) {
  PATFORM_ASSIGN_OR_RETURN(const std::string user, User(ask));
  std::string out = R"({"refresh_token":)";
  AppendJson(out, MintRefreshToken(ask.service, user));
  return out + "}";
}

// What becomes of a PAT that a test has found somewhere: is it alive?
absl::StatusOr<std::string> Verify(const Ask& ask) {
  PATFORM_ASSIGN_OR_RETURN(const auto token, Text(ask, "token"));
  if (!token) return Wrong("\"token\" is missing");
  const TokenRow* row = ask.service.store.FindBySecret(*token);
  if (row == nullptr) return absl::NotFoundError("no token has this secret");
  const Ticks now = ToTicks(ask.service.clock.Now());
  const RowState state = StateOf(*row, now);
  const bool usable = IsUsable(*row, now, ask.service.switches);
  std::string out = R"({"authorizationId":)";
  AppendJson(out, row->id);
  out += R"(,"state":)";
  // Alive, but not accepted: global tokens after their end.
  AppendJson(out, state == RowState::kActive && !usable ? "disabled"
                                                        : StateName(state));
  return out + "}";
}

// {"clear": true} as well as DELETE: curl makes POSTs more easily.
absl::StatusOr<std::string> AddFault(const Ask& ask) {
  const json::value* clear = ask.body.if_contains("clear");
  if (clear != nullptr && *clear == json::value(true)) {
    ask.service.faults.Clear();
    return "{}";
  }
  PATFORM_ASSIGN_OR_RETURN(FaultRule rule, ParseFaultRule(ask.request.body));
  ask.service.faults.Add(std::move(rule));
  return "{}";
}

absl::StatusOr<std::string> ClearFaults(const Ask& ask) {
  ask.service.faults.Clear();
  return "{}";
}

absl::StatusOr<std::string> Requests(const Ask& ask) {
  return ask.service.requests.ToJson(ask.start.connections);
}

absl::StatusOr<std::string> GetClock(const Ask& ask) {
  return absl::StrCat(R"({"now":")",
                      FormatTicks(ToTicks(ask.service.clock.Now())), "\"}");
}

absl::StatusOr<std::string> SetClock(const Ask& ask) {
  PATFORM_ASSIGN_OR_RETURN(const auto now, Text(ask, "now"));
  PATFORM_ASSIGN_OR_RETURN(
      const int64_t seconds,
      Number(ask, "advance_seconds", 0, -3'153'600'000, 3'153'600'000));
  // Both: the time is set first, then advanced.
  if (now) {
    const auto time = ParseTime(*now);
    if (!time) {
      return Wrong("\"now\" is a time such as 2026-11-23T10:00:00Z");
    }
    ask.service.clock.Set(*time);
  } else if (!ask.body.contains("advance_seconds")) {
    return Wrong("\"now\" or \"advance_seconds\" is missing");
  }
  ask.service.clock.Advance(absl::Seconds(seconds));
  return GetClock(ask);
}

absl::StatusOr<std::string> GetSwitches(const Ask& ask) {
  json::object out;
  for (const auto& [name, value] : ask.service.switches.all()) {
    out[name] = value;
  }
  return json::serialize(out);
}

// Rows are rendered when they change, not when they are listed, so the store
// has to know how.
void UseSwitches(Service& service, Switches switches) {
  service.switches = std::move(switches);
  service.store.SetRendering(service.switches.Get("names"),
                             service.switches.Is("scope_order", "sorted"));
}

absl::StatusOr<std::string> SetSwitches(const Ask& ask) {
  // All of them or none.
  Switches changed = ask.service.switches;
  for (const auto& [key, value] : ask.body) {
    const json::string* text = value.if_string();
    PATFORM_RETURN_IF_ERROR(changed.Set(
        std::string(key), text != nullptr
                              ? std::string(text->data(), text->size())
                              : json::serialize(value)));
  }
  UseSwitches(ask.service, std::move(changed));
  return GetSwitches(ask);
}

// As after the start, but for the connections that are open.
absl::StatusOr<std::string> Reset(const Ask& ask) {
  PATFORM_RETURN_IF_ERROR(ask.service.store.Clear());
  ask.service.faults.Clear();
  ask.service.requests.Clear();
  ask.service.code_hosts = CodeHosts();
  ask.service.vault = Vault();
  ask.service.variable_groups = VariableGroups();
  ask.service.exchanged.clear();
  ask.service.sessions_from = 0;
  UseSwitches(ask.service, ask.start.switches);
  ask.service.clock.Reset();
  if (ask.start.now) ask.service.clock.Set(*ask.start.now);
  return "{}";
}

// Every token of every user, with its state. Without secrets, which the store
// does not have either.
absl::StatusOr<std::string> Tokens(const Ask& ask) {
  const Ticks now = ToTicks(ask.service.clock.Now());
  std::map<std::string, std::string> names;
  for (const auto& [name, id] : ask.service.organizations) names[id] = name;
  std::string out = R"({"tokens":[)";
  for (const TokenRow& row : ask.service.store.all()) {
    if (out.back() != '[') out += ',';
    AppendRow(out, row);
    // The brace at the end, for two members more.
    out.pop_back();
    absl::StrAppend(&out, R"(,"state":")",
                    AbslView(StateName(StateOf(row, now))), R"(","user":)");
    AppendJson(out, row.user_name);
    out += R"(,"organization":)";
    const auto name = names.find(row.organization);
    AppendJson(out, name == names.end() ? row.organization : name->second);
    out += '}';
  }
  return out + "]}";
}

// What consumers get at this moment: of secrets that are enabled, and of the
// groups' secret variables, whose values the API itself never tells. For tests
// that hold it against the tokens that live.
absl::StatusOr<std::string> Served(const Ask& ask) {
  json::object vault;
  for (const auto& [key, secret] : ask.service.vault.secrets()) {
    const VaultVersion& newest = secret.versions.back();
    if (newest.enabled) vault[secret.name] = newest.value;
  }
  json::object groups;
  for (const auto& [id, group] : ask.service.variable_groups.groups) {
    json::object values;
    for (const auto& variable : group.body.at("variables").as_object()) {
      const json::object& fields = variable.value().as_object();
      const json::value* secret = fields.if_contains("isSecret");
      if (secret == nullptr || *secret != json::value(true)) continue;
      values[variable.key()] = fields.at("value");
    }
    groups[absl::StrCat(group.project, "/",
                        group.body.at("name").as_string().c_str())] =
        std::move(values);
  }
  return json::serialize(
      json::object{{"vault", std::move(vault)}, {"groups", std::move(groups)}});
}

// Many tokens at once, for tests of size. They cannot be used.
absl::StatusOr<std::string> Seed(const Ask& ask) {
  PATFORM_ASSIGN_OR_RETURN(const std::string user, User(ask));
  PATFORM_ASSIGN_OR_RETURN(const auto organization, Text(ask, "organization"));
  PATFORM_ASSIGN_OR_RETURN(const auto name, Text(ask, "name"));
  PATFORM_ASSIGN_OR_RETURN(const auto scope, Text(ask, "scope"));
  PATFORM_ASSIGN_OR_RETURN(const int64_t count,
                           Number(ask, "count", 1, 1, kMaxSeed));
  PATFORM_ASSIGN_OR_RETURN(const int64_t days,
                           Number(ask, "valid_days", 30, -3650, 3650));
  // The first organization, if none is named.
  const auto found =
      organization
          ? ask.service.organizations.find(absl::AsciiStrToLower(*organization))
          : ask.service.organizations.begin();
  if (found == ask.service.organizations.end()) {
    return Wrong(absl::StrCat("there is no organization \"",
                              Visible(*organization), "\" here"));
  }
  std::string pattern = name.value_or("seeded-{i}");
  // Names may repeat on the service, but a seed of equal ones does not help.
  if (count > 1 && pattern.find("{i}") == std::string::npos) pattern += "-{i}";
  const Ticks now = ToTicks(ask.service.clock.Now());
  std::vector<TokenRow> rows(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i) {
    TokenRow& row = rows[static_cast<size_t>(i)];
    row.id = RandomGuid();
    row.user = DerivedGuid("user", user);
    row.user_name = user;
    row.organization = found->second;
    row.display_name = absl::StrReplaceAll(pattern, {{"{i}", absl::StrCat(i)}});
    row.scope = scope.value_or("vso.code");
    row.valid_to = now + days * kTicksPerDay;
    // A token that has ended began before its end.
    row.valid_from = std::min(now, row.valid_to - kTicksPerDay);
    // Nobody knows the secret of a seeded token.
    row.secret_hash = RandomBytes(32);
  }
  PATFORM_RETURN_IF_ERROR(ask.service.store.PutAll(std::move(rows)));
  return absl::StrCat(R"({"count":)", count, "}");
}

// GitHub's users have numbers.
uint32_t NumberOf(const std::string& name) {
  uint32_t number = 0;
  for (const char byte : Sha256(name).substr(0, 3)) {
    number = number * 256 + static_cast<unsigned char>(byte);
  }
  return number + 1;
}

// Who a job's own token speaks for: the CI's service account, unless the test
// names a person.
JobIdentity IdentityOfJob(const HostPullRequest& pull,
                          const std::optional<std::string>& user,
                          const std::optional<std::string>& access) {
  JobIdentity who;
  who.github = pull.github;
  who.app = pull.github && !user;
  who.name =
      user.value_or(pull.github ? "github-actions[bot]"
                                : absl::StrCat(pull.project, " Build Service (",
                                               pull.owner, ")"));
  who.id = pull.github ? absl::StrCat(NumberOf(who.name))
                       : DerivedGuid("identity", who.name);
  who.may_read = access != "none";
  who.may_write = !access || *access == "write";
  return who;
}

// The variables that the CI sets in a job for this pull request.
json::object VariablesOfJob(const HostPullRequest& pull, const std::string& url,
                            const std::string& token) {
  json::object variables;
  if (pull.github) {
    variables["GITHUB_ACTIONS"] = "true";
    variables["GITHUB_API_URL"] = absl::StrCat(url, "/api/v3");
    variables["GITHUB_SERVER_URL"] = url;
    variables["GITHUB_REPOSITORY"] =
        absl::StrCat(pull.owner, "/", pull.repository);
    variables["GITHUB_REF"] = absl::StrCat("refs/pull/", pull.number, "/merge");
    variables["GITHUB_RUN_ID"] = "4711";
    variables["GITHUB_TOKEN"] = token;
    return variables;
  }
  variables["TF_BUILD"] = "True";
  variables["SYSTEM_COLLECTIONURI"] = absl::StrCat(url, "/", pull.owner, "/");
  variables["SYSTEM_TEAMPROJECT"] = pull.project;
  variables["BUILD_REPOSITORY_PROVIDER"] = "TfsGit";
  variables["BUILD_REPOSITORY_ID"] = pull.repository_id;
  variables["BUILD_BUILDID"] = "4711";
  variables["SYSTEM_PULLREQUEST_PULLREQUESTID"] = absl::StrCat(pull.number);
  variables["SYSTEM_ACCESSTOKEN"] = token;
  return variables;
}

// The pull request of a CI's job, made if need be, with a token of its own and
// the variables that the CI would set.
absl::StatusOr<std::string> AddPullRequest(const Ask& ask) {
  PATFORM_ASSIGN_OR_RETURN(const auto system, Text(ask, "system"));
  const bool github = system == "github";
  if (!github && system != "azure") {
    return Wrong("\"system\" is azure or github");
  }
  PATFORM_ASSIGN_OR_RETURN(const auto owner, Text(ask, "organization"));
  // Defaults everywhere: a test names what it is about.
  PATFORM_ASSIGN_OR_RETURN(const auto project, Text(ask, "project"));
  PATFORM_ASSIGN_OR_RETURN(const auto repository, Text(ask, "repository"));
  PATFORM_ASSIGN_OR_RETURN(const auto user, Text(ask, "user"));
  PATFORM_ASSIGN_OR_RETURN(const auto access, Text(ask, "access"));
  PATFORM_ASSIGN_OR_RETURN(const auto head, Text(ask, "head_sha"));
  PATFORM_ASSIGN_OR_RETURN(const int64_t number,
                           Number(ask, "number", 17, 1, 1'000'000'000));
  if (access && *access != "write" && *access != "read" && *access != "none") {
    return Wrong("\"access\" is write, read or none");
  }
  HostPullRequest wanted;
  wanted.github = github;
  wanted.owner = owner.value_or("contoso");
  wanted.project = github ? "" : project.value_or("platform");
  wanted.repository = repository.value_or("tokens");
  wanted.repository_id = DerivedGuid("repository", wanted.repository);
  wanted.number = number;
  wanted.head_sha = head.value_or(std::string(40, '1'));
  JobIdentity who = IdentityOfJob(wanted, user, access);
  const HostPullRequest& pull = ask.service.code_hosts.Add(std::move(wanted));
  const std::string token = ask.service.code_hosts.MintToken(std::move(who));
  // As the client called us, so that it can call again.
  const std::string url =
      absl::StrCat(ask.start.tls ? "https://" : "http://",
                   AbslView(ask.request.Find("Host").value_or("localhost")));
  json::object out;
  out["number"] = number;
  out["variables"] = VariablesOfJob(pull, url, token);
  return json::serialize(out);
}

// One row per handler; method and name together are looked up.
struct Route {
  const char* method;
  const char* name;
  absl::StatusOr<std::string> (*answer)(const Ask&);
};

constexpr Route kRoutes[] = {
    {"POST", "token", Token},
    {"POST", "verify", Verify},
    {"POST", "faults", AddFault},
    {"DELETE", "faults", ClearFaults},
    {"GET", "requests", Requests},
    {"POST", "refresh_token", RefreshToken},
    {"POST", "reset", Reset},
    {"GET", "clock", GetClock},
    {"POST", "clock", SetClock},
    {"GET", "switches", GetSwitches},
    {"POST", "switches", SetSwitches},
    {"GET", "tokens", Tokens},
    {"GET", "served", Served},
    {"POST", "seed", Seed},
    {"POST", "pull_request", AddPullRequest},
};

// Not the service's envelope: this API is not the service's.
http::ServerResponse Problem(int status, std::string_view message) {
  std::string body = R"({"error":)";
  AppendJson(body, message);
  return JsonAnswer(status, body + "}");
}

}  // namespace

http::ServerResponse AnswerAdmin(Service& service, const Start& start,
                                 const http::ServerRequest& request,
                                 const Target& target) {
  // The only question without the header: whoever waits for the start asks it.
  if (target.path.size() == 2 && target.Is(1, "health") &&
      request.method == "GET") {
    return JsonAnswer(200, R"({"status":"ok"})");
  }
  if (request.Find("X-Emulator-Admin") != "1") {
    return Problem(403, "needs the header X-Emulator-Admin: 1");
  }
  const Route* route =
      std::find_if(std::begin(kRoutes), std::end(kRoutes), [&](const Route& r) {
        return target.path.size() == 2 && target.Is(1, r.name) &&
               request.method == r.method;
      });
  if (route == std::end(kRoutes)) {
    // A list of what there is costs nothing, and saves a look at the
    // documentation.
    std::string all = "GET health";
    for (const Route& r : kRoutes) {
      absl::StrAppend(&all, ", ", r.method, " ", r.name);
    }
    return Problem(404, absl::StrCat("nothing is here; there are: ", all));
  }
  // An empty body is an empty object.
  Ask ask{service, start, request, {}};
  if (!request.body.empty()) {
    json::error_code error;
    json::value body = json::parse(request.body, error);
    if (error || !body.is_object()) {
      return Problem(400, "the body is a JSON object");
    }
    ask.body = std::move(body.get_object());
  }
  const absl::StatusOr<std::string> answer = route->answer(ask);
  if (answer.ok()) return JsonAnswer(200, *answer);
  const int status = absl::IsNotFound(answer.status())          ? 404
                     : absl::IsInvalidArgument(answer.status()) ? 400
                                                                : 500;
  return Problem(status, StdView(answer.status().message()));
}

}  // namespace patform::emulator
