#include "engine/desired/git_ignore.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"

// As gitignore(5) has it. The last rule that matches decides; a folder that is
// ignored is not looked into, so nothing below it can be taken back.
namespace patform {
namespace {

constexpr int64_t kMostBytes = 1 << 20;

std::string Above(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return "";
  return slash == 0 ? "/" : path.substr(0, slash);
}

// The part of `path` below `folder`.
std::string_view Below(std::string_view path, std::string_view folder) {
  path.remove_prefix(folder == "/" ? 1 : folder.size() + 1);
  return path;
}

// [a-z] at the start of `pattern`, which is taken off it; nullopt: it is not
// closed.
std::optional<bool> MatchClass(std::string_view& pattern, char c) {
  std::string_view rest = pattern.substr(1);
  const bool negated = rest.starts_with('!') || rest.starts_with('^');
  if (negated) rest.remove_prefix(1);
  bool found = false;
  for (bool first = true; !rest.empty(); first = false) {
    if (rest.front() == ']' && !first) {
      pattern = rest.substr(1);
      return found != negated;
    }
    if (rest.front() == '\\' && rest.size() > 1) rest.remove_prefix(1);
    const char low = rest.front();
    char high = low;
    if (rest.size() > 2 && rest[1] == '-' && rest[2] != ']') {
      high = rest[2];
      rest.remove_prefix(2);
    }
    rest.remove_prefix(1);
    found = found || (low <= c && c <= high);
  }
  return std::nullopt;
}

// Each pair of places in the two texts is tried once at most: patterns come
// from files that strangers edit.
class Glob {
 public:
  Glob(std::string_view pattern, std::string_view path)
      : pattern_(pattern),
        path_(path),
        failed_((pattern.size() + 1) * (path.size() + 1)) {}

  bool Match(size_t at = 0, size_t in = 0) {
    const size_t slot = at * (path_.size() + 1) + in;
    if (failed_[slot]) return false;
    const bool matches = Try(at, in);
    if (!matches) failed_[slot] = true;
    return matches;
  }

 private:
  bool Try(size_t at, size_t in) {
    if (at == pattern_.size()) return in == path_.size();
    const std::string_view rest = pattern_.substr(at);
    const bool part_starts = at == 0 || pattern_[at - 1] == '/';
    // "**/" is any number of folders, "/**" all that is below.
    if (part_starts && rest == "**") return in < path_.size();
    if (part_starts && rest.starts_with("**/")) {
      if (Match(at + 3, in)) return true;
      const size_t slash = path_.find('/', in);
      return slash != std::string_view::npos && Match(at, slash + 1);
    }
    if (rest.front() == '*') {
      if (Match(at + 1, in)) return true;
      return in < path_.size() && path_[in] != '/' && Match(at, in + 1);
    }
    if (in == path_.size()) return false;
    if (rest.front() == '?') return path_[in] != '/' && Match(at + 1, in + 1);
    if (rest.front() == '[') {
      std::string_view after = rest;
      const std::optional<bool> in_class = MatchClass(after, path_[in]);
      if (in_class) {
        return *in_class && path_[in] != '/' &&
               Match(pattern_.size() - after.size(), in + 1);
      }
    }
    const size_t escaped = rest.front() == '\\' && rest.size() > 1 ? 1 : 0;
    return rest[escaped] == path_[in] && Match(at + escaped + 1, in + 1);
  }

  const std::string_view pattern_;
  const std::string_view path_;
  std::vector<bool> failed_;
};

// What the rules say of `path`; nullopt: nothing.
std::optional<bool> Verdict(const std::vector<IgnoreRule>& rules,
                            std::string_view path, bool is_folder) {
  for (auto rule = rules.rbegin(); rule != rules.rend(); ++rule) {
    if (RuleMatches(*rule, path, is_folder)) return !rule->negated;
  }
  return std::nullopt;
}

}  // namespace

std::vector<IgnoreRule> ParseIgnoreRules(std::string_view text) {
  std::vector<IgnoreRule> rules;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    while (line.ends_with(' ') && !line.ends_with("\\ ")) line.remove_suffix(1);
    if (line.empty() || line.front() == '#') continue;
    IgnoreRule rule;
    rule.negated = line.front() == '!';
    if (rule.negated) line.remove_prefix(1);
    rule.folder = line.ends_with('/');
    if (rule.folder) line.remove_suffix(1);
    rule.anchored = line.find('/') != std::string_view::npos;
    if (line.starts_with('/')) line.remove_prefix(1);
    if (line.empty() || line.size() > 4096) continue;
    rule.pattern = std::string(line);
    rules.push_back(std::move(rule));
  }
  return rules;
}

bool RuleMatches(const IgnoreRule& rule, std::string_view path,
                 bool is_folder) {
  if (rule.folder && !is_folder) return false;
  // A name is the same wherever it is below.
  if (!rule.anchored) path.remove_prefix(path.rfind('/') + 1);
  return Glob(rule.pattern, path).Match();
}

std::vector<IgnoreRule> GitIgnore::Read(const std::string& path) {
  if (files_.Stat(path) != Files::Kind::kFile) return {};
  const absl::StatusOr<std::string> text = files_.Read(path, kMostBytes);
  if (!text.ok()) return {};
  return ParseIgnoreRules(*text);
}

const GitIgnore::Folder& GitIgnore::Look(const std::string& folder) {
  const auto known = folders_.find(folder);
  if (known != folders_.end()) return known->second;
  Folder found;
  const std::string inside = folder == "/" ? "/" : absl::StrCat(folder, "/");
  found.exists = files_.Stat(folder) == Files::Kind::kDirectory;
  // A file in a linked work tree or a submodule.
  if (files_.Stat(absl::StrCat(inside, ".git")) != Files::Kind::kMissing) {
    found.top = folder;
    excludes_[folder] = Read(absl::StrCat(inside, ".git/info/exclude"));
  } else if (folder != "/" && !folder.empty()) {
    const Folder& above = Look(Above(folder));
    found.top = above.top;
    found.ignored = !found.top.empty() &&
                    (above.ignored || IsIgnored(folder, /*is_folder=*/true));
  }
  if (!found.top.empty()) {
    found.rules = Read(absl::StrCat(inside, ".gitignore"));
  }
  return folders_.emplace(folder, std::move(found)).first->second;
}

// The nearest file that speaks of it decides, those above only if none does.
bool GitIgnore::IsIgnored(const std::string& path, bool is_folder) {
  std::string folder = Above(path);
  const std::string top = Look(folder).top;
  while (true) {
    const std::optional<bool> verdict =
        Verdict(Look(folder).rules, Below(path, folder), is_folder);
    if (verdict) return *verdict;
    if (folder == top) break;
    folder = Above(folder);
  }
  return Verdict(excludes_[top], Below(path, top), is_folder).value_or(false);
}

bool GitIgnore::WouldAdd(const std::string& path) {
  if (path.empty() || path.front() != '/') return false;
  const Folder& folder = Look(Above(path));
  return !folder.top.empty() && folder.exists && !folder.ignored &&
         // git adds nothing that is its own.
         path.find("/.git/") == std::string::npos &&
         !IsIgnored(path, /*is_folder=*/false);
}

}  // namespace patform
