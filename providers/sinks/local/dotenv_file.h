#pragma once

#include <sys/stat.h>

#include <cstddef>
#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/base/clock.h"
#include "engine/base/secret.h"
#include "engine/model/token.h"
#include "providers/sinks/local/commit.h"
#include "providers/sinks/local/directory.h"
#include "providers/sinks/local/directory_lock.h"
#include "providers/sinks/local/dotenv_text.h"

// A file with the values of several programs in it: read whole, one value
// edited, replaced. What is around that value may be secrets of others, so all
// of it is held in a Secret and comes out byte for byte.
namespace patform::sinks {

// A .env file is read by shells and libraries that take it into memory, too;
// one that is larger is something else.
inline constexpr size_t kMaxDotenvBytes = 1 << 20;

// Where a delivery goes, after its key was checked. kInvalidArgument.
absl::StatusOr<FilePath> FilePathOfVariable(const Delivery& delivery);

// The file as it was at one moment.
struct Content {
  std::optional<struct stat> info;  // nullopt: there is no file
  Secret text;
};

// `info` is of what was read. kResourceExhausted: more than `most` bytes.
absl::StatusOr<Content> ReadContent(const Directory& directory,
                                    const std::string& name, size_t most);

// Puts `edited` in the place of `content`, with what the file was given.
// kAborted: something else is there now, and still is.
absl::Status ReplaceContent(const Directory& directory, const std::string& name,
                            const Content& content, const Secret& edited,
                            Deadline deadline);

// The lock of a directory in which nobody else may write meanwhile: all keys of
// a file share one rename, so two edits at once would each be made over the
// text that the other one is about to replace. Then removes what runs that died
// have left.
absl::StatusOr<DirectoryLock> LockAlone(const Directory& directory,
                                        const std::string& name,
                                        Leftovers& leftovers,
                                        Deadline deadline);

// Others could read what is about to be written; to narrow the mode silently
// could cut off a program that relies on it. kFailedPrecondition.
absl::Status CheckPrivate(const struct stat& info, const std::string& path);

// The answer of a compare-and-set that was refused: kAborted.
absl::Status VariableMoved(const std::string& key, const std::string& path);

// What becomes of a .env file's text. Its error ends the edit.
using DotenvChange = absl::FunctionRef<absl::StatusOr<Secret>(
    const Content& content, const DotenvText& text)>;

// One variable of a .env file, under its lock: reads the file, changes it,
// replaces it. kAborted: something else is there, nothing was written. Any
// other error of `change` or of a replacement (commit.h).
absl::Status EditDotenv(const Directory& directory, const std::string& name,
                        const std::string& key, Leftovers& leftovers,
                        Deadline deadline, DotenvChange change);

}  // namespace patform::sinks
