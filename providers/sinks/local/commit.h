#pragma once

#include <sys/stat.h>

#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/clock.h"
#include "providers/sinks/local/directory.h"
#include "providers/sinks/local/posix.h"

// Replacing a file in one step: the new content is written under a name of its
// own in the same directory, put on disk, and takes the place of the old one
// by a rename. A reader, and a machine that stops at any instant, sees the old
// file or the new one.
namespace patform::sinks {

// The new content, not yet under its name. Removed with this object unless it
// was committed; a run that dies leaves it behind for RemoveLeftovers.
class NewFile {
 public:
  // An empty file (mode 0600) that will replace `name`. `directory` must
  // outlive this object.
  static absl::StatusOr<NewFile> Create(const Directory& directory,
                                        const std::string& name);
  NewFile(NewFile&& other) noexcept;
  NewFile& operator=(NewFile&&) = delete;
  ~NewFile();

  int fd() const { return fd_.get(); }
  // Writes all of `bytes`. What others may do with the file is for whoever
  // calls to set afterwards, or they could read half of it.
  absl::Status Write(std::string_view bytes);
  // Puts it on disk, with its mode and times.
  absl::Status Sync();
  // Both, with a mode between them, whatever the umask.
  absl::Status Fill(std::string_view bytes, mode_t mode);
  // The rename, the moment at which the change happens, and then the
  // directory's fsync. kUnknown: it may have happened; any other error: it has
  // not. kDeadlineExceeded: it was not begun.
  absl::Status Commit(Deadline deadline);
  // The same over the file that `seen` describes, or, nullopt, over nothing.
  // kAborted: a program that does not know the lock has put something else
  // there, and it is still there. Where the rename itself cannot detect that,
  // the file is looked at right before.
  absl::Status CommitOver(const std::optional<struct stat>& seen,
                          Deadline deadline);

 private:
  NewFile(const Directory& directory, std::string name, std::string temporary,
          Fd fd);
  absl::Status Failed(const char* operation, int error) const;
  absl::Status TooLate() const;
  absl::Status Moved() const;
  // Is the file that was written here still under its temporary name?
  bool IsTemporaryOurs() const;
  absl::Status Exchange(const std::optional<struct stat>& seen);
  absl::Status PutBack();
  absl::Status SyncDirectory() const;

  const Directory* directory_;
  std::string name_;
  std::string temporary_;  // empty: committed, or moved from
  Fd fd_;
};

// Is it a name that NewFile gives, and nobody else?
bool IsTemporary(std::string_view name);

// Removes what runs that died have left in a directory, once for each
// directory: regular files of this user's with a name that NewFile gives. Safe
// from several threads.
class Leftovers {
 public:
  // With the directory's lock held, when no living run can have such a file
  // there.
  void Remove(const Directory& directory);
  // Has Remove() been here?
  bool Removed(const Directory& directory);
  // The same without it: takes the lock for the moment, unless a living run
  // has it, which removes them itself. For a run that has only to revoke what
  // a dead one minted: the file has that secret, and a dotenv file's has all
  // the others, too. An error: no run could lock that directory.
  absl::Status RemoveIfIdle(const Directory& directory);
  // RemoveIfIdle() for the root and all of this user's directories below it on
  // its file system, wherever such a file is. Stops at the deadline, and where
  // a tree is deeper or larger than secrets are kept in.
  void Sweep(const Root& root, Deadline deadline);

 private:
  std::mutex mutex_;
  std::set<std::pair<dev_t, ino_t>> seen_;
};

// What each sink's Check() begins with: is the directory of `at` there, or can
// it be made, and can a run lock it? nullopt: it is not there yet.
absl::StatusOr<std::optional<Directory>> OpenToCheck(const Root& root,
                                                     const FilePath& at,
                                                     Leftovers& leftovers);

// The directory of a place that is to be emptied; NotFound: there is none, so
// that nothing is there.
absl::StatusOr<Directory> OpenToRemove(const Root& root, const FilePath& at);

}  // namespace patform::sinks
