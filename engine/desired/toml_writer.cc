#include "engine/desired/toml_writer.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "engine/base/strings.h"

// Text and keys as TOML, for files that `import` and `init` write. What a
// person cannot see is spelled as an escape, so that a review of the file sees
// it.
namespace patform {
namespace {

// The bytes of the character that `text` begins with; it is UTF-8.
size_t FirstCharacter(std::string_view text) {
  size_t length = 1;
  while (length < text.size() &&
         (static_cast<unsigned char>(text[length]) & 0xc0) == 0x80) {
    ++length;
  }
  return length;
}

// The code point of one character.
uint32_t CodeOf(std::string_view character) {
  const auto lead = static_cast<unsigned char>(character[0]);
  if (character.size() == 1) return lead;
  uint32_t code = lead & (0x7f >> character.size());
  for (size_t i = 1; i < character.size(); ++i) {
    code = code << 6 | (static_cast<unsigned char>(character[i]) & 0x3f);
  }
  return code;
}

}  // namespace

std::string TomlString(std::string_view text) {
  const std::string clean = ToUtf8(text);
  // Taken from the whole: what a log acts on is more than one character.
  const std::vector<std::string> pieces = VisiblePieces(clean);
  std::string out = "\"";
  size_t piece = 0;
  for (std::string_view rest = clean; !rest.empty(); ++piece) {
    const std::string_view character = rest.substr(0, FirstCharacter(rest));
    rest.remove_prefix(character.size());
    if (character == "\"" || character == "\\") {
      absl::StrAppend(&out, "\\", AbslView(character));
    } else if (pieces[piece] == character) {
      out.append(character);
    } else {
      // What a reviewer could not see, or a log would act on, is spelled out.
      const uint32_t code = CodeOf(character);
      out += code > 0xffff ? absl::StrFormat("\\U%08X", code)
                           : absl::StrFormat("\\u%04X", code);
    }
  }
  return out + "\"";
}

// Bare where TOML allows it, quoted otherwise.
std::string TomlKey(std::string_view key) {
  const bool bare =
      !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
        return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' ||
               c == '_';
      });
  return bare ? std::string(key) : TomlString(key);
}

}  // namespace patform
