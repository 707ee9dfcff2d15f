#include "engine/base/diagnostic.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/base/strings.h"

namespace patform {
namespace {

// In code points. A line of a minified file would otherwise fill the screen.
constexpr int kWidestLine = 160;

// The source line and, under it, the caret. Each code point is made visible
// by itself, so that the caret is still under the right one.
std::string Excerpt(const Diagnostic& d) {
  // Made visible as a whole: what a log acts on is more than one code point.
  const std::vector<std::string> points = VisiblePieces(d.source_line);
  // source_line may be a part of its line, from source_begin on; columns count
  // from 1.
  const int column = std::max(0, d.where.column - 1 - d.source_begin);
  // With the fault in the middle of what is shown.
  const int first = column > kWidestLine / 2 ? column - kWidestLine / 2 : 0;
  const int last =
      std::min<int>(static_cast<int>(points.size()), first + kWidestLine);
  std::string line, marks;
  if (first > 0 || d.source_begin > 0) line += "...", marks += "   ";
  for (int i = first; i < last; ++i) {
    // One column for a tab, in the line and in the marks below it.
    const std::string shown = points[i] == "\\t" ? " " : points[i];
    line += shown;
    if (i >= column + std::max(1, d.where.length)) continue;
    const char mark = i < column ? ' ' : i == column ? '^' : '~';
    marks += std::string(1, mark);
    // One code point may be shown as several characters (\u{202e}): all of them
    // are marked.
    marks += std::string(CodePoints(shown) - 1, mark == '^' ? '~' : mark);
  }
  if (last < static_cast<int>(points.size())) line += "...";
  // Behind the end of the line: something is missing there.
  if (column >= last) {
    marks += std::string(std::max(0, std::min(column, last + 1) - last), ' ');
    marks += "^";
  }
  const std::string number = absl::StrCat(d.where.line);
  const std::string margin(number.size(), ' ');
  return absl::StrCat("  ", number, " | ", line, "\n  ", margin, " | ", marks,
                      "\n");
}

}  // namespace

// FILE:LINE:COLUMN: severity: summary, as compilers have it, so that editors
// jump there; then the source line, then details, each after "= ".
std::string Render(const Diagnostic& d) {
  std::string text;
  // Findings of the command line have no place.
  if (!d.where.file.empty()) {
    std::string place = absl::StrCat(d.where.file, ":");
    if (d.where.line > 0) {
      absl::StrAppend(&place, d.where.line, ":", std::max(1, d.where.column),
                      ":");
    }
    // As a whole: a file that is called ":" would begin what a CI obeys.
    absl::StrAppend(&text, Visible(place), " ");
  }
  absl::StrAppend(&text, Word(d.severity), ": ", Visible(d.summary), "\n");
  std::string margin = "  ";
  if (d.where.line > 0 && !d.where.file.empty()) {
    text += Excerpt(d);
    // Under the bar of the excerpt.
    margin += std::string(absl::StrCat(d.where.line).size() + 1, ' ');
  }
  if (!d.detail.empty()) {
    // Each line by itself: details may be of several.
    for (absl::string_view line : absl::StrSplit(d.detail, '\n')) {
      absl::StrAppend(&text, margin, "= ", Visible(StdView(line)), "\n");
    }
  }
  return text;
}

// An empty line between two of them, and a count at the end.
std::string Render(const std::vector<Diagnostic>& diagnostics) {
  if (diagnostics.empty()) return "";
  std::string text;
  int errors = 0, warnings = 0;
  for (const Diagnostic& d : diagnostics) {
    absl::StrAppend(&text, Render(d), "\n");
    errors += d.severity == Diagnostic::Severity::kError;
    warnings += d.severity == Diagnostic::Severity::kWarning;
  }
  std::string closing;
  if (errors > 0) closing = Count(errors, "error");
  if (warnings > 0) {
    absl::StrAppend(&closing, closing.empty() ? "" : ", ",
                    Count(warnings, "warning"));
  }
  if (!closing.empty()) absl::StrAppend(&text, closing, "\n");
  return text;
}

bool HasErrors(const std::vector<Diagnostic>& diagnostics) {
  return std::any_of(diagnostics.begin(), diagnostics.end(), [](const auto& d) {
    return d.severity == Diagnostic::Severity::kError;
  });
}

}  // namespace patform
