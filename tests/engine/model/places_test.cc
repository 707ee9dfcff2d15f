#include "engine/model/places.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "engine/model/mark.h"

namespace patform {
namespace {

Delivery At(const std::string& sink, const std::string& at,
            const std::string& key = "") {
  Delivery place;
  place.sink = sink;
  place.at = at;
  place.key = key;
  return place;
}

DesiredState State() {
  DesiredState state;
  for (const char* name : {"files", "env"}) {
    SinkConfig sink;
    sink.name = name;
    sink.type = "file";
    sink.settings["path"] = std::string("/srv/") + name;
    state.sinks.push_back(sink);
  }
  return state;
}

TEST(PlacesPrintTest, TellsPlacesApart) {
  using Places = std::vector<Delivery>;
  const Places two = {At("files", "a"), At("env", ".env", "A"),
                      At("files", "b")};
  DesiredState first = State();
  PrintSinks("here", first);
  const std::string print = PlacesPrint(first, two);
  EXPECT_EQ(print.size(), kPlacesLength);
  struct Row {
    const char* name;
    std::function<void(DesiredState&, Places&, std::string&)> edit;
    bool same;
  };
  const Row rows[] = {
      {"nothing", [](auto&, auto&, auto&) {}, true},
      {"secondaries swap",
       [](auto&, auto& places, auto&) { std::swap(places[1], places[2]); },
       true},
      {"how it is written down",
       [](auto&, auto& places, auto&) {
         places[0].encoding = Encoding::kBasic;
       },
       true},
      {"another primary",
       [](auto&, auto& places, auto&) { std::swap(places[0], places[2]); },
       false},
      {"one less", [](auto&, auto& places, auto&) { places.pop_back(); },
       false},
      {"one more",
       [](auto&, auto& places, auto&) { places.push_back(At("files", "c")); },
       false},
      {"moved", [](auto&, auto& places, auto&) { places[0].at = "a2"; }, false},
      {"another key", [](auto&, auto& places, auto&) { places[1].key = "B"; },
       false},
      {"another sink",
       [](auto&, auto& places, auto&) { places[0].sink = "env"; }, false},
      {"the sink moved",
       [](auto& state, auto&, auto&) {
         state.sinks[0].settings["path"] = std::string("/srv/elsewhere");
       },
       false},
      {"the same path on another machine",
       [](auto&, auto&, auto& machine) { machine = "other"; }, false},
      {"a sink of another type",
       [](auto& state, auto&, auto&) { state.sinks[1].type = "dotenv"; },
       false},
  };
  for (const Row& row : rows) {
    DesiredState state = State();
    Places places = two;
    std::string machine = "here";
    row.edit(state, places, machine);
    PrintSinks(machine, state);
    EXPECT_EQ(PlacesPrint(state, places) == print, row.same) << row.name;
  }
}

TEST(PlacesPrintTest, EndsTheNonceOfAMark) {
  const std::string print = PlacesPrint(State(), {At("files", "a")});
  const std::string nonce = NonceFor("abcdefghijklmnop", print);
  EXPECT_EQ(nonce, "abcdefghijkl" + print);
  const std::string name = DisplayName("ci", Mark{"w", 1, nonce});
  const auto parsed = ParseDisplayName(name);
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(parsed->nonce, nonce);
}

}  // namespace
}  // namespace patform
