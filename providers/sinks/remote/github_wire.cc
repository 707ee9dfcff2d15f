#include "providers/sinks/remote/github_wire.h"

#include <boost/json.hpp>
#include <functional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/base64.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "providers/http/secret_json.h"
#include "providers/sinks/remote/sealed_box.h"

namespace patform::sinks {
namespace {

namespace json = boost::json;

constexpr http::SecretJson::Limits kLimits = {16 << 20, 16};
// Pages of a hundred secrets or thirty variables, more than GitHub allows.
constexpr int kMostPages = 40;

// Everything on every page of a list. Pages are asked for by number, not by
// the address in the answer's Link: that is the server's to choose, and gets a
// bearer.
absl::Status EachOf(
    const std::function<absl::StatusOr<http::Response>(int page)>& ask,
    const char* member, size_t page_size,
    const std::function<void(const json::object&, absl::Time)>& take,
    absl::Time now) {
  for (int page = 1; page <= kMostPages; ++page) {
    PATFORM_ASSIGN_OR_RETURN(const http::Response answer, ask(page));
    const http::SecretJson body(answer.body.Reveal(), kLimits);
    const json::value* list =
        body.object() == nullptr ? nullptr : body.object()->if_contains(member);
    if (list == nullptr || !list->is_array()) {
      return absl::DataLossError(absl::StrCat("no list of ", member));
    }
    for (const json::value& entry : list->get_array()) {
      if (entry.is_object()) {
        take(entry.get_object(), http::DateOf(answer).value_or(now));
      }
    }
    // The last page is not full, or empty.
    if (list->get_array().size() < page_size) break;
  }
  return absl::OkStatus();
}

GithubSecret SecretIn(const json::object& object, absl::Time now) {
  return {std::string(http::TextMember(object, "updated_at")),
          std::string(http::TextMember(object, "visibility")), now};
}

}  // namespace

// GitHub's limit on how much is written answers 403, with Retry-After, or with
// nothing remaining (docs.github.com, "Rate limits for the REST API"): the one
// 403 that patience helps against, in a status of its own.
class GithubActions::PatientTransport : public http::Transport {
 public:
  explicit PatientTransport(std::unique_ptr<http::Transport> inner)
      : inner_(std::move(inner)) {}

  absl::StatusOr<http::Response> Send(const http::Request& request,
                                      Deadline deadline) override {
    absl::StatusOr<http::Response> answer = inner_->Send(request, deadline);
    if (answer.ok() && answer->status == 403 &&
        (answer->Find("Retry-After") ||
         answer->Find("X-RateLimit-Remaining").value_or("") == "0")) {
      answer->status = 429;
    }
    return answer;
  }

 private:
  const std::unique_ptr<http::Transport> inner_;
};

// Whatever has no time is old: nothing waits for it.
absl::Time GithubSecret::Updated() const {
  absl::Time time = absl::InfinitePast();
  if (!absl::ParseTime(absl::RFC3339_full, updated_at, &time, nullptr)) {
    return absl::InfinitePast();
  }
  return time;
}

// Every name in it is encoded or was checked: none leads to another path.
std::string GithubBase(const SinkConfig& config) {
  const std::string organization = config.Text("organization");
  if (!organization.empty()) {
    return absl::StrCat("/orgs/", PercentEncode(organization), "/actions");
  }
  const std::string repository = absl::StrCat(
      "/repos/", PercentEncode(config.Text("repository"), "-._~/"));
  const std::string environment = config.Text("environment");
  if (environment.empty()) return absl::StrCat(repository, "/actions");
  // Its name may hold anything, a slash too.
  return absl::StrCat(repository, "/environments/", PercentEncode(environment));
}

std::string GithubAddress(const SinkConfig& config) {
  return config.Text("address", "https://api.github.com");
}

// The first of the two variables that is set. It is read once: a run is shorter
// than the token's life.
GithubActions::GithubActions(const SinkConfig& config, const Machine& machine)
    : outer_(machine),
      machine_(machine),
      base_(GithubBase(config)),
      visibility_(config.Text("organization").empty()
                      ? ""
                      : config.Text("visibility", "private")) {
  machine_.new_transport = [this] {
    return std::make_unique<PatientTransport>(outer_.new_transport());
  };
  // Not GITHUB_TOKEN, which every job of Actions has and which may write no
  // secret: its 403 would hide that another one is wanted.
  for (const char* name : {"PATFORM_GITHUB_TOKEN", "GH_TOKEN"}) {
    const std::optional<std::string> value = outer_.environment(name);
    if (token_.empty() && value) token_ = Secret(*value);
  }
}

absl::StatusOr<std::unique_ptr<GithubActions>> GithubActions::Make(
    const SinkConfig& config, const Machine& machine) {
  std::unique_ptr<GithubActions> github(new GithubActions(config, machine));
  PATFORM_ASSIGN_OR_RETURN(
      github->store_, RestStore::Make(config, GithubAddress(config),
                                      {"api.github.com"}, github->machine_));
  return github;
}

// The one place that sends: with the token, which no other host than that of
// the store ever gets.
absl::StatusOr<http::Response> GithubActions::Call(const std::string& method,
                                                   const std::string& path,
                                                   Secret body,
                                                   const Purpose& purpose,
                                                   Deadline deadline) {
  if (token_.empty()) {
    return store_->Failed(
        absl::StatusCode::kUnauthenticated, purpose,
        "there is no token for GitHub: set PATFORM_GITHUB_TOKEN, or GH_TOKEN");
  }
  http::Request request;
  request.method = method;
  request.url = store_->At(base_ + path);
  request.headers = {{"Accept", "application/vnd.github+json"},
                     {"X-GitHub-Api-Version", "2022-11-28"}};
  request.bearer = &token_;
  request.content_type = "application/json";
  request.body = std::move(body);
  // A POST makes a variable; made twice, the second is refused.
  request.harmless_twice = true;
  return store_->Send(request, purpose, deadline);
}

// GitHub's `message`, and what to do: its 403 and 404 do not tell which
// permission is missing.
absl::Status GithubActions::Refused(const http::Response& answer,
                                    const Purpose& purpose) const {
  const http::SecretJson body(answer.body.Reveal(), kLimits);
  const absl::Status refused = store_->Refused(
      answer, purpose,
      body.object() == nullptr ? ""
                               : http::TextMember(*body.object(), "message"));
  std::string advice;
  if (answer.status == 403) {
    advice =
        ". A fine-grained token needs Secrets and Variables (of an "
        "environment: "
        "Environments, too), to read for a plan and to write for an apply";
  } else if (answer.status == 404) {
    advice = ". Is the name right, and may the token see it?";
  }
  absl::StatusCode code = refused.code();
  // An earlier try may have done what this one is refused for.
  if (answer.repeated && purpose.writes) code = absl::StatusCode::kUnknown;
  return absl::Status(code, absl::StrCat(refused.message(), advice));
}

// One for all secrets of a repository, an environment or an organization. The
// lock is held while it is read: others wait for what this one gets.
absl::StatusOr<GithubActions::PublicKey> GithubActions::Key(bool again,
                                                            Deadline deadline) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (key_ && !again) return *key_;
  const Purpose purpose = {"reading the public key"};
  PATFORM_ASSIGN_OR_RETURN(
      const http::Response answer,
      Call("GET", "/secrets/public-key", Secret(), purpose, deadline));
  if (answer.status != 200) return Refused(answer, purpose);
  const http::SecretJson body(answer.body.Reveal(), kLimits);
  if (body.object() == nullptr) return store_->Malformed(purpose, "no object");
  const std::optional<Secret> bytes =
      FromBase64(http::TextMember(*body.object(), "key"));
  PublicKey key;
  key.id = std::string(http::TextMember(*body.object(), "key_id"));
  if (bytes) key.bytes = std::string(bytes->Reveal());
  if (key.id.empty() || key.bytes.size() != 32) {
    return store_->Malformed(purpose, "no key of 32 bytes");
  }
  key_ = std::move(key);
  return *key_;
}

absl::StatusOr<std::optional<GithubSecret>> GithubActions::FindSecret(
    const std::string& name, Deadline deadline) {
  const Purpose purpose = {absl::StrCat("reading about ", name)};
  PATFORM_ASSIGN_OR_RETURN(const http::Response answer,
                           Call("GET", absl::StrCat("/secrets/", name),
                                Secret(), purpose, deadline));
  if (answer.status == 404) {
    // The same permission, and it is always there.
    PATFORM_RETURN_IF_ERROR(Key(/*again=*/true, deadline).status());
    return std::nullopt;
  }
  if (answer.status != 200) return Refused(answer, purpose);
  const http::SecretJson body(answer.body.Reveal(), kLimits);
  if (body.object() == nullptr) return store_->Malformed(purpose, "no object");
  GithubSecret secret =
      SecretIn(*body.object(), http::DateOf(answer).value_or(store_->Now()));
  if (secret.updated_at.empty()) {
    return store_->Malformed(purpose, "no updated_at");
  }
  return secret;
}

// Asked after FindSecret() alone, which tells a hidden repository from one
// without the variable.
absl::StatusOr<std::optional<std::string>> GithubActions::FindVariable(
    const std::string& name, Deadline deadline) {
  const Purpose purpose = {absl::StrCat("reading ", name)};
  PATFORM_ASSIGN_OR_RETURN(const http::Response answer,
                           Call("GET", absl::StrCat("/variables/", name),
                                Secret(), purpose, deadline));
  // The repository was seen before.
  if (answer.status == 404) return std::nullopt;
  if (answer.status != 200) return Refused(answer, purpose);
  const http::SecretJson body(answer.body.Reveal(), kLimits);
  if (body.object() == nullptr || !body.object()->contains("value")) {
    return store_->Malformed(purpose, "no value");
  }
  return std::string(http::TextMember(*body.object(), "value"));
}

// 404 is an error here, too: a list that may be seen is there, if empty.
absl::StatusOr<std::map<std::string, GithubSecret>> GithubActions::ListSecrets(
    Deadline deadline) {
  std::map<std::string, GithubSecret> found;
  const Purpose purpose = {"listing secrets"};
  const auto ask = [&](int page) -> absl::StatusOr<http::Response> {
    PATFORM_ASSIGN_OR_RETURN(
        http::Response answer,
        Call("GET", absl::StrCat("/secrets?per_page=100&page=", page), Secret(),
             purpose, deadline));
    if (answer.status != 200) return Refused(answer, purpose);
    return answer;
  };
  PATFORM_RETURN_IF_ERROR(EachOf(
      ask, "secrets", 100,
      [&](const json::object& entry, absl::Time now) {
        found[std::string(http::TextMember(entry, "name"))] =
            SecretIn(entry, now);
      },
      store_->Now()));
  return found;
}

// Thirty is the most that GitHub puts on a page of these.
absl::StatusOr<std::map<std::string, std::string>> GithubActions::ListVariables(
    Deadline deadline) {
  std::map<std::string, std::string> found;
  const Purpose purpose = {"listing variables"};
  const auto ask = [&](int page) -> absl::StatusOr<http::Response> {
    PATFORM_ASSIGN_OR_RETURN(
        http::Response answer,
        Call("GET", absl::StrCat("/variables?per_page=30&page=", page),
             Secret(), purpose, deadline));
    if (answer.status != 200) return Refused(answer, purpose);
    return answer;
  };
  PATFORM_RETURN_IF_ERROR(EachOf(
      ask, "variables", 30,
      [&](const json::object& entry, absl::Time) {
        found[std::string(http::TextMember(entry, "name"))] =
            std::string(http::TextMember(entry, "value"));
      },
      store_->Now()));
  return found;
}

// By id: a repository's name may change at any time.
absl::StatusOr<std::vector<int64_t>> GithubActions::SelectedRepositories(
    const std::string& name, Deadline deadline) {
  std::vector<int64_t> ids;
  const Purpose purpose = {
      absl::StrCat("reading the selected repositories of ", name)};
  const auto ask = [&](int page) -> absl::StatusOr<http::Response> {
    PATFORM_ASSIGN_OR_RETURN(
        http::Response answer,
        Call("GET",
             absl::StrCat("/secrets/", name,
                          "/repositories?per_page=100&page=", page),
             Secret(), purpose, deadline));
    if (answer.status != 200) return Refused(answer, purpose);
    return answer;
  };
  PATFORM_RETURN_IF_ERROR(EachOf(
      ask, "repositories", 100,
      [&](const json::object& entry, absl::Time) {
        const json::value* id = entry.if_contains("id");
        if (id != nullptr && id->is_int64()) ids.push_back(id->get_int64());
      },
      store_->Now()));
  return ids;
}

// Only the box is in it. It is wiped all the same: whoever has it and, one day,
// the key, has the secret.
absl::StatusOr<Secret> GithubActions::SecretBody(
    const std::string& name, const std::optional<GithubSecret>& found,
    const Secret& value, const PublicKey& key, Deadline deadline) {
  PATFORM_ASSIGN_OR_RETURN(const Secret box, Seal(key.bytes, value));
  Secret body("{\"encrypted_value\":");
  http::AppendJson(body, Base64(box.Reveal()).Reveal());
  body.Append(",\"key_id\":");
  http::AppendJson(body, key.id);
  if (!visibility_.empty()) {
    const std::string visibility =
        found && !found->visibility.empty() ? found->visibility : visibility_;
    body.Append(",\"visibility\":");
    http::AppendJson(body, visibility);
    if (visibility == "selected") {
      // What is not sent again is taken from them.
      std::vector<int64_t> ids;
      if (found) {
        PATFORM_ASSIGN_OR_RETURN(ids, SelectedRepositories(name, deadline));
      }
      body.Append(",\"selected_repository_ids\":[");
      for (size_t i = 0; i < ids.size(); ++i) {
        body.Append(StdView(absl::StrCat(i == 0 ? "" : ",", ids[i])));
      }
      body.Append("]");
    }
  }
  body.Append("}");
  return body;
}

// 201 is a new one, 204 one that was replaced; which it was is not of interest.
absl::Status GithubActions::PutSecret(const std::string& name,
                                      const std::optional<GithubSecret>& found,
                                      const Secret& value, Deadline deadline) {
  const Purpose purpose = {absl::StrCat("writing ", name), true};
  for (const bool again : {false, true}) {
    PATFORM_ASSIGN_OR_RETURN(const PublicKey key, Key(again, deadline));
    PATFORM_ASSIGN_OR_RETURN(Secret body,
                             SecretBody(name, found, value, key, deadline));
    PATFORM_ASSIGN_OR_RETURN(const http::Response answer,
                             Call("PUT", absl::StrCat("/secrets/", name),
                                  std::move(body), purpose, deadline));
    if (answer.status == 201 || answer.status == 204) return absl::OkStatus();
    // GitHub changes its keys now and then; the box was for the one before.
    if (answer.status == 422 && !again && !answer.repeated) continue;
    if (answer.status < 300) {
      return store_->Malformed(purpose, absl::StrCat(answer.status));
    }
    return Refused(answer, purpose);
  }
  return absl::InternalError("not reached");
}

// A POST that was carried out although its answer was lost is refused the
// second time, with 409: then it is there, and is changed instead.
absl::Status GithubActions::PutVariable(const std::string& name, bool exists,
                                        std::string_view value,
                                        Deadline deadline) {
  Secret body("{\"name\":");
  http::AppendJson(body, name);
  body.Append(",\"value\":");
  http::AppendJson(body, value);
  // Of an organization: for no repository to see.
  if (!exists && !visibility_.empty()) {
    body.Append(",\"visibility\":\"selected\",\"selected_repository_ids\":[]");
  }
  body.Append("}");
  const Purpose purpose = {absl::StrCat("writing ", name), true};
  PATFORM_ASSIGN_OR_RETURN(
      const http::Response answer,
      Call(exists ? "PATCH" : "POST",
           exists ? absl::StrCat("/variables/", name) : "/variables",
           std::move(body), purpose, deadline));
  if (answer.status == (exists ? 204 : 201)) return absl::OkStatus();
  // Made by a try of ours before, or by another run: there it is.
  if (answer.status == 409 && !exists) {
    return PutVariable(name, /*exists=*/true, value, deadline);
  }
  if (answer.status < 300) {
    return store_->Malformed(purpose, absl::StrCat(answer.status));
  }
  return Refused(answer, purpose);
}

// `kind`: "secrets" or "variables".
absl::Status GithubActions::Delete(const std::string& kind,
                                   const std::string& name, Deadline deadline) {
  const Purpose purpose = {absl::StrCat("removing ", name), true};
  PATFORM_ASSIGN_OR_RETURN(const http::Response answer,
                           Call("DELETE", absl::StrCat("/", kind, "/", name),
                                Secret(), purpose, deadline));
  if (answer.status == 204) return absl::OkStatus();
  // By a try of ours before.
  if (answer.status == 404 && answer.repeated) return absl::OkStatus();
  if (answer.status < 300) {
    return store_->Malformed(purpose, absl::StrCat(answer.status));
  }
  return Refused(answer, purpose);
}

}  // namespace patform::sinks
