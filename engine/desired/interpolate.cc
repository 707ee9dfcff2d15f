#include "engine/desired/interpolate.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "engine/base/strings.h"

namespace patform {
namespace {

// Of a name that is not one, in an error.
constexpr int kShownName = 40;

bool IsVariableName(std::string_view name) {
  return !name.empty() && name.size() <= kMaxVariableName &&
         !absl::ascii_isdigit(static_cast<unsigned char>(name[0])) &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
                  c == '_';
         });
}

absl::StatusOr<std::string> Variable(const std::string& name,
                                     const EnvironmentLookup& environment) {
  const std::string variable = kVariablePrefix + name;
  std::optional<std::string> value = environment(variable);
  if (!value) {
    return absl::InvalidArgumentError(absl::StrCat(
        "${", name, "}: the environment variable ", variable, " is not set"));
  }
  if (value->size() > kMaxVariableValue) {
    return absl::InvalidArgumentError(
        absl::StrCat("${", name, "}: the value of ", variable,
                     " is longer than ", kMaxVariableValue, " bytes"));
  }
  return *std::move(value);
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
        return bad(absl::StrCat("${", FirstCodePoints(name, kShownName),
                                "}: the name of an environment variable is "
                                "made of letters, digits and _"));
      }
      if (environment == nullptr) {
        return bad(absl::StrCat("${", name,
                                "}: environment variables are available in "
                                "[sink.*] and [auth] only"));
      }
      absl::StatusOr<std::string> value = Variable(name, environment);
      if (!value.ok()) return value;
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
