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

ExitCode Run(const Arguments& arguments, Ports& ports) {
  // Before any path is opened: all of the command line's are below this one.
  if (!arguments.directory.empty() && chdir(arguments.directory.c_str()) != 0) {
    return Report(ports,
                  absl::InvalidArgumentError(absl::StrCat(
                      "-C ", arguments.directory, ": ", strerror(errno))));
  }
  // Nor does a port do anything before it knows what it may do.
  if (ports.grants != nullptr) {
    *ports.grants = {arguments.allow_hosts, arguments.allow_programs,
                     arguments.access_token_stdin};
  }
  if (arguments.command->only_reads) ports.run->EndAtSignal(true);
  const absl::StatusOr<ExitCode> code =
      arguments.command->run(arguments, ports);
  if (!code.ok()) return Report(ports, code.status(), arguments.json);
  return *code;
}

}  // namespace

ExitCode Main(const std::vector<std::string>& words, Ports& ports) {
  const absl::StatusOr<Arguments> arguments =
      ParseArguments(words, ports.environment);
  if (!arguments.ok()) return Report(ports, arguments.status());
  if (arguments->command == nullptr) {
    // Not what anybody asked for: a script that forgot the command must fail.
    ports.terminal->err << HelpText();
    return kUsage;
  }
  const ExitCode code = Run(*arguments, ports);
  ports.terminal->out.flush();
  if (!ports.terminal->out.good()) {
    // A full disk must not look like a plan without changes. Where it was an
    // error already, that was reported.
    if (code != kError) {
      ports.terminal->err << "patform: the output could not be written whole\n";
    }
    return kError;
  }
  return code;
}

}  // namespace patform::cli
