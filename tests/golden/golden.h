#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/source_dir.h"

namespace patform {

// Compares `text` with the file `name` of tests/golden, byte for byte.
// PATFORM_UPDATE_GOLDEN=1 writes the file, and fails, so that somebody reads
// it.
inline void ExpectGolden(const std::string& name, const std::string& text) {
  const std::string path = absl::StrCat(kSourceDir, "/tests/golden/", name);
  if (std::getenv("PATFORM_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path, std::ios::binary) << text;
    ADD_FAILURE() << "wrote " << path << "; read it";
    return;
  }
  std::ifstream in(path, std::ios::binary);
  std::stringstream want;
  want << in.rdbuf();
  EXPECT_EQ(text, want.str()) << name;
}

}  // namespace patform
