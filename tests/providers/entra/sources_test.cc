#include "providers/entra/sources.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

#include "engine/ports/grants.h"

namespace patform::entra {
namespace {

// The bearer of `auth` where the environment and standard input each have one.
std::string BearerOf(const AuthConfig& auth, bool on_stdin) {
  Grants grants;
  grants.bearer_on_stdin = on_stdin;
  Machine machine;
  machine.grants = &grants;
  machine.environment =
      [](const std::string& name) -> std::optional<std::string> {
    if (name == "PATFORM_ACCESS_TOKEN") return "of.the.environment";
    return std::nullopt;
  };
  machine.read_stdin = []() -> absl::StatusOr<Secret> {
    return Secret("of.standard.input");
  };
  const absl::StatusOr<std::unique_ptr<CredentialSource>> credential =
      MakeCredential(auth, machine);
  if (!credential.ok()) return credential.status().ToString();
  const absl::StatusOr<Secret> bearer = (*credential)->Bearer(Deadline());
  return bearer.ok() ? std::string(bearer->Reveal())
                     : bearer.status().ToString();
}

AuthConfig Of(const std::string& source, const std::string& overridden_by) {
  AuthConfig auth;
  auth.source = source;
  auth.overridden_by = overridden_by;
  return auth;
}

TEST(Sources, WhoeverRunsTheProgramOverridesTheConfiguration) {
  const struct {
    AuthConfig auth;
    bool on_stdin;
    std::string want;
  } kCases[] = {
      {Of("environment", ""), false, "of.the.environment"},
      {Of("environment", "environment"), false, "of.the.environment"},
      {Of("stdin", ""), false, "of.standard.input"},
      {Of("stdin", "environment"), false, "of.the.environment"},
      {Of("nowhere", "stdin"), true, "of.standard.input"},
      // Without a configuration, as `audit --organization`.
      {Of("environment", ""), true, "of.standard.input"},
      {Of("nowhere", ""), false,
       "INVALID_ARGUMENT: [auth]: this program has no source \"nowhere\""},
  };
  for (const auto& each : kCases) {
    EXPECT_EQ(BearerOf(each.auth, each.on_stdin), each.want)
        << each.auth.source << " " << each.auth.overridden_by;
  }
}

TEST(Sources, TheFirstIsTheDefault) {
  ASSERT_FALSE(Sources().empty());
  EXPECT_EQ(Sources().front().name, AuthConfig().source);
}

}  // namespace
}  // namespace patform::entra
