#include "engine/base/version.h"

#include "engine/cli/command.h"

namespace patform::cli {
namespace {

absl::StatusOr<ExitCode> Run(const Arguments&, Ports& ports) {
  ports.terminal->out << BuildLine("patform");
  return kDone;
}

}  // namespace

Command VersionCommand() {
  return {.name = "version",
          .what = "Print the version",
          .example = "patform version",
          .run = Run};
}

}  // namespace patform::cli
