#pragma once

#include <optional>
#include <string_view>

#include "engine/desired/toml_value.h"

namespace patform {

// The TOML that teams write: [name] and ["token"."name"] of one or two parts,
// keys without dots, texts in ASCII without escapes, whole numbers, true and
// false, lists, inline tables. Whoever has 100,000 tokens waits for the parser
// of the whole language more than for anything else.
//
// nullopt: something else is in it, or something is wrong. Then the whole text
// goes to that parser, which knows the rest and whose messages people are
// shown. What is not nullopt is to the last column what it would have answered:
// the fuzz target "plain_toml" holds one to the other.
//
// `text`: without a NUL, within the limits of toml_limits.h. `first_line`:
// where its positions begin to count, for a piece of a file. `stopped_at`: gets
// the line of what is not plain, where the answer is nullopt.
std::optional<TomlValue> ParsePlainToml(std::string_view text,
                                        int first_line = 1,
                                        int* stopped_at = nullptr);

}  // namespace patform
