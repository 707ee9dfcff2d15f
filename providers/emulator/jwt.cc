#include "providers/emulator/jwt.h"

#include <boost/json.hpp>

#include "absl/strings/str_cat.h"
#include "engine/base/digest.h"
#include "engine/base/strings.h"
#include "providers/emulator/tokens/wire.h"

// Bearers in the form of Entra's: a JWT with the claims that a client looks at.
// They are signed with HMAC under a key of this process, not with Entra's RSA,
// because only this process has to check them.
namespace patform::emulator {
namespace {

namespace json = boost::json;

std::string Text(const json::object& object, const char* key) {
  const json::value* value = object.if_contains(key);
  const json::string* text = value == nullptr ? nullptr : value->if_string();
  return text == nullptr ? "" : std::string(text->data(), text->size());
}

// 0: absent, or not a whole number.
int64_t Number(const json::object& object, const char* key) {
  const json::value* value = object.if_contains(key);
  const int64_t* number = value == nullptr ? nullptr : value->if_int64();
  return number == nullptr ? 0 : *number;
}

}  // namespace

// Version 1 of Entra's tokens, as Azure DevOps gets them.
std::string MintJwt(std::string_view key, const Claims& claims) {
  json::object object;
  object["aud"] = claims.audience;
  object["iss"] = absl::StrCat("https://sts.windows.net/", claims.tenant, "/");
  object["iat"] = claims.issued;
  object["nbf"] = claims.not_before;
  object["exp"] = claims.expires;
  object["tid"] = claims.tenant;
  object["oid"] = claims.object_id;
  object["ver"] = "1.0";
  if (claims.app_only) {
    // How a resource recognizes an app: no user, no delegated scopes.
    object["idtyp"] = "app";
    object["appid"] = claims.object_id;
  } else {
    object["upn"] = claims.user;
    object["scp"] = claims.scopes;
  }
  const std::string signed_part =
      absl::StrCat(Base64Url(R"({"typ":"JWT","alg":"HS256"})"), ".",
                   Base64Url(json::serialize(object)));
  return absl::StrCat(signed_part, ".",
                      Base64Url(HmacSha256(key, signed_part)));
}

std::optional<Claims> ReadUnchecked(std::string_view token) {
  const size_t first = token.find('.');
  const size_t last = token.rfind('.');
  if (first == std::string_view::npos || first == last) return std::nullopt;
  const auto payload = FromBase64Url(token.substr(first + 1, last - first - 1));
  if (!payload) return std::nullopt;
  json::error_code error;
  const json::value parsed = json::parse(*payload, error);
  const json::object* object = error ? nullptr : parsed.if_object();
  if (object == nullptr) return std::nullopt;
  Claims claims;
  claims.audience = Text(*object, "aud");
  claims.tenant = Text(*object, "tid");
  claims.object_id = Text(*object, "oid");
  claims.user = Text(*object, "upn");
  claims.scopes = Text(*object, "scp");
  claims.app_only = Text(*object, "idtyp") == "app";
  claims.issued = Number(*object, "iat");
  claims.not_before = Number(*object, "nbf");
  claims.expires = Number(*object, "exp");
  return claims;
}

// The signature first: nothing of an unsigned text is looked at.
std::optional<Claims> ReadJwt(std::string_view key, std::string_view token) {
  const size_t last = token.rfind('.');
  if (last == std::string_view::npos) return std::nullopt;
  // Over the text as it came, not over what it means.
  const auto signature = FromBase64Url(token.substr(last + 1));
  const std::string expected = HmacSha256(key, token.substr(0, last));
  if (!signature || !SameInConstantTime(*signature, expected)) {
    return std::nullopt;
  }
  return ReadUnchecked(token);
}

}  // namespace patform::emulator
