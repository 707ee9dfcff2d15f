#include "engine/model/authorization_id.h"

namespace patform {
namespace {

constexpr std::string_view kShape = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::optional<AuthorizationId> AuthorizationId::Parse(std::string_view text) {
  if (text.size() != kShape.size()) return std::nullopt;
  AuthorizationId id;
  int nibble = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (kShape[i] == '-') {
      if (text[i] != '-') return std::nullopt;
      continue;
    }
    const int digit = HexDigit(text[i]);
    if (digit < 0) return std::nullopt;
    id.bytes_[nibble / 2] |= digit << (nibble % 2 == 0 ? 4 : 0);
    ++nibble;
  }
  return id;
}

std::string AuthorizationId::ToString() const {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text(kShape);
  int nibble = 0;
  for (char& c : text) {
    if (c == '-') continue;
    const uint8_t byte = bytes_[nibble / 2];
    c = kDigits[nibble % 2 == 0 ? byte >> 4 : byte & 0xf];
    ++nibble;
  }
  return text;
}

}  // namespace patform
