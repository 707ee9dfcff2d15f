#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/base/strings.h"
#include "engine/cli/command.h"
#include "engine/cli/failure.h"
#include "engine/desired/schemas.h"
#include "engine/report/answer.h"

namespace patform::cli {
namespace {

// What the starter's first line, #:schema, names.
constexpr char kSchemaName[] = "patform.schema.json";
constexpr char kFileName[] = "patform.toml";

// FILE, or the file of that name in a folder.
std::string PathOf(const Arguments& arguments, Ports& ports) {
  std::string path = arguments.word.empty() ? kFileName : arguments.word;
  if (path.back() == '/' ||
      ports.files->Stat(path) == Files::Kind::kDirectory) {
    absl::StrAppend(&path, path.back() == '/' ? "" : "/", kFileName);
  }
  return path;
}

absl::StatusOr<ExitCode> Run(const Arguments& arguments, Ports& ports) {
  const std::string path = PathOf(arguments, ports);
  const absl::Status status = ports.files->CreateNew(path, StarterFile());
  if (absl::IsAlreadyExists(status)) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " exists already and was left as it is"));
  }
  if (!status.ok()) return OfFile(status);
  // Beside it, so that an editor finds it; one that is there already serves.
  const size_t slash = path.rfind('/');
  const std::string schema = absl::StrCat(
      slash == std::string::npos ? "" : path.substr(0, slash + 1), kSchemaName);
  const absl::Status beside =
      ports.files->CreateNew(schema, ConfigurationSchema());
  if (!beside.ok() && !absl::IsAlreadyExists(beside)) return OfFile(beside);
  if (arguments.format == "json") {
    std::vector<std::string> written = {path};
    if (beside.ok()) written.push_back(schema);
    ports.terminal->out << Answer().Texts("written", written).Line();
    return kDone;
  }
  ports.terminal->out << "Wrote " << Visible(path);
  if (beside.ok()) {
    ports.terminal->out << ", and " << Visible(schema)
                        << " for editors that know TOML schemas";
  }
  ports.terminal->out
      << ". Edit it, then run `patform validate` and `patform plan`.\n";
  return kDone;
}

}  // namespace

Command InitCommand() {
  return {
      .name = "init",
      .what = "Write a commented starter file",
      .example = "patform init\n  patform validate",
      .arguments = {{.value = "FILE",
                     .help = "default: patform.toml; in a folder, the file of "
                             "that name",
                     .target = &Arguments::word}},
      .run = Run};
}

}  // namespace patform::cli
