#pragma once

#include <optional>
#include <regex>
#include <string>

#include "engine/model/policy.h"

namespace patform {

// `name_pattern`, compiled once. Without one every name is accepted.
class NamePattern {
 public:
  explicit NamePattern(const PolicyConfig& policy);

  // False: there is a pattern, and it is not a regular expression.
  bool good() const { return good_; }
  bool Accepts(const std::string& name) const {
    return !pattern_ || std::regex_match(name, *pattern_);
  }

 private:
  std::optional<std::regex> pattern_;
  bool good_ = true;
};

}  // namespace patform
