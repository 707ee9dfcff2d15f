#include "engine/desired/interpolate.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "engine/base/strings.h"

namespace patform {
namespace {

bool IsVariableName(std::string_view name) {
  return !name.empty() &&
         !absl::ascii_isdigit(static_cast<unsigned char>(name[0])) &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
                  c == '_';
         });
}

}  // namespace

absl::StatusOr<std::string> Interpolate(
    const std::string& text, const std::map<std::string, std::string>& values,
    const EnvironmentLookup& environment) {
  const auto bad = [](const std::string& what) {
    return absl::InvalidArgumentError(what);
  };
  std::string out;
  for (size_t at = 0; at < text.size();) {
    if (text.compare(at, 3, "$${") == 0) {
      const size_t close = std::min(text.find('}', at), text.size() - 1);
      out += text.substr(at + 1, close - at);
      at = close + 1;
      continue;
    }
    if (text.compare(at, 2, "{{") == 0 || text.compare(at, 2, "}}") == 0) {
      out += text[at];
      at += 2;
      continue;
    }
    const bool variable = text.compare(at, 2, "${") == 0;
    if (!variable && text[at] == '}') {
      return bad("a } without its {; }} stands for the character itself");
    }
    if (!variable && text[at] != '{') {
      out += text[at++];
      continue;
    }
    const size_t begin = at + (variable ? 2 : 1);
    const size_t end = text.find('}', begin);
    if (end == std::string::npos) {
      return bad("a { that is not closed; {{ stands for the character itself");
    }
    const std::string name = text.substr(begin, end - begin);
    at = end + 1;
    if (variable) {
      if (!IsVariableName(name)) {
        return bad(absl::StrCat("${", name,
                                "}: the name of an environment variable is "
                                "made of letters, digits and _"));
      }
      if (environment == nullptr) {
        return bad(absl::StrCat("${", name,
                                "}: the environment may be used in [sink.*] "
                                "and [auth] only"));
      }
      const std::optional<std::string> value = environment(name);
      if (!value) {
        return bad(
            absl::StrCat("the environment variable ", name, " is not set"));
      }
      out += *value;
      continue;
    }
    const auto found = values.find(name);
    if (found == values.end()) {
      std::vector<std::string> known;
      for (const auto& [key, value] : values) known.push_back(key);
      std::string what = absl::StrCat("{", name, "} is not known here");
      if (const auto nearest = Nearest(name, known)) {
        absl::StrAppend(&what, "; did you mean {", *nearest, "}?");
      }
      return bad(what);
    }
    out += found->second;
  }
  return out;
}

}  // namespace patform
