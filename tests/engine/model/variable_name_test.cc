#include "engine/model/variable_name.h"

#include <gtest/gtest.h>

#include <string>

namespace patform {
namespace {

TEST(VariableName, WhatAShellLetsAFileSet) {
  for (const char* good : {"A", "__", "NUGET_PAT", "a1", "uid", "PATH"}) {
    EXPECT_TRUE(IsSettableVariable(good)) << good;
  }
  for (const char* bad : {"", "1A", "A-B", "A.B", "A B", "A=", "Ä", "A\n", "_",
                          "UID", "RANDOM", "BASH_VERSION"}) {
    EXPECT_FALSE(IsSettableVariable(bad)) << bad;
  }
  EXPECT_TRUE(IsSettableVariable(std::string(255, 'A')));
  EXPECT_FALSE(IsSettableVariable(std::string(256, 'A')));
}

}  // namespace
}  // namespace patform
