#include "providers/sinks/local/dotenv_text.h"

#include <algorithm>
#include <boost/json.hpp>
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "engine/base/clock.h"
#include "engine/base/digest.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "providers/http/secret_json.h"
#include "providers/sinks/local/dotenv_readers.h"
#include "providers/sinks/local/posix.h"
#include "providers/sinks/record_json.h"

// There is no standard for .env files. Compose, dotenv for Node and for Python,
// systemd and a shell that sources them disagree about quotes, escapes,
// comments and duplicates. So this reads loosely and writes narrowly: it
// recognises whatever any of them would take for an assignment, writes only
// what all of them read as the same value, reads the result back as they do
// (dotenv_readers.h), and refuses a file where they would disagree about the
// key at hand. Nothing is rewritten but the one line and the record above it.
namespace patform::sinks {
namespace {

namespace json = boost::json;

// The record is a comment to every reader of the format.
constexpr std::string_view kRecordStart = "# patform: ";
// Editors on Windows write it. Anything in front of it would make it part of
// the first name.
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
// Node's dotenv knows backticks as well.
constexpr std::string_view kQuotes = "'\"`";

// More than a shell allows: dots and dashes are names to Node and to Compose.
bool IsNameByte(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' ||
         c == '.' || c == '-';
}

// Spaces and tabs; a line break ends the search.
size_t SkipBlanks(std::string_view text, size_t at) {
  while (at < text.size() && (text[at] == ' ' || text[at] == '\t')) ++at;
  return at;
}

// Where the value begins in a line `[export ]NAME=value`, and where the name
// ends; npos: it is none.
size_t ValueStart(std::string_view line, std::string& name, size_t& name_end) {
  size_t at = SkipBlanks(line, 0);
  constexpr std::string_view kExport = "export";
  // `export` alone is a variable of that name, hence `after >`.
  if (line.substr(at, kExport.size()) == kExport) {
    const size_t after = SkipBlanks(line, at + kExport.size());
    if (after > at + kExport.size()) at = after;
  }
  const size_t start = at;
  while (at < line.size() && IsNameByte(line[at])) ++at;
  // No name: a comment, an empty line, or something that is none of our
  // business.
  if (at == start) return std::string_view::npos;
  name = std::string(line.substr(start, at - start));
  name_end = at;
  at = SkipBlanks(line, at);
  if (at >= line.size() || line[at] != '=') return std::string_view::npos;
  // Spaces around `=` are an error to a shell and fine to Node: it is an
  // assignment to somebody, and that is enough.
  return SkipBlanks(line, at + 1);
}

// Just behind the quote that closes the one at `open`, perhaps some lines
// further down; npos: none does.
size_t ClosingQuote(std::string_view text, size_t open) {
  // Only in double quotes is a backslash an escape.
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
    // '\r' too: of a line that ends in CR LF it is not part of the value.
    const bool space = c == ' ' || c == '\t' || c == '\r';
    // `start` is behind `=`, so `at - 1` exists. A # without a space before it
    // belongs to the value, as in a URL.
    const bool after_blank = line[at - 1] == ' ' || line[at - 1] == '\t';
    if (c == '#' && after_blank) break;
    if (!space) end = at + 1;
  }
  return end;
}

// KEY=, KEY='' and KEY="": a template that somebody left to be filled in. It
// counts as absent, so that no adopt is needed.
bool IsEmptyValue(std::string_view value) {
  return value.empty() || (value.size() == 2 && value[0] == value[1] &&
                           kQuotes.find(value[0]) != std::string_view::npos);
}

// What the comment above an assignment holds.
struct RecordLine {
  // Which variable it is for; lines get moved by hand.
  std::string key;
  // 128 random bits, in hexadecimal; also the key of `check`.
  std::string version;
  // CheckOf() of the value as it was written; earlier versions put quotes
  // around it, which count.
  std::string check;
  SinkRecord record;
};

// nullopt for anything that patform did not write just so: it is a comment
// then.
std::optional<RecordLine> ParseRecordLine(std::string_view line) {
  if (!line.starts_with(kRecordStart)) return std::nullopt;
  // The line may end in CR LF, and an editor may have added spaces.
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
  // All or nothing: a record without its check would vouch for any value.
  if (body == nullptr || !take("key", result.key) ||
      !take("version", result.version) || !take("check", result.check)) {
    return std::nullopt;
  }
  std::optional<SinkRecord> record = RecordFromJson(json::serialize(*body));
  if (!record) return std::nullopt;
  result.record = std::move(*record);
  return result;
}

// The time in the comment above a kept value of `key`; InfinitePast(): none.
absl::Time KeptTime(std::string_view line, const std::string& key) {
  json::error_code error;
  line.remove_prefix(std::min(kRecordStart.size(), line.size()));
  const json::value value = json::parse(
      json::string_view(line.data(), line.find_last_not_of("\r\n \t") + 1),
      error);
  const json::object* object = error ? nullptr : value.if_object();
  absl::Time time;
  std::string why;
  // One that was moved here is another value's.
  if (object == nullptr || http::TextMember(*object, "key") != key ||
      !absl::ParseTime(absl::RFC3339_full,
                       AbslView(http::TextMember(*object, "kept")), &time,
                       &why)) {
    return absl::InfinitePast();
  }
  return time;
}

// Ties a record to its value: a record that was moved to another value, or a
// value that was changed under its record, no longer matches. It is in the same
// file as the value and nowhere else, so it tells nobody anything new. "":
// `version` is not 32 hexadecimal digits.
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
// few to confirm a guess of it, for versions get into plans. SipHash with a key
// of zeros: there is no version to take a key from.
std::string ForeignVersion(std::string_view value) {
  return absl::StrCat(
      "foreign-", absl::Hex(SipHash(0, 0, value) & 0xffff, absl::kZeroPad4));
}

// Bytes that no shell and no library treats specially outside of quotes. The
// service's tokens and base64 have no others.
bool IsPlain(std::string_view value) {
  return std::all_of(value.begin(), value.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' ||
           c == '+' || c == '/' || c == '=' || c == '.' || c == '-';
  });
}

// Without quotes: docker takes them for a part of the value. What needs quotes
// has no form that all readers agree on.
absl::Status CheckPlain(std::string_view value) {
  if (!value.empty() && IsPlain(value)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "the value is empty or has a character in it that programs read "
      "differently in a KEY=value line. Deliver it to a sink of another type, "
      "or with encoding = \"base64\".");
}

// The part of a line that is a comment, without the blanks around it; "":
// there is none. `rest`: what is behind a value.
std::string_view CommentIn(std::string_view rest) {
  const size_t start = rest.find('#');
  if (start == std::string_view::npos) return "";
  rest.remove_prefix(start);
  return rest.substr(0, rest.find_last_not_of(" \t\r\n") + 1);
}

// Does an unquoted value go on to set something else, in a shell's eyes? Then
// to replace it would lose that.
bool HoldsMore(std::string_view value) {
  if (value.find_first_of(";&|") != std::string_view::npos) return true;
  const size_t blank = value.find_first_of(" \t");
  return blank != std::string_view::npos &&
         value.find('=', blank) != std::string_view::npos;
}

}  // namespace

DotenvText::DotenvText(std::string_view text, std::string path)
    : text_(text), path_(std::move(path)) {}

std::string_view DotenvText::At(Span span) const {
  return text_.substr(span.begin, span.end - span.begin);
}

// `text` must outlive the result, which holds views of it: a second copy would
// be a second place with everybody's secrets.
absl::StatusOr<DotenvText> DotenvText::Parse(std::string_view text,
                                             std::string path) {
  DotenvText parsed(text, std::move(path));
  PATFORM_RETURN_IF_ERROR(parsed.Scan());
  return parsed;
}

// One pass over the lines. Each assignment is found with the record above it,
// if there is one; records whose assignment is gone are remembered as orphans.
absl::Status DotenvText::Scan() {
  // New lines end as the first one does.
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
    // The last line may have no line feed: `end` is then the end of the text.
    const size_t end = std::min(text_.find('\n', at), text_.size() - 1) + 1;
    const Span line = {at, end};
    // Further down where a value in quotes continues on other lines.
    size_t next = end;
    PATFORM_ASSIGN_OR_RETURN(const bool assignment,
                             ScanAssignment(line, number, above, next));
    // A record is valid for the very next line and no other.
    above = {};
    if (!assignment && At(line).starts_with(kRecordStart)) {
      above = line;
      if (const auto record = ParseRecordLine(At(line))) {
        // Until the assignment below it is met. An orphan is replaced by the
        // next write of its key, so that a variable that was removed by hand
        // does not leave a comment behind each time.
        Entries& entries = entries_[record->key];
        entries.orphaned = true;
        entries.orphan = line;
      }
    }
    // Counted from what was passed, for a value may span lines.
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
  // Without the line end, or the \r of CR LF would be part of an unquoted
  // value.
  content = content.substr(0, content.find_last_not_of("\r\n") + 1);
  size_t name_end = 0;
  const size_t start = ValueStart(content, name, name_end);
  if (start == std::string_view::npos) return false;
  Assignment assignment;
  assignment.line = number;
  assignment.begin = line.begin;
  assignment.name_end = line.begin + name_end;
  assignment.value.begin = line.begin + start;
  if (start < content.size() &&
      kQuotes.find(content[start]) != std::string_view::npos) {
    assignment.value.end = ClosingQuote(text_, assignment.value.begin);
    if (assignment.value.end == std::string_view::npos) {
      // Everything below the quote is a value to one reader and assignments to
      // another, so no key of this file can be edited safely.
      return absl::FailedPreconditionError(absl::StrCat(
          Quoted(path_), ", line ", number,
          ": a quote is opened and never closed, so programs do not agree on "
          "what the file means. Close the quote, then run patform again."));
    }
    // The rest of the value: these lines are not scanned as assignments, but a
    // reader without multi-line values would take them for some.
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
  // There was a record right above.
  if (above.end > above.begin) {
    const auto record = ParseRecordLine(At(above));
    // An unreadable record belongs to the line below it and is replaced with
    // it; one of another key was moved here and is not ours to remove.
    assignment.recorded = !record || record->key == name;
    assignment.record = above;
    if (record && record->key == name) entries.orphaned = false;
  }
  entries.assignments.push_back(assignment);
  return true;
}

// Which names a reader without multi-line values would find inside of a value.
void DotenvText::NoteHidden(Span lines, int number) {
  for (size_t at = lines.begin; at < lines.end;) {
    const size_t end = std::min(text_.find('\n', at), lines.end - 1) + 1;
    std::string name;
    size_t name_end = 0;
    if (ValueStart(At({at, end}), name, name_end) != std::string_view::npos) {
      entries_[name].hidden_line = number;
    }
    at = end;
  }
}

// The two cases in which readers would disagree about this key.
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
  // kPresent only if record and value belong together; what anybody changed by
  // hand is foreign, and is not overwritten without `adopt`.
  const auto record = assignment.recorded
                          ? ParseRecordLine(At(assignment.record))
                          : std::nullopt;
  HeldRecord held;
  // An empty check means a version that is not ours: never equal, or two empty
  // texts would vouch for each other.
  if (record && !record->check.empty() &&
      record->check == CheckOf(record->version, value)) {
    held.state = HeldRecord::State::kPresent;
    held.record = record->record;
    held.version = record->version;
    return held;
  }
  // After the record was compared: a value that patform wrote is never empty.
  if (IsEmptyValue(value)) return HeldRecord::Absent();
  held.state = HeldRecord::State::kForeign;
  held.version = ForeignVersion(value);
  held.why = absl::FailedPreconditionError(absl::StrCat(
      Quoted(path_), ", line ", assignment.line, ": ", key,
      record ? " was changed after patform wrote it"
             : " has a value that patform did not write",
      ". Remove the line, deliver to another key, or set adopt = true on this "
      "delivery to replace it."));
  return held;
}

HeldRecord DotenvText::Read(const std::string& key) const {
  const auto found = entries_.find(key);
  return found == entries_.end() ? HeldRecord::Absent()
                                 : Read(key, found->second);
}

absl::StatusOr<DotenvText::Kept> DotenvText::ReadKept(
    const std::string& key) const {
  const HeldRecord held = Read(key);
  if (held.state == HeldRecord::State::kUnknown) return held.why;
  if (held.state == HeldRecord::State::kAbsent) {
    return absl::NotFoundError(
        absl::StrCat(Quoted(path_), " has no value of ", key));
  }
  if (held.state == HeldRecord::State::kPresent) {
    return absl::FailedPreconditionError(absl::StrCat(
        Quoted(path_), ": ", key,
        " is the secret of a token. Keep the sign-in in another place."));
  }
  const Assignment& assignment = entries_.at(key).assignments.front();
  std::string_view value = At(assignment.value);
  // By hand, perhaps, and in quotes. Escapes stay what they are: no refresh
  // token has any.
  if (value.size() >= 2 && value.front() == value.back() &&
      kQuotes.find(value.front()) != std::string_view::npos) {
    value = value.substr(1, value.size() - 2);
  }
  Kept kept;
  kept.value = Secret(value);
  if (assignment.recorded) {
    kept.written_at = KeptTime(At(assignment.record), key);
  }
  return kept;
}

std::map<std::string, HeldRecord> DotenvText::ReadAll() const {
  std::map<std::string, HeldRecord> all;
  for (const auto& [key, entries] : entries_) {
    all.emplace(key, Read(key, entries));
  }
  return all;
}

// Written by hand rather than by a JSON library: the record line has to stay
// one line, with its members in a fixed order. Neither key nor version needs
// escapes.
absl::StatusOr<Secret> DotenvText::With(const std::string& key,
                                        const Secret& value,
                                        const SinkRecord& record,
                                        const std::string& version) const {
  return Edited(
      key, value,
      absl::StrCat("{\"key\":\"", key, "\",\"version\":\"", version,
                   "\",\"check\":\"", CheckOf(version, value.Reveal()),
                   "\",\"record\":", RecordToJson(record), "}"));
}

absl::StatusOr<Secret> DotenvText::WithKept(const std::string& key,
                                            const Secret& value,
                                            absl::Time written_at) const {
  return Edited(key, value,
                absl::StrCat("{\"key\":\"", key, "\",\"kept\":\"",
                             FormatInstant(written_at), "\"}"));
}

absl::StatusOr<Secret> DotenvText::Edited(const std::string& key,
                                          const Secret& value,
                                          const std::string& record) const {
  // The old text stays as it is; the result is a new Secret.
  const auto found = entries_.find(key);
  const Entries none;
  const Entries& entries = found == entries_.end() ? none : found->second;
  PATFORM_RETURN_IF_ERROR(Ambiguous(key, entries));

  PATFORM_RETURN_IF_ERROR(CheckPlain(value.Reveal()));

  // The text falls into: head, comment, record line, start of the line, value,
  // line end, tail.
  std::string_view head = text_, start, comment, tail;
  std::string_view end = "\n";
  if (!entries.assignments.empty()) {
    const Assignment& old = entries.assignments.front();
    PATFORM_RETURN_IF_ERROR(CheckRest(key, old));
    // With its record, which gets replaced as well.
    head = text_.substr(0, old.recorded ? old.record.begin : old.begin);
    // The indentation and `export` as their author wrote them; but a blank
    // beside the `=` is an error to a shell, or part of the value.
    start = At({old.begin, old.name_end});
    const size_t line_end =
        std::min(text_.find('\n', old.value.end), text_.size());
    // docker takes it for a part of the value, so it gets a line of its own.
    comment = CommentIn(At({old.value.end, line_end}));
    if (line_end == text_.size()) end = "";
    tail = text_.substr(std::min(line_end + 1, text_.size()));
  } else {
    start = key;
    if (entries.orphaned) {
      // No assignment, but a record of one that was removed: its place is used
      // again.
      head = text_.substr(0, entries.orphan.begin);
      tail = text_.substr(entries.orphan.end);
    }
  }

  Secret result(head);
  // A file whose last line was not ended: ours begins on a line of its own.
  if (!head.empty() && head != kByteOrderMark && !head.ends_with('\n')) {
    result.Append(line_end_);
  }
  if (!comment.empty()) {
    result.Append(comment);
    result.Append(line_end_);
  }
  result.Append(absl::StrCat(std::string(kRecordStart), record, line_end_));
  const size_t name_at = result.size() + start.size() - key.size();
  result.Append(start);
  result.Append("=");
  result.Append(value.Reveal());
  // Never CR LF: to a shell the CR would be the last character of the value.
  result.Append(end);
  result.Append(tail);
  const std::string why = WhoMisreads(
      result.Reveal(), {key, value.Reveal(), name_at,
                        start.size() > key.size() &&
                            start.find("export") < start.size() - key.size()});
  if (why.empty()) return result;
  return absl::FailedPreconditionError(absl::StrCat(
      Quoted(path_),
      " would not give every program that reads it "
      "the value of ",
      key, ": ", why, ". Change that line, or deliver to another file."));
}

// What is behind the old value on its line, a comment aside, would be lost.
absl::Status DotenvText::CheckRest(const std::string& key,
                                   const Assignment& old) const {
  const std::string_view value = At(old.value);
  bool more = false;
  if (!value.empty() && kQuotes.find(value.front()) != std::string_view::npos) {
    const size_t end = std::min(text_.find('\n', old.value.end), text_.size());
    const std::string_view rest = At({old.value.end, end});
    const size_t next = rest.find_first_not_of(" \t\r");
    more = next != std::string_view::npos && rest[next] != '#';
  } else {
    more = HoldsMore(value);
  }
  if (!more) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      Quoted(path_), ", line ", old.line, ": the line sets more than ", key,
      ", and programs do not agree on what it means. Give ", key,
      " a line of its own."));
}

// A check of a value that is not there yet: any of the same kind reads alike.
absl::Status DotenvText::CheckWith(const std::string& key) const {
  return With(key, Secret(std::string(84, 'x')), SinkRecord(),
              std::string(32, '0'))
      .status();
}

absl::StatusOr<Secret> DotenvText::Without(const std::string& key) const {
  const auto found = entries_.find(key);
  if (found == entries_.end() || found->second.assignments.size() != 1) {
    return absl::FailedPreconditionError(absl::StrCat(
        Quoted(path_), " has no single line that sets ", key, "."));
  }
  const Assignment& old = found->second.assignments.front();
  PATFORM_RETURN_IF_ERROR(CheckRest(key, old));
  const size_t line_end = text_.find('\n', old.value.end);
  Secret result(text_.substr(0, old.recorded ? old.record.begin : old.begin));
  const std::string_view comment =
      CommentIn(At({old.value.end, std::min(line_end, text_.size())}));
  if (!comment.empty()) {
    result.Append(comment);
    result.Append(line_end_);
  }
  if (line_end != std::string_view::npos) {
    result.Append(text_.substr(line_end + 1));
  }
  return result;
}

}  // namespace patform::sinks
