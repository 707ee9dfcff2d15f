// Reads each file named and prints "ok" or "error" and its name: what the
// program thinks of it, for agree.py to compare with the JSON Schema.
#include <cstdlib>
#include <iostream>

#include "engine/desired/read_desired.h"
#include "providers/system/system_files.h"

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    patform::system::SystemFiles files;
    patform::ReadInput input;
    input.path = argv[i];
    input.now = absl::FromCivil(absl::CivilSecond(2026, 11, 23, 12, 0, 0),
                                absl::UTCTimeZone());
    input.environment = [](const std::string&) -> std::optional<std::string> {
      return std::nullopt;
    };
    const patform::ReadResult result = patform::ReadDesired(files, input);
    std::cout << (result.state ? "ok " : "error ") << argv[i] << "\n";
  }
  return 0;
}
