#pragma once

#include <string>
#include <string_view>

namespace patform {

// Columns that `text` takes: code points, without the escapes of colours.
int ColumnsOf(std::string_view text);

// `text` with each line that is wider than `columns` broken at spaces. What
// goes on begins under the line's first word, `hanging` further right. A word
// that is too wide by itself stays whole: it may be an address or a command.
// `columns` 0: as it is.
std::string Wrapped(std::string_view text, int columns, int hanging = 0);

}  // namespace patform
