// Reads each file named and prints "ok" or "error" and its name: what the
// program thinks of it, for agree.py to compare with the JSON Schema. After
// --policy=FILE the files are read under that policy file, too.
#include <cstdlib>
#include <iostream>
#include <string>

#include "engine/desired/read_desired.h"
#include "providers/system/system_files.h"
#include "tests/fakes/known.h"

int main(int argc, char** argv) {
  const std::string flag = "--policy=";
  std::string policy;
  for (int i = 1; i < argc; ++i) {
    patform::system::SystemFiles files;
    patform::ReadInput input;
    input.path = argv[i];
    if (input.path.rfind(flag, 0) == 0) {
      policy = input.path.substr(flag.size());
      continue;
    }
    input.policy_path = policy;
    patform::UseKnown(input);
    input.now = absl::FromCivil(absl::CivilSecond(2026, 11, 23, 12, 0, 0),
                                absl::UTCTimeZone());
    input.environment =
        [](const std::string& name) -> std::optional<std::string> {
      const char* value = std::getenv(name.c_str());
      if (value == nullptr) return std::nullopt;
      return value;
    };
    const patform::ReadResult result = patform::ReadDesired(files, input);
    std::cout << (result.state ? "ok " : "error ") << argv[i] << "\n";
  }
  return 0;
}
