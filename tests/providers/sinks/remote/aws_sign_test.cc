#include "providers/sinks/remote/aws_sign.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace patform::sinks {
namespace {

// Of the test suite that AWS publishes with its documentation: its key, its
// moment, its requests, its signatures.
TEST(AwsSignTest, PublishedVectors) {
  const struct {
    const char* name;
    const char* method;
    const char* type;
    const char* body;
    const char* session;
    const char* headers;
    const char* signature;
  } rows[] = {
      {"get-vanilla", "GET", "", "", "", "host;x-amz-date",
       "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
      {"post-vanilla", "POST", "", "", "", "host;x-amz-date",
       "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
      {"post-x-www-form-urlencoded", "POST",
       "application/x-www-form-urlencoded", "Param1=value1", "",
       "content-type;host;x-amz-date",
       "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"},
      {"post-sts-header-before", "POST", "", "",
       "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsK"
       "WHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeeh"
       "M4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q"
       "6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypN"
       "C9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==",
       "host;x-amz-date;x-amz-security-token",
       "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"},
  };
  const absl::Time now = absl::FromCivil(
      absl::CivilSecond(2015, 8, 30, 12, 36, 0), absl::UTCTimeZone());
  for (const auto& row : rows) {
    AwsKeys keys;
    keys.id = "AKIDEXAMPLE";
    keys.secret = Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
    keys.session_token = Secret(row.session);
    http::Request request;
    request.method = row.method;
    request.url.host = "example.amazonaws.com";
    request.content_type = row.type;
    request.body = Secret(row.body);
    SignAws(keys, {"us-east-1", "service"}, now, request);
    ASSERT_FALSE(request.headers.empty());
    EXPECT_EQ(request.headers.front().value, "20150830T123600Z");
    EXPECT_EQ(request.headers.back().name, "Authorization");
    EXPECT_EQ(request.headers.back().value,
              absl::StrCat("AWS4-HMAC-SHA256 "
                           "Credential=AKIDEXAMPLE/20150830/us-east-1/service/"
                           "aws4_request, SignedHeaders=",
                           row.headers, ", Signature=", row.signature))
        << row.name;
  }
}

}  // namespace
}  // namespace patform::sinks
