#include "engine/model/authorization_id.h"

namespace patform {
namespace {

// A GUID, in either case; printed in lower case, compared as 16 bytes.
constexpr std::string_view kShape = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

constexpr uint8_t kNoDigit = 0xff;

// By byte: the digit's value. Lists are long, and every token has an id.
constexpr std::array<uint8_t, 256> kDigitOf = [] {
  std::array<uint8_t, 256> values = {};
  for (uint8_t& value : values) value = kNoDigit;
  for (int i = 0; i < 10; ++i) values['0' + i] = static_cast<uint8_t>(i);
  for (int i = 0; i < 6; ++i) {
    values['a' + i] = values['A' + i] = static_cast<uint8_t>(10 + i);
  }
  return values;
}();

// Where in the text each byte's two digits are.
constexpr std::array<uint8_t, 16> kPlaces = {0,  2,  4,  6,  9,  11, 14, 16,
                                             19, 21, 24, 26, 28, 30, 32, 34};

}  // namespace

// The one spelling that the service uses: no braces, no digits alone.
std::optional<AuthorizationId> AuthorizationId::Parse(std::string_view text) {
  if (text.size() != kShape.size()) return std::nullopt;
  if (text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-') {
    return std::nullopt;
  }
  AuthorizationId id;
  for (size_t i = 0; i < kPlaces.size(); ++i) {
    const uint8_t high = kDigitOf[static_cast<uint8_t>(text[kPlaces[i]])];
    const uint8_t low = kDigitOf[static_cast<uint8_t>(text[kPlaces[i] + 1])];
    if (high == kNoDigit || low == kNoDigit) return std::nullopt;
    id.bytes_[i] = static_cast<uint8_t>(high << 4 | low);
  }
  return id;
}

// Big-endian, so that ids are ordered by it as by their text.
uint64_t AuthorizationId::Prefix() const {
  uint64_t prefix = 0;
  for (size_t i = 0; i < sizeof(prefix); ++i) prefix = prefix << 8 | bytes_[i];
  return prefix;
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
