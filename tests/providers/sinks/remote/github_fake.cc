#include "tests/providers/sinks/remote/github_fake.h"

#include <sodium.h>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace patform::sinks {
namespace {

namespace json = boost::json;

http::Response Reply(int status, const json::value& body = nullptr) {
  http::Response response;
  response.status = status;
  response.headers = {{"Content-Type", "application/json; charset=utf-8"}};
  if (!body.is_null()) response.body = Secret(json::serialize(body));
  return response;
}

http::Response Refuse(int status, const std::string& message) {
  return Reply(status, json::object{{"message", message}});
}

std::string Moment(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
}

std::string Text(const json::object& body, const char* name) {
  const json::value* member = body.if_contains(name);
  return member == nullptr ? "" : json::value_to<std::string>(*member);
}

json::object Described(const std::string& name, const GithubFake::Kept& kept) {
  json::object secret = {{"name", name},
                         {"created_at", "2026-01-01T00:00:00Z"},
                         {"updated_at", Moment(kept.updated)}};
  if (!kept.visibility.empty()) secret["visibility"] = kept.visibility;
  return secret;
}

}  // namespace

GithubFake::GithubFake() { RenewKey(); }

void GithubFake::RenewKey() {
  EXPECT_GE(sodium_init(), 0);
  unsigned char open[crypto_box_PUBLICKEYBYTES];
  unsigned char own[crypto_box_SECRETKEYBYTES];
  crypto_box_keypair(open, own);
  public_key_.assign(reinterpret_cast<char*>(open), sizeof(open));
  secret_key_.assign(reinterpret_cast<char*>(own), sizeof(own));
  ++key_number_;
}

http::Response GithubFake::Answer(const http::Request& request) {
  std::string target = request.url.target;
  if (request.bearer == nullptr || request.bearer->Reveal() != "ghp_token") {
    return Refuse(401, "Bad credentials");
  }
  if (!target.starts_with(base) || hidden) return Refuse(404, "Not Found");
  target = target.substr(base.size());
  lines.push_back(absl::StrCat(request.method, " ", target));
  if (refusal.status != 0) {
    http::Response now = std::move(refusal);
    refusal = http::Response();
    return now;
  }
  return Do(request.method, target, request.body.Reveal());
}

http::Response GithubFake::Do(const std::string& method,
                              const std::string& path, std::string_view body) {
  if (path == "/secrets/public-key") {
    return Reply(200, json::object{{"key_id", absl::StrCat(key_number_)},
                                   {"key", absl::Base64Escape(public_key_)}});
  }
  for (const char* kind : {"secrets", "variables"}) {
    const std::string lists = absl::StrCat("/", kind, "?");
    if (path.starts_with(lists)) {
      int page = 0;
      EXPECT_TRUE(
          absl::SimpleAtoi(path.substr(path.find("&page=") + 6), &page));
      return List(kind, page);
    }
  }
  if (path.starts_with("/secrets/")) {
    return OfSecret(method, path.substr(9), body);
  }
  if (path == "/variables") return OfVariable(method, "", body);
  if (path.starts_with("/variables/")) {
    return OfVariable(method, path.substr(11), body);
  }
  return Refuse(404, "Not Found");
}

http::Response GithubFake::OfSecret(const std::string& method,
                                    const std::string& name,
                                    std::string_view body) {
  const size_t slash = name.find('/');
  const auto found = secrets.find(name.substr(0, slash));
  if (slash != std::string::npos) {
    if (found == secrets.end()) return Refuse(404, "Not Found");
    json::array repositories;
    for (const int64_t id : found->second.repositories) {
      repositories.push_back(json::object{{"id", id}});
    }
    return Reply(200, json::object{{"total_count", repositories.size()},
                                   {"repositories", repositories}});
  }
  if (method == "PUT") {
    json::error_code error;
    const json::value value =
        json::parse(json::string_view(body.data(), body.size()), error);
    if (error) return Refuse(400, "Problems parsing JSON");
    return PutSecret(name, value.as_object());
  }
  if (found == secrets.end()) return Refuse(404, "Not Found");
  if (method == "GET") return Reply(200, Described(name, found->second));
  if (method != "DELETE") return Refuse(404, "Not Found");
  secrets.erase(found);
  return Reply(204);
}

http::Response GithubFake::PutSecret(const std::string& name,
                                     const json::object& body) {
  if (Text(body, "key_id") != absl::StrCat(key_number_)) {
    return Refuse(422, "Bad Request - key_id is not the current one");
  }
  std::string box;
  std::string plain;
  if (!absl::Base64Unescape(Text(body, "encrypted_value"), &box) ||
      box.size() < crypto_box_SEALBYTES) {
    return Refuse(422, "encrypted_value is not valid");
  }
  plain.resize(box.size() - crypto_box_SEALBYTES);
  if (crypto_box_seal_open(
          reinterpret_cast<unsigned char*>(plain.data()),
          reinterpret_cast<const unsigned char*>(box.data()), box.size(),
          reinterpret_cast<const unsigned char*>(public_key_.data()),
          reinterpret_cast<const unsigned char*>(secret_key_.data())) != 0) {
    return Refuse(422, "encrypted_value cannot be opened");
  }
  if (plain.size() > (48 << 10)) return Refuse(422, "value is too large");
  const bool made = !secrets.contains(name);
  Kept& kept = secrets[name];
  kept.value = plain;
  kept.updated = absl::FromUnixSeconds(absl::ToUnixSeconds(clock->Now()));
  if (base.starts_with("/orgs/")) {
    // What is not sent is lost, and it must be sent.
    kept.visibility = Text(body, "visibility");
    if (kept.visibility.empty()) return Refuse(422, "visibility is required");
    kept.repositories.clear();
    if (const json::value* ids = body.if_contains("selected_repository_ids")) {
      kept.repositories = json::value_to<std::vector<int64_t>>(*ids);
    }
  }
  return made ? Reply(201, json::object()) : Reply(204);
}

http::Response GithubFake::OfVariable(const std::string& method,
                                      const std::string& name,
                                      std::string_view body) {
  json::object parsed;
  if (!body.empty()) {
    json::error_code error;
    const json::value value =
        json::parse(json::string_view(body.data(), body.size()), error);
    if (error) return Refuse(400, "Problems parsing JSON");
    parsed = value.as_object();
  }
  if (method == "POST") {
    const std::string made = Text(parsed, "name");
    if (base.starts_with("/orgs/") && Text(parsed, "visibility").empty()) {
      return Refuse(422, "visibility is required");
    }
    if (!variables.emplace(made, Text(parsed, "value")).second) {
      return Refuse(409, "Already exists - Variable already exists");
    }
    return Reply(201, json::object());
  }
  const auto found = variables.find(name);
  if (found == variables.end()) return Refuse(404, "Not Found");
  if (method == "PATCH") {
    found->second = Text(parsed, "value");
    return Reply(204);
  }
  if (method == "DELETE") {
    variables.erase(found);
    return Reply(204);
  }
  return Reply(200, json::object{{"name", name}, {"value", found->second}});
}

http::Response GithubFake::List(const std::string& kind, int page) const {
  json::array all;
  if (kind == "secrets") {
    for (const auto& [name, kept] : secrets)
      all.push_back(Described(name, kept));
  } else {
    for (const auto& [name, value] : variables) {
      all.push_back(json::object{{"name", name}, {"value", value}});
    }
  }
  const size_t size = kind == "secrets" ? 100 : 30;
  json::array some;
  for (size_t i = size * static_cast<size_t>(page - 1);
       i < all.size() && some.size() < size; ++i) {
    some.push_back(all[i]);
  }
  return Reply(200, json::object{{"total_count", all.size()}, {kind, some}});
}

std::optional<std::string> GithubFake::Served(const Delivery& place) const {
  const auto found = secrets.find(place.at);
  if (found == secrets.end()) return std::nullopt;
  return found->second.value;
}

// As the web page does it.
void GithubFake::WriteAsOther(const Delivery& place, const std::string& value) {
  Kept& kept = secrets[place.at];
  kept.value = value;
  kept.updated = absl::FromUnixSeconds(absl::ToUnixSeconds(clock->Now()));
}

}  // namespace patform::sinks
