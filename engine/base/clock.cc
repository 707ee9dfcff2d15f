#include "engine/base/clock.h"

#include <cmath>
#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"

namespace patform {

// RFC 3339 with as many digits of a second as there are: what is written to a
// file must be read back as the same instant.
std::string FormatInstant(absl::Time time) {
  return absl::FormatTime("%E4Y-%m-%dT%H:%M:%E*SZ", time, absl::UTCTimeZone());
}

// For tables: seconds would only be noise.
std::string FormatMinute(absl::Time time) {
  return absl::FormatTime("%E4Y-%m-%d %H:%M UTC", time, absl::UTCTimeZone());
}

std::string FormatDay(absl::Time time) {
  return absl::FormatTime("%E4Y-%m-%d", time, absl::UTCTimeZone());
}

// The two largest units that matter: "89d 23h", "1h 5m". Zero in the second one
// is left out.
std::string FormatSpan(absl::Duration span) {
  if (span < absl::ZeroDuration()) span = -span;
  const int64_t total = absl::ToInt64Seconds(span);
  const int64_t parts[] = {total / 86400, total / 3600 % 24, total / 60 % 60,
                           total % 60};
  const char* units[] = {"d", "h", "m", "s"};
  for (int i = 0; i < 4; ++i) {
    if (parts[i] == 0) continue;
    std::string text = absl::StrCat(parts[i], units[i]);
    if (i < 3 && parts[i + 1] != 0) {
      absl::StrAppend(&text, " ", parts[i + 1], units[i + 1]);
    }
    return text;
  }
  return "0s";
}

std::string FormatRelative(absl::Time time, absl::Time now) {
  absl::Duration span = time - now;
  // The service's dates are whole seconds: a month is not "29d 23h".
  if (absl::AbsDuration(span) >= absl::Hours(1)) {
    span = absl::Minutes(std::round(absl::ToDoubleMinutes(span)));
  }
  if (absl::AbsDuration(span) < absl::Seconds(1)) return "now";
  if (span > absl::ZeroDuration()) return absl::StrCat("in ", FormatSpan(span));
  return absl::StrCat(FormatSpan(span), " ago");
}

}  // namespace patform
