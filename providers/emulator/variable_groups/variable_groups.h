#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace patform::emulator {

// One variable group, as clients made it; secrets with their values.
struct VariableGroup {
  int64_t id = 0;
  std::string organization;  // its id
  std::string project;       // lower case
  boost::json::object body;  // as the last PUT or POST had it
};

// The variable groups of every project. In memory. Not for two threads at
// once.
struct VariableGroups {
  std::map<int64_t, VariableGroup> groups;
  int64_t last_id = 0;
};

}  // namespace patform::emulator
