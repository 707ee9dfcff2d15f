#include "engine/desired/parse_ahead.h"

#include <algorithm>
#include <utility>

#include "engine/base/strings.h"
#include "engine/desired/plain_toml.h"

// Reads files in order, cuts the large ones, parses them on several threads,
// and hands them out in order: diagnostics have to be the same in each run,
// whatever thread was faster.
namespace patform {
namespace {

// What is in memory at once: so many files, or so many bytes of text.
constexpr size_t kWindowFiles = 64;
constexpr size_t kWindowBytes = 512 << 10;
// Below this a thread costs more than it saves.
constexpr size_t kWorthAThread = 64 << 10;

// A NUL is valid UTF-8, but not in TOML.
bool IsText(std::string_view text) {
  return IsValidUtf8(text) && text.find('\0') == text.npos;
}

}  // namespace

// An empty file is not an error by itself; the caller decides.
bool IsBlank(const std::string& text) {
  return text.find_first_not_of(" \t\r\n") == std::string::npos;
}

// Checks first, parser last: the parser needs time and memory for what is deep
// or long, so such a text never reaches it.
void ParseFile(ParsedFile& file) {
  if (!file.text.ok() || IsBlank(*file.text)) return;
  file.is_text = IsText(*file.text);
  if (!file.is_text) return;
  file.excess = FindExcess(*file.text);
  if (!file.excess) file.toml = ParseToml(*file.text);
}

// As ParseFile(), but nothing is reported here: why a piece is not fit to be
// read alone is told by reading the whole.
void ParsePiece(ParsedFile& piece) {
  // Blank at the end of a file.
  if (IsBlank(*piece.text)) return;
  piece.is_text = IsText(*piece.text);
  piece.unfit_at = piece.first_line;
  if (!piece.is_text) return;
  if (const std::optional<TomlExcess> excess = FindExcess(*piece.text)) {
    piece.unfit_at += excess->at.line - 1;
    return;
  }
  std::optional<TomlValue> plain =
      ParsePlainToml(*piece.text, piece.first_line, &piece.unfit_at);
  if (!plain) return;
  const auto odd = std::find_if(
      plain->members.begin(), plain->members.end(),
      [](const TomlValue::Member& member) { return member.key != "token"; });
  piece.unfit_at = odd == plain->members.end() ? 0 : odd->at.line;
  piece.toml.ok = piece.unfit_at == 0;
  piece.toml.root = *std::move(plain);
}

ParseAhead::ParseAhead(std::pair<std::string, TomlPieces> first,
                       std::vector<std::string> paths, bool in_pieces,
                       ReadFile read, Check check, Threads threads)
    : pieces_(std::move(first)),
      paths_(std::move(paths)),
      in_pieces_(in_pieces),
      read_(read),
      check_(check),
      threads_(threads) {}

// Whoever gives up early leaves files behind; they are not parsed any more.
ParseAhead::~ParseAhead() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

int ParseAhead::Helpers(bool beside_lists) {
  // Past a few the caller, who takes what was parsed, is the slower one. A
  // list is one answer after the other: on two cores it ends a third later if
  // both are kept busy parsing.
  const unsigned busy = beside_lists ? 2 : 1;
  const unsigned cores =
      std::min(std::thread::hardware_concurrency(), 3 + busy);
  return cores > busy ? static_cast<int>(cores - busy) : 0;
}

// The file whose turn it is. While another thread has it, this one parses the
// next ones.
std::unique_ptr<ParsedFile> ParseAhead::Next() {
  ReadMore();
  HireMore();
  std::unique_lock<std::mutex> lock(mutex_);
  if (jobs_.empty()) return nullptr;
  while (!jobs_.front().done) {
    if (!ParseOne(lock)) changed_.wait(lock);
  }
  // An exception belongs to the caller's thread.
  if (jobs_.front().failure) std::rethrow_exception(jobs_.front().failure);
  std::unique_ptr<ParsedFile> file = std::move(jobs_.front().file);
  jobs_.pop_front();
  waiting_bytes_ -= file->text.ok() ? file->text->size() : 0;
  return file;
}

void ParseAhead::ReadMore() {
  {
    // Many at a time: to be woken for each costs a worker more than a small
    // file does.
    const std::lock_guard<std::mutex> lock(mutex_);
    if (jobs_.size() > kWindowFiles / 2) return;
  }
  for (;;) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (jobs_.size() >= kWindowFiles || waiting_bytes_ >= kWindowBytes) {
        return;
      }
    }
    std::unique_ptr<ParsedFile> file = Read();
    if (file == nullptr) return;
    const size_t bytes = file->text.ok() ? file->text->size() : 0;
    read_bytes_ += bytes;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      jobs_.emplace_back().file = std::move(file);
      waiting_bytes_ += bytes;
    }
    changed_.notify_one();
  }
}

// A file is cut as its pieces are wanted: of a large one only the window's part
// is in memory twice.
std::unique_ptr<ParsedFile> ParseAhead::Read() {
  auto file = std::make_unique<ParsedFile>();
  auto& [path, pieces] = pieces_;
  if (pieces.done()) {
    if (read_count_ >= paths_.size()) return nullptr;
    file->path = paths_[read_count_++];
    // Reads are made by the caller alone: a Files is not for several threads.
    file->text = read_(file->path);
    if (!in_pieces_ || !file->text.ok() ||
        file->text->size() < TomlPieces::kWorthCutting) {
      return file;
    }
    path = file->path;
    pieces = TomlPieces(*std::move(file->text));
  }
  TomlPiece piece = pieces.Next();
  file->path = path;
  file->text = std::move(piece.text);
  file->is_piece = true;
  file->first_line = piece.first_line;
  return file;
}

// Threads are added as it turns out how much there is to read.
void ParseAhead::HireMore() {
  if (read_bytes_ < kWorthAThread || no_more_threads_) return;
  try {
    for (int more = threads_() - static_cast<int>(workers_.size()); more > 0;
         --more) {
      workers_.emplace_back([this] { Work(); });
    }
  } catch (const std::exception&) {
    no_more_threads_ = true;  // the caller parses what nobody else does
  }
}

// Called and left with the lock held. False: nothing is left to take.
bool ParseAhead::ParseOne(std::unique_lock<std::mutex>& lock) {
  const auto job = std::find_if(jobs_.begin(), jobs_.end(),
                                [](const Job& j) { return !j.taken; });
  if (job == jobs_.end()) return false;
  // A deque: the job stays where it is while others are added.
  Job& mine = *job;
  mine.taken = true;
  lock.unlock();
  std::exception_ptr failure;
  try {
    (mine.file->is_piece ? ParsePiece : ParseFile)(*mine.file);
    if (mine.file->toml.ok) check_(*mine.file);
  } catch (const std::exception&) {
    failure = std::current_exception();
  }
  lock.lock();
  mine.failure = failure;
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
