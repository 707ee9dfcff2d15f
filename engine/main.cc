// Hands everything outside of the program to the command line. Reading order:
// engine/pipeline.cc, engine/cli/cli.cc, providers/wiring.cc.
#include <unistd.h>

#include <cstring>
#include <exception>
#include <new>
#include <string>
#include <vector>

#include "engine/cli/cli.h"
#include "engine/cli/exit_code.h"
#include "providers/wiring.h"

namespace {

// What no step has made an outcome of. Needs no memory.
int OutOf(const char* what, const char* do_next) {
  for (const char* part :
       {"patform: the machine has run out of something: ", what, ". ", do_next,
        " and run patform again: what an apply has begun, the next one "
        "finishes.\n"}) {
    [[maybe_unused]] const ssize_t n =
        write(STDERR_FILENO, part, std::strlen(part));
  }
  return patform::cli::kError;
}

}  // namespace

int main(int argc, char** argv) {
  if (!patform::PrepareProcess()) {
    return OutOf("memory", "Raise its limit (ulimit -v)");
  }
  try {
    patform::Wiring wiring;
    return patform::cli::Main(std::vector<std::string>(argv + 1, argv + argc),
                              wiring.ports());
  } catch (const std::bad_alloc&) {
    return OutOf("memory", "Give it more");
  } catch (const std::exception& why) {
    return OutOf(why.what(), "Raise its limits (ulimit -a)");
  }
}
