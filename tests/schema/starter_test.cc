// `init` with any sink and any sign-in writes a file that is valid as it is.
#include "engine/desired/starter.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "engine/base/diagnostic.h"
#include "engine/desired/read_desired.h"
#include "engine/desired/schemas.h"
#include "providers/entra/sources.h"
#include "providers/sinks/sinks.h"
#include "tests/fakes/fake_files.h"

namespace patform {
namespace {

std::string Faults(const std::string& starter) {
  FakeFiles files;
  files.files["patform.toml"] = starter;
  sinks::KnownSinks sinks;
  ReadInput input;
  input.path = "patform.toml";
  input.now = absl::FromUnixSeconds(1796000000);
  input.sink_types = sinks.Types();
  input.canonical = [&sinks](const SinkConfig& config) {
    return sinks.Canonical(config);
  };
  input.auth_sources = entra::Sources();
  const ReadResult read = ReadDesired(files, input);
  return read.state ? "" : Render(read.diagnostics);
}

TEST(StarterTest, ItsOwn) {
  EXPECT_EQ(StarterWith(nullptr, nullptr).value_or("?"), StarterFile());
  EXPECT_EQ(Faults(StarterFile()), "");
}

TEST(StarterTest, AnySinkAndAnySignIn) {
  sinks::KnownSinks sinks;
  for (const SinkType& sink : sinks.Types()) {
    for (const SettingsType& source : entra::Sources()) {
      const auto starter = StarterWith(&sink, &source);
      if (!starter.ok()) {
        EXPECT_TRUE(!sink.can.keeps_record || !sink.can.gives_back)
            << starter.status();
        continue;
      }
      EXPECT_EQ(Faults(*starter), "") << *starter;
      EXPECT_NE(starter->find(absl::StrCat("type = \"", sink.name, "\"")),
                std::string::npos);
      EXPECT_NE(starter->find(absl::StrCat("source = \"", source.name, "\"")),
                std::string::npos);
    }
  }
}

}  // namespace
}  // namespace patform
