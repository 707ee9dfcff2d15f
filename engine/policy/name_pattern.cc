#include "engine/policy/name_pattern.h"

#include <algorithm>

namespace patform {

NamePattern::NamePattern(const PolicyConfig& policy) {
  patterns_.reserve(policy.name_patterns.size());
  for (const std::string& text : policy.name_patterns) {
    patterns_.emplace_back(text);
  }
}

bool NamePattern::good() const {
  return std::none_of(patterns_.begin(), patterns_.end(),
                      [](const Pattern& each) { return each.fault(); });
}

const std::string* NamePattern::Refuses(const std::string& name) const {
  for (const Pattern& each : patterns_) {
    if (!each.fault() && !each.Matches(name)) return &each.text();
  }
  return nullptr;
}

}  // namespace patform
