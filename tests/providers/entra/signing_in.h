#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "engine/base/status.h"
#include "engine/model/desired_state.h"
#include "providers/entra/registration.h"
#include "providers/entra/sources.h"
#include "providers/http/retry.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_environment.h"
#include "tests/fakes/fake_transport.h"

// What tests of sources that talk to the sign-in service have in common.
namespace patform::entra {

inline constexpr char kTenant[] = "contoso.example";
inline constexpr char kClientId[] = "11111111-2222-3333-4444-555555555555";

// [auth] with these texts, as the reader would have it.
inline AuthConfig AuthWith(std::map<std::string, std::string> more = {},
                           const std::string& source = "refresh-token") {
  AuthConfig auth;
  auth.source = source;
  auth.settings = {{"tenant", std::string(kTenant)},
                   {"client_id", std::string(kClientId)}};
  for (const auto& [key, value] : more) auth.settings[key] = value;
  auth.written = auth.settings;
  return auth;
}

inline Registration RegistrationOfTests() {
  return RegistrationOf(AuthWith(), {}).value();
}

// A machine that reaches `server` and no other.
struct SigningIn {
  FakeClock clock{absl::FromUnixSeconds(1'795'000'000)};  // 2026-11-18 11:06:40
  http::FakeServer server;
  http::RetryState retry{[] { return uint64_t{0}; }};
  Grants grants;
  std::map<std::string, std::string> variables;

  Machine machine() {
    Machine made;
    made.environment = EnvironmentOf(variables);
    made.clock = &clock;
    made.grants = &grants;
    made.new_transport = [this] { return server.NewTransport(); };
    made.retry = &retry;
    return made;
  }
  Deadline InAMinute() { return After(clock, absl::Minutes(1)); }
};

}  // namespace patform::entra
