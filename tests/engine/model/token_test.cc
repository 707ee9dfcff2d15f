#include "engine/model/token.h"

#include <gtest/gtest.h>

#include "engine/model/desired_state.h"
#include "engine/model/record.h"

namespace patform {
namespace {

TEST(Delivery, AddressNamesThePlace) {
  Delivery place;
  place.sink = "agents";
  place.at = ".env";
  EXPECT_EQ(place.Address(), "agents:.env");
  place.key = "NUGET_PAT";
  EXPECT_EQ(place.Address(), "agents:.env#NUGET_PAT");
  place.encoding = Encoding::kBasic;
  place.adopt = true;
  EXPECT_EQ(place.Address(), "agents:.env#NUGET_PAT")
      << "how it is written is not where";
}

TEST(TokenAddress, AsTheKeyStandsInTheFile) {
  const struct {
    const char* name;
    const char* want;
  } kCases[] = {
      {"ci-packaging", "token.ci-packaging"},
      {"A_1", "token.A_1"},
      {"with blanks", "token.\"with blanks\""},
      {"a.b", "token.\"a.b\""},
      {"", "token.\"\""},
      {"say \"hi\"", "token.\"say \\\"hi\\\"\""},
      {"back\\slash", "token.\"back\\\\slash\""},
      {"Schl\xc3\xbcssel", "token.\"Schl\xc3\xbcssel\""},
  };
  for (const auto& c : kCases) EXPECT_EQ(TokenAddress(c.name), c.want);
}

TEST(Names, AreStable) {
  EXPECT_STREQ(Word(Encoding::kRaw), "raw");
  EXPECT_STREQ(Word(Encoding::kBase64), "base64");
  EXPECT_STREQ(Word(Encoding::kBasic), "basic");
  EXPECT_STREQ(Word(TokenState::kActive), "active");
  EXPECT_STREQ(Word(TokenState::kExpired), "expired");
  EXPECT_STREQ(Word(TokenState::kRevoked), "revoked");
}

TEST(SinkConfig, SettingsByType) {
  SinkConfig sink;
  sink.settings["path"] = std::string("out");
  sink.settings["newline"] = true;
  sink.settings["port"] = int64_t{8200};
  EXPECT_EQ(sink.Text("path"), "out");
  EXPECT_EQ(sink.Text("path", "other"), "out");
  EXPECT_EQ(sink.Text("none"), "");
  EXPECT_EQ(sink.Text("none", "other"), "other");
  EXPECT_EQ(sink.Text("newline", "other"), "other") << "of another type";
  EXPECT_TRUE(sink.Flag("newline"));
  EXPECT_FALSE(sink.Flag("none"));
  EXPECT_TRUE(sink.Flag("none", true));
  EXPECT_TRUE(sink.Flag("port", true)) << "of another type";
}

TEST(DesiredState, FindsSinksAndOrganizations) {
  DesiredState state;
  EXPECT_TRUE(state.Organizations().empty());
  EXPECT_EQ(state.FindSink("a"), nullptr);
  state.sinks.resize(2);
  state.sinks[0].name = "a";
  state.sinks[1].name = "b";
  EXPECT_EQ(state.FindSink("b"), &state.sinks[1]);
  EXPECT_EQ(state.FindSink("c"), nullptr);
  state.organization = "contoso";
  state.tokens.resize(3);
  state.tokens[0].organization = "tailspin";
  state.tokens[1].organization = "contoso";
  state.tokens[2].organization = "fabrikam";
  EXPECT_EQ(state.Organizations(),
            (std::vector<std::string>{"contoso", "fabrikam", "tailspin"}));
}

TEST(HeldRecord, UnknownIsNotAbsent) {
  EXPECT_EQ(HeldRecord().state, HeldRecord::State::kUnknown)
      << "what nobody read is unknown";
  const HeldRecord absent = HeldRecord::Absent();
  EXPECT_EQ(absent.state, HeldRecord::State::kAbsent);
  EXPECT_EQ(absent.version, "");
  EXPECT_FALSE(absent.record.has_value());
  const HeldRecord unknown =
      HeldRecord::Unknown(absl::PermissionDeniedError("no"));
  EXPECT_EQ(unknown.state, HeldRecord::State::kUnknown);
  EXPECT_EQ(unknown.why, absl::PermissionDeniedError("no"));
}

TEST(Which, NamesTheGenerationWhereThereIsOne) {
  const auto id =
      AuthorizationId::Parse("27e59f42-0000-4000-8000-000000000001");
  ASSERT_TRUE(id.has_value());
  EXPECT_EQ(Which(3, *id), "generation 3 (27e59f42)");
  EXPECT_EQ(Which(0, *id), "27e59f42");
}

}  // namespace
}  // namespace patform
