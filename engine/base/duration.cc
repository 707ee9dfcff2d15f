#include "engine/base/duration.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "engine/base/strings.h"

// Spans as in "1d12h". Stricter than absl::ParseDuration(): whole numbers,
// weeks and days, largest unit first, so that one span has one spelling and
// "5m" can never have been meant as five months.
namespace patform {
namespace {

constexpr char kUnits[] = "wdhms";
constexpr int64_t kSeconds[] = {7 * 86400, 86400, 3600, 60, 1};
constexpr int kUnitCount = 5;
constexpr int kDays = 1;  // the largest unit that is written
// Longer than any token can live; keeps the arithmetic below from overflowing.
constexpr int64_t kLongest = int64_t{100} * 365 * 86400;

// A unit as others write it, in lower case; "": none. 0: unknown. A lone "m" is
// minutes except in the date of an ISO 8601 duration.
int64_t SecondsOf(std::string_view unit, bool iso_date) {
  struct Row {
    int64_t seconds;
    std::vector<std::string_view> names;
  };
  static const auto& rows = *new std::vector<Row>{
      {365 * 86400, {"y", "yr", "yrs", "year", "years"}},
      {30 * 86400, {"mo", "mon", "mth", "mths", "month", "months"}},
      {7 * 86400, {"w", "wk", "wks", "week", "weeks"}},
      {86400, {"", "d", "day", "days"}},
      {3600, {"h", "hr", "hrs", "hour", "hours"}},
      {60, {"m", "min", "mins", "minute", "minutes"}},
      {1, {"s", "sec", "secs", "second", "seconds"}}};
  if (iso_date && unit == "m") return 30 * 86400;
  for (const Row& row : rows) {
    if (std::find(row.names.begin(), row.names.end(), unit) !=
        row.names.end()) {
      return row.seconds;
    }
  }
  return 0;
}

// Takes the characters of `text` that `takes` accepts off its front.
template <typename Takes>
std::string_view TakeWhile(std::string_view& text, Takes takes) {
  size_t size = 0;
  while (size < text.size() && takes(text[size])) ++size;
  const std::string_view taken = text.substr(0, size);
  text.remove_prefix(size);
  return taken;
}

}  // namespace

absl::StatusOr<absl::Duration> ParseDuration(std::string_view text) {
  if (text.empty()) return absl::InvalidArgumentError("it is empty");
  if (text[0] == '-') return absl::InvalidArgumentError("it is negative");
  int64_t total = 0;
  int last_unit = -1;
  for (size_t at = 0; at < text.size();) {
    int64_t number = 0;
    const size_t begin = at;
    while (at < text.size() &&
           absl::ascii_isdigit(static_cast<unsigned char>(text[at]))) {
      // Stops before it could overflow.
      number = number * 10 + (text[at++] - '0');
      if (number > kLongest) {
        return absl::InvalidArgumentError("it is longer than 100 years");
      }
    }
    if (at == begin) {
      return absl::InvalidArgumentError("a number is missing before the unit");
    }
    if (at == text.size()) {
      return absl::InvalidArgumentError(
          "the unit is missing (w, d, h, m or s)");
    }
    int unit = 0;
    while (unit < kUnitCount && kUnits[unit] != text[at]) ++unit;
    if (unit == kUnitCount) {
      return absl::InvalidArgumentError(
          absl::StrCat("\"", std::string(1, text[at]),
                       "\" is not a unit (w, d, h, m or s)"));
    }
    // "1h1d" and "1h1h" are slips.
    if (unit <= last_unit) {
      return absl::InvalidArgumentError(
          "the units must come largest first, each once");
    }
    last_unit = unit;
    ++at;
    // Divided, because the product could overflow.
    if (number > kLongest / kSeconds[unit]) {
      return absl::InvalidArgumentError("it is longer than 100 years");
    }
    total += number * kSeconds[unit];
  }
  if (total > kLongest) {
    return absl::InvalidArgumentError("it is longer than 100 years");
  }
  return absl::Seconds(total);
}

std::optional<std::string> DurationSpelling(std::string_view written) {
  // No honest one is longer.
  if (written.size() > 40) return std::nullopt;
  const std::string lower = absl::AsciiStrToLower(AbslView(written));
  std::string_view text = lower;
  const bool iso = text.substr(0, 1) == "p";
  if (iso) text.remove_prefix(1);
  bool date = iso;
  double seconds = 0;
  for (;;) {
    TakeWhile(text, [](char c) { return c == ' ' || c == ',' || c == '_'; });
    if (date && text.substr(0, 1) == "t") {
      date = false;
      text.remove_prefix(1);
    }
    if (text.empty()) break;
    const std::string_view number = TakeWhile(text, [](char c) {
      return absl::ascii_isdigit(static_cast<unsigned char>(c)) || c == '.';
    });
    TakeWhile(text, [](char c) { return c == ' ' || c == '-'; });
    const std::string_view unit = TakeWhile(text, [](char c) {
      return absl::ascii_isalpha(static_cast<unsigned char>(c));
    });
    double count = 0;
    // "P1DT12H" has its T behind a unit.
    const bool time_follows = date && unit.size() == 2 && unit[1] == 't';
    const int64_t each =
        SecondsOf(time_follows ? unit.substr(0, 1) : unit, date);
    if (time_follows) date = false;
    if (each == 0 || !absl::SimpleAtod(AbslView(number), &count)) {
      return std::nullopt;
    }
    seconds += count * static_cast<double>(each);
  }
  if (seconds < 1 || seconds > static_cast<double>(kLongest)) {
    return std::nullopt;
  }
  return DurationText(absl::Seconds(static_cast<int64_t>(seconds)));
}

// The way back, without parts that are zero.
std::string DurationText(absl::Duration duration) {
  int64_t rest = absl::ToInt64Seconds(duration);
  std::string text;
  for (int unit = kDays; unit < kUnitCount; ++unit) {
    if (rest / kSeconds[unit] == 0) continue;
    absl::StrAppend(&text, rest / kSeconds[unit], std::string(1, kUnits[unit]));
    rest %= kSeconds[unit];
  }
  return text.empty() ? "0s" : text;
}

}  // namespace patform
