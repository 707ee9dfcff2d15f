#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "engine/model/record.h"

// The record in the tags of a secret of AWS Secrets Manager.
//
// A tag holds 256 characters of few kinds, so the record is one text, cut to
// that length: patform-a-1, patform-a-2, and so on. Its fields are those of
// record_fields.h, "generation:4 id:27e59f42-…", with =XX for each byte that a
// tag may not hold; " ." ends it.
//
// There are two such texts, patform-a-… and patform-b-…. Which of them is of
// the value that is served, the version itself tells: its id is the digest of
// its record. So a record can be written before its value is served and is
// believed from that moment on, one that was edited is of no version, and an
// id that no patform made is seen as such at once.
namespace patform::sinks {

using AwsTags = std::map<std::string, std::string>;

struct AwsRecord {
  std::string text;
  // 48 characters; AWS takes 32 to 64 that the client picks.
  std::string VersionId() const;
};

AwsRecord RecordForAws(const SinkRecord& record);

// 'a' or 'b'.
using AwsSlot = char;
AwsTags TagsOf(const AwsRecord& record, AwsSlot slot);

// The slot whose record is that of the version; nullopt: neither.
std::optional<AwsSlot> SlotOf(const AwsTags& tags, std::string_view version);
// What it holds; nullopt: of a format that this version does not know.
std::optional<SinkRecord> RecordIn(const AwsTags& tags, AwsSlot slot);

// Was a version of that id made by patform, whatever it is of?
bool IsOurVersion(std::string_view version);

}  // namespace patform::sinks
