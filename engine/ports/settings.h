#pragma once

#include <string>
#include <vector>

namespace patform {

// One key of a table of the configuration whose `type` or `source` decides
// which keys it has: [sink.NAME] and [auth].
struct SettingKey {
  // Every text, path and item of a list may contain ${NAME}. A relative path is
  // resolved against the folder of the configuration.
  enum class Kind { kText, kPath, kFlag, kList };

  std::string name;
  Kind kind = Kind::kText;
  bool required = false;
  std::string doc;  // one line
  // The texts that it may have; empty: any.
  std::vector<std::string> choices = {};
};

// One such `type` or `source`.
struct SettingsType {
  std::string name;
  std::string doc;  // one line
  std::vector<SettingKey> keys;
};

}  // namespace patform
