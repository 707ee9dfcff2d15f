#include "engine/desired/problems.h"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/strings.h"

namespace patform {
namespace {

constexpr int kMostPerFile = 100;
constexpr size_t kShortestSecret = 52;

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
  file_order_.emplace(*file_, static_cast<int>(file_order_.size()));
}

std::string Problems::LineAt(int line) const {
  if (text_ == nullptr || line <= 0) return "";
  size_t begin = 0;
  for (int n = 1; n < line; ++n) {
    begin = text_->find('\n', begin);
    if (begin == std::string::npos) return "";
    ++begin;
  }
  if (line == 1 && absl::StartsWith(*text_, "\xef\xbb\xbf")) begin = 3;
  size_t end = std::min(text_->find('\n', begin), text_->size());
  if (end > begin && (*text_)[end - 1] == '\r') --end;
  return CoverSecrets(text_->substr(begin, end - begin));
}

SourceRef Problems::Where(const Position& at) const {
  return {file_, at.line, at.column, at.length};
}

void Problems::Add(Diagnostic::Severity severity, SourceLocation where,
                   std::string summary, std::string detail) {
  Diagnostic diagnostic;
  diagnostic.severity = severity;
  diagnostic.where = std::move(where);
  diagnostic.summary = std::move(summary);
  diagnostic.detail = std::move(detail);
  if (diagnostic.where.file == *file_) {
    diagnostic.source_line = LineAt(diagnostic.where.line);
  }
  any_errors_ = any_errors_ || severity == Diagnostic::Severity::kError;
  diagnostics_.push_back(std::move(diagnostic));
}

void Problems::Absorb(Problems other) {
  diagnostics_.insert(diagnostics_.end(),
                      std::make_move_iterator(other.diagnostics_.begin()),
                      std::make_move_iterator(other.diagnostics_.end()));
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
  // Two patterns of `include` may find the same fault.
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  std::vector<Diagnostic> shown;
  std::map<std::string, int> per_file;
  for (Diagnostic& d : sorted) {
    if (++per_file[d.where.file] <= kMostPerFile) {
      shown.push_back(std::move(d));
    }
  }
  for (const auto& [file, count] : per_file) {
    if (count <= kMostPerFile) continue;
    Diagnostic more;
    more.where = {file, 0, 0, 1};
    more.summary = absl::StrCat("and ", count - kMostPerFile,
                                " more problems in this file");
    shown.push_back(std::move(more));
  }
  return shown;
}

}  // namespace patform
