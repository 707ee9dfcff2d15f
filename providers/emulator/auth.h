#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>

#include "absl/time/time.h"
#include "providers/emulator/http/server.h"
#include "providers/emulator/jwt.h"
#include "providers/emulator/switches.h"

namespace patform::emulator {

// The tenant that the organizations belong to.
constexpr std::string_view kTenant = "contoso.onmicrosoft.com";
std::string TenantId(std::string_view name_or_guid);

// Who asks, by a bearer that is good.
struct Caller {
  std::string object_id;
  std::string user;
  bool may_read = false;
  bool may_write = false;
  bool reads_variables = false;  // groups of them
  bool manages_variables = false;
  int64_t not_before = 0;  // of the bearer, Unix seconds
};

// Checks bearers as the PAT API does: only a user's own Entra token is let in.
class Authenticator {
 public:
  explicit Authenticator(std::string signing_key);

  // The caller, or the refusal.
  std::variant<Caller, http::ServerResponse> Check(
      const http::ServerRequest& request, std::string_view organization,
      absl::Time now, const Switches& switches);

  std::string Mint(const Claims& claims) const;
  // What Mint() made; nullopt: it did not. Looks at no date.
  std::optional<Claims> ReadOwn(std::string_view token) const {
    return ReadJwt(key_, token);
  }

  // The answer to somebody who is not signed in.
  static http::ServerResponse NotSignedIn(std::string_view organization,
                                          const Switches& switches);

 private:
  // Good until the next call. nullptr: not a bearer, or signed by another
  // where that matters.
  const Claims* Read(const std::string& token, const Switches& switches);

  const std::string key_;
  std::unordered_map<std::string, Claims> known_;  // checked signatures
  Claims foreign_;                                 // the latest of another
};

// The password of `Authorization: Basic`; nullopt: there is none.
std::optional<std::string> BasicPassword(const http::ServerRequest& request);

}  // namespace patform::emulator
