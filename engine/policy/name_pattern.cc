#include "engine/policy/name_pattern.h"

namespace patform {

NamePattern::NamePattern(const PolicyConfig& policy) {
  if (!policy.name_pattern) return;
  try {
    pattern_.emplace(*policy.name_pattern,
                     std::regex::ECMAScript | std::regex::nosubs);
  } catch (const std::regex_error&) {
    good_ = false;
  }
}

}  // namespace patform
