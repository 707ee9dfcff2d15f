#include "engine/desired/duration.h"

#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

// Spans as in "1d12h". Stricter than absl::ParseDuration(): whole numbers,
// days, largest unit first, so that one span has one spelling and "5m" can
// never have been meant as five months.
namespace patform {
namespace {

constexpr char kUnits[] = "dhms";
constexpr int64_t kSeconds[] = {86400, 3600, 60, 1};
// Longer than any token can live; keeps the arithmetic below from overflowing.
constexpr int64_t kLongest = int64_t{100} * 365 * 86400;

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
      return absl::InvalidArgumentError("the unit is missing (d, h, m or s)");
    }
    int unit = 0;
    while (unit < 4 && kUnits[unit] != text[at]) ++unit;
    if (unit == 4) {
      return absl::InvalidArgumentError(absl::StrCat(
          "\"", std::string(1, text[at]), "\" is not a unit (d, h, m or s)"));
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

// The way back, without parts that are zero.
std::string DurationText(absl::Duration duration) {
  int64_t rest = absl::ToInt64Seconds(duration);
  std::string text;
  for (int unit = 0; unit < 4; ++unit) {
    if (rest / kSeconds[unit] == 0) continue;
    absl::StrAppend(&text, rest / kSeconds[unit], std::string(1, kUnits[unit]));
    rest %= kSeconds[unit];
  }
  return text.empty() ? "0s" : text;
}

}  // namespace patform
