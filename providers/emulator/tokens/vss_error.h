#pragma once

#include <string>
#include <string_view>

#include "providers/emulator/http/server.h"

// The answers of the platform around the API.
namespace patform::emulator {

http::ServerResponse JsonAnswer(int status, std::string body);

// The error envelope. `type` is the key; the full type name is made of it.
http::ServerResponse VssError(int status, std::string_view type,
                              std::string_view message, int event_id = 3000);

// Bad JSON, as the hosted service answers it.
http::ServerResponse BadJson();

// The HTML page of a sign-in.
http::ServerResponse SignInPage(int status);

// 404 for what no organization or resource is at.
http::ServerResponse NoSuchResource();

}  // namespace patform::emulator
