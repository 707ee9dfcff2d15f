#include "engine/cli/cli.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "engine/cli/arguments.h"
#include "engine/cli/command.h"
#include "engine/cli/failure.h"
#include "engine/cli/help_text.h"

namespace patform::cli {
namespace {

ExitCode Run(const Arguments& arguments, World& world) {
  // Before any path is opened: all of the command line's are below this one.
  if (!arguments.directory.empty() && chdir(arguments.directory.c_str()) != 0) {
    return Report(world,
                  absl::InvalidArgumentError(absl::StrCat(
                      "-C ", arguments.directory, ": ", strerror(errno))));
  }
  if (arguments.command->only_reads) world.end_at_signal(true);
  const absl::StatusOr<ExitCode> code =
      arguments.command->run(arguments, world);
  if (!code.ok()) return Report(world, code.status(), arguments.json);
  return *code;
}

}  // namespace

ExitCode Main(const std::vector<std::string>& words, World& world) {
  const absl::StatusOr<Arguments> arguments =
      ParseArguments(words, world.environment);
  if (!arguments.ok()) return Report(world, arguments.status());
  if (arguments->command == nullptr) {
    // Not what anybody asked for: a script that forgot the command must fail.
    *world.err << HelpText();
    return kUsage;
  }
  const ExitCode code = Run(*arguments, world);
  world.out->flush();
  if (!world.out->good()) {
    // A full disk must not look like a plan without changes.
    *world.err << "patform: the output could not be written whole\n";
    return kError;
  }
  return code;
}

}  // namespace patform::cli
