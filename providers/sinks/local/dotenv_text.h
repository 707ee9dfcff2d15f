#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/base/secret.h"
#include "engine/model/record.h"

// Files of KEY=value lines, as far as all their dialects agree:
//
//     # patform: {"key":"NUGET_PAT","version":"…","check":"…","record":{…}}
//     export NUGET_PAT=…
//
// The record is a comment on the line right above, so that one rename changes
// both. `version` is random and new with every write; it is what compare-and-
// set compares, so that the other entries of the file may come and go. `check`
// is a hash of the value, keyed by `version`: it detects a value that was
// edited by hand under our record. Beside the value itself it gives nothing
// away, and it is written nowhere else. Above a value that this program keeps
// for itself the comment is {"key":"…","kept":"TIME"}.
//
// No library does this: dotenv parsers read one dialect each, and none changes
// one value and leaves every other byte as it was.
namespace patform::sinks {

class DotenvText {
 public:
  // `text` must outlive this object; `path` is for messages.
  // kFailedPrecondition: a quote is opened and never closed, so that no two
  // programs would agree on what the file means.
  static absl::StatusOr<DotenvText> Parse(std::string_view text,
                                          std::string path);

  // What the file holds under `key`. An entry without a value, and a record
  // without its entry, are as good as none. kUnknown: it is there twice, or
  // inside of another value.
  HeldRecord Read(const std::string& key) const;
  // The same for every key that the file may hold; any other is absent.
  std::map<std::string, HeldRecord> ReadAll() const;

  // The file with `value` and `record` under `key`; every other line stays as
  // it was. The line itself keeps its indentation and `export`; it loses its
  // quotes, blanks beside `=` and a CR at its end, and a comment behind it
  // moves to a line above, so that all readers find exactly `value`. `version`:
  // 32 hexadecimal digits. kInvalidArgument for a value that needs quotes;
  // kFailedPrecondition where Read answers kUnknown, and where some reader
  // would find another value, or none.
  absl::StatusOr<Secret> With(const std::string& key, const Secret& value,
                              const SinkRecord& record,
                              const std::string& version) const;
  // A value that this program reads back itself (SecretKeeper), and when it was
  // written; InfinitePast(): by somebody else. kNotFound: absent, or empty.
  // kFailedPrecondition: as kUnknown of Read, or it is the secret of a token.
  struct Kept {
    Secret value;
    absl::Time written_at = absl::InfinitePast();
  };
  absl::StatusOr<Kept> ReadKept(const std::string& key) const;
  // As With(), for such a value; the comment above it has only the time.
  absl::StatusOr<Secret> WithKept(const std::string& key, const Secret& value,
                                  absl::Time written_at) const;
  // Would With() succeed for a value that is not there yet?
  absl::Status CheckWith(const std::string& key) const;
  // The file without the line of `key` and its record; a comment behind the
  // value stays. kFailedPrecondition: there is not exactly one such line.
  absl::StatusOr<Secret> Without(const std::string& key) const;

 private:
  struct Span {
    size_t begin = 0;
    size_t end = 0;
  };
  struct Assignment {
    int line = 0;           // where it begins, from 1
    size_t begin = 0;       // of its first line
    size_t name_end = 0;    // just behind the name
    Span value;             // with its quotes
    bool recorded = false;  // the line above is a record for its key
    Span record;            // that line, with its end
  };
  // What can be known of one key.
  struct Entries {
    std::vector<Assignment> assignments;
    int hidden_line = 0;  // the value that has a line like it inside; or 0
    bool orphaned = false;
    Span orphan;  // a record with no assignment below it
  };

  DotenvText(std::string_view text, std::string path);
  absl::Status Scan();
  // Reads the assignment whose line is `line`; false: it is none. Sets `next`
  // to the line after it.
  absl::StatusOr<bool> ScanAssignment(Span line, int number, Span above,
                                      size_t& next);
  void NoteHidden(Span lines, int number);
  std::string_view At(Span span) const;
  absl::StatusOr<Secret> Edited(const std::string& key, const Secret& value,
                                const std::string& comment) const;
  absl::Status Ambiguous(const std::string& key, const Entries& entries) const;
  absl::Status CheckRest(const std::string& key, const Assignment& old) const;
  HeldRecord Read(const std::string& key, const Entries& entries) const;

  std::string_view text_;
  std::string path_;
  std::string line_end_ = "\n";
  std::map<std::string, Entries> entries_;
};

}  // namespace patform::sinks
