#include "engine/base/strings.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"

namespace patform {
namespace {

TEST(Nearest, OneThatIsMeantOrNone) {
  const std::vector<std::string> known = {"vso.code", "vso.code_write",
                                          "vso.build", "x"};
  const struct {
    const char* word;
    const char* want;  // "": none
  } kCases[] = {
      {"vso.code", "vso.code"},
      {"vso.cde", "vso.code"},     // a letter is missing
      {"vso.ocde", "vso.code"},    // two letters are swapped: one edit
      {"VSO.BUILD", "vso.build"},  // case does not count
      {"vso.bxxxd", "vso.build"},  // three edits in nine letters
      {"vzz.zzzz", ""},
      {"", ""},
      {"y", "x"},  // one edit is always allowed
      {"yy", ""},  // … and not two
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(Nearest(c.word, known).value_or(""), c.want) << c.word;
  }
  EXPECT_EQ(Nearest("ab", {"ac", "ad"}), "ac") << "ties go to the first";
  EXPECT_EQ(Nearest("a", {}), std::nullopt);
  EXPECT_EQ(Nearest(std::string(129, 'a'), {std::string(129, 'a')}),
            std::nullopt)
      << "too long to be a slip";
}

TEST(Utf8, CountsAndJudges) {
  const struct {
    std::string text;
    int points;
    bool valid;
  } kCases[] = {
      {"", 0, true},
      {"abc", 3, true},
      {std::string("a\0b", 3), 3, true},
      {"Schl\xc3\xbcssel", 9, true},
      {"\xf0\x9f\x94\x91", 1, true},          // a key
      {"\xf4\x8f\xbf\xbf", 1, true},          // U+10FFFF, the last one
      {"\xf4\x90\x80\x80", 4, false},         // behind it
      {"\xed\x9f\xbf\xee\x80\x80", 2, true},  // around the surrogates
      {"\xed\xa0\x80", 3, false},             // a surrogate
      {"\xc0\x80", 2, false},                 // NUL, too long
      {"\xe0\x80\x80", 3, false},
      {"\xf0\x80\x80\x80", 4, false},
      {"\x80", 1, false},      // a continuation by itself
      {"\xc3", 1, false},      // cut
      {"\xc3(", 2, false},     // not continued
      {"\xe2\x82", 2, false},  // cut
      {"a\xff"
       "b",
       3, false},  // never in UTF-8
      {"\xf8\x88\x80\x80\x80", 5, false},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(CodePoints(c.text), c.points) << Visible(c.text);
    EXPECT_EQ(IsValidUtf8(c.text), c.valid) << Visible(c.text);
  }
}

TEST(Visible, WhatActsIsShown) {
  const struct {
    std::string text;
    const char* want;
  } kCases[] = {
      {"", ""},
      {"plain text, \"quotes\" and \\", "plain text, \"quotes\" and \\"},
      {"\xc3\xa9 \xf0\x9f\x94\x91", "\xc3\xa9 \xf0\x9f\x94\x91"},
      {"a\nb\tc\rd", "a\\nb\\tc\\rd"},
      {std::string("\0", 1), "\\x00"},
      {"\x1b[31mred\x7f", "\\x1b[31mred\\x7f"},
      {"\xc2\x9b"
       "31m",
       "\\u{9b}31m"},                 // CSI as one character
      {"\xc2\xad", "\\u{ad}"},        // soft hyphen
      {"\xd8\x9c", "\\u{61c}"},       // Arabic letter mark
      {"\xe2\x80\x8b", "\\u{200b}"},  // zero width space
      {"\xe2\x80\xa8", "\\u{2028}"},  // line separator
      {"a\xe2\x80\xae"
       "b",
       "a\\u{202e}b"},                     // right-to-left override
      {"\xe2\x81\xa6", "\\u{2066}"},       // isolate
      {"\xef\xbb\xbf", "\\u{feff}"},       // byte order mark
      {"\xef\xb8\x8f", "\\u{fe0f}"},       // variation selector
      {"\xf3\xa0\x81\x81", "\\u{e0041}"},  // tag, invisible
      {"\xff\xc3", "\\xff\\xc3"},          // no UTF-8
      {"\xc3(", "\\xc3("},
      // Log commands.
      {"##vso[task.setvariable variable=a]b",
       "#\\x23vso[task.setvariable variable=a]b"},
      {"a ##VSO[x]", "a #\\x23VSO[x]"},
      {"###[group]", "##\\x23[group]"},
      {"##teamcity[x]", "#\\x23teamcity[x]"},
      {"#[x]", "\\x23[x]"},  // a # may stand before it
      {"#vso[x]", "\\x23vso[x]"},
      {"ends in ##", "ends in #\\x23"},  // a [ may follow
      {"ends in ##vso", "ends in #\\x23vso"},
      {"C#", "C#"},
      {"a #[1]", "a #[1]"},
      {"## a heading [x]", "## a heading [x]"},
      {"::set-output name=a::b", "\\x3a:set-output name=a::b"},
      {"  ::error::x", "  \\x3a:error::x"},
      {"\xe3\x80\x80::error::x", "\\u{3000}\\x3a:error::x"},
      {"a::b", "a::b"},
      {":: ", "\\x3a: "},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(Visible(c.text), c.want);
    EXPECT_EQ(Visible(Visible(c.text)), c.want) << "shown once is shown";
  }
}

// Each `want` is what a reviewer reads; u8 literals are as somebody typed them.
TEST(Visible, WhatDeceivesIsSpelled) {
  const struct {
    const char* name;
    std::string text;
    std::string want;
  } kCases[] = {
      // Nothing to see.
      {"joiner", "a\u034f\x62", "a\\u{34f}b"},
      {"Hangul fillers", "\u115f\u1160\u3164\uffa0",
       "\\u{115f}\\u{1160}\\u{3164}\\u{ffa0}"},
      {"musical", "\U0001d173\U0001d17a", "\\u{1d173}\\u{1d17a}"},
      {"empty Braille", "\u2800", "\\u{2800}"},
      {"Mongolian", "\u180b\u180e\u180f", "\\u{180b}\\u{180e}\\u{180f}"},
      {"variation", "\ufe00\ufe0f\U000e0100\U000e01ef",
       "\\u{fe00}\\u{fe0f}\\u{e0100}\\u{e01ef}"},
      {"blanks", "a\u00a0\u1680\u2000\u200a\u202f\u205f\u3000z",
       "a\\u{a0}\\u{1680}\\u{2000}\\u{200a}\\u{202f}\\u{205f}\\u{3000}z"},
      {"private, not assigned", "\ue000\U000f0000\u0378\U0001ffff",
       "\\u{e000}\\u{f0000}\\u{378}\\u{1ffff}"},
      {"interlinear", "\ufff9\ufffb\ufffc", "\\u{fff9}\\u{fffb}\\u{fffc}"},
      // On top of others.
      {"a mark first", "\u0301\x61", "\\u{301}a"},
      {"an accent of its own", "e\u0301", "e\\u{301}"},
      {"through a letter", "prod\u0338", "prod\\u{338}"},
      {"a pile", "\u0e01\u0e49\u0e49\u0e49\u0e49",
       "\u0e01\u0e49\u0e49\u0e49\\u{e49}"},
      {"of another script", "\u0e01\u093f", "\\u{e01}\\u{93f}"},
      {"on a digit", "1\u0e49", "1\\u{e49}"},
      // In another order.
      {"Hebrew", "\u05d0\u05d1 1", "\\u{5d0}\\u{5d1} 1"},
      {"Arabic", "\u0627\u0660", "\\u{627}\\u{660}"},
      {"N'Ko, Adlam", "\u07ca\U0001e900", "\\u{7ca}\\u{1e900}"},
      // Like others.
      {"paypal", "\u0440\u0430ypal", "\\u{440}\\u{430}ypal"},
      {"Greek", "pr\u03bfd", "pr\\u{3bf}d"},
      {"whole, in Cyrillic", "prod-\u0441\u043e\u0441\u0430",
       "prod-\\u{441}\\u{43e}\\u{441}\\u{430}"},
      {"one letter", "\u0430", "\\u{430}"},
      {"Cherokee, Lisu", "\u13a1 \ua4d0", "\\u{13a1} \\u{a4d0}"},
      {"fullwidth", "\uff41\uff0f\uff10", "\\u{ff41}\\u{ff0f}\\u{ff10}"},
      {"mathematical", "\U0001d41a\u2126\u212a",
       "\\u{1d41a}\\u{2126}\\u{212a}"},
      {"circled", "\u24d0\u2776\U0001f150", "\\u{24d0}\\u{2776}\\u{1f150}"},
      {"ligature", "\ufb01", "\\u{fb01}"},
      {"dotless", "prod-v\u0131ctim", "prod-v\\u{131}ctim"},
      {"phonetic", "\u0251dmin", "\\u{251}dmin"},
      {"slashes", "a\u2044\u2215\u29f8z", "a\\u{2044}\\u{2215}\\u{29f8}z"},
      {"a Kana slash", "a/\u30ce/b", "a/\\u{30ce}/b"},
      {"dashes", "a\u2010\u2011\u2212z", "a\\u{2010}\\u{2011}\\u{2212}z"},
      {"colons", "files\ua789\u2236z", "files\\u{a789}\\u{2236}z"},
      {"quotes", "\u201cx\u2033", "\\u{201c}x\\u{2033}"},
      {"Bengali 4", "\u09ea", "\\u{9ea}"},
      {"jamo", "\u1100\u1161", "\\u{1100}\\u{1161}"},
      // These stay as they are.
      {"German", "Gr\u00f6\u00dfe", "Gr\u00f6\u00dfe"},
      {"Vietnamese", "Nguy\u1ec5n", "Nguy\u1ec5n"},
      {"Polish", "\u0141\u00f3d\u017a", "\u0141\u00f3d\u017a"},
      {"Russian", "\u043f\u0440\u0438\u0432\u0435\u0442",
       "\u043f\u0440\u0438\u0432\u0435\u0442"},
      {"Greek word", "\u03ba\u03cc\u03c3\u03bc\u03bf\u03c2",
       "\u03ba\u03cc\u03c3\u03bc\u03bf\u03c2"},
      {"Chinese", "\u6f22\u5b57", "\u6f22\u5b57"},
      {"Japanese", "\u6771\u4eac\u306e\u30ad\u30fc",
       "\u6771\u4eac\u306e\u30ad\u30fc"},
      {"Korean", "\ud55c\uad6d", "\ud55c\uad6d"},
      {"Hindi", "\u0939\u093f\u0928\u094d\u0926\u0940",
       "\u0939\u093f\u0928\u094d\u0926\u0940"},
      {"Thai", "\u0e01\u0e49", "\u0e01\u0e49"},
      {"emoji", "\U0001f511 \u2192", "\U0001f511 \u2192"},
      {"words of two scripts", "ci \u043f\u0440\u0438\u0432\u0435\u0442",
       "ci \u043f\u0440\u0438\u0432\u0435\u0442"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(Visible(c.text), c.want) << c.name;
    EXPECT_EQ(Visible(c.want), c.want) << c.name << ": shown once is shown";
  }
}

TEST(HoldsInvisible, Table) {
  for (const char* text : {"a\x01", "a\u00a0", "\u2800", "\u034f", "\uffa0",
                           "\U000e0100", "\ue000", "\u180f", "\xff"}) {
    EXPECT_TRUE(HoldsInvisible(text)) << Visible(text);
  }
  for (const char* text :
       {"", "a b", "\u05d0", "\u0440\u0430ypal", "e\u0301"}) {
    EXPECT_FALSE(HoldsInvisible(text)) << Visible(text);
  }
}

TEST(FirstCodePoints, CutsNoneInTwo) {
  EXPECT_EQ(FirstCodePoints("abc", 2), "ab");
  EXPECT_EQ(FirstCodePoints("abc", 9), "abc");
  EXPECT_EQ(FirstCodePoints("abc", 0), "");
  EXPECT_EQ(FirstCodePoints("a\xc3\xa9\xff.", 2), "a\xc3\xa9");
  EXPECT_EQ(FirstCodePoints("a\xc3\xa9\xff.", 3), "a\xc3\xa9\xff");
}

// What is plain is not taken apart: all that can be written with a few signs.
TEST(Visible, IsItsPieces) {
  const std::string signs = "a#[: v";
  std::vector<std::string> texts = {""};
  int shown = 0;
  for (size_t length = 0; length < 6; ++length) {
    std::vector<std::string> longer;
    for (const std::string& text : texts) {
      const std::string visible = Visible(text);
      ASSERT_EQ(visible, absl::StrJoin(VisiblePieces(text), "")) << text;
      shown += visible != text ? 1 : 0;
      for (char sign : signs) longer.push_back(text + sign);
    }
    texts = std::move(longer);
  }
  EXPECT_GT(shown, 400);
}

TEST(VisiblePieces, OneForEachCodePoint) {
  EXPECT_EQ(VisiblePieces("a\t\xc3\xa9\xff##["),
            (std::vector<std::string>{"a", "\\t", "\xc3\xa9", "\\xff", "#",
                                      "\\x23", "["}));
  EXPECT_EQ(VisiblePieces(""), std::vector<std::string>());
}

TEST(JsonForLogs, SaysTheSameToReaders) {
  const struct {
    std::string json;
    const char* want;
  } kCases[] = {
      {R"({"a":"b \u001b\n"})", R"({"a":"b \u001b\n"})"},
      {R"(["##vso[x]","#","###"])", R"(["#\u0023vso[x]","#","#\u0023\u0023"])"},
      {R"({"a":"::set-output name=x::y",":":":::"})",
       R"({"a":":\u003aset-output name=x:\u003ay",":":":\u003a\u003a"})"},
      {"[\"\xc3\xa9\"]", "[\"\xc3\xa9\"]"},
      {"[\"\x7f\xc2\x9b\xe2\x80\xae\"]", R"(["\u007f\u009b\u202e"])"},
      {"[\"\xf3\xa0\x81\x81\"]", R"(["\udb40\udc41"])"},
      {"[\"\xff\"]", "[\"\xef\xbf\xbd\"]"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(JsonForLogs(c.json), c.want);
    EXPECT_EQ(JsonForLogs(c.want), c.want);
  }
}

TEST(ToUtf8, ReplacesWhatIsNot) {
  EXPECT_EQ(ToUtf8(""), "");
  EXPECT_EQ(ToUtf8("a\x1b\xc3\xa9"), "a\x1b\xc3\xa9");
  EXPECT_EQ(ToUtf8("a\xff"
                   "b\xc3"),
            "a\xef\xbf\xbd"
            "b\xef\xbf\xbd");
}

TEST(Count, SaysHowMany) {
  EXPECT_EQ(Count(0, "token"), "0 tokens");
  EXPECT_EQ(Count(1, "token"), "1 token");
  EXPECT_EQ(Count(2, "token"), "2 tokens");
  EXPECT_EQ(Count(1, "entry", "entries"), "1 entry");
  EXPECT_EQ(Count(3, "entry", "entries"), "3 entries");
  EXPECT_EQ(Count(-1, "token"), "-1 tokens");
}

TEST(GlobMatch, StarsAndQuestionMarks) {
  const struct {
    const char* pattern;
    const char* text;
    bool want;
  } kCases[] = {
      {"", "", true},
      {"", "a", false},
      {"*", "", true},
      {"*", "anything at all", true},
      {"?", "", false},
      {"?", "a", true},
      {"a", "a", true},
      {"a", "A", false},
      {"git: *", "git: https://dev.azure.com", true},
      {"git: *", "git:", false},
      {"vso.*_manage", "vso.project_manage", true},
      {"vso.*_manage", "vso._manage", true},
      {"vso.*_manage", "vso.project_manage_x", false},
      {"*_*", "a_b_c", true},
      {"**a**", "xxaxx", true},
      {"a*b*c", "a-b-b-c", true},
      {"a*b*c", "a-c-b", false},
      {"a?c*", "abcdef", true},
      {"a?c*", "ac", false},
      {"[a]", "a", false},  // brackets mean themselves
      {"[a]", "[a]", true},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(GlobMatch(c.pattern, c.text), c.want)
        << c.pattern << " " << c.text;
  }
  // Many stars take no exponential time.
  std::string stars;
  for (int i = 0; i < 60; ++i) stars += "*a";
  EXPECT_FALSE(GlobMatch(stars + "b", std::string(2000, 'a')));
}

// As the definition says it.
bool MatchesSlowly(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '*') {
    return MatchesSlowly(pattern.substr(1), text) ||
           (!text.empty() && MatchesSlowly(pattern, text.substr(1)));
  }
  return !text.empty() && (pattern[0] == '?' || pattern[0] == text[0]) &&
         MatchesSlowly(pattern.substr(1), text.substr(1));
}

TEST(GlobMatch, TheSameByEitherWay) {
  std::mt19937 random(20261126);
  const auto word = [&](const std::string& letters, int longest) {
    std::string text;
    for (int n = static_cast<int>(random() % (longest + 1)); n > 0; --n) {
      text += letters[random() % letters.size()];
    }
    return text;
  };
  for (int i = 0; i < 2000; ++i) {
    const std::string pattern = word("ab*?", 8), text = word("ab", 12);
    const bool want = MatchesSlowly(pattern, text);
    EXPECT_EQ(GlobMatch(pattern, text), want) << pattern << " " << text;
    // Long enough for the way that takes time linear in the text, with what
    // makes the other one look back.
    const std::string again = std::string(300, 'a');
    EXPECT_EQ(
        GlobMatch("*" + again + "b" + pattern, again + again + "b" + text),
        want)
        << pattern << " " << text;
  }
}

TEST(Nearest, TheSameAsTheWholeTableSays) {
  // Distances grow with the number of letters that differ; a transposition is
  // one edit.
  const std::vector<std::string> known = {"abcdefghijkl", "abcdefghijlk",
                                          "abcdefghij", "lkjihgfedcba", "xyz"};
  const struct {
    const char* word;
    const char* want;
  } kCases[] = {
      {"abcdefghijkl", "abcdefghijkl"},
      {"abcdefghijlk", "abcdefghijlk"},
      {"badcfehgijkl", "abcdefghijkl"},
      {"abcdefghi", "abcdefghij"},
      {"abcdefghijklmnop", "abcdefghijkl"},
      {"efghijkl", ""},
      {"yxz", "xyz"},
      {"bcdefghijklmnopqr", ""},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(Nearest(c.word, known).value_or(""), c.want) << c.word;
  }
  // So many candidates that the last is not come to.
  std::vector<std::string> many(100000, std::string(100, 'x'));
  many.push_back(std::string(100, 'y'));
  EXPECT_EQ(Nearest(std::string(100, 'y'), many), std::nullopt);
}

TEST(Views, AbseilsAndOurs) {
  const std::string text = "abc";
  EXPECT_EQ(StdView(AbslView(text)), text);
  EXPECT_EQ(AbslView(text).data(), text.data());
}

TEST(PercentEncode, KeepsWhatItMay) {
  EXPECT_EQ(PercentEncode("aZ0-._~"), "aZ0-._~");
  EXPECT_EQ(PercentEncode("a/b c?\r\n%é"), "a%2Fb%20c%3F%0D%0A%25%C3%A9");
  EXPECT_EQ(PercentEncode("a/b:\xe9", "/"), "a/b%3A%E9");
}

TEST(HasControl, OfAscii) {
  for (const char* text : {"", "a b", "é\u00a0", "~"}) {
    EXPECT_FALSE(HasControl(text)) << text;
  }
  for (const std::string& text :
       {std::string("\0", 1), std::string("a\n"), std::string("\x1f"),
        std::string("\x7f"), std::string("é\t")}) {
    EXPECT_TRUE(HasControl(text)) << text;
  }
}

TEST(GlobMatchAny, OneIsEnoughAndNoneMatchesNothing) {
  EXPECT_TRUE(GlobMatchAny({"a*", "b?"}, "b1"));
  EXPECT_FALSE(GlobMatchAny({"a*", "b?"}, "b12"));
  EXPECT_FALSE(GlobMatchAny({}, ""));
}

}  // namespace
}  // namespace patform
