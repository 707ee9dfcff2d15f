#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/cli/command.h"
#include "engine/cli/failure.h"
#include "engine/cli/output.h"
#include "engine/desired/scope_catalog.h"

namespace patform::cli {
namespace {

// In any case and any column: who looks for "feeds" does not know yet that the
// scope is called packaging.
bool Finds(const ScopeInfo& scope, const std::string& word) {
  if (word.empty()) return true;
  const std::string all = absl::AsciiStrToLower(absl::StrCat(
      scope.name, " ", scope.category, " ", scope.title, " ", scope.meaning));
  return absl::StrContains(all, absl::AsciiStrToLower(word));
}

absl::StatusOr<ExitCode> Run(const Arguments& arguments, Ports& ports) {
  const Style style =
      StyleFor(arguments, ports, ports.terminal->out_is_terminal);
  std::string category;
  int found = 0;
  std::vector<std::string> names;
  for (const ScopeInfo& scope : ScopeCatalog()) {
    names.push_back(std::string(scope.name));
    if (!Finds(scope, arguments.word)) continue;
    // The catalog is sorted by category; one that nothing is found in has no
    // heading.
    if (scope.category != category) {
      category = std::string(scope.category);
      ports.terminal->out << (found > 0 ? "\n" : "") << style.Bold(category)
                          << "\n";
    }
    ++found;
    // The longest name there is leaves room for one space.
    std::string name(scope.name);
    name.resize(std::max<size_t>(name.size(), 36), ' ');
    ports.terminal->out << "  " << name << " " << scope.meaning;
    if (scope.high_privilege)
      ports.terminal->out << style.Red(" [high privilege]");
    ports.terminal->out << "\n";
    if (!scope.implies.empty()) {
      ports.terminal->out << "  " << std::string(36, ' ') << " "
                          << style.Dim(absl::StrCat(
                                 "implies ",
                                 absl::StrJoin(scope.implies, ", ")))
                          << "\n";
    }
  }
  if (found > 0) return kDone;
  // An error, as of grep: a script that asks for a scope wants to know.
  return absl::NotFoundError(
      WithNearest(absl::StrCat("no scope has \"", arguments.word, "\" in it"),
                  arguments.word, names));
}

}  // namespace

Command ScopesCommand() {
  return {.name = "scopes",
          .what = "List the scopes, or those that a word matches",
          .example = "patform scopes packaging",
          .arguments = {{.value = "WORD",
                         .help = "looked for in every column",
                         .target = &Arguments::word}},
          .run = Run,
          .only_reads = true};
}

}  // namespace patform::cli
