#pragma once

#include <string>
#include <string_view>

// What this program is. Both come from files that the build writes, so that
// another version or commit compiles one source again and not all of them.
namespace patform {

extern const char* const kVersion;  // "0.1.0"

// "patform 0.1.0 (commit e01d288c0ffe, GNU 12.2.0)", a line. "-dirty" behind
// the commit: some file is not as that commit has it. "unknown" in its place:
// built outside of a git checkout. Of the library patform_build, which is
// linked with programs only: each commit makes it again.
std::string BuildLine(std::string_view program);

// The same in parts: "e01d288c0ffe", "GNU 12.2.0".
struct Build {
  const char* commit;
  const char* compiler;
};
Build BuildOf();

}  // namespace patform
