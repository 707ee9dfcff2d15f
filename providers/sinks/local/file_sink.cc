#include "providers/sinks/local/file_sink.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "engine/model/place_path.h"
#include "providers/sinks/local/directory.h"
#include "providers/sinks/local/directory_lock.h"
#include "providers/sinks/local/file_keeper.h"
#include "providers/sinks/local/new_data.h"
#include "providers/sinks/local/place_given.h"
#include "providers/sinks/local/posix.h"
#include "providers/sinks/local/walk.h"
#include "providers/sinks/record_json.h"

namespace patform::sinks {
namespace {

namespace json = boost::json;

// A record takes about 400 bytes; a file holds two of them.
constexpr size_t kMaxRecordBytes = 64 << 10;

// A record and the version of the data that it describes.
struct Entry {
  std::string version;
  SinkRecord record;
};

// Hidden, so that `for f in *` and shell globs do not take it for a secret.
std::string RecordName(const std::string& name) {
  return absl::StrCat(".", name, AbslView(kRecordSuffix));
}

// The file whose record `name` is; "": it is none.
std::string DataName(const std::string& name) {
  const size_t around = 1 + kRecordSuffix.size();
  if (name.size() <= around || name.front() != '.' ||
      !std::string_view(name).ends_with(kRecordSuffix)) {
    return "";
  }
  return name.substr(1, name.size() - around);
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
// Lenient towards damage, since nothing depends on what is left out: no entry
// matches, and the data is foreign.
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
  // No record: somebody else's file, or nothing was ever delivered here.
  if (!info) return std::vector<Entry>();
  const std::string path = directory.PathOf(record_name);
  // As in dotenv_sink.cc: neither a link nor a pipe that took the name since.
  const Fd fd = OpenAt(directory.fd(), record_name, O_RDONLY | O_NONBLOCK);
  // Another run may replace it between the two calls.
  if (!fd.ok() && errno == ENOENT) return std::vector<Entry>();
  if (!fd.ok()) return SystemError("open the record", path, errno);
  // Not a secret, but ReadAll() has only one kind of result.
  PATFORM_ASSIGN_OR_RETURN(const Secret text,
                           ReadAll(fd.get(), path, kMaxRecordBytes));
  return ParseEntries(text.Reveal());
}

// `version` is what a delivery with adopt has to find unchanged.
HeldRecord Foreign(std::string version, const std::string& path) {
  HeldRecord held;
  held.state = HeldRecord::State::kForeign;
  held.version = std::move(version);
  held.why = absl::FailedPreconditionError(absl::StrCat(
      Quoted(path),
      " holds a value that patform did not write, or that was changed since. "
      "Move the file away, deliver to another address, or set adopt = true on "
      "this delivery to replace it."));
  return held;
}

// Without a lock: a plan has to be able to read where it may not write.
HeldRecord ReadPlace(const Directory& directory, const std::string& name) {
  std::string seen;
  // Every turn but the first was overtaken by a writer.
  for (int turn = 0; turn < 20; ++turn) {
    // The data first. A record that was written after this look already
    // describes both the old and the new data, so it matches either.
    const auto info = directory.Look(name);
    if (!info.ok()) return HeldRecord::Unknown(info.status());
    if (!info->has_value()) return HeldRecord::Absent();
    const std::string version = VersionOf(**info);
    const std::string path = directory.PathOf(name);
    // The same version twice and no record for it: this was not a race.
    if (version == seen) return Foreign(version, path);
    const auto entries = ReadEntries(directory, name);
    if (!entries.ok()) return HeldRecord::Unknown(entries.status());
    for (const Entry& entry : *entries) {
      if (entry.version != version) continue;
      HeldRecord held;
      held.state = HeldRecord::State::kPresent;
      held.record = entry.record;
      held.version = version;
      held.caution = OpenToOthers(**info, path);
      if (!held.caution.empty()) {
        held.caution += "; the next delivery closes it to them";
      }
      return held;
    }
    // Once more: a writer may have been between its two renames.
    seen = version;
  }
  return HeldRecord::Unknown(absl::UnavailableError(absl::StrCat(
      Quoted(directory.PathOf(name)),
      " changes faster than it can be read. Run patform again when what "
      "writes it is done.")));
}

// `leftovers`: of a run that may write; nullptr: this one only looks.
HeldRecord ReadDelivery(const Root& root, const Delivery& delivery,
                        Leftovers* leftovers) {
  const auto at = FilePathOfFile(delivery);
  if (!at.ok()) return HeldRecord::Unknown(at.status());
  const auto directory = OpenDirectory(root, *at);
  // Errors become Unknown, never Absent: an unreadable place that counts as
  // empty would get a second token.
  if (!directory.ok()) return HeldRecord::Unknown(directory.status());
  if (!directory->has_value()) return HeldRecord::Absent();
  // Whether it can be locked matters to Check() and Put().
  if (leftovers != nullptr) leftovers->RemoveIfIdle(**directory).IgnoreError();
  return ReadPlace(**directory, at->file);
}

absl::Status Moved(const std::string& path) {
  return absl::AbortedError(absl::StrCat(
      Quoted(path),
      " has changed since it was read. Nothing was written; patform reads it "
      "again and decides again."));
}

}  // namespace

absl::StatusOr<FilePath> FilePathOfFile(const Delivery& delivery) {
  if (!delivery.key.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the delivery to ", Quoted(delivery.Address()),
        " has a key, but a sink of type \"file\" keeps one secret per file. "
        "Remove `key`, or use a sink of type \"dotenv\"."));
  }
  return ParseFilePath(delivery.at);
}

HeldRecord FileReader::Read(const Delivery& place, Deadline) {
  return ReadDelivery(root_, place, nullptr);
}

std::vector<StrayPlace> FileReader::Recorded(const std::set<std::string>&,
                                             Deadline deadline) {
  std::vector<StrayPlace> found;
  WalkDirectories(root_, deadline,
                  [&found](const Directory& directory, const std::string& below,
                           const std::vector<std::string>& names) {
                    for (const std::string& name : names) {
                      const std::string file = DataName(name);
                      if (file.empty()) continue;
                      StrayPlace stray;
                      stray.place.at =
                          below.empty() ? file : absl::StrCat(below, "/", file);
                      if (!WhyNotAPlace(stray.place.at).empty()) continue;
                      stray.held = ReadPlace(directory, file);
                      if (stray.held.state != HeldRecord::State::kPresent)
                        continue;
                      found.push_back(std::move(stray));
                    }
                  });
  return found;
}

HeldRecord FileSink::Read(const Delivery& place, Deadline) {
  return ReadDelivery(root_, place, &leftovers_);
}

// Everything that Put() could refuse for a reason that is known beforehand.
// Each reason found here costs nothing; found after the mint it costs a token.
absl::Status FileSink::Check(const Delivery& delivery, Deadline) {
  PATFORM_ASSIGN_OR_RETURN(const FilePath at, FilePathOfFile(delivery));
  PATFORM_ASSIGN_OR_RETURN(const std::optional<Directory> directory,
                           OpenToCheck(root_, at, leftovers_));
  // Put() makes it.
  if (!directory) return absl::OkStatus();
  // Neither name may be a link, a directory, or a file of somebody else.
  PATFORM_RETURN_IF_ERROR(CheckReplaceable(*directory, at.file));
  return CheckReplaceable(*directory, RecordName(at.file));
}

void FileSink::Tidy(absl::Span<const Delivery* const>, Deadline deadline) {
  leftovers_.Sweep(root_, deadline);
}

absl::StatusOr<std::string> FileSink::Put(const Delivery& delivery,
                                          const Secret& value,
                                          const SinkRecord& record,
                                          const std::string& expected,
                                          Deadline deadline) {
  PATFORM_ASSIGN_OR_RETURN(const FilePath at, FilePathOfFile(delivery));
  PATFORM_ASSIGN_OR_RETURN(const Directory directory, MakeDirectory(root_, at));
  const std::string path = directory.PathOf(at.file);
  // Alone the first time: what lies there then is of a run that died.
  // Nobody else is in the directory while leftovers are removed, or the
  // temporary file of another thread would be taken for one.
  const auto with = leftovers_.Removed(directory)
                        ? DirectoryLock::With::kOtherFiles
                        : DirectoryLock::With::kNobody;
  PATFORM_ASSIGN_OR_RETURN(
      const DirectoryLock lock,
      DirectoryLock::Take(directory, at.file, with, deadline));
  // With the lock, so whatever has such a name is of no living run.
  if (with == DirectoryLock::With::kNobody) leftovers_.Remove(directory);

  // Again under the lock. `expected` is what the plan was based on.
  const HeldRecord held = ReadPlace(directory, at.file);
  if (held.state == HeldRecord::State::kUnknown) return held.why;
  if (held.version != expected) return Moved(path);

  // Stage 1: the new secret, complete and on disk under its temporary name,
  // with the version that it will keep.
  Secret content = value.Clone();
  if (options_.newline) content.Append("\n");
  PATFORM_ASSIGN_OR_RETURN(
      NewData data,
      WriteData(directory, at.file, content, options_.mode, held.version));

  // Stage 2: the records of what is there and of what will be, so that a reader
  // finds a match whichever of the two it meets.
  std::vector<Entry> entries;
  // An older third record is dropped here; no data has its version any more.
  if (held.record) entries.push_back({held.version, *held.record});
  entries.push_back({data.version, record});
  PATFORM_ASSIGN_OR_RETURN(NewFile records,
                           NewFile::Create(directory, RecordName(at.file)));
  // 0600 whatever the mode of the data: it names the owner, and only patform
  // reads it.
  PATFORM_RETURN_IF_ERROR(records.Fill(WriteEntries(entries), 0600));
  // Whether or not these records got there, the secret has not changed.
  if (absl::Status status = records.Commit(deadline); !status.ok()) {
    if (status.code() != absl::StatusCode::kUnknown) return status;
    return absl::UnavailableError(status.message());
  }
  // A program that knows nothing of the lock may have written meanwhile, and
  // may until the rename.
  PATFORM_ASSIGN_OR_RETURN(const std::optional<struct stat> info,
                           directory.Look(at.file));
  if ((info ? VersionOf(*info) : "") != held.version) return Moved(path);
  const absl::Status done = data.file.CommitOver(info, deadline);
  if (absl::IsAborted(done)) return Moved(path);
  PATFORM_RETURN_IF_ERROR(done);
  return data.version;
}

absl::Status FileSink::Remove(const Delivery& delivery,
                              const std::string& expected, Deadline deadline) {
  PATFORM_ASSIGN_OR_RETURN(const FilePath at, FilePathOfFile(delivery));
  PATFORM_ASSIGN_OR_RETURN(const Directory directory, OpenToRemove(root_, at));
  const std::string path = directory.PathOf(at.file);
  PATFORM_ASSIGN_OR_RETURN(
      const DirectoryLock lock,
      DirectoryLock::Take(directory, at.file, DirectoryLock::With::kOtherFiles,
                          deadline));
  const HeldRecord held = ReadPlace(directory, at.file);
  if (held.state == HeldRecord::State::kUnknown) return held.why;
  if (held.state == HeldRecord::State::kAbsent) {
    return absl::NotFoundError("nothing is there");
  }
  if (held.version != expected) return Moved(path);
  // The data first: without it the record says nothing.
  if (unlinkat(directory.fd(), at.file.c_str(), 0) != 0) {
    return SystemError("remove", path, errno);
  }
  unlinkat(directory.fd(), RecordName(at.file).c_str(), 0);
  if (const int error = Sync(directory.fd())) {
    return absl::UnknownError(
        SystemError("put on disk the removal of", path, error).message());
  }
  return absl::OkStatus();
}

// Checked a second time: the configuration's reader has looked at the choices
// of the row below, but a saved plan may come from another version. As text,
// because TOML has no number with a leading zero.
absl::StatusOr<FileSink::Options> FileSink::OptionsOf(
    const SinkConfig& config) {
  Options options;
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

namespace {

absl::StatusOr<std::unique_ptr<RecordReader>> OpenReader(
    const Opening& opening) {
  PATFORM_ASSIGN_OR_RETURN(Root root, RootOf(opening.config));
  // A plan that `apply` would refuse is refused while it is made.
  PATFORM_RETURN_IF_ERROR(FileSink::OptionsOf(opening.config).status());
  return std::make_unique<FileReader>(std::move(root));
}

absl::StatusOr<std::unique_ptr<SecretSink>> Open(const Opening& opening) {
  PATFORM_ASSIGN_OR_RETURN(Root root, RootOf(opening.config));
  PATFORM_ASSIGN_OR_RETURN(const FileSink::Options options,
                           FileSink::OptionsOf(opening.config));
  return std::make_unique<FileSink>(std::move(root), options);
}

}  // namespace

Row FileRow() {
  using Kind = SettingKey::Kind;
  Row row;
  row.type.name = "file";
  row.type.doc =
      "One file a secret, below a folder; the record lies beside it.";
  row.type.keys = {
      {"path", Kind::kPath, true, "The folder; relative to the main file."},
      {"mode",
       Kind::kText,
       false,
       "Of new files; others keep theirs. Default 0600.",
       {"0600", "0640"}},
      {"newline", Kind::kFlag, false, "End the file with a line feed."}};
  row.type.place.at_is_path = true;
  row.type.place.default_at = "{name}";
  row.type.place.key = PlaceRules::Key::kNone;
  row.type.place.key_doc = "the file holds the secret and nothing else";
  row.canonical = CanonicalRoot;
  row.open_reader = OpenReader;
  row.open = Open;
  row.type.can.gives_back = true;
  row.open_keeper = OpenFileKeeper;
  return row;
}

}  // namespace patform::sinks
