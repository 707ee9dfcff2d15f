#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/ports/settings.h"

namespace patform::cli {

// A question that people have before they know which command they need, and its
// answer: `patform help TOPIC`.
struct Topic {
  const char* name;
  const char* what;  // one line
  const char* text;  // whole lines of at most 80 columns
};

const std::vector<Topic>& Topics();

// Null: there is none of that name.
const Topic* FindTopic(std::string_view name);

// The text; of "sign-in" with the sources that this program has.
std::string TextOf(const Topic& topic,
                   const std::vector<SettingsType>& sources);

}  // namespace patform::cli
