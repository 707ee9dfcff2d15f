// Records as JSON: what is read is written as one line that reads the same.
#include "providers/sinks/record_json.h"
#include "tests/fuzz/fuzz.h"

namespace patform::sinks {
namespace {

FUZZ_TARGET(std::string_view input) {
  const auto record = RecordFromJson(input);
  if (!record) return;
  FUZZ_CHECK(!record->id.IsNil() && record->generation >= 0, input);
  const std::string json = RecordToJson(*record);
  FUZZ_CHECK(json.find_first_of("\r\n") == std::string::npos, json);
  // Escapes may make it longer than what is accepted at all.
  if (json.size() > 16 << 10) return;
  const auto again = RecordFromJson(json);
  FUZZ_CHECK(again.has_value() && *again == *record, json);
}

}  // namespace
}  // namespace patform::sinks
