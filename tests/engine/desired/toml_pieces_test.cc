#include "engine/desired/toml_pieces.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/desired/plain_toml.h"
#include "engine/desired/toml_reader.h"
#include "tests/fakes/toml_dump.h"

namespace patform {
namespace {

// "1 <head>| 3 <piece>| …", line ends as /.
std::string Cut(const std::string& text, size_t piece_bytes) {
  TomlPieces pieces(text, piece_bytes);
  std::string told, whole;
  const auto tell = [&](const TomlPiece& piece) {
    whole += piece.text;
    absl::StrAppend(&told, piece.first_line, " ", piece.text, "|");
  };
  tell(pieces.Head());
  while (!pieces.done()) tell(pieces.Next());
  EXPECT_EQ(whole, text);
  for (char& c : told) c = c == '\n' ? '/' : c;
  return told;
}

TEST(TomlPieces, WhereATextIsCut) {
  const struct {
    const char* text;
    size_t bytes;
    const char* want;
  } rows[] = {
      {"", 1, "1 |"},
      {"a = 1", 1, "1 a = 1|"},
      {"[token.a]\nb = 1\n", 1, "1 |1 [token.a]/b = 1/|"},
      {"a = 1\n[token.a]\n[token.b]\n", 1,
       "1 a = 1/|2 [token.a]/|3 [token.b]/|"},
      {"a = 1\n[token.a]\n[token.b]\n[token.c]", 15,
       "1 a = 1/|2 [token.a]/[token.b]/|4 [token.c]|"},
      {"[token.\"a b\"]\n[token.\"a\".x]\n[token.\"]\"] # c\n", 1,
       "1 |1 [token.\"a b\"]/[token.\"a\".x]/|3 [token.\"]\"] # c/|"},
      // What is not a table of a token, or not for sure.
      {"[token]\n[tokens.a]\n [token.a]\n[token.a.b]\n[token.]\n[token.'a']\n",
       1, "1 [token]/[tokens.a]/ [token.a]/[token.a.b]/[token.]/[token.'a']/|"},
      {"[token.\"a\\\"]\"]\n[token.\"a\n[token.a", 1,
       "1 [token.\"a\\\"]\"]/[token.\"a/[token.a|"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(Cut(row.text, row.bytes), row.want);
  }
}

// The tables of tokens of each piece, one after the other; "" where one of them
// is not plain.
std::string InPieces(const std::string& text, size_t piece_bytes) {
  TomlPieces pieces(text, piece_bytes);
  const TomlPiece head = pieces.Head();
  std::string dump;
  while (!pieces.done()) {
    const TomlPiece piece = pieces.Next();
    const auto plain = ParsePlainToml(piece.text, piece.first_line);
    if (!plain) return "";
    for (const TomlValue::Member& table : plain->members) {
      for (const TomlValue::Member& token : table.value.members) {
        absl::StrAppend(&dump, token.key, " ", token.at.line, ":",
                        token.at.column, " ", Dump(token.value));
      }
    }
  }
  return dump;
}

TEST(TomlPieces, TogetherTheyAreTheWholeText) {
  const std::vector<std::string> parts = {
      "scopes = [\"vso.code\"]\n",
      "scopes = [\n  \"vso.code\",\n  \"vso.build\",\n]\n",
      "deliver = [{ to = \"files\", at = \"x\" }]\n",
      "owner = \"[token.a]\"\n",
      "\n",
      "# [token.b]\n"};
  std::mt19937 random(5);
  for (int world = 0; world < 300; ++world) {
    std::string text = "format = 1\n";
    for (int token = 0; token < 8; ++token) {
      absl::StrAppend(&text, "[token.", token % 2 == 0 ? "t" : "\"t t", token,
                      token % 2 == 0 ? "" : "\"", "]\n");
      std::vector<std::string> lines = parts;
      std::shuffle(lines.begin(), lines.end(), random);
      lines.resize(random() % lines.size());
      bool scopes = false;
      for (const std::string& line : lines) {
        if (line.starts_with("scopes") && scopes) continue;
        scopes = scopes || line.starts_with("scopes");
        text += line;
      }
    }
    const TomlResult whole = ParseAnyToml(text);
    ASSERT_TRUE(whole.ok) << text;
    std::string want;
    for (const TomlValue::Member& token :
         whole.root.Find("token")->value.members) {
      absl::StrAppend(&want, token.key, " ", token.at.line, ":",
                      token.at.column, " ", Dump(token.value));
    }
    for (size_t bytes : {1, 40, 100, 100'000}) {
      EXPECT_EQ(InPieces(text, bytes), want) << text;
    }
  }
}

// What looks like a header and is none leaves a piece that is not TOML.
TEST(TomlPieces, WhatReachesOverALine) {
  for (const char* text :
       {"[token.a]\nscopes = [\n[token.b]\n]\n[token.c]\n",
        "[token.a]\npurpose = \"\"\"\n[token.b]\n\"\"\"\n[token.c]\n",
        "[token.a]\npurpose = '''\n[token.b]\n'''\n"}) {
    EXPECT_EQ(InPieces(text, 1), "") << text;
  }
}

}  // namespace
}  // namespace patform
