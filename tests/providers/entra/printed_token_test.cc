#include "providers/entra/printed_token.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "engine/base/clock.h"

namespace patform::entra {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1795420800);  // 08:00 UTC

absl::TimeZone Zone(const std::string& name) {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone(name, &zone)) << name;
  return zone;
}

// "a.b.c until 2026-…Z", or the error.
std::string Dump(const std::string& text, absl::Time now = kNow,
                 const std::string& zone = "Europe/Berlin") {
  const absl::StatusOr<PrintedToken> token =
      ReadPrintedToken(Secret(text), "az", now, Zone(zone));
  if (!token.ok()) {
    EXPECT_TRUE(absl::IsUnauthenticated(token.status()));
    return std::string(token.status().message());
  }
  return absl::StrCat(std::string(token->bearer.Reveal()), " until ",
                      token->expires == absl::InfiniteFuture()
                          ? "refused"
                          : FormatInstant(token->expires));
}

// A token that says of itself when it ends.
std::string TokenUntil(int64_t seconds) {
  return absl::StrCat(
      "e30.",
      absl::WebSafeBase64Escape(absl::StrCat("{\"exp\":", seconds, "}")), ".s");
}

TEST(PrintedToken, OfEachTool) {
  const struct {
    const char* text;
    const char* want;
  } kCases[] = {
      // Azure CLI 2.54 and newer.
      {R"({"accessToken": "a.b.c", "expiresOn": "2026-11-23 10:00:00.000000",
          "expires_on": 1795424400, "subscription": "s", "tenant": "t",
          "tokenType": "Bearer"})",
       "a.b.c until 2026-11-23T09:00:00Z"},
      // Older ones have the time of the machine's zone alone.
      {R"({"accessToken":"a.b.c","expiresOn":"2026-11-23 10:05:06.700000"})",
       "a.b.c until 2026-11-23T09:05:06Z"},
      // Azure Developer CLI.
      {R"({"token":"a.b.c","expiresOn":"2026-11-23T09:30:00Z"})",
       "a.b.c until 2026-11-23T09:30:00Z"},
      {R"({"token":"a.b.c","expiresOn":"2026-11-23T10:30:00.5+01:00"})",
       "a.b.c until 2026-11-23T09:30:00.5Z"},
      // AzureAuth.
      {R"({"user":"u","display_name":"U","token":"a.b.c",
          "expiration_date":"1795424400"})",
       "a.b.c until 2026-11-23T09:00:00Z"},
      {"a.b.c\r\n", "a.b.c until refused"},
      {R"({"token":"a.b.c"})", "a.b.c until refused"},
      {R"({"token":"a.b.c","expires_on":"soon","expiresOn":"later"})",
       "a.b.c until refused"},
  };
  for (const auto& each : kCases) EXPECT_EQ(Dump(each.text), each.want);
}

TEST(PrintedToken, KnowsItsOwnEnd) {
  const std::string token = TokenUntil(1795424400);
  EXPECT_EQ(Dump(token), absl::StrCat(token, " until 2026-11-23T09:00:00Z"));
  // Sooner believed than a local time: whose zone is it?
  EXPECT_EQ(Dump(absl::StrCat(R"({"accessToken":")", token,
                              R"(","expiresOn":"2026-11-23 03:00:00.0"})"),
                 kNow, "America/New_York"),
            absl::StrCat(token, " until 2026-11-23T09:00:00Z"));
}

TEST(PrintedToken, InTheHourThatAZoneHasTwice) {
  // 2026-10-25: 02:00 to 03:00 comes twice in Berlin, from 00:00 UTC on.
  const std::string text =
      R"({"accessToken":"a.b.c","expiresOn":"2026-10-25 02:30:00.000000"})";
  const absl::Time before = absl::FromCivil(
      absl::CivilMinute(2026, 10, 24, 23, 40), absl::UTCTimeZone());
  EXPECT_EQ(Dump(text, before), "a.b.c until 2026-10-25T00:30:00Z");
  // The first one has passed: it must be the second.
  EXPECT_EQ(Dump(text, before + absl::Hours(1)),
            "a.b.c until 2026-10-25T01:30:00Z");
}

TEST(PrintedToken, ThatIsNone) {
  const struct {
    std::string text;
    const char* want;
  } kCases[] = {
      {"", "az printed no access token"},
      {"\n", "az printed no access token"},
      {"{", "what az printed is not JSON (it is not shown)"},
      {"{}",
       "what az printed has neither \"accessToken\" nor \"token\" (it is not "
       "shown)"},
      {R"({"accessToken":7})",
       "what az printed has neither \"accessToken\" nor \"token\" (it is not "
       "shown)"},
      {R"({"token":"System.Security.SecureString"})",
       "what az printed is what PowerShell prints for a protected text: put it "
       "through ConvertFrom-SecureString -AsPlainText first. It must be the "
       "token and nothing else, without quotes (the value is not shown)"},
      {"Welcome!\na.b.c",
       "what az printed contains a space, a line break or another character "
       "that an access token never contains. It must be the token and nothing "
       "else, without quotes (the value is not shown)"},
  };
  for (const auto& each : kCases) EXPECT_EQ(Dump(each.text), each.want);
}

TEST(PrintedToken, ErrorsAreAFewLinesForPeople) {
  const std::string token(200, 'x');
  EXPECT_EQ(ShownErrors(""), "");
  EXPECT_EQ(ShownErrors("one\n\ntwo\x1b[0m\nthree\nfour\n"),
            "one / two\\x1b[0m / three");
  EXPECT_EQ(ShownErrors(absl::StrCat("secret ", token)), "secret […]");
  EXPECT_EQ(ShownErrors("Traceback (most recent call last):\n  File x\n"
                        "ERROR: no network\n",
                        "ERROR:"),
            "no network");
}

}  // namespace
}  // namespace patform::entra
