#include "engine/observed/read_records.h"

#include <iterator>
#include <optional>
#include <set>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "engine/base/strings.h"

namespace patform {

std::map<std::string, HeldRecord> ReadRecords(
    const std::map<std::string, RecordReader*>& sinks,
    const std::vector<const Delivery*>& places, Deadline deadline) {
  std::map<std::string, HeldRecord> records;
  // A store is asked for all of its places at once.
  std::map<std::string, std::vector<const Delivery*>> by_sink;
  for (const Delivery* place : places) {
    if (records.try_emplace(place->Address()).second) {
      by_sink[place->sink].push_back(place);
    }
  }
  for (const auto& [name, asked] : by_sink) {
    const auto sink = sinks.find(name);
    if (sink == sinks.end()) {
      for (const Delivery* place : asked) {
        records[place->Address()] =
            HeldRecord::Unknown(absl::FailedPreconditionError(absl::StrCat(
                "the sink \"", Visible(name), "\" is not open in this run")));
      }
      continue;
    }
    std::vector<HeldRecord> held = sink->second->ReadAll(asked, deadline);
    for (size_t i = 0; i < asked.size(); ++i) {
      records[asked[i]->Address()] = std::move(held[i]);
    }
  }
  return records;
}

std::map<std::string, StrayPlace> ReadStrays(
    const DesiredState& desired,
    const std::map<std::string, RecordReader*>& sinks, Deadline deadline) {
  std::map<std::string, std::string> stores;
  for (const SinkConfig& sink : desired.sinks) stores[sink.name] = sink.store;
  std::map<std::string, std::set<std::string>> ats;  // by store
  for (const DesiredToken& token : desired.tokens) {
    for (const Delivery& place : token.deliver) {
      ats[stores[place.sink]].insert(place.at);
    }
  }
  std::map<std::string, StrayPlace> strays;
  for (const auto& [name, store] : stores) {
    const auto reader = sinks.find(name);
    if (reader == sinks.end() || store.empty()) continue;
    for (StrayPlace& found : reader->second->Recorded(ats[store], deadline)) {
      found.place.sink = name;
      std::string address = found.place.Address();
      const std::optional<SinkRecord>& record = found.held.record;
      // A record that was copied there speaks of another place.
      if (record && record->workspace == desired.workspace &&
          record->address == address) {
        strays.emplace(std::move(address), std::move(found));
      }
    }
  }
  if (strays.empty()) return strays;
  // By what the places are: a sink may be spelled or called otherwise by now.
  const auto home = [&stores](const Delivery& place) {
    return absl::StrCat(stores[place.sink], "/", place.at, "\n", place.key);
  };
  absl::flat_hash_set<std::string> declared;
  for (const DesiredToken& token : desired.tokens) {
    if (token.ensure == Ensure::kAbsent) continue;
    for (const Delivery& place : token.deliver) declared.insert(home(place));
  }
  for (auto stray = strays.begin(); stray != strays.end();) {
    const bool known = declared.contains(home(stray->second.place));
    stray = known ? strays.erase(stray) : std::next(stray);
  }
  return strays;
}

}  // namespace patform
