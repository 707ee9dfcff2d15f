#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "engine/base/diagnostic.h"

namespace patform {

// A SourceLocation that shares the name of its file with others: a large
// configuration keeps several for each of a hundred thousand tokens. A column
// or a length beyond 65,535, which no line that is read has, counts as that.
class SourceRef {
 public:
  SourceRef() = default;
  SourceRef(std::shared_ptr<const std::string> file, int line, int column,
            int length)
      : file_(std::move(file)),
        line_(line),
        column_(Short(column)),
        length_(Short(length)) {}
  SourceRef(std::string file, int line, int column, int length)
      : SourceRef(std::make_shared<const std::string>(std::move(file)), line,
                  column, length) {}
  SourceRef(const SourceLocation& where)  // NOLINT: likewise
      : SourceRef(where.file, where.line, where.column, where.length) {}

  operator SourceLocation() const {  // NOLINT: the same thing
    return {file_ == nullptr ? "" : *file_, line_, column_, length_};
  }

 private:
  static uint16_t Short(int number) {
    return static_cast<uint16_t>(std::clamp(number, 0, int{UINT16_MAX}));
  }

  std::shared_ptr<const std::string> file_;  // null: nowhere
  int line_ = 0;
  uint16_t column_ = 0;
  uint16_t length_ = 1;
};

}  // namespace patform
