#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "engine/cli/exit_code.h"
#include "engine/ports/ports.h"

// A command that fails returns a status; Main() reports it, once. These are
// what a report can say besides the status's message.
namespace patform::cli {

// A last line: what to do next.
absl::Status WithAdvice(absl::Status status, const std::string& advice);

// kInvalidArgument: the words that were typed make no sense. Its advice is
// where to read how they would.
absl::Status UsageError(const std::string& message);

// `text` with "; did you mean X?" behind it, if one of the candidates is near
// `word`. `quote` goes around it.
std::string WithNearest(std::string text, std::string_view word,
                        const std::vector<std::string>& candidates,
                        const char* quote = "");

// Lines below the message, already fit for a terminal.
absl::Status WithDetails(absl::Status status,
                         const std::vector<std::string>& lines);

// A file that the user named could not be written. That it may not be is a
// matter of the disk and not of signing in, as which kPermissionDenied would
// be reported.
absl::Status OfFile(const absl::Status& status);

// Writes the error to the terminal's `err`, and with `as_event` to `out` as an
// event of the stream. The exit code for it.
ExitCode Report(Ports& ports, const absl::Status& status,
                bool as_event = false);

}  // namespace patform::cli
