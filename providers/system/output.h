#pragma once

#include <ostream>
#include <streambuf>

#include "absl/status/status.h"
#include "engine/base/secret.h"

namespace patform::system {

// Opens those of the descriptors 0, 1 and 2 that are closed (`patform … >&-`),
// so that no file and no connection gets their number, and with it what was
// meant for a person. Reading from and writing to them fails as before; what
// goes to a closed standard error is dropped.
void OpenStandardStreams();

// Writes to a descriptor; needs no memory of its own. A reader that went away
// (EPIPE) is not a fault: what it would have read is dropped. Any other failure
// leaves the stream bad.
class Output : public std::ostream {
 public:
  explicit Output(int fd);
  ~Output() override;

  // Writes `lines` behind what was written so far, past the buffer, which
  // nobody wipes. Of none nothing, but the errors are the same.
  // kFailedPrecondition: it is a file, which would keep them, or nobody reads;
  // nothing of them was written. kUnknown: a part of them was.
  absl::Status WriteLines(const Secret& lines);

 private:
  class Buffer : public std::streambuf {
   public:
    explicit Buffer(int fd);

    int fd() const { return fd_; }

   protected:
    int_type overflow(int_type c) override;
    int sync() override;

   private:
    const int fd_;
    bool closed_ = false;  // nobody reads
    char bytes_[8192];
  };

  Buffer buffer_;
};

}  // namespace patform::system
