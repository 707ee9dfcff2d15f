// The model checker: explores every setup of trials.inc and says what it saw.
//
//     model_main [--deep] [--only NAME] [--setup WORDS] [--states N] [--jobs N]
//
// Ends with the lines that tests/run.sh reads.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/model/explore.h"
#include "tests/model/setups.h"

namespace patform::model {
namespace {

struct Totals {
  std::mutex mutex;
  int passed = 0, failed = 0, mutants = 0, limits = 0, violations = 0;
  int64_t states = 0, transitions = 0, terminal = 0;
};

void Try(const Trial& trial, int64_t most_states, bool verbose,
         Totals& totals) {
  const auto start = std::chrono::steady_clock::now();
  const Found found = Explore(trial.setup, most_states);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
          .count();
  const bool mutant = trial.setup.mutant != Mutant::kNone;
  const bool breaks = !trial.breaks.empty();
  const bool passed =
      breaks ? found.broken.compare(0, trial.breaks.size(), trial.breaks) == 0
             : found.broken.empty() && found.complete;
  std::string text = absl::StrFormat(
      "%s: %s: %d states, %d transitions, %d terminal components, at most %d "
      "live (%.1f s)\n",
      passed ? "ok" : "FAILED", trial.setup.name, found.states,
      found.transitions, found.terminal, found.most_live, seconds);
  if (breaks) {
    absl::StrAppend(&text, "    ",
                    found.broken.empty() ? "was to break and did not"
                    : mutant             ? "caught: "
                                         : "does not hold: ",
                    found.broken, "\n");
  } else if (!found.broken.empty()) {
    absl::StrAppend(&text, "    broken: ", found.broken, "\n");
  } else if (!found.complete) {
    absl::StrAppend(&text, "    did not come to an end\n");
  }
  if (verbose || breaks || !passed) {
    for (const std::string& line : found.trace) {
      absl::StrAppend(&text, "      ", line, "\n");
    }
  }
  std::lock_guard<std::mutex> lock(totals.mutex);
  ++(passed ? totals.passed : totals.failed);
  if (breaks) {
    ++(mutant ? totals.mutants : totals.limits);
  } else {
    totals.states += found.states;
    totals.transitions += found.transitions;
    totals.terminal += found.terminal;
    totals.violations += found.broken.empty() ? 0 : 1;
  }
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

int Main(int argc, char** argv) {
  bool deep = false;
  std::string only, words;
  int64_t most_states = 40'000'000;
  int jobs = 2;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const char* const value = i + 1 < argc ? argv[i + 1] : "";
    if (word == "--deep") {
      deep = true;
      continue;
    }
    ++i;
    if (word == "--only") {
      only = value;
    } else if (word == "--setup") {
      words = value;
    } else if (word == "--states") {
      most_states = std::atoll(value);
    } else if (word == "--jobs") {
      jobs = std::atoi(value);
    } else {
      std::fprintf(stderr, "model_main: not known: %s\n", word.c_str());
      return 3;
    }
  }
  Totals totals;
  if (!words.empty()) {
    Trial trial;
    std::string error;
    trial.setup = ParseSetup(words, words, &error);
    if (!error.empty()) {
      std::fprintf(stderr, "model_main: %s\n", error.c_str());
      return 3;
    }
    Try(trial, most_states, true, totals);
    return totals.failed > 0 ? 1 : 0;
  }
  std::vector<const Trial*> chosen;
  for (const Trial& trial : Trials()) {
    if (trial.deep && !deep) continue;
    if (!only.empty() && trial.setup.name != only) continue;
    chosen.push_back(&trial);
  }
  std::atomic<size_t> next = 0;
  const auto work = [&] {
    for (size_t i = next++; i < chosen.size(); i = next++) {
      Try(*chosen[i], most_states, false, totals);
    }
  };
  std::vector<std::thread> others;
  for (int i = 1; i < jobs; ++i) others.emplace_back(work);
  work();
  for (std::thread& other : others) other.join();
  std::printf("figure states=%lld\nfigure transitions=%lld\n",
              static_cast<long long>(totals.states),
              static_cast<long long>(totals.transitions));
  std::printf("figure terminal=%lld\nfigure violations=%d\n",
              static_cast<long long>(totals.terminal), totals.violations);
  std::printf("figure mutants=%d\nfigure limits=%d\n", totals.mutants,
              totals.limits);
  std::printf("%d passed, %d failed\n", totals.passed, totals.failed);
  return totals.failed > 0 || chosen.empty() ? 1 : 0;
}

}  // namespace
}  // namespace patform::model

int main(int argc, char** argv) { return patform::model::Main(argc, argv); }
