#include "providers/sinks/remote/key_vault_wire.h"

#include <algorithm>
#include <boost/json.hpp>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "providers/entra/claims.h"
#include "providers/http/secret_json.h"

// Every answer is read in memory that is wiped, also those of lists, which hold
// no value: nobody has to know which is which. Errors are told by words
// of kAdvice or by the service's own, never by a body as a whole.
namespace patform::sinks {
namespace {

namespace json = boost::json;

constexpr char kVersionOfApi[] = "api-version=7.4";
// As many as the service gives at once.
constexpr char kPage[] = "&maxresults=25";
// A vault of 100,000 secrets. More is a list that goes round in a circle.
constexpr int kMostPages = 4000;
// 25 entries of 15 tags of 512 characters, or the echo of a value of 25 kB.
constexpr http::SecretJson::Limits kLimits = {4 << 20, 16};

// What an error of the service says; "" where it says nothing.
struct Told {
  std::string code;
  std::string inner;
  std::string message;
};

Told ToldBy(const http::Response& answer) {
  Told told;
  const http::SecretJson body(answer.body.Reveal(), kLimits);
  const json::value* error =
      body.object() == nullptr ? nullptr : body.object()->if_contains("error");
  if (error == nullptr || !error->is_object()) return told;
  const json::object& object = error->get_object();
  told.code = std::string(http::TextMember(object, "code"));
  told.message = std::string(http::TextMember(object, "message"));
  const json::value* inner = object.if_contains("innererror");
  if (inner != nullptr && inner->is_object()) {
    told.inner = std::string(http::TextMember(inner->get_object(), "code"));
  }
  return told;
}

// What people have to know of an error, by a word of it.
struct Advice {
  const char* word;  // of the code, the inner code or the message
  const char* text;
};
constexpr Advice kAdvice[] = {
    {"ObjectIsDeletedButRecoverable",
     "a secret of this name was deleted, and the name is taken until it is "
     "recovered or purged: az keyvault secret recover, or az keyvault secret "
     "purge"},
    {"ObjectIsBeingDeleted",
     "a secret of this name is being deleted at this moment"},
    {"ForbiddenByFirewall",
     "the vault's firewall does not let this machine in (ForbiddenByFirewall)"},
    {"ForbiddenByConnection",
     "the vault is open to private endpoints only (ForbiddenByConnection)"},
    {"ForbiddenByRbac",
     "the role of this sign-in does not allow it (ForbiddenByRbac). A plan "
     "needs secrets/readMetadata, an apply also secrets/setSecret and "
     "secrets/update; a new role takes some minutes"},
    {"ForbiddenByPolicy",
     "the vault's access policy does not allow it (ForbiddenByPolicy). A plan "
     "needs the secret permission list, an apply also set"},
    {"AccessDenied",
     "the vault's access policy does not allow it (AccessDenied). A plan needs "
     "the secret permission list, an apply also set"},
    {"AKV10022",
     "the access token is for another service (AKV10022: invalid audience)"},
    {"AKV10032",
     "the access token is of another tenant (AKV10032: invalid issuer)"},
    {"AKV10000", "it did not take the access token (AKV10000)"},
};

// Of both texts: https://HOST/secrets/NAME[/VERSION].
bool ReadId(std::string_view id, VaultEntry& entry) {
  constexpr std::string_view kPath = "/secrets/";
  const size_t at = id.find(kPath);
  if (at == std::string_view::npos) return false;
  id.remove_prefix(at + kPath.size());
  const size_t slash = id.find('/');
  entry.name = std::string(id.substr(0, slash));
  if (slash != std::string_view::npos) {
    entry.version = std::string(id.substr(slash + 1));
  }
  return !entry.name.empty();
}

bool ReadEntry(const json::value& value, VaultEntry& entry) {
  const json::object* object = value.if_object();
  if (object == nullptr || !ReadId(http::TextMember(*object, "id"), entry)) {
    return false;
  }
  const json::value* attributes = object->if_contains("attributes");
  if (attributes == nullptr || !attributes->is_object()) return false;
  const json::value* enabled = attributes->get_object().if_contains("enabled");
  const json::value* created = attributes->get_object().if_contains("created");
  if (enabled == nullptr || !enabled->is_bool() || created == nullptr ||
      !created->is_int64()) {
    return false;
  }
  // What else is in it decides nothing: `updated`, `exp`, `recoveryLevel`.
  entry.enabled = enabled->get_bool();
  entry.created = created->get_int64();
  entry.content_type = std::string(http::TextMember(*object, "contentType"));
  const json::value* tags = object->if_contains("tags");
  if (tags == nullptr || !tags->is_object()) return true;
  for (const auto& [name, text] : tags->get_object()) {
    // Somebody else's.
    if (!text.is_string()) continue;
    const json::string& tag = text.get_string();
    entry.tags.emplace(std::string(name.data(), name.size()),
                       std::string(tag.data(), tag.size()));
  }
  return true;
}

// The parameter of WWW-Authenticate; "": it has none.
std::string Parameter(std::string_view header, std::string_view name) {
  const std::string start = absl::StrCat(AbslView(name), "=\"");
  const size_t at = header.find(start);
  if (at == std::string_view::npos) return "";
  header.remove_prefix(at + start.size());
  const size_t end = header.find('"');
  return end == std::string_view::npos ? ""
                                       : std::string(header.substr(0, end));
}

// The last part of https://login.microsoftonline.com/TENANT.
std::string TenantIn(std::string_view authority) {
  while (authority.ends_with('/')) authority.remove_suffix(1);
  return absl::AsciiStrToLower(
      AbslView(authority.substr(authority.rfind('/') + 1)));
}

// In memory that is wiped, as the answer is, which repeats the value.
Secret SetBody(const Secret& value, const NewVersion& version) {
  Secret body("{\"value\":");
  http::AppendJson(body, value.Reveal());
  body.Append(StdView(absl::StrCat(",\"attributes\":{\"enabled\":true,\"exp\":",
                                   absl::ToUnixSeconds(version.expires), "}")));
  if (!version.content_type.empty()) {
    body.Append(",\"contentType\":");
    http::AppendJson(body, version.content_type);
  }
  std::string_view before = ",\"tags\":{";
  for (const auto& [name, tag] : version.tags) {
    body.Append(before);
    http::AppendJson(body, name);
    body.Append(":");
    http::AppendJson(body, tag);
    before = ",";
  }
  body.Append(version.tags.empty() ? "}" : "}}");
  return body;
}

// Names need no encoding; one of a saved plan may be anything.
std::string PathOf(const std::string& name) {
  return absl::StrCat("/secrets/", PercentEncode(name));
}

}  // namespace

// Azure's public cloud, China and US Government ("DNS suffixes for object
// identifiers", Microsoft's page "Keys, secrets, and certificates overview").
const std::vector<std::string>& KeyVaultHosts() {
  static const auto& hosts = *new std::vector<std::string>{
      "*.vault.azure.net", "*.vault.azure.cn", "*.vault.usgovcloudapi.net"};
  return hosts;
}

absl::StatusOr<std::unique_ptr<KeyVault>> KeyVault::Open(
    const Opening& opening) {
  PATFORM_ASSIGN_OR_RETURN(
      std::unique_ptr<RestStore> store,
      RestStore::Make(opening.config, opening.config.Text("vault"),
                      KeyVaultHosts(), opening.machine));
  return std::unique_ptr<KeyVault>(
      new KeyVault(std::move(store), *opening.auth));
}

absl::Status KeyVault::Refused(const http::Response& answer,
                               const Purpose& purpose) const {
  // An earlier try may have done what this one was refused.
  const bool unclear = purpose.writes && answer.repeated;
  const Told told = ToldBy(answer);
  const absl::Status plain = store_->Refused(
      answer, purpose,
      told.code.empty() ? "" : absl::StrCat(told.code, ": ", told.message));
  absl::StatusCode code = unclear ? absl::StatusCode::kUnknown : plain.code();
  // The more special words are in `innererror`, and older vaults have them in
  // the message alone.
  for (const Advice& advice : kAdvice) {
    if (told.code != advice.word && told.inner != advice.word &&
        !absl::StrContains(told.message, advice.word)) {
      continue;
    }
    // Nothing that another look would change.
    if (code == absl::StatusCode::kAborted) {
      code = absl::StatusCode::kFailedPrecondition;
    }
    return store_->Failed(code, purpose, advice.text);
  }
  return absl::Status(code, plain.message());
}

absl::StatusOr<KeyVault::Challenge> KeyVault::Challenged(
    const http::Response& answer, const Purpose& purpose) const {
  const auto wrong = [&](const std::string& why) {
    return store_->Failed(absl::StatusCode::kFailedPrecondition, purpose, why);
  };
  // What a gateway in trouble says is not the vault's word, and what a firewall
  // says comes before any challenge.
  if (answer.status == 429 || answer.status >= 500) {
    return Refused(answer, purpose);
  }
  const std::string_view header = answer.Find("WWW-Authenticate").value_or("");
  Challenge challenge;
  challenge.resource = Parameter(header, "resource");
  challenge.tenant = TenantIn(Parameter(header, "authorization"));
  const std::string host = store_->At("").host;
  if (answer.status == 403) return Refused(answer, purpose);
  if (answer.status != 401 || challenge.resource.empty()) {
    return wrong(absl::StrCat(host, " answered ", answer.status,
                              " instead of asking for an access token as a Key "
                              "Vault does. Nothing else was sent"));
  }
  const absl::StatusOr<http::Url> resource = http::ParseUrl(challenge.resource);
  if (!resource.ok() ||
      (!http::IsLoopback(host) && !host.ends_with("." + resource->host))) {
    return wrong(absl::StrCat(
        host, " asks for an access token for \"", Visible(challenge.resource),
        "\", which it is not a part of. Nothing else was sent"));
  }
  return challenge;
}

absl::StatusOr<KeyVault::Challenge> KeyVault::Introduce(Deadline deadline) {
  // One thread asks, the others wait for the answer.
  const std::lock_guard<std::mutex> lock(mutex_);
  if (challenge_) return *challenge_;
  http::Request request;
  request.method = "GET";
  request.url =
      store_->At(absl::StrCat("/secrets?", kVersionOfApi, "&maxresults=1"));
  const Purpose purpose = {"asking which access token the vault takes"};
  PATFORM_ASSIGN_OR_RETURN(const http::Response answer,
                           store_->Send(request, purpose, deadline));
  PATFORM_ASSIGN_OR_RETURN(challenge_, Challenged(answer, purpose));
  return *challenge_;
}

absl::StatusOr<http::Response> KeyVault::Call(http::Request request,
                                              const Purpose& purpose,
                                              Deadline deadline) {
  PATFORM_ASSIGN_OR_RETURN(const Challenge challenge, Introduce(deadline));
  // At each call, because it may end in the middle of an apply; from memory
  // until then.
  absl::StatusOr<Secret> bearer =
      store_->machine().bearer(auth_, challenge.resource, deadline);
  if (!bearer.ok()) {
    // Whatever became of the sign-in, nothing of this request was done.
    const bool unknown =
        absl::IsUnknown(bearer.status()) || absl::IsAborted(bearer.status());
    return store_->Failed(
        unknown ? absl::StatusCode::kUnavailable : bearer.status().code(),
        purpose, StdView(bearer.status().message()));
  }
  const std::string tenant =
      absl::AsciiStrToLower(entra::ReadClaims(bearer->Reveal()).tenant);
  // Both as GUIDs, or there is nothing to compare. A guest's token has the
  // tenant that it is for, so it compares equal.
  if (tenant.size() == 36 && challenge.tenant.size() == 36 &&
      tenant != challenge.tenant) {
    return store_->Failed(
        absl::StatusCode::kUnauthenticated, purpose,
        absl::StrCat("the vault belongs to the tenant ",
                     Visible(challenge.tenant), ", and the sign-in is of ",
                     Visible(tenant), ". Nothing was sent to it"));
  }
  // From here on the host has shown what it is.
  request.headers.push_back({"Accept", "application/json"});
  request.bearer = &*bearer;
  if (!request.body.empty()) request.content_type = "application/json";
  PATFORM_ASSIGN_OR_RETURN(http::Response answer,
                           store_->Send(request, purpose, deadline));
  if (answer.status != 200) return Refused(answer, purpose);
  return answer;
}

// To the vault itself, or to nobody: a token goes there.
absl::StatusOr<http::Url> KeyVault::Next(std::string_view link,
                                         const Purpose& purpose) const {
  const absl::StatusOr<http::Url> next = http::ParseUrl(link);
  const http::Url own = store_->At("/");
  if (!next.ok() || next->tls != own.tls ||
      next->HostAndPort() != own.HostAndPort() ||
      !next->target.starts_with(own.target)) {
    return store_->Malformed(
        purpose, "its list goes on at another address than the vault's");
  }
  return *next;
}

absl::Status KeyVault::Pages(
    const std::string& path, const Purpose& purpose,
    absl::FunctionRef<bool(const VaultEntry& entry)> each, Deadline deadline) {
  http::Url url = store_->At(absl::StrCat(path, "?", kVersionOfApi, kPage));
  for (int page = 0; page < kMostPages; ++page) {
    http::Request request;
    request.method = "GET";
    request.url = url;
    PATFORM_ASSIGN_OR_RETURN(const http::Response answer,
                             Call(std::move(request), purpose, deadline));
    // An empty list is an answer, anything but a list is none: a page of a
    // proxy must not make a vault look empty.
    const http::SecretJson body(answer.body.Reveal(), kLimits);
    const json::value* list = body.object() == nullptr
                                  ? nullptr
                                  : body.object()->if_contains("value");
    if (list == nullptr || !list->is_array()) {
      return store_->Malformed(purpose, "not a list");
    }
    for (const json::value& value : list->get_array()) {
      VaultEntry entry;
      if (!ReadEntry(value, entry)) {
        return store_->Malformed(purpose, "a list with something unknown");
      }
      if (!each(entry)) return absl::OkStatus();
    }
    const std::string_view next = http::TextMember(*body.object(), "nextLink");
    if (next.empty()) return absl::OkStatus();
    PATFORM_ASSIGN_OR_RETURN(url, Next(next, purpose));
  }
  return store_->Malformed(purpose, "a list without an end");
}

absl::StatusOr<std::vector<VaultEntry>> KeyVault::Versions(
    const std::string& name, Deadline deadline) {
  std::vector<VaultEntry> versions;
  const absl::Status read = Pages(
      absl::StrCat(PathOf(name), "/versions"),
      {absl::StrCat("reading the versions of ", name)},
      [&](const VaultEntry& entry) {
        versions.push_back(entry);
        return true;
      },
      deadline);
  // Any number of them: one that is rotated every night has hundreds.
  // A secret that is not there has an empty list, so 404 is not the vault's
  // word.
  if (absl::IsNotFound(read)) {
    return absl::FailedPreconditionError(read.message());
  }
  PATFORM_RETURN_IF_ERROR(read);
  return versions;
}

absl::Status KeyVault::Secrets(
    absl::FunctionRef<bool(const VaultEntry& entry)> each, Deadline deadline) {
  return Pages("/secrets", {"listing the secrets of the vault"}, each,
               deadline);
}

absl::StatusOr<std::set<std::string>> KeyVault::DeletedNames(
    Deadline deadline) {
  std::set<std::string> names;
  const absl::Status read = Pages(
      "/deletedsecrets", {"listing the deleted secrets of the vault"},
      [&](const VaultEntry& entry) {
        names.insert(absl::AsciiStrToLower(entry.name));
        return true;
      },
      deadline);
  PATFORM_RETURN_IF_ERROR(read);
  return names;
}

absl::Status KeyVault::Set(const std::string& name, const Secret& value,
                           const NewVersion& version, Deadline deadline) {
  const Purpose purpose = {absl::StrCat("writing ", name), /*writes=*/true};
  http::Request request;
  request.method = "PUT";
  request.url = store_->At(absl::StrCat(PathOf(name), "?", kVersionOfApi));
  request.body = SetBody(value, version);
  PATFORM_ASSIGN_OR_RETURN(const http::Response answer,
                           Call(std::move(request), purpose, deadline));
  // It repeats the value, so nothing of it is shown or kept. Its id is the
  // proof that it is the service's.
  const http::SecretJson body(answer.body.Reveal(), kLimits);
  VaultEntry written;
  if (body.object() == nullptr ||
      !ReadId(http::TextMember(*body.object(), "id"), written) ||
      written.version.empty()) {
    return store_->Malformed(purpose, "no version of the secret");
  }
  return absl::OkStatus();
}

absl::Status KeyVault::Disable(const std::string& name,
                               const std::string& version, Deadline deadline) {
  const Purpose purpose = {
      absl::StrCat("disabling version ", version, " of ", name),
      /*writes=*/true};
  // Only what it names is changed: tags and dates stay.
  http::Request request;
  request.method = "PATCH";
  request.url = store_->At(absl::StrCat(
      PathOf(name), "/", PercentEncode(version), "?", kVersionOfApi));
  request.body = Secret("{\"attributes\":{\"enabled\":false}}");
  return Call(std::move(request), purpose, deadline).status();
}

}  // namespace patform::sinks
