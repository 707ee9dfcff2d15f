#include "engine/model/desired_state.h"

#include <set>
#include <utility>

namespace patform {

std::string SinkConfig::Text(const std::string& key,
                             std::string otherwise) const {
  const auto found = settings.find(key);
  if (found == settings.end()) return otherwise;
  const std::string* text = std::get_if<std::string>(&found->second);
  return text == nullptr ? std::move(otherwise) : *text;
}

bool SinkConfig::Flag(const std::string& key, bool otherwise) const {
  const auto found = settings.find(key);
  if (found == settings.end()) return otherwise;
  const bool* flag = std::get_if<bool>(&found->second);
  return flag == nullptr ? otherwise : *flag;
}

const SinkConfig* DesiredState::FindSink(const std::string& name) const {
  for (const SinkConfig& sink : sinks) {
    if (sink.name == name) return &sink;
  }
  return nullptr;
}

std::vector<std::string> DesiredState::Organizations() const {
  std::set<std::string> names;
  for (const DesiredToken& token : tokens) names.insert(token.organization);
  if (!organization.empty()) names.insert(organization);
  return std::vector<std::string>(names.begin(), names.end());
}

}  // namespace patform
