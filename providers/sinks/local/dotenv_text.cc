#include "providers/sinks/local/dotenv_text.h"

#include <algorithm>
#include <boost/json.hpp>
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "engine/base/digest.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "providers/sinks/local/posix.h"
#include "providers/sinks/record_json.h"

namespace patform::sinks {
namespace {

namespace json = boost::json;

constexpr std::string_view kRecordStart = "# patform: ";
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr std::string_view kQuotes = "'\"`";

bool IsNameByte(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' ||
         c == '.' || c == '-';
}

size_t SkipBlanks(std::string_view text, size_t at) {
  while (at < text.size() && (text[at] == ' ' || text[at] == '\t')) ++at;
  return at;
}

// Where the value begins in a line `[export ]NAME=value`; npos: it is none.
size_t ValueStart(std::string_view line, std::string& name) {
  size_t at = SkipBlanks(line, 0);
  constexpr std::string_view kExport = "export";
  if (line.substr(at, kExport.size()) == kExport) {
    const size_t after = SkipBlanks(line, at + kExport.size());
    if (after > at + kExport.size()) at = after;
  }
  const size_t start = at;
  while (at < line.size() && IsNameByte(line[at])) ++at;
  if (at == start) return std::string_view::npos;
  name = std::string(line.substr(start, at - start));
  at = SkipBlanks(line, at);
  if (at >= line.size() || line[at] != '=') return std::string_view::npos;
  return SkipBlanks(line, at + 1);
}

// Just behind the quote that closes the one at `open`; npos: none does.
size_t ClosingQuote(std::string_view text, size_t open) {
  const char quote = text[open];
  for (size_t at = open + 1; at < text.size(); ++at) {
    if (text[at] == '\\' && quote == '"') {
      ++at;
    } else if (text[at] == quote) {
      return at + 1;
    }
  }
  return std::string_view::npos;
}

// Where an unquoted value ends: at a comment or at the end of its line.
size_t UnquotedEnd(std::string_view line, size_t start) {
  size_t end = start;
  for (size_t at = start; at < line.size(); ++at) {
    const char c = line[at];
    const bool blank = c == ' ' || c == '\t' || c == '\r';
    const bool after_blank = line[at - 1] == ' ' || line[at - 1] == '\t';
    if (c == '#' && after_blank) break;
    if (!blank) end = at + 1;
  }
  return end;
}

bool IsEmptyValue(std::string_view value) {
  return value.empty() || (value.size() == 2 && value[0] == value[1] &&
                           kQuotes.find(value[0]) != std::string_view::npos);
}

struct RecordLine {
  std::string key;
  std::string version;
  std::string check;
  SinkRecord record;
};

std::optional<RecordLine> ParseRecordLine(std::string_view line) {
  if (!line.starts_with(kRecordStart)) return std::nullopt;
  line.remove_prefix(kRecordStart.size());
  json::error_code error;
  const json::value value = json::parse(
      json::string_view(line.data(), line.find_last_not_of("\r\n \t") + 1),
      error);
  const json::object* object = error ? nullptr : value.if_object();
  if (object == nullptr) return std::nullopt;
  const auto take = [object](const char* name, std::string& out) {
    const json::value* member = object->if_contains(name);
    const json::string* text = member ? member->if_string() : nullptr;
    if (text != nullptr) out.assign(text->data(), text->size());
    return text != nullptr;
  };
  RecordLine result;
  const json::value* body = object->if_contains("record");
  if (body == nullptr || !take("key", result.key) ||
      !take("version", result.version) || !take("check", result.check)) {
    return std::nullopt;
  }
  std::optional<SinkRecord> record = RecordFromJson(json::serialize(*body));
  if (!record) return std::nullopt;
  result.record = std::move(*record);
  return result;
}

// "": `version` is not 32 hexadecimal digits.
std::string CheckOf(const std::string& version, std::string_view value) {
  uint64_t keys[2];
  if (version.size() != 32) return "";
  for (int i = 0; i < 2; ++i) {
    if (!absl::SimpleHexAtoi(version.substr(i * 16, 16), &keys[i])) return "";
  }
  return absl::StrCat(
      absl::Hex(SipHash(keys[0], keys[1], value), absl::kZeroPad16));
}

// Sixteen bits: enough to notice that somebody changed a value meanwhile, too
// few to confirm a guess of it, for versions get into plans.
std::string ForeignVersion(std::string_view value) {
  return absl::StrCat(
      "foreign-", absl::Hex(SipHash(0, 0, value) & 0xffff, absl::kZeroPad4));
}

bool IsPlain(std::string_view value) {
  return std::all_of(value.begin(), value.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' ||
           c == '+' || c == '/' || c == '=' || c == '.' || c == '-';
  });
}

// `value` in the kind of quotes that `before` has, where it can be.
absl::StatusOr<Secret> Quote(const Secret& value, std::string_view before) {
  const std::string_view bytes = value.Reveal();
  const bool one_line = std::none_of(bytes.begin(), bytes.end(), [](char c) {
    return c == '\'' || static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  if (!one_line || bytes.empty()) {
    return absl::InvalidArgumentError(
        "the value is empty or has a quote or a control character in it, and "
        "cannot be written as KEY='value'. Deliver it to a sink of another "
        "type, or with encoding = \"base64\".");
  }
  const bool plain = IsPlain(bytes);
  if (plain && !before.empty() &&
      kQuotes.find(before.front()) == std::string_view::npos) {
    return value.Clone();
  }
  const char* quote = plain && before.starts_with('"') ? "\"" : "'";
  Secret quoted(quote);
  quoted.Append(bytes);
  quoted.Append(quote);
  return quoted;
}

}  // namespace

bool IsVariableName(std::string_view key) {
  return !key.empty() && key.size() <= 255 &&
         !absl::ascii_isdigit(static_cast<unsigned char>(key.front())) &&
         std::all_of(key.begin(), key.end(), [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
                  c == '_';
         });
}

DotenvText::DotenvText(std::string_view text, std::string path)
    : text_(text), path_(std::move(path)) {}

std::string_view DotenvText::At(Span span) const {
  return text_.substr(span.begin, span.end - span.begin);
}

absl::StatusOr<DotenvText> DotenvText::Parse(std::string_view text,
                                             std::string path) {
  DotenvText parsed(text, std::move(path));
  PATFORM_RETURN_IF_ERROR(parsed.Scan());
  return parsed;
}

absl::Status DotenvText::Scan() {
  const size_t first = text_.find('\n');
  if (first != std::string_view::npos && first > 0 &&
      text_[first - 1] == '\r') {
    line_end_ = "\r\n";
  }
  Span above;  // the line before, if it is a record
  int number = 1;
  // A byte order mark stays first, above a record too.
  const size_t start =
      text_.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  for (size_t at = start; at < text_.size();) {
    const size_t end = std::min(text_.find('\n', at), text_.size() - 1) + 1;
    const Span line = {at, end};
    size_t next = end;
    PATFORM_ASSIGN_OR_RETURN(const bool assignment,
                             ScanAssignment(line, number, above, next));
    above = {};
    if (!assignment && At(line).starts_with(kRecordStart)) {
      above = line;
      if (const auto record = ParseRecordLine(At(line))) {
        // Until the assignment below it is met.
        Entries& entries = entries_[record->key];
        entries.orphaned = true;
        entries.orphan = line;
      }
    }
    const std::string_view passed = At({at, next});
    number += static_cast<int>(std::count(passed.begin(), passed.end(), '\n'));
    at = next;
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> DotenvText::ScanAssignment(Span line, int number,
                                                Span above, size_t& next) {
  std::string name;
  std::string_view content = At(line);
  content = content.substr(0, content.find_last_not_of("\r\n") + 1);
  const size_t start = ValueStart(content, name);
  if (start == std::string_view::npos) return false;
  Assignment assignment;
  assignment.line = number;
  assignment.begin = line.begin;
  assignment.value.begin = line.begin + start;
  if (start < content.size() &&
      kQuotes.find(content[start]) != std::string_view::npos) {
    assignment.value.end = ClosingQuote(text_, assignment.value.begin);
    if (assignment.value.end == std::string_view::npos) {
      return absl::FailedPreconditionError(absl::StrCat(
          Quoted(path_), ", line ", number,
          ": a quote is opened and never closed, so programs do not agree on "
          "what the file says. Close the quote, then run patform again."));
    }
    if (assignment.value.end > line.end) {
      next =
          std::min(text_.find('\n', assignment.value.end), text_.size() - 1) +
          1;
      NoteHidden({line.end, next}, number);
    }
  } else {
    assignment.value.end = line.begin + UnquotedEnd(content, start);
  }
  Entries& entries = entries_[name];
  if (above.end > above.begin) {
    const auto record = ParseRecordLine(At(above));
    assignment.recorded = !record || record->key == name;
    assignment.record = above;
    if (record && record->key == name) entries.orphaned = false;
  }
  entries.assignments.push_back(assignment);
  return true;
}

void DotenvText::NoteHidden(Span lines, int number) {
  for (size_t at = lines.begin; at < lines.end;) {
    const size_t end = std::min(text_.find('\n', at), lines.end - 1) + 1;
    std::string name;
    if (ValueStart(At({at, end}), name) != std::string_view::npos) {
      entries_[name].hidden_line = number;
    }
    at = end;
  }
}

absl::Status DotenvText::Ambiguous(const std::string& key,
                                   const Entries& entries) const {
  if (entries.hidden_line != 0) {
    return absl::FailedPreconditionError(absl::StrCat(
        Quoted(path_), ", line ", entries.hidden_line,
        ": the value that begins here has a line in it that looks like ", key,
        "=, which some programs would take for it. Choose another key, or "
        "another file."));
  }
  if (entries.assignments.size() > 1) {
    return absl::FailedPreconditionError(absl::StrCat(
        Quoted(path_), " sets ", key, " more than once, in lines ",
        entries.assignments[0].line, " and ", entries.assignments[1].line,
        ", and programs do not agree on which one counts. Remove all but "
        "one."));
  }
  return absl::OkStatus();
}

HeldRecord DotenvText::Read(const std::string& key,
                            const Entries& entries) const {
  if (absl::Status status = Ambiguous(key, entries); !status.ok()) {
    return HeldRecord::Unknown(std::move(status));
  }
  if (entries.assignments.empty()) return HeldRecord::Absent();
  const Assignment& assignment = entries.assignments.front();
  const std::string_view value = At(assignment.value);
  const auto record = assignment.recorded
                          ? ParseRecordLine(At(assignment.record))
                          : std::nullopt;
  HeldRecord held;
  if (record && !record->check.empty() &&
      record->check == CheckOf(record->version, value)) {
    held.state = HeldRecord::State::kPresent;
    held.record = record->record;
    held.version = record->version;
    return held;
  }
  if (IsEmptyValue(value)) return HeldRecord::Absent();
  held.state = HeldRecord::State::kForeign;
  held.version = ForeignVersion(value);
  held.why = absl::FailedPreconditionError(absl::StrCat(
      Quoted(path_), ", line ", assignment.line, ": ", key,
      record ? " was changed after patform wrote it"
             : " has a value that patform did not write",
      ". Remove the line, deliver to another key, or say adopt = true at this "
      "delivery to have it replaced."));
  return held;
}

HeldRecord DotenvText::Read(const std::string& key) const {
  const auto found = entries_.find(key);
  return found == entries_.end() ? HeldRecord::Absent()
                                 : Read(key, found->second);
}

std::map<std::string, HeldRecord> DotenvText::ReadAll() const {
  std::map<std::string, HeldRecord> all;
  for (const auto& [key, entries] : entries_) {
    all.emplace(key, Read(key, entries));
  }
  return all;
}

absl::StatusOr<Secret> DotenvText::With(const std::string& key,
                                        const Secret& value,
                                        const SinkRecord& record,
                                        const std::string& version) const {
  const auto found = entries_.find(key);
  const Entries none;
  const Entries& entries = found == entries_.end() ? none : found->second;
  PATFORM_RETURN_IF_ERROR(Ambiguous(key, entries));

  // The text falls into: head, record line, start of the line, value, tail.
  std::string_view head = text_, line_start, tail, before;
  std::string line_end = line_end_;
  if (!entries.assignments.empty()) {
    const Assignment& old = entries.assignments.front();
    head = text_.substr(0, old.recorded ? old.record.begin : old.begin);
    line_start = At({old.begin, old.value.begin});
    before = At(old.value);
    tail = text_.substr(old.value.end);
  } else if (entries.orphaned) {
    head = text_.substr(0, entries.orphan.begin);
    tail = text_.substr(entries.orphan.end);
  }
  const bool new_line = entries.assignments.empty();
  PATFORM_ASSIGN_OR_RETURN(const Secret quoted, Quote(value, before));

  Secret result(head);
  if (!head.empty() && head != kByteOrderMark && !head.ends_with('\n')) {
    result.Append(line_end);
  }
  result.Append(absl::StrCat(
      std::string(kRecordStart), "{\"key\":\"", key, "\",\"version\":\"",
      version, "\",\"check\":\"", CheckOf(version, quoted.Reveal()),
      "\",\"record\":", RecordToJson(record), "}", line_end));
  if (new_line) {
    result.Append(key);
    result.Append("=");
  } else {
    result.Append(line_start);
  }
  result.Append(quoted.Reveal());
  if (new_line) result.Append(line_end);
  result.Append(tail);
  return result;
}

}  // namespace patform::sinks
