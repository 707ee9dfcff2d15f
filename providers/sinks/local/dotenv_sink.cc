#include "providers/sinks/local/dotenv_sink.h"

#include <memory>
#include <optional>

#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "providers/sinks/local/directory.h"
#include "providers/sinks/local/dotenv_file.h"
#include "providers/sinks/local/dotenv_keeper.h"
#include "providers/sinks/local/dotenv_text.h"
#include "providers/sinks/local/place_given.h"
#include "providers/sinks/local/posix.h"

// All keys of one file share its lock, its rename and its size, so a delivery
// reads the whole file, edits one line of it and replaces it. What is around
// that line belongs to somebody else: it may be secrets of other programs, so
// all of it is held in a Secret and comes out byte for byte.
namespace patform::sinks {
namespace {

constexpr char kDefaultFile[] = ".env";

// What a plan shows of a file that CheckPrivate() would refuse.
std::string CautionOf(const Content& content, const std::string& path) {
  const std::string open =
      content.info ? OpenToOthers(*content.info, path) : "";
  if (open.empty()) return "";
  return absl::StrCat(open,
                      "; nothing is delivered to it until that is "
                      "changed: chmod 600 ",
                      Quoted(path));
}

// For runs that may write.
HeldRecord ReadDelivery(const Root& root, const Delivery& delivery,
                        Leftovers& leftovers) {
  const auto read = [&]() -> absl::StatusOr<HeldRecord> {
    PATFORM_ASSIGN_OR_RETURN(const FilePath at, FilePathOfVariable(delivery));
    PATFORM_ASSIGN_OR_RETURN(const std::optional<Directory> directory,
                             OpenDirectory(root, at));
    if (!directory) return HeldRecord::Absent();
    // Whether it can be locked matters to Check() and Put().
    leftovers.RemoveIfIdle(*directory).IgnoreError();
    PATFORM_ASSIGN_OR_RETURN(const Content content,
                             ReadContent(*directory, at.file, kMaxDotenvBytes));
    PATFORM_ASSIGN_OR_RETURN(
        const DotenvText text,
        DotenvText::Parse(content.text.Reveal(), directory->PathOf(at.file)));
    HeldRecord held = text.Read(delivery.key);
    held.caution = CautionOf(content, directory->PathOf(at.file));
    return held;
  };
  absl::StatusOr<HeldRecord> held = read();
  return held.ok() ? *std::move(held) : HeldRecord::Unknown(held.status());
}

}  // namespace

// A plan asks for each key of a file in turn. The file is read once and all its
// keys come from that one text: they are of one moment, and a file with a
// hundred keys is not parsed a hundred times.
const DotenvReader::File& DotenvReader::FileAt(const std::string& name) {
  const auto [entry, is_new] = files_.try_emplace(name);
  File& file = entry->second;
  if (!is_new) return file;
  // A lambda, for the macros return from it and the status is kept.
  file.status = [&]() -> absl::Status {
    PATFORM_ASSIGN_OR_RETURN(const FilePath at, ParseFilePath(name));
    PATFORM_ASSIGN_OR_RETURN(const std::optional<Directory> directory,
                             OpenDirectory(root_, at));
    if (!directory) return absl::OkStatus();
    PATFORM_ASSIGN_OR_RETURN(const Content content,
                             ReadContent(*directory, at.file, kMaxDotenvBytes));
    PATFORM_ASSIGN_OR_RETURN(
        const DotenvText text,
        DotenvText::Parse(content.text.Reveal(), directory->PathOf(at.file)));
    file.by_key = text.ReadAll();
    file.caution = CautionOf(content, directory->PathOf(at.file));
    return absl::OkStatus();
  }();
  return file;
}

HeldRecord DotenvReader::Read(const Delivery& delivery, Deadline) {
  const auto at = FilePathOfVariable(delivery);
  if (!at.ok()) return HeldRecord::Unknown(at.status());
  // Held while the file is read: a second thread wants the same result.
  const std::lock_guard<std::mutex> lock(mutex_);
  const File& file = FileAt(delivery.at);
  if (!file.status.ok()) return HeldRecord::Unknown(file.status);
  const auto found = file.by_key.find(delivery.key);
  HeldRecord held =
      found == file.by_key.end() ? HeldRecord::Absent() : found->second;
  held.caution = file.caution;
  return held;
}

std::vector<StrayPlace> DotenvReader::Recorded(const std::set<std::string>& ats,
                                               Deadline) {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::set<std::string> names = ats;
  names.insert(kDefaultFile);
  std::vector<StrayPlace> found;
  for (const std::string& at : names) {
    for (const auto& [key, held] : FileAt(at).by_key) {
      if (held.state != HeldRecord::State::kPresent) continue;
      StrayPlace stray;
      stray.place.at = at;
      stray.place.key = key;
      stray.held = held;
      found.push_back(std::move(stray));
    }
  }
  return found;
}

HeldRecord DotenvSink::Read(const Delivery& place, Deadline) {
  return ReadDelivery(root_, place, leftovers_);
}

absl::Status DotenvSink::Check(const Delivery& delivery, Deadline) {
  // In the order in which a person would fix things: the address, the
  // directory, what is in the way, the mode, the room, the text.
  PATFORM_ASSIGN_OR_RETURN(const FilePath at, FilePathOfVariable(delivery));
  PATFORM_ASSIGN_OR_RETURN(const std::optional<Directory> directory,
                           OpenToCheck(root_, at, leftovers_));
  // Put() makes it.
  if (!directory) return absl::OkStatus();
  PATFORM_ASSIGN_OR_RETURN(const Content content,
                           ReadContent(*directory, at.file, kMaxDotenvBytes));
  const std::string path = directory->PathOf(at.file);
  if (content.info) PATFORM_RETURN_IF_ERROR(CheckPrivate(*content.info, path));
  PATFORM_RETURN_IF_ERROR(CheckReplaceable(*directory, at.file));
  PATFORM_RETURN_IF_ERROR(CheckRoom(*directory, content.text.size()));
  PATFORM_ASSIGN_OR_RETURN(const DotenvText text,
                           DotenvText::Parse(content.text.Reveal(), path));
  // A foreign value is not an error here; whether it may be replaced was
  // decided in the plan.
  const HeldRecord held = text.Read(delivery.key);
  if (held.state == HeldRecord::State::kUnknown) return held.why;
  return text.CheckWith(delivery.key);
}

void DotenvSink::Tidy(absl::Span<const Delivery* const>, Deadline deadline) {
  leftovers_.Sweep(root_, deadline);
}

absl::StatusOr<std::string> DotenvSink::Put(const Delivery& delivery,
                                            const Secret& value,
                                            const SinkRecord& record,
                                            const std::string& expected,
                                            Deadline deadline) {
  PATFORM_ASSIGN_OR_RETURN(const FilePath at, FilePathOfVariable(delivery));
  PATFORM_ASSIGN_OR_RETURN(const Directory directory, MakeDirectory(root_, at));
  const std::string path = directory.PathOf(at.file);
  // Random rather than counted: a file that was restored from a backup must not
  // get a version that was used for another value.
  std::string version = RandomHex(16);
  const auto with = [&](const Content& content,
                        const DotenvText& text) -> absl::StatusOr<Secret> {
    if (content.info) {
      PATFORM_RETURN_IF_ERROR(CheckPrivate(*content.info, path));
    }
    const HeldRecord held = text.Read(delivery.key);
    if (held.state == HeldRecord::State::kUnknown) return held.why;
    // Empty on both sides where nothing is there and nothing was expected.
    if (held.version != expected) return VariableMoved(delivery.key, path);
    PATFORM_ASSIGN_OR_RETURN(Secret edited,
                             text.With(delivery.key, value, record, version));
    // A file that patform itself could not read again would be lost to it.
    if (edited.size() <= kMaxDotenvBytes) return edited;
    return absl::ResourceExhaustedError(absl::StrCat(
        Quoted(path), " would be larger than ", kMaxDotenvBytes,
        " bytes, more than patform reads. Deliver to another file."));
  };
  PATFORM_RETURN_IF_ERROR(
      EditDotenv(directory, at.file, delivery.key, leftovers_, deadline, with));
  return version;
}

absl::Status DotenvSink::Remove(const Delivery& delivery,
                                const std::string& expected,
                                Deadline deadline) {
  PATFORM_ASSIGN_OR_RETURN(const FilePath at, FilePathOfVariable(delivery));
  PATFORM_ASSIGN_OR_RETURN(const Directory directory, OpenToRemove(root_, at));
  const auto without = [&](const Content&,
                           const DotenvText& text) -> absl::StatusOr<Secret> {
    const HeldRecord held = text.Read(delivery.key);
    if (held.state == HeldRecord::State::kUnknown) return held.why;
    if (held.state == HeldRecord::State::kAbsent) {
      return absl::NotFoundError("nothing is there");
    }
    if (held.version != expected) {
      return VariableMoved(delivery.key, directory.PathOf(at.file));
    }
    return text.Without(delivery.key);
  };
  return EditDotenv(directory, at.file, delivery.key, leftovers_, deadline,
                    without);
}

namespace {

absl::StatusOr<std::unique_ptr<RecordReader>> OpenReader(
    const Opening& opening) {
  PATFORM_ASSIGN_OR_RETURN(Root root, RootOf(opening.config));
  return std::make_unique<DotenvReader>(std::move(root));
}

absl::StatusOr<std::unique_ptr<SecretSink>> Open(const Opening& opening) {
  PATFORM_ASSIGN_OR_RETURN(Root root, RootOf(opening.config));
  return std::make_unique<DotenvSink>(std::move(root));
}

}  // namespace

Row DotenvRow() {
  Row row;
  row.type.name = "dotenv";
  row.type.doc =
      "Variables of .env files below a folder; `at` is the file, `key` the "
      "variable.";
  row.type.keys = {{"path", SettingKey::Kind::kPath, true,
                    "The folder; relative to the main file."}};
  row.type.place.at_is_path = true;
  row.type.place.default_at = kDefaultFile;
  row.type.place.key = PlaceRules::Key::kVariable;
  row.type.place.key_doc = "expected a name such as NUGET_PAT";
  row.canonical = CanonicalRoot;
  row.open_reader = OpenReader;
  row.open = Open;
  row.type.can.gives_back = true;
  row.open_keeper = OpenDotenvKeeper;
  return row;
}

}  // namespace patform::sinks
