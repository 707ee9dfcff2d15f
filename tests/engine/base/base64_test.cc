#include "engine/base/base64.h"

#include <gtest/gtest.h>

#include <string>

namespace patform {
namespace {

TEST(Base64Test, ReadsBackWhatItWrites) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    const std::optional<Secret> back = FromBase64(Base64(bytes).Reveal());
    ASSERT_TRUE(back.has_value()) << i;
    EXPECT_EQ(back->Reveal(), bytes);
    bytes += static_cast<char>(i * 37);
  }
}

TEST(Base64Test, WhatIsNotBase64) {
  for (const char* text : {"A", "AA", "AAA", "AA=A", "A===", "====", "AA==AA==",
                           "AAA\n", "A-_A", "AA A", "=AAA", "AAAAAA=="}) {
    EXPECT_EQ(FromBase64(text).has_value(), std::string(text) == "AAAAAA==")
        << text;
  }
}

}  // namespace
}  // namespace patform
