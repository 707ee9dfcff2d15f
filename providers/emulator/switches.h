#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace patform::emulator {

// One point where the hosted service's answer is unknown or a matter of
// policy. `values` lists what it may be, the default first; only "N": a whole
// number from 0 on.
struct SwitchSpec {
  const char* name;
  std::vector<std::string> values;
  const char* initial;
  const char* help;
};

const std::vector<SwitchSpec>& SwitchSpecs();

// The value of each switch.
class Switches {
 public:
  Switches();

  // kInvalidArgument names what would have been possible.
  absl::Status Set(std::string_view name, std::string_view value);

  const std::string& Get(std::string_view name) const;
  bool Is(std::string_view name, std::string_view value) const {
    return Get(name) == value;
  }
  int Number(std::string_view name) const;

  const std::map<std::string, std::string, std::less<>>& all() const {
    return values_;
  }

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

}  // namespace patform::emulator
