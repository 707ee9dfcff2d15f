#pragma once

#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "engine/cli/arguments.h"
#include "engine/cli/exit_code.h"
#include "engine/model/authorization_id.h"
#include "engine/ports/ports.h"

// The table of commands. Parsing, help and dispatch are made of it: a new
// command is one file that defines its row, and its name in command.cc.
namespace patform::cli {

// The format of a view; the value is the file it goes to.
struct ViewIn {
  std::string format;
};

// The member of Arguments that a value goes to. Its type says what the value
// has to be, and whether there may be several.
using Target =
    std::variant<bool Arguments::*, int Arguments::*, std::string Arguments::*,
                 std::string ServiceOptions::*,
                 std::optional<absl::Time> Arguments::*,
                 std::vector<std::string> Arguments::*,
                 std::vector<AuthorizationId> Arguments::*, ViewIn>;

// One flag, or one argument without a name.
struct Flag {
  std::string names;  // "-c,--config"; empty: an argument without a name
  std::string value;  // what help calls its value; empty: a switch
  std::string help;
  Target target;
  // The environment variable that is read when the flag is not given.
  const char* variable = nullptr;
  std::vector<std::string> choices;  // empty: any value
  int least = 0;                     // of a number
  int most = std::numeric_limits<int>::max();
  const char* separators = "";  // any one between values in one word
  bool required = false;        // of an argument without a name
  // What a text has to be, and in words that go behind "expected".
  bool (*valid)(std::string_view text) = nullptr;
  const char* expected = "";

  bool IsSwitch() const { return value.empty(); }
  bool IsRepeatable() const;
  // Each of `names`; of an argument none.
  std::vector<std::string> Names() const;
  // The long name, or what help calls the argument: "--config", "PLAN".
  std::string Name() const;
};

struct Command {
  std::string name;
  std::string what;     // one line for the list of commands
  std::string example;  // whole lines, the first without its indent
  std::vector<Flag> arguments;
  std::vector<Flag> flags;
  // An error is reported by Main(), which gives it an exit code as well.
  absl::StatusOr<ExitCode> (*run)(const Arguments&, Ports&) = nullptr;
  // The first signal ends it at once: all that it may write are the files that
  // the user named, and each of them whole (see Whole() in output.h).
  bool only_reads = false;
  // With --json it prints events, one per line, as they happen.
  bool prints_events = false;
};

// In the order of help.
const std::vector<Command>& Commands();

// Null: there is none of that name.
const Command* FindCommand(std::string_view name);

// A usage error for a word that names no command: says what is nearest to it,
// or what does its job here.
absl::Status UnknownCommand(const std::string& word);

// The flags that go with every command, before or behind its name.
const std::vector<Flag>& GlobalFlags();

}  // namespace patform::cli
