#include "engine/plan/places.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/base/strings.h"
#include "engine/plan/classify.h"

namespace patform {
namespace {

// As TOML, for whoever compares it with the file.
std::string Written(const SettingValue& value) {
  if (const auto* text = std::get_if<std::string>(&value))
    return InQuotes(*text);
  if (const auto* number = std::get_if<int64_t>(&value)) {
    return absl::StrCat(*number);
  }
  if (const auto* flag = std::get_if<bool>(&value)) {
    return *flag ? "true" : "false";
  }
  std::string list;
  for (const std::string& item : std::get<std::vector<std::string>>(value)) {
    absl::StrAppend(&list, list.empty() ? "" : ", ", InQuotes(item));
  }
  return absl::StrCat("[", list, "]");
}

std::string Holds(const Delivery& place, const ActualState& actual) {
  const auto found = actual.records.find(place.Address());
  // Never taken for empty: a reviewer would approve writing over something.
  if (found == actual.records.end()) return "could not be read";
  const HeldRecord& held = found->second;
  switch (held.state) {
    case HeldRecord::State::kAbsent:
      return "holds nothing yet";
    case HeldRecord::State::kPresent:
      return absl::StrCat("holds the secret of ", InQuotes(held.record->token),
                          " in ", held.record->organization);
    case HeldRecord::State::kForeign:
      return "holds a value that patform did not write";
    case HeldRecord::State::kUnknown:
      return "could not be read";
    case HeldRecord::State::kTorn:
      return "holds a secret without its record";
    case HeldRecord::State::kSilent:
      return "does not reveal what it holds";
  }
  return "";
}

}  // namespace

std::string DescribeSink(const SinkConfig& sink) {
  std::string text = sink.type;
  // As the file has it. What the environment fills in may be a secret of this
  // runner, and is only told apart by its fingerprint.
  for (const auto& [key, value] : sink.written) {
    absl::StrAppend(&text, ", ", key, " = ", Written(value));
  }
  if (!sink.filled_in.empty()) {
    absl::StrAppend(&text, ", from the environment ", sink.filled_in);
  }
  return text;
}

std::vector<PlaceFacts> DescribePlaces(const Change& change,
                                       const DesiredState& desired,
                                       const ActualState& actual) {
  std::vector<PlaceFacts> places;
  // Only a new secret goes anywhere.
  if (change.decision->kind != Decision::Kind::kMake) return places;
  for (const Delivery& place : change.deliver) {
    PlaceFacts facts;
    const SinkConfig* sink = desired.FindSink(place.sink);
    // Null in tests alone: the reader refuses a delivery to no sink.
    if (sink != nullptr) facts.sink = DescribeSink(*sink);
    facts.known = HoldsSecretOf(change, place, actual);
    facts.holds = Holds(place, actual);
    places.push_back(std::move(facts));
  }
  return places;
}

}  // namespace patform
