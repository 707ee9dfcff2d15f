#include "providers/sinks/local/state_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "providers/sinks/local/commit.h"
#include "providers/sinks/local/posix.h"

// A sink in all but name: the same checks of the folder, the same replacement
// in one step. What differs is that the files are read back, so that a mode
// which lets others read them is a reason to refuse, and not theirs to choose.
namespace patform::sinks {
namespace {

// Three tokens of some thousand bytes each.
constexpr size_t kMaxSize = 256 << 10;
// Between two looks at a lock that another run has: it waits for an answer
// over the network.
constexpr auto kPause = std::chrono::milliseconds(20);

// All of `path` but its last component. 0700, as the specification wants it of
// what is missing. What is there is the user's own matter.
absl::Status MakeAbove(const std::string& path) {
  for (size_t slash = path.find('/', 1); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    const std::string above = path.substr(0, slash);
    if (mkdir(above.c_str(), 0700) != 0 && errno != EEXIST) {
      return SystemError("create the directory", above, errno);
    }
  }
  return absl::OkStatus();
}

FilePath InFolder(const std::string& name) {
  FilePath at;
  at.file = name;
  return at;
}

}  // namespace

absl::StatusOr<std::string> StateFolder::Path() const {
  // A relative one is to be ignored, says the specification.
  const std::string state = environment_("XDG_STATE_HOME").value_or("");
  if (absl::StartsWith(state, "/")) return absl::StrCat(state, "/patform");
  const std::string home = environment_("HOME").value_or("");
  if (absl::StartsWith(home, "/")) {
    return absl::StrCat(home, "/.local/state/patform");
  }
  return absl::FailedPreconditionError(
      "there is no place to keep a sign-in: neither XDG_STATE_HOME nor HOME "
      "names a directory");
}

absl::StatusOr<std::optional<Directory>> StateFolder::Open() const {
  PATFORM_ASSIGN_OR_RETURN(const std::string path, Path());
  PATFORM_ASSIGN_OR_RETURN(const Root root, NormalRoot(path));
  return OpenDirectory(root, InFolder(""));
}

absl::StatusOr<Directory> StateFolder::Make() const {
  PATFORM_ASSIGN_OR_RETURN(const std::string path, Path());
  PATFORM_ASSIGN_OR_RETURN(const Root root, NormalRoot(path));
  PATFORM_RETURN_IF_ERROR(MakeAbove(root.path));
  return MakeDirectory(root, InFolder(""));
}

absl::StatusOr<std::optional<Secret>> StateFolder::Read(
    const std::string& name) {
  PATFORM_ASSIGN_OR_RETURN(const std::optional<Directory> folder, Open());
  if (!folder) return std::nullopt;
  PATFORM_ASSIGN_OR_RETURN(const std::optional<struct stat> seen,
                           folder->Look(name));
  if (!seen) return std::nullopt;
  const std::string path = folder->PathOf(name);
  if ((seen->st_mode & 077) != 0) {
    return absl::FailedPreconditionError(absl::StrCat(
        Quoted(path), " can be read by other users (mode ",
        ModeText(seen->st_mode),
        "): the sign-in in it may be known to them. Sign out and in again "
        "(`patform logout`, `patform login`)"));
  }
  // O_NONBLOCK: what was a file a moment ago may be a pipe now.
  const Fd fd = OpenAt(folder->fd(), name, O_RDONLY | O_NONBLOCK);
  if (!fd.ok()) return SystemError("open", path, errno);
  PATFORM_ASSIGN_OR_RETURN(Secret content, ReadAll(fd.get(), path, kMaxSize));
  return content;
}

absl::Status StateFolder::Replace(const std::string& name,
                                  const Secret& content, Deadline deadline) {
  PATFORM_ASSIGN_OR_RETURN(const Directory folder, Make());
  // A link or somebody else's file is not replaced without a word.
  PATFORM_RETURN_IF_ERROR(folder.Look(name).status());
  PATFORM_ASSIGN_OR_RETURN(NewFile file, NewFile::Create(folder, name));
  PATFORM_RETURN_IF_ERROR(file.Fill(content.Reveal(), 0600));
  return file.Commit(deadline);
}

absl::Status StateFolder::Remove(const std::string& name) {
  PATFORM_ASSIGN_OR_RETURN(const std::optional<Directory> folder, Open());
  if (!folder) return absl::NotFoundError("nothing is there");
  // What runs that died have left holds the same secrets.
  Leftovers().RemoveIfIdle(*folder).IgnoreError();
  if (unlinkat(folder->fd(), name.c_str(), 0) == 0) {
    Sync(folder->fd());
    return absl::OkStatus();
  }
  if (errno == ENOENT) return absl::NotFoundError("nothing is there");
  return SystemError("remove", folder->PathOf(name), errno);
}

absl::StatusOr<std::shared_ptr<void>> StateFolder::Lock(const std::string& name,
                                                        Deadline deadline) {
  PATFORM_ASSIGN_OR_RETURN(const Directory folder, Make());
  // Beside the file, which a rename replaces together with its locks.
  const std::string beside = absl::StrCat(name, ".lock");
  auto fd =
      std::make_shared<Fd>(OpenAt(folder.fd(), beside, O_CREAT | O_RDWR, 0600));
  const std::string path = folder.PathOf(beside);
  if (!fd->ok()) return SystemError("open", path, errno);
  // Not Lock() of posix.h, which no signal ends: who holds this one waits for
  // an answer over the network.
  for (;;) {
    PATFORM_ASSIGN_OR_RETURN(const bool mine, TryLock(fd->get(), path));
    if (mine) return std::shared_ptr<void>(std::move(fd));
    if (clock_.Monotonic() >= deadline) {
      return absl::DeadlineExceededError(absl::StrCat(
          "another run of patform was renewing this sign-in until the time "
          "was up (it holds ",
          Quoted(path), "). Run patform again"));
    }
    if (!clock_.SleepUntil(clock_.Monotonic() + kPause)) {
      return absl::CancelledError("interrupted");
    }
  }
}

absl::StatusOr<std::string> StateFolder::PathOf(const std::string& name) {
  PATFORM_ASSIGN_OR_RETURN(const std::string path, Path());
  return absl::StrCat(path, "/", name);
}

}  // namespace patform::sinks
