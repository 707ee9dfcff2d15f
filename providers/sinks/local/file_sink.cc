#include "providers/sinks/local/file_sink.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <boost/json.hpp>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "providers/sinks/local/directory.h"
#include "providers/sinks/local/directory_lock.h"
#include "providers/sinks/local/posix.h"
#include "providers/sinks/record_json.h"

namespace patform::sinks {
namespace {

namespace json = boost::json;

constexpr size_t kMaxRecordBytes = 64 << 10;
constexpr long kNanos = 1'000'000'000;

// A record and the version of the data that it describes.
struct Entry {
  std::string version;
  SinkRecord record;
};

std::string VersionOf(const struct stat& info) {
  return absl::StrCat(info.st_size, "-", info.st_mtim.tv_sec, ".",
                      absl::Dec(info.st_mtim.tv_nsec, absl::kZeroPad9));
}

std::string RecordName(const std::string& name) {
  return absl::StrCat(".", name, ".patform.json");
}

// One entry a line, so that people can read it.
std::string WriteEntries(const std::vector<Entry>& entries) {
  std::string text = "{\"format\":1,\"entries\":[\n";
  for (size_t i = 0; i < entries.size(); ++i) {
    absl::StrAppend(&text, "{\"version\":\"", entries[i].version,
                    "\",\"record\":", RecordToJson(entries[i].record), "}",
                    i + 1 < entries.size() ? ",\n" : "\n");
  }
  return text + "]}\n";
}

// What can be understood of the record's file. Anything else in it is as good
// as no record: the data is then somebody else's until a person decides.
std::vector<Entry> ParseEntries(std::string_view text) {
  std::vector<Entry> entries;
  json::error_code error;
  const json::value value =
      json::parse(json::string_view(text.data(), text.size()), error);
  const json::object* object = error ? nullptr : value.if_object();
  const json::value* list =
      object == nullptr ? nullptr : object->if_contains("entries");
  const json::array* items = list == nullptr ? nullptr : list->if_array();
  if (items == nullptr) return entries;
  for (const json::value& item : *items) {
    const json::object* fields = item.if_object();
    if (fields == nullptr) continue;
    const json::value* version = fields->if_contains("version");
    const json::value* body = fields->if_contains("record");
    if (version == nullptr || !version->is_string() || body == nullptr) {
      continue;
    }
    std::optional<SinkRecord> record = RecordFromJson(json::serialize(*body));
    if (!record) continue;
    const json::string& name = version->get_string();
    entries.push_back({std::string(name.data(), name.size()), *record});
  }
  return entries;
}

absl::StatusOr<std::vector<Entry>> ReadEntries(const Directory& directory,
                                               const std::string& name) {
  const std::string record_name = RecordName(name);
  PATFORM_ASSIGN_OR_RETURN(const std::optional<struct stat> info,
                           directory.Look(record_name));
  if (!info) return std::vector<Entry>();
  const std::string path = directory.PathOf(record_name);
  const Fd fd = OpenAt(directory.fd(), record_name, O_RDONLY | O_NONBLOCK);
  if (!fd.ok() && errno == ENOENT) return std::vector<Entry>();
  if (!fd.ok()) return SystemError("open the record", path, errno);
  PATFORM_ASSIGN_OR_RETURN(const Secret text,
                           ReadAll(fd.get(), path, kMaxRecordBytes));
  return ParseEntries(text.Reveal());
}

HeldRecord Foreign(std::string version, const std::string& path) {
  HeldRecord held;
  held.state = HeldRecord::State::kForeign;
  held.version = std::move(version);
  held.why = absl::FailedPreconditionError(absl::StrCat(
      Quoted(path),
      " holds a value that patform did not write, or that was changed since. "
      "Move the file away, deliver to another address, or say adopt = true at "
      "this delivery to have it replaced."));
  return held;
}

HeldRecord ReadPlace(const Directory& directory, const std::string& name) {
  std::string seen;
  // Every turn but the first was overtaken by a writer.
  for (int turn = 0; turn < 20; ++turn) {
    const auto info = directory.Look(name);
    if (!info.ok()) return HeldRecord::Unknown(info.status());
    if (!info->has_value()) return HeldRecord::Absent();
    const std::string version = VersionOf(**info);
    if (version == seen) return Foreign(version, directory.PathOf(name));
    const auto entries = ReadEntries(directory, name);
    if (!entries.ok()) return HeldRecord::Unknown(entries.status());
    for (const Entry& entry : *entries) {
      if (entry.version != version) continue;
      HeldRecord held;
      held.state = HeldRecord::State::kPresent;
      held.record = entry.record;
      held.version = version;
      return held;
    }
    seen = version;
  }
  return HeldRecord::Unknown(absl::UnavailableError(absl::StrCat(
      Quoted(directory.PathOf(name)),
      " changes faster than it can be read. Run patform again when what "
      "writes it is done.")));
}

absl::StatusOr<Place> PlaceOf(const Delivery& delivery) {
  if (!delivery.key.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the delivery to ", Quoted(delivery.Address()),
        " has a key, but a sink of type \"file\" keeps one secret a file. "
        "Remove `key`, or use a sink of type \"dotenv\"."));
  }
  return ParsePlace(delivery.at);
}

// `leftovers`: of a run that may write; nullptr: this one only looks.
HeldRecord ReadDelivery(const Root& root, const Delivery& delivery,
                        Leftovers* leftovers) {
  const auto place = PlaceOf(delivery);
  if (!place.ok()) return HeldRecord::Unknown(place.status());
  const auto directory = OpenDirectory(root, *place);
  if (!directory.ok()) return HeldRecord::Unknown(directory.status());
  if (!directory->has_value()) return HeldRecord::Absent();
  // Whether it can be locked matters to Check() and Put().
  if (leftovers != nullptr) leftovers->RemoveIfIdle(**directory).IgnoreError();
  return ReadPlace(**directory, place->file);
}

// Gives the file a time of modification that makes its version unlike any in
// `taken`, and answers the version that the file system kept. Some keep whole
// seconds, one keeps every other: then the second itself has to differ.
absl::StatusOr<std::string> Stamp(const NewFile& file, const std::string& path,
                                  const std::vector<std::string>& taken) {
  struct stat info;
  if (fstat(file.fd(), &info) != 0) return SystemError("look at", path, errno);
  const time_t now = info.st_mtim.tv_sec;
  for (time_t back = 0; back < 20; ++back) {
    const timespec time = {now - back,
                           static_cast<long>(RandomBits() % kNanos)};
    const timespec times[2] = {time, time};
    if (futimens(file.fd(), times) != 0) {
      return SystemError("set the time of", path, errno);
    }
    if (fstat(file.fd(), &info) != 0) {
      return SystemError("look at", path, errno);
    }
    std::string version = VersionOf(info);
    if (std::find(taken.begin(), taken.end(), version) == taken.end()) {
      return version;
    }
  }
  return absl::FailedPreconditionError(absl::StrCat(
      "the file system of ", Quoted(path),
      " does not keep the time of modification that patform gives a file, so "
      "a new secret could not be told from the old one. Deliver to another "
      "file system."));
}

absl::Status Moved(const std::string& path) {
  return absl::AbortedError(absl::StrCat(
      Quoted(path),
      " has changed since it was read. Nothing was written; patform reads it "
      "again and decides anew."));
}

}  // namespace

HeldRecord FileReader::Read(const Delivery& place, Deadline) {
  return ReadDelivery(root_, place, nullptr);
}

HeldRecord FileSink::Read(const Delivery& place, Deadline) {
  return ReadDelivery(root_, place, &leftovers_);
}

absl::Status FileSink::Check(const Delivery& delivery, Deadline) {
  PATFORM_ASSIGN_OR_RETURN(const Place place, PlaceOf(delivery));
  PATFORM_RETURN_IF_ERROR(CheckDirectory(root_, place));
  PATFORM_ASSIGN_OR_RETURN(const std::optional<Directory> directory,
                           OpenDirectory(root_, place));
  if (!directory) return absl::OkStatus();
  PATFORM_RETURN_IF_ERROR(leftovers_.RemoveIfIdle(*directory));
  PATFORM_RETURN_IF_ERROR(directory->Look(place.file).status());
  return directory->Look(RecordName(place.file)).status();
}

void FileSink::Tidy(Deadline deadline) {
  const auto root = OpenDirectory(root_, Place());
  if (root.ok() && root->has_value()) leftovers_.Sweep(**root, deadline);
}

absl::StatusOr<std::string> FileSink::Put(const Delivery& delivery,
                                          const Secret& value,
                                          const SinkRecord& record,
                                          const std::string& expected,
                                          Deadline deadline) {
  PATFORM_ASSIGN_OR_RETURN(const Place place, PlaceOf(delivery));
  PATFORM_ASSIGN_OR_RETURN(const Directory directory,
                           MakeDirectory(root_, place));
  const std::string path = directory.PathOf(place.file);
  // Alone the first time: what lies there then is of a run that died.
  const auto with = leftovers_.Removed(directory)
                        ? DirectoryLock::With::kOtherFiles
                        : DirectoryLock::With::kNobody;
  PATFORM_ASSIGN_OR_RETURN(
      const DirectoryLock lock,
      DirectoryLock::Take(directory, place.file, with, deadline));
  if (with == DirectoryLock::With::kNobody) leftovers_.Remove(directory);

  const HeldRecord held = ReadPlace(directory, place.file);
  if (held.state == HeldRecord::State::kUnknown) return held.why;
  if (held.version != expected) return Moved(path);

  Secret content = value.Clone();
  if (options_.newline) content.Append("\n");
  PATFORM_ASSIGN_OR_RETURN(NewFile data,
                           NewFile::Create(directory, place.file));
  PATFORM_RETURN_IF_ERROR(data.Write(content.Reveal(), options_.mode));
  PATFORM_ASSIGN_OR_RETURN(const std::string version,
                           Stamp(data, path, {held.version}));
  PATFORM_RETURN_IF_ERROR(data.Sync());

  std::vector<Entry> entries;
  if (held.record) entries.push_back({held.version, *held.record});
  entries.push_back({version, record});
  PATFORM_ASSIGN_OR_RETURN(NewFile records,
                           NewFile::Create(directory, RecordName(place.file)));
  PATFORM_RETURN_IF_ERROR(records.Fill(WriteEntries(entries), 0600));
  // Whether or not these records got there, the secret has not changed.
  if (absl::Status status = records.Commit(deadline); !status.ok()) {
    if (status.code() != absl::StatusCode::kUnknown) return status;
    return absl::UnavailableError(status.message());
  }
  // A program that knows nothing of the lock may have written meanwhile, and
  // may until the rename.
  PATFORM_ASSIGN_OR_RETURN(const std::optional<struct stat> info,
                           directory.Look(place.file));
  if ((info ? VersionOf(*info) : "") != held.version) return Moved(path);
  const absl::Status done = data.CommitOver(info, deadline);
  if (absl::IsAborted(done)) return Moved(path);
  PATFORM_RETURN_IF_ERROR(done);
  return version;
}

}  // namespace patform::sinks
