#include "engine/desired/interpolate.h"

#include <gtest/gtest.h>

namespace patform {
namespace {

TEST(Interpolate, FillsInAndRefuses) {
  const std::map<std::string, std::string> values = {{"name", "ci"},
                                                     {"organization", "o"}};
  const EnvironmentLookup environment =
      [](const std::string& name) -> std::optional<std::string> {
    if (name == "A") return "{name}";
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
      {"{name", "!a { that is not closed; {{ stands for the character itself"},
      {"name}", "!a } without its {; }} stands for the character itself"},
      {"${}",
       "!${}: the name of an environment variable is made of letters, digits "
       "and _"},
      {"${A B}",
       "!${A B}: the name of an environment variable is made of letters, "
       "digits and _"},
      {"${1}",
       "!${1}: the name of an environment variable is made of letters, digits "
       "and _"},
      {"${B}", "!the environment variable B is not set"},
  };
  for (const auto& c : cases) {
    const auto filled = Interpolate(c.text, values, environment);
    EXPECT_EQ(
        filled.ok() ? *filled : "!" + std::string(filled.status().message()),
        c.want)
        << c.text;
  }
  EXPECT_EQ(std::string(Interpolate("${A}", values).status().message()),
            "${A}: the environment may be used in [sink.*] and [auth] only");
}

}  // namespace
}  // namespace patform
