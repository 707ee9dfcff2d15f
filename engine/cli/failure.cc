#include "engine/cli/failure.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "engine/base/strings.h"
#include "engine/base/wrap.h"
#include "engine/report/events.h"

namespace patform::cli {
namespace {

constexpr char kAdvice[] = "patform/advice";
constexpr char kDetails[] = "patform/details";

// Details that are shown; the rest is counted.
constexpr size_t kShown = 40;

std::string PayloadOf(const absl::Status& status, const char* which) {
  return std::string(status.GetPayload(which).value_or(absl::Cord()));
}

}  // namespace

absl::Status WithAdvice(absl::Status status, const std::string& advice) {
  status.SetPayload(kAdvice, absl::Cord(advice));
  return status;
}

absl::Status UsageError(const std::string& message) {
  return WithAdvice(absl::InvalidArgumentError(message),
                    "Run `patform help` for the commands, `patform COMMAND "
                    "--help` for one.");
}

std::string WithNearest(std::string text, std::string_view word,
                        const std::vector<std::string>& candidates,
                        const char* quote) {
  if (const auto nearest = Nearest(word, candidates)) {
    absl::StrAppend(&text, "; did you mean ", quote, *nearest, quote, "?");
  }
  return text;
}

absl::Status WithDetails(absl::Status status,
                         const std::vector<std::string>& lines) {
  status.SetPayload(kDetails, absl::Cord(absl::StrJoin(lines, "\n")));
  return status;
}

absl::Status OfFile(const absl::Status& status) {
  if (!absl::IsPermissionDenied(status)) return status;
  return absl::FailedPreconditionError(status.message());
}

ExitCode Report(Ports& ports, const absl::Status& status, bool as_event) {
  const std::string message(status.message());
  const std::string details = PayloadOf(status, kDetails);
  // Programs get all of it.
  if (as_event) {
    ports.terminal->out << RenderErrorEvent(
        absl::StrCat(message, details.empty() ? "" : "\n", details),
        ports.clock->Now());
  }
  const int columns =
      ports.terminal->err_is_terminal ? ports.terminal->columns : 0;
  ports.terminal->err << Wrapped(absl::StrCat("patform: ", Visible(message)),
                                 columns, 4)
                      << "\n";
  const std::vector<std::string> lines =
      absl::StrSplit(details, '\n', absl::SkipEmpty());
  for (size_t i = 0; i < std::min(lines.size(), kShown); ++i) {
    ports.terminal->err << "    " << lines[i] << "\n";
  }
  if (lines.size() > kShown) {
    ports.terminal->err << "    … and " << lines.size() - kShown << " more\n";
  }
  if (const std::string advice = PayloadOf(status, kAdvice); !advice.empty()) {
    ports.terminal->err << Wrapped(advice, columns) << "\n";
  }
  return ExitCodeFor(status, ports.run->Signal());
}

}  // namespace patform::cli
