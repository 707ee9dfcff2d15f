#include "providers/system/output.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <string>

#include "providers/system/signals.h"
#include "tests/providers/system/child.h"

namespace patform::system {
namespace {

TEST(OutputTest, WritesAllInOrder) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const std::string text =
      std::string(9000, 'x') + "\n" + std::string(20'000, 'y') + "end";
  {
    Output out(ends[1]);
    out << text.substr(0, 9001) << std::flush << text.substr(9001);
    EXPECT_TRUE(out.good());
  }
  close(ends[1]);
  std::string read_back;
  char buffer[4096];
  for (ssize_t n; (n = read(ends[0], buffer, sizeof(buffer))) > 0;) {
    read_back.append(buffer, static_cast<size_t>(n));
  }
  close(ends[0]);
  EXPECT_EQ(read_back, text);
}

TEST(OutputTest, AReaderThatWentAwayIsNoFault) {
  EXPECT_EQ(InChild([] {
              signal(SIGPIPE, SIG_IGN);
              int ends[2];
              if (pipe(ends) != 0) return 1;
              close(ends[0]);
              Output out(ends[1]);
              out << std::string(100'000, 'x') << std::flush << "more"
                  << std::flush;
              return out.good() ? 0 : 2;
            }),
            0);
}

TEST(OutputTest, AnythingElseIs) {
  Output full(open("/dev/full", O_WRONLY | O_CLOEXEC));
  full << "x";
  EXPECT_TRUE(full.good());
  full << std::flush;
  EXPECT_FALSE(full.good());
  Output closed(-1);
  closed << "x" << std::flush;
  EXPECT_FALSE(closed.good());
}

// `patform plan >&- 2>&-`: what is opened next is neither of them.
TEST(OutputTest, ClosedStreamsStayClosed) {
  EXPECT_EQ(InChild([] {
              for (int fd = 0; fd <= 2; ++fd) close(fd);
              OpenStandardStreams();
              const int next = open("/dev/null", O_RDWR | O_CLOEXEC);
              char byte = 0;
              if (next <= 2) return 1;
              if (read(0, &byte, 1) != -1) return 2;
              Output out(1);
              out << "x" << std::flush;
              return out.good() ? 3 : 0;
            }),
            0);
}

TEST(OutputTest, AFileThatMayNotGrow) {
  const std::string path = testing::TempDir() + "patform-output";
  EXPECT_EQ(InChild([&path] {
              InstallSignalHandlers();
              const rlimit limit = {4, 4};
              setrlimit(RLIMIT_FSIZE, &limit);
              Output out(open(path.c_str(), O_WRONLY | O_CREAT, 0600));
              out << "1234" << std::flush;
              if (!out.good()) return 1;
              out << "5" << std::flush;
              return out.good() ? 2 : 0;
            }),
            0);
  unlink(path.c_str());
}

}  // namespace
}  // namespace patform::system
