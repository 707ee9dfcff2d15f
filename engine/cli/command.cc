#include "engine/cli/command.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/base/strings.h"
#include "engine/cli/failure.h"
#include "engine/cli/hints.h"

namespace patform::cli {

// Each in the file of its name.
Command ApplyCommand();
Command AuditCommand();
Command CommentCommand();
Command DoctorCommand();
Command HelpCommand();
Command ImportCommand();
Command InitCommand();
Command LoginCommand();
Command LogoutCommand();
Command PlanCommand();
Command ReportCommand();
Command SchemaCommand();
Command ScopesCommand();
Command ShowCommand();
Command SnapshotCommand();
Command StatusCommand();
Command ValidateCommand();
Command VerifyCommand();
Command VersionCommand();
Command WhoAmICommand();

const std::vector<Command>& Commands() {
  // Never destroyed: Arguments point into it.
  static const auto& commands = *new std::vector<Command>{
      InitCommand(),     LoginCommand(),    LogoutCommand(),  WhoAmICommand(),
      ValidateCommand(), PlanCommand(),     ShowCommand(),    CommentCommand(),
      ApplyCommand(),    StatusCommand(),   ReportCommand(),  AuditCommand(),
      VerifyCommand(),   SnapshotCommand(), ImportCommand(),  DoctorCommand(),
      ScopesCommand(),   SchemaCommand(),   VersionCommand(), HelpCommand()};
  return commands;
}

const Command* FindCommand(std::string_view name) {
  const std::vector<Command>& all = Commands();
  const auto at = std::find_if(
      all.begin(), all.end(), [&](const Command& c) { return c.name == name; });
  return at == all.end() ? nullptr : &*at;
}

absl::Status UnknownCommand(const std::string& word) {
  std::string text =
      absl::StrCat("there is no command \"", Visible(word), "\"");
  if (const char* hint = HintFor(word)) {
    return UsageError(absl::StrCat(text, "; ", hint));
  }
  std::vector<std::string> names;
  for (const Command& command : Commands()) names.push_back(command.name);
  return UsageError(WithNearest(std::move(text), word, names, "`"));
}

bool Flag::IsRepeatable() const {
  return std::holds_alternative<std::vector<std::string> Arguments::*>(
             target) ||
         std::holds_alternative<std::vector<AuthorizationId> Arguments::*>(
             target);
}

std::vector<std::string> Flag::Names() const {
  return absl::StrSplit(names, ',', absl::SkipEmpty());
}

std::string Flag::Name() const {
  const std::vector<std::string> all = Names();
  if (all.empty()) return value;
  // What is long says more in a message; one of them is enough.
  const auto is_long = [](const std::string& n) { return n[1] == '-'; };
  const auto at = std::find_if(all.begin(), all.end(), is_long);
  return at == all.end() ? all.front() : *at;
}

}  // namespace patform::cli
