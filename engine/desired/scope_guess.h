#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"

namespace patform {

// The nearest of `known` to a word, if one is near enough to be meant.
using NearestWord = absl::FunctionRef<std::optional<std::string>(
    std::string_view word, const std::vector<std::string>& known)>;

// Scopes as people know them: "packaging", "code_read", "Code (read & write)",
// "full access", "vso.packagin_write".
struct ScopeGuess {
  // What may have been meant; "": nothing that is sure to allow no more than
  // the words do.
  std::string scope;
  std::string topic;  // what `patform scopes` may be asked for; or ""
};
ScopeGuess GuessScope(std::string_view written, NearestWord nearest);

// The guess as a hint behind an error: did you mean "vso.packaging"?
std::string ScopeHint(std::string_view written, NearestWord nearest);

// The scopes in a text that holds several, as the service and the portal write
// them; empty: it does not.
std::vector<std::string> SeveralScopes(std::string_view text);

}  // namespace patform
