#include "engine/observed/read_records.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "engine/base/strings.h"

namespace patform {

std::map<std::string, HeldRecord> ReadRecords(
    const std::map<std::string, RecordReader*>& sinks,
    const std::vector<const Delivery*>& places, Deadline deadline) {
  std::map<std::string, HeldRecord> records;
  for (const Delivery* place : places) {
    const auto [entry, is_new] = records.try_emplace(place->Address());
    if (!is_new) continue;
    const auto sink = sinks.find(place->sink);
    entry->second = sink == sinks.end()
                        ? HeldRecord::Unknown(absl::FailedPreconditionError(
                              absl::StrCat("the sink \"", Visible(place->sink),
                                           "\" is not open in this run")))
                        : sink->second->Read(*place, deadline);
  }
  return records;
}

}  // namespace patform
