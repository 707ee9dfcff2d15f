#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/strings.h"
#include "engine/cli/command.h"
#include "engine/cli/failure.h"
#include "engine/cli/output.h"
#include "engine/desired/scope_catalog.h"
#include "engine/desired/scope_guess.h"
#include "engine/report/answer.h"

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

std::string Json(const std::string& word) {
  std::vector<Answer> found;
  for (const ScopeInfo& scope : ScopeCatalog()) {
    if (!Finds(scope, word)) continue;
    found.push_back(Answer()
                        .Text("scope", scope.name)
                        .Text("category", scope.category)
                        .Text("title", scope.title)
                        .Texts("implies", scope.implies)
                        .Text("meaning", scope.meaning)
                        .Flag("high_privilege", scope.high_privilege));
  }
  return found.empty() ? "" : Answer().List("scopes", found).Line();
}

absl::Status NoneFound(const std::string& word) {
  // An error, as of grep: a script that asks for a scope wants to know.
  return absl::NotFoundError(absl::StrCat("no scope has \"", word, "\" in it; ",
                                          ScopeHint(word, Nearest)));
}

absl::StatusOr<ExitCode> Run(const Arguments& arguments, Ports& ports) {
  if (arguments.format == "json") {
    const std::string json = Json(arguments.word);
    if (json.empty()) return NoneFound(arguments.word);
    ports.terminal->out << json;
    return kDone;
  }
  const Style style =
      StyleFor(arguments, ports, ports.terminal->out_is_terminal);
  std::string category;
  int found = 0;
  for (const ScopeInfo& scope : ScopeCatalog()) {
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
  return NoneFound(arguments.word);
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
