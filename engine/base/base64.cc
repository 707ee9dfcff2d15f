#include "engine/base/base64.h"

#include <string.h>

#include <array>
#include <cstdint>

// From one Secret into another, four digits at a time: nothing of what is
// encoded stays behind on the stack or in memory that was given back.
namespace patform {
namespace {

constexpr char kAlphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// Not a digit: the 64 digits are 0 to 63.
constexpr uint8_t kNone = 64;

// The value of each byte as a digit. Made by the compiler.
constexpr std::array<uint8_t, 256> Values() {
  std::array<uint8_t, 256> values{};
  for (uint8_t& value : values) value = kNone;
  for (uint8_t i = 0; i < 64; ++i) {
    values[static_cast<uint8_t>(kAlphabet[i])] = i;
  }
  return values;
}

}  // namespace

Secret Base64(std::string_view bytes) {
  Secret out;
  char quad[4];
  for (size_t at = 0; at < bytes.size(); at += 3) {
    const size_t n = bytes.size() - at;
    // 0 behind the end; '=' takes its place below.
    const auto byte = [&](size_t i) -> uint32_t {
      return i < n ? static_cast<uint8_t>(bytes[at + i]) : 0;
    };
    const uint32_t triple = byte(0) << 16 | byte(1) << 8 | byte(2);
    quad[0] = kAlphabet[triple >> 18];
    quad[1] = kAlphabet[triple >> 12 & 63];
    quad[2] = n > 1 ? kAlphabet[triple >> 6 & 63] : '=';
    quad[3] = n > 2 ? kAlphabet[triple & 63] : '=';
    out.Append(std::string_view(quad, 4));
  }
  // The last digits of the secret.
  explicit_bzero(quad, sizeof(quad));
  return out;
}

// Strict, so that every text has one meaning: a line break or a missing sign of
// padding is a sign that something was cut on its way here.
std::optional<Secret> FromBase64(std::string_view text) {
  static constexpr std::array<uint8_t, 256> kValues = Values();
  if (text.size() % 4 != 0) return std::nullopt;
  Secret out;
  char triple[3];
  for (size_t at = 0; at < text.size(); at += 4) {
    uint32_t quad = 0;
    int padding = 0;
    for (size_t i = 0; i < 4; ++i) {
      const char c = text[at + i];
      uint8_t value = kValues[static_cast<uint8_t>(c)];
      // Padding is at the very end, and at most twice.
      if (c == '=' && at + 4 == text.size() && i >= 2) {
        ++padding;
        value = 0;
      } else if (padding > 0) {
        value = kNone;
      }
      if (value == kNone) return std::nullopt;
      quad = quad << 6 | value;
    }
    triple[0] = static_cast<char>(quad >> 16);
    triple[1] = static_cast<char>(quad >> 8);
    triple[2] = static_cast<char>(quad);
    // Each sign of padding is a byte that was not there.
    out.Append(std::string_view(triple, 3 - padding));
  }
  explicit_bzero(triple, sizeof(triple));
  return out;
}

}  // namespace patform
