#include "engine/base/diagnostic.h"

#include <gtest/gtest.h>

namespace patform {
namespace {

using Severity = Diagnostic::Severity;

Diagnostic At(int line, int column, int length, const std::string& source) {
  Diagnostic d;
  d.where = {"teams/a.toml", line, column, length};
  d.summary = "unknown scope \"vso.cde\"";
  d.source_line = source;
  return d;
}

TEST(RenderDiagnostic, WithItsLine) {
  Diagnostic d = At(3, 11, 9, "scopes = [\"vso.cde\"]");
  d.detail = "did you mean \"vso.code\"?";
  EXPECT_EQ(Render(d),
            "teams/a.toml:3:11: error: unknown scope \"vso.cde\"\n"
            "  3 | scopes = [\"vso.cde\"]\n"
            "    |           ^~~~~~~~~\n"
            "    = did you mean \"vso.code\"?\n");
}

TEST(RenderDiagnostic, TheMarginGrowsWithTheNumber) {
  Diagnostic d = At(1204, 1, 1, "x");
  d.severity = Severity::kWarning;
  d.detail = "one line\nand another";
  EXPECT_EQ(Render(d),
            "teams/a.toml:1204:1: warning: unknown scope \"vso.cde\"\n"
            "  1204 | x\n"
            "       | ^\n"
            "       = one line\n"
            "       = and another\n");
}

TEST(RenderDiagnostic, WithoutAPlace) {
  Diagnostic d;
  d.severity = Severity::kNote;
  d.summary = "nothing to see";
  EXPECT_EQ(Render(d), "note: nothing to see\n");
  d.where.file = "patform.toml";
  d.detail = "save the file as UTF-8";
  EXPECT_EQ(Render(d),
            "patform.toml: note: nothing to see\n"
            "  = save the file as UTF-8\n");
}

TEST(RenderDiagnostic, OneBehindTheEnd) {
  EXPECT_EQ(Render(At(1, 8, 1, "a = \"b\"")),
            "teams/a.toml:1:8: error: unknown scope \"vso.cde\"\n"
            "  1 | a = \"b\"\n"
            "    |        ^\n");
  EXPECT_EQ(Render(At(1, 1, 1, "")),
            "teams/a.toml:1:1: error: unknown scope \"vso.cde\"\n"
            "  1 | \n"
            "    | ^\n");
}

// A caret stands under the character that is meant, whatever is before it.
TEST(RenderDiagnostic, ShownCharactersKeepTheCaretInPlace) {
  EXPECT_EQ(Render(At(2, 3, 2,
                      "\t\xc3\xa9"
                      "ab")),
            "teams/a.toml:2:3: error: unknown scope \"vso.cde\"\n"
            "  2 |  \xc3\xa9"
            "ab\n"
            "    |   ^~\n");
  EXPECT_EQ(Render(At(2, 2, 1,
                      "\x1b\xe2\x80\xae"
                      "b")),
            "teams/a.toml:2:2: error: unknown scope \"vso.cde\"\n"
            "  2 | \\x1b\\u{202e}b\n"
            "    |     ^~~~~~~~\n");
}

TEST(RenderDiagnostic, ALongLineIsCutAroundThePlace) {
  const std::string line = std::string(300, 'a') + "!" + std::string(300, 'b');
  EXPECT_EQ(Render(At(1, 301, 1, line)),
            "teams/a.toml:1:301: error: unknown scope \"vso.cde\"\n"
            "  1 | ..." +
                std::string(80, 'a') + "!" + std::string(79, 'b') +
                "...\n"
                "    |    " +
                std::string(80, ' ') + "^\n");
}

TEST(RenderDiagnostic, ALengthBeyondTheLine) {
  EXPECT_EQ(Render(At(1, 2, 99, "abc")),
            "teams/a.toml:1:2: error: unknown scope \"vso.cde\"\n"
            "  1 | abc\n"
            "    |  ^~\n");
}

TEST(RenderDiagnostic, TextFromOutsideIsMadeVisible) {
  Diagnostic d;
  d.where.file = "a\nb.toml";
  d.summary = "bad \x1b[2J";
  d.detail = "because\r of";
  EXPECT_EQ(Render(d),
            "a\\nb.toml: error: bad \\x1b[2J\n"
            "  = because\\r of\n");
}

TEST(RenderDiagnostic, APlaceIsNoCommand) {
  Diagnostic d = At(3, 1, 1, "x");
  d.where.file = ":";
  EXPECT_EQ(Render(d),
            "\\x3a:3:1: error: unknown scope \"vso.cde\"\n"
            "  3 | x\n"
            "    | ^\n");
}

TEST(RenderDiagnostics, AllWithTheirNumber) {
  EXPECT_EQ(Render(std::vector<Diagnostic>()), "");
  Diagnostic error, warning, note;
  error.summary = "e";
  warning.summary = "w";
  warning.severity = Severity::kWarning;
  note.summary = "n";
  note.severity = Severity::kNote;
  EXPECT_EQ(Render(std::vector<Diagnostic>{error}), "error: e\n\n1 error\n");
  EXPECT_EQ(Render(std::vector<Diagnostic>{note}), "note: n\n\n");
  EXPECT_EQ(Render({error, warning, error, note}),
            "error: e\n\nwarning: w\n\nerror: e\n\nnote: n\n\n"
            "2 errors, 1 warning\n");
  EXPECT_EQ(Render({warning, warning}),
            "warning: w\n\nwarning: w\n\n2 warnings\n");
}

TEST(HasErrors, OnlyErrorsCount) {
  Diagnostic d;
  EXPECT_FALSE(HasErrors({}));
  d.severity = Severity::kWarning;
  EXPECT_FALSE(HasErrors({d}));
  d.severity = Severity::kNote;
  EXPECT_FALSE(HasErrors({d}));
  EXPECT_TRUE(HasErrors({d, Diagnostic()}));
}

}  // namespace
}  // namespace patform
