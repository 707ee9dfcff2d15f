#include "providers/system/program.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "providers/system/child_process.h"

extern char** environ;

namespace patform::system {
namespace {

// Shorter ones are words that others may well use, too.
constexpr size_t kShortestSecret = 16;

std::string_view NameOf(std::string_view variable) {
  return variable.substr(0, variable.find('='));
}

std::string_view ValueOf(std::string_view variable) {
  const size_t at = variable.find('=');
  return at == variable.npos ? "" : variable.substr(at + 1);
}

bool IsOurs(std::string_view variable) {
  return variable.starts_with("PATFORM_");
}

// PATFORM_ACCESS_TOKEN, PATFORM_PLAN_KEY and what may come to be beside them.
bool HoldsSecret(std::string_view variable) {
  const std::string_view name = NameOf(variable);
  return IsOurs(variable) && !name.starts_with("PATFORM_VAR_") &&
         !name.ends_with("_FILE") &&
         (name.find("TOKEN") != name.npos || name.find("KEY") != name.npos ||
          name.find("SECRET") != name.npos) &&
         ValueOf(variable).size() >= kShortestSecret;
}

// A pipeline's own BEARER, which PATFORM_ACCESS_TOKEN was made of, is the same
// secret.
std::vector<std::string> EnvironmentOf(const ProgramCall& call) {
  std::vector<std::string_view> all, secrets;
  for (char** each = environ; each != nullptr && *each != nullptr; ++each) {
    all.emplace_back(*each);
    if (HoldsSecret(*each)) secrets.push_back(ValueOf(*each));
  }
  std::vector<std::string> kept;
  for (const std::string_view variable : all) {
    const bool repeats = std::any_of(
        secrets.begin(), secrets.end(), [&](std::string_view secret) {
          return ValueOf(variable).find(secret) != variable.npos;
        });
    // Of a name that the call sets, the call's value alone.
    const bool replaced =
        std::any_of(call.variables.begin(), call.variables.end(),
                    [&](const std::string& own) {
                      return NameOf(own) == NameOf(variable);
                    });
    if (!IsOurs(variable) && !repeats && !replaced) kept.emplace_back(variable);
  }
  kept.insert(kept.end(), call.variables.begin(), call.variables.end());
  return kept;
}

bool IsFile(const std::string& path) {
  struct stat info;
  return stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode);
}

absl::Status MayNotRun(const std::string& path) {
  return absl::PermissionDeniedError(
      absl::StrCat(Visible(path), " is not a program that may be run"));
}

absl::StatusOr<std::string> FileOf(
    const ProgramCall& call, const std::vector<std::string>& environment) {
  if (call.words.empty()) {
    return absl::InvalidArgumentError("there is no program to run");
  }
  std::string path = "/usr/local/bin:/usr/bin:/bin";  // where PATH is not set
  for (const std::string& variable : environment) {
    if (NameOf(variable) == "PATH") path = std::string(ValueOf(variable));
  }
  return FindProgram(call.words[0], path);
}

}  // namespace

absl::StatusOr<std::string> FindProgram(const std::string& word,
                                        const std::string& path) {
  if (absl::StrContains(word, '/')) return word;
  std::string found;
  for (absl::string_view folder : absl::StrSplit(path, ':')) {
    if (!absl::StartsWith(folder, "/") || word.empty()) continue;
    const std::string file = absl::StrCat(folder, "/", word);
    if (!IsFile(file)) continue;
    if (access(file.c_str(), X_OK) == 0) return file;
    if (found.empty()) found = file;
  }
  if (!found.empty()) return MayNotRun(found);
  return absl::NotFoundError(
      absl::StrCat("there is no program ", Visible(word), " in PATH"));
}

SystemPrograms::SystemPrograms(std::function<bool()> interrupted)
    : interrupted_(std::move(interrupted)) {}

absl::StatusOr<ProgramResult> SystemPrograms::Run(const ProgramCall& call,
                                                  Deadline deadline) {
  const std::vector<std::string> environment = EnvironmentOf(call);
  PATFORM_ASSIGN_OR_RETURN(const std::string file, FileOf(call, environment));
  ChildProcess child;
  PATFORM_RETURN_IF_ERROR(child.Start(file, call, environment));
  return child.Finish(call, deadline, interrupted_);
}

absl::Status SystemPrograms::Leave(const ProgramCall& call) {
  const std::vector<std::string> environment = EnvironmentOf(call);
  PATFORM_ASSIGN_OR_RETURN(const std::string file, FileOf(call, environment));
  return StartAndLeave(file, call, environment);
}

}  // namespace patform::system
