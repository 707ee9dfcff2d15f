#include "providers/system/output.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string_view>

#include "absl/strings/str_cat.h"

namespace patform::system {

void OpenStandardStreams() {
  // The wrong way round: a read of 0 and a write to 1 fail, with EBADF.
  constexpr int kModes[] = {O_WRONLY, O_RDONLY, O_RDWR};
  for (int fd = 0; fd <= STDERR_FILENO; ++fd) {
    if (fcntl(fd, F_GETFD) >= 0) continue;
    // The lowest number that is free, which is this one.
    [[maybe_unused]] const int opened = open("/dev/null", kModes[fd]);
  }
}

// The stream needs a buffer that does not exist before the members do.
Output::Output(int fd) : std::ostream(nullptr), buffer_(fd) { rdbuf(&buffer_); }

Output::~Output() { flush(); }

Output::Buffer::Buffer(int fd) : fd_(fd) {
  setp(bytes_, bytes_ + sizeof(bytes_));
}

// Called when the buffer is full; `c` is the byte that found no room.
Output::Buffer::int_type Output::Buffer::overflow(int_type c) {
  if (sync() != 0) return traits_type::eof();
  if (!traits_type::eq_int_type(c, traits_type::eof())) {
    *pptr() = traits_type::to_char_type(c);
    pbump(1);
  }
  return traits_type::not_eof(c);
}

int Output::Buffer::sync() {
  const char* at = pbase();
  // After the reader went away (`patform plan | head`), everything is dropped
  // in silence: that is not a failure of the program.
  while (at < pptr() && !closed_) {
    const ssize_t n = ::write(fd_, at, static_cast<size_t>(pptr() - at));
    if (n >= 0) {
      at += n;
    } else if (errno == EPIPE) {
      closed_ = true;
    } else if (errno != EINTR) {
      // Dropped as well, or the same bytes would fail again at each flush.
      setp(bytes_, bytes_ + sizeof(bytes_));
      return -1;
    }
  }
  setp(bytes_, bytes_ + sizeof(bytes_));
  return 0;
}

// A regular file would keep what an agent takes out of a pipe.
absl::Status Output::WriteLines(const Secret& lines) {
  struct stat info;
  if (fstat(buffer_.fd(), &info) != 0 || S_ISREG(info.st_mode)) {
    return absl::FailedPreconditionError(
        "standard output is a file, which would keep the secret");
  }
  flush();
  if (!good()) {
    return absl::FailedPreconditionError("standard output cannot be written");
  }
  // A pipe takes what fits: whoever waits for the rest has seen a part.
  std::string_view rest = lines.Reveal();
  while (!rest.empty()) {
    const ssize_t n = ::write(buffer_.fd(), rest.data(), rest.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && rest.size() == lines.size()) {
      return absl::FailedPreconditionError(
          absl::StrCat("standard output cannot be written: ", strerror(errno)));
    }
    if (n < 0) {
      return absl::UnknownError(
          absl::StrCat("standard output took only a part: ", strerror(errno)));
    }
    rest.remove_prefix(static_cast<size_t>(n));
  }
  return absl::OkStatus();
}

}  // namespace patform::system
