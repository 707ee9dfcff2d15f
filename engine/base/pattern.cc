#include "engine/base/pattern.h"

#include <re2/re2.h>

namespace patform {
namespace {

// The memory of one pattern and of what matching caches: every step of a name,
// from where the next names take them.
constexpr int64_t kMaxMemory = int64_t{8} << 20;
// Matching takes so many steps at most for each character; what asks for more
// is not a pattern for names.
constexpr int kMostInstructions = 16384;

// UTF-8 and case-sensitive by default. Captures would only cost memory, and the
// library would otherwise write its errors to standard error.
re2::RE2::Options Options() {
  re2::RE2::Options options;
  options.set_max_mem(kMaxMemory);
  options.set_never_capture(true);
  options.set_log_errors(false);
  return options;
}

// In words that need no knowledge of the library.
std::string Words(re2::RE2::ErrorCode code) {
  switch (code) {
    case re2::RE2::ErrorBadEscape:
      return "there is no such escape";
    case re2::RE2::ErrorBadCharClass:
    case re2::RE2::ErrorBadCharRange:
      return "there is no such range or class of characters";
    case re2::RE2::ErrorMissingBracket:
      return "a [ is never closed";
    case re2::RE2::ErrorMissingParen:
      return "a ( is never closed";
    case re2::RE2::ErrorUnexpectedParen:
      return "this ) closes nothing";
    case re2::RE2::ErrorTrailingBackslash:
      return "the backslash at the end escapes nothing";
    case re2::RE2::ErrorRepeatArgument:
      return "there is nothing to repeat";
    case re2::RE2::ErrorRepeatOp:
      return "this repeats a repetition";
    case re2::RE2::ErrorRepeatSize:
      return "this repeats too often (at most 1000 times)";
    case re2::RE2::ErrorBadPerlOp:
      return "there is no such group (no look-ahead or look-behind)";
    case re2::RE2::ErrorBadNamedCapture:
      return "this names no group";
    case re2::RE2::ErrorBadUTF8:
      return "it is not UTF-8";
    case re2::RE2::ErrorPatternTooLarge:
      return "it is too large: {…} multiplies what it repeats";
    default:
      return "it cannot be compiled";
  }
}

}  // namespace

Pattern::Pattern(const std::string& text)
    : text_(text), compiled_(std::make_unique<re2::RE2>(text, Options())) {
  if (compiled_->ok() && compiled_->ProgramSize() <= kMostInstructions) return;
  fault_.emplace();
  // It compiles, but is too large: there is no part of it that would be the
  // fault.
  if (compiled_->ok()) {
    fault_->what = Words(re2::RE2::ErrorPatternTooLarge);
    fault_->size = text_.size();
    return;
  }
  fault_->what = Words(compiled_->error_code());
  // RE2 reports what it stumbled over, not where: it reads from the left, so
  // the first such part is the one. A whole pattern is not a part.
  const std::string& part = compiled_->error_arg();
  const size_t at = text_.find(part);
  fault_->size = text_.size();
  if (part.empty() || at == std::string::npos) return;
  fault_->at = at;
  fault_->size = part.size();
}

// Here, where the type of compiled_ is complete.
Pattern::Pattern(Pattern&&) noexcept = default;
Pattern& Pattern::operator=(Pattern&&) noexcept = default;
Pattern::~Pattern() = default;

// The whole text: a rule that matched a part of a name would allow any name
// around it.
bool Pattern::Matches(std::string_view text) const {
  return !fault_ && re2::RE2::FullMatch(re2::StringPiece(text), *compiled_);
}

}  // namespace patform
