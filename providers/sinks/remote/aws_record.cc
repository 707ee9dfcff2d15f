#include "providers/sinks/remote/aws_record.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "engine/base/digest.h"
#include "providers/sinks/remote/record_fields.h"

namespace patform::sinks {
namespace {

constexpr std::string_view kVersionPrefix = "patform-";
constexpr size_t kDigits = 40;  // of a digest: 160 bits
constexpr size_t kLongestTag = 256;
constexpr int kMostTags = 16;  // of one record; nine at the longest names
constexpr std::string_view kEnd = " .";

// Letters, digits and + - . : / @ _ stay, which AWS allows with '=' and space.
std::string Escaped(std::string_view text) {
  constexpr std::string_view kKept = "+-.:/@_";
  std::string escaped;
  for (const char c : text) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
        kKept.find(c) != std::string_view::npos) {
      escaped += c;
    } else {
      absl::StrAppendFormat(&escaped, "=%02X", static_cast<unsigned char>(c));
    }
  }
  return escaped;
}

// nullopt: an = that begins no byte, so nobody of ours has written it.
std::optional<std::string> Unescaped(std::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '=') {
      plain += text[i];
      continue;
    }
    const std::string digits(text.substr(i + 1, 2));
    if (digits.size() != 2 ||
        !std::all_of(digits.begin(), digits.end(),
                     [](unsigned char c) { return absl::ascii_isxdigit(c); })) {
      return std::nullopt;
    }
    plain += absl::HexStringToBytes(digits);
    i += 2;
  }
  return plain;
}

// "patform-a-1".
std::string TagName(AwsSlot slot, int number) {
  return absl::StrCat("patform-", std::string(1, slot), "-", number);
}

// "": there is none, or not the whole of it.
std::string TextIn(const AwsTags& tags, AwsSlot slot) {
  std::string text;
  for (int number = 1; number <= kMostTags; ++number) {
    const auto tag = tags.find(TagName(slot, number));
    if (tag == tags.end()) return "";
    text += tag->second;
    // What a longer record has left behind it is not read.
    if (text.ends_with(kEnd)) return text;
  }
  return "";
}

// Forty digits are 160 bits: two records that share one are not to be found,
// and whoever could, can write the secret anyway.
std::string VersionOfText(std::string_view text) {
  return absl::StrCat(std::string(kVersionPrefix),
                      Sha256(text).substr(0, kDigits));
}

}  // namespace

std::string AwsRecord::VersionId() const { return VersionOfText(text); }

// In the order of the fields' names, so one record is one text.
AwsRecord RecordForAws(const SinkRecord& record) {
  std::string text;
  for (const auto& [name, value] : RecordToFields(record, "")) {
    absl::StrAppend(&text, text.empty() ? "" : " ", name, ":", Escaped(value));
  }
  return {text + std::string(kEnd)};
}

AwsTags TagsOf(const AwsRecord& record, AwsSlot slot) {
  AwsTags tags;
  std::string_view rest = record.text;
  while (!rest.empty()) {
    size_t length = std::min(kLongestTag, rest.size());
    // No tag begins or ends with a space: nobody promises that it would stay.
    while (length < rest.size() &&
           (rest[length] == ' ' || rest[length - 1] == ' ')) {
      --length;
    }
    tags[TagName(slot, static_cast<int>(tags.size()) + 1)] =
        std::string(rest.substr(0, length));
    rest.remove_prefix(length);
  }
  return tags;
}

// Both may hold it (KeepRecord): either will do.
std::optional<AwsSlot> SlotOf(const AwsTags& tags, std::string_view version) {
  for (const AwsSlot slot : {'a', 'b'}) {
    const std::string text = TextIn(tags, slot);
    if (!text.empty() && VersionOfText(text) == version) return slot;
  }
  return std::nullopt;
}

// The text was compared with the version's id before, so it is as it was
// written; by which version of patform remains to be seen.
std::optional<SinkRecord> RecordIn(const AwsTags& tags, AwsSlot slot) {
  const std::string text = TextIn(tags, slot);
  std::map<std::string, std::string> fields;
  for (const absl::string_view view : absl::StrSplit(text, ' ')) {
    const std::string part(view);
    const size_t colon = part.find(':');
    if (colon == std::string::npos) continue;
    const std::optional<std::string> value =
        Unescaped(std::string_view(part).substr(colon + 1));
    if (!value) return std::nullopt;
    fields[part.substr(0, colon)] = *value;
  }
  return RecordFromFields(fields, "");
}

// Ids of others are UUIDs as a rule; none has this form by chance.
bool IsOurVersion(std::string_view version) {
  return version.size() == kVersionPrefix.size() + kDigits &&
         version.starts_with(kVersionPrefix);
}

}  // namespace patform::sinks
