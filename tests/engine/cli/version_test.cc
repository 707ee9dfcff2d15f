#include "engine/base/version.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "engine/base/pattern.h"

namespace patform::cli {
namespace {

// Which commit it is depends on the checkout: see tests/engine/base/commit.sh.
TEST(VersionTest, NamesTheCommitAndTheCompiler) {
  const std::string line = BuildLine("patform");
  EXPECT_TRUE(
      Pattern(absl::StrCat("patform ", kVersion,
                           " \\(commit (unknown|[0-9a-f]{12}(-dirty)?), "
                           "(GNU|Clang) [0-9.]+\\)\n"))
          .Matches(line))
      << line;
}

}  // namespace
}  // namespace patform::cli
