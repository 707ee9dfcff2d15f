#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/diagnostic.h"
#include "engine/base/source_ref.h"
#include "engine/desired/toml_value.h"

namespace patform {

// Collects what is wrong, with the source line of each place. Lines are
// looked up from the text of the file that is being read.
class Problems {
 public:
  // Until the next call, positions are in this file. `text` must live
  // until the next call.
  void BeginFile(std::string file, const std::string* text);

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
  // The line of the file that is being read, secrets covered.
  std::string LineAt(int line) const;
  const std::string& file() const { return *file_; }

  // Takes over what `other` collected about one file.
  void Absorb(Problems other);
  bool any_errors() const { return any_errors_; }

  // By file in the order of reading, then line and column; at most 100 for
  // one file.
  std::vector<Diagnostic> Sorted() const;

 private:
  void Add(Diagnostic::Severity severity, SourceLocation where,
           std::string summary, std::string detail);

  std::shared_ptr<const std::string> file_ =
      std::make_shared<const std::string>();
  const std::string* text_ = nullptr;
  std::map<std::string, int> file_order_;
  std::vector<Diagnostic> diagnostics_;
  bool any_errors_ = false;
};

// Does `text` look like a token's secret or a bearer?
bool LooksLikeSecret(std::string_view text);

// `line` with everything that looks like one covered by asterisks, its length
// unchanged.
std::string CoverSecrets(std::string line);

}  // namespace patform
