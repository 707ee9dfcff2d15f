#include "providers/emulator/tokens/target.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "engine/base/strings.h"

// A request's target: path and query, decoded. Lenient as ASP.NET is: empty
// parts of a path are skipped, names have no case, + is a space in a query.
namespace patform::emulator {
namespace {

// -1: not one.
int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// A % that begins no byte stays as it is.
std::string Decode(std::string_view text, bool plus_is_blank) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && HexDigit(text[i + 1]) >= 0 &&
        HexDigit(text[i + 2]) >= 0) {
      out +=
          static_cast<char>(HexDigit(text[i + 1]) * 16 + HexDigit(text[i + 2]));
      i += 2;
    } else {
      out += plus_is_blank && text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

// Calls `each` with the parts between the separators.
template <typename Each>
void Split(std::string_view text, char separator, const Each& each) {
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find(separator));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    if (!part.empty()) each(part);
  }
}

}  // namespace

// The first of several.
std::optional<std::string> Target::Find(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (absl::EqualsIgnoreCase(key, AbslView(name))) return value;
  }
  return std::nullopt;
}

// The i-th part of the path, without regard to case.
bool Target::Is(size_t i, std::string_view word) const {
  return i < path.size() && absl::EqualsIgnoreCase(path[i], AbslView(word));
}

Target ParseTarget(std::string_view target) {
  Target parsed;
  // A fragment should not be sent at all.
  target = target.substr(0, target.find('#'));
  const size_t question = target.find('?');
  Split(target.substr(0, question), '/', [&](std::string_view part) {
    parsed.path.push_back(Decode(part, false));
  });
  if (question == std::string_view::npos) return parsed;
  Split(target.substr(question + 1), '&', [&](std::string_view part) {
    const size_t equals = part.find('=');
    parsed.query.emplace_back(Decode(part.substr(0, equals), true),
                              equals == std::string_view::npos
                                  ? ""
                                  : Decode(part.substr(equals + 1), true));
  });
  return parsed;
}

}  // namespace patform::emulator
