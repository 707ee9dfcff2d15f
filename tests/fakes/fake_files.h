#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/ports/files.h"

namespace patform {

// A file system in memory. Paths are plain keys; a directory exists when a
// file lies below it. `links` leads Canonical() astray, `unreadable` fails
// reads. Records what was read.
class FakeFiles : public Files {
 public:
  std::map<std::string, std::string> files;
  std::map<std::string, std::string> links;
  std::set<std::string> unreadable;
  std::set<std::string> unwritable;
  // Of `files`: links that lead nowhere, and those that lead to themselves.
  std::set<std::string> dangling, loops;
  std::vector<std::string> reads;

  Kind Stat(const std::string& path) override {
    if (dangling.count(path) + loops.count(path) > 0) return Kind::kMissing;
    if (files.count(path) > 0) return Kind::kFile;
    const std::string below = path == "." ? "" : path + "/";
    for (const auto& [name, text] : files) {
      if (name.compare(0, below.size(), below) == 0) return Kind::kDirectory;
    }
    return Kind::kMissing;
  }
  absl::StatusOr<std::string> Read(const std::string& path,
                                   int64_t max_bytes) override {
    reads.push_back(path);
    if (Stat(path) == Kind::kDirectory) {
      return absl::InvalidArgumentError("is a directory");
    }
    const auto found = files.find(path);
    if (found == files.end()) return absl::NotFoundError("no such file");
    if (unreadable.count(path) > 0) {
      return absl::PermissionDeniedError("permission denied");
    }
    if (static_cast<int64_t>(found->second.size()) > max_bytes) {
      return absl::ResourceExhaustedError("too large");
    }
    return found->second;
  }
  absl::StatusOr<std::string> ReadInside(const std::string& directory,
                                         const std::string& path,
                                         int64_t max_bytes) override {
    const std::string root = *Canonical(directory);
    const std::string below = root == "/" ? root : root + "/";
    if (Canonical(path)->compare(0, below.size(), below) != 0) {
      return absl::OutOfRangeError("leads out of its folder");
    }
    return Read(path, max_bytes);
  }
  absl::StatusOr<std::vector<std::string>> List(
      const std::string& directory) override {
    const std::string below = directory == "." ? "" : directory + "/";
    std::set<std::string> names;
    for (const auto& [name, text] : files) {
      if (name.compare(0, below.size(), below) != 0) continue;
      names.insert(name.substr(below.size(),
                               name.find('/', below.size()) - below.size()));
    }
    return std::vector<std::string>(names.begin(), names.end());
  }
  absl::StatusOr<std::string> Canonical(const std::string& path) override {
    if (dangling.count(path) > 0) return absl::NotFoundError("gone");
    if (loops.count(path) > 0) return absl::InvalidArgumentError("a loop");
    const auto link = links.find(path);
    if (link != links.end()) return link->second;
    return path == "." ? "/cwd" : path[0] == '/' ? path : "/cwd/" + path;
  }
  absl::Status CreateNew(const std::string& path,
                         const std::string& text) override {
    if (unwritable.count(path) > 0) {
      return absl::PermissionDeniedError("writing " + path +
                                         ": permission denied");
    }
    if (!files.emplace(path, text).second) {
      return absl::AlreadyExistsError("exists");
    }
    return absl::OkStatus();
  }
  absl::Status Replace(const std::string& path,
                       const std::string& text) override {
    if (unwritable.count(path) > 0) {
      return absl::PermissionDeniedError("writing " + path +
                                         ": permission denied");
    }
    files[path] = text;
    return absl::OkStatus();
  }
  absl::Status Publish(const std::string& path,
                       const std::string& text) override {
    return Replace(path, text);
  }
  absl::Status CheckReplace(const std::string& path) override {
    if (unwritable.count(path) == 0) return absl::OkStatus();
    return absl::PermissionDeniedError("writing " + path +
                                       ": permission denied");
  }
};

}  // namespace patform
