#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace patform {

// What keeps a text from being a regular expression.
struct PatternFault {
  std::string what;  // "a [ is never closed"
  size_t at = 0;     // where in the text, in bytes, and how far
  size_t size = 0;
};

// A regular expression for a whole text, in RE2's language. Patterns come from
// files that strangers edit and texts from the service: matching takes time
// linear in the text and bounded memory, whatever the two hold.
class Pattern {
 public:
  explicit Pattern(const std::string& text);
  Pattern(Pattern&&) noexcept;
  Pattern& operator=(Pattern&&) noexcept;
  ~Pattern();

  const std::string& text() const { return text_; }
  const std::optional<PatternFault>& fault() const { return fault_; }
  // False for every text if there is a fault.
  bool Matches(std::string_view text) const;

 private:
  std::string text_;
  std::unique_ptr<const re2::RE2> compiled_;
  std::optional<PatternFault> fault_;
};

}  // namespace patform
