#include "engine/desired/interpolate.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "engine/base/strings.h"

namespace patform {
namespace {

// How much of an invalid name an error quotes.
constexpr int kShownName = 40;

// Checked before the environment is asked.
bool IsVariableName(std::string_view name) {
  return !name.empty() && name.size() <= kMaxVariableName &&
         !absl::ascii_isdigit(static_cast<unsigned char>(name[0])) &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
                  c == '_';
         });
}

absl::Status Bad(const std::string& what) {
  return absl::InvalidArgumentError(what);
}

// The value of PATFORM_VAR_NAME. Not set is an error; set to nothing is a
// value.
absl::StatusOr<std::string> Variable(const std::string& name,
                                     const EnvironmentLookup& environment) {
  if (!IsVariableName(name)) {
    return Bad(absl::StrCat("${", FirstCodePoints(name, kShownName),
                            "}: the name of an environment variable is made "
                            "of letters, digits and _"));
  }
  // Elsewhere a plan would depend on the machine that it is made on.
  if (environment == nullptr) {
    return Bad(absl::StrCat("${", name,
                            "}: environment variables are available in "
                            "[sink.*], [auth] and [identity.*] only"));
  }
  // The prefix is in the message, so that nobody looks for NAME itself.
  const std::string variable = kVariablePrefix + name;
  std::optional<std::string> value = environment(variable);
  if (!value) {
    return Bad(absl::StrCat("${", name, "}: the environment variable ",
                            variable, " is not set"));
  }
  if (value->size() > kMaxVariableValue) {
    return Bad(absl::StrCat("${", name, "}: the value of ", variable,
                            " is longer than ", kMaxVariableValue, " bytes"));
  }
  return *std::move(value);
}

absl::StatusOr<std::string> Value(
    const std::string& name, const std::map<std::string, std::string>& values) {
  const auto found = values.find(name);
  if (found != values.end()) return found->second;
  std::vector<std::string> known;
  for (const auto& [key, value] : values) known.push_back(key);
  std::string what = absl::StrCat("{", name, "} is not known here");
  // Few names are known, so a guess is cheap.
  if (const auto nearest = Nearest(name, known)) {
    absl::StrAppend(&what, "; did you mean {", *nearest, "}?");
  }
  return Bad(what);
}

}  // namespace

absl::StatusOr<std::string> Interpolate(
    const std::string& text, const std::map<std::string, std::string>& values,
    const EnvironmentLookup& environment) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    // $${NAME} is the text ${NAME}: for a consumer that has such variables of
    // its own.
    if (text.compare(at, 3, "$${") == 0) {
      // As it is written, to its end: what is inside means nothing here.
      const size_t close = std::min(text.find('}', at), text.size() - 1);
      out += text.substr(at + 1, close - at);
      at = close + 1;
      continue;
    }
    // {{ and }} are the braces themselves.
    if (text.compare(at, 2, "{{") == 0 || text.compare(at, 2, "}}") == 0) {
      out += text[at];
      at += 2;
      continue;
    }
    const bool variable = text.compare(at, 2, "${") == 0;
    if (!variable && text[at] == '}') {
      return Bad("a } without its {; write }} for the character itself");
    }
    if (!variable && text[at] != '{') {
      out += text[at++];
      continue;
    }
    const size_t begin = at + (variable ? 2 : 1);
    const size_t end = text.find('}', begin);
    if (end == std::string::npos) {
      return Bad("a { that is not closed; write {{ for the character itself");
    }
    const std::string name = text.substr(begin, end - begin);
    absl::StatusOr<std::string> value =
        variable ? Variable(name, environment) : Value(name, values);
    if (!value.ok()) return value;
    // What was filled in is not read again: a value cannot name another.
    out += *value;
    at = end + 1;
  }
  return out;
}

}  // namespace patform
