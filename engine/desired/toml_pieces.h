#pragma once

#include <cstddef>
#include <string>
#include <utility>

namespace patform {

// A stretch of a file, from the beginning of a line to the end of one.
struct TomlPiece {
  std::string text;
  int first_line = 1;  // of the file
};

// A long text in pieces, so that threads can share one large file as they share
// many small ones, and no tree of all of it is ever in memory. It is cut only
// where a line begins a table of a token, [token.NAME] or [token."NAME"].
//
// Pieces that are TOML each by themselves are together what the whole text is:
// nothing in TOML reaches from one table into the next but a table in two
// parts. A line that looks like a header inside a list or a text leaves the
// piece before it unfinished, and so not TOML. Pure.
class TomlPieces {
 public:
  // What is worth the trouble, and how long a piece is at least, in bytes.
  static constexpr size_t kWorthCutting = 128 << 10;
  static constexpr size_t kPieceBytes = 32 << 10;

  explicit TomlPieces(std::string text, size_t piece_bytes = kPieceBytes)
      : text_(std::move(text)), piece_bytes_(piece_bytes) {}

  bool done() const { return at_ >= text_.size(); }
  // All that is before the first table of a token; maybe nothing.
  TomlPiece Head();
  // The next tables of tokens, at least `piece_bytes` of them or all that are
  // left. Not when done().
  TomlPiece Next();

 private:
  TomlPiece UpTo(size_t end);
  // Where the first line at or behind `from` begins that begins such a table;
  // the end of the text if none does.
  size_t CutBehind(size_t from) const;

  std::string text_;
  size_t piece_bytes_;
  size_t at_ = 0;
  int line_ = 1;
};

}  // namespace patform
