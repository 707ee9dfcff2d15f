// Marks in display names: what parses is written back as the same bytes, and
// what is written parses to what it was made of.
#include "engine/model/authorization_id.h"
#include "engine/model/mark.h"
#include "tests/fuzz/fuzz.h"

namespace patform {
namespace {

FUZZ_TARGET(std::string_view input) {
  if (const auto parsed = ParseDisplayName(input)) {
    const Mark mark = {std::string(parsed->workspace), parsed->generation,
                       std::string(parsed->nonce)};
    FUZZ_CHECK(mark.generation >= 1, input);
    FUZZ_CHECK(DisplayName(parsed->name, mark) == input, input);
  }
  // Any human name at all, one that holds a mark too.
  const Mark mark = {"plat-form_1.x",
                     static_cast<int64_t>(input.size()) * 7919 + 1,
                     "k7wq2m5tzr4xh1nd"};
  const std::string name = DisplayName(input, mark);
  const auto parsed = ParseDisplayName(name);
  FUZZ_CHECK(parsed.has_value() == !input.empty(), name);
  if (parsed) {
    FUZZ_CHECK(parsed->name == input, name);
    FUZZ_CHECK(parsed->workspace == mark.workspace, name);
    FUZZ_CHECK(parsed->generation == mark.generation, name);
    FUZZ_CHECK(parsed->nonce == mark.nonce, name);
  }
  if (const auto id = AuthorizationId::Parse(input)) {
    FUZZ_CHECK(AuthorizationId::Parse(id->ToString()) == id, input);
    FUZZ_CHECK(id->ToString().size() == 36, input);
  }
}

}  // namespace
}  // namespace patform
