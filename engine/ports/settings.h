#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/model/desired_state.h"

namespace patform {

// What is wrong in a text file that a setting names.
struct TextFault {
  size_t begin = 0;  // bytes of the file
  size_t size = 0;
  std::string summary;
  std::string detail = {};
};

// One key of a table of the configuration whose `type` or `source` decides
// which keys it has: [sink.NAME], [auth] and [identity.NAME].
struct SettingKey {
  // Every text, path and item of a list may contain ${NAME}. A relative path is
  // resolved against the folder of the configuration. A place is the text
  // SINK:AT or SINK:AT#KEY of a sink that gives back what is written there. A
  // file is a text below the folder of the configuration, and read with it: the
  // setting is what it contains.
  enum class Kind { kText, kPath, kFlag, kList, kPlace, kFile };

  std::string name;
  Kind kind = Kind::kText;
  bool required = false;
  std::string doc;  // one line
  // The texts that it may have; empty: any.
  std::vector<std::string> choices = {};
  // What is wrong with a text that was filled in: "" or what is expected
  // instead, "a GUID". Null: nothing can be.
  std::string (*fault)(std::string_view text) = nullptr;
  // What a starter file says, as TOML has it: "\"https://v.contoso.example\"".
  // Empty: it says the key only if it is required, and "\"secrets\"".
  std::string example = {};
  // What is wrong in a file, given the keys before this one as well. Null:
  // nothing can be.
  std::vector<TextFault> (*text_faults)(
      std::string_view text,
      const std::map<std::string, SettingValue>& settings) = nullptr;
};

// One such `type` or `source`.
struct SettingsType {
  std::string name;
  std::string doc;  // one line
  std::vector<SettingKey> keys;
  // What is wrong with the keys together; "": nothing. Null: nothing can be.
  std::string (*fault)(const std::map<std::string, SettingValue>& settings) =
      nullptr;
  // A sign-in that is always the same user's, whatever the keys say: for [auth]
  // alone.
  bool one_user = false;
};

}  // namespace patform
