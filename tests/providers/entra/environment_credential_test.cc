#include "providers/entra/environment_credential.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace patform::entra {
namespace {

// The credential when PATFORM_ACCESS_TOKEN is `value`.
absl::StatusOr<Secret> BearerOf(const std::optional<std::string>& value) {
  std::vector<std::string> asked;
  EnvironmentCredential credential([&](const std::string& name) {
    asked.push_back(name);
    return value;
  });
  absl::StatusOr<Secret> bearer = credential.Bearer(Deadline());
  EXPECT_EQ(asked, std::vector<std::string>{"PATFORM_ACCESS_TOKEN"});
  return bearer;
}

TEST(EnvironmentCredential, GivesTheValueAsItIs) {
  const absl::StatusOr<Secret> bearer = BearerOf("not.a.real~token+/=");
  ASSERT_TRUE(bearer.ok()) << bearer.status();
  EXPECT_EQ(bearer->Reveal(), "not.a.real~token+/=");
}

TEST(EnvironmentCredential, SaysHowToGetOne) {
  for (const auto& value :
       {std::optional<std::string>(), std::optional<std::string>("")}) {
    EXPECT_EQ(
        BearerOf(value).status(),
        absl::UnauthenticatedError(
            "no credential: PATFORM_ACCESS_TOKEN is not set. It takes a "
            "Microsoft Entra access token of a user for Azure DevOps, for "
            "example from: az account get-access-token --resource "
            "499b84ac-1321-427f-aa17-267ca6975798 --query accessToken -o "
            "tsv"));
  }
}

TEST(EnvironmentCredential, RefusesWhatNoHeaderMayHoldAndDoesNotShowIt) {
  for (const std::string value : {"token\n", "to ken", "token\r\nX: y",
                                  "tok\xc3\xa9n", "tok\x7f", "\ttoken"}) {
    EXPECT_EQ(BearerOf(value).status(),
              absl::UnauthenticatedError(
                  "PATFORM_ACCESS_TOKEN holds a blank, a line end or another "
                  "character that no access token has; the value is not shown. "
                  "Set it to the token alone"));
  }
}

TEST(EnvironmentCredential, AsksAnewAfterARefusal) {
  std::string value = "first";
  EnvironmentCredential credential(
      [&](const std::string&) { return std::optional<std::string>(value); });
  const absl::StatusOr<Secret> first = credential.Bearer(Deadline());
  ASSERT_TRUE(first.ok());
  credential.Refused(*first);
  value = "second";
  const absl::StatusOr<Secret> second = credential.Bearer(Deadline());
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(second->Reveal(), "second");
}

}  // namespace
}  // namespace patform::entra
