#include "engine/base/pat_shape.h"

#include <gtest/gtest.h>

#include <string>

namespace patform {
namespace {

TEST(IsPatShaped, BothFormsAndNoOther) {
  const std::string head(76, 'A');
  EXPECT_TRUE(IsPatShaped(head + "AZDO1234"));
  EXPECT_FALSE(IsPatShaped(head + "AZDO123"));
  EXPECT_FALSE(IsPatShaped(head + "AZDO12.4"));
  EXPECT_FALSE(IsPatShaped(head + "AZDX1234"));
  EXPECT_TRUE(IsPatShaped(std::string(52, 'a')));
  EXPECT_TRUE(IsPatShaped(std::string(52, '7')));
  EXPECT_FALSE(IsPatShaped(std::string(52, 'A')));
  EXPECT_FALSE(IsPatShaped(std::string(52, '1')));
  EXPECT_FALSE(IsPatShaped(std::string(51, 'a')));
  EXPECT_FALSE(IsPatShaped(""));
}

}  // namespace
}  // namespace patform
