#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "engine/base/diagnostic.h"
#include "engine/base/source_ref.h"
#include "engine/desired/toml_value.h"

namespace patform {

// Collects what is wrong, with the source line of each place. Lines are
// looked up from the text of the file that is being read.
//
// What is kept is bounded, whatever a file holds: so many errors and so many
// warnings of each file, and so many of all; the rest is counted. Long texts in
// them are cut.
class Problems {
 public:
  static constexpr int kMostShown = 100;  // of one file and one severity
  static constexpr int kMostKept = 300;   // likewise, before they are sorted
  static constexpr size_t kMostShownOfAll = 1000;
  static constexpr size_t kMostKeptOfAll = 5000;

  // Until the next call, positions are in this file, of which `text` begins
  // with the line `first_line`. `text` must live until the next call.
  void BeginFile(std::string file, const std::string* text, int first_line = 1);

  // `text` may go: what is found later has no source line yet.
  void EndFile() { text_ = nullptr; }

  void Error(const Position& at, std::string summary, std::string detail = "");
  void Warning(const Position& at, std::string summary,
               std::string detail = "");
  // At a place in any file.
  void ErrorAt(const SourceLocation& where, std::string summary,
               std::string detail = "");
  void WarningAt(const SourceLocation& where, std::string summary,
                 std::string detail = "");
  // About a file as a whole.
  void FileError(const std::string& file, std::string summary,
                 std::string detail = "");

  SourceRef Where(const Position& at) const;
  // The location of `size` bytes at `begin` in the string `text`, which is at
  // `whole`; `whole` where the file does not have it in one line as it is read.
  Position Part(const Position& whole, const std::string& text, size_t begin,
                size_t size) const;
  // Fills in the source line of a diagnostic about the file that is being read,
  // secrets covered.
  void FillLine(Diagnostic& diagnostic) const;
  const std::string& file() const { return *file_; }

  // Takes over what `other` collected about one file.
  void Absorb(Problems other);
  bool any_errors() const { return any_errors_; }

  // Is another error in this file only counted? Then nothing need be found out
  // for it.
  bool Full() const;
  // Such an error.
  void OneMore();
  // The nearest of `known` to `word` (strings.h), for the first few problems of
  // a file: it takes a while.
  std::optional<std::string> Nearest(std::string_view word,
                                     const std::vector<std::string>& known);
  // "did you mean `x`?" or "".
  std::string DidYouMean(std::string_view word,
                         const std::vector<std::string>& known);

  // By file in the order of reading, then line and column; what is too much is
  // left out and counted.
  std::vector<Diagnostic> Sorted() const;

 private:
  // How many were found in a file, by severity; more than are kept, maybe.
  struct Found {
    int errors = 0;
    int warnings = 0;
    int& Of(Diagnostic::Severity severity) {
      return severity == Diagnostic::Severity::kError ? errors : warnings;
    }
    bool operator==(const Found&) const = default;
  };

  // Without its end; empty: there is no such line.
  std::string_view RawLine(int line) const;
  void Add(Diagnostic::Severity severity, SourceLocation where,
           std::string summary, std::string detail);
  // Is it kept already? Remembers it.
  bool IsKept(Diagnostic::Severity severity, const SourceLocation& where,
              const std::string& summary);

  std::shared_ptr<const std::string> file_ =
      std::make_shared<const std::string>();
  const std::string* text_ = nullptr;
  int first_line_ = 1;  // of `text_`
  mutable std::vector<size_t>
      line_starts_;  // of `text_`, once one is asked for
  std::map<std::string, int> file_order_;
  std::vector<Diagnostic> diagnostics_;
  std::map<std::string, Found> found_;  // by file
  // What is in `diagnostics_`: file, line, column, severity, summary.
  std::set<std::tuple<std::string, int, int, Diagnostic::Severity, std::string>>
      kept_;
  int suggested_ = 0;  // since BeginFile
  bool any_errors_ = false;
};

// Does `text` look like a token's secret or a bearer?
bool LooksLikeSecret(std::string_view text);

// `line` with everything that looks like one covered by asterisks, its length
// unchanged.
std::string CoverSecrets(std::string line);

}  // namespace patform
