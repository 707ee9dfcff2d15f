#pragma once

#include <sys/stat.h>
#include <time.h>

#include <mutex>
#include <set>
#include <shared_mutex>
#include <string>
#include <vector>

// A power cut: what was not put on disk is gone. A kill loses none of it, for
// the kernel lives on.
namespace boundary {

class Power {
 public:
  // Of two disks one loses the most that it may: `names_stay` false: every
  // change of a folder that was not put on disk is undone, and files are empty
  // that were not; true: the names are there and the files are empty.
  Power(std::string store, bool names_stay)
      : store_(std::move(store)), names_stay_(names_stay) {}

  // What a call that changes the store holds meanwhile, if there is a power
  // that can fail: it fails before or after it.
  class Hold {
   public:
    explicit Hold(Power* power);
    ~Hold();

   private:
    std::shared_lock<std::shared_mutex> lock_;
  };

  // In front of a change of this name, or of both, in a folder.
  void Changes(int directory, const char* name, const char* other = nullptr);
  // In front of a write; and when a file or folder has been put on disk.
  void Written(int fd);
  void Synced(int fd);

  // Makes the store what it would be after a power cut at this moment.
  void Fail();
  // True while it does, in the thread that lets it fail: its calls are not to
  // be counted. Every other thread comes to its end here.
  static bool Failing();

 private:
  // What a name was.
  struct Entry {
    std::string path;
    bool file = false, folder = false;
    std::string content;
    mode_t mode = 0;
    struct timespec modified = {};
  };
  struct Change {
    std::string folder;
    std::vector<Entry> before;
  };

  static Entry Read(const std::string& path);
  static void Restore(const Entry& entry);

  const std::string store_;
  const bool names_stay_;
  std::shared_mutex under_way_;
  std::mutex mutex_;
  std::vector<Change> changes_;      // not on disk
  std::set<unsigned long> written_;  // inodes of files that are not, either
};

}  // namespace boundary
