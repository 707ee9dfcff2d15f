#include <vector>

#include "engine/cli/command.h"
#include "engine/cli/help_text.h"
#include "engine/cli/topics.h"
#include "engine/report/answer.h"

namespace patform::cli {
namespace {

Answer AnswerOf(const Flag& flag) {
  return Answer()
      .Texts("names", flag.Names())
      .TextOrNull("value", flag.value)
      .Text("help", flag.help)
      .TextOrNull("variable", flag.variable == nullptr ? "" : flag.variable)
      .Flag("repeatable", flag.IsRepeatable())
      .Flag("required", flag.required)
      .Texts("choices", flag.choices);
}

std::vector<Answer> AnswersOf(const std::vector<Flag>& flags) {
  std::vector<Answer> answers;
  for (const Flag& flag : flags) answers.push_back(AnswerOf(flag));
  return answers;
}

Answer AnswerOf(const Command& command) {
  return Answer()
      .Text("command", command.name)
      .Text("what", command.what)
      .List("arguments", AnswersOf(command.arguments))
      .List("flags", AnswersOf(command.flags));
}

Answer AnswerOf(const Topic& topic, const std::vector<SettingsType>& sources) {
  return Answer()
      .Text("topic", topic.name)
      .Text("what", topic.what)
      .Text("text", TextOf(topic, sources));
}

absl::StatusOr<ExitCode> Run(const Arguments& arguments, Ports& ports) {
  const bool json = arguments.format == "json";
  if (arguments.word.empty() && json) {
    std::vector<Answer> commands;
    for (const Command& command : Commands()) {
      commands.push_back(AnswerOf(command));
    }
    ports.terminal->out << Answer()
                               .List("commands", commands)
                               .List("global_flags", AnswersOf(GlobalFlags()))
                               .Line();
    return kDone;
  }
  if (arguments.word.empty()) {
    ports.terminal->out << HelpText();
    return kDone;
  }
  if (const Topic* topic = FindTopic(arguments.word)) {
    const std::vector<SettingsType>& sources = ports.tokens->Sources();
    ports.terminal->out << (json ? AnswerOf(*topic, sources).Line()
                                 : TextOf(*topic, sources));
    return kDone;
  }
  // Not a choice of the argument: an unknown word gets the hints of one.
  const Command* command = FindCommand(arguments.word);
  if (command == nullptr) return UnknownCommand(arguments.word);
  ports.terminal->out << (json ? AnswerOf(*command).Line()
                               : HelpText(*command));
  return kDone;
}

}  // namespace

Command HelpCommand() {
  return {.name = "help",
          .what = "Show help, of one command or topic as well",
          .example = "patform help apply\n  patform help sign-in",
          .arguments = {{.value = "COMMAND",
                         .help = "a command, or a topic",
                         .target = &Arguments::word}},
          .run = Run};
}

}  // namespace patform::cli
