#pragma once

#include <string>
#include <vector>

#include "engine/base/pattern.h"
#include "engine/model/policy.h"

namespace patform {

// `name_pattern`, compiled once: the configuration's and the policy
// file's, where both have one. Without one every name is accepted.
class NamePattern {
 public:
  explicit NamePattern(const PolicyConfig& policy);

  // False: one of them is not a regular expression.
  bool good() const;
  // The first pattern that does not match the whole of `name`; null: all do.
  const std::string* Refuses(const std::string& name) const;

 private:
  std::vector<Pattern> patterns_;
};

}  // namespace patform
