// Durations, instants and Retry-After: what is read can be written and read
// again, and nothing wraps.
#include "engine/base/clock.h"
#include "engine/base/duration.h"
#include "providers/azure_devops/pat_api.h"
#include "providers/http/retry.h"
#include "tests/fuzz/fuzz.h"

namespace patform {
namespace {

FUZZ_TARGET(std::string_view input) {
  const std::string text(input);
  if (const auto duration = ParseDuration(input); duration.ok()) {
    FUZZ_CHECK(*duration >= absl::ZeroDuration(), text);
    FUZZ_CHECK(*duration <= absl::Hours(24 * 365 * 100), text);
    const auto again = ParseDuration(DurationText(*duration));
    FUZZ_CHECK(again.ok() && *again == *duration, DurationText(*duration));
    FUZZ_CHECK(!FormatSpan(*duration).empty(), text);
  } else {
    FUZZ_CHECK(!duration.status().message().empty(), text);
  }
  if (const auto instant = azure_devops::ParseInstant(input)) {
    const std::string written = azure_devops::WriteInstant(*instant);
    const auto again = azure_devops::ParseInstant(written);
    FUZZ_CHECK(again.has_value(), written);
    FUZZ_CHECK(*again <= *instant, written);
    FUZZ_CHECK(*instant - *again < absl::Milliseconds(1), written);
    FUZZ_CHECK(!FormatInstant(*instant).empty(), text);
  }
  const absl::Time now = absl::FromUnixSeconds(1'800'000'000);
  if (const auto wait = http::ParseRetryAfter(input, now)) {
    FUZZ_CHECK(*wait >= absl::ZeroDuration(), text);
    FUZZ_CHECK(http::RetryDelay(3, wait, input.size()) >= *wait, text);
  }
}

}  // namespace
}  // namespace patform
