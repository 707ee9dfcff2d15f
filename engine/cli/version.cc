#include "engine/base/version.h"

#include "engine/cli/command.h"
#include "engine/report/answer.h"

namespace patform::cli {
namespace {

absl::StatusOr<ExitCode> Run(const Arguments& arguments, Ports& ports) {
  if (arguments.format == "json") {
    const Build build = BuildOf();
    ports.terminal->out << Answer()
                               .Text("program", "patform")
                               .Text("version", kVersion)
                               .Text("commit", build.commit)
                               .Text("compiler", build.compiler)
                               .Line();
    return kDone;
  }
  ports.terminal->out << BuildLine("patform");
  return kDone;
}

}  // namespace

Command VersionCommand() {
  return {.name = "version",
          .what = "Print the version",
          .example = "patform version\n  patform version --json",
          .run = Run};
}

}  // namespace patform::cli
