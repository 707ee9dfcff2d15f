#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/desired/problems.h"
#include "engine/desired/table_reader.h"
#include "engine/ports/files.h"

namespace patform {

// "": the current one.
std::string DirectoryOf(const std::string& path);
// Without a double slash.
std::string JoinPath(const std::string& directory, const std::string& name);

// "did you mean `x`?" for a path that does not exist: what there is instead of
// its first part that is missing; "" if nothing is near.
std::string NearestPath(Files& files, Problems& problems,
                        const std::string& path);

// Finds the files that `include` of the main file names. Whatever a pattern
// matches is read or is an error, and so is a pattern that matches nothing
// unless it says `optional`: a file that quietly does not count looks like a
// table that was removed, and its tokens would be revoked. Nothing outside of
// the main file's folder is found.
class Includes {
 public:
  // More files are an error.
  static constexpr size_t kMostFiles = 10'000;

  // `main`: the main file. All must outlive this.
  Includes(Files& files, Problems& problems, const std::string& main);

  // The files, sorted, each once.
  std::vector<std::string> Find(TableReader& reader);

 private:
  struct Entry {
    std::string pattern;
    bool optional = false;
    Position at;
  };

  std::vector<Entry> Read(TableReader& reader) const;
  bool IsPattern(const Entry& entry) const;
  bool FindOne(const Entry& entry, std::vector<std::string>& found);
  void Missing(const Entry& entry);
  void Expand(const Entry& entry, const std::string& base, size_t index,
              std::vector<std::string>& found);
  void ExpandGlob(const Entry& entry, const std::string& base, size_t index,
                  std::vector<std::string>& found);
  bool IsEntry(const std::string& directory, const std::string& name);
  void Unusable(const Entry& entry, const std::string& path,
                const absl::Status& why);
  bool Below(const std::string& real) const;
  bool Inside(const std::string& file, const Entry& entry);

  Files& files_;
  Problems& problems_;
  const std::string& main_;
  const std::string directory_;  // of the main file
  // Links resolved.
  const absl::StatusOr<std::string> real_directory_, real_main_;
  size_t entries_ = 0;  // of folders that were listed
  // Of the pattern at hand:
  std::vector<std::string> parts_;
  bool leads_out_ = false;
  bool unusable_ = false;
};

}  // namespace patform
