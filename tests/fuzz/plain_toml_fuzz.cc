// Two parsers: what the one for plain files takes, it reads as the one for the
// whole language does, to the column; in pieces, too.
#include <set>

#include "engine/base/strings.h"
#include "engine/desired/plain_toml.h"
#include "engine/desired/toml_limits.h"
#include "engine/desired/toml_pieces.h"
#include "engine/desired/toml_reader.h"
#include "tests/fakes/toml_dump.h"
#include "tests/fuzz/fuzz.h"

namespace patform {
namespace {

// The tables of tokens in pieces as small as they come; nullopt: they have to
// be read whole.
std::optional<std::string> InPieces(const std::string& text) {
  TomlPieces pieces(text, 1);
  const TomlResult head = ParseToml(pieces.Head().text);
  if (!head.ok || head.root.Find("token") != nullptr) return std::nullopt;
  std::set<std::string> names;
  std::string dump;
  while (!pieces.done()) {
    const TomlPiece piece = pieces.Next();
    const auto plain = ParsePlainToml(piece.text, piece.first_line);
    if (!plain || plain->members.size() != 1 ||
        plain->members[0].key != "token") {
      return std::nullopt;
    }
    for (const TomlValue::Member& token : plain->members[0].value.members) {
      // Which is said of the names, later.
      if (!names.insert(token.key).second) return std::nullopt;
      Dump(token.value, token.key, dump);
    }
  }
  return dump;
}

void Pieces(const std::string& text) {
  const std::optional<std::string> pieces = InPieces(text);
  if (!pieces || pieces->empty()) return;
  const TomlResult whole = ParseAnyToml(text);
  FUZZ_CHECK(whole.ok, text);
  std::string dump;
  const TomlValue::Member* tokens = whole.root.Find("token");
  FUZZ_CHECK(tokens != nullptr, text);
  for (const TomlValue::Member& token : tokens->value.members) {
    Dump(token.value, token.key, dump);
  }
  FUZZ_CHECK(dump == *pieces, text);
}

FUZZ_TARGET(std::string_view input) {
  // As ParseFile() has it.
  const std::string text(input);
  if (!IsValidUtf8(text) || text.find('\0') != std::string::npos ||
      FindExcess(text)) {
    return;
  }
  Pieces(text);
  const std::optional<TomlValue> plain = ParsePlainToml(text);
  if (!plain) return;
  const TomlResult any = ParseAnyToml(text);
  FUZZ_CHECK(any.ok, text);
  FUZZ_CHECK(Dump(*plain) == Dump(any.root), text);
}

}  // namespace
}  // namespace patform
