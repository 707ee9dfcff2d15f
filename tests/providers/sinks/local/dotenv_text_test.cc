#include "providers/sinks/local/dotenv_text.h"

#include "absl/strings/str_replace.h"
#include "providers/sinks/record_json.h"
#include "tests/providers/sinks/testing.h"

namespace patform::sinks {
namespace {

constexpr char kVersion[] = "00112233445566778899aabbccddeeff";

std::string Read(const std::string& text, const std::string& key) {
  const auto parsed = DotenvText::Parse(text, ".env");
  if (!parsed.ok()) return "error: " + std::string(parsed.status().message());
  return Show(parsed->Read(key));
}

// The file with KEY=value, the record line written as R.
std::string With(const std::string& text, const std::string& value) {
  const auto parsed = DotenvText::Parse(text, ".env");
  if (!parsed.ok()) return "error: " + std::string(parsed.status().message());
  const SinkRecord record = RecordOf(7, At(".env", "KEY"));
  const auto with = parsed->With("KEY", Secret(value), record, kVersion);
  if (!with.ok()) return "error: " + std::string(with.status().message());
  std::string result(with->Reveal());
  EXPECT_EQ(Read(result, "KEY"), "present 7") << result;
  const size_t start =
      result.find("# patform: {\"key\":\"KEY\",\"version\":\"");
  const size_t end = result.find_first_of("\r\n", start);
  if (start != std::string::npos) result.replace(start, end - start, "R");
  return result;
}

TEST(DotenvTextTest, EveryOtherLineStays) {
  const struct {
    const char *name, *before, *after;
  } rows[] = {
      {"empty", "", "R\nKEY=v\n"},
      {"appended", "A=1\n", "A=1\nR\nKEY=v\n"},
      {"no final newline", "A=1", "A=1\nR\nKEY=v\n"},
      {"replaced in place", "A=1\nKEY='old'\nB=2\n", "A=1\nR\nKEY=v\nB=2\n"},
      {"last line without newline", "A=1\nKEY=old", "A=1\nR\nKEY=v"},
      {"export stays", "export KEY='old'\n", "R\nexport KEY=v\n"},
      {"indentation stays", "  export\tKEY=old\n", "R\n  export\tKEY=v\n"},
      {"no quotes", "KEY=old\n", "R\nKEY=v\n"},
      {"empty value", "KEY=\nB=2\n", "R\nKEY=v\nB=2\n"},
      {"other comments stay", "# patform is great\n# KEY=1\n\n\nKEY='o'\n",
       "# patform is great\n# KEY=1\n\n\nR\nKEY=v\n"},
      {"a value of several lines", "KEY='a\nb'\nB=2\n", "R\nKEY=v\nB=2\n"},
      {"another one of several lines", "A=\"x\ny\"\nKEY='o'\n",
       "A=\"x\ny\"\nR\nKEY=v\n"},
      {"names that only begin so", "KEY2=1\nMY_KEY=2\nkey=3\n",
       "KEY2=1\nMY_KEY=2\nkey=3\nR\nKEY=v\n"},
      {"byte order mark", "\xef\xbb\xbfKEY='o'\n", "\xef\xbb\xbfR\nKEY=v\n"},
      {"mark, other key",
       "\xef\xbb\xbf"
       "A=1\n",
       "\xef\xbb\xbf"
       "A=1\nR\nKEY=v\n"},
      {"not assignments", "hello\n=x\n- a\nKEY\n",
       "hello\n=x\n- a\nKEY\nR\nKEY=v\n"},
      {"an apostrophe below", "KEY=\nA=it's\n", "R\nKEY=v\nA=it's\n"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(With(row.before, "v"), row.after) << row.name;
  }
}

// What is behind `=` would be part of the value to some reader, or make a shell
// run it.
TEST(DotenvTextTest, TheLineIsOneThatAllReadersReadAlike) {
  const struct {
    const char *name, *before, *after;
  } rows[] = {
      {"a blank", "KEY= \n", "R\nKEY=v\n"},
      {"a tab", "KEY=\t\n", "R\nKEY=v\n"},
      {"blanks before =", "KEY \t=\n", "R\nKEY=v\n"},
      {"blanks around a value", "  KEY = old  \n", "R\n  KEY=v\n"},
      {"a comment to fill in", "KEY= # fill in\n", "# fill in\nR\nKEY=v\n"},
      {"a comment behind a value", "KEY=old # why\n", "# why\nR\nKEY=v\n"},
      {"a comment behind quotes", "KEY='a # b' # c \nB=2\n",
       "# c\nR\nKEY=v\nB=2\n"},
      {"empty quotes behind a blank", "KEY= \"\"\n", "R\nKEY=v\n"},
      {"empty quotes and a comment", "export KEY='' # x\n",
       "# x\nR\nexport KEY=v\n"},
      {"double quotes", "KEY=\"o\\\"ld\"\n", "R\nKEY=v\n"},
      {"crlf", "KEY=\r\nB=2\r\n", "R\r\nKEY=v\nB=2\r\n"},
      {"crlf, appended", "A=1\r\n", "A=1\r\nR\r\nKEY=v\n"},
      {"crlf and a comment", "KEY= # x\r\n", "# x\r\nR\r\nKEY=v\n"},
      {"a cr in a file of lf", "A=1\nKEY=\r\n", "A=1\nR\nKEY=v\n"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(With(row.before, "v"), row.after) << row.name;
  }
}

TEST(DotenvTextTest, WhatReadersWouldReadDifferentlyIsRefused) {
  const std::string start =
      "error: \".env\" would not give every program that reads it the value "
      "of KEY: ";
  const std::string end = ". Change that line, or deliver to another file.";
  const struct {
    std::string before, why;
  } rows[] = {
      {"A=don't\nKEY=\n",
       "a shell does not read it there, because a quote that is opened in line "
       "1 is still open there"},
      {"A=f(x)\n",
       "a shell does not read it there, because of the parenthesis in line 1"},
      {"A=1; KEY=2\n", "a shell sets it in line 1, too"},
      {"KEY=\nexport A=1 KEY=2\n", "a shell sets it in line 3, too"},
      {"KEY: old\n", "dotenv for Node finds it more than once"},
      {"'KEY'=old\n", "python-dotenv finds it more than once"},
      {"A=1\rKEY=2\n", "python-dotenv finds it more than once"},
      {"A=\"x\\\ny\"z\"\nKEY=\n",
       "a shell does not read it there, because a quote that is opened in line "
       "3 is still open there"},
      {"A=\xff\n",
       "the file is not UTF-8, which python-dotenv and docker reject"},
      {std::string("A\0=\0", 4),
       "the file has zero bytes in it, as UTF-16 has"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(With(row.before, "v"), start + row.why + end) << row.before;
    const auto parsed = DotenvText::Parse(row.before, ".env");
    ASSERT_TRUE(parsed.ok());
    EXPECT_FALSE(parsed->CheckWith("KEY").ok()) << row.before;
  }
  for (const char* more :
       {"KEY=\"\" OTHER=1\n", "KEY=''; OTHER=1\n", "KEY=a OTHER=1\n",
        "KEY=a;OTHER=1\n", "KEY='a'b\n"}) {
    EXPECT_EQ(With(more, "v"),
              "error: \".env\", line 1: the line sets more than KEY, and "
              "programs do not agree on what it means. Give KEY a line of its "
              "own.")
        << more;
  }
}

TEST(DotenvTextTest, WithoutTakesTheLineAndItsRecord) {
  const auto without = [](const std::string& text) -> std::string {
    const auto parsed = DotenvText::Parse(text, ".env");
    const auto rest = parsed->Without("KEY");
    return rest.ok() ? std::string(rest->Reveal())
                     : std::string(rest.status().message());
  };
  const auto parsed = DotenvText::Parse("A=1\nKEY= # c\nB=2\n", ".env");
  const auto with = parsed->With("KEY", Secret("v"),
                                 RecordOf(7, At(".env", "KEY")), kVersion);
  EXPECT_EQ(without(std::string(with->Reveal())), "A=1\n# c\nB=2\n");
  EXPECT_EQ(without("KEY=v"), "");
  EXPECT_EQ(without("KEY=v # c\r\nB=2\n"), "# c\r\nB=2\n");
  EXPECT_EQ(without("B=2\n"), "\".env\" has no single line that sets KEY.");
}

TEST(DotenvTextTest, WritingAgainReplacesTheRecord) {
  const auto parsed = DotenvText::Parse("A=1\nKEY='o'\nB=2\n", ".env");
  const SinkRecord record = RecordOf(1, At(".env", "KEY"));
  const auto once = parsed->With("KEY", Secret("v1"), record, kVersion);
  ASSERT_TRUE(once.ok());
  const std::string text(once->Reveal());
  EXPECT_EQ(With(text, "v2"), "A=1\nR\nKEY=v2\nB=2\n");
}

TEST(DotenvTextTest, ARecordWithoutItsLineIsUsedAgain) {
  const auto parsed = DotenvText::Parse("A=1\nKEY='o'\nB=2\n", ".env");
  const auto once = parsed->With("KEY", Secret("v1"),
                                 RecordOf(1, At(".env", "KEY")), kVersion);
  const std::string text =
      absl::StrReplaceAll(std::string(once->Reveal()), {{"KEY=v1\n", ""}});
  EXPECT_EQ(Read(text, "KEY"), "absent");
  EXPECT_EQ(With(text, "v"), "A=1\nR\nKEY=v\nB=2\n");
}

TEST(DotenvTextTest, TheWholeRecordLine) {
  const auto parsed = DotenvText::Parse("", ".env");
  const SinkRecord record = RecordOf(7, At(".env", "KEY"));
  const auto with = parsed->With("KEY", Secret("v"), record, kVersion);
  const std::string text(with->Reveal());
  const size_t check = text.find("\"check\":\"") + 9;
  EXPECT_EQ(text,
            absl::StrCat("# patform: {\"key\":\"KEY\",\"version\":\"", kVersion,
                         "\",\"check\":\"", text.substr(check, 16),
                         "\",\"record\":", RecordToJson(record), "}\nKEY=v\n"));
}

TEST(DotenvTextTest, States) {
  const auto parsed = DotenvText::Parse("", ".env");
  const auto with = parsed->With("KEY", Secret("v"),
                                 RecordOf(7, At(".env", "KEY")), kVersion);
  const std::string ours(with->Reveal());
  const auto edit = [&ours](const char* from, const char* to) {
    return absl::StrReplaceAll(ours, {{from, to}});
  };
  const struct {
    std::string name, text, want;
  } rows[] = {
      {"ours", ours, "present 7"},
      {"value edited", edit("KEY=v", "KEY=w"), "foreign"},
      {"value emptied", edit("KEY=v", "KEY="), "absent"},
      {"quotes edited", edit("KEY=v", "KEY=\"v\""), "foreign"},
      {"line end edited", edit("\n", "\r\n"), "present 7"},
      {"export added", edit("\nKEY", "\nexport KEY"), "present 7"},
      {"line between", edit("\nKEY", "\n\nKEY"), "foreign"},
      {"record of another key", edit("\"key\":\"KEY\"", "\"key\":\"OTHER\""),
       "foreign"},
      {"record broken", edit("\"record\":{", "\"record\":["), "foreign"},
      {"version broken", edit(kVersion, "xyz"), "foreign"},
      {"record only", edit("KEY=v\n", ""), "absent"},
      {"by hand", "KEY=x\n", "foreign"},
      {"a number sign is a value", "KEY=#x\n", "foreign"},
      {"only a comment", "KEY= # x\n", "absent"},
      {"empty", "KEY=\n", "absent"},
      {"empty quotes", "KEY=''\n", "absent"},
      {"commented out", "#KEY=x\n", "absent"},
      {"nothing", "", "absent"},
      {"twice", "KEY=1\nA=1\nexport KEY=2\n",
       "unknown: \".env\" sets KEY more than once, in lines 1 and 3, and "
       "programs do not agree on which one counts. Remove all but one."},
      {"hidden", "A='\nKEY=1\n'\n",
       "unknown: \".env\", line 1: the value that begins here has a line in it "
       "that looks like KEY=, which some programs would take for it. Choose "
       "another key, or another file."},
      {"never closed", "B=1\nA='x\nC=2\n",
       "error: \".env\", line 2: a quote is opened and never closed, so "
       "programs do not agree on what the file means. Close the quote, then "
       "run patform again."},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(Read(row.text, "KEY"), row.want) << row.name;
  }
  EXPECT_EQ(With("KEY=1\nKEY=2\n", "v"),
            "error: \".env\" sets KEY more than once, in lines 1 and 2, and "
            "programs do not agree on which one counts. Remove all but one.");
}

TEST(DotenvTextTest, ForeignSaysWhatWasFound) {
  const auto by_hand = DotenvText::Parse("A=1\nKEY=x\n", ".env");
  EXPECT_EQ(by_hand->Read("KEY").why.message(),
            "\".env\", line 2: KEY has a value that patform did not write. "
            "Remove the line, deliver to another key, or set adopt = true on "
            "this delivery to replace it.");
  const auto with = by_hand->With("KEY", Secret("v"),
                                  RecordOf(7, At(".env", "KEY")), kVersion);
  const std::string edited =
      absl::StrReplaceAll(std::string(with->Reveal()), {{"KEY=v", "KEY=w"}});
  const auto parsed = DotenvText::Parse(edited, ".env");
  EXPECT_EQ(parsed->Read("KEY").why.message(),
            "\".env\", line 3: KEY was changed after patform wrote it. Remove "
            "the line, deliver to another key, or set adopt = true on this "
            "delivery to replace it.");
}

TEST(DotenvTextTest, ValuesThatDoNotFitAreRefused) {
  const std::string want =
      "error: the value is empty or has a character in it that programs read "
      "differently in a KEY=value line. Deliver it to a sink of another type, "
      "or with encoding = \"base64\".";
  for (const char* value :
       {"", "a'b", "a\nb", "a\x7f", "a b", "a$c", "a\"b", "a#b", "~a"}) {
    EXPECT_EQ(With("", value), want);
  }
  EXPECT_EQ(With("KEY=old\n", "aA0+/=_.-"), "R\nKEY=aA0+/=_.-\n");
}

TEST(DotenvTextTest, VersionsTellChangesAndNotValues) {
  const auto version = [](const std::string& text) {
    return DotenvText::Parse(text, ".env")->Read("KEY").version;
  };
  EXPECT_EQ(version("KEY=one\nA=1\n"), version("KEY=one\nA=2\n"));
  EXPECT_NE(version("KEY=one\n"), version("KEY=two\n"));
  EXPECT_EQ(version("KEY=one\n").size(), std::string("foreign-").size() + 4);
}

}  // namespace
}  // namespace patform::sinks
