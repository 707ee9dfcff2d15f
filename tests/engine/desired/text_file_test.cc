#include "engine/desired/text_file.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "engine/base/digest.h"
#include "engine/desired/read_desired.h"
#include "tests/fakes/fake_files.h"
#include "tests/fakes/known.h"

namespace patform {
namespace {

// A configuration with a template, `name`, beside `files`.
ReadResult Read(FakeFiles& files, const std::string& name,
                const std::string& format = "json",
                const std::string& more = "") {
  files.files["team/patform.toml"] = absl::StrCat(
      "format = 1\nworkspace = \"w\"\norganization = \"o\"\n[sink.x]\n"
      "type = \"template\"\npath = \"out\"\nformat = \"",
      format, "\"\ntemplate = \"", name,
      "\"\n[token.a]\nscopes = [\"vso.code\"]\n"
      "deliver = [{ to = \"x\", at = \"b\"",
      more, " }]\n");
  ReadInput input;
  input.path = "team/patform.toml";
  input.now = absl::FromUnixSeconds(1'790'000'000);
  UseKnown(input);
  return ReadDesired(files, input);
}

TEST(TextFile, IsAPartOfTheConfiguration) {
  FakeFiles files;
  const std::string text = "{\"a\":\"{{secret}}\"}\n";
  files.files["team/in/a.json"] = text;
  const ReadResult result = Read(files, "in/a.json");
  EXPECT_EQ(Render(result.diagnostics), "");
  ASSERT_TRUE(result.state);
  const SinkConfig& sink = result.state->sinks[0];
  EXPECT_EQ(sink.Text("template"), text);
  // Another text is another plan, and the reviewer sees which.
  EXPECT_EQ(std::get<std::string>(sink.written.at("template")),
            absl::StrCat("in/a.json sha256:", Sha256(text).substr(0, 16)));
  EXPECT_EQ(sink.filled_in, "");
  EXPECT_EQ(result.state->files,
            (std::vector<std::string>{"team/patform.toml", "team/in/a.json"}));
}

TEST(TextFile, WhatIsWrongInItIsShownThere) {
  FakeFiles files;
  files.files["team/a.json"] =
      "{\n  \"ä\": \"{{secrte}}\", \"b\": \"{{x}}\"\n}";
  EXPECT_EQ(Render(Read(files, "a.json").diagnostics),
            "team/a.json:2:9: error: unknown placeholder {{secrte}}\n"
            "  2 |   \"ä\": \"{{secrte}}\", \"b\": \"{{x}}\"\n"
            "    |         ^~~~~~~~~~\n"
            "    = did you mean {{secret}}?\n\n"
            "team/a.json:2:28: error: unknown placeholder {{x}}\n"
            "  2 |   \"ä\": \"{{secrte}}\", \"b\": \"{{x}}\"\n"
            "    |                            ^~~~~\n"
            "    = expected one of: {{secret}}, {{secret:base64}}, "
            "{{secret:basic}}, {{secret:url}}, {{name}}, {{organization}}, "
            "{{valid_to}}\n\n"
            "2 errors\n");
  files.files["team/a.json"] = "{\"a\": {{secret}}}";
  EXPECT_EQ(Render(Read(files, "a.json").diagnostics),
            "team/a.json:1:7: error: a placeholder outside of a JSON text\n"
            "  1 | {\"a\": {{secret}}}\n"
            "    |       ^~~~~~~~~~\n"
            "    = write it between quotes\n\n"
            "1 error\n");
}

// Nothing of a file that the configuration has no business with is quoted.
TEST(TextFile, LiesBelowTheConfiguration) {
  const struct {
    const char* name;
    const char* want;
  } rows[] = {
      {"/etc/shadow", "`template` (\"/etc/shadow\") is absolute"},
      {"../up.json", "`template` (\"../up.json\") leaves the directory"},
      {"in/../../up.json",
       "`template` (\"in/../../up.json\") leaves the directory"},
      {"${HOME}/a.json", "`template` (\"${HOME}/a.json\") contains ${…}"},
      {"link.json",
       "`template` (\"link.json\") cannot be read: it is a link that leads "
       "out of the main file's directory"},
      {"gone.json",
       "`template` (\"gone.json\") cannot be read: there is no such file"},
      {"large.json",
       "`template` (\"large.json\") cannot be read: it is larger than 64 KiB"},
      {"binary.json", "`template` (\"binary.json\") is not a text in UTF-8"},
  };
  for (const auto& row : rows) {
    FakeFiles files;
    files.files["up.json"] = "{{hunter2}}";
    files.links["team/link.json"] = "up.json";
    files.files["team/large.json"] = std::string((64 << 10) + 1, ' ');
    files.files["team/binary.json"] = "\xff{{hunter2}}";
    const ReadResult result = Read(files, row.name);
    ASSERT_EQ(result.diagnostics.size(), 1u) << Render(result.diagnostics);
    EXPECT_EQ(result.diagnostics[0].summary, row.want);
    EXPECT_EQ(Render(result.diagnostics).find("hunter2"), std::string::npos);
  }
}

TEST(TextFile, ATemplateSaysHowItsSecretIsWritten) {
  FakeFiles files;
  files.files["team/a"] = "{{secret}}";
  const ReadResult result = Read(files, "a", "plain", ", encoding = \"basic\"");
  ASSERT_EQ(result.diagnostics.size(), 1u) << Render(result.diagnostics);
  EXPECT_EQ(result.diagnostics[0].summary, "a template sink has no `encoding`");
  EXPECT_EQ(result.diagnostics[0].detail,
            "the template says how it is written: {{secret:base64}}, "
            "{{secret:basic}} or {{secret:url}}");
}

}  // namespace
}  // namespace patform
