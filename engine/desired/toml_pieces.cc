#include "engine/desired/toml_pieces.h"

#include <algorithm>
#include <string_view>

namespace patform {
namespace {

constexpr std::string_view kTable = "[token.";

// Does `text` begin with the header of a token's own table? Of one with three
// parts, [token.NAME.labels], the table that it is a part of is elsewhere.
bool BeginsTable(std::string_view text) {
  if (!text.starts_with(kTable)) return false;
  text.remove_prefix(kTable.size());
  const bool quoted = text.starts_with('"');
  if (quoted) text.remove_prefix(1);
  const size_t end = text.find_first_of(quoted ? "\"\\\n" : ".]\"'\n");
  if (end == text.npos || end == 0) return false;
  text.remove_prefix(end);
  return text.starts_with(quoted ? "\"]" : "]");
}

}  // namespace

// Where the text begins with such a table there is no head, and the caller
// finds out what is missing in it.
TomlPiece TomlPieces::Head() {
  return UpTo(BeginsTable(text_) ? 0 : CutBehind(0));
}

TomlPiece TomlPieces::Next() {
  return UpTo(CutBehind(std::min(at_ + piece_bytes_, text_.size())));
}

// Lines are counted here, once, so that a piece knows where it is.
TomlPiece TomlPieces::UpTo(size_t end) {
  TomlPiece piece = {text_.substr(at_, end - at_), line_};
  line_ +=
      static_cast<int>(std::count(piece.text.begin(), piece.text.end(), '\n'));
  at_ = end;
  return piece;
}

size_t TomlPieces::CutBehind(size_t from) const {
  const std::string_view text = text_;
  for (size_t end = text.find('\n', from); end != text.npos;
       end = text.find('\n', end + 1)) {
    if (BeginsTable(text.substr(end + 1))) return end + 1;
  }
  return text.size();
}

}  // namespace patform
