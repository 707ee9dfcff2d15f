#pragma once

#include <optional>
#include <string>

#include "providers/emulator/http/server.h"
#include "providers/emulator/tokens/target.h"

namespace patform::emulator {

// Previews of this one revision, from the oldest to the newest.
inline constexpr char kOldestVersion[] = "6.1";
inline constexpr char kNewestVersion[] = "7.2";
inline constexpr int kRevision = 1;

// The version that a request asks for, in its query or its Accept header;
// empty: none.
std::string RequestedVersion(const http::ServerRequest& request,
                             const Target& target);

// nullopt: this service has that version; else the refusal.
std::optional<http::ServerResponse> CheckVersion(const std::string& version);

}  // namespace patform::emulator
