#include "engine/base/wrap.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/base/strings.h"

namespace patform {
namespace {

// A log of GitHub or Azure Pipelines reads a line that begins so as a command,
// whatever spaces are before it: no line is broken there. Nor before a space,
// because the word behind it would begin the line as well.
bool MayBegin(std::string_view word) {
  return !word.empty() && word.substr(0, 2) != "::" &&
         word.substr(0, 2) != "##";
}

// One line without its end.
std::string WrappedLine(std::string_view line, int columns, int hanging) {
  if (columns <= 0 || ColumnsOf(line) <= columns) return std::string(line);
  const size_t indent = std::min(line.find_first_not_of(' '), line.size());
  // Half of the terminal is left for words, however deep the line is.
  const std::string next(std::min<size_t>(indent + static_cast<size_t>(hanging),
                                          static_cast<size_t>(columns) / 2),
                         ' ');
  std::string done;
  std::string current(line.substr(0, indent));
  bool begun = false;
  for (size_t at = indent; at < line.size();) {
    const size_t end = std::min(line.find(' ', at), line.size());
    const std::string_view word = line.substr(at, end - at);
    if (begun && MayBegin(word) &&
        ColumnsOf(current) + 1 + ColumnsOf(word) > columns) {
      absl::StrAppend(&done, current, "\n");
      current = next;
      begun = false;
    }
    absl::StrAppend(&current, begun ? " " : "", AbslView(word));
    begun = true;
    at = end + 1;
  }
  return done + current;
}

}  // namespace

int ColumnsOf(std::string_view text) {
  int columns = CodePoints(text);
  for (size_t at = text.find("\x1b["); at != std::string_view::npos;
       at = text.find("\x1b[", at + 1)) {
    const size_t end = text.find('m', at);
    if (end == std::string_view::npos) break;
    columns -= static_cast<int>(end - at) + 1;
  }
  return columns;
}

std::string Wrapped(std::string_view text, int columns, int hanging) {
  if (columns <= 0) return std::string(text);
  std::string wrapped;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    wrapped += WrappedLine(text.substr(0, end), columns, hanging);
    if (end == std::string_view::npos) break;
    wrapped += '\n';
    text.remove_prefix(end + 1);
  }
  return wrapped;
}

}  // namespace patform
