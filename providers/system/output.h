#pragma once

#include <ostream>
#include <streambuf>

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

 private:
  class Buffer : public std::streambuf {
   public:
    explicit Buffer(int fd);

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
