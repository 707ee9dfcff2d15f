#pragma once

#include <ostream>
#include <streambuf>

namespace patform::system {

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
