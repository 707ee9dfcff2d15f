#include "engine/model/encode.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/escaping.h"

namespace patform {
namespace {

TEST(EncodeSecretTest, KnownAnswers) {
  const struct {
    Encoding encoding;
    std::string secret, want;
  } rows[] = {
      {Encoding::kRaw, "a'b\n", "a'b\n"},
      {Encoding::kRaw, "", ""},
      {Encoding::kBase64, "", ""},
      {Encoding::kBase64, "f", "Zg=="},
      {Encoding::kBase64, "fo", "Zm8="},
      {Encoding::kBase64, "foo", "Zm9v"},
      {Encoding::kBase64, "foob", "Zm9vYg=="},
      {Encoding::kBase64, "\xff\xfe\xfd", "//79"},
      {Encoding::kBasic, "", "Og=="},
      {Encoding::kBasic, "fo", "OmZv"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(EncodeSecret(Secret(row.secret), row.encoding).Reveal(), row.want)
        << Word(row.encoding) << " " << row.secret;
  }
}

TEST(EncodeSecretTest, AgreesWithTheLibraryAtEveryLength) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(EncodeSecret(Secret(bytes), Encoding::kBase64).Reveal(),
              absl::Base64Escape(bytes));
    EXPECT_EQ(EncodeSecret(Secret(bytes), Encoding::kBasic).Reveal(),
              absl::Base64Escape(":" + bytes));
    bytes += static_cast<char>(i * 37);
  }
}

}  // namespace
}  // namespace patform
