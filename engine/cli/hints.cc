#include "engine/cli/hints.h"

// People come from Terraform, kubectl, gh and az, and type what they know. Each
// hint names the command that does the job here; a word that would do something
// else than there has none.
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
    "`patform login` signs in, `patform logout` forgets that";
constexpr char kBearer[] =
    "`patform login` signs in; an access token of your own is read from "
    "PATFORM_ACCESS_TOKEN, or with `--access-token-stdin`";
constexpr char kApplication[] =
    "`tenant` and `client_id` in [auth] say where, and as which application, "
    "to sign in";
constexpr char kScopes[] = "`patform scopes WORD` finds scopes";
constexpr char kDoctor[] =
    "`patform doctor` checks all that a run needs, and says what to mend";
constexpr char kLifetimes[] =
    "`lifetime` or `expires` in a token's table sets when it ends";
constexpr char kProgress[] =
    "there is one level of detail; `--json` prints everything that is known";
constexpr char kColor[] =
    "colours are used on a terminal; `--no-color` turns them off, and "
    "FORCE_COLOR=1 on";
constexpr char kWorkers[] = "`patform apply --parallelism N` sets it";
constexpr char kSnapshotHint[] =
    "`patform snapshot --out FILE` writes what exists to a file";
constexpr char kUpdate[] =
    "to change a token, edit its table and run `patform apply`";
constexpr char kCertificates[] =
    "SSL_CERT_FILE names the certificates that are trusted";
constexpr char kExitCode[] =
    "`--detailed-exitcode` makes changes and risks an exit code of 2";
constexpr char kNames[] = "names of tokens are arguments or `--target NAME`";
constexpr char kNoLock[] = "patform keeps no state file that could be locked";
constexpr char kFormat[] =
    "`--format json` chooses what is printed, `--out FILE` the file to write";
constexpr char kConfig[] = "`--config PATH` (or `-c`) names the configuration";
constexpr char kNoQuestions[] =
    "`--auto-approve` (or `-y`) applies without asking";
constexpr char kVariables[] =
    "`${NAME}` in [sink.*], [auth] and [identity.*] reads an environment "
    "variable";
constexpr char kNeverATerminal[] =
    "secrets go where `deliver` says and are never printed; `patform status` "
    "lists the places";

}  // namespace

const std::vector<Hint>& Hints() {
  static const auto& hints = *new std::vector<Hint>{
      // Commands.
      {"add", kDeclare},
      {"adopt", "`patform import` writes TOML for tokens that exist"},
      {"approve", "`patform apply --approve DIGEST` applies what was approved"},
      {"auth", kSignIn},
      {"backup", kSnapshotHint},
      {"check", kValidate},
      {"clean", "`patform apply` tidies up what an interrupted run left"},
      {"completion",
       "patform has no completion for shells; `patform help --json` lists "
       "commands and flags"},
      {"config", kConfig},
      {"create", kDeclare},
      {"delete", kRevoke},
      {"deploy", "`patform apply` does what `patform plan` shows"},
      {"describe", "`patform status NAME` shows one token"},
      {"destroy", kRevoke},
      {"diagnose", kDoctor},
      {"diff", "`patform plan` shows what apply would change"},
      {"down", kRevoke},
      {"drift", "`patform plan` shows what differs from the configuration"},
      {"edit", kUpdate},
      {"env", "`patform help` lists the environment variables"},
      {"expire", kRevoke},
      {"export", "`patform import` writes TOML for tokens that exist"},
      {"extend", kLifetimes},
      {"fmt", "patform formats no files; `patform validate` checks them"},
      {"force-unlock", kNoLock},
      {"format", "patform formats no files; `patform validate` checks them"},
      {"gc", "`patform apply` tidies up what an interrupted run left"},
      {"get", kList},
      {"info", kList},
      {"lint", kValidate},
      {"list", kList},
      {"ls", kList},
      {"man", "`patform help COMMAND` is the manual"},
      {"mv",
       "`renamed_from` in a token's table keeps the token under a new name"},
      {"new", kDeclare},
      {"output", kNeverATerminal},
      {"pat", kList},
      {"pats", kList},
      {"ping", kDoctor},
      {"preview", "`patform plan` shows what apply would change"},
      {"prune",
       "[policy] unmanaged = \"revoke\" ends tokens that are in no "
       "configuration"},
      {"refresh", kFresh},
      {"release",
       "`ensure = \"released\"` in a token's table leaves it alive and forgets "
       "it"},
      {"remove", kRevoke},
      {"rename",
       "`renamed_from` in a token's table keeps the token under a new name"},
      {"renew", kRotate},
      {"replace", kRotate},
      {"reset", kRotate},
      {"revoke", kRevoke},
      {"rm", kRevoke},
      {"rotate", kRotate},
      {"run", "`patform apply` does what `patform plan` shows"},
      {"scope", kScopes},
      {"search", kScopes},
      {"secret", kNeverATerminal},
      {"secrets", kNeverATerminal},
      {"sign-in", kSignIn},
      {"signin", kSignIn},
      {"signout", kSignIn},
      {"state",
       "patform keeps no state file; `patform status` lists what exists"},
      {"sync", "`patform apply` does what `patform plan` shows"},
      {"taint", kRotate},
      {"test", kValidate},
      {"token", kList},
      {"tokens", kList},
      {"unlock", kNoLock},
      {"unmanage",
       "`ensure = \"released\"` in a token's table leaves it alive and forgets "
       "it"},
      {"up", "`patform apply` does what `patform plan` shows"},
      {"update", kUpdate},
      {"upgrade", "patform does not update itself"},
      {"watch", kList},
      {"workspace", "`workspace` is a key of the configuration"},
      // Flags.
      {"--access-token", kBearer},
      {"--all", kNames},
      {"--backend-config", kNoLock},
      {"--bearer", kBearer},
      {"--ca-cert", kCertificates},
      {"--cacert", kCertificates},
      {"--check", kExitCode},
      {"--client-id", kApplication},
      {"--color", kColor},
      {"--colour", kColor},
      {"--concurrency", kWorkers},
      {"--days", kLifetimes},
      {"--debug", kProgress},
      {"--destroy", kRevoke},
      {"--dry-run", "`patform plan` shows what apply would change"},
      {"--exit-code", kExitCode},
      {"--expires", kLifetimes},
      {"--file", kConfig},
      {"--filename", kConfig},
      {"--force", kNoQuestions},
      {"--input", "nothing is asked when standard input is not a terminal"},
      {"--insecure", kCertificates},
      {"--lifetime", kLifetimes},
      {"--lock", kNoLock},
      {"--lock-timeout", kNoLock},
      {"--log-level", kProgress},
      {"--name", kNames},
      {"--no-input", "nothing is asked when standard input is not a terminal"},
      {"--non-interactive",
       "nothing is asked when standard input is not a terminal"},
      {"--org", "the configuration names the organization"},
      {"--organisation", "the configuration names the organization"},
      {"--output", kFormat},
      {"--password", kBearer},
      {"--pat", kBearer},
      {"--refresh", kFresh},
      {"--refresh-only", kFresh},
      {"--scope", "`scopes` in a token's table names its scopes"},
      {"--scopes", "`scopes` in a token's table names its scopes"},
      {"--silent", "`--quiet` (or `-q`) leaves out progress"},
      {"--state", kNoLock},
      {"--table", kFormat},
      {"--tenant", kApplication},
      {"--token", kBearer},
      {"--trace", kProgress},
      {"--upgrade", "patform does not update itself"},
      {"--var", kVariables},
      {"--var-file", kVariables},
      {"--verbose", kProgress},
      {"--watch", kList},
      {"--workers", kWorkers},
      {"--workspace", "`workspace` is a key of the configuration"},
      {"--yaml", kFormat},
      {"--yes", kNoQuestions},
      {"-V", "`patform version` prints the version"},
      {"-f", kConfig},
      {"-j", kWorkers},
      {"-k", kCertificates},
      {"-n", kNames},
      {"-o", kFormat},
      {"-p", kWorkers},
      {"-s", "`--quiet` (or `-q`) leaves out progress"},
      {"-t", kNames},
      {"-v", kProgress},
      {"-w", kList},
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
