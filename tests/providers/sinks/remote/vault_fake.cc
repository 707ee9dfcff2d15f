#include "tests/providers/sinks/remote/vault_fake.h"

#include <algorithm>
#include <boost/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace patform::sinks {
namespace {

namespace json = boost::json;

constexpr char kMount[] = "secret/";

http::Response With(int status, const json::value& body) {
  http::Response response;
  response.status = status;
  response.headers = {{"Content-Type", "application/json"}};
  response.body = Secret(json::serialize(body));
  return response;
}

http::Response Errors(int status, const std::vector<std::string>& errors) {
  return With(status, {{"errors", json::value_from(errors)}});
}

http::Response NoContent() {
  http::Response response;
  response.status = 204;
  return response;
}

std::string Text(const json::value& value) {
  return std::string(value.as_string().data(), value.as_string().size());
}

std::string Instant(absl::Time time) {
  return absl::FormatTime("%Y-%m-%d%ET%H:%M:%E9SZ", time, absl::UTCTimeZone());
}

json::object Body(const http::Request& request) {
  json::error_code error;
  json::value body = json::parse(
      json::string_view(request.body.Reveal().data(), request.body.size()),
      error);
  return error || !body.is_object() ? json::object() : body.as_object();
}

bool Printable(const std::string& text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c >= ' ' && c < 0x7f; });
}

// "": it is taken.
std::string FaultOf(const std::map<std::string, std::string>& custom) {
  if (custom.size() > 64) return "payload must contain at most 64 keys";
  for (const auto& [key, value] : custom) {
    if (key.empty() || key.size() > 128) return "length of key";
    if (value.empty() || value.size() > 512) return "length of value for key";
    if (!Printable(key) || !Printable(value)) return "unprintable characters";
  }
  return "";
}

json::object Described(const VaultFake::Version& version) {
  return {{"created_time", Instant(version.created)},
          {"deletion_time", version.deleted == absl::InfiniteFuture()
                                ? ""
                                : Instant(version.deleted)},
          {"destroyed", version.destroyed}};
}

}  // namespace

bool VaultFake::Served(const Path& path) const {
  return !path.versions.empty() && !path.versions.back().destroyed &&
         path.versions.back().deleted > clock->Now();
}

std::optional<std::string> VaultFake::Served(const Delivery& place) const {
  const auto found = paths.find(place.at);
  if (found == paths.end() || !Served(found->second)) return std::nullopt;
  const auto& fields = found->second.versions.back().fields;
  const auto field = fields.find(place.key.empty() ? "token" : place.key);
  if (field == fields.end()) return std::nullopt;
  return field->second;
}

void VaultFake::WriteAsOther(const Delivery& place, const std::string& value) {
  Version version;
  version.created = clock->Now();
  version.fields[place.key.empty() ? "token" : place.key] = value;
  paths[place.at].versions.push_back(std::move(version));
}

http::Response VaultFake::Answer(const http::Request& request) {
  const std::string path = request.url.target.substr(sizeof("/v1/") - 1);
  log.push_back(absl::StrCat(request.method, " ", path));
  http::Response response = Route(request, path);
  response.headers.push_back(
      {"Date", absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", clock->Now(),
                                absl::UTCTimeZone())});
  return response;
}

http::Response VaultFake::Route(const http::Request& request,
                                const std::string& path) {
  const auto marked = std::find_if(
      request.headers.begin(), request.headers.end(),
      [](const http::Header& h) { return h.name == "X-Vault-Request"; });
  if (marked == request.headers.end()) {
    return Errors(412, {"missing X-Vault-Request"});
  }
  if (sealed) return Errors(503, {"Vault is sealed"});
  if (path.starts_with("auth/")) return Auth(request, path);
  if (request.bearer == nullptr || request.bearer->Reveal() != token) {
    return Errors(403, {"permission denied"});
  }
  const std::string mounts = "sys/internal/ui/mounts/";
  if (path.starts_with(mounts)) {
    if (!path.starts_with(mounts + "secret")) {
      return Errors(403, {"preflight capability check returned 403"});
    }
    return With(
        200, {{"data",
               {{"path", mounted}, {"options", {{"version", kv_version}}}}}});
  }
  if (path == "sys/capabilities-self") return Capabilities(request);
  const std::string inside =
      path.starts_with(kMount) ? path.substr(sizeof(kMount) - 1) : "";
  if (inside.empty()) {
    return Errors(404, {absl::StrCat("no handler for route \"", path,
                                     "\". route entry not found.")});
  }
  if (!Allows(request, inside)) {
    return Errors(403, {"1 error occurred:\n\t* permission denied\n\n"});
  }
  const size_t slash = inside.find('/');
  const std::string kind = inside.substr(0, slash);
  const std::string at = inside.substr(slash + 1);
  if (kind == "data") return Data(request, at);
  if (kind == "metadata") return Metadata(request, at);
  return Destroy(request, at);
}

bool VaultFake::Allows(const http::Request& request,
                       const std::string& path) const {
  const std::string at = path.substr(path.find('/') + 1);
  std::string needed = request.method == "GET" ? "read" : "update";
  if (request.method == "PATCH") needed = "patch";
  if (path.ends_with("?list=true")) needed = "list";
  if (needed == "update" && !path.starts_with("destroy/") &&
      !paths.contains(at)) {
    needed = "create";
  }
  for (const auto& [begin, may] : policy) {
    if (path.starts_with(begin)) {
      return std::find(may.begin(), may.end(), needed) != may.end();
    }
  }
  return policy.empty();
}

http::Response VaultFake::Capabilities(const http::Request& request) const {
  if (!may_ask) return Errors(403, {"permission denied"});
  json::object answer;
  const json::object body = Body(request);
  for (const json::value& path : body.at("paths").as_array()) {
    std::vector<std::string> may = {policy.empty() ? "root" : "deny"};
    for (const auto& [begin, capabilities] : policy) {
      if (Text(path).starts_with(kMount + begin)) may = capabilities;
    }
    answer[path.as_string()] = json::value_from(may);
  }
  return With(200, answer);
}

http::Response VaultFake::Auth(const http::Request& request,
                               const std::string& path) {
  const json::object body = Body(request);
  const auto given = [this] {
    return With(200, {{"auth",
                       {{"client_token", token},
                        {"token_type", "service"},
                        {"renewable", renewable},
                        {"lease_duration", lease_seconds}}}});
  };
  if (path == "auth/token/renew-self") return given();
  if (path == "auth/token/revoke-self") return NoContent();
  ++logins;
  if (path == "auth/approle/login" && body.contains("role_id") &&
      Text(body.at("role_id")) == "r-1" && body.contains("secret_id") &&
      Text(body.at("secret_id")) == "s-1") {
    return given();
  }
  if (path == "auth/ci/login" && body.contains("jwt") &&
      Text(body.at("jwt")) == "e.y.J" && Text(body.at("role")) == "patform") {
    return given();
  }
  return Errors(400, {"invalid role or secret ID"});
}

http::Response VaultFake::Data(const http::Request& request,
                               const std::string& target) {
  const std::string at = target.substr(0, target.find('?'));
  if (request.method == "GET") {
    if (!paths.contains(at) || !Served(paths.at(at))) return Errors(404, {});
    const Version& last = paths.at(at).versions.back();
    json::object metadata = Described(last);
    metadata["version"] = paths.at(at).versions.size();
    return With(
        200,
        {{"data",
          {{"data", json::value_from(last.fields)}, {"metadata", metadata}}}});
  }
  const bool patches = request.method == "PATCH";
  if (patches && !paths.contains(at)) return With(404, {{"data", nullptr}});
  const json::object body = Body(request);
  Path& path = paths[at];
  // A bare write without `cas` is what the sink must never send.
  const json::value* cas =
      body.contains("options")
          ? body.at("options").as_object().if_contains("cas")
          : nullptr;
  if (cas == nullptr) {
    return Errors(400, {"check-and-set parameter required for this call"});
  }
  if (static_cast<size_t>(cas->as_int64()) != path.versions.size()) {
    return Errors(400, {"check-and-set parameter did not match the current "
                        "version"});
  }
  if (patches && !Served(path)) return With(404, {{"data", nullptr}});
  Version version;
  version.created = clock->Now();
  if (patches) version.fields = path.versions.back().fields;
  for (const auto& [name, value] : body.at("data").as_object()) {
    const std::string key(name.data(), name.size());
    if (value.is_null()) {
      version.fields.erase(key);
    } else {
      version.fields[key] = Text(value);
    }
  }
  path.versions.push_back(version);
  json::object answer = Described(version);
  answer["version"] = path.versions.size();
  return With(200, {{"data", answer}});
}

http::Response VaultFake::Metadata(const http::Request& request,
                                   const std::string& at) {
  if (at.ends_with("?list=true")) return List(at.substr(0, at.find('?')));
  if (request.method == "GET") {
    if (!paths.contains(at)) return Errors(404, {});
    const Path& path = paths.at(at);
    json::object versions;
    for (size_t i = 0; i < path.versions.size(); ++i) {
      versions[absl::StrCat(i + 1)] = Described(path.versions[i]);
    }
    json::value custom;
    if (!path.custom.empty()) custom = json::value_from(path.custom);
    return With(200, {{"data",
                       {{"current_version", path.versions.size()},
                        {"custom_metadata", custom},
                        {"versions", versions}}}});
  }
  if (request.method == "PATCH" && !paths.contains(at)) {
    return With(404, {{"data", nullptr}});
  }
  if (request.method == "PATCH" &&
      request.content_type != "application/merge-patch+json") {
    return Errors(415, {"unsupported media type"});
  }
  std::map<std::string, std::string> custom;
  if (request.method == "PATCH") custom = paths.at(at).custom;
  const json::object body = Body(request);
  for (const auto& [name, value] : body.at("custom_metadata").as_object()) {
    const std::string key(name.data(), name.size());
    if (value.is_null()) {
      custom.erase(key);
    } else {
      custom[key] = Text(value);
    }
  }
  if (const std::string fault = FaultOf(custom); !fault.empty()) {
    return Errors(400, {"custom_metadata validation failed: " + fault});
  }
  paths[at].custom = std::move(custom);
  return NoContent();
}

http::Response VaultFake::Destroy(const http::Request& request,
                                  const std::string& at) {
  const json::object body = Body(request);
  for (const json::value& number : body.at("versions").as_array()) {
    const auto i = static_cast<size_t>(number.as_int64());
    if (!paths.contains(at) || i > paths.at(at).versions.size()) continue;
    paths.at(at).versions[i - 1].destroyed = true;
    paths.at(at).versions[i - 1].fields.clear();
  }
  return NoContent();
}

http::Response VaultFake::List(const std::string& folder) const {
  json::array keys;
  for (const auto& [at, path] : paths) {
    if (!at.starts_with(folder)) continue;
    const std::string rest = at.substr(folder.size());
    const size_t slash = rest.find('/');
    keys.push_back(json::value(
        slash == std::string::npos ? rest : rest.substr(0, slash + 1)));
  }
  if (keys.empty()) return Errors(404, {});
  return With(200, {{"data", {{"keys", keys}}}});
}

}  // namespace patform::sinks
