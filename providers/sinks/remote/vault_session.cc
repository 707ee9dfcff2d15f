#include "providers/sinks/remote/vault_session.h"

#include <boost/json.hpp>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "providers/entra/bearer.h"
#include "providers/http/secret_json.h"

// One login for all threads: SignedIn() hands it out, renews it and makes
// another; SignIn() is one exchange by the method of the configuration, Ask()
// what logins and renewals have in common. Send() is everything else.
// LookAtMount() is asked once, Refused() whenever something is refused.
namespace patform::sinks {
namespace {

namespace json = boost::json;

// An answer about a login, or a mount.
constexpr http::SecretJson::Limits kLimits = {1 << 20, 16};
// Giving a login back must not hold up the end of a run.
constexpr absl::Duration kFarewell = absl::Seconds(3);

// Servers put several faults in one text, each on a line after "* ".
std::string OneLineOf(std::string_view text) {
  std::vector<std::string> faults;
  for (absl::string_view line : absl::StrSplit(AbslView(text), '\n')) {
    line = absl::StripAsciiWhitespace(line);
    if (line.empty() || absl::EndsWith(line, "occurred:")) continue;
    if (absl::StartsWith(line, "* ")) line.remove_prefix(2);
    faults.emplace_back(line);
  }
  return absl::StrJoin(faults, "; ");
}

std::string LoginPath(const SinkConfig& config, const std::string& method) {
  return absl::StrCat("auth/",
                      PercentEncode(config.Text("auth_mount", method), "-._~/"),
                      "/login");
}

}  // namespace

std::string VaultWords(const http::Response& answer) {
  // Parsed as if it held a secret: some servers repeat what they were sent.
  const http::SecretJson body(answer.body.Reveal(), kLimits);
  if (body.object() == nullptr) return "";
  const json::value* errors = body.object()->if_contains("errors");
  if (errors == nullptr || !errors->is_array()) return "";
  std::vector<std::string> words;
  for (const json::value& error : errors->get_array()) {
    if (!error.is_string()) continue;
    const json::string& text = error.get_string();
    words.push_back(OneLineOf(std::string_view(text.data(), text.size())));
  }
  return absl::StrJoin(words, "; ");
}

bool IsNothing(const http::Response& answer) {
  if (answer.status != 404) return false;
  // A page of a proxy, or of another server at that address, is 404 as well;
  // taken for an empty place it would get a second token.
  const http::SecretJson body(answer.body.Reveal(), kLimits);
  if (body.object() == nullptr) return false;
  const json::value* errors = body.object()->if_contains("errors");
  return errors != nullptr && errors->is_array() && errors->get_array().empty();
}

VaultSession::VaultSession(const SinkConfig& config, const Machine& machine,
                           std::unique_ptr<RestStore> store)
    : config_(config),
      machine_(machine),
      store_(std::move(store)),
      mount_(config.Text("mount", "secret")) {}

absl::StatusOr<std::unique_ptr<VaultSession>> VaultSession::Make(
    const SinkConfig& config, const Machine& machine) {
  PATFORM_ASSIGN_OR_RETURN(
      std::unique_ptr<RestStore> store,
      RestStore::Make(config, config.Text("address"), {}, machine));
  return std::unique_ptr<VaultSession>(
      new VaultSession(config, machine, std::move(store)));
}

VaultSession::~VaultSession() {
  // No lock: nobody uses this object any more.
  if (login_ == nullptr || !login_->own) return;
  // If it is not taken back, it ends by itself.
  VaultRequest request;
  request.method = "POST";
  request.path = "auth/token/revoke-self";
  http::Request farewell = Build(request);
  farewell.bearer = &login_->token;
  store_
      ->Send(farewell, {"giving the login back", false},
             After(*machine_.clock, kFarewell))
      .status()
      .IgnoreError();
}

http::Request VaultSession::Build(const VaultRequest& request) const {
  http::Request out;
  out.method = request.method;
  out.url = store_->At(absl::StrCat("/v1/", request.path));
  // Agents and proxies of the server refuse requests without it.
  out.headers = {{"X-Vault-Request", "true"}};
  const std::string name_space = config_.Text("namespace");
  if (!name_space.empty()) {
    out.headers.push_back({"X-Vault-Namespace", name_space});
  }
  if (!request.body.empty()) {
    out.content_type = out.method == "PATCH" ? "application/merge-patch+json"
                                             : "application/json";
  }
  // Headers are plain text in memory, so the token is not one of them: servers
  // take it as a bearer, too, and the transport wipes that.
  out.body = request.body.Clone();
  // Every POST here is a login, a renewal or a question.
  out.harmless_twice = true;
  return out;
}

absl::StatusOr<Secret> VaultSession::FromFile(
    const std::string& setting) const {
  const absl::StatusOr<Secret> text =
      machine_.read_secret(config_.Text(setting));
  const Secret line = text.ok() ? entra::OneLine(*text) : Secret();
  if (!line.empty()) return line.Clone();
  // Without the system's words: the configuration names the file, and whether
  // it is there is nobody's business.
  return absl::UnauthenticatedError(
      absl::StrCat("sink \"", Visible(config_.name), "\": the file of `",
                   setting, "` (", Visible(config_.Shown(setting)),
                   text.ok() ? ") is empty" : ") cannot be read by this user"));
}

absl::StatusOr<VaultSession::Login> VaultSession::GivenToken() const {
  // In the order of the server's own client. That one has a helper program for
  // tokens, too; a program runs here only where the operator allows it.
  Login login;
  if (const auto token = machine_.environment("VAULT_TOKEN")) {
    login.token = Secret(StdView(absl::StripAsciiWhitespace(*token)));
  }
  const std::optional<std::string> home = machine_.environment("HOME");
  if (login.token.empty() && home && !home->empty()) {
    const absl::StatusOr<Secret> kept =
        machine_.read_secret(*home + "/.vault-token");
    if (kept.ok()) login.token = entra::OneLine(*kept);
  }
  if (!login.token.empty()) return login;
  return absl::UnauthenticatedError(absl::StrCat(
      "sink \"", Visible(config_.name), "\": there is no token for ",
      Visible(config_.Shown("address")),
      ". Set VAULT_TOKEN, or sign in with its own client: vault login"));
}

// An answer with `auth`: that of a login, or of a renewal.
absl::StatusOr<VaultSession::Login> VaultSession::Ask(
    const VaultRequest& request, const Secret* token, const Purpose& purpose,
    Deadline deadline) {
  http::Request out = Build(request);
  out.bearer = token;
  PATFORM_ASSIGN_OR_RETURN(const http::Response answer,
                           store_->Send(out, purpose, deadline));
  if (answer.status != 200) return Refused(answer, purpose);
  // With 200 and without a token: a login that has a second factor to come, or
  // one whose answer is wrapped. Neither is one that a pipeline has.
  const http::SecretJson body(answer.body.Reveal(), kLimits);
  const json::value* auth =
      body.object() == nullptr ? nullptr : body.object()->if_contains("auth");
  if (auth == nullptr || !auth->is_object() ||
      http::TextMember(auth->get_object(), "client_token").empty()) {
    return store_->Malformed(purpose, "there is no token in it");
  }
  const json::object& fields = auth->get_object();
  Login login;
  login.token = Secret(http::TextMember(fields, "client_token"));
  // A batch token cannot be ended or renewed.
  login.own = http::TextMember(fields, "token_type") != "batch";
  const json::value* renewable = fields.if_contains("renewable");
  login.renewable = renewable != nullptr && *renewable == json::value(true);
  const json::value* seconds = fields.if_contains("lease_duration");
  if (seconds != nullptr && seconds->is_int64() && seconds->get_int64() > 0) {
    // By the monotonic clock from now on: a runner's wall clock may jump. A
    // third is left for requests that are under way, and for a renewal that
    // has to be tried again.
    const absl::Duration lease = absl::Seconds(seconds->get_int64());
    login.ends = After(*machine_.clock, lease);
    login.renew_at = After(*machine_.clock, lease * 2 / 3);
  }
  return login;
}

absl::StatusOr<VaultSession::Login> VaultSession::SignIn(Deadline deadline) {
  const std::string method = config_.Text("auth", "token");
  if (method == "token") return GivenToken();
  VaultRequest request;
  request.method = "POST";
  request.path = LoginPath(config_, method);
  Secret proof;
  if (method == "jwt") {
    PATFORM_ASSIGN_OR_RETURN(proof, FromFile("jwt_file"));
  } else if (!config_.Text("secret_id_file").empty()) {
    PATFORM_ASSIGN_OR_RETURN(proof, FromFile("secret_id_file"));
  } else if (const auto id = machine_.environment("VAULT_SECRET_ID")) {
    proof = Secret(StdView(absl::StripAsciiWhitespace(*id)));
  }
  // Into wiped memory, as both proofs are as good as a password; the answer is
  // parsed in such memory, too.
  const bool jwt = method == "jwt";
  // A role may be bound to addresses, and need no secret_id.
  request.body.Append(jwt ? "{\"role\":" : "{\"role_id\":");
  http::AppendJson(request.body, config_.Text(jwt ? "role" : "role_id"));
  if (!proof.empty()) {
    request.body.Append(jwt ? ",\"jwt\":" : ",\"secret_id\":");
    http::AppendJson(request.body, proof.Reveal());
  }
  request.body.Append("}");
  const Purpose purpose = {absl::StrCat("signing in by ", method)};
  absl::StatusOr<Login> login = Ask(request, nullptr, purpose, deadline);
  // Some methods answer 400 to what they do not accept.
  if (absl::IsFailedPrecondition(login.status()) ||
      absl::IsPermissionDenied(login.status())) {
    return absl::UnauthenticatedError(login.status().message());
  }
  return login;
}

absl::StatusOr<VaultSession::Login> VaultSession::Renewed(const Login& login,
                                                          Deadline deadline) {
  VaultRequest request;
  request.method = "POST";
  request.path = "auth/token/renew-self";
  PATFORM_ASSIGN_OR_RETURN(
      Login renewed,
      Ask(request, &login.token, {"renewing the login"}, deadline));
  // A token's life has a maximum, and a renewal near it is granted with what is
  // left alone. That would have every request renew it: sign in again instead.
  if (renewed.renew_at <= login.ends) {
    return absl::ResourceExhaustedError("its life is at an end");
  }
  return renewed;
}

absl::StatusOr<std::shared_ptr<const VaultSession::Login>>
VaultSession::SignedIn(Deadline deadline) {
  // Held while signing in: sixteen readers that find no login must not make
  // sixteen, and a secret_id may be good for a few uses only. Whoever is in a
  // request keeps the login that it began with.
  const std::lock_guard<std::mutex> lock(mutex_);
  const Deadline now = machine_.clock->Monotonic();
  if (login_ != nullptr && now < login_->renew_at) return login_;
  if (login_ != nullptr && login_->renewable && now < login_->ends) {
    absl::StatusOr<Login> renewed = Renewed(*login_, deadline);
    if (renewed.ok()) {
      login_ = std::make_shared<const Login>(*std::move(renewed));
      return login_;
    }
  }
  absl::StatusOr<Login> login = SignIn(deadline);
  // What is left of the old one is better than nothing.
  if (!login.ok() && login_ != nullptr && now < login_->ends) return login_;
  if (!login.ok()) return login.status();
  login_ = std::make_shared<const Login>(*std::move(login));
  return login_;
}

absl::StatusOr<http::Response> VaultSession::Send(VaultRequest request,
                                                  const Purpose& purpose,
                                                  Deadline deadline) {
  PATFORM_ASSIGN_OR_RETURN(const std::shared_ptr<const Login> login,
                           SignedIn(deadline));
  http::Request out = Build(request);
  out.bearer = &login->token;
  return store_->Send(out, purpose, deadline);
}

absl::Status VaultSession::Prepare(Deadline deadline) {
  // One looks, the others wait for what it finds.
  const std::lock_guard<std::mutex> lock(looking_);
  if (looked_) return absl::OkStatus();
  PATFORM_RETURN_IF_ERROR(LookAtMount(deadline));
  looked_ = true;
  return absl::OkStatus();
}

// An engine of version 1 would take "secret/metadata/x" for a secret's name.
absl::Status VaultSession::LookAtMount(Deadline deadline) {
  const Purpose purpose = {absl::StrCat("looking at the engine ", mount_)};
  VaultRequest request;
  request.path =
      absl::StrCat("sys/internal/ui/mounts/", PercentEncode(mount_, "-._~/"));
  PATFORM_ASSIGN_OR_RETURN(const http::Response answer,
                           Send(std::move(request), purpose, deadline));
  // Not every token may ask, and to one that may not an engine that does not
  // exist is 403 as well. What the requests then find there decides.
  if (answer.status == 403 || answer.status == 404) return absl::OkStatus();
  if (answer.status != 200) return Refused(answer, purpose);
  const http::SecretJson body(answer.body.Reveal(), kLimits);
  const json::value* data =
      body.object() == nullptr ? nullptr : body.object()->if_contains("data");
  if (data == nullptr || !data->is_object()) {
    return store_->Malformed(purpose, "it is not a description of an engine");
  }
  // The longest mount that fits is described, whatever was asked for.
  const json::object& engine = data->get_object();
  const json::value* options = engine.if_contains("options");
  const std::string path(http::TextMember(engine, "path"));
  const bool second = options != nullptr && options->is_object() &&
                      http::TextMember(options->get_object(), "version") == "2";
  if (!path.empty() && path != mount_ + "/") {
    return store_->Failed(
        absl::StatusCode::kFailedPrecondition, purpose,
        absl::StrCat("the engine is mounted at \"", Visible(path),
                     "\". Write that as `mount`, and the rest in `at`"));
  }
  if (!second) {
    return store_->Failed(
        absl::StatusCode::kFailedPrecondition, purpose,
        "it is not a KV engine of version 2, the only one that keeps a record "
        "beside a secret. Upgrade it: vault kv enable-versioning");
  }
  return absl::OkStatus();
}

absl::Status VaultSession::Refused(const http::Response& answer,
                                   const Purpose& purpose) const {
  const std::string words = VaultWords(answer);
  const auto also = [](const absl::Status& status, const char* more) {
    return absl::Status(status.code(), absl::StrCat(status.message(), more));
  };
  const absl::Status refused = store_->Refused(answer, purpose, words);
  if (answer.status == 503 && words.find("sealed") != std::string::npos) {
    // A sealed server does nothing; an earlier try may have found it open.
    return store_->Failed(
        purpose.writes && answer.repeated ? absl::StatusCode::kUnknown
                                          : absl::StatusCode::kUnavailable,
        purpose, "the server is sealed. Run patform again once it is unsealed");
  }
  if (answer.status == 307 || answer.status == 308) {
    return also(refused,
                ": this is a standby that sends its clients elsewhere. Name "
                "the active server or its load balancer as `address`");
  }
  if (answer.status == 403) {
    return also(refused,
                ". Its policies do not allow that (the sink's page has one "
                "that does), or the token is no longer valid");
  }
  if (answer.status == 404 && words.find("no handler") != std::string::npos) {
    return store_->Failed(
        absl::StatusCode::kFailedPrecondition, purpose,
        absl::StrCat("nothing is mounted there. Is \"", Visible(mount_),
                     "\" the engine's `mount`, in the right `namespace`?"));
  }
  // A replica that lags behind; it has done nothing.
  if (answer.status == 412) {
    return absl::UnavailableError(refused.message());
  }
  return refused;
}

}  // namespace patform::sinks
