#include "absl/strings/str_cat.h"
#include "engine/base/strings.h"
#include "engine/cli/cli.h"
#include "engine/desired/schemas.h"

namespace patform::cli {

int Init(const Arguments& arguments, World& world) {
  const std::string path =
      arguments.word.empty() ? "patform.toml" : arguments.word;
  const absl::Status status = world.files->CreateNew(path, StarterFile());
  if (absl::IsAlreadyExists(status)) {
    return Fail(world, absl::InvalidArgumentError(absl::StrCat(
                           path, " exists already and was left as it is")));
  }
  if (!status.ok()) return Fail(world, status);
  *world.out << "Wrote " << Visible(path)
             << ". Edit it, then run `patform validate` and `patform plan`.\n";
  return kDone;
}

}  // namespace patform::cli
