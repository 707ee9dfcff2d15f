#include "providers/entra/key_vault_token.h"

#include <gtest/gtest.h>

#include <map>

#include "providers/entra/environment_credential.h"
#include "providers/entra/sources.h"
#include "providers/entra/stdin_credential.h"
#include "tests/fakes/fake_environment.h"
#include "tests/providers/entra/keeping.h"

namespace patform::entra {
namespace {

constexpr char kVault[] = "https://vault.azure.net";

std::string TokenOf(const std::string& value,
                    const std::string& resource = kVault) {
  std::map<std::string, std::string> variables = {
      {"PATFORM_KEY_VAULT_TOKEN", value}};
  const auto token =
      KeyVaultToken(EnvironmentOf(variables), resource, "environment");
  return token.ok() ? std::string(token->Reveal()) : token.status().ToString();
}

TEST(KeyVaultTokenTest, GivesWhatIsForTheVault) {
  EXPECT_EQ(TokenOf("opaque"), "opaque");
  for (const char* audience :
       {"https://vault.azure.net", "https://vault.azure.net/",
        "cfa8b339-82a2-471a-a3c9-0fc0be7a4093"}) {
    const std::string token = Jwt(absl::StrCat("{\"aud\":\"", audience, "\"}"));
    EXPECT_EQ(TokenOf(token), token);
  }
  EXPECT_EQ(TokenOf("opaque", "https://vault.azure.cn"), "opaque");
}

TEST(KeyVaultTokenTest, SaysWhatIsWrong) {
  EXPECT_EQ(
      TokenOf(Jwt("{\"aud\":\"499b84ac-1321-427f-aa17-267ca6975798\"}")),
      "UNAUTHENTICATED: PATFORM_KEY_VAULT_TOKEN is an access token for Azure "
      "DevOps, and the vault takes one for https://vault.azure.net");
  EXPECT_EQ(
      TokenOf(Jwt("{\"aud\":\"https://graph.microsoft.com\"}")),
      "UNAUTHENTICATED: PATFORM_KEY_VAULT_TOKEN is an access token for "
      "Microsoft Graph (https://graph.microsoft.com), and the vault takes "
      "one for https://vault.azure.net");
  EXPECT_EQ(TokenOf("\"a.b.c\""),
            "UNAUTHENTICATED: PATFORM_KEY_VAULT_TOKEN has quotation marks "
            "around it, which az prints without -o tsv. It must be the token "
            "and nothing else, without quotes (the value is not shown)");
  EXPECT_EQ(
      TokenOf("x", "https://graph.microsoft.com"),
      "UNIMPLEMENTED: the sign-in \"environment\" is for Azure DevOps and "
      "not for https://graph.microsoft.com");
  EXPECT_EQ(
      TokenOf(""),
      "UNAUTHENTICATED: the access token of the sign-in \"environment\" "
      "is for Azure DevOps alone, and PATFORM_KEY_VAULT_TOKEN is not set. "
      "It takes one for Key Vault, for example from: az account "
      "get-access-token --resource https://vault.azure.net --query "
      "accessToken -o tsv");
}

TEST(KeyVaultTokenTest, ServesTheSourcesThatHaveOneTokenAlone) {
  std::map<std::string, std::string> variables = {
      {"PATFORM_KEY_VAULT_TOKEN", "v"}};
  Machine machine;
  machine.environment = EnvironmentOf(variables);
  for (const SourceRow& row : {EnvironmentRow(), StdinRow()}) {
    const auto made = row.make(AuthConfig(), machine);
    const auto token = made->BearerFor(kVault, Deadline());
    ASSERT_TRUE(token.ok()) << token.status();
    EXPECT_EQ(token->Reveal(), "v");
  }
}

}  // namespace
}  // namespace patform::entra
