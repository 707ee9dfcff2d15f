#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/model/record.h"

namespace patform::sinks {

// The record as one line of JSON, keys in a fixed order, no line breaks. It
// never holds a secret.
//
// A snapshot writes records, too, on purpose with other names and another
// reader (saved/snapshot_file.cc): this text lies in stores for years, is read
// by every later version and may have been edited by anybody, so it carries a
// number of its format and a bad one is foreign; a snapshot is sealed, lives
// from one job to the next and is refused as a whole.
std::string RecordToJson(const SinkRecord& record);

// nullopt: not a record, or of a format that this version does not know. Keys
// that are not known are ignored.
std::optional<SinkRecord> RecordFromJson(std::string_view json);

}  // namespace patform::sinks
