#include "engine/desired/interpolate.h"

#include <gtest/gtest.h>

namespace patform {
namespace {

TEST(Interpolate, FillsInAndRefuses) {
  const std::map<std::string, std::string> values = {{"name", "ci"},
                                                     {"organization", "o"}};
  const EnvironmentLookup environment =
      [](const std::string& name) -> std::optional<std::string> {
    if (name == "PATFORM_VAR_A") return "{name}";
    if (name == "PATFORM_VAR_LONG") return std::string(4097, 'x');
    // What a machine may hold, and no configuration may read.
    if (name == "B" || name == "PATFORM_PLAN_KEY") return "a credential";
    return std::nullopt;
  };
  const struct {
    const char* text;
    const char* want;
  } cases[] = {
      {"plain", "plain"},
      {"{name}/{organization}", "ci/o"},
      {"{{name}}", "{name}"},
      // What the environment holds is not looked at again.
      {"${A}", "{name}"},
      {"$${A}", "${A}"},
      {"$5", "$5"},
      {"{nme}", "!{nme} is not known here; did you mean {name}?"},
      {"{name", "!a { that is not closed; write {{ for the character itself"},
      {"name}", "!a } without its {; write }} for the character itself"},
      {"${}",
       "!${}: the name of an environment variable is made of letters, digits "
       "and _"},
      {"${A B}",
       "!${A B}: the name of an environment variable is made of letters, "
       "digits and _"},
      {"${1}",
       "!${1}: the name of an environment variable is made of letters, digits "
       "and _"},
      {"${B}", "!${B}: the environment variable PATFORM_VAR_B is not set"},
      {"${PATFORM_PLAN_KEY}",
       "!${PATFORM_PLAN_KEY}: the environment variable "
       "PATFORM_VAR_PATFORM_PLAN_KEY is not set"},
      {"${LONG}",
       "!${LONG}: the value of PATFORM_VAR_LONG is longer than 4096 bytes"},
  };
  for (const auto& c : cases) {
    const auto filled = Interpolate(c.text, values, environment);
    EXPECT_EQ(
        filled.ok() ? *filled : "!" + std::string(filled.status().message()),
        c.want)
        << c.text;
  }
  EXPECT_EQ(std::string(Interpolate("${A}", values).status().message()),
            "${A}: environment variables are available in [sink.*], [auth] "
            "and [identity.*] only");
}

// A hostile file may hold a name of any length; a message holds its beginning.
TEST(Interpolate, NamesAreBounded) {
  const EnvironmentLookup any = [](const std::string&) { return "x"; };
  const std::string longest(128, 'N');
  EXPECT_EQ(Interpolate("${" + longest + "}", {}, any).value(), "x");
  EXPECT_EQ(
      std::string(Interpolate("${" + std::string(100000, 'N') + "}", {}, any)
                      .status()
                      .message()),
      "${" + std::string(40, 'N') +
          "}: the name of an environment variable is made of letters, "
          "digits and _");
}

}  // namespace
}  // namespace patform
