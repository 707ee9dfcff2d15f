// The emulator's readers of what strangers send: targets, times, GUIDs,
// base64, bearers, fault rules.
#include "providers/emulator/faults.h"
#include "providers/emulator/jwt.h"
#include "providers/emulator/tokens/target.h"
#include "providers/emulator/tokens/wire.h"
#include "tests/fuzz/fuzz.h"

namespace patform::emulator {
namespace {

FUZZ_TARGET(std::string_view input) {
  const Target target = ParseTarget(input);
  for (const std::string& segment : target.path) {
    FUZZ_CHECK(!segment.empty(), input);
  }
  target.Find("continuationToken");
  target.Is(1, "_apis");
  if (const auto time = ParseTime(input)) {
    const std::string text = FormatTicks(ToTicks(*time));
    const auto again = ParseTime(text);
    FUZZ_CHECK(again.has_value(), text);
    FUZZ_CHECK(ToTicks(*again) == ToTicks(*time), text);
  }
  if (const auto guid = ParseGuid(input)) {
    FUZZ_CHECK(ParseGuid(*guid) == guid, *guid);
  }
  FUZZ_CHECK(FromBase64Url(Base64Url(input)) == input, input);
  if (IsValidUtf8(input)) {
    FUZZ_CHECK(Utf16Length(input) <= input.size(), input);
  }
  FUZZ_CHECK(HtmlEncode(input).find('<') == std::string::npos, input);
  FUZZ_CHECK(!ReadJwt("key", input).has_value(), input);
  if (const auto rule = ParseFaultRule(input); !rule.ok()) {
    FUZZ_CHECK(!rule.status().message().empty(), input);
  }
}

}  // namespace
}  // namespace patform::emulator
