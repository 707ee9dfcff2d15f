#pragma once

#include <sys/stat.h>

#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "engine/base/clock.h"
#include "engine/ports/secret_sink.h"
#include "providers/sinks/local/commit.h"
#include "providers/sinks/local/directory.h"
#include "providers/sinks/row.h"

// The sink type "file": one file per secret, its record beside it.
//
// The secret and the record must change in one step, but they are two files
// and no file system renames two at once. What makes one step of it:
//
//   - A file's *version* is its size and its time of modification, down to the
//     nanosecond, of which patform picks the fraction of a second at random.
//     It distinguishes one content from the next without reading either, and
//     another program that writes the file changes it.
//   - The record's file, .NAME.patform.json, may hold several records, each
//     with the version of the data that it describes. It is written first, with
//     the record of the data that is there now and the record of the data that
//     is about to be; so it is true before, during and after the change.
//   - The rename of the data file is the commit.
//
//     1  .NAME.patform-tmp-R1   the secret, given its time, on disk: its
//                               version is known
//     2  .NAME.patform-tmp-R2   the records {now, next}, on disk
//     3  rename R2 -> .NAME.patform.json      still describes the old data
//     4  rename R1 -> NAME                    the commit
//
// A reader looks at the data file (it never opens it) and takes the record
// whose version is that file's. Stopped before 4: the old version, the old
// record. After 4: both new. No data file: absent, whatever records lie there.
// Data without its record: somebody else wrote it, patform's hands are off.
//
// Runs exclude each other by a lock on the directory, which the threads of one
// run share for different files (directory_lock.h). Readers take none:
// one that finds no record looks at the data again, for if that has changed
// meanwhile it has only been overtaken.
namespace patform::sinks {

// Read() never opens the file with the secret.
class FileReader : public RecordReader {
 public:
  // `root`: from NormalRoot.
  explicit FileReader(Root root) : root_(std::move(root)) {}
  HeldRecord Read(const Delivery& place, Deadline deadline) override;
  // Of all files below the root.
  std::vector<StrayPlace> Recorded(const std::set<std::string>& ats,
                                   Deadline deadline) override;

 private:
  const Root root_;
};

class FileSink : public SecretSink {
 public:
  struct Options {
    bool newline = false;  // end the file with a line feed
    mode_t mode = 0600;    // or 0640
  };

  // kInvalidArgument: a mode that no secret may have.
  static absl::StatusOr<Options> OptionsOf(const SinkConfig& config);

  FileSink(Root root, Options options)
      : root_(std::move(root)), options_(options) {}

  // Also removes what runs that died have left in that directory.
  HeldRecord Read(const Delivery& place, Deadline deadline) override;
  absl::Status Check(const Delivery& place, Deadline deadline) override;
  absl::StatusOr<std::string> Put(const Delivery& place, const Secret& value,
                                  const SinkRecord& record,
                                  const std::string& expected,
                                  Deadline deadline) override;
  absl::Status Remove(const Delivery& place, const std::string& expected,
                      Deadline deadline) override;
  void Tidy(absl::Span<const Delivery* const> places,
            Deadline deadline) override;

 private:
  const Root root_;
  const Options options_;
  Leftovers leftovers_;
};

// kInvalidArgument: it has a key, or its `at` cannot be a file.
absl::StatusOr<FilePath> FilePathOfFile(const Delivery& delivery);

Row FileRow();

}  // namespace patform::sinks
