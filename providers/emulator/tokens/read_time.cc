// Every form of a date that a .NET reader of JSON takes: its own, ISO 8601, and
// whatever DateTime.Parse reads in the invariant culture, month first.
#include <algorithm>
#include <array>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "engine/base/strings.h"
#include "providers/emulator/tokens/wire.h"

namespace patform::emulator {
namespace {

constexpr std::array<const char*, 11> kDates = {
    "%Y-%m-%d", "%Y/%m/%d",     "%m/%d/%Y",    "%m-%d-%Y",
    "%d %b %Y", "%d-%b-%Y",     "%b %d, %Y",   "%b %d %Y",
    "%Y %b %d", "%a, %d %b %Y", "%A, %d %B %Y"};
constexpr std::array<const char*, 4> kTimes = {"%H:%M:%E*S", "%H:%M",
                                               "%I:%M:%E*S %p", "%I:%M %p"};
constexpr std::array<const char*, 3> kZones = {"", "%Ez", " %Ez"};

// What the service can store: the years 1 to 9999.
bool IsInRange(absl::Time time) {
  return time > absl::FromUnixSeconds(-62'135'596'800) &&
         time < absl::FromUnixSeconds(253'402'300'800);
}

// "/Date(1795000000000+0100)/": milliseconds since 1970 in UTC. The offset is
// where the writer was, and moves nothing. nullopt: it is not of this form.
std::optional<absl::Time> ReadMilliseconds(absl::string_view text) {
  if (!absl::ConsumePrefix(&text, "/Date(") ||
      !absl::ConsumeSuffix(&text, ")/")) {
    return std::nullopt;
  }
  const size_t sign = text.find_first_of("+-", 1);
  if (sign != absl::string_view::npos) {
    const absl::string_view offset = text.substr(sign + 1);
    int digits = 0;
    if (offset.size() != 4 || !absl::SimpleAtoi(offset, &digits)) {
      return std::nullopt;
    }
    text = text.substr(0, sign);
  }
  int64_t milliseconds = 0;
  if (!absl::SimpleAtoi(text, &milliseconds)) return std::nullopt;
  return absl::FromUnixMillis(milliseconds);
}

// 12/20/26 and 12-20-26 as of this century. A date that begins with a year of
// four digits stays as it is.
std::string WithWholeYear(std::string text) {
  const std::string date = text.substr(0, text.find(' '));
  const size_t first = date.find_first_of("/-");
  const size_t last = date.find_last_of("/-");
  if (first <= 2 && last != first && date.size() == last + 3) {
    text.insert(last + 1, "20");
  }
  return text;
}

std::optional<absl::Time> Read(const std::string& format,
                               absl::string_view text) {
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(format, text, &time, &error)) return std::nullopt;
  return time;
}

// With a time behind the date, or none.
std::optional<absl::Time> ReadWith(absl::string_view date,
                                   absl::string_view text) {
  // .NET reads years of two digits in another order.
  if (absl::StartsWith(date, "%Y") &&
      (text.size() < 4 ||
       !std::all_of(text.begin(), text.begin() + 4, [](char c) {
         return absl::ascii_isdigit(static_cast<unsigned char>(c));
       }))) {
    return std::nullopt;
  }
  if (auto time = Read(std::string(date), text)) return time;
  const bool iso = date == kDates.front();
  for (const char* clock : kTimes) {
    for (const char* zone : kZones) {
      for (const char* separator : {" ", "T"}) {
        if (*separator == 'T' && !iso) continue;
        const std::string format = absl::StrCat(date, separator, clock, zone);
        if (auto time = Read(format, text)) return time;
      }
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<absl::Time> ParseTime(std::string_view text) {
  absl::string_view rest = absl::StripAsciiWhitespace(AbslView(text));
  if (absl::StartsWithIgnoreCase(rest, "infinite")) return std::nullopt;
  if (auto time = ReadMilliseconds(rest)) {
    return IsInRange(*time) ? time : std::nullopt;
  }
  // Both are UTC, as is a time without a zone.
  absl::ConsumeSuffix(&rest, " GMT");
  const std::string whole = WithWholeYear(std::string(rest));
  for (const char* format : kDates) {
    const std::optional<absl::Time> time = ReadWith(format, whole);
    // Only a year that comes first may have zeros before it.
    const absl::Time earliest = absl::StartsWith(format, "%Y")
                                    ? absl::InfinitePast()
                                    : absl::FromUnixSeconds(-30'610'224'000);
    if (time && *time >= earliest && IsInRange(*time)) return time;
  }
  return std::nullopt;
}

}  // namespace patform::emulator
