#include "providers/sinks/local/dotenv_sink.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <optional>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "providers/sinks/local/directory.h"
#include "providers/sinks/local/directory_lock.h"
#include "providers/sinks/local/dotenv_text.h"
#include "providers/sinks/local/posix.h"

namespace patform::sinks {
namespace {

constexpr size_t kMaxBytes = 1 << 20;

absl::StatusOr<Place> PlaceOf(const Delivery& delivery) {
  if (!IsVariableName(delivery.key)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the delivery to ", Quoted(delivery.Address()),
        delivery.key.empty() ? " has no key" : " has a key that is no name",
        ": a sink of type \"dotenv\" needs the name of a variable, letters, "
        "digits and _, such as key = \"NUGET_PAT\"."));
  }
  return ParsePlace(delivery.at);
}

// The file as it was at one moment.
struct Content {
  std::optional<struct stat> info;  // nullopt: there is no file
  Secret text;
};

absl::StatusOr<Content> ReadFile(const Directory& directory,
                                 const std::string& name) {
  Content content;
  const std::string path = directory.PathOf(name);
  PATFORM_RETURN_IF_ERROR(directory.Look(name).status());
  const Fd fd = OpenAt(directory.fd(), name, O_RDONLY | O_NONBLOCK);
  if (!fd.ok() && errno == ENOENT) return content;
  if (!fd.ok()) return SystemError("open", path, errno);
  struct stat info;
  if (fstat(fd.get(), &info) != 0) return SystemError("look at", path, errno);
  content.info = info;
  PATFORM_ASSIGN_OR_RETURN(content.text, ReadAll(fd.get(), path, kMaxBytes));
  return content;
}

// Others could read what is about to be written; to narrow the mode silently
// could cut off a program that relies on it.
absl::Status CheckPrivate(const struct stat& info, const std::string& path) {
  if ((info.st_mode & (S_IRWXG | S_IRWXO)) == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      Quoted(path), " is open to other users (mode ", ModeText(info.st_mode),
      ") and would hold a secret. Run: chmod 600 ", Quoted(path)));
}

HeldRecord ReadDelivery(const Root& root, const Delivery& delivery,
                        Leftovers& leftovers) {
  const auto read = [&]() -> absl::StatusOr<HeldRecord> {
    PATFORM_ASSIGN_OR_RETURN(const Place place, PlaceOf(delivery));
    PATFORM_ASSIGN_OR_RETURN(const std::optional<Directory> directory,
                             OpenDirectory(root, place));
    if (!directory) return HeldRecord::Absent();
    // Whether it can be locked matters to Check() and Put().
    leftovers.RemoveIfIdle(*directory).IgnoreError();
    PATFORM_ASSIGN_OR_RETURN(const Content content,
                             ReadFile(*directory, place.file));
    PATFORM_ASSIGN_OR_RETURN(const DotenvText text,
                             DotenvText::Parse(content.text.Reveal(),
                                               directory->PathOf(place.file)));
    return text.Read(delivery.key);
  };
  absl::StatusOr<HeldRecord> held = read();
  return held.ok() ? *std::move(held) : HeldRecord::Unknown(held.status());
}

}  // namespace

HeldRecord DotenvReader::Read(const Delivery& delivery, Deadline) {
  const auto place = PlaceOf(delivery);
  if (!place.ok()) return HeldRecord::Unknown(place.status());
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto [entry, is_new] = files_.try_emplace(delivery.at);
  File& file = entry->second;
  if (is_new) {
    file.status = [&]() -> absl::Status {
      PATFORM_ASSIGN_OR_RETURN(const std::optional<Directory> directory,
                               OpenDirectory(root_, *place));
      if (!directory) return absl::OkStatus();
      PATFORM_ASSIGN_OR_RETURN(const Content content,
                               ReadFile(*directory, place->file));
      PATFORM_ASSIGN_OR_RETURN(
          const DotenvText text,
          DotenvText::Parse(content.text.Reveal(),
                            directory->PathOf(place->file)));
      file.by_key = text.ReadAll();
      return absl::OkStatus();
    }();
  }
  if (!file.status.ok()) return HeldRecord::Unknown(file.status);
  const auto found = file.by_key.find(delivery.key);
  return found == file.by_key.end() ? HeldRecord::Absent() : found->second;
}

HeldRecord DotenvSink::Read(const Delivery& place, Deadline) {
  return ReadDelivery(root_, place, leftovers_);
}

absl::Status DotenvSink::Check(const Delivery& delivery, Deadline) {
  PATFORM_ASSIGN_OR_RETURN(const Place place, PlaceOf(delivery));
  PATFORM_RETURN_IF_ERROR(CheckDirectory(root_, place));
  PATFORM_ASSIGN_OR_RETURN(const std::optional<Directory> directory,
                           OpenDirectory(root_, place));
  if (!directory) return absl::OkStatus();
  PATFORM_RETURN_IF_ERROR(leftovers_.RemoveIfIdle(*directory));
  PATFORM_ASSIGN_OR_RETURN(const Content content,
                           ReadFile(*directory, place.file));
  const std::string path = directory->PathOf(place.file);
  if (content.info) PATFORM_RETURN_IF_ERROR(CheckPrivate(*content.info, path));
  PATFORM_RETURN_IF_ERROR(CheckRoom(*directory, content.text.size()));
  PATFORM_ASSIGN_OR_RETURN(const DotenvText text,
                           DotenvText::Parse(content.text.Reveal(), path));
  const HeldRecord held = text.Read(delivery.key);
  return held.state == HeldRecord::State::kUnknown ? held.why
                                                   : absl::OkStatus();
}

void DotenvSink::Tidy(Deadline deadline) {
  const auto root = OpenDirectory(root_, Place());
  if (root.ok() && root->has_value()) leftovers_.Sweep(**root, deadline);
}

absl::StatusOr<std::string> DotenvSink::Put(const Delivery& delivery,
                                            const Secret& value,
                                            const SinkRecord& record,
                                            const std::string& expected,
                                            Deadline deadline) {
  PATFORM_ASSIGN_OR_RETURN(const Place place, PlaceOf(delivery));
  PATFORM_ASSIGN_OR_RETURN(const Directory directory,
                           MakeDirectory(root_, place));
  const std::string path = directory.PathOf(place.file);
  PATFORM_ASSIGN_OR_RETURN(
      const DirectoryLock lock,
      DirectoryLock::Take(directory, place.file, DirectoryLock::With::kNobody,
                          deadline));
  leftovers_.Remove(directory);

  PATFORM_ASSIGN_OR_RETURN(const Content content,
                           ReadFile(directory, place.file));
  if (content.info) PATFORM_RETURN_IF_ERROR(CheckPrivate(*content.info, path));
  PATFORM_ASSIGN_OR_RETURN(const DotenvText text,
                           DotenvText::Parse(content.text.Reveal(), path));
  const HeldRecord held = text.Read(delivery.key);
  if (held.state == HeldRecord::State::kUnknown) return held.why;
  const absl::Status moved = absl::AbortedError(absl::StrCat(
      delivery.key, " in ", Quoted(path),
      " has changed since it was read. Nothing was written; patform reads it "
      "again and decides anew."));
  if (held.version != expected) return moved;

  std::string version = RandomHex(16);
  PATFORM_ASSIGN_OR_RETURN(const Secret edited,
                           text.With(delivery.key, value, record, version));
  if (edited.size() > kMaxBytes) {
    return absl::ResourceExhaustedError(absl::StrCat(
        Quoted(path), " would be larger than ", kMaxBytes,
        " bytes, more than patform reads. Deliver to another file."));
  }
  PATFORM_ASSIGN_OR_RETURN(NewFile file,
                           NewFile::Create(directory, place.file));
  const mode_t mode = content.info ? content.info->st_mode & 0700 : 0600;
  PATFORM_RETURN_IF_ERROR(file.Fill(edited.Reveal(), mode));
  // A program that knows nothing of the lock may have written meanwhile.
  const absl::Status done = file.CommitOver(content.info, deadline);
  if (absl::IsAborted(done)) return moved;
  PATFORM_RETURN_IF_ERROR(done);
  return version;
}

}  // namespace patform::sinks
