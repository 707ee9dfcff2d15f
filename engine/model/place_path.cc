#include "engine/model/place_path.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "engine/base/strings.h"

namespace patform {
namespace {

// With room for what patform puts around a name: file systems take 255 bytes,
// not characters.
constexpr size_t kMaxPart = 200;
// Linux takes up to 4096 for a whole path, the sink's folder included.
constexpr size_t kMaxPath = 1024;

std::string WhyNotAPart(std::string_view part) {
  // The kernel drops an empty part: "a//b" and "a/b" are one file with two
  // spellings.
  if (part.empty()) return "has an empty part between two / or at an end";
  // Out of the sink's folder, or a second spelling.
  if (part == "." || part == "..") {
    return absl::StrCat("has ", AbslView(part),
                        " as a part: it stays below the sink's `path`");
  }
  if (part.size() > kMaxPart) {
    const bool wide = static_cast<size_t>(CodePoints(part)) <= kMaxPart;
    return absl::StrCat("has a part of ", part.size(), " bytes",
                        wide ? " (some characters take several)" : "",
                        "; at most ", kMaxPart);
  }
  // A secret there would be read as the record of its neighbour, or removed as
  // what a dead run left.
  if (part.starts_with('.') &&
      (part.ends_with(kRecordSuffix) ||
       part.find(kTemporaryInfix) != std::string_view::npos)) {
    return "is a name that patform uses for its own files";
  }
  // git would take it for rules, and the starter's folder keeps its own there.
  if (part == ".gitignore") return "is a name that git reads";
  return "";
}

}  // namespace

std::string WhyNotAPlace(std::string_view path) {
  if (path.empty()) return "is empty";
  // An absolute path would ignore the sink's folder.
  if (path.front() == '/') {
    return "is absolute; it is taken from the sink's `path`";
  }
  if (path.size() > kMaxPath) {
    return absl::StrCat("is longer than ", kMaxPath, " bytes");
  }
  // JSON reports cannot carry other bytes, and two places that differ only in
  // them would look the same.
  if (!IsValidUtf8(path)) return "is not valid UTF-8";
  if (HasControl(path)) return "contains a control character";
  // `<=`, so that a slash at the end leaves an empty part.
  for (size_t start = 0; start <= path.size();) {
    const size_t end = std::min(path.find('/', start), path.size());
    std::string why = WhyNotAPart(path.substr(start, end - start));
    if (!why.empty()) return why;
    start = end + 1;
  }
  return "";
}

}  // namespace patform
