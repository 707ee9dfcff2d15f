#include "providers/system/program.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/providers/system/child.h"

namespace patform::system {
namespace {

Deadline In(std::chrono::milliseconds span) {
  return std::chrono::steady_clock::now() + span;
}
Deadline Soon() { return In(std::chrono::seconds(60)); }

absl::StatusOr<ProgramResult> RunIt(const ProgramCall& call,
                                    Deadline deadline = Soon()) {
  return SystemPrograms([] { return false; }).Run(call, deadline);
}

ProgramCall Shell(const std::string& script) {
  return {.words = {"sh", "-c", script}};
}

// "0 out|err", or the error.
std::string Dump(const absl::StatusOr<ProgramResult>& result) {
  if (!result.ok()) return result.status().ToString();
  return absl::StrCat(result->exit_code, " ", std::string(result->out.Reveal()),
                      "|", result->errors);
}

// A folder that goes with the test.
class Folder {
 public:
  Folder() { EXPECT_NE(mkdtemp(path_), nullptr); }
  ~Folder() { EXPECT_EQ(::system(absl::StrCat("rm -rf ", path_).c_str()), 0); }
  std::string Write(const std::string& name, const std::string& text,
                    mode_t mode) {
    const std::string file = absl::StrCat(path_, "/", name);
    std::ofstream(file) << text;
    EXPECT_EQ(chmod(file.c_str(), mode), 0);
    return file;
  }
  std::string path() const { return path_; }

 private:
  char path_[32] = "/tmp/program_test.XXXXXX";
};

TEST(Program, GivesBothOutputsAndTheExitCode) {
  const struct {
    const char* script;
    const char* want;
  } kCases[] = {
      {"echo hello", "0 hello\n|"},
      {"echo no >&2; exit 3", "3 |no\n"},
      {"kill -9 $$", "137 |"},
      {"cat", "0 |"},  // nothing is given, and it is no terminal
      {"head -c 200000 /dev/zero | tr '\\0' a | wc -c", "0 200000\n|"},
  };
  for (const auto& each : kCases) {
    EXPECT_EQ(Dump(RunIt(Shell(each.script))), each.want) << each.script;
  }
}

TEST(Program, NoShellReadsItsWords) {
  EXPECT_EQ(Dump(RunIt({.words = {"echo", "$HOME;", "`id`", "*"}})),
            "0 $HOME; `id` *\n|");
}

// Whatever a pipe holds at once: 64 KiB. In a process of its own, because the
// allocator remembers what was large.
Secret LargeInput() {
  Secret input;
  for (int i = 0; i < 30000; ++i) input.Append("0123456789");
  return input;
}

TEST(Program, GivesTheInputWholeAndClosesIt) {
  EXPECT_EQ(InChild([] {
              const Secret input = LargeInput();
              const ProgramCall call{.words = {"cat"}, .input = &input};
              const absl::StatusOr<ProgramResult> result = RunIt(call);
              return result.ok() && result->out.Reveal() == input.Reveal() ? 7
                                                                           : 8;
            }),
            7);
}

TEST(Program, AnInputThatIsNotReadIsNoFault) {
  // In a process where nobody has taken care of SIGPIPE.
  EXPECT_EQ(InChild([] {
              signal(SIGPIPE, SIG_DFL);
              const Secret input = LargeInput();
              ProgramCall call = Shell("exec <&-; echo done");
              call.input = &input;
              return Dump(RunIt(call)) == "0 done\n|" ? 7 : 8;
            }),
            7);
}

TEST(Program, ExpectsSignalsAsUsual) {
  // Ignored here, as in the real program; a pipeline of a shell needs them.
  EXPECT_EQ(InChild([] {
              signal(SIGPIPE, SIG_IGN);
              const std::string seen =
                  Dump(RunIt(Shell("kill -PIPE $$; echo still here")));
              return seen == "141 |" ? 7 : 8;
            }),
            7);
}

TEST(Program, GetsNoVariableOfOursAndNoneWithASecretOfOurs) {
  setenv("PATFORM_ACCESS_TOKEN", "a-bearer-of-some-length", 1);
  setenv("PATFORM_CONFIG", "a-configuration-somewhere", 1);
  setenv("TEST_BEARER", "Bearer a-bearer-of-some-length", 1);
  setenv("TEST_CONFIG", "a-configuration-somewhere", 1);
  ProgramCall call{.words = {"env"}};
  call.variables = {"PATFORM_NAME=ci", "TEST_SET=new"};
  setenv("TEST_SET", "old", 1);
  const absl::StatusOr<ProgramResult> result = RunIt(call);
  for (const char* name : {"PATFORM_ACCESS_TOKEN", "PATFORM_CONFIG",
                           "TEST_BEARER", "TEST_CONFIG", "TEST_SET"}) {
    unsetenv(name);
  }
  ASSERT_TRUE(result.ok()) << result.status();
  const std::string seen(result->out.Reveal());
  EXPECT_EQ(seen.find("bearer"), seen.npos);
  EXPECT_EQ(seen.find("PATFORM_CONFIG"), seen.npos);
  EXPECT_EQ(seen.find("=old"), seen.npos);
  for (const char* kept : {"TEST_CONFIG=a-configuration-somewhere\n",
                           "PATFORM_NAME=ci\n", "TEST_SET=new\n", "PATH="}) {
    EXPECT_NE(seen.find(kept), seen.npos) << kept;
  }
}

TEST(Program, GetsNoOtherDescriptorAndNoCoreDump) {
  const int open_here = open("/dev/null", O_RDONLY);  // without O_CLOEXEC
  ASSERT_GE(fcntl(open_here, F_DUPFD, 50), 50);
  EXPECT_EQ(Dump(RunIt(Shell("for d in 3 4 5 6 7 8 9 50; do "
                             "[ -e /proc/$$/fd/$d ] && echo $d; done; "
                             "ulimit -c"))),
            "0 0\n|");
  close(50);
  close(open_here);
}

TEST(Program, EndsWithAllThatItStartedAtTheDeadline) {
  const Folder folder;
  const std::string fifo = absl::StrCat(folder.path(), "/alive");
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  const int reader = open(fifo.c_str(), O_RDONLY | O_NONBLOCK);
  ASSERT_GE(reader, 0);
  const absl::StatusOr<ProgramResult> result =
      RunIt(Shell(absl::StrCat("trap '' TERM; (trap '' TERM; exec 3>", fifo,
                               "; echo up >&3; tail -f /dev/null) & "
                               "tail -f /dev/null")),
            In(std::chrono::milliseconds(300)));
  EXPECT_EQ(result.status(),
            absl::DeadlineExceededError("it did not end in time"));
  fcntl(reader, F_SETFL, 0);
  char text[16];
  // "up", then the end of the file: this returns when the writer is gone.
  while (read(reader, text, sizeof(text)) > 0) continue;
  close(reader);
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);  // and no zombie
}

TEST(Program, EndsWhenTheUserInterrupts) {
  std::atomic<int> asked = 0;
  SystemPrograms programs([&] { return ++asked > 2; });
  EXPECT_EQ(
      programs.Run({.words = {"tail", "-f", "/dev/null"}}, Soon()).status(),
      absl::CancelledError("interrupted"));
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);
}

TEST(Program, DoesNotWaitForADaemonThatKeepsTheOutput) {
  const Folder folder;
  const std::string pid = absl::StrCat(folder.path(), "/pid");
  EXPECT_EQ(Dump(RunIt(Shell(absl::StrCat(
                "setsid tail -f /dev/null & echo $! >", pid, "; echo done")))),
            "0 done\n|");
  pid_t daemon = 0;
  std::ifstream(pid) >> daemon;
  ASSERT_GT(daemon, 0);
  EXPECT_EQ(kill(daemon, SIGKILL), 0);
}

TEST(Program, PrintsNoMoreThanAllowed) {
  for (const char* script : {"cat /dev/zero", "cat /dev/zero >&2"}) {
    ProgramCall call = Shell(script);
    call.max_output = 50000;
    EXPECT_EQ(RunIt(call).status(),
              absl::ResourceExhaustedError("it printed more than 50000 bytes"));
  }
}

TEST(Program, IsLookedForInAbsoluteEntriesOfPath) {
  Folder folder;
  const std::string tool = folder.Write("tool", "#!/bin/sh\necho ran\n", 0755);
  const std::string plain = folder.Write("plain", "text\n", 0644);
  const struct {
    std::string word;
    std::string path;
    std::string want;
  } kCases[] = {
      {"tool", absl::StrCat("/nowhere:", folder.path()), tool},
      {"tool", absl::StrCat(folder.path(), "/"),
       absl::StrCat(folder.path(), "//tool")},
      {"tool", "/nowhere", "NOT_FOUND: there is no program tool in PATH"},
      {"tool", ":.:bin", "NOT_FOUND: there is no program tool in PATH"},
      {"plain", folder.path(),
       absl::StrCat("PERMISSION_DENIED: ", plain,
                    " is not a program that may be run")},
      {tool, "", tool},
      {"", folder.path(), "NOT_FOUND: there is no program  in PATH"},
  };
  for (const auto& each : kCases) {
    const absl::StatusOr<std::string> found = FindProgram(each.word, each.path);
    EXPECT_EQ(found.ok() ? *found : found.status().ToString(), each.want);
  }
  EXPECT_EQ(Dump(RunIt({.words = {tool}})), "0 ran\n|");
}

TEST(Program, SaysWhyItCannotBeRun) {
  Folder folder;
  const std::string empty = folder.Write("empty",
                                         "\x7f"
                                         "ELF",
                                         0755);
  EXPECT_EQ(Dump(RunIt({.words = {"no-such-program-anywhere"}})),
            "NOT_FOUND: there is no program no-such-program-anywhere in PATH");
  EXPECT_EQ(Dump(RunIt({.words = {"/nowhere/tool"}})),
            "NOT_FOUND: the program /nowhere/tool cannot be run: No such file "
            "or directory");
  EXPECT_EQ(Dump(RunIt({.words = {empty}})),
            absl::StrCat("PERMISSION_DENIED: the program ", empty,
                         " cannot be run: Exec format error"));
  EXPECT_EQ(Dump(RunIt({.words = {folder.path()}})),
            absl::StrCat("PERMISSION_DENIED: the program ", folder.path(),
                         " cannot be run: Permission denied"));
  EXPECT_EQ(Dump(RunIt({})), "INVALID_ARGUMENT: there is no program to run");
}

// It is not waited for, and has nothing of this process's: its streams are
// those of nobody, its session its own.
TEST(Program, MayBeLeft) {
  const Folder folder;
  const std::string fifo = absl::StrCat(folder.path(), "/fifo");
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  SystemPrograms programs([] { return false; });
  ASSERT_TRUE(programs
                  .Leave(Shell(absl::StrCat(
                      "out=$(readlink /proc/$$/fd/0 /proc/$$/fd/1 "
                      "/proc/$$/fd/2); read -r _ _ _ _ _ session _ "
                      "< /proc/$$/stat; [ $session = $$ ] && own=own; "
                      "echo $out $own > ",
                      fifo)))
                  .ok());
  std::string line;
  std::getline(std::ifstream(fifo), line);
  EXPECT_EQ(line, "/dev/null /dev/null /dev/null own");
  EXPECT_EQ(programs.Leave({.words = {"no-such-program-anywhere"}}).ToString(),
            "NOT_FOUND: there is no program no-such-program-anywhere in PATH");
  EXPECT_EQ(programs.Leave({}).ToString(),
            "INVALID_ARGUMENT: there is no program to run");
}

// In a process of its own: what threads do to the allocator stays.
TEST(Program, ManyAtOnce) {
  EXPECT_EQ(InChild([] {
              std::vector<std::thread> threads;
              std::atomic<int> good = 0;
              for (int i = 0; i < 8; ++i) {
                threads.emplace_back([&good, i] {
                  const Secret input(absl::StrCat("input ", i));
                  const ProgramCall call{.words = {"cat"}, .input = &input};
                  good += Dump(RunIt(call)) == absl::StrCat("0 input ", i, "|");
                });
              }
              for (std::thread& thread : threads) thread.join();
              return good.load();
            }),
            8);
}

}  // namespace
}  // namespace patform::system
