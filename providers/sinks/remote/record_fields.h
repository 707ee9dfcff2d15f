#pragma once

#include <map>
#include <optional>
#include <string>

#include "engine/model/record.h"

namespace patform::sinks {

// The record as named texts, for stores that keep tags, labels or annotations
// beside a secret: "patform-id" → "27e59f42-…". The names, with `prefix` before
// each, are
//
//   format id generation workspace organization token address owner valid_to
//   written_at renewed_by_update
//
// with '-' for each '_'. None of the texts is empty or longer than 256 bytes
// but `token` and `address`; what is empty is left out. They are not secret.
std::map<std::string, std::string> RecordToFields(const SinkRecord& record,
                                                  const std::string& prefix);

// Reads them back; others are ignored. nullopt: there is no record, or one of a
// format that this version does not know.
std::optional<SinkRecord> RecordFromFields(
    const std::map<std::string, std::string>& fields,
    const std::string& prefix);

}  // namespace patform::sinks
