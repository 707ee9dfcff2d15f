#pragma once

#include <boost/json.hpp>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "engine/base/strings.h"
#include "tests/providers/sinks/remote/contract.h"

namespace patform::sinks {

inline constexpr char kVaultBearer[] = "a.bearer-of-the.vault";

// A vault in memory, as strict as the service where this program could get it
// wrong: pages of 25, dates in whole seconds, 15 tags of 256 characters, a
// challenge to whoever has no token. A value is given to nobody: who asks for
// one fails the test.
class KeyVaultFake : public StoreFake {
 public:
  struct Version {
    std::string id;
    std::string value;
    boost::json::object attributes;
    boost::json::object tags;
    std::string content_type;
  };
  struct Kept {
    std::string name;
    std::vector<Version> versions;  // the last one is the current one
  };

  http::Response Answer(const http::Request& request) override;

  std::optional<std::string> Served(const Delivery& place) const override {
    const auto kept = secrets.find(absl::AsciiStrToLower(place.at));
    if (kept == secrets.end()) return std::nullopt;
    const Version& current = kept->second.versions.back();
    if (!current.attributes.at("enabled").as_bool()) return std::nullopt;
    return current.value;
  }

  // az keyvault secret set --value: a version without tags.
  void WriteAsOther(const Delivery& place, const std::string& value) override {
    Add(place.at, value, {}, {}, "");
  }

  void Add(const std::string& name, const std::string& value,
           const boost::json::object& attributes,
           const boost::json::object& tags, const std::string& content_type) {
    Kept& kept = secrets[absl::AsciiStrToLower(name)];
    if (kept.versions.empty()) kept.name = name;
    Version version;
    version.id = absl::StrFormat("%032x", ++made);
    version.value = value;
    version.tags = tags;
    version.content_type = content_type;
    version.attributes = attributes;
    version.attributes.emplace("enabled", true);
    const int64_t now = absl::ToUnixSeconds(clock->Now());
    version.attributes["created"] = now;
    version.attributes["updated"] = now;
    kept.versions.push_back(std::move(version));
  }

  // Refuses what the next request asks, by method, as the service words it.
  void Refuse(const std::string& method, int status, const std::string& code,
              const std::string& inner, const std::string& message) {
    refusals[method] = Error(status, code, inner, message);
  }

  std::string host = "contoso.vault.azure.net";
  std::string challenge =
      "Bearer authorization=\"https://login.windows.net/"
      "11111111-2222-3333-4444-555555555555\", "
      "resource=\"https://vault.azure.net\"";
  std::map<std::string, Kept> secrets;  // by their names in lower case
  std::map<std::string, Kept> deleted;
  std::string next_host = host;  // of nextLink
  std::vector<std::string> lines;

 private:
  struct Refusal {
    int status;
    std::string body;
  };

  static Refusal Error(int status, const std::string& code,
                       const std::string& inner, const std::string& message) {
    boost::json::object error = {{"code", code}, {"message", message}};
    if (!inner.empty()) error["innererror"] = {{"code", inner}};
    return {status, boost::json::serialize(
                        boost::json::object{{"error", std::move(error)}})};
  }
  static http::Response Plain(int status, const std::string& body) {
    http::Response response;
    response.status = status;
    response.body = Secret(body);
    return response;
  }
  static http::Response Plain(const Refusal& refusal) {
    return Plain(refusal.status, refusal.body);
  }
  boost::json::object Entry(const std::string& name, const Version& version,
                            bool with_version) const {
    boost::json::object entry = {
        {"id", absl::StrCat("https://", host, "/secrets/", name,
                            with_version ? "/" + version.id : "")},
        {"attributes", version.attributes}};
    if (!version.tags.empty()) entry["tags"] = version.tags;
    if (!version.content_type.empty()) {
      entry["contentType"] = version.content_type;
    }
    return entry;
  }
  http::Response Page(const boost::json::array& all, const std::string& path,
                      const std::string& query) const;
  http::Response Set(const std::string& name, const http::Request& request);
  http::Response Patch(const std::string& name, const std::string& version,
                       const http::Request& request);

  std::map<std::string, Refusal> refusals;
  int made = 0;
};

inline http::Response KeyVaultFake::Page(const boost::json::array& all,
                                         const std::string& path,
                                         const std::string& query) const {
  size_t from = 0, most = 25;
  for (const absl::string_view part : absl::StrSplit(query, '&')) {
    if (absl::StartsWith(part, "$skiptoken=")) {
      EXPECT_TRUE(absl::SimpleAtoi(part.substr(11), &from));
    }
    if (absl::StartsWith(part, "maxresults=")) {
      EXPECT_TRUE(absl::SimpleAtoi(part.substr(11), &most));
      if (most < 1 || most > 25) {
        return Plain(Error(400, "BadParameter", "", "maxresults"));
      }
    }
  }
  boost::json::object page;
  boost::json::array& value = page["value"].emplace_array();
  for (size_t i = from; i < all.size() && i < from + most; ++i) {
    value.push_back(all[i]);
  }
  page["nextLink"] = nullptr;
  if (from + most < all.size()) {
    page["nextLink"] = absl::StrCat("https://", next_host, ":443", path,
                                    "?api-version=7.4&$skiptoken=", from + most,
                                    "&maxresults=", most);
  }
  return Plain(200, boost::json::serialize(page));
}

inline http::Response KeyVaultFake::Set(const std::string& name,
                                        const http::Request& request) {
  if (deleted.count(absl::AsciiStrToLower(name)) > 0) {
    return Plain(Error(409, "Conflict", "ObjectIsDeletedButRecoverable",
                       "Secret is currently in a deleted but recoverable "
                       "state, and its name cannot be reused"));
  }
  boost::json::error_code wrong;
  const boost::json::value body =
      boost::json::parse(std::string(request.body.Reveal()), wrong);
  const bool json = request.content_type == "application/json";
  if (wrong || !json || !body.is_object() ||
      !body.as_object().contains("value")) {
    return Plain(Error(400, "BadParameter", "", "body"));
  }
  const boost::json::object& object = body.as_object();
  boost::json::object tags;
  if (object.contains("tags")) tags = object.at("tags").as_object();
  bool fits = tags.size() <= 15;
  for (const auto& [key, text] : tags) {
    const boost::json::string& tag = text.as_string();
    fits = fits && key.size() <= 256 &&
           CodePoints(std::string(tag.data(), tag.size())) <= 256;
  }
  const std::string value(object.at("value").as_string());
  if (!fits || value.size() > 25600) {
    return Plain(Error(400, "BadParameter", "", "too long"));
  }
  boost::json::object attributes;
  if (object.contains("attributes")) {
    attributes = object.at("attributes").as_object();
  }
  Add(name, value, attributes, tags,
      object.contains("contentType")
          ? std::string(object.at("contentType").as_string())
          : "");
  const Kept& kept = secrets[absl::AsciiStrToLower(name)];
  boost::json::object answer = Entry(name, kept.versions.back(), true);
  answer["value"] = value;
  return Plain(200, boost::json::serialize(answer));
}

inline http::Response KeyVaultFake::Patch(const std::string& name,
                                          const std::string& version,
                                          const http::Request& request) {
  for (Version& each : secrets[absl::AsciiStrToLower(name)].versions) {
    if (each.id != version) continue;
    const boost::json::value body =
        boost::json::parse(std::string(request.body.Reveal()));
    for (const auto& [key, to] : body.at("attributes").as_object()) {
      each.attributes[key] = to;
    }
    each.attributes["updated"] = absl::ToUnixSeconds(clock->Now());
    return Plain(200, boost::json::serialize(Entry(name, each, true)));
  }
  return Plain(Error(404, "SecretNotFound", "", "A secret was not found"));
}

inline http::Response KeyVaultFake::Answer(const http::Request& request) {
  lines.push_back(absl::StrCat(request.method, " ", request.url.target));
  EXPECT_EQ(request.url.host, host);
  if (request.bearer == nullptr) {
    EXPECT_TRUE(request.body.empty()) << "a body before the challenge";
    http::Response response =
        Plain(Error(401, "Unauthorized", "",
                    "AKV10000: Request is missing a Bearer or PoP token."));
    response.headers = {{"WWW-Authenticate", challenge}};
    return response;
  }
  if (request.bearer->Reveal() != kVaultBearer) {
    return Plain(Error(401, "Unauthorized", "",
                       "[BearerReadAccessTokenFailed] AKV10022: Invalid "
                       "audience."));
  }
  if (const auto refusal = refusals.find(request.method);
      refusal != refusals.end()) {
    return Plain(refusal->second);
  }
  const size_t mark = request.url.target.find('?');
  const std::string path = request.url.target.substr(0, mark);
  const std::string query =
      mark == std::string::npos ? "" : request.url.target.substr(mark + 1);
  if (!absl::StrContains(query, "api-version=7.4")) {
    return Plain(Error(400, "BadParameter", "", "api-version"));
  }
  const std::vector<std::string> parts = absl::StrSplit(path.substr(1), '/');
  boost::json::array all;
  if (request.method == "GET" && parts.size() == 1) {
    for (const auto& [key, kept] : parts[0] == "secrets" ? secrets : deleted) {
      all.push_back(Entry(kept.name, kept.versions.back(), false));
    }
    return Page(all, path, query);
  }
  if (parts.size() == 3 && parts[2] == "versions" && request.method == "GET") {
    const auto kept = secrets.find(absl::AsciiStrToLower(parts[1]));
    if (kept != secrets.end()) {
      for (const Version& each : kept->second.versions) {
        // In no order: the service documents none.
        all.insert(all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2),
                   Entry(kept->second.name, each, true));
      }
    }
    return Page(all, path, query);
  }
  if (parts.size() == 2 && request.method == "PUT") {
    return Set(parts[1], request);
  }
  if (parts.size() == 3 && request.method == "PATCH") {
    return Patch(parts[1], parts[2], request);
  }
  ADD_FAILURE() << "nobody asks for that: " << lines.back();
  return Plain(Error(404, "NotFound", "", ""));
}

}  // namespace patform::sinks
