#include "engine/observed/read_records.h"

#include <gtest/gtest.h>

#include <string>
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
