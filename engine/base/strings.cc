#include "engine/base/strings.h"

#include <string.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace patform {
namespace {

struct Decoded {
  uint32_t code = 0;
  int length = 0;  // 0: the bytes are not UTF-8
};

Decoded DecodeAt(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) {
    return static_cast<uint8_t>(text[at + i]);
  };
  const uint8_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  int length = 0;
  uint32_t code = 0, least = 0;
  if ((lead & 0xe0) == 0xc0) {
    length = 2, code = lead & 0x1f, least = 0x80;
  } else if ((lead & 0xf0) == 0xe0) {
    length = 3, code = lead & 0x0f, least = 0x800;
  } else if ((lead & 0xf8) == 0xf0) {
    length = 4, code = lead & 0x07, least = 0x10000;
  } else {
    return {};
  }
  if (at + length > text.size()) return {};
  for (int i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    code = code << 6 | (byte(i) & 0x3f);
  }
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  if (code < least || code > 0x10ffff || surrogate) return {};
  return {code, length};
}

// Characters that change how others are shown, or show nothing themselves.
bool IsFormat(uint32_t code) {
  static constexpr std::array<std::pair<uint32_t, uint32_t>, 14> kRanges = {{
      {0x80, 0x9f},
      {0xad, 0xad},
      {0x61c, 0x61c},
      {0x115f, 0x1160},
      {0x17b4, 0x17b5},
      {0x180b, 0x180f},
      {0x200b, 0x200f},
      {0x2028, 0x202e},
      {0x2060, 0x206f},
      {0x3164, 0x3164},
      {0xfe00, 0xfe0f},
      {0xfeff, 0xfeff},
      {0xfff0, 0xfffb},
      {0xe0000, 0xe0fff},
  }};
  return std::any_of(kRanges.begin(), kRanges.end(), [code](const auto& range) {
    return code >= range.first && code <= range.second;
  });
}

std::string Hex(const char* format, unsigned value) {
  char buffer[24];
  std::snprintf(buffer, sizeof(buffer), format, value);
  return buffer;
}

int Distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<int>> d(a.size() + 1,
                                  std::vector<int>(b.size() + 1, 0));
  for (size_t i = 0; i <= a.size(); ++i) d[i][0] = static_cast<int>(i);
  for (size_t j = 0; j <= b.size(); ++j) d[0][j] = static_cast<int>(j);
  for (size_t i = 1; i <= a.size(); ++i) {
    for (size_t j = 1; j <= b.size(); ++j) {
      const int change = a[i - 1] == b[j - 1] ? 0 : 1;
      d[i][j] = std::min(
          {d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
  }
  return d[a.size()][b.size()];
}

}  // namespace

std::optional<std::string> Nearest(std::string_view word,
                                   const std::vector<std::string>& candidates) {
  if (word.empty() || word.size() > 128) return std::nullopt;
  const std::string folded = absl::AsciiStrToLower(AbslView(word));
  int best = std::max<int>(1, static_cast<int>(folded.size()) / 3) + 1;
  std::optional<std::string> result;
  for (const std::string& candidate : candidates) {
    const int distance = Distance(folded, absl::AsciiStrToLower(candidate));
    if (distance < best) {
      best = distance;
      result = candidate;
    }
  }
  return result;
}

int CodePoints(std::string_view text) {
  int count = 0;
  for (size_t at = 0; at < text.size(); ++count) {
    at += std::max(1, DecodeAt(text, at).length);
  }
  return count;
}

bool IsValidUtf8(std::string_view text) {
  constexpr uint64_t kHighBits = 0x8080808080808080;
  for (size_t at = 0; at < text.size();) {
    // Most texts are ASCII, which is eight at a time.
    uint64_t eight;
    if (at + sizeof(eight) <= text.size()) {
      memcpy(&eight, text.data() + at, sizeof(eight));
      if ((eight & kHighBits) == 0) {
        at += sizeof(eight);
        continue;
      }
    }
    const int length = DecodeAt(text, at).length;
    if (length == 0) return false;
    at += length;
  }
  return true;
}

std::string Visible(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const Decoded decoded = DecodeAt(text, at);
    const auto byte = static_cast<uint8_t>(text[at]);
    if (decoded.length == 0) {
      out += Hex("\\x%02x", byte);
      ++at;
      continue;
    }
    if (decoded.code == '\n') {
      out += "\\n";
    } else if (decoded.code == '\t') {
      out += "\\t";
    } else if (decoded.code == '\r') {
      out += "\\r";
    } else if (decoded.code < 0x20 || decoded.code == 0x7f) {
      out += Hex("\\x%02x", byte);
    } else if (IsFormat(decoded.code)) {
      out += Hex("\\u{%04x}", decoded.code);
    } else {
      out.append(text.substr(at, decoded.length));
    }
    at += decoded.length;
  }
  return out;
}

std::string ToUtf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const int length = DecodeAt(text, at).length;
    if (length == 0) {
      out += "\xef\xbf\xbd";
      ++at;
    } else {
      out.append(text.substr(at, length));
      at += length;
    }
  }
  return out;
}

std::string Count(long long n, std::string_view singular,
                  std::string_view plural) {
  if (n == 1) return absl::StrCat(n, " ", AbslView(singular));
  if (!plural.empty()) return absl::StrCat(n, " ", AbslView(plural));
  return absl::StrCat(n, " ", AbslView(singular), "s");
}

bool GlobMatch(std::string_view pattern, std::string_view text) {
  size_t p = 0, t = 0, star = std::string_view::npos, mark = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      mark = t;
    } else if (p < pattern.size() &&
               (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p, ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace patform
