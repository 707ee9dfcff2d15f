#pragma once

#include <string>
#include <string_view>

namespace patform {

// Colours for a terminal, or none. A plan's meaning never hangs on them.
class Style {
 public:
  explicit Style(bool color) : color_(color) {}

  std::string Bold(std::string_view text) const { return Wrap("1", text); }
  std::string Red(std::string_view text) const { return Wrap("31", text); }
  std::string Green(std::string_view text) const { return Wrap("32", text); }
  std::string Yellow(std::string_view text) const { return Wrap("33", text); }
  std::string Cyan(std::string_view text) const { return Wrap("36", text); }
  std::string Dim(std::string_view text) const { return Wrap("2", text); }

 private:
  std::string Wrap(const char* code, std::string_view text) const {
    if (!color_) return std::string(text);
    return std::string("\x1b[") + code + "m" + std::string(text) + "\x1b[0m";
  }

  bool color_;
};

}  // namespace patform
