#pragma once

#include <string>
#include <string_view>

#include "providers/emulator/http/server.h"
#include "providers/emulator/tokens/target.h"

// Where the resources of this service are. Microsoft's client libraries ask
// before their first call: which resources there are, in which versions, and
// at which address each area of them is.
namespace patform::emulator {

// The parts of a connectionData answer that lead a .NET client on, as members
// of its object.
std::string LocationServiceMembers(std::string_view base_url);

// "https://127.0.0.1:8443/contoso": how the client itself reached the
// organization, or the deployment if `organization` is empty.
std::string BaseUrl(const http::ServerRequest& request, bool tls,
                    std::string_view organization);

// The answer to OPTIONS /{organization}/_apis, or below it to one of an area or
// of a resource.
http::ServerResponse AnswerLocations(const Target& target, size_t apis);

// The answer to GET …/_apis/resourceAreas and …/resourceAreas/{id}.
http::ServerResponse AnswerResourceAreas(const Target& target, size_t apis,
                                         std::string_view base_url);

}  // namespace patform::emulator
