#include "providers/emulator/flags.h"

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "engine/base/strings.h"
#include "gtest/gtest.h"
#include "providers/emulator/tokens/wire.h"

namespace patform::emulator {
namespace {

TEST(Flags, Defaults) {
  const auto flags = ParseFlags({});
  ASSERT_TRUE(flags.ok());
  EXPECT_EQ(flags->port, 8443);
  EXPECT_EQ(flags->host, "127.0.0.1");
  EXPECT_EQ(flags->organizations, std::vector<std::string>{"contoso"});
  EXPECT_EQ(flags->tls_cert_out, "patform-emulator.pem");
  EXPECT_FALSE(flags->now);
}

TEST(Flags, AllOfThem) {
  const auto flags = ParseFlags(
      {"--port=0", "--host", "localhost", "--ready-file", "/x/ready.json",
       "--data", "d", "--organization", "a", "--organization=b", "--now",
       "2026-11-23T10:00:00Z", "--set", "names=html", "--set=list_top=20"});
  ASSERT_TRUE(flags.ok()) << flags.status();
  EXPECT_EQ(flags->port, 0);
  EXPECT_EQ(flags->host, "127.0.0.1");
  EXPECT_EQ(flags->tls_cert_out, "/x/patform-emulator.pem");
  EXPECT_EQ(flags->data, "d");
  EXPECT_EQ(flags->organizations, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(FormatTicks(ToTicks(*flags->now)), "2026-11-23T10:00:00Z");
  EXPECT_TRUE(flags->switches.Is("names", "html"));
  EXPECT_EQ(flags->switches.Number("list_top"), 20);
}

TEST(Flags, MistakesAreSaid) {
  const struct {
    std::vector<std::string> arguments;
    const char* want;
  } rows[] = {
      {{"--prot", "1"}, "there is no flag --prot; did you mean --port?"},
      {{"plan"}, "there is no flag plan; --help lists them"},
      {{"--port"}, "--port needs a value"},
      {{"--port", "http"}, "--port http is not a number from 0 to 65535"},
      {{"--port", "65536"}, "--port 65536 is not a number from 0 to 65535"},
      {{"--host", "0.0.0.0"},
       "--host 0.0.0.0 is refused: this service gives bearers to anybody who "
       "asks, so it listens only on this machine. Use 127.0.0.1 or ::1."},
      {{"--host", "example.com"},
       "--host example.com is refused: this service gives bearers to anybody "
       "who asks, so it listens only on this machine. Use 127.0.0.1 or ::1."},
      {{"--now", "soon"},
       "--now soon is not a time such as 2026-11-23T10:00:00Z"},
      {{"--set", "names"}, "--set names is not of the form NAME=VALUE"},
      {{"--set", "names=other"},
       "the switch names cannot be \"other\"; it can be sent, html, lower, "
       "upper, decomposed, composed, trimmed, cut"},
      {{"--plain", "--tls-cert-out", "x"},
       "--plain and --tls-cert-out exclude each other: without TLS there is "
       "no certificate"},
  };
  for (const auto& row : rows) {
    const auto flags = ParseFlags(row.arguments);
    ASSERT_FALSE(flags.ok()) << row.want;
    EXPECT_EQ(StdView(flags.status().message()), row.want);
  }
}

TEST(Flags, HelpNamesEverySwitch) {
  const std::string help = HelpText();
  for (const SwitchSpec& spec : SwitchSpecs()) {
    EXPECT_TRUE(absl::StrContains(help, std::string("  ") + spec.name + " "))
        << spec.name;
    // What it starts at is one of its values, the first.
    if (spec.values.front() != "N") {
      EXPECT_EQ(spec.values.front(), spec.initial) << spec.name;
    }
  }
}

}  // namespace
}  // namespace patform::emulator
