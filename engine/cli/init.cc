#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "engine/cli/command.h"
#include "engine/cli/failure.h"
#include "engine/desired/schemas.h"
#include "engine/desired/starter.h"
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

// One of `types`, by its name; asked for at a terminal where `wanted` is "".
// Null: the starter's own.
template <typename Type>
absl::StatusOr<const Type*> Choose(Ports& ports, const std::string& wanted,
                                   const char* flag, const char* question,
                                   const std::vector<Type>& types) {
  std::vector<std::string> names;
  for (const Type& type : types) names.push_back(type.name);
  std::string name = wanted;
  const Terminal& terminal = *ports.terminal;
  if (name.empty() && terminal.in_is_terminal && terminal.err_is_terminal) {
    terminal.err << question << "\n";
    for (const Type& type : types) {
      terminal.err << "  " << type.name << ": " << type.doc << "\n";
    }
    terminal.err << "Enter one (nothing: as in the starter file): "
                 << std::flush;
    std::getline(terminal.in, name);
  }
  if (name.empty()) return nullptr;
  for (const Type& type : types) {
    if (type.name == name) return &type;
  }
  return absl::InvalidArgumentError(WithNearest(
      absl::StrCat(flag, " cannot be \"", Visible(name), "\": expected one of ",
                   absl::StrJoin(names, ", ")),
      name, names));
}

absl::StatusOr<std::string> Starter(const Arguments& arguments, Ports& ports) {
  PATFORM_ASSIGN_OR_RETURN(
      const SinkType* sink,
      Choose(ports, arguments.sink_type, "--sink", "Where do secrets go?",
             ports.sinks->Types()));
  PATFORM_ASSIGN_OR_RETURN(
      const SettingsType* source,
      Choose(ports, arguments.sign_in, "--sign-in", "How do you sign in?",
             ports.tokens->Sources()));
  return StarterWith(sink, source);
}

absl::StatusOr<ExitCode> Run(const Arguments& arguments, Ports& ports) {
  const std::string path = PathOf(arguments, ports);
  PATFORM_ASSIGN_OR_RETURN(const std::string starter,
                           Starter(arguments, ports));
  const absl::Status status = ports.files->CreateNew(path, starter);
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
      .example =
          "patform init\n"
          "  patform init --sink key-vault --sign-in azure-cli\n"
          "  patform validate",
      .arguments = {{.value = "FILE",
                     .help = "default: patform.toml; in a folder, the file of "
                             "that name",
                     .target = &Arguments::word}},
      .flags = {{.names = "--sink",
                 .value = "TYPE",
                 .help = "a sink of this type to start with (default: file)",
                 .target = &Arguments::sink_type},
                {.names = "--sign-in",
                 .value = "SOURCE",
                 .help = "this [auth] source (default: environment)",
                 .target = &Arguments::sign_in}},
      .run = Run};
}

}  // namespace patform::cli
