// {name} and ${ENV} in strings.
#include "engine/desired/interpolate.h"
#include "tests/fuzz/fuzz.h"

namespace patform {
namespace {

std::string Escaped(std::string_view text) {
  std::string escaped;
  for (char c : text) {
    if (c == '{' || c == '}') escaped += c;
    escaped += c;
  }
  return escaped;
}

FUZZ_TARGET(std::string_view input) {
  const std::string text(input);
  const std::map<std::string, std::string> values = {
      {"name", "{organization}"}, {"organization", "contoso"}};
  int asked = 0;
  const EnvironmentLookup environment =
      [&](const std::string& name) -> std::optional<std::string> {
    ++asked;
    FUZZ_CHECK(!name.empty(), text);
    return "${HOME}";
  };
  for (const EnvironmentLookup& lookup :
       {EnvironmentLookup(nullptr), environment}) {
    const auto filled = Interpolate(text, values, lookup);
    if (!filled.ok()) {
      FUZZ_CHECK(absl::IsInvalidArgument(filled.status()), text);
      FUZZ_CHECK(!filled.status().message().empty(), text);
    } else if (text.find_first_of("{}$") == std::string::npos) {
      FUZZ_CHECK(*filled == text, *filled);
    }
  }
  // What is put in is not looked at again; what is doubled stays as it was.
  if (text.find('$') == std::string::npos) {
    const auto plain = Interpolate(Escaped(text), values);
    FUZZ_CHECK(plain.ok() && *plain == text, text);
  }
}

}  // namespace
}  // namespace patform
