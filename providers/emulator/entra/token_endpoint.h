#pragma once

#include <string>
#include <string_view>

#include "providers/emulator/http/server.h"
#include "providers/emulator/service.h"
#include "providers/emulator/tokens/target.h"

// As much of Microsoft Entra as an unattended run asks for: the exchange of a
// refresh token, at /TENANT/oauth2/v2.0/token, while the switch `sign_in` is
// not off. Who the client is does not matter here. Facts: Microsoft's page
// "Refresh tokens in the Microsoft identity platform".
namespace patform::emulator {

// Its operation, for faults and counts.
inline constexpr char kSignIn[] = "sign_in";

bool IsSignIn(const Service& service, std::string_view method,
              const Target& target);

http::ServerResponse AnswerSignIn(Service& service,
                                  const http::ServerRequest& request);

// A first one, as a person's sign-in would give: for a test to seed.
std::string MintRefreshToken(Service& service, std::string_view user);

}  // namespace patform::emulator
