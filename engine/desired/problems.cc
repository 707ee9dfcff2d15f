#include "engine/desired/problems.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/strings.h"

namespace patform {
namespace {

constexpr size_t kShortestSecret = 52;
constexpr int kMostSuggestions = 25;  // in one file
// Of what a message quotes from the file.
constexpr size_t kLongestMessage = 1000;
// Kept of a line at each side of a place; more than is ever shown.
constexpr size_t kAround = 1024;
constexpr int kShownOfLong = 400;  // characters

// Shapes: 84 letters and digits with AZDO at 76; 52 of base32; a JWT.
bool IsSecretRun(std::string_view run) {
  if (run.size() == 84 && run.substr(76, 4) == "AZDO") return true;
  if (run.size() == kShortestSecret &&
      std::all_of(run.begin(), run.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '2' && c <= '7');
      })) {
    return true;
  }
  return run.size() > 60 && absl::StartsWith(AbslView(run), "eyJ") &&
         std::count(run.begin(), run.end(), '.') >= 2;
}

bool InRun(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' ||
         c == '-' || c == '_';
}

// The first secret in `text` at or after `from`; empty: there is none.
std::string_view NextSecret(std::string_view text, size_t from) {
  for (size_t at = from; at + kShortestSecret <= text.size();) {
    size_t end = at;
    while (end < text.size() && InRun(text[end])) ++end;
    const std::string_view run = text.substr(at, end - at);
    if (IsSecretRun(run)) return run;
    at = end + 1;
  }
  return {};
}

std::string Shortened(std::string message) {
  if (message.size() <= kLongestMessage) return message;
  return FirstCodePoints(message, kShownOfLong) + "…";
}

std::string More(int errors, int warnings) {
  if (warnings == 0) return Count(errors, "more error");
  if (errors == 0) return Count(warnings, "more warning");
  return absl::StrCat(Count(errors, "more error"), " and ",
                      Count(warnings, "warning"));
}

// "and 5 more errors in this file". One that stands for errors is one.
Diagnostic Rest(SourceLocation where, int errors, int warnings,
                std::string_view in) {
  Diagnostic more;
  if (errors == 0) more.severity = Diagnostic::Severity::kWarning;
  more.where = std::move(where);
  more.summary =
      absl::StrCat("and ", More(errors, warnings), " in ", AbslView(in));
  return more;
}

}  // namespace

bool LooksLikeSecret(std::string_view text) {
  return !NextSecret(text, 0).empty();
}

std::string CoverSecrets(std::string line) {
  const std::string_view text = line;
  for (std::string_view run = NextSecret(text, 0); !run.empty();) {
    const size_t at = static_cast<size_t>(run.data() - text.data());
    std::fill_n(line.begin() + at, run.size(), '*');
    run = NextSecret(text, at + run.size());
  }
  return line;
}

void Problems::BeginFile(std::string file, const std::string* text) {
  file_ = std::make_shared<const std::string>(std::move(file));
  text_ = text;
  line_starts_.clear();
  suggested_ = 0;
  file_order_.emplace(*file_, static_cast<int>(file_order_.size()));
}

std::string_view Problems::RawLine(int line) const {
  if (text_ == nullptr || line <= 0) return "";
  if (line_starts_.empty()) {
    line_starts_.push_back(0);
    for (size_t end = text_->find('\n'); end != std::string::npos;
         end = text_->find('\n', end + 1)) {
      line_starts_.push_back(end + 1);
    }
  }
  if (line > static_cast<int>(line_starts_.size())) return "";
  size_t begin = line_starts_[line - 1];
  if (line == 1 && absl::StartsWith(*text_, "\xef\xbb\xbf")) begin = 3;
  size_t end = std::min(text_->find('\n', begin), text_->size());
  if (end > begin && (*text_)[end - 1] == '\r') --end;
  return std::string_view(*text_).substr(begin, end - begin);
}

void Problems::FillLine(Diagnostic& diagnostic) const {
  const std::string_view line = RawLine(diagnostic.where.line);
  const auto inside_character = [&](size_t at) {
    return at < line.size() && (line[at] & 0xc0) == 0x80;
  };
  const size_t at =
      FirstCodePoints(line, std::max(1, diagnostic.where.column) - 1).size();
  size_t begin = at > kAround ? at - kAround : 0;
  while (begin > 0 && inside_character(begin)) --begin;
  size_t end = std::min(line.size(), at + kAround);
  while (inside_character(end)) ++end;
  std::string part = CoverSecrets(std::string(line.substr(begin, end - begin)));
  // A secret that the cut goes through would not be known for one.
  if (begin > 0 && InRun(line[begin - 1])) {
    for (size_t i = 0; i < part.size() && InRun(part[i]); ++i) part[i] = '*';
  }
  if (end < line.size() && InRun(line[end])) {
    for (size_t i = part.size(); i > 0 && InRun(part[i - 1]); --i) {
      part[i - 1] = '*';
    }
  }
  diagnostic.source_line = std::move(part);
  diagnostic.source_begin = CodePoints(line.substr(0, begin));
}

SourceRef Problems::Where(const Position& at) const {
  return {file_, at.line, at.column, at.length};
}

Position Problems::Part(const Position& whole, const std::string& text,
                        size_t begin, size_t size) const {
  const std::string_view line = RawLine(whole.line);
  const size_t quote = FirstCodePoints(line, whole.column - 1).size();
  if (quote >= line.size() || line.compare(quote + 1, text.size(), text) != 0) {
    return whole;
  }
  const std::string_view all = text;
  Position part = whole;
  part.column += 1 + CodePoints(all.substr(0, begin));
  part.length = std::max(1, CodePoints(all.substr(begin, size)));
  return part;
}

void Problems::Add(Diagnostic::Severity severity, SourceLocation where,
                   std::string summary, std::string detail) {
  any_errors_ = any_errors_ || severity == Diagnostic::Severity::kError;
  if (++found_[where.file].Of(severity) > kMostKept) return;
  Diagnostic diagnostic;
  diagnostic.severity = severity;
  diagnostic.where = std::move(where);
  diagnostic.summary = Shortened(std::move(summary));
  diagnostic.detail = Shortened(std::move(detail));
  if (diagnostic.where.file == *file_) FillLine(diagnostic);
  diagnostics_.push_back(std::move(diagnostic));
}

bool Problems::Full() const {
  const auto found = found_.find(*file_);
  return found != found_.end() && found->second.errors >= kMostKept;
}

void Problems::OneMore() {
  any_errors_ = true;
  ++found_[*file_].errors;
}

std::optional<std::string> Problems::Nearest(
    std::string_view word, const std::vector<std::string>& known) {
  if (suggested_ >= kMostSuggestions) return std::nullopt;
  ++suggested_;
  return patform::Nearest(word, known);
}

std::string Problems::DidYouMean(std::string_view word,
                                 const std::vector<std::string>& known) {
  const std::optional<std::string> nearest = Nearest(word, known);
  return nearest ? absl::StrCat("did you mean `", *nearest, "`?") : "";
}

void Problems::Absorb(Problems other) {
  for (Diagnostic& d : other.diagnostics_) {
    if (diagnostics_.size() >= kMostKeptOfAll) break;  // counted below
    diagnostics_.push_back(std::move(d));
  }
  for (const auto& [file, found] : other.found_) {
    found_[file].errors += found.errors;
    found_[file].warnings += found.warnings;
  }
  any_errors_ = any_errors_ || other.any_errors_;
}

void Problems::Error(const Position& at, std::string summary,
                     std::string detail) {
  Add(Diagnostic::Severity::kError, Where(at), std::move(summary),
      std::move(detail));
}

void Problems::Warning(const Position& at, std::string summary,
                       std::string detail) {
  Add(Diagnostic::Severity::kWarning, Where(at), std::move(summary),
      std::move(detail));
}

void Problems::ErrorAt(const SourceLocation& where, std::string summary,
                       std::string detail) {
  Add(Diagnostic::Severity::kError, where, std::move(summary),
      std::move(detail));
}

void Problems::WarningAt(const SourceLocation& where, std::string summary,
                         std::string detail) {
  Add(Diagnostic::Severity::kWarning, where, std::move(summary),
      std::move(detail));
}

void Problems::FileError(const std::string& file, std::string summary,
                         std::string detail) {
  file_order_.emplace(file, static_cast<int>(file_order_.size()));
  Add(Diagnostic::Severity::kError, {file, 0, 0, 1}, std::move(summary),
      std::move(detail));
}

std::vector<Diagnostic> Problems::Sorted() const {
  std::vector<Diagnostic> sorted = diagnostics_;
  const auto order = [this](const Diagnostic& d) {
    const auto found = file_order_.find(d.where.file);
    return std::make_tuple(found == file_order_.end() ? 1 << 30 : found->second,
                           d.where.line, d.where.column, d.summary);
  };
  std::stable_sort(sorted.begin(), sorted.end(),
                   [&](const Diagnostic& a, const Diagnostic& b) {
                     return order(a) < order(b);
                   });
  std::map<std::string, Found> kept, shown_of;
  for (const Diagnostic& d : sorted) ++kept[d.where.file].Of(d.severity);
  // What two checks find is said once.
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  std::vector<Diagnostic> shown;
  std::map<std::string, Found> left = found_;
  for (auto& [file, found] : left) {
    found.errors -= kept[file].errors;
    found.warnings -= kept[file].warnings;
  }
  for (Diagnostic& d : sorted) {
    if (shown.size() < kMostShownOfAll &&
        ++shown_of[d.where.file].Of(d.severity) <= kMostShown) {
      shown.push_back(std::move(d));
    } else {
      ++left[d.where.file].Of(d.severity);
    }
  }
  Found elsewhere;
  for (const auto& [file, found] : left) {
    if (found == Found()) continue;
    if (shown.size() < kMostShownOfAll) {
      shown.push_back(
          Rest({file, 0, 0, 1}, found.errors, found.warnings, "this file"));
    } else {
      elsewhere.errors += found.errors;
      elsewhere.warnings += found.warnings;
    }
  }
  if (elsewhere != Found()) {
    shown.push_back(
        Rest({}, elsewhere.errors, elsewhere.warnings, "these files"));
  }
  return shown;
}

}  // namespace patform
