#include "providers/entra/claims.h"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include "absl/strings/escaping.h"
#include "engine/base/strings.h"

// The claims of a bearer are read as a hint for messages, never as a decision.
// Its signature is not checked (only the service has a reason to), and
// Microsoft calls the content of an access token opaque to clients.
namespace patform::entra {
namespace {

namespace json = boost::json;

// "": absent, or not a text.
std::string Text(const json::object& object, const char* key) {
  const json::value* value = object.if_contains(key);
  const json::string* text = value == nullptr ? nullptr : value->if_string();
  return text == nullptr ? "" : std::string(text->data(), text->size());
}

}  // namespace

Claims ReadClaims(std::string_view bearer) {
  Claims claims;
  const size_t first = bearer.find('.');
  // A JWT has three parts. Where `first` is npos, `first + 1` is 0, and the
  // check below finds it.
  const size_t second = bearer.find('.', first + 1);
  if (first == std::string_view::npos || second == std::string_view::npos) {
    return claims;
  }
  // Not wiped: without its signature it opens nothing.
  std::string payload;
  // base64url without padding (RFC 7515); WebSafeBase64Unescape() takes both.
  if (!absl::WebSafeBase64Unescape(
          AbslView(bearer.substr(first + 1, second - first - 1)), &payload)) {
    return claims;
  }
  json::error_code ec;
  const json::value parsed = json::parse(payload, ec);
  const json::object* object = ec ? nullptr : parsed.if_object();
  if (object == nullptr) return claims;
  claims.oid = Text(*object, "oid");
  claims.audience = Text(*object, "aud");
  claims.scopes = Text(*object, "scp");
  // Version 1 tokens have upn, version 2 ones preferred_username.
  claims.name = Text(*object, "upn");
  if (claims.name.empty()) claims.name = Text(*object, "preferred_username");
  if (const json::value* exp = object->if_contains("exp")) {
    // Whole seconds, as Entra sends them; anything else counts as not given.
    if (const int64_t* seconds = exp->if_int64()) claims.expires = *seconds;
  }
  // `idtyp` is optional in Entra. Without it: a delegated token has scp, one of
  // an app has roles only.
  claims.app_only = Text(*object, "idtyp") == "app" ||
                    (object->if_contains("scp") == nullptr &&
                     object->if_contains("roles") != nullptr);
  return claims;
}

SignedIn SignedInBy(const Claims& claims) {
  SignedIn user;
  user.oid = claims.oid;
  user.name = claims.name;
  // Without an audience it is opaque, which is not the same as a token without
  // scopes.
  if (!claims.audience.empty()) user.scopes = ScopeSet::Parse(claims.scopes);
  if (claims.expires != 0) user.expires = absl::FromUnixSeconds(claims.expires);
  user.app_only = claims.app_only;
  return user;
}

}  // namespace patform::entra
