#include "providers/entra/azure_cli.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/fakes/fake_clock.h"
#include "tests/providers/entra/fake_programs.h"

namespace patform::entra {
namespace {

constexpr char kAsked[] =
    "az account get-access-token --resource "
    "499b84ac-1321-427f-aa17-267ca6975798 -o json --only-show-errors";
constexpr char kLogin[] =
    "az login --scope 499b84ac-1321-427f-aa17-267ca6975798/.default";

class AzureCliTest : public ::testing::Test {
 protected:
  AzureCliTest() {
    machine_.clock = &clock_;
    machine_.programs = &programs_;
    Make();
  }

  void Make(const std::string& tenant = "", const std::string& written = "") {
    AuthConfig auth;
    auth.source = "azure-cli";
    if (!tenant.empty()) auth.settings["tenant"] = tenant;
    if (!tenant.empty()) {
      auth.written["tenant"] = written.empty() ? tenant : written;
    }
    credential_ = AzureCliRow().make(auth, machine_);
    programs_.ran.clear();
  }

  // az prints `token`, good for `span`.
  void Prints(const std::string& token, absl::Duration span) {
    programs_.out =
        absl::StrCat(R"({"accessToken":")", token, R"(","expires_on":)",
                     absl::ToUnixSeconds(clock_.Now() + span), "}");
  }

  std::string Bearer() {
    const absl::StatusOr<Secret> bearer = credential_->Bearer(Deadline::max());
    return bearer.ok() ? std::string(bearer->Reveal())
                       : bearer.status().ToString();
  }

  FakeClock clock_{absl::FromUnixSeconds(1795420800)};
  FakePrograms programs_;
  Machine machine_;
  std::unique_ptr<CredentialSource> credential_;
};

TEST_F(AzureCliTest, AsksOnceUntilFiveMinutesBeforeTheEnd) {
  Prints("a.b.c", absl::Hours(1));
  EXPECT_EQ(Bearer(), "a.b.c");
  Prints("d.e.f", absl::Hours(2));
  clock_.Tick(absl::Minutes(55) - absl::Seconds(1));
  EXPECT_EQ(Bearer(), "a.b.c");
  clock_.Tick(absl::Seconds(1));
  EXPECT_EQ(Bearer(), "d.e.f");
  EXPECT_EQ(absl::StrJoin(programs_.ran, "|"),
            absl::StrCat(kAsked, "|", kAsked));
}

TEST_F(AzureCliTest, ATokenThatIsAboutToEndIsNotAskedForEachTime) {
  Prints("a.b.c", absl::Minutes(2));
  Bearer();
  clock_.Tick(absl::Seconds(29));
  Bearer();
  EXPECT_EQ(programs_.ran.size(), 1u);
  clock_.Tick(absl::Seconds(1));
  Bearer();
  EXPECT_EQ(programs_.ran.size(), 2u);
}

TEST_F(AzureCliTest, NamesTheTenantInOneWord) {
  Prints("a.b.c", absl::Hours(1));
  Make("contoso.onmicrosoft.com");
  Bearer();
  EXPECT_EQ(programs_.ran, std::vector<std::string>{absl::StrCat(
                               kAsked, " --tenant=contoso.onmicrosoft.com")});
  Make("--debug");
  EXPECT_EQ(
      Bearer(),
      "INVALID_ARGUMENT: [auth] tenant = \"--debug\": expected the "
      "\"Directory (tenant) ID\", a GUID, or a domain of the tenant, such "
      "as contoso.onmicrosoft.com");
  EXPECT_TRUE(programs_.ran.empty());
}

TEST_F(AzureCliTest, AsksAgainForWhatWasRefused) {
  Prints("a.b.c", absl::Hours(1));
  Bearer();
  credential_->Refused(Secret("another"));
  EXPECT_EQ(Bearer(), "a.b.c");
  EXPECT_EQ(programs_.ran.size(), 1u);
  credential_->Refused(Secret("a.b.c"));
  Prints("d.e.f", absl::Hours(1));
  EXPECT_EQ(Bearer(), "d.e.f");
}

TEST_F(AzureCliTest, NeverGivesWhatWasChallengedAgain) {
  Make("contoso.onmicrosoft.com");
  Prints("a.b.c", absl::Hours(1));
  Bearer();
  credential_->Challenged(Secret("a.b.c"), R"({"access_token":{}})");
  EXPECT_EQ(
      Bearer(),
      absl::StrCat("UNAUTHENTICATED: the service wants this sign-in to "
                   "be renewed (continuous access evaluation), and az "
                   "printed the same access token again. Run: az logout; ",
                   kLogin, " --tenant contoso.onmicrosoft.com"));
  Prints("d.e.f", absl::Hours(1));
  EXPECT_EQ(Bearer(), "d.e.f");
}

TEST_F(AzureCliTest, SaysWhatIsInTheWay) {
  const struct {
    std::string errors;
    std::string want;
  } kCases[] = {
      {"ERROR: Please run 'az login' to setup account.\n",
       absl::StrCat("nobody is signed in to the Azure CLI, or not any more: "
                    "Please run 'az login' to setup account. Run: ",
                    kLogin)},
      // Its last line is az's own for everything, and wrong here.
      {"ERROR: AADSTS53003: Access has been blocked by Conditional Access "
       "policies.\r\nTrace ID: 1\nInteractive authentication is needed. Please "
       "run:\naz login --scope x/.default\n",
       "az account get-access-token: a Conditional Access policy blocks this "
       "sign-in. Ask an administrator: the sign-in log names the policy under "
       "the correlation id. Many tenants block device codes: use a browser"},
      {"Traceback (most recent call last):\n  File \"x.py\"\nERROR: "
       "HTTPSConnectionPool: no route\n",
       absl::StrCat("az account get-access-token failed (exit code 1): "
                    "HTTPSConnectionPool: no route. If it is the sign-in, "
                    "run: ",
                    kLogin)},
      {"", absl::StrCat("az account get-access-token failed (exit code 1). If "
                        "it is the sign-in, run: ",
                        kLogin)},
  };
  programs_.exit_code = 1;
  for (const auto& each : kCases) {
    programs_.errors = each.errors;
    EXPECT_EQ(Bearer(), absl::StrCat("UNAUTHENTICATED: ", each.want));
  }
  // What ${NAME} stands for is not shown.
  Make("contoso.onmicrosoft.com", "${TENANT}");
  EXPECT_EQ(Bearer(),
            absl::StrCat("UNAUTHENTICATED: az account get-access-token failed "
                         "(exit code 1). If it is the sign-in, run: ",
                         kLogin, " --tenant ${TENANT}"));
}

TEST_F(AzureCliTest, ThatCannotBeRun) {
  programs_.status = absl::NotFoundError("there is no program az in PATH");
  EXPECT_EQ(Bearer(),
            "UNAUTHENTICATED: [auth] source = \"azure-cli\" needs the Azure "
            "CLI, and there is no az in PATH. Install it "
            "(https://aka.ms/azure-cli), or choose another source: patform "
            "help sign-in");
  programs_.status = absl::DeadlineExceededError("it did not end in time");
  EXPECT_EQ(Bearer(),
            "DEADLINE_EXCEEDED: az printed no access token in time (at most "
            "1m) and was ended");
  programs_.status = absl::CancelledError("interrupted");
  EXPECT_EQ(Bearer(), "CANCELLED: interrupted");
  programs_.status = absl::PermissionDeniedError("/usr/bin/az is a folder");
  EXPECT_EQ(Bearer(),
            "UNAUTHENTICATED: az cannot be run: /usr/bin/az is a folder");
}

// Each audience's is asked for, kept and dropped apart.
TEST_F(AzureCliTest, AnotherAudience) {
  const auto vault = [this] {
    const auto bearer =
        credential_->BearerFor("https://vault.azure.net", Deadline::max());
    return bearer.ok() ? std::string(bearer->Reveal())
                       : bearer.status().ToString();
  };
  Make("contoso.example");
  Prints("a.b.c", absl::Hours(1));
  EXPECT_EQ(Bearer(), "a.b.c");
  Prints("v.v.v", absl::Hours(1));
  EXPECT_EQ(vault(), "v.v.v");
  EXPECT_EQ(vault(), "v.v.v");
  EXPECT_EQ(Bearer(), "a.b.c");
  credential_->Refused(Secret("v.v.v"));
  Prints("w.w.w", absl::Hours(1));
  EXPECT_EQ(Bearer(), "a.b.c");
  EXPECT_EQ(vault(), "w.w.w");
  const std::string asked =
      "az account get-access-token --resource https://vault.azure.net -o json "
      "--only-show-errors --tenant=contoso.example";
  EXPECT_EQ(
      absl::StrJoin(programs_.ran, "|"),
      absl::StrCat(kAsked, " --tenant=contoso.example|", asked, "|", asked));
}

}  // namespace
}  // namespace patform::entra
