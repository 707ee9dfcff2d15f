#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/ports/files.h"

namespace patform {

// The file system with some files that read otherwise than they are, or that
// do not exist yet. A file may be named in several ways. Writes nothing.
class Overlay : public Files {
 public:
  explicit Overlay(Files& files) : files_(files) {}

  void Put(const std::string& path, std::string text);

  Kind Stat(const std::string& path) override;
  absl::StatusOr<std::string> Read(const std::string& path,
                                   int64_t max_bytes) override;
  absl::StatusOr<std::string> ReadInside(const std::string& directory,
                                         const std::string& path,
                                         int64_t max_bytes) override;
  absl::StatusOr<std::vector<std::string>> List(
      const std::string& directory) override;
  absl::StatusOr<std::string> Canonical(const std::string& path) override;
  absl::Status CreateNew(const std::string&, const std::string&) override;
  absl::Status Replace(const std::string&, const std::string&) override;
  absl::Status Publish(const std::string&, const std::string&) override;
  absl::Status CheckReplace(const std::string&) override;

 private:
  struct Text {
    std::string last;   // of the path's parts
    std::string place;  // the path, links resolved
    std::string text;
  };

  std::string Place(const std::string& path);
  const Text* Find(const std::string& path);

  Files& files_;
  std::vector<Text> texts_;
};

}  // namespace patform
