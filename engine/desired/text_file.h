#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/desired/problems.h"
#include "engine/desired/toml_value.h"
#include "engine/ports/files.h"
#include "engine/ports/settings.h"

namespace patform {

// A text file that a setting names, a part of the configuration like an
// included one: SettingKey::Kind::kFile.
struct TextFile {
  std::string path;
  std::string text;
  std::string written;  // its name as it is written, and a digest of the text
};

// The file `name` of the setting `key`, which is written at `at`. It must be,
// links resolved, below `directory`, that of the main file. nullopt: it cannot
// be had, which is reported.
std::optional<TextFile> ReadTextFile(Problems& problems, Files& files,
                                     const std::string& directory,
                                     const std::string& key, const Position& at,
                                     const std::string& name);

// Reports what is wrong in the file, at its own lines.
void ReportFaults(Problems& problems, const TextFile& file,
                  const std::vector<TextFault>& faults);

}  // namespace patform
