#include "engine/cli/hints.h"

namespace patform::cli {
namespace {

// What several words ask for.
constexpr char kRevoke[] =
    "to revoke a token, remove its table from the configuration and run "
    "`patform apply`";
constexpr char kRotate[] = "`patform apply --rotate NAME` rotates a token now";
constexpr char kDeclare[] =
    "to create a token, declare it in the configuration and run `patform "
    "apply`";
constexpr char kList[] =
    "`patform status` lists the declared tokens, `patform audit` all of them";
constexpr char kFresh[] =
    "every plan reads what exists; `patform status` shows it";
constexpr char kValidate[] = "`patform validate` checks the configuration";
constexpr char kSignIn[] =
    "patform signs in with the access token in PATFORM_ACCESS_TOKEN";
constexpr char kNoLock[] = "patform keeps no state file that could be locked";
constexpr char kFormat[] =
    "`--format json` chooses what is printed, `--out FILE` the file to write";
constexpr char kConfig[] = "`--config PATH` (or `-c`) names the configuration";
constexpr char kNoQuestions[] =
    "`--auto-approve` (or `-y`) applies without asking";
constexpr char kVariables[] =
    "`${NAME}` in [sink.*] and [auth] reads an environment variable";
constexpr char kNeverATerminal[] =
    "secrets go where `deliver` says and are never printed; `patform status` "
    "lists the places";

}  // namespace

const std::vector<Hint>& Hints() {
  static const auto& hints = *new std::vector<Hint>{
      // Commands.
      {"adopt", "`patform import` writes TOML for tokens that exist"},
      {"auth", kSignIn},
      {"check", kValidate},
      {"create", kDeclare},
      {"delete", kRevoke},
      {"describe", "`patform status NAME` shows one token"},
      {"destroy", kRevoke},
      {"diff", "`patform plan` shows what apply would change"},
      {"fmt", "patform formats no files; `patform validate` checks them"},
      {"force-unlock", kNoLock},
      {"get", kList},
      {"lint", kValidate},
      {"list", kList},
      {"login", kSignIn},
      {"ls", kList},
      {"new", kDeclare},
      {"output", kNeverATerminal},
      {"refresh", kFresh},
      {"replace", kRotate},
      {"revoke", kRevoke},
      {"rm", kRevoke},
      {"rotate", kRotate},
      {"state",
       "patform keeps no state file; `patform status` lists what exists"},
      {"taint", kRotate},
      {"test", kValidate},
      {"workspace", "`workspace` is a key of the configuration"},
      // Flags.
      {"--destroy", kRevoke},
      {"--dry-run", "`patform plan` shows what apply would change"},
      {"--file", kConfig},
      {"--filename", kConfig},
      {"--input", "nothing is asked when standard input is not a terminal"},
      {"--json", "`--format json` prints JSON"},
      {"--lock", kNoLock},
      {"--lock-timeout", kNoLock},
      {"--org", "the configuration names the organization"},
      {"--output", kFormat},
      {"--refresh", kFresh},
      {"--refresh-only", kFresh},
      {"--token", kSignIn},
      {"--var", kVariables},
      {"--var-file", kVariables},
      {"--yes", kNoQuestions},
      {"-f", kConfig},
      {"-o", kFormat},
  };
  return hints;
}

const char* HintFor(std::string_view word) {
  for (const Hint& hint : Hints()) {
    if (word == hint.word) return hint.hint;
  }
  return nullptr;
}

}  // namespace patform::cli
