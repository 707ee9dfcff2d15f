#include "engine/desired/include.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/base/strings.h"

namespace patform {
namespace {

constexpr size_t kMostPatterns = 256;
constexpr size_t kMostEntries = 200'000;  // of folders that are looked through
constexpr char kWild[] = "*?";

bool IsGlob(const std::string& part) {
  return part.find_first_of(kWild) != std::string::npos;
}

// Without what names no step: "./teams//*.toml" is "teams/*.toml".
std::vector<std::string> PartsOf(const std::string& path) {
  std::vector<std::string> parts = absl::StrSplit(path, '/');
  std::erase_if(parts, [](const std::string& part) {
    return part.empty() || part == ".";
  });
  return parts;
}

// What keeps a text from being a pattern here, and what to write instead; both
// "" if nothing does. What is a pattern to git or to a shell must not quietly
// be a file's name.
std::pair<std::string, std::string> FaultOf(const std::string& pattern) {
  constexpr char kBelow[] =
      "only files below the main file's directory can be included";
  if (absl::StartsWith(pattern, "/")) return {"is absolute", kBelow};
  const std::vector<std::string> parts = PartsOf(pattern);
  if (std::find(parts.begin(), parts.end(), "..") != parts.end()) {
    return {"leaves the directory", kBelow};
  }
  if (parts.empty()) {
    return {"names no file", "expected a path, such as \"teams/*.toml\""};
  }
  if (absl::StrContains(pattern, "**")) {
    return {"contains `**`, which is not supported",
            "* and ? match within one folder; name each depth: "
            "\"teams/*.toml\", \"teams/*/*.toml\""};
  }
  if (pattern[0] == '!') {
    return {"begins with `!`, which excludes nothing here",
            "name the files that are meant"};
  }
  const size_t at = pattern.find_first_of("{}[]\\");
  if (at == std::string::npos) return {};
  return {absl::StrCat("contains `", pattern.substr(at, 1),
                       "`, which is not supported"),
          pattern[at] == '\\'
              ? "write / between folders"
              : "only * (any characters) and ? (one character) are patterns; "
                "`include` can list several"};
}

}  // namespace

std::string DirectoryOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == 0) return "/";
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

std::string JoinPath(const std::string& directory, const std::string& name) {
  if (directory.empty()) return name;
  return absl::StrCat(directory, directory == "/" ? "" : "/", name);
}

std::string NearestPath(Files& files, Problems& problems,
                        const std::string& path) {
  const std::string directory = DirectoryOf(path);
  if (!directory.empty() && directory != path &&
      files.Stat(directory) == Files::Kind::kMissing) {
    return NearestPath(files, problems, directory);
  }
  absl::StatusOr<std::vector<std::string>> names =
      files.List(directory.empty() ? "." : directory);
  if (!names.ok()) return "";
  const std::string name = path.substr(path.rfind('/') + 1);
  // A link that leads nowhere is in the list; its own name would not help.
  std::erase(*names, name);
  return problems.DidYouMean(name, *names);
}

Includes::Includes(Files& files, Problems& problems, const std::string& main)
    : files_(files),
      problems_(problems),
      main_(main),
      directory_(DirectoryOf(main)),
      real_directory_(files.Canonical(directory_.empty() ? "." : directory_)),
      real_main_(files.Canonical(main)) {}

std::vector<std::string> Includes::Find(TableReader& reader) {
  std::vector<std::string> files;
  // Two patterns may find one file.
  absl::flat_hash_set<std::string> seen;
  // Patterns are checked as text first: below this point they are used.
  for (const Entry& entry : Read(reader)) {
    if (!IsPattern(entry)) continue;
    std::vector<std::string> found;
    if (!FindOne(entry, found)) return {};
    for (std::string& file : found) {
      // The first entry that finds a file is the one that is blamed for it.
      if (!seen.insert(file).second) continue;
      if (Inside(file, entry)) files.push_back(std::move(file));
    }
  }
  // By name, so that a plan does not depend on the order of patterns.
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<Includes::Entry> Includes::Read(TableReader& reader) const {
  std::vector<Entry> entries;
  const TomlValue* list = reader.List("include", kMostPatterns);
  if (list == nullptr) return entries;
  for (const TomlValue& item : list->items) {
    Entry entry;
    entry.at = item.at;
    std::optional<std::string> pattern;
    if (item.type == TomlValue::Type::kTable) {
      TableReader table(problems_, item, "an item of `include`");
      if (!table.Has("glob")) {
        problems_.Error(item.at, "an item of `include` has no `glob`",
                        "expected { glob = \"teams/*.toml\", optional = true "
                        "}");
      }
      pattern = table.String("glob");
      entry.optional = table.Bool("optional").value_or(false);
      table.Finish();
    } else {
      pattern = TableReader::StringItem(
          problems_, item, [] { return std::string("an item of `include`"); });
    }
    if (!pattern) continue;
    entry.pattern = *std::move(pattern);
    entries.push_back(std::move(entry));
  }
  return entries;
}

bool Includes::IsPattern(const Entry& entry) const {
  const auto [why, fix] = FaultOf(entry.pattern);
  if (why.empty()) return true;
  problems_.Error(
      entry.at, absl::StrCat("the include \"", entry.pattern, "\" ", why), fix);
  return false;
}

// False: it finds so much that nothing more is looked for.
bool Includes::FindOne(const Entry& entry, std::vector<std::string>& found) {
  parts_ = PartsOf(entry.pattern);
  leads_out_ = unusable_ = false;
  Expand(entry, directory_, 0, found);
  // Checked after each pattern; one pattern stops by itself.
  if (entries_ > kMostEntries || found.size() > kMostFiles) {
    problems_.Error(
        entry.at,
        absl::StrCat("the include \"", entry.pattern, "\" finds too much"),
        absl::StrCat("at most ", kMostFiles, " files, in folders of ",
                     kMostEntries, " entries in all"));
    return false;
  }
  if (leads_out_) {
    problems_.Error(entry.at,
                    absl::StrCat("the include \"", entry.pattern,
                                 "\" leads out of the directory"),
                    "a folder in it is a link");
  } else if (found.empty() && !unusable_ && !entry.optional) {
    Missing(entry);
  }
  return true;
}

void Includes::Missing(const Entry& entry) {
  std::string fix =
      NearestPath(files_, problems_, JoinPath(directory_, entry.pattern));
  if (!IsGlob(entry.pattern)) {
    problems_.Error(entry.at,
                    absl::StrCat("the included file \"", entry.pattern,
                                 "\" does not exist"),
                    fix);
    return;
  }
  absl::StrAppend(&fix, fix.empty() ? "" : "\n",
                  "if it may match nothing, write { glob = \"", entry.pattern,
                  "\", optional = true }");
  problems_.Error(
      entry.at,
      absl::StrCat("the include \"", entry.pattern, "\" matches no file"), fix);
}

// Walks the pattern's parts; * and ? match within one.
void Includes::Expand(const Entry& entry, const std::string& base, size_t index,
                      std::vector<std::string>& found) {
  if (entries_ > kMostEntries || found.size() > kMostFiles) return;
  if (index == parts_.size()) {
    found.push_back(base);
    return;
  }
  // The first folder is the main file's own and needs no check. Of the others
  // not even what there is outside is to be seen.
  if (base != directory_) {
    const absl::StatusOr<std::string> real = files_.Canonical(base);
    if (!real.ok()) return Unusable(entry, base, real.status());
    if (!Below(*real)) {
      leads_out_ = true;
      return;
    }
  }
  if (IsGlob(parts_[index])) return ExpandGlob(entry, base, index, found);
  const std::string next = JoinPath(base, parts_[index]);
  // A link that leads nowhere is an entry all the same, and reported as that.
  if (files_.Stat(next) == Files::Kind::kMissing &&
      !IsEntry(base, parts_[index])) {
    return;
  }
  Expand(entry, next, index + 1, found);
}

void Includes::ExpandGlob(const Entry& entry, const std::string& base,
                          size_t index, std::vector<std::string>& found) {
  const std::string& part = parts_[index];
  const absl::StatusOr<std::vector<std::string>> names =
      files_.List(base.empty() ? "." : base);
  if (!names.ok()) return Unusable(entry, base, names.status());
  entries_ += names->size();
  const bool last = index + 1 == parts_.size();
  for (const std::string& name : *names) {
    // As in a shell, a hidden file must be named.
    if (name[0] == '.' && part[0] != '.') continue;
    if (!GlobMatch(part, name)) continue;
    const std::string next = JoinPath(base, name);
    const Files::Kind kind = last ? Files::Kind::kFile : files_.Stat(next);
    // A file has nothing below it; a folder that cannot be looked at may.
    if (kind == Files::Kind::kOther) continue;
    if (kind == Files::Kind::kFile && !last) continue;
    Expand(entry, next, index + 1, found);
  }
}

// Does the folder list it, wherever it may lead?
bool Includes::IsEntry(const std::string& directory, const std::string& name) {
  const absl::StatusOr<std::vector<std::string>> names =
      files_.List(directory.empty() ? "." : directory);
  return names.ok() &&
         std::find(names->begin(), names->end(), name) != names->end();
}

// An entry that the pattern matches, or a folder on its way, that is there and
// cannot be used.
void Includes::Unusable(const Entry& entry, const std::string& path,
                        const absl::Status& why) {
  unusable_ = true;
  const std::string shown =
      absl::StrCat("the included ", path.empty() ? "." : path);
  const std::string fix = absl::StrCat("the include \"", entry.pattern,
                                       "\" matches it; repair or remove it");
  if (absl::IsNotFound(why)) {
    problems_.Error(entry.at,
                    absl::StrCat(shown, " is a link that leads nowhere"), fix);
  } else if (absl::IsInvalidArgument(why)) {
    problems_.Error(
        entry.at, absl::StrCat(shown, " is a link that leads to itself"), fix);
  } else {
    problems_.Error(entry.at, absl::StrCat(shown, " cannot be looked at"),
                    std::string(why.message()));
  }
}

// With the slash, or "/srv/team-a" would count as below "/srv/team".
bool Includes::Below(const std::string& real) const {
  return real_directory_.ok() &&
         absl::StartsWith(real, *real_directory_ == "/"
                                    ? *real_directory_
                                    : *real_directory_ + "/");
}

// Does the file itself, links resolved, lie below the directory, and is it not
// the main file again?
bool Includes::Inside(const std::string& file, const Entry& entry) {
  const absl::StatusOr<std::string> real = files_.Canonical(file);
  if (!real.ok() || !real_directory_.ok()) {
    Unusable(entry, file, real.ok() ? real_directory_.status() : real.status());
    return false;
  }
  // By what it is, not by its name: a link to it would be the same file.
  if (real_main_.ok() && *real_main_ == *real) {
    problems_.Error(
        entry.at,
        absl::StrCat("the file includes itself: ", main_, " -> ", file),
        "name the files that it should include");
    return false;
  }
  if (!Below(*real)) {
    problems_.Error(
        entry.at,
        absl::StrCat("the included file ", file, " leads out of the directory"),
        absl::StrCat("it is a link to ", *real));
    return false;
  }
  return true;
}

}  // namespace patform
