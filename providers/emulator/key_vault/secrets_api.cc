#include "providers/emulator/key_vault/secrets_api.h"

#include <algorithm>
#include <boost/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "engine/base/strings.h"
#include "providers/emulator/key_vault/access.h"
#include "providers/emulator/tokens/vss_error.h"
#include "providers/emulator/tokens/wire.h"

// What a client of a vault gets wrong is refused here as the service refuses
// it, and what it has to cope with is as there: versions come in no order,
// dates have whole seconds, a page has 25 entries, and the answer to a write
// repeats the secret.
namespace patform::emulator {
namespace {

namespace json = boost::json;

// What the service takes, by its page of limits and its errors.
constexpr size_t kLargestValue = 25'600;
constexpr size_t kMostTags = 15;
constexpr size_t kLongestTag = 256;
constexpr size_t kLongestContentType = 255;
constexpr int kPage = 25;
constexpr int kRecoverableDays = 90;
// Those that clients in use send. The service refuses any other word.
constexpr const char* kApiVersions[] = {"2016-10-01", "7.0",       "7.1", "7.2",
                                        "7.3",        "7.4",       "7.5", "7.6",
                                        "2025-07-01", "2026-04-01"};

// Everything that a client spelled wrong.
http::ServerResponse BadParameter(std::string_view message) {
  return VaultError(400, "BadParameter", message);
}

http::ServerResponse NotFound(std::string_view name) {
  return VaultError(
      404, "SecretNotFound",
      absl::StrCat("A secret with (name/id) ", AbslView(name),
                   " was not found in this key vault. If you "
                   "recently deleted this secret you may be able to "
                   "recover it using the correct recovery command."));
}

// One request at work.
struct Ask {
  Service& service;
  const http::ServerRequest& request;
  const Target& target;
  std::string name;  // of the secret; "": a list of all
  absl::Time now;
};

// All but the first are dates in seconds; without fractions, so that two
// versions may be of one and the same.
json::object AttributesOf(const VaultVersion& version) {
  json::object attributes = {{"enabled", version.enabled}};
  if (version.not_before) attributes["nbf"] = *version.not_before;
  if (version.expires) attributes["exp"] = *version.expires;
  attributes["created"] = version.created;
  attributes["updated"] = version.updated;
  attributes["recoveryLevel"] = "Recoverable+Purgeable";
  attributes["recoverableDays"] = kRecoverableDays;
  return attributes;
}

// As the client called this host.
std::string BaseOf(const Ask& ask) {
  return absl::StrCat(ask.service.tls ? "https://" : "http://",
                      AbslView(ask.request.Find("Host").value_or("localhost")));
}

// What lists show, and answers besides the value. The list of all secrets shows
// the newest version without its id.
json::object EntryOf(const Ask& ask, const VaultSecret& secret,
                     const VaultVersion& version, bool with_version) {
  json::object entry = {
      {"id", absl::StrCat(BaseOf(ask), "/secrets/", secret.name,
                          with_version ? "/" + version.id : "")},
      {"attributes", AttributesOf(version)}};
  if (!version.tags.empty()) entry["tags"] = version.tags;
  if (!version.content_type.empty()) {
    entry["contentType"] = version.content_type;
  }
  return entry;
}

// A client polls for these after a deletion; here it is over at once.
void AddDeletion(const Ask& ask, const VaultSecret& secret,
                 json::object& entry) {
  entry["recoveryId"] =
      absl::StrCat(BaseOf(ask), "/deletedsecrets/", secret.name);
  entry["deletedDate"] = secret.deleted;
  entry["scheduledPurgeDate"] =
      secret.deleted + int64_t{kRecoverableDays} * 24 * 60 * 60;
}

http::ServerResponse Answer(const json::object& object) {
  return JsonAnswer(200, json::serialize(object));
}

// What a body may say, of a new version or of one that is there. nullopt: it
// was taken over; otherwise what is wrong.
std::optional<std::string> ReadAttributes(const json::value& value,
                                          VaultVersion& version) {
  const json::object* attributes = value.if_object();
  if (attributes == nullptr) return "attributes is not an object.";
  for (const auto& [key, member] : *attributes) {
    // Others are the service's own and are passed over, as it does.
    if (key == "enabled") {
      if (!member.is_bool()) return "enabled is not a boolean.";
      version.enabled = member.get_bool();
    } else if (key == "exp" || key == "nbf") {
      if (!member.is_int64()) return "A date is not a number of seconds.";
      (key == "exp" ? version.expires : version.not_before) =
          member.get_int64();
    }
  }
  return std::nullopt;
}

// All of them at once: a PATCH with tags replaces those that there were.
std::optional<std::string> ReadTags(const json::value& value,
                                    VaultVersion& version) {
  const json::object* tags = value.if_object();
  if (tags == nullptr) return "tags is not an object.";
  if (tags->size() > kMostTags) return "The number of tags exceeds 15.";
  for (const auto& [key, text] : *tags) {
    const std::string name(key.data(), key.size());
    if (!text.is_string()) return "The value of a tag is not a string.";
    const json::string& tag = text.get_string();
    if (Utf16Length(name) > kLongestTag ||
        Utf16Length(std::string_view(tag.data(), tag.size())) > kLongestTag) {
      return "A tag is longer than 256 characters.";
    }
  }
  version.tags = *tags;
  return std::nullopt;
}

// What is not in the body stays as it is in `version`.
std::optional<std::string> ReadVersion(const json::object& body,
                                       VaultVersion& version) {
  if (const json::value* value = body.if_contains("attributes")) {
    if (auto wrong = ReadAttributes(*value, version)) return wrong;
  }
  if (const json::value* value = body.if_contains("tags")) {
    if (auto wrong = ReadTags(*value, version)) return wrong;
  }
  if (const json::value* value = body.if_contains("contentType")) {
    if (!value->is_string()) return "contentType is not a string.";
    version.content_type = std::string(value->get_string());
    if (Utf16Length(version.content_type) > kLongestContentType) {
      return "contentType is longer than 255 characters.";
    }
  }
  return std::nullopt;
}

// nullopt: no JSON object, or not declared as JSON.
std::optional<json::object> BodyOf(const Ask& ask) {
  const auto type = ask.request.Find("Content-Type");
  if (!type ||
      !absl::StartsWithIgnoreCase(AbslView(*type), "application/json")) {
    return std::nullopt;
  }
  json::error_code error;
  json::value body = json::parse(ask.request.body, error);
  if (error || !body.is_object()) return std::nullopt;
  return std::move(body.get_object());
}

// No condition on what is there: the last write wins.
http::ServerResponse Set(const Ask& ask) {
  Vault& vault = ask.service.vault;
  if (vault.FindDeleted(ask.name) != nullptr) {
    return VaultError(
        409, "Conflict",
        absl::StrCat("Secret ", ask.name,
                     " is currently in a deleted but recoverable state, and "
                     "its name cannot be reused; in this state, the secret can "
                     "only be recovered or purged."),
        "ObjectIsDeletedButRecoverable");
  }
  const std::optional<json::object> body = BodyOf(ask);
  const json::value* value = body ? body->if_contains("value") : nullptr;
  if (value == nullptr || !value->is_string()) {
    return BadParameter("The body has no value.");
  }
  VaultVersion version;
  version.value = std::string(value->get_string());
  if (version.value.size() > kLargestValue) {
    return BadParameter("The value is longer than 25600 characters.");
  }
  if (const auto wrong = ReadVersion(*body, version)) {
    return BadParameter(*wrong);
  }
  const VaultVersion& made = vault.Add(ask.name, std::move(version), ask.now);
  // The service repeats the value: a client must not log its answer.
  json::object entry = {{"value", made.value}};
  const json::object rest = EntryOf(ask, *vault.Find(ask.name), made, true);
  entry.insert(rest.begin(), rest.end());
  return Answer(entry);
}

http::ServerResponse OneVersion(const Ask& ask, std::string_view operation) {
  VaultSecret* secret = ask.service.vault.Find(ask.name);
  const std::string id = ask.target.path.size() > 2 ? ask.target.path[2] : "";
  VaultVersion* version =
      secret == nullptr ? nullptr : Vault::FindVersion(*secret, id);
  if (version == nullptr) return NotFound(ask.name);
  // The one operation that gives a value out.
  if (operation == "vault_get") {
    if (!version->enabled) {
      return VaultError(403, "Forbidden",
                        "Operation get is not allowed on a disabled secret.",
                        "SecretDisabled");
    }
    json::object entry = EntryOf(ask, *secret, *version, true);
    entry["value"] = version->value;
    return Answer(entry);
  }
  const std::optional<json::object> body = BodyOf(ask);
  if (!body) return BadParameter("The body is not a JSON object.");
  // As a whole or not at all.
  VaultVersion changed = *version;
  if (const auto wrong = ReadVersion(*body, changed)) {
    return BadParameter(*wrong);
  }
  changed.updated = absl::ToUnixSeconds(ask.now);
  *version = std::move(changed);
  return Answer(EntryOf(ask, *secret, *version, true));
}

// A page of `all`, which is in a stable order.
http::ServerResponse Page(const Ask& ask,
                          const std::vector<json::object>& all) {
  int most = kPage;
  if (const auto wanted = ask.target.Find("maxresults")) {
    if (!absl::SimpleAtoi(*wanted, &most) || most < 1 || most > kPage) {
      return BadParameter("Invalid maxresults");
    }
  }
  size_t from = 0;
  if (const auto token = ask.target.Find("$skiptoken")) {
    const auto text = FromBase64Url(*token);
    if (!text || !absl::SimpleAtoi(*text, &from) || from > all.size()) {
      return BadParameter("Invalid $skiptoken");
    }
  }
  // A position is enough: nothing comes or goes between two pages of a test.
  const size_t to = std::min(all.size(), from + static_cast<size_t>(most));
  json::object page;
  json::array& value = page["value"].emplace_array();
  for (size_t i = from; i < to; ++i) value.push_back(all[i]);
  page["nextLink"] = nullptr;
  if (to < all.size()) {
    const std::string& path = ask.request.target;
    page["nextLink"] = absl::StrCat(
        BaseOf(ask), path.substr(0, path.find('?')),
        "?api-version=", ask.target.Find("api-version").value_or(""),
        "&$skiptoken=", Base64Url(absl::StrCat(to)), "&maxresults=", most);
  }
  return Answer(page);
}

http::ServerResponse List(const Ask& ask, std::string_view operation) {
  std::vector<json::object> all;
  if (operation == "vault_versions") {
    // One that is not there has an empty list, and not 404.
    const VaultSecret* secret = ask.service.vault.Find(ask.name);
    if (secret == nullptr) return Page(ask, all);
    // By their ids, which are random: the service documents no order.
    std::vector<const VaultVersion*> versions;
    for (const VaultVersion& each : secret->versions) versions.push_back(&each);
    std::sort(versions.begin(), versions.end(),
              [](const VaultVersion* a, const VaultVersion* b) {
                return a->id < b->id;
              });
    for (const VaultVersion* each : versions) {
      all.push_back(EntryOf(ask, *secret, *each, true));
    }
    return Page(ask, all);
  }
  const bool deleted = operation == "vault_list_deleted";
  const Vault& vault = ask.service.vault;
  for (const auto& [key, secret] :
       deleted ? vault.deleted() : vault.secrets()) {
    all.push_back(EntryOf(ask, secret, secret.versions.back(), false));
    if (deleted) AddDeletion(ask, secret, all.back());
  }
  return Page(ask, all);
}

// Soft delete cannot be turned off any more.
http::ServerResponse Delete(const Ask& ask) {
  if (ask.service.vault.Find(ask.name) == nullptr) return NotFound(ask.name);
  const VaultSecret& secret = ask.service.vault.Delete(ask.name, ask.now);
  json::object entry = EntryOf(ask, secret, secret.versions.back(), true);
  AddDeletion(ask, secret, entry);
  return Answer(entry);
}

http::ServerResponse OfDeleted(const Ask& ask, std::string_view operation) {
  const VaultSecret* secret = ask.service.vault.FindDeleted(ask.name);
  if (secret == nullptr) return NotFound(ask.name);
  if (operation == "vault_purge") {
    ask.service.vault.Purge(ask.name);
    return JsonAnswer(204, "");
  }
  json::object entry = EntryOf(ask, *secret, secret->versions.back(), true);
  if (operation == "vault_recover") {
    ask.service.vault.Recover(ask.name);
  } else {
    AddDeletion(ask, *secret, entry);
  }
  return Answer(entry);
}

// By the rule that is in the service's error.
bool IsName(std::string_view name) {
  return !name.empty() && name.size() <= 127 &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return c == '-' ||
                  absl::ascii_isalnum(static_cast<unsigned char>(c));
         });
}

}  // namespace

std::string VaultOperationOf(std::string_view method, const Target& target) {
  const size_t parts = target.path.size();
  const bool deleted = target.Is(0, "deletedsecrets");
  // An organization may be called "secrets"; what is below it is an API.
  if ((!deleted && !target.Is(0, "secrets")) || target.Is(1, "_apis")) {
    return "";
  }
  if (deleted) {
    if (parts == 1 && method == "GET") return "vault_list_deleted";
    if (parts == 2 && method == "GET") return "vault_get_deleted";
    if (parts == 2 && method == "DELETE") return "vault_purge";
    if (parts == 3 && target.Is(2, "recover") && method == "POST") {
      return "vault_recover";
    }
    return "vault_other";
  }
  if (parts == 1 && method == "GET") return "vault_list";
  if (parts == 2 && method == "PUT") return "vault_set";
  if (parts == 2 && method == "DELETE") return "vault_delete";
  if (parts == 3 && target.Is(2, "versions") && method == "GET") {
    return "vault_versions";
  }
  if ((parts == 2 || parts == 3) && method == "GET") return "vault_get";
  if ((parts == 2 || parts == 3) && method == "PATCH") return "vault_update";
  return "vault_other";
}

// In the service's order: who asks, what is asked, and whether they may.
http::ServerResponse AnswerVault(Service& service, const std::string& operation,
                                 const http::ServerRequest& request,
                                 const Target& target) {
  const Ask ask{service, request, target,
                target.path.size() > 1 ? target.path[1] : "",
                service.clock.Now()};
  if (auto refusal = NotSignedInToVault(service, request)) {
    return *std::move(refusal);
  }
  const std::string version = target.Find("api-version").value_or("");
  if (std::find(std::begin(kApiVersions), std::end(kApiVersions), version) ==
      std::end(kApiVersions)) {
    return BadParameter(absl::StrCat(
        "The specified version (", version,
        ") is not recognized. Consider using the latest supported version "
        "(2026-04-01)."));
  }
  if (operation == "vault_other") {
    return VaultError(405, "MethodNotAllowed",
                      "This method is not allowed here.");
  }
  if (target.path.size() > 1 && !IsName(ask.name)) {
    return BadParameter(
        absl::StrCat("The request URI contains an invalid name: ", ask.name));
  }
  if (auto refusal = ForbiddenInVault(service, operation)) {
    return *std::move(refusal);
  }
  if (operation == "vault_set") return Set(ask);
  if (operation == "vault_delete") return Delete(ask);
  if (operation == "vault_get" || operation == "vault_update") {
    return OneVersion(ask, operation);
  }
  if (operation == "vault_get_deleted" || operation == "vault_recover" ||
      operation == "vault_purge") {
    return OfDeleted(ask, operation);
  }
  return List(ask, operation);
}

}  // namespace patform::emulator
