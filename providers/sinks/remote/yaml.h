#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/secret.h"

namespace patform::sinks {

// A value of a YAML document. Any text may be a secret: a kubeconfig has keys
// and tokens in plain sight.
struct YamlNode {
  enum class Kind { kText, kList, kMap };

  // The member of a map; null: absent, null, or this is not a map.
  const YamlNode* Find(std::string_view name) const;
  // The member's text; "": absent, or not a text.
  std::string Text(std::string_view name) const;
  // The same of what may be a secret; empty: absent.
  Secret Hidden(std::string_view name) const;
  bool Flag(std::string_view name) const { return Text(name) == "true"; }

  Kind kind = Kind::kText;
  Secret text;
  bool null = false;               // a plain null, ~ or nothing
  int line = 0;                    // from 1
  std::vector<YamlNode> items;     // of a list, or the values of a map
  std::vector<std::string> names;  // of a map: one for each value
};

// One document of YAML, or of JSON, which is YAML. Bounded in levels and in
// values. Anchors, aliases, tags, merge keys and a name that a map has twice
// are refused: a kubeconfig needs none of them. kInvalidArgument, with the
// line and never with a text of the document.
absl::StatusOr<YamlNode> ReadYaml(const Secret& text);

}  // namespace patform::sinks
