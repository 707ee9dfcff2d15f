#include "providers/sinks/outputs/github_actions_sink.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>
#include <string_view>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "providers/sinks/local/posix.h"

// The runner reads masks from the log as it is printed, and the file when the
// step has ended. So a mask is always sooner than what it covers, whatever the
// step prints after patform.
namespace patform::sinks {
namespace {

// Open for appending; the runner has made it.
absl::StatusOr<Fd> OpenFile(const std::string& path) {
  Fd fd = OpenAt(AT_FDCWD, path, O_WRONLY | O_APPEND | O_NONBLOCK);
  if (!fd.ok()) return SystemError("open", path, errno);
  struct stat info;
  if (fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode)) {
    return absl::FailedPreconditionError(
        absl::StrCat(Quoted(path), " is not a file"));
  }
  return fd;
}

// Not to be set by a step; the runner refuses or ignores them.
std::string KeyFault(std::string_view key) {
  const bool taken = key.starts_with("GITHUB_") || key.starts_with("RUNNER_") ||
                     key == "NODE_OPTIONS" || key == "CI" || key == "PATH";
  return taken ? "a variable that is not the runner's own" : "";
}

}  // namespace

// The file is opened as the delivery will open it, and nothing is written.
absl::Status GitHubActionsSink::Ready(const Delivery&) {
  if (Variable("GITHUB_ACTIONS") != "true") {
    return Refused(
        "this is not a job of GitHub Actions (GITHUB_ACTIONS is not \"true\"), "
        "so the secret would only be printed. Apply in the workflow, or "
        "deliver to another sink");
  }
  const std::string path = Variable(file_);
  if (path.empty()) {
    return Refused(absl::StrCat("the runner has not set ", file_));
  }
  const absl::Status opened = OpenFile(path).status();
  return opened.ok() ? opened : Refused(StdView(opened.message()));
}

// The masks are harmless alone, the value is not: so they are printed first,
// and an error of the file leaves nothing that was not covered.
absl::Status GitHubActionsSink::Set(const Delivery& place, const Secret& value,
                                    const std::vector<Secret>& masks) {
  const std::string path = Variable(file_);
  // Before anything is printed: a mask without a variable helps nobody.
  PATFORM_ASSIGN_OR_RETURN(const Fd fd, OpenFile(path));
  Secret lines;
  for (const Secret& mask : masks) {
    lines.Append("::add-mask::");
    for (const char c : mask.Reveal()) {
      lines.Append(c == '%' ? "%25" : std::string_view(&c, 1));
    }
    lines.Append("\n");
  }
  // Printed and not set is not written: masks alone do no harm.
  if (const absl::Status printed = machine_.print(lines); !printed.ok()) {
    return Refused(StdView(printed.message()));
  }
  // Random, or a value with the delimiter in it could set other variables.
  const std::string delimiter = absl::StrCat(
      "ghadelimiter_", absl::Hex(machine_.random(), absl::kZeroPad16),
      absl::Hex(machine_.random(), absl::kZeroPad16));
  Secret entry(absl::StrCat(place.key, "<<", delimiter, "\n"));
  entry.Append(value.Reveal());
  entry.Append(absl::StrCat("\n", delimiter, "\n"));
  const int error = WriteAll(fd.get(), entry.Reveal());
  if (error == 0) return absl::OkStatus();
  // A part of it may be there, which the runner reads or refuses.
  return absl::UnknownError(SystemError("write to", path, error).message());
}

// Its names are case-sensitive in a job on Linux, as the shell has them.
Row GitHubActionsRow() {
  Row row = JobOutputRow();
  row.type.name = "github-actions";
  row.type.doc =
      "An output or a variable of the GitHub Actions job that patform runs "
      "in; never a token's first place.";
  row.type.keys = {{"to",
                    SettingKey::Kind::kText,
                    false,
                    "An output of the step, or a variable of later steps. "
                    "Default output.",
                    {"output", "environment"}}};
  row.type.place.key_doc = "it is the name of the output or variable";
  row.type.place.key_fault = KeyFault;
  row.open = [](const Opening& opening)
      -> absl::StatusOr<std::unique_ptr<SecretSink>> {
    return std::make_unique<GitHubActionsSink>(opening);
  };
  return row;
}

}  // namespace patform::sinks
