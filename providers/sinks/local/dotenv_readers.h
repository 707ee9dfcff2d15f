#pragma once

#include <cstddef>
#include <string>
#include <string_view>

// How the programs that read .env files would read one: a POSIX shell that
// sources it (bash, dash), `docker run --env-file`, python-dotenv and dotenv
// for Node. Enough of each to tell whether one assignment means the same to
// all of them; what the other lines mean to whom is not decided here.
namespace patform::sinks {

// An assignment as it was written.
struct WrittenLine {
  std::string_view key;
  std::string_view value;  // the exact bytes that every reader must find
  size_t name_at = 0;      // where the key begins in the text
  bool exported = false;   // `export` is in front of it
};

// Which reader would find another value, or none, under that key, and why: "a
// shell does not get to KEY, because a quote is open since line 3". Empty: all
// of them read exactly `line.value`. Docker rejects every file that has an
// `export`, so it is not asked about an exported line.
std::string WhoMisreads(std::string_view text, const WrittenLine& line);

}  // namespace patform::sinks
