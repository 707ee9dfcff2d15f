#include "engine/desired/problems.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/pat_shape.h"
#include "engine/base/strings.h"

// The lines that are quoted never show a secret, and columns are counted as
// people see them, in characters.
namespace patform {
namespace {

// Each costs a comparison with all known words.
constexpr int kMostSuggestions = 25;  // in one file
// The most that a message quotes from the file.
constexpr size_t kLongestMessage = 1000;
// Kept of a line at each side of a place; more than is ever shown.
constexpr size_t kAround = 1024;
constexpr int kShownOfLong = 400;  // characters

// A personal access token, or a JWT.
bool IsSecretRun(std::string_view run) {
  if (IsPatShaped(run)) return true;
  return run.size() > 60 && absl::StartsWith(AbslView(run), "eyJ") &&
         std::count(run.begin(), run.end(), '.') >= 2;
}

// What may be inside of such a secret: a JWT has dots, dashes and underscores.
bool InRun(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' ||
         c == '-' || c == '_';
}

// The first secret in `text` at or after `from`; empty: there is none.
std::string_view NextSecret(std::string_view text, size_t from) {
  // From run to run: none of them is looked at twice.
  for (size_t at = from; at + kShortestPat <= text.size();) {
    size_t end = at;
    while (end < text.size() && InRun(text[end])) ++end;
    const std::string_view run = text.substr(at, end - at);
    if (IsSecretRun(run)) return run;
    at = end + 1;
  }
  return {};
}

// Quoted keys and values may be a megabyte long.
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

// Asked of each text of a configuration: a secret in it is in git's history by
// now.
bool LooksLikeSecret(std::string_view text) {
  return !NextSecret(text, 0).empty();
}

// Stars instead of letters: the columns below stay right.
std::string CoverSecrets(std::string line) {
  const std::string_view text = line;
  for (std::string_view run = NextSecret(text, 0); !run.empty();) {
    const size_t at = static_cast<size_t>(run.data() - text.data());
    std::fill_n(line.begin() + at, run.size(), '*');
    run = NextSecret(text, at + run.size());
  }
  return line;
}

// Places from now on are in this file; `text` must live until EndFile().
void Problems::BeginFile(std::string file, const std::string* text,
                         int first_line) {
  file_ = std::make_shared<const std::string>(std::move(file));
  text_ = text;
  first_line_ = first_line;
  line_starts_.clear();
  suggested_ = 0;
  // The order of first mention, for Sorted().
  file_order_.emplace(*file_, static_cast<int>(file_order_.size()));
}

// Line starts are found once per file, on the first mistake in it.
std::string_view Problems::RawLine(int line) const {
  if (text_ == nullptr || line < first_line_) return "";
  const size_t number = static_cast<size_t>(line - first_line_);
  if (line_starts_.empty()) {
    line_starts_.push_back(0);
    for (size_t end = text_->find('\n'); end != std::string::npos;
         end = text_->find('\n', end + 1)) {
      line_starts_.push_back(end + 1);
    }
  }
  if (number >= line_starts_.size()) return "";
  size_t begin = line_starts_[number];
  // A byte order mark is not a part of the first line.
  if (line == 1 && absl::StartsWith(*text_, "\xef\xbb\xbf")) begin = 3;
  size_t end = std::min(text_->find('\n', begin), text_->size());
  if (end > begin && (*text_)[end - 1] == '\r') --end;
  return std::string_view(*text_).substr(begin, end - begin);
}

// At most kAround bytes at each side of the place, and no half characters.
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

// The part of a string that is at fault, if the string is written without
// escapes; else the whole of it. Escapes would make the columns differ.
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

// Every mistake is counted, the first kMostKept of a file are kept.
void Problems::Add(Diagnostic::Severity severity, SourceLocation where,
                   std::string summary, std::string detail) {
  any_errors_ = any_errors_ || severity == Diagnostic::Severity::kError;
  // What is wrong with [defaults] is wrong for every token: it is one mistake.
  if (IsKept(severity, where, summary)) return;
  if (++found_[where.file].Of(severity) > kMostKept) return;
  Diagnostic diagnostic;
  diagnostic.severity = severity;
  diagnostic.where = std::move(where);
  diagnostic.summary = Shortened(std::move(summary));
  diagnostic.detail = Shortened(std::move(detail));
  // A place in another file gets its line later, from FillSourceLines().
  if (diagnostic.where.file == *file_) FillLine(diagnostic);
  diagnostics_.push_back(std::move(diagnostic));
}

bool Problems::IsKept(Diagnostic::Severity severity,
                      const SourceLocation& where, const std::string& summary) {
  // Full: nothing is added any more, and nothing is looked for.
  if (found_[where.file].Of(severity) >= kMostKept) return false;
  return !kept_
              .emplace(where.file, where.line, where.column, severity,
                       Shortened(summary))
              .second;
}

// Whoever would only add to the count may skip the work of a message.
bool Problems::Full() const {
  const auto found = found_.find(*file_);
  return found != found_.end() && found->second.errors >= kMostKept;
}

void Problems::OneMore() {
  any_errors_ = true;
  ++found_[*file_].errors;
}

// After a number of suggestions more of them help nobody.
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

// What another thread collected about one file. Bounded again, over all files.
void Problems::Absorb(Problems other) {
  for (Diagnostic& d : other.diagnostics_) {
    if (IsKept(d.severity, d.where, d.summary)) {
      --other.found_[d.where.file].Of(d.severity);
      continue;
    }
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

// In the order of the files, then of the lines: as a person reads.
std::vector<Diagnostic> Problems::Sorted() const {
  std::vector<Diagnostic> sorted = diagnostics_;
  const auto order = [this](const Diagnostic& d) {
    const auto found = file_order_.find(d.where.file);
    // Files that were never begun come last.
    return std::make_tuple(found == file_order_.end() ? 1 << 30 : found->second,
                           d.where.line, d.where.column, d.summary);
  };
  // stable: two mistakes of one place stay in the order in which they were
  // found.
  std::stable_sort(sorted.begin(), sorted.end(),
                   [&](const Diagnostic& a, const Diagnostic& b) {
                     return order(a) < order(b);
                   });
  std::map<std::string, Found> kept, shown_of;
  for (const Diagnostic& d : sorted) ++kept[d.where.file].Of(d.severity);
  // What two checks find is reported once.
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  std::vector<Diagnostic> shown;
  // Counted but not kept, and below: kept but not shown.
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
  // For the one line at the end about whole files.
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
