// Large files are read in pieces, and nobody can tell: what a file says, and
// what is wrong with it, is the same as when it is read whole.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "engine/desired/read_desired.h"
#include "engine/desired/toml_pieces.h"
#include "tests/fakes/fake_files.h"
#include "tests/fakes/known.h"

namespace patform {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'795'000'000);
constexpr char kHead[] =
    "format = 1\nworkspace = \"w\"\norganization = \"contoso\"\n"
    "[defaults]\nlifetime = \"30d\"\n";
// Beyond ASCII, so that a file which ends in it is read whole.
constexpr char kOdd[] = "# é\n";

std::string Tokens(int first, int count) {
  std::string text;
  for (int i = first; i < first + count; ++i) {
    absl::StrAppend(&text, "[token.t", i, "]\nscopes = [\"vso.code\"]\n");
  }
  return text;
}

std::string At(const SourceLocation& where) {
  return absl::StrCat(where.file, ":", where.line, ":", where.column, "+",
                      where.length);
}

// Every token and every problem, with their places.
std::string Told(FakeFiles files, bool beside_lists = false) {
  ReadInput input;
  input.path = "patform.toml";
  UseKnown(input);
  input.now = kNow;
  int announced = 0;
  input.expects = [&](const AuthConfig&, const Realm&) { ++announced; };
  input.waiting = [&] { return beside_lists; };
  const ReadResult result = ReadDesired(files, input);
  std::string told;
  if (result.state) {
    for (const std::string& file : result.state->files) {
      absl::StrAppend(&told, "file ", file, "\n");
    }
    for (const DesiredToken& token : result.state->tokens) {
      absl::StrAppend(&told, token.name, " ", token.scopes.text(), " ",
                      At(token.where), " ", At(token.scopes_where), "\n");
    }
    EXPECT_EQ(announced, 1);
  }
  for (const Diagnostic& d : result.diagnostics) {
    absl::StrAppend(&told, At(d.where), " ", d.summary, " | ", d.detail, " | ",
                    d.source_line, "\n");
  }
  return told;
}

std::string Told(const std::string& text) {
  FakeFiles files;
  files.files["patform.toml"] = text;
  return Told(std::move(files));
}

TEST(LargeFile, SaysTheSameAsWhole) {
  const std::string text = kHead + Tokens(0, 9000);
  ASSERT_GT(text.size(), TomlPieces::kWorthCutting);
  const std::string told = Told(text);
  EXPECT_EQ(told, Told(text + kOdd));
  EXPECT_EQ(told.substr(told.rfind("t8999")),
            "t8999 vso.code patform.toml:18004:8+5 patform.toml:18005:10+12\n");
}

TEST(LargeFile, WhatIsWrongIsToldAsOfTheWhole) {
  std::string text = kHead + Tokens(0, 9000);
  // In the first piece, in the last one, and a warning between.
  text = absl::StrReplaceAll(
      text, {{"[token.t1]\nscopes = [\"vso.code\"]",
              "[token.t1]\nscopes = [\"vso.cod\"]"},
             {"[token.t5000]\n", "[token.t5000]\nverify = 1\n"},
             {"[token.t8998]\n", "[token.t8998]\nscope = 1\n"},
             {"[token.t4000]\n", "[token.t4000]\nlifetime = \"500d\"\n"}});
  const std::string told = Told(text);
  EXPECT_EQ(told, Told(text + kOdd));
  EXPECT_NE(told.find("patform.toml:18005:1+5 "), told.npos) << told;
}

TEST(LargeFile, ATokenDeclaredTwice) {
  const std::string told =
      Told(absl::StrCat(kHead, Tokens(0, 9000), Tokens(7, 1)));
  EXPECT_EQ(told,
            "patform.toml:18006:8+2 token \"t7\" is declared twice | the other "
            "one is at patform.toml:20 | [token.t7]\n");
}

TEST(LargeFile, Included) {
  FakeFiles files;
  files.files["patform.toml"] =
      absl::StrCat("include = [\"*.inc\"]\n", kHead, Tokens(0, 9000));
  files.files["a.inc"] = absl::StrCat("# ours\n", Tokens(10'000, 9000));
  files.files["b.inc"] = Tokens(20'000, 9000) + "\n# the end\n";
  files.files["c.inc"] = Tokens(30'000, 1);
  const std::string told = Told(files);
  EXPECT_EQ(std::count(told.begin(), told.end(), '\n'), 27'005);
  EXPECT_EQ(told, Told(files, /*beside_lists=*/true));
  files.files["c.inc"] += kOdd;
  EXPECT_EQ(told, Told(files));
  files.files["b.inc"] += kOdd;
  EXPECT_EQ(told, Told(files));
  // Keys that belong into the main file.
  files.files["b.inc"] += "[defaults]\nowner = \"x\"\n";
  EXPECT_EQ(Told(files),
            "b.inc:18004:2+8 `defaults` in an included file | an included file "
            "may contain only [token.*] | [defaults]\n");
}

// Tables that are in no piece of their own.
TEST(LargeFile, WhatHasToBeReadWhole) {
  const std::string tokens = Tokens(0, 9000);
  const std::string plain = Told(kHead + tokens);
  for (const char* behind :
       {"[policy]\nunmanaged = \"ignore\"\n", "[token]\n", "[defaults]\n"}) {
    const std::string text = std::string(kHead) + tokens + behind;
    EXPECT_EQ(Told(text), Told(text + kOdd)) << behind;
  }
  EXPECT_EQ(Told(absl::StrCat(kHead, tokens, "[token.t5.labels]\na = \"b\"\n")),
            plain);
  EXPECT_EQ(Told("[token.t0]\n" + tokens),
            Told("[token.t0]\n" + tokens + kOdd));
}

// The limit of what is read whole does not hide what is wrong.
TEST(LargeFile, MoreThanTheWholeMayHold) {
  const std::string tokens = Tokens(0, 90'000);
  EXPECT_EQ(Told(kHead + tokens).find("too many"), std::string::npos);
  EXPECT_EQ(
      Told(absl::StrCat(kHead, Tokens(0, 50'000), "[token.x]\nscopes == 1\n",
                        Tokens(50'000, 40'000))),
      "patform.toml:125003:10+1 the file has too many keys and values | at "
      "most 250000; split it with `include`. A file that is plain TOML may "
      "have more, and line 100007 is not, or is wrong | scopes = "
      "[\"vso.code\"]\n");
}

}  // namespace
}  // namespace patform
