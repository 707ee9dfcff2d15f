#include "engine/cli/command.h"
#include "engine/cli/help_text.h"

namespace patform::cli {
namespace {

absl::StatusOr<ExitCode> Run(const Arguments& arguments, Ports& ports) {
  if (arguments.word.empty()) {
    ports.terminal->out << HelpText();
    return kDone;
  }
  // Not a choice of the argument: an unknown word gets the hints of one.
  const Command* command = FindCommand(arguments.word);
  if (command == nullptr) return UnknownCommand(arguments.word);
  ports.terminal->out << HelpText(*command);
  return kDone;
}

}  // namespace

Command HelpCommand() {
  return {.name = "help",
          .what = "Show help, also of one command",
          .example = "patform help apply",
          .arguments = {{.value = "COMMAND",
                         .help = "a command",
                         .target = &Arguments::word}},
          .run = Run};
}

}  // namespace patform::cli
