#include "providers/system/signals.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <stdexcept>
#include <thread>

#include "tests/providers/system/child.h"

namespace patform::system {
namespace {

TEST(ForbidDumpsTest, NeitherByTheKernelNorByADebugger) {
  EXPECT_EQ(InChild([] {
              ForbidDumps();
              return prctl(PR_GET_DUMPABLE);
            }),
            0);
  EXPECT_EQ(InChild([] {
              ForbidDumps();
              rlimit core = {1, 1};
              getrlimit(RLIMIT_CORE, &core);
              return core.rlim_cur == 0 && core.rlim_max == 0 ? 0 : 1;
            }),
            0);
}

TEST(SignalsTest, WhichAskToStop) {
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    EXPECT_EQ(InChild([number] {
                InstallSignalHandlers();
                raise(number);
                bool may_stop = true;
                RunToTheEnd([&] { may_stop = MayStopHere(); });
                return StopSignal() == number && MayStopHere() && !may_stop ? 0
                                                                            : 1;
              }),
              0)
        << number;
  }
}

TEST(SignalsTest, WhichAreFailedCalls) {
  for (const int number : {SIGPIPE, SIGXFSZ}) {
    EXPECT_EQ(InChild([number] {
                InstallSignalHandlers();
                raise(number);
                return StopSignal();
              }),
              0)
        << number;
  }
}

TEST(SignalsTest, WhatOnlyReadsEndsAtOnce) {
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    const auto raised = [number](int on, int off) {
      return InChild([=] {
        InstallSignalHandlers();
        for (int i = 0; i < on; ++i) EndAtSignal(true);
        for (int i = 0; i < off; ++i) EndAtSignal(false);
        raise(number);
        return 1;
      });
    };
    EXPECT_EQ(raised(1, 0), 128 + number);
    EXPECT_EQ(raised(2, 1), 128 + number);
    EXPECT_EQ(raised(1, 1), 1);
    EXPECT_EQ(InChild([number] {
                InstallSignalHandlers();
                raise(number);
                EndAtSignal(true);
                return 1;
              }),
              128 + number)
        << "one that came before";
  }
}

TEST(SignalsTest, NohupStays) {
  EXPECT_EQ(InChild([] {
              signal(SIGHUP, SIG_IGN);
              InstallSignalHandlers();
              raise(SIGHUP);
              return StopSignal();
            }),
            0);
}

TEST(RunToTheEndTest, AnExceptionEndsIt) {
  EXPECT_EQ(InChild([] {
              InstallSignalHandlers();
              raise(SIGINT);
              try {
                RunToTheEnd([] { throw std::runtime_error(""); });
              } catch (const std::runtime_error&) {
              }
              return MayStopHere() ? 0 : 1;
            }),
            0);
}

TEST(LastResortTest, NoAbort) {
  EXPECT_EQ(InChild([] {
              InstallLastResort();
              std::thread([] { throw std::runtime_error(""); }).join();
              return 0;
            }),
            1);
}

TEST(SignalsTest, OnlyTheThirdKills) {
  for (const int times : {1, 2, 3}) {
    EXPECT_EQ(InChild([times] {
                InstallSignalHandlers();
                for (int i = 0; i < times; ++i) raise(SIGTERM);
                return 7;
              }),
              times < 3 ? 7 : 128 + SIGTERM)
        << times;
  }
}

}  // namespace
}  // namespace patform::system
