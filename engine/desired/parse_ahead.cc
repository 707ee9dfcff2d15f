#include "engine/desired/parse_ahead.h"

#include <algorithm>
#include <utility>

#include "engine/base/strings.h"

namespace patform {
namespace {

// What is in memory at once: so many files, or so many bytes of text.
constexpr size_t kWindowFiles = 64;
constexpr size_t kWindowBytes = 512 << 10;
// Below this a thread costs more than it saves.
constexpr size_t kWorthAThread = 64 << 10;

}  // namespace

bool IsBlank(const std::string& text) {
  return text.find_first_not_of(" \t\r\n") == std::string::npos;
}

void ParseFile(ParsedFile& file) {
  if (!file.text.ok() || IsBlank(*file.text)) return;
  file.is_text =
      IsValidUtf8(*file.text) && file.text->find('\0') == std::string::npos;
  if (file.is_text) file.toml = ParseToml(*file.text);
}

ParseAhead::ParseAhead(std::vector<std::string> paths, ReadFile read,
                       Check check, int threads)
    : paths_(std::move(paths)), read_(read), check_(check), threads_(threads) {}

ParseAhead::~ParseAhead() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

int ParseAhead::Threads() {
  // Past a few the caller, who checks what was parsed, is the slower one.
  return static_cast<int>(
      std::clamp<unsigned>(std::thread::hardware_concurrency(), 1, 4) - 1);
}

std::unique_ptr<ParsedFile> ParseAhead::Next() {
  ReadMore();
  std::unique_lock<std::mutex> lock(mutex_);
  if (jobs_.empty()) return nullptr;
  while (!jobs_.front().done) {
    if (!ParseOne(lock)) changed_.wait(lock);
  }
  std::unique_ptr<ParsedFile> file = std::move(jobs_.front().file);
  jobs_.pop_front();
  waiting_bytes_ -= file->text.ok() ? file->text->size() : 0;
  return file;
}

void ParseAhead::ReadMore() {
  for (;;) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (read_count_ >= paths_.size() || jobs_.size() >= kWindowFiles ||
          waiting_bytes_ >= kWindowBytes) {
        return;
      }
    }
    auto file = std::make_unique<ParsedFile>();
    file->path = paths_[read_count_++];
    file->text = read_(file->path);
    const size_t bytes = file->text.ok() ? file->text->size() : 0;
    read_bytes_ += bytes;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      jobs_.emplace_back().file = std::move(file);
      waiting_bytes_ += bytes;
    }
    changed_.notify_one();
    if (workers_.empty() && read_bytes_ >= kWorthAThread) {
      for (int i = 0; i < threads_; ++i) {
        workers_.emplace_back([this] { Work(); });
      }
    }
  }
}

bool ParseAhead::ParseOne(std::unique_lock<std::mutex>& lock) {
  const auto job = std::find_if(jobs_.begin(), jobs_.end(),
                                [](const Job& j) { return !j.taken; });
  if (job == jobs_.end()) return false;
  Job& mine = *job;
  mine.taken = true;
  lock.unlock();
  ParseFile(*mine.file);
  if (mine.file->toml.ok) check_(*mine.file);
  lock.lock();
  mine.done = true;
  changed_.notify_all();
  return true;
}

void ParseAhead::Work() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (!stop_) {
    if (!ParseOne(lock)) changed_.wait(lock);
  }
}

}  // namespace patform
