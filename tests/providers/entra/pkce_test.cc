#include "providers/entra/pkce.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace patform::entra {
namespace {

// The example of RFC 7636, appendix B.
TEST(Pkce, TheChallengeIsTheOneOfTheStandard) {
  EXPECT_EQ(ChallengeOf("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

TEST(Pkce, EverythingIsNewAndAsLongAsItHasToBe) {
  uint64_t next = 0;
  const auto random = [&next] { return ++next; };
  const Pkce one = MakePkce(random);
  const Pkce two = MakePkce(random);
  EXPECT_EQ(next, 16u);  // 256, 128 and 128 bits, twice
  EXPECT_EQ(one.verifier.size(), 43u);
  EXPECT_EQ(one.challenge.size(), 43u);
  EXPECT_EQ(one.challenge, ChallengeOf(one.verifier.Reveal()));
  EXPECT_EQ(one.state.size(), 22u);
  EXPECT_EQ(one.nonce.size(), 22u);
  EXPECT_NE(one.state, one.nonce);
  EXPECT_NE(one.state, two.state);
  EXPECT_NE(one.nonce, two.nonce);
  EXPECT_NE(one.verifier.Reveal(), two.verifier.Reveal());
}

}  // namespace
}  // namespace patform::entra
