#pragma once

#include <string>
#include <vector>

#include "engine/base/words.h"

namespace patform {

// A place in a file. Lines and columns are 1-based, columns count code
// points; line 0: the whole file; empty file: nowhere.
struct SourceLocation {
  std::string file;
  int line = 0;
  int column = 0;
  int length = 1;  // code points to underline

  friend bool operator==(const SourceLocation&,
                         const SourceLocation&) = default;
};

// One message to the user about what they wrote.
struct Diagnostic {
  enum class Severity { kError, kWarning, kNote };

  Severity severity = Severity::kError;
  SourceLocation where;
  std::string summary;  // what is wrong, one line, no full stop
  std::string detail;   // what was expected and what to do; may be empty
  // The line at `where`, without its end; of a long one the part around
  // `where`, which begins behind so many code points.
  std::string source_line;
  int source_begin = 0;

  friend bool operator==(const Diagnostic&, const Diagnostic&) = default;
};

inline constexpr WordFor<Diagnostic::Severity> kDiagnosticWords[] = {
    {Diagnostic::Severity::kError, "error"},
    {Diagnostic::Severity::kWarning, "warning"},
    {Diagnostic::Severity::kNote, "note"}};
constexpr auto& WordsOf(Diagnostic::Severity) { return kDiagnosticWords; }
static_assert(AllInOrder(kDiagnosticWords, Diagnostic::Severity::kNote));

// teams/a.toml:3:11: error: unknown scope "vso.cde"
//   3 | scopes = ["vso.cde"]
//     |           ^~~~~~~~~
//     = did you mean "vso.code"?
//
// Ends with a newline. Text from outside is made visible (strings.h); a tab in
// the source line is shown as one space and a long line is cut around `where`.
std::string Render(const Diagnostic& diagnostic);

// All of them, an empty line between two, and the closing line
// "2 errors, 1 warning". Empty for none.
std::string Render(const std::vector<Diagnostic>& diagnostics);

bool HasErrors(const std::vector<Diagnostic>& diagnostics);

}  // namespace patform
