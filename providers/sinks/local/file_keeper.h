#pragma once

#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "engine/ports/secret_sink.h"
#include "providers/sinks/local/commit.h"
#include "providers/sinks/local/directory.h"
#include "providers/sinks/local/file_sink.h"
#include "providers/sinks/row.h"

namespace patform::sinks {

// A file that holds what this program itself reads again, and no record beside
// it. Its version is that of file_sink.h, and so is its replacement: another
// run, or another program, that writes it meanwhile is noticed.
class FileKeeper : public SecretKeeper {
 public:
  FileKeeper(Root root, FileSink::Options options)
      : root_(std::move(root)), options_(options) {}

  absl::StatusOr<KeptSecret> Read(const Delivery& place,
                                  Deadline deadline) override;
  absl::Status Replace(const Delivery& place, const Secret& value,
                       const std::string& expected, Deadline deadline) override;

 private:
  const Root root_;
  const FileSink::Options options_;
  Leftovers leftovers_;
};

absl::StatusOr<std::unique_ptr<SecretKeeper>> OpenFileKeeper(
    const Opening& opening);

}  // namespace patform::sinks
