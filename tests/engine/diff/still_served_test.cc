#include "engine/diff/still_served.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/engine/diff/testing.h"

namespace patform {
namespace {

using testing::Held;

// "1 at a:1; 2 at b:2; unread c:3"
std::string Dump(const Served& served) {
  std::vector<std::string> lines;
  for (const auto& [id, place] : served.places) {
    lines.push_back(absl::StrCat(place->second.record->generation, " at ",
                                 place->first, "; "));
  }
  std::sort(lines.begin(), lines.end());
  std::string text;
  for (const std::string& line : lines) text += line;
  if (served.unread != nullptr) {
    absl::StrAppend(&text, "unread ", served.unread->first);
  }
  return text;
}

TEST(StillServedTest, Table) {
  const HeldRecord first = Held(1, 1, PlaceOf("main:a"));
  const HeldRecord second = Held(2, 2, PlaceOf("main:b"));
  const HeldRecord unread =
      HeldRecord::Unknown(absl::UnavailableError("no answer"));
  struct Row {
    const char* name;
    std::map<std::string, HeldRecord> records;
    std::set<std::string> remade;
    const char* want;
  };
  const std::vector<Row> rows = {
      {"nothing", {}, {}, ""},
      {"a place that is empty", {{"main:a", HeldRecord::Absent()}}, {}, ""},
      {"one each",
       {{"main:a", first}, {"main:b", second}},
       {},
       "1 at main:a; 2 at main:b; "},
      {"two places of one token: the first address",
       {{"main:z", first}, {"main:a", first}},
       {},
       "1 at main:a; "},
      {"another secret goes to one of them",
       {{"main:z", first}, {"main:a", first}},
       {"main:a"},
       "1 at main:z; "},
      {"… to both",
       {{"main:z", first}, {"main:a", first}},
       {"main:a", "main:z"},
       ""},
      {"what is remade holds nothing of ours",
       {{"main:a", first}},
       {"main:x"},
       "1 at main:a; "},
      {"the first that cannot be read",
       {{"main:z", unread}, {"main:y", unread}, {"main:a", first}},
       {},
       "1 at main:a; unread main:y"},
      {"… is not known for being remade",
       {{"main:z", unread}},
       {"main:z"},
       "unread main:z"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(Dump(StillServed(row.records, row.remade)), row.want) << row.name;
  }
}

TEST(AddRemadeTest, OnlyWhatMakesASecret) {
  Change change;
  change.deliver = {PlaceOf("main:a"), PlaceOf("other:b")};
  for (const auto& [kind, count] : {std::pair(Decision::Kind::kSettled, 0u),
                                    std::pair(Decision::Kind::kWait, 0u),
                                    std::pair(Decision::Kind::kBlocked, 0u),
                                    std::pair(Decision::Kind::kMake, 2u)}) {
    std::set<std::string> remade;
    change.decision.Mutable().kind = kind;
    AddRemade(change, remade);
    EXPECT_EQ(remade.size(), count) << Word(kind);
  }
}

}  // namespace
}  // namespace patform
