#pragma once

#include <string>
#include <vector>

#include "tests/model/world.h"

namespace patform::model {

// A setup from words like "places=cas,lww runs=2 crashes=1 losses=1". Places:
// cas, lww (one write with or without compare-and-set), cas2, lww2 (two
// writes), silent (keeps no record), stale and cas-stale (their reads lag).
// Where the two versions of the file deliver: "old=0,1 new=1".
// Empty name: a word that is not known, in `error`.
Setup ParseSetup(const std::string& name, const std::string& words,
                 std::string* error);

struct Trial {
  Setup setup;
  // "" when every invariant must hold; else the one that must break here.
  std::string breaks;
  bool deep = false;  // not in the run that every change has to pass
};

// What is explored, and the broken machines that must be caught.
const std::vector<Trial>& Trials();

}  // namespace patform::model
