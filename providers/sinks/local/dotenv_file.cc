#include "providers/sinks/local/dotenv_file.h"

#include <errno.h>
#include <fcntl.h>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/model/variable_name.h"
#include "providers/sinks/local/place_given.h"
#include "providers/sinks/local/posix.h"

namespace patform::sinks {

absl::StatusOr<FilePath> FilePathOfVariable(const Delivery& delivery) {
  // The name is written in front of `=` without quotes.
  if (!IsSettableVariable(delivery.key)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the delivery to ", Quoted(delivery.Address()),
        delivery.key.empty() ? " has no key" : " has a key that is not a name",
        ": a sink of type \"dotenv\" needs the name of a variable, letters, "
        "digits and _, such as key = \"NUGET_PAT\"."));
  }
  return ParseFilePath(delivery.at);
}

absl::StatusOr<Content> ReadContent(const Directory& directory,
                                    const std::string& name, size_t most) {
  Content content;
  const std::string path = directory.PathOf(name);
  // Links, pipes and files of others are refused before anything is opened.
  PATFORM_RETURN_IF_ERROR(directory.Look(name).status());
  // O_NONBLOCK: if a pipe took the name since the look, open() must not wait
  // for its writer.
  const Fd fd = OpenAt(directory.fd(), name, O_RDONLY | O_NONBLOCK);
  // Removed between the look and the open.
  if (!fd.ok() && errno == ENOENT) return content;
  if (!fd.ok()) return SystemError("open", path, errno);
  // Of the descriptor, not of the name: CommitOver() has to compare with the
  // very file whose text is about to be edited.
  struct stat info;
  if (fstat(fd.get(), &info) != 0) return SystemError("look at", path, errno);
  content.info = info;
  PATFORM_ASSIGN_OR_RETURN(content.text, ReadAll(fd.get(), path, most));
  return content;
}

absl::StatusOr<DirectoryLock> LockAlone(const Directory& directory,
                                        const std::string& name,
                                        Leftovers& leftovers,
                                        Deadline deadline) {
  PATFORM_ASSIGN_OR_RETURN(
      DirectoryLock lock,
      DirectoryLock::Take(directory, name, DirectoryLock::With::kNobody,
                          deadline));
  leftovers.Remove(directory);
  return lock;
}

// Narrowing the mode silently could cut off a program that relies on it.
absl::Status CheckPrivate(const struct stat& info, const std::string& path) {
  const std::string open = OpenToOthers(info, path);
  if (open.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      open, " and would hold a secret. Run: chmod 600 ", Quoted(path)));
}

// Nothing of ours was stored: whoever called may look again and decide again.
absl::Status VariableMoved(const std::string& key, const std::string& path) {
  return absl::AbortedError(absl::StrCat(
      key, " in ", Quoted(path),
      " has changed since it was read. Nothing was written; patform reads it "
      "again and decides again."));
}

absl::Status ReplaceContent(const Directory& directory, const std::string& name,
                            const Content& content, const Secret& edited,
                            Deadline deadline) {
  const std::string path = directory.PathOf(name);
  // Removes itself on each return below.
  PATFORM_ASSIGN_OR_RETURN(NewFile file, NewFile::Create(directory, name));
  Given given;
  if (content.info) {
    PATFORM_ASSIGN_OR_RETURN(given, GivenTo(directory, name, *content.info));
  }
  PATFORM_RETURN_IF_ERROR(file.Write(edited.Reveal()));
  PATFORM_RETURN_IF_ERROR(Give(file.fd(), given, path));
  PATFORM_RETURN_IF_ERROR(file.Sync());
  return file.CommitOver(content.info, deadline);
}

absl::Status EditDotenv(const Directory& directory, const std::string& name,
                        const std::string& key, Leftovers& leftovers,
                        Deadline deadline, DotenvChange change) {
  const std::string path = directory.PathOf(name);
  PATFORM_ASSIGN_OR_RETURN(const DirectoryLock lock,
                           LockAlone(directory, name, leftovers, deadline));
  // Again, under the lock: what a check saw is long gone.
  PATFORM_ASSIGN_OR_RETURN(const Content content,
                           ReadContent(directory, name, kMaxDotenvBytes));
  PATFORM_ASSIGN_OR_RETURN(const DotenvText text,
                           DotenvText::Parse(content.text.Reveal(), path));
  PATFORM_ASSIGN_OR_RETURN(const Secret edited, change(content, text));
  const absl::Status done =
      ReplaceContent(directory, name, content, edited, deadline);
  // A program that knows nothing of the lock may have written meanwhile.
  return absl::IsAborted(done) ? VariableMoved(key, path) : done;
}

}  // namespace patform::sinks
