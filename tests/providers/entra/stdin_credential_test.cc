#include "providers/entra/stdin_credential.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace patform::entra {
namespace {

// What Bearer() answers where standard input holds `text`; it is asked twice,
// and reads once.
absl::StatusOr<Secret> BearerOf(const absl::StatusOr<std::string>& text) {
  int reads = 0;
  Machine machine;
  machine.read_stdin = [&]() -> absl::StatusOr<Secret> {
    ++reads;
    if (!text.ok()) return text.status();
    return Secret(*text);
  };
  const std::unique_ptr<CredentialSource> credential =
      StdinRow().make(AuthConfig(), machine);
  const absl::StatusOr<Secret> first = credential->Bearer(Deadline());
  credential->Refused(Secret("token"));
  absl::StatusOr<Secret> second = credential->Bearer(Deadline());
  EXPECT_EQ(reads, 1);
  EXPECT_EQ(first.status(), second.status());
  return second;
}

TEST(StdinCredential, GivesOneLine) {
  for (const char* text : {"a.b.c", "a.b.c\n", "a.b.c\r\n"}) {
    const absl::StatusOr<Secret> bearer = BearerOf(std::string(text));
    ASSERT_TRUE(bearer.ok()) << bearer.status();
    EXPECT_EQ(bearer->Reveal(), "a.b.c");
  }
}

TEST(StdinCredential, ChecksAsTheEnvironmentDoes) {
  EXPECT_EQ(BearerOf(std::string("\"a.b.c\"\n")).status(),
            absl::UnauthenticatedError(
                "standard input has quotation marks around it, which az prints "
                "without -o tsv. It must be the token and nothing else, "
                "without quotes (the value is not shown)"));
}

TEST(StdinCredential, SaysWhatIsWrong) {
  EXPECT_EQ(BearerOf(std::string("\n")).status(),
            absl::UnauthenticatedError(
                "standard input is empty: the command that should have printed "
                "the access token failed, or standard input was read before. "
                "For example: az account get-access-token --resource "
                "499b84ac-1321-427f-aa17-267ca6975798 --query accessToken -o "
                "tsv | patform plan --access-token-stdin"));
  EXPECT_EQ(BearerOf(absl::InvalidArgumentError("it is a terminal")).status(),
            absl::UnauthenticatedError(
                "the access token cannot be read from standard input: it is a "
                "terminal"));
  EXPECT_EQ(BearerOf(absl::CancelledError("interrupted")).status(),
            absl::CancelledError("interrupted"));
}

}  // namespace
}  // namespace patform::entra
