#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/model/record.h"

namespace patform::sinks {

// The record as one line of JSON, keys in a fixed order, no line breaks. It
// never holds a secret.
std::string RecordToJson(const SinkRecord& record);

// nullopt: not a record, or of a format that this version does not know. Keys
// that are not known are ignored.
std::optional<SinkRecord> RecordFromJson(std::string_view json);

}  // namespace patform::sinks
