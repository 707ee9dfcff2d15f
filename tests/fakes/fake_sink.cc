#include "tests/fakes/fake_sink.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace patform {

std::string FakeSink::NextVersion() { return absl::StrCat("v", ++versions_); }

void FakeSink::PutForeign(const std::string& address,
                          const std::string& value) {
  Entry entry;
  entry.state = HeldRecord::State::kForeign;
  entry.value = value;
  entry.version = NextVersion();
  entries[address] = std::move(entry);
}

HeldRecord FakeSink::Read(const Delivery& place, Deadline) {
  const absl::StatusOr<HeldRecord> held =
      misfortune_.Perform<absl::StatusOr<HeldRecord>>(
          absl::StrCat("read ", place.Address()),
          absl::UnavailableError("no answer"),
          [&]() -> absl::StatusOr<HeldRecord> {
            HeldRecord result = HeldRecord::Absent();
            result.compare_and_set = compare_and_set_;
            const auto entry = entries.find(place.Address());
            if (entry == entries.end()) return result;
            result.state = entry->second.state;
            result.version = entry->second.version;
            if (result.state == HeldRecord::State::kPresent) {
              result.record = entry->second.record;
            }
            return result;
          });
  if (held.ok()) return *held;
  HeldRecord unknown = HeldRecord::Unknown(held.status());
  unknown.compare_and_set = compare_and_set_;
  return unknown;
}

absl::Status FakeSink::Check(const Delivery& place, Deadline) {
  return misfortune_.Perform<absl::Status>(
      absl::StrCat("check ", place.Address()),
      absl::UnavailableError("no answer"), [] { return absl::OkStatus(); });
}

absl::StatusOr<std::vector<std::string>> FakeSink::After(
    const std::vector<Delivery>& places, Deadline) {
  if (follow_up.empty()) return follow_up;
  std::string call = "after";
  for (const Delivery& place : places) {
    absl::StrAppend(&call, " ", place.Address());
  }
  return misfortune_.Perform<absl::StatusOr<std::vector<std::string>>>(
      call, absl::UnavailableError("no answer"), [&] { return follow_up; });
}

absl::Status FakeSink::Remove(const Delivery& place,
                              const std::string& expected, Deadline) {
  return misfortune_.Perform<absl::Status>(
      absl::StrCat("remove ", place.Address()),
      absl::UnknownError("the connection broke"), [&]() -> absl::Status {
        const auto found = entries.find(place.Address());
        if (found == entries.end()) return absl::NotFoundError("not there");
        if (compare_and_set_ && found->second.version != expected) {
          return absl::AbortedError("something else is there now");
        }
        entries.erase(found);
        return absl::OkStatus();
      });
}

absl::StatusOr<std::string> FakeSink::Put(const Delivery& place,
                                          const Secret& value,
                                          const SinkRecord& record,
                                          const std::string& expected,
                                          Deadline) {
  return misfortune_.Perform<absl::StatusOr<std::string>>(
      absl::StrCat("put ", place.Address()),
      absl::UnknownError("the connection broke"),
      [&]() -> absl::StatusOr<std::string> {
        const auto found = entries.find(place.Address());
        const std::string there =
            found == entries.end() ? "" : found->second.version;
        if (compare_and_set_ && there != expected) {
          return absl::AbortedError("something else is there now");
        }
        Entry entry;
        entry.record = record;
        entry.value = std::string(value.Reveal());
        entry.version = NextVersion();
        entries[place.Address()] = entry;
        return entry.version;
      });
}

}  // namespace patform
