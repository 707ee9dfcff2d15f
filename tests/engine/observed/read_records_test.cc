#include "engine/observed/read_records.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

namespace patform {
namespace {

class CountingReader : public RecordReader {
 public:
  HeldRecord Read(const Delivery& place, Deadline) override {
    asked.push_back(place.Address());
    return HeldRecord::Absent();
  }
  std::vector<std::string> asked;
};

// A store with records at these places.
class RecordedReader : public CountingReader {
 public:
  explicit RecordedReader(std::vector<StrayPlace> places)
      : places_(std::move(places)) {}
  std::vector<StrayPlace> Recorded(const std::set<std::string>& ats,
                                   Deadline) override {
    known.insert(ats.begin(), ats.end());
    return places_;
  }
  std::set<std::string> known;

 private:
  const std::vector<StrayPlace> places_;
};

StrayPlace Recorded(const std::string& address, const std::string& at,
                    const std::string& key = "") {
  StrayPlace stray;
  stray.place.at = at;
  stray.place.key = key;
  stray.held.state = HeldRecord::State::kPresent;
  stray.held.record.emplace();
  stray.held.record->workspace = "w";
  stray.held.record->address = address;
  return stray;
}

TEST(ReadStraysTest, WhatNoTableNames) {
  DesiredState desired;
  desired.workspace = "w";
  desired.sinks.resize(3);
  const char* const names[] = {"f", "same", "broken"};
  for (int i = 0; i < 3; ++i) desired.sinks[i].name = names[i];
  desired.sinks[0].store = desired.sinks[1].store = "/s";
  const auto declare = [&](const char* sink, const char* at, const char* key,
                           Ensure ensure) {
    DesiredToken& token = desired.tokens.emplace_back();
    token.ensure = ensure;
    Delivery& place = token.deliver.emplace_back();
    place.sink = sink;
    place.at = at;
    place.key = key;
  };
  declare("f", "declared", "", Ensure::kPresent);
  declare("f", "absent", "", Ensure::kAbsent);
  declare("f", "released", "", Ensure::kReleased);
  // The same file by the other sink.
  declare("same", "moved", "", Ensure::kPresent);
  declare("f", "x.env", "KEY", Ensure::kPresent);
  StrayPlace foreign = Recorded("f:theirs", "theirs");
  foreign.held.record->workspace = "theirs";
  RecordedReader reader(
      {Recorded("f:declared", "declared"), Recorded("f:absent", "absent"),
       Recorded("f:released", "released"), Recorded("f:moved", "moved"),
       Recorded("f:gone", "gone"), Recorded("f:copied", "copy"),
       Recorded("f:x.env#KEY", "x.env", "KEY"),
       Recorded("f:x.env#OLD", "x.env", "OLD"), foreign});
  RecordedReader unread({Recorded("broken:x", "x")});
  std::string found;
  for (const auto& [address, stray] :
       ReadStrays(desired, {{"f", &reader}, {"broken", &unread}}, {})) {
    found += address + " ";
  }
  EXPECT_EQ(found, "f:absent f:gone f:x.env#OLD ");
  EXPECT_EQ(reader.known, (std::set<std::string>{"absent", "declared", "moved",
                                                 "released", "x.env"}));
}

TEST(ReadRecordsTest, EachAddressOnceAndNoSinkIsUnknown) {
  const auto at = [](std::string sink, std::string path, std::string key) {
    Delivery place;
    place.sink = std::move(sink);
    place.at = std::move(path);
    place.key = std::move(key);
    return place;
  };
  const Delivery places[] = {at("a", "f", "ONE"), at("a", "f", "TWO"),
                             at("a", "f", "ONE"), at("gone", "f", "")};
  std::vector<const Delivery*> pointers;
  for (const Delivery& place : places) pointers.push_back(&place);
  CountingReader reader;
  const auto records = ReadRecords({{"a", &reader}}, pointers, {});
  EXPECT_EQ(reader.asked, (std::vector<std::string>{"a:f#ONE", "a:f#TWO"}));
  ASSERT_EQ(records.size(), 3u);
  EXPECT_EQ(records.at("a:f#ONE").state, HeldRecord::State::kAbsent);
  const HeldRecord& lost = records.at("gone:f");
  EXPECT_EQ(lost.state, HeldRecord::State::kUnknown);
  EXPECT_EQ(lost.why.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(lost.why.message(), "the sink \"gone\" is not open in this run");
}

}  // namespace
}  // namespace patform
