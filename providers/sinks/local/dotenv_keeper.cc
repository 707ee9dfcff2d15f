#include "providers/sinks/local/dotenv_keeper.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "engine/base/digest.h"
#include "engine/base/status.h"
#include "providers/sinks/local/dotenv_file.h"
#include "providers/sinks/local/dotenv_text.h"
#include "providers/sinks/local/posix.h"

namespace patform::sinks {
namespace {

// Never shown and never kept, so that a hash without a key gives nothing away.
// The value itself decides, not its time: other keys of the file come and go.
absl::StatusOr<std::string> VersionOf(const DotenvText& text,
                                      const std::string& key) {
  const absl::StatusOr<DotenvText::Kept> kept = text.ReadKept(key);
  if (absl::IsNotFound(kept.status())) return std::string();
  if (!kept.ok()) return kept.status();
  return Sha256(kept->value.Reveal());
}

}  // namespace

absl::StatusOr<KeptSecret> DotenvKeeper::Read(const Delivery& place, Deadline) {
  PATFORM_ASSIGN_OR_RETURN(const FilePath at, FilePathOfVariable(place));
  PATFORM_ASSIGN_OR_RETURN(const std::optional<Directory> directory,
                           OpenDirectory(root_, at));
  if (!directory) {
    return absl::NotFoundError(
        absl::StrCat("there is nothing at ", Quoted(place.Address())));
  }
  // What a run that died has left there holds a refresh token.
  leftovers_.RemoveIfIdle(*directory).IgnoreError();
  PATFORM_ASSIGN_OR_RETURN(const Content content,
                           ReadContent(*directory, at.file, kMaxDotenvBytes));
  const std::string path = directory->PathOf(at.file);
  if (content.info) PATFORM_RETURN_IF_ERROR(CheckPrivate(*content.info, path));
  PATFORM_ASSIGN_OR_RETURN(const DotenvText text,
                           DotenvText::Parse(content.text.Reveal(), path));
  PATFORM_ASSIGN_OR_RETURN(DotenvText::Kept read, text.ReadKept(place.key));
  KeptSecret kept;
  kept.version = Sha256(read.value.Reveal());
  kept.value = std::move(read.value);
  kept.written_at = read.written_at;
  return kept;
}

absl::Status DotenvKeeper::Replace(const Delivery& place, const Secret& value,
                                   const std::string& expected,
                                   Deadline deadline) {
  PATFORM_ASSIGN_OR_RETURN(const FilePath at, FilePathOfVariable(place));
  PATFORM_ASSIGN_OR_RETURN(const Directory directory, MakeDirectory(root_, at));
  const std::string path = directory.PathOf(at.file);
  const auto with = [&](const Content& content,
                        const DotenvText& text) -> absl::StatusOr<Secret> {
    if (content.info) {
      PATFORM_RETURN_IF_ERROR(CheckPrivate(*content.info, path));
    }
    PATFORM_ASSIGN_OR_RETURN(const std::string version,
                             VersionOf(text, place.key));
    if (version != expected) return VariableMoved(place.key, path);
    return text.WithKept(place.key, value, absl::Now());
  };
  return EditDotenv(directory, at.file, place.key, leftovers_, deadline, with);
}

absl::StatusOr<std::unique_ptr<SecretKeeper>> OpenDotenvKeeper(
    const Opening& opening) {
  PATFORM_ASSIGN_OR_RETURN(Root root, RootOf(opening.config));
  return std::make_unique<DotenvKeeper>(std::move(root));
}

}  // namespace patform::sinks
