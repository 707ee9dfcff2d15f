#pragma once

#include <istream>
#include <ostream>

namespace patform {

// What a person or a script sees of a run, and may answer to it.
struct Terminal {
  std::ostream& out;  // results
  std::ostream& err;  // everything else
  std::istream& in;
  // Whether a person is at the other end of each; false for files and pipes.
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  bool in_is_terminal = false;
  int columns = 80;
  // A program reads JSON from `out`: nothing else may be written there.
  bool out_is_json = false;
};

}  // namespace patform
