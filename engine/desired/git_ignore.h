#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/ports/files.h"

namespace patform {

// One line of a .gitignore, below the folder that the file is in.
struct IgnoreRule {
  std::string pattern;    // without the marks below
  bool negated = false;   // it began with !
  bool folder = false;    // it ended with /
  bool anchored = false;  // it has a / elsewhere: a path, not a name
};

// The rules of one file, in its order; comments and empty lines are left out.
std::vector<IgnoreRule> ParseIgnoreRules(std::string_view text);

// Does a rule speak of `path`, relative to its own folder?
bool RuleMatches(const IgnoreRule& rule, std::string_view path, bool is_folder);

// Whether git would add a file, by the rules of the work tree that it is in:
// every .gitignore from its top down, and .git/info/exclude. Not known, because
// they are no part of the tree: core.excludesFile of whoever commits, and
// whether git tracks the file already. Reads through `files`, which must
// outlive it, each file once.
class GitIgnore {
 public:
  explicit GitIgnore(Files& files) : files_(files) {}

  // `path` is absolute, without links and dots. False: it is in no work tree,
  // a rule ignores it, or the folder that it is in does not exist yet (patform
  // makes it with an ignore file of its own).
  bool WouldAdd(const std::string& path);

 private:
  struct Folder {
    bool exists = false;
    std::string top;  // of the work tree; "": in none
    bool ignored = false;
    std::vector<IgnoreRule> rules;
  };

  const Folder& Look(const std::string& folder);
  std::vector<IgnoreRule> Read(const std::string& path);
  bool IsIgnored(const std::string& path, bool is_folder);

  Files& files_;
  std::map<std::string, Folder> folders_;
  std::map<std::string, std::vector<IgnoreRule>> excludes_;  // by top
};

}  // namespace patform
