#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/report/style.h"

namespace patform {

// A table whose columns are as wide as their widest cell, two spaces apart.
// Colour is put on after the cells are filled up, so that it costs no width.
class Table {
 public:
  using Paint = std::string (*)(const Style&, const std::string&);
  struct Cell {
    std::string text;
    Paint paint = nullptr;
  };

  // In at most `width` columns, as far as the first and the last column can
  // give way: a first cell that is too wide gets a line of its own, and a last
  // one is broken at spaces.
  explicit Table(int width) : width_(width) {}

  void Add(std::vector<Cell> row) { rows_.push_back({std::move(row), ""}); }
  // With a line of its own below it.
  void Add(std::vector<Cell> row, std::string below) {
    rows_.push_back({std::move(row), std::move(below)});
  }

  std::string Text(const Style& style) const;

 private:
  struct Row {
    std::vector<Cell> cells;
    std::string below;
  };

  std::vector<int> Widths() const;
  void Draw(const Row& row, const std::vector<int>& widths, const Style& style,
            std::string& text) const;

  const int width_;
  std::vector<Row> rows_;
};

// Of cells.
std::string Bold(const Style& style, const std::string& text);
std::string Good(const Style& style, const std::string& text);
std::string Bad(const Style& style, const std::string& text);
std::string Pending(const Style& style, const std::string& text);
std::string Faint(const Style& style, const std::string& text);

}  // namespace patform
