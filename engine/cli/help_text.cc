#include "engine/cli/help_text.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "engine/base/strings.h"

namespace patform::cli {
namespace {

constexpr int kWidth = 80;
// Where CLI11 begins what it says of a flag.
constexpr size_t kDescription = 30;

// How far the lines that follow `line` are indented.
size_t Indent(const std::string& line) {
  const size_t first = line.find_first_not_of(' ');
  const bool of_flag = line.size() > kDescription && first < kDescription &&
                       line[kDescription - 1] == ' ' &&
                       line[kDescription] != ' ';
  return of_flag ? kDescription : first;
}

std::string WrappedLine(const std::string& line) {
  if (CodePoints(line) <= kWidth) return line;
  const size_t indent = Indent(line);
  std::vector<std::string> lines = {line.substr(0, indent)};
  const std::vector<std::string> words =
      absl::StrSplit(line.substr(indent), ' ');
  bool begun = false;
  for (const std::string& word : words) {
    if (begun && CodePoints(lines.back()) + 1 + CodePoints(word) > kWidth) {
      lines.push_back(std::string(indent, ' '));
      begun = false;
    }
    absl::StrAppend(&lines.back(), begun ? " " : "", word);
    begun = true;
  }
  return absl::StrJoin(lines, "\n");
}

}  // namespace

std::string Wrapped(const std::string& help) {
  std::vector<std::string> lines = absl::StrSplit(help, '\n');
  for (std::string& line : lines) line = WrappedLine(line);
  return absl::StrJoin(lines, "\n");
}

}  // namespace patform::cli
