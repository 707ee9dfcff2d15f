#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "engine/desired/problems.h"
#include "engine/desired/toml_limits.h"
#include "engine/desired/toml_pieces.h"
#include "engine/desired/toml_reader.h"
#include "engine/model/token.h"

namespace patform {

// One file of the configuration, read and parsed.
struct ParsedFile {
  std::string path;
  absl::StatusOr<std::string> text;
  bool is_text = false;  // UTF-8 without NUL; only such a text is parsed
  std::optional<TomlExcess> excess;  // nor is one that has this
  TomlResult toml;
  // Its text is a piece of the file.
  bool is_piece = false;
  int first_line = 1;  // of the text
  // The first line of a piece that is not as it has to be, so that the file has
  // to be read whole; 0: there is none.
  int unfit_at = 0;
  // What the caller made of it.
  std::vector<DesiredToken> tokens;
  Problems problems;
};

// Does it contain nothing but spaces and line breaks?
bool IsBlank(const std::string& text);

// Fills in `is_text`, `excess` and `toml` of a file that has been read.
void ParseFile(ParsedFile& file);

// The same of a piece, or `unfit_at`: where it is not plain_toml.h's, or has
// more than tables of tokens in it.
void ParsePiece(ParsedFile& piece);

// Many files, large ones in pieces, one after the other. Parsing and checking
// take most of the time that reading a large configuration does, so they
// continue with the next files, on threads of their own, while the caller works
// on this one. What comes out does not depend on that: the files in the order
// that was given, and the pieces of each, every one once. Files are read on the
// caller's thread.
class ParseAhead {
 public:
  using ReadFile =
      absl::FunctionRef<absl::StatusOr<std::string>(const std::string&)>;
  using Check = absl::FunctionRef<void(ParsedFile&)>;
  using Threads = absl::FunctionRef<int()>;

  // All three must outlive this. `first`: what is left of a file that has been
  // read, and its path; `in_pieces`: large files are cut as well. `check` is
  // called once for each file that was parsed, on any thread, for several at a
  // time. `threads`: how many helpers there may be, 0: none; asked again for
  // each file, once one is there it stays.
  ParseAhead(std::pair<std::string, TomlPieces> first,
             std::vector<std::string> paths, bool in_pieces, ReadFile read,
             Check check, Threads threads);
  ParseAhead(const ParseAhead&) = delete;
  ParseAhead& operator=(const ParseAhead&) = delete;
  ~ParseAhead();

  // As many as can help on this machine, while lists of tokens are read, too,
  // or not.
  static int Helpers(bool beside_lists);

  // The next file or piece; null after the last.
  std::unique_ptr<ParsedFile> Next();

 private:
  struct Job {
    std::unique_ptr<ParsedFile> file;
    bool taken = false;
    bool done = false;
    std::exception_ptr failure;  // what parsing threw
  };

  void ReadMore();
  // The next one to parse; null: there is none.
  std::unique_ptr<ParsedFile> Read();
  void HireMore();
  // Parses the first job that nobody has taken; false: there is none.
  bool ParseOne(std::unique_lock<std::mutex>& lock);
  void Work();

  std::pair<std::string, TomlPieces> pieces_;  // of the file at hand
  const std::vector<std::string> paths_;
  const bool in_pieces_;
  const ReadFile read_;
  const Check check_;
  const Threads threads_;
  size_t read_count_ = 0;
  size_t read_bytes_ = 0;
  std::vector<std::thread> workers_;
  bool no_more_threads_ = false;  // the machine gave none

  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by the mutex; a deque, because jobs must not move when others come
  // and go.
  std::deque<Job> jobs_;
  size_t waiting_bytes_ = 0;  // of the files in it
  bool stop_ = false;
};

}  // namespace patform
