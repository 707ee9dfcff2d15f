// What a large file costs whoever reads it: three texts make one of an eighth
// of a megabyte, the first, the second again and again with each # in it a
// number, and the third. Reading it takes time and says words in proportion,
// whatever they are. A quadratic check shows here as a second and more.
#include <ctime>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "engine/desired/problems.h"
#include "engine/desired/read_desired.h"
#include "tests/fakes/fake_files.h"
#include "tests/fakes/known.h"
#include "tests/fuzz/fuzz.h"

namespace patform {
namespace {

constexpr size_t kBytes = 128 << 10;
// patform reads a megabyte within a second; this is an eighth of that, ten
// times as slow with sanitizers, and a margin for a busy machine.
constexpr double kMostSeconds = 2;
constexpr size_t kMostSaid = 1 << 20;

std::string Filled(const std::vector<std::string>& parts) {
  std::string text = parts[0];
  for (int i = 0; text.size() < kBytes && !parts[1].empty(); ++i) {
    absl::StrAppend(&text, absl::StrReplaceAll(AbslView(parts[1]),
                                               {{"#", absl::StrCat(i)}}));
  }
  return text + parts[2];
}

// Of this thread: what else the machine does is no matter.
double CpuSeconds() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + now.tv_nsec / 1e9;
}

FUZZ_TARGET(std::string_view input) {
  FakeFiles files;
  files.files["patform.toml"] = Filled(fuzz::Parts(input, 3));
  ReadInput read;
  read.path = "patform.toml";
  UseKnown(read);
  read.now = absl::FromUnixSeconds(1'800'000'000);
  const double began = CpuSeconds();
  const ReadResult result = ReadDesired(files, read);
  const std::string text = Render(result.diagnostics);
  const double took = CpuSeconds() - began;
  FUZZ_CHECK(took <= kMostSeconds, absl::StrCat(took, " s"));
  FUZZ_CHECK(text.size() <= kMostSaid, absl::StrCat(text.size(), " bytes"));
}

}  // namespace
}  // namespace patform
