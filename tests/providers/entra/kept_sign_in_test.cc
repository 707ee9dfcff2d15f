#include "providers/entra/kept_sign_in.h"

#include <gtest/gtest.h>

#include <string>

namespace patform::entra {
namespace {

KeptSignIn Example() {
  KeptSignIn kept;
  kept.refresh_token = Secret("0.A\"\\\n\x01");
  kept.rests_until = absl::FromUnixSeconds(1'802'776'000);
  kept.access_token = Secret("access");
  kept.access_ends = absl::FromUnixSeconds(1'795'003'599);
  kept.claims = R"({"a":1})";
  return kept;
}

TEST(KeptSignIn, IsReadAsItWasWritten) {
  const Secret text = WriteKept(Example(), {{"tenant", "contoso"}});
  EXPECT_EQ(text.Reveal(),
            "{\"format\":\"patform/sign-in/1\",\"tenant\":\"contoso\","
            "\"refresh_token\":\"0.A\\\"\\\\\\u000a\\u0001\","
            "\"rests_until\":\"2027-02-16T11:06:40+00:00\","
            "\"access_token\":\"access\","
            "\"access_ends\":\"2026-11-18T12:06:39+00:00\","
            "\"claims\":\"{\\\"a\\\":1}\"}\n");
  const absl::StatusOr<KeptSignIn> read = ReadKept(text);
  ASSERT_TRUE(read.ok()) << read.status();
  const KeptSignIn example = Example();
  EXPECT_EQ(read->refresh_token.Reveal(), example.refresh_token.Reveal());
  EXPECT_EQ(read->rests_until, example.rests_until);
  EXPECT_EQ(read->access_token.Reveal(), "access");
  EXPECT_EQ(read->access_ends, example.access_ends);
  EXPECT_EQ(read->claims, example.claims);
}

TEST(KeptSignIn, MayHaveNoAccessToken) {
  KeptSignIn kept;
  kept.refresh_token = Secret("r");
  const absl::StatusOr<KeptSignIn> read = ReadKept(WriteKept(kept, {}));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_TRUE(read->access_token.empty());
  EXPECT_EQ(read->access_ends, absl::InfinitePast());
  EXPECT_EQ(read->rests_until, absl::InfiniteFuture());
}

TEST(KeptSignIn, RefusesEverythingElse) {
  for (const char* text :
       {"", "{}", "[]", "null", "{\"refresh_token\":\"r\"}",
        "{\"format\":\"patform/sign-in/2\",\"refresh_token\":\"r\"}",
        "{\"format\":\"patform/sign-in/1\"}",
        "{\"format\":\"patform/sign-in/1\",\"refresh_token\":7}",
        "{\"format\":\"patform/sign-in/1\",\"refresh_token\":\"r\"", "r"}) {
    EXPECT_EQ(ReadKept(Secret(text)).status(),
              absl::DataLossError("it is not what patform has kept there"))
        << text;
  }
}

}  // namespace
}  // namespace patform::entra
