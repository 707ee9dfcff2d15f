#include "providers/emulator/tokens/wire.h"

#include <string>

#include "gtest/gtest.h"
#include "providers/emulator/tokens/scope_list.h"
#include "providers/emulator/tokens/target.h"
#include "providers/emulator/tokens/token_secret.h"

namespace patform::emulator {
namespace {

TEST(Ticks, RoundAsTheServiceDoes) {
  const struct {
    const char* sent;
    const char* kept;
  } rows[] = {
      {"2020-12-01T23:46:23.319Z", "2020-12-01T23:46:23.32Z"},
      {"2020-12-01T23:46:23.32Z", "2020-12-01T23:46:23.32Z"},
      {"2020-12-01T23:46:23.103Z", "2020-12-01T23:46:23.1033333Z"},
      {"2020-12-01T23:46:23.72Z", "2020-12-01T23:46:23.72Z"},
      {"2020-12-01T23:46:23.5233333Z", "2020-12-01T23:46:23.5233333Z"},
      {"2020-12-01T23:46:23.147Z", "2020-12-01T23:46:23.1466667Z"},
      {"2020-12-01T23:46:23Z", "2020-12-01T23:46:23Z"},
      {"2020-12-01T23:46:23.001Z", "2020-12-01T23:46:23Z"},
      {"2020-12-01T23:46:23.999Z", "2020-12-01T23:46:24Z"},
      {"2020-12-01T23:46:23.997Z", "2020-12-01T23:46:23.9966667Z"},
      {"2020-12-31T23:59:59.9999999Z", "2021-01-01T00:00:00Z"},
      {"1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.5Z"},
      // An offset, no zone, a date alone.
      {"2020-12-02T00:46:23+01:00", "2020-12-01T23:46:23Z"},
      {"2020-12-01T23:46:23", "2020-12-01T23:46:23Z"},
      {"2020-12-01", "2020-12-01T00:00:00Z"},
      // Beyond what nanoseconds since 1970 reach.
      {"0024-03-29", "0024-03-29T00:00:00Z"},
      {"9999-12-31T23:59:59.32Z", "9999-12-31T23:59:59.32Z"},
  };
  for (const auto& row : rows) {
    const auto time = ParseTime(row.sent);
    ASSERT_TRUE(time) << row.sent;
    EXPECT_EQ(FormatTicks(ToTicks(*time)), row.kept) << row.sent;
  }
}

TEST(Ticks, ThereAndBackIsTheSame) {
  for (Ticks ticks = -700; ticks < 700; ++ticks) {
    EXPECT_EQ(ToTicks(FromTicks(ticks)), ticks);
    EXPECT_EQ(ToTicks(*ParseTime(FormatTicks(ticks))), ticks);
  }
}

TEST(Ticks, AYearLater) {
  const struct {
    const char* from;
    const char* to;
  } rows[] = {
      {"2026-11-23T10:00:00.32Z", "2027-11-23T10:00:00.32Z"},
      {"2027-06-01T00:00:00Z", "2028-06-01T00:00:00Z"},
      {"2028-02-29T12:00:00Z", "2029-03-01T12:00:00Z"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(FormatTicks(AddYear(ToTicks(*ParseTime(row.from)))), row.to);
  }
}

TEST(Json, Escapes) {
  std::string out;
  AppendJson(out, std::string("a\"b\\c\n\x01\0é", 10));
  EXPECT_EQ(out, "\"a\\\"b\\\\c\\u000a\\u0001\\u0000é\"");
}

TEST(Utf16Length, CountsAsDotNetDoes) {
  EXPECT_EQ(Utf16Length("abc"), 3u);
  EXPECT_EQ(Utf16Length("é€"), 2u);
  EXPECT_EQ(Utf16Length("\xF0\x9F\x98\x80"), 2u);
}

TEST(Guid, ParsesWhatDotNetTakes) {
  EXPECT_EQ(ParseGuid("{D0201343-7F97-4B53-ADB7-387AC73DA797}"),
            "d0201343-7f97-4b53-adb7-387ac73da797");
  EXPECT_FALSE(ParseGuid("d0201343-7f97-4b53-adb7-387ac73da79"));
  EXPECT_FALSE(ParseGuid("d0201343x7f97-4b53-adb7-387ac73da797"));
  EXPECT_EQ(ParseGuid(RandomGuid()).value().size(), 36u);
  EXPECT_EQ(DerivedGuid("user", "Ada"), DerivedGuid("user", "ada"));
  EXPECT_NE(DerivedGuid("user", "ada"), DerivedGuid("tenant", "ada"));
}

TEST(Hashes, KnownVectors) {
  std::string hex;
  for (const char c : HmacSha256("key",
                                 "The quick brown fox jumps over the "
                                 "lazy dog")) {
    char two[3];
    snprintf(two, sizeof(two), "%02x", static_cast<unsigned char>(c));
    hex += two;
  }
  EXPECT_EQ(hex,
            "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8");
  EXPECT_EQ(Base64Url(Sha256("")),
            "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU");
}

TEST(TokenSecret, HasTheLayoutButNotTheMarker) {
  const Ticks now = ToTicks(*ParseTime("2026-11-23T10:00:00Z"));
  const Secret one = MakeTokenSecret(now), other = MakeTokenSecret(now);
  const std::string_view text = one.Reveal();
  ASSERT_EQ(text.size(), 84u);
  EXPECT_EQ(text.substr(52, 6), "JQQJ99");
  EXPECT_EQ(text.substr(58, 2), "CK");  // 2026, November
  EXPECT_EQ(text.substr(72, 8), "AAAAEMUL");
  EXPECT_EQ(text.find("AZ"
                      "DO"),
            std::string_view::npos);
  for (const char c : text) EXPECT_TRUE(isalnum(static_cast<unsigned char>(c)));
  EXPECT_NE(text, other.Reveal());
}

TEST(Target, IsTakenApart) {
  const Target target = ParseTarget(
      "/con%20toso//_apis/tokens?%24top=5&a=1+2&A=%zz&none&e=#fragment");
  EXPECT_EQ(target.path,
            (std::vector<std::string>{"con toso", "_apis", "tokens"}));
  EXPECT_EQ(target.Find("$TOP"), "5");
  EXPECT_EQ(target.Find("a"), "1 2");
  EXPECT_EQ(target.Find("none"), "");
  EXPECT_EQ(target.Find("e"), "");
  EXPECT_FALSE(target.Find("f"));
  EXPECT_TRUE(target.Is(1, "_APIS"));
  EXPECT_FALSE(target.Is(3, ""));
}

TEST(Scopes, AreThoseAPatCanHave) {
  EXPECT_EQ(PatScopes().count("vso.code"), 1u);
  EXPECT_EQ(PatScopes().count("app_token"), 1u);
  EXPECT_EQ(PatScopes().count("vso.pats"), 0u);
  EXPECT_EQ(PatScopes().count("scope"), 0u);
  EXPECT_EQ(PatScopes().size(), 93u);
}

}  // namespace
}  // namespace patform::emulator
