#pragma once

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "engine/base/clock.h"
#include "providers/sinks/local/directory.h"

namespace patform::sinks {

// What is in a directory, sorted; empty where it cannot be read.
std::vector<std::string> NamesIn(const Directory& directory);

// Visits the root and this user's directories below it on its file system,
// through no link: each with its path below the root ("": the root itself) and
// the names in it. Stops at the deadline, and where a tree is deeper or larger
// than secrets are kept in.
void WalkDirectories(
    const Root& root, Deadline deadline,
    absl::FunctionRef<void(const Directory& directory, const std::string& below,
                           const std::vector<std::string>& names)>
        visit);

}  // namespace patform::sinks
