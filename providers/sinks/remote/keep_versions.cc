#include "providers/sinks/remote/keep_versions.h"

#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/duration.h"
#include "engine/base/strings.h"

namespace patform::sinks {
namespace {

constexpr char kName[] = "keep_versions";

std::string SpanFault(std::string_view text) {
  return ParseDuration(text).ok() ? "" : "a span such as \"24h\" or \"7d\"";
}

}  // namespace

SettingKey KeepVersionsKey(std::string doc) {
  return {.name = kName,
          .kind = SettingKey::Kind::kText,
          .doc = std::move(doc),
          .fault = SpanFault};
}

absl::StatusOr<std::optional<absl::Duration>> KeepVersions(
    const SinkConfig& config) {
  const std::string text = config.Text(kName);
  if (text.empty()) return std::nullopt;
  const absl::StatusOr<absl::Duration> span = ParseDuration(text);
  if (span.ok()) return *span;
  return absl::InvalidArgumentError(absl::StrCat(
      "sink \"", Visible(config.name), "\": ", kName, " \"",
      Visible(config.Shown(kName)), "\": expected ", SpanFault(text)));
}

}  // namespace patform::sinks
