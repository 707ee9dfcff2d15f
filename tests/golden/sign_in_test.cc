// What `login` and `whoami` print, byte for byte.
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "engine/report/whoami.h"
#include "tests/golden/golden.h"

namespace patform {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'795'000'000);

SignedIn Ada() {
  SignedIn user;
  user.oid = "2d7cd011-db47-4f1a-9c43-11aa22bb33cc";
  user.name = "ada@contoso.example";
  user.scopes = ScopeSet::Parse("vso.pats_manage vso.pats");
  user.expires = kNow + absl::Minutes(62);
  user.tenant = "72f988bf-0000-4000-8000-2d7cd011db47";
  user.audience = "Azure DevOps";
  user.application = "patform at contoso";
  user.rests_until = kNow + absl::Hours(24 * 90);
  user.rests_why = "a refresh token is good for 90 days without use";
  user.kept_in = "/home/ada/.local/state/patform/0123456789abcdef.json";
  return user;
}

AuthConfig Auth(const std::string& source) {
  AuthConfig auth;
  auth.source = source;
  return auth;
}

// Each with its title, in one file: they are read side by side.
TEST(SignInGolden, Text) {
  const AuthConfig sign_in = Auth("sign-in");
  AuthConfig bot = Auth("refresh-token");
  bot.identity = "build-bot";
  AuthConfig overridden = Auth("sign-in");
  overridden.overridden_by = "environment";
  const SignedIn ada = Ada();
  SignedIn reader = ada;
  reader.scopes = ScopeSet::Parse("vso.pats");
  SignedIn opaque;
  SignedIn application = ada;
  application.name = "";
  application.app_only = true;
  application.scopes = ScopeSet();
  application.audience = "Microsoft Graph (https://graph.microsoft.com)";
  application.rests_until = absl::InfiniteFuture();
  application.kept_in = "";
  SignedIn hostile = ada;
  hostile.name = "ada\x1b[2J\n##vso[task.setvariable]";
  hostile.scopes = ScopeSet::Parse("vso.\x07");
  SignedIn seeded = ada;
  seeded.kept_in = "vault:patform/build-bot";

  const Style style(false);
  std::string text;
  const auto add = [&text](const char* title, const std::string& shown) {
    absl::StrAppend(&text, "# ", title, "\n", shown, "\n");
  };
  add("login", RenderLogin({&sign_in, &ada, kNow}, false));
  add("login, seeded", RenderLogin({&bot, &seeded, kNow}, true));
  add("whoami", RenderWhoAmI({&sign_in, &ada, kNow}, style));
  add("a reader", RenderWhoAmI({&bot, &reader, kNow}, style));
  add("nothing known", RenderWhoAmI({&overridden, &opaque, kNow}, style));
  add("an application", RenderWhoAmI({&sign_in, &application, kNow}, style));
  add("hostile", RenderWhoAmI({&sign_in, &hostile, kNow}, style));
  ExpectGolden("sign-in.txt", text);
}

TEST(SignInGolden, Json) {
  AuthConfig bot = Auth("sign-in");
  bot.identity = "build-bot";
  const SignedIn ada = Ada();
  ExpectGolden("whoami.json", RenderWhoAmIJson({&bot, &ada, kNow}));
}

// null is what is not known.
TEST(SignInGolden, JsonOfAnOpaqueToken) {
  const AuthConfig auth = Auth("environment");
  const SignedIn opaque;
  const std::string json = RenderWhoAmIJson({&auth, &opaque, kNow});
  EXPECT_EQ(
      json.substr(json.find("\"as_of\"")),
      "\"as_of\":\"2026-11-18T11:06:40Z\",\"identity\":null,\"source\":"
      "\"environment\",\"name\":null,\"user_id\":null,\"app_only\":false,"
      "\"tenant\":null,\"application\":null,\"audience\":null,\"scopes\":null,"
      "\"may_plan\":null,\"may_apply\":null,\"access_ends\":null,"
      "\"rests_until\":null,\"rests_why\":null,\"kept_in\":null}\n");
}

}  // namespace
}  // namespace patform
