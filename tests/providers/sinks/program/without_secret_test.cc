#include "providers/sinks/program/without_secret.h"

#include <gtest/gtest.h>

#include "engine/model/encode.h"

namespace patform::sinks {
namespace {

TEST(WithoutSecret, Table) {
  const struct {
    std::string value;
    Encoding encoding;
    std::string text, want;
  } rows[] = {
      {"hunter2-hunter3", Encoding::kRaw, "", ""},
      {"hunter2-hunter3", Encoding::kRaw, "nothing of it", "nothing of it"},
      {"hunter2-hunter3", Encoding::kRaw, "a hunter2-hunter3 b",
       "a [redacted] b"},
      {"hunter2-hunter3", Encoding::kRaw, "hunter2-hunter3hunter2-hunter3",
       "[redacted]"},
      // Eight of it are enough, seven are not.
      {"hunter2-hunter3", Encoding::kRaw, "x-hunter3", "x[redacted]"},
      {"hunter2-hunter3", Encoding::kRaw, "hunter2 hunter3", "hunter2 hunter3"},
      {"hunter2-hunter3", Encoding::kRaw, "in two: hunter2-h/unter3",
       "in two: [redacted]/unter3"},
      // A short one, whole.
      {"abc", Encoding::kRaw, "ab abc bc", "ab [redacted] bc"},
      {"", Encoding::kRaw, "text", "text"},
      {"a+b/c=d&e f-long", Encoding::kRaw, "a%2Bb%2Fc%3Dd%26e%20f-long",
       "[redacted]-long"},
      {"hunter2-hunter3", Encoding::kRaw, "68756e746572322d68756e74657233",
       "[redacted]"},
      // base64 of it, of ":" and it, of "me:" and it.
      {"hunter2-hunter3", Encoding::kRaw, "aHVudGVyMi1odW50ZXIz.",
       "[redacted]."},
      {"hunter2-hunter3", Encoding::kRaw,
       "Basic Omh1bnRlcjItaHVudGVyMw==", "Basic [redacted]"},
      {"hunter2-hunter3", Encoding::kRaw, "bWU6aHVudGVyMi1odW50ZXIz",
       "bWU6[redacted]"},
      {"hunter2-hunter3", Encoding::kRaw, "aHVudGVyMi1o\ndW50ZXIz",
       "[redacted]\n[redacted]"},
      {"\xfb\xff\xfe-long-value", Encoding::kRaw, "-__-LWxvbmctdmFsdWU",
       "[redacted]"},
      // What the value was made of is a secret, too.
      {"aHVudGVyMi1odW50ZXIz", Encoding::kBase64, "is hunter2-hunter3",
       "is [redacted]"},
      {"Omh1bnRlcjItaHVudGVyMw==", Encoding::kBasic, "is hunter2-hunter3",
       "is [redacted]"},
      {"no base64!", Encoding::kBase64, "is no base64!", "is [redacted]"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(WithoutSecret(row.text, Secret(row.value), row.encoding),
              row.want)
        << row.value << ": " << row.text;
  }
}

}  // namespace
}  // namespace patform::sinks
