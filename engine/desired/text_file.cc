#include "engine/desired/text_file.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/base/digest.h"
#include "engine/base/strings.h"
#include "engine/desired/include.h"

// A pull request may name any file, and a mistake in it is quoted: so only
// what is the configuration's own is opened at all, as with included files.
namespace patform {
namespace {

constexpr int64_t kMostBytes = 64 << 10;
constexpr size_t kDigits = 16;  // of its digest: enough to see a change

// "": it may be read.
std::string WhyNotBelow(const std::string& name) {
  if (absl::StartsWith(name, "/")) return "is absolute";
  for (const absl::string_view part : absl::StrSplit(name, '/')) {
    if (part == "..") return "leaves the directory";
  }
  if (absl::StrContains(name, "${")) return "contains ${…}";
  return HasControl(name) ? "contains a control character" : "";
}

// What is shown of a file that cannot be read. Nothing of it is quoted: a link
// may lead anywhere.
std::string Words(Files& files, const std::string& path,
                  const absl::Status& why) {
  if (absl::IsNotFound(why)) return "there is no such file";
  if (absl::IsOutOfRange(why)) {
    return "it is a link that leads out of the main file's directory";
  }
  if (absl::IsResourceExhausted(why)) {
    return absl::StrCat("it is larger than ", kMostBytes >> 10, " KiB");
  }
  return files.Stat(path) == Files::Kind::kDirectory
             ? "it is a directory"
             : std::string(why.message());
}

}  // namespace

// The name is judged before the file is touched, the file before it is quoted.
std::optional<TextFile> ReadTextFile(Problems& problems, Files& files,
                                     const std::string& directory,
                                     const std::string& key, const Position& at,
                                     const std::string& name) {
  if (const std::string why = WhyNotBelow(name); !why.empty()) {
    problems.Error(at, absl::StrCat("`", key, "` (\"", name, "\") ", why),
                   "expected a file below the main file's directory");
    return std::nullopt;
  }
  TextFile file;
  file.path = JoinPath(directory, name);
  absl::StatusOr<std::string> text = files.ReadInside(
      directory.empty() ? "." : directory, file.path, kMostBytes);
  if (!text.ok()) {
    std::string detail = absl::IsNotFound(text.status())
                             ? NearestPath(files, problems, file.path)
                             : "";
    problems.Error(at,
                   absl::StrCat("`", key, "` (\"", name, "\") cannot be read: ",
                                Words(files, file.path, text.status())),
                   std::move(detail));
    return std::nullopt;
  }
  // Columns are counted in characters, and messages are text.
  if (!IsValidUtf8(*text) || text->find('\0') != text->npos) {
    problems.Error(at, absl::StrCat("`", key, "` (\"", name,
                                    "\") is not a text in UTF-8"));
    return std::nullopt;
  }
  file.written =
      absl::StrCat(name, " sha256:", Sha256(*text).substr(0, kDigits));
  file.text = *std::move(text);
  return file;
}

// From bytes to lines and columns, as an editor counts them.
void ReportFaults(Problems& problems, const TextFile& file,
                  const std::vector<TextFault>& faults) {
  // Of their own: the main file is still being read, and lines are looked up
  // in one text at a time.
  Problems own;
  own.BeginFile(file.path, &file.text);
  for (const TextFault& fault : faults) {
    const std::string_view before =
        std::string_view(file.text).substr(0, fault.begin);
    const size_t line_begin = before.rfind('\n') + 1;  // 0 in the first line
    Position at;
    at.line =
        1 + static_cast<int>(std::count(before.begin(), before.end(), '\n'));
    at.column = 1 + CodePoints(before.substr(line_begin));
    at.length = std::max(1, CodePoints(std::string_view(file.text).substr(
                                fault.begin, fault.size)));
    own.Error(at, fault.summary, fault.detail);
  }
  own.EndFile();
  problems.Absorb(std::move(own));
}

}  // namespace patform
