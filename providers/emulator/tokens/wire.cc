#include "providers/emulator/tokens/wire.h"

#include <stdlib.h>
#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"
#include "engine/base/digest.h"
#include "engine/base/likeness.h"
#include "engine/base/strings.h"

// Dates, names and ids as .NET and SQL Server have them. Ticks are 1/300 s, the
// resolution of SQL Server's datetime: whatever is stored comes back rounded to
// it, so a client that compares dates for equality fails here as it would
// there.
namespace patform::emulator {
namespace {

constexpr int64_t kNanosPerSecond = 1'000'000'000;

bool IsHex(char c) {
  return absl::ascii_isxdigit(static_cast<unsigned char>(c));
}

// In the order of the bytes, without .NET's swapped halves.
std::string GuidOf(const std::string& sixteen_bytes) {
  const std::string hex = absl::BytesToHexString(sixteen_bytes);
  return absl::StrCat(hex.substr(0, 8), "-", hex.substr(8, 4), "-",
                      hex.substr(12, 4), "-", hex.substr(16, 4), "-",
                      hex.substr(20, 12));
}

// Rounds down for dates before 1970 as well.
int64_t FloorDiv(int64_t a, int64_t b) {
  return a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0);
}

}  // namespace

// To the nearest tick.
Ticks ToTicks(absl::Time time) {
  // Nanoseconds since 1970 would not reach back to the year 1.
  const int64_t seconds = absl::ToUnixSeconds(time);
  const int64_t rest =
      absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds));
  // Half a tick is rounded up.
  return seconds * kTicksPerSecond +
         (rest * kTicksPerSecond + kNanosPerSecond / 2) / kNanosPerSecond;
}

absl::Time FromTicks(Ticks ticks) {
  const int64_t seconds = FloorDiv(ticks, kTicksPerSecond);
  const int64_t rest = ticks - seconds * kTicksPerSecond;
  return absl::FromUnixSeconds(seconds) +
         absl::Nanoseconds(rest * kNanosPerSecond / kTicksPerSecond);
}

// The same date a year later; 29 February becomes 1 March.
Ticks AddYear(Ticks ticks) {
  const int64_t seconds = FloorDiv(ticks, kTicksPerSecond);
  const Ticks rest = ticks - seconds * kTicksPerSecond;
  const absl::CivilSecond now =
      absl::ToCivilSecond(absl::FromUnixSeconds(seconds), absl::UTCTimeZone());
  const absl::CivilSecond then(now.year() + 1, now.month(), now.day(),
                               now.hour(), now.minute(), now.second());
  return absl::ToUnixSeconds(absl::FromCivil(then, absl::UTCTimeZone())) *
             kTicksPerSecond +
         rest;
}

// .NET's round-trip format: up to seven digits, without zeros at the end.
std::string FormatTicks(Ticks ticks) {
  const int64_t seconds = FloorDiv(ticks, kTicksPerSecond);
  const int64_t rest = ticks - seconds * kTicksPerSecond;
  std::string text =
      absl::FormatTime("%E4Y-%m-%dT%H:%M:%S", absl::FromUnixSeconds(seconds),
                       absl::UTCTimeZone());
  if (rest != 0) {
    // 299/300 s is the largest: rounding never carries into the seconds.
    const int64_t fraction = (rest * 10'000'000 + 150) / 300;
    std::string digits = absl::StrFormat(".%07d", fraction);
    while (digits.back() == '0') digits.pop_back();
    text += digits;
  }
  return text + "Z";
}

// Only what JSON requires to be escaped; UTF-8 stays as it is.
void AppendJson(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      absl::StrAppendFormat(&out, "\\u%04x", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  out += '"';
}

// As .NET's WebUtility does it.
std::string HtmlEncode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string AnsweredName(const std::string& name, std::string_view how) {
  constexpr int kCut = 40;
  if (how == "html") return HtmlEncode(name);
  if (how == "lower") return absl::AsciiStrToLower(name);
  if (how == "upper") return absl::AsciiStrToUpper(name);
  if (how == "decomposed") return Decomposed(name);
  if (how == "composed") return Decoded(name);
  if (how == "trimmed") {
    std::string out = name;
    absl::RemoveExtraAsciiWhitespace(&out);
    return out;
  }
  if (how == "cut") return FirstCodePoints(name, kCut);
  return name;
}

// .NET counts UTF-16 units: a character beyond the first plane takes two.
size_t Utf16Length(std::string_view utf8) {
  size_t units = 0;
  for (const char c : utf8) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0) != 0x80) units += byte >= 0xF0 ? 2 : 1;
  }
  return units;
}

// In braces as well, as .NET reads it. Answered in lower case.
std::optional<std::string> ParseGuid(std::string_view text) {
  if (text.size() == 38 && text.front() == '{' && text.back() == '}') {
    text = text.substr(1, 36);
  }
  if (text.size() != 36) return std::nullopt;
  std::string guid;
  guid.reserve(36);
  for (size_t i = 0; i < 36; ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !IsHex(text[i])) return std::nullopt;
    guid += absl::ascii_tolower(static_cast<unsigned char>(text[i]));
  }
  return guid;
}

// Version 4 (RFC 9562).
std::string RandomGuid() {
  std::string bytes = RandomBytes(16);
  bytes[6] = static_cast<char>((bytes[6] & 0x0F) | 0x40);
  bytes[8] = static_cast<char>((bytes[8] & 0x3F) | 0x80);
  return GuidOf(bytes);
}

// The same id for a name in every run, so that tests can be written down.
// Version 5 in form only: the digest is SHA-256.
std::string DerivedGuid(std::string_view kind, std::string_view name) {
  std::string bytes =
      Sha256(absl::StrCat("patform-emulator:", AbslView(kind), ":",
                          absl::AsciiStrToLower(AbslView(name))))
          .substr(0, 16);
  bytes[6] = static_cast<char>((bytes[6] & 0x0F) | 0x50);
  bytes[8] = static_cast<char>((bytes[8] & 0x3F) | 0x80);
  return GuidOf(bytes);
}

// As bytes; engine/base has digests as text.
std::string Sha256(std::string_view bytes) {
  return absl::HexStringToBytes(patform::Sha256(bytes));
}

std::string HmacSha256(std::string_view key, std::string_view bytes) {
  return absl::HexStringToBytes(patform::HmacSha256(key, bytes));
}

// Without randomness there is no secret to give out.
std::string RandomBytes(size_t size) {
  std::string bytes(size, '\0');
  size_t done = 0;
  while (done < size) {
    const ssize_t got = getrandom(bytes.data() + done, size - done, 0);
    if (got < 0) {
      perror("getrandom");
      abort();
    }
    done += static_cast<size_t>(got);
  }
  return bytes;
}

// Without padding, as JWTs have it.
std::string Base64Url(std::string_view bytes) {
  std::string text = absl::WebSafeBase64Escape(AbslView(bytes));
  while (!text.empty() && text.back() == '=') text.pop_back();
  return text;
}

std::optional<std::string> FromBase64Url(std::string_view text) {
  std::string bytes;
  if (!absl::WebSafeBase64Unescape(AbslView(text), &bytes)) return std::nullopt;
  return bytes;
}

std::optional<std::string> FromBase64(std::string_view text) {
  std::string bytes;
  if (!absl::Base64Unescape(AbslView(text), &bytes)) return std::nullopt;
  return bytes;
}

}  // namespace patform::emulator
