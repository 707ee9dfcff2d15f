#include "providers/sinks/sinks.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "providers/sinks/local/directory.h"
#include "providers/sinks/local/dotenv_sink.h"
#include "providers/sinks/local/file_sink.h"

namespace patform::sinks {
namespace {

// The types by name. A further one is a further row here.
enum class Type { kDotenv, kFile };

// An unknown type is refused here a second time: the configuration's reader has
// checked it, but a saved plan may come from another version.
absl::StatusOr<Type> TypeOf(const SinkConfig& config) {
  if (config.type == "dotenv") return Type::kDotenv;
  if (config.type == "file") return Type::kFile;
  return absl::InvalidArgumentError(
      absl::StrCat("sink type \"", Visible(config.type),
                   "\" is not available in this version; available: ",
                   absl::StrJoin(SinkTypes(), ", ")));
}

// Shown() and not Text() in messages: a path may come from a variable whose
// value is not to be printed.
absl::StatusOr<sinks::Root> RootOf(const SinkConfig& config) {
  absl::StatusOr<sinks::Root> root =
      NormalRoot(config.Text("path"), config.Shown("path"));
  if (root.ok()) return root;
  return Annotate(root.status(),
                  absl::StrCat("sink \"", Visible(config.name), "\""));
}

// As text, because TOML has no number with a leading zero.
absl::StatusOr<FileSink::Options> FileOptions(const SinkConfig& config) {
  FileSink::Options options;
  options.newline = config.Flag("newline");
  const std::string mode = config.Text("mode", "0600");
  if (mode == "0640") {
    options.mode = 0640;
  } else if (mode != "0600") {
    return absl::InvalidArgumentError(absl::StrCat(
        "sink \"", Visible(config.name), "\": mode \"",
        Visible(config.Shown("mode")),
        "\" is not one that a secret may have; write \"0600\" or \"0640\"."));
  }
  return options;
}

}  // namespace

std::vector<std::string> SinkTypes() { return {"dotenv", "file"}; }

absl::StatusOr<std::unique_ptr<RecordReader>> MakeRecordReader(
    const SinkConfig& config) {
  PATFORM_ASSIGN_OR_RETURN(const Type type, TypeOf(config));
  PATFORM_ASSIGN_OR_RETURN(Root root, RootOf(config));
  if (type == Type::kDotenv) {
    return std::make_unique<DotenvReader>(std::move(root));
  }
  // A plan that `apply` would refuse is refused while it is made.
  PATFORM_RETURN_IF_ERROR(FileOptions(config).status());
  return std::make_unique<FileReader>(std::move(root));
}

absl::StatusOr<std::unique_ptr<SecretSink>> MakeSink(const SinkConfig& config) {
  PATFORM_ASSIGN_OR_RETURN(const Type type, TypeOf(config));
  PATFORM_ASSIGN_OR_RETURN(Root root, RootOf(config));
  if (type == Type::kDotenv) {
    return std::make_unique<DotenvSink>(std::move(root));
  }
  PATFORM_ASSIGN_OR_RETURN(const FileSink::Options options,
                           FileOptions(config));
  return std::make_unique<FileSink>(std::move(root), options);
}

}  // namespace patform::sinks
