#include "engine/report/table.h"

#include <algorithm>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/base/strings.h"
#include "engine/base/wrap.h"

namespace patform {
namespace {

constexpr int kGap = 2;
// Nothing narrower is worth reading.
constexpr int kNarrowest = 12;

std::string Painted(const Table::Cell& cell, const Style& style,
                    const std::string& text) {
  return cell.paint == nullptr ? text : cell.paint(style, text);
}

std::string Padded(std::string text, int width) {
  const int columns = CodePoints(text);
  if (columns < width) text.append(static_cast<size_t>(width - columns), ' ');
  return text;
}

}  // namespace

std::string Bold(const Style& style, const std::string& text) {
  return style.Bold(text);
}
std::string Good(const Style& style, const std::string& text) {
  return style.Green(text);
}
std::string Bad(const Style& style, const std::string& text) {
  return style.Red(text);
}
std::string Pending(const Style& style, const std::string& text) {
  return style.Yellow(text);
}
std::string Faint(const Style& style, const std::string& text) {
  return style.Dim(text);
}

// The first column gives way first, down to what is still readable; then the
// last one, whose texts can be broken.
std::vector<int> Table::Widths() const {
  std::vector<int> widths;
  for (const Row& row : rows_) {
    widths.resize(std::max(widths.size(), row.cells.size()));
    for (size_t i = 0; i < row.cells.size(); ++i) {
      widths[i] = std::max(widths[i], CodePoints(row.cells[i].text));
    }
  }
  if (widths.size() < 2) return widths;
  const auto over = [&] {
    const int gaps = kGap * (static_cast<int>(widths.size()) - 1);
    return std::accumulate(widths.begin(), widths.end(), gaps) - width_;
  };
  // A long list is broken before names are.
  if (over() > 0 && widths.back() > width_ / 3) {
    widths.back() = std::max(width_ / 3, widths.back() - over());
  }
  if (over() > 0) {
    widths.front() =
        std::max(std::min(kNarrowest, widths.front()), widths.front() - over());
  }
  if (over() > 0) {
    widths.back() =
        std::max(std::min(kNarrowest, widths.back()), widths.back() - over());
  }
  return widths;
}

void Table::Draw(const Row& row, const std::vector<int>& widths,
                 const Style& style, std::string& text) const {
  size_t indent = 0;
  for (size_t i = 0; i < row.cells.size(); ++i) {
    const Cell& cell = row.cells[i];
    const bool last = i + 1 == row.cells.size();
    if (last) {
      std::vector<std::string> lines =
          absl::StrSplit(Wrapped(cell.text, widths[i]), '\n');
      for (size_t line = 0; line < lines.size(); ++line) {
        absl::StrAppend(&text, line == 0 ? "" : std::string(indent, ' '),
                        Painted(cell, style, lines[line]), "\n");
      }
      break;
    }
    if (i == 0 && CodePoints(cell.text) > widths[0]) {
      absl::StrAppend(&text, Painted(cell, style, cell.text), "\n",
                      std::string(static_cast<size_t>(widths[0] + kGap), ' '));
    } else {
      absl::StrAppend(&text, Painted(cell, style, Padded(cell.text, widths[i])),
                      std::string(kGap, ' '));
    }
    indent += static_cast<size_t>(widths[i] + kGap);
  }
  if (!row.below.empty()) {
    absl::StrAppend(&text, Wrapped(row.below, width_, 2), "\n");
  }
}

std::string Table::Text(const Style& style) const {
  const std::vector<int> widths = Widths();
  std::string text;
  for (const Row& row : rows_) Draw(row, widths, style, text);
  return text;
}

}  // namespace patform
