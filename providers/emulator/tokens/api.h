#pragma once

#include <string>
#include <string_view>

#include "providers/emulator/faults.h"
#include "providers/emulator/http/server.h"
#include "providers/emulator/service.h"
#include "providers/emulator/tokens/target.h"

// The PAT Lifecycle Management API.
namespace patform::emulator {

// list, get, create, update, revoke; what client libraries ask before those:
// connection_data, locations, resource_areas; other: neither.
std::string OperationOf(std::string_view method, const Target& target);

// Carries the operation out.
http::ServerResponse AnswerApi(Service& service, std::string_view operation,
                               const http::ServerRequest& request,
                               const Target& target, const FaultAction& fault);

// A PatTokenResult without a token.
std::string RefusalJson(std::string_view error, std::string_view message,
                        bool with_message);

// Does the version of this request have patTokenErrorMessage?
bool HasErrorMessage(const http::ServerRequest& request, const Target& target);

}  // namespace patform::emulator
