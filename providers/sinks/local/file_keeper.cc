#include "providers/sinks/local/file_keeper.h"

#include <optional>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "providers/sinks/local/directory_lock.h"
#include "providers/sinks/local/dotenv_file.h"
#include "providers/sinks/local/new_data.h"
#include "providers/sinks/local/place_given.h"
#include "providers/sinks/local/posix.h"

namespace patform::sinks {
namespace {

// Refresh tokens have one or two thousand bytes.
constexpr size_t kMostBytes = 64 << 10;

absl::Status Moved(const std::string& path) {
  return absl::AbortedError(
      absl::StrCat(Quoted(path), " has changed since it was read"));
}

}  // namespace

absl::StatusOr<KeptSecret> FileKeeper::Read(const Delivery& place,
                                            Deadline deadline) {
  PATFORM_ASSIGN_OR_RETURN(const FilePath at, FilePathOfFile(place));
  PATFORM_ASSIGN_OR_RETURN(const std::optional<Directory> directory,
                           OpenDirectory(root_, at));
  const auto none = [&] {
    return absl::NotFoundError(
        absl::StrCat("there is nothing at ", Quoted(place.Address())));
  };
  if (!directory) return none();
  // What a run that died has left there holds a refresh token.
  leftovers_.RemoveIfIdle(*directory).IgnoreError();
  // A token's secret is not a sign-in, whatever the configuration says.
  if (FileReader(root_).Read(place, deadline).state ==
      HeldRecord::State::kPresent) {
    return absl::FailedPreconditionError(absl::StrCat(
        Quoted(place.Address()),
        " is the secret of a token. Keep the sign-in in another place."));
  }
  PATFORM_ASSIGN_OR_RETURN(const Content content,
                           ReadContent(*directory, at.file, kMostBytes));
  if (!content.info) return none();
  const std::string path = directory->PathOf(at.file);
  PATFORM_RETURN_IF_ERROR(CheckPrivate(*content.info, path));
  KeptSecret kept;
  std::string_view text = content.text.Reveal();
  // Editors and `echo` put them there.
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  if (text.empty()) return none();
  kept.value = Secret(text);
  kept.version = VersionOf(*content.info);
  kept.written_at = absl::TimeFromTimespec(content.info->st_mtim);
  return kept;
}

absl::Status FileKeeper::Replace(const Delivery& place, const Secret& value,
                                 const std::string& expected,
                                 Deadline deadline) {
  PATFORM_ASSIGN_OR_RETURN(const FilePath at, FilePathOfFile(place));
  PATFORM_ASSIGN_OR_RETURN(const Directory directory, MakeDirectory(root_, at));
  const std::string path = directory.PathOf(at.file);
  PATFORM_ASSIGN_OR_RETURN(const DirectoryLock lock,
                           LockAlone(directory, at.file, leftovers_, deadline));
  // Under the lock: no other run can come between this look and the rename, and
  // what another program does is seen by the rename itself.
  PATFORM_ASSIGN_OR_RETURN(const std::optional<struct stat> info,
                           directory.Look(at.file));
  if ((info ? VersionOf(*info) : "") != expected) return Moved(path);
  Secret content = value.Clone();
  if (options_.newline) content.Append("\n");
  PATFORM_ASSIGN_OR_RETURN(NewData data, WriteData(directory, at.file, content,
                                                   options_.mode, expected));
  return data.file.CommitOver(info, deadline);
}

absl::StatusOr<std::unique_ptr<SecretKeeper>> OpenFileKeeper(
    const Opening& opening) {
  PATFORM_ASSIGN_OR_RETURN(Root root, RootOf(opening.config));
  PATFORM_ASSIGN_OR_RETURN(const FileSink::Options options,
                           FileSink::OptionsOf(opening.config));
  return std::make_unique<FileKeeper>(std::move(root), options);
}

}  // namespace patform::sinks
