// Two parsers: what the one for plain files takes, it reads as the one for the
// whole language does, to the column.
#include "engine/base/strings.h"
#include "engine/desired/plain_toml.h"
#include "engine/desired/toml_limits.h"
#include "engine/desired/toml_reader.h"
#include "tests/fakes/toml_dump.h"
#include "tests/fuzz/fuzz.h"

namespace patform {
namespace {

FUZZ_TARGET(std::string_view input) {
  // As ParseFile() has it.
  const std::string text(input);
  if (!IsValidUtf8(text) || text.find('\0') != std::string::npos ||
      FindExcess(text)) {
    return;
  }
  const std::optional<TomlValue> plain = ParsePlainToml(text);
  if (!plain) return;
  const TomlResult any = ParseAnyToml(text);
  FUZZ_CHECK(any.ok, text);
  FUZZ_CHECK(Dump(*plain) == Dump(any.root), text);
}

}  // namespace
}  // namespace patform
