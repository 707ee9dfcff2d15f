#include "engine/cli/arguments.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "engine/base/strings.h"
#include "engine/cli/help_text.h"
#include "engine/model/authorization_id.h"
#include "engine/plan/approval.h"
#include "engine/report/formats.h"

namespace patform::cli {
namespace {

constexpr char kFooter[] =
    R"(Environment: PATFORM_ACCESS_TOKEN (the bearer), or PATFORM_ACCESS_TOKEN_FILE (a
file that is kept fresh), PATFORM_CONFIG, PATFORM_POLICY (a file with rules of
its own), PATFORM_SERVICE_URL, PATFORM_API_VERSION, PATFORM_PARALLELISM,
PATFORM_PLAN_KEY (signs saved plans), PATFORM_ALLOW_HOSTS (for comment),
NO_COLOR, SSL_CERT_FILE, HTTPS_PROXY, NO_PROXY.

Exit codes: 0 done · 1 error · 2 changes (with --detailed-exitcode) · 3 usage or
configuration · 4 sign-in · 5 policy or guard · 6 plan stale or not the approved
one · 7 applied in part · 8 plan incomplete · 9 contention or timeout ·
129, 130, 143 interrupted

Example:
  patform init && patform plan && patform apply
)";

class Parser {
 public:
  Parser()
      : app_("Plan and apply for Azure DevOps personal access tokens.",
             "patform") {
    app_.footer(kFooter);
    app_.require_subcommand(0, 1);
    app_.fallthrough();
    app_.set_version_flag("--version", "patform " PATFORM_VERSION);
    app_.add_option("-C,--chdir", arguments_.directory,
                    "change to this directory first")
        ->type_name("DIR");
    app_.add_option("-c,--config", arguments_.config,
                    "the configuration: a file, or a directory that holds "
                    "patform.toml")
        ->type_name("PATH")
        ->envname("PATFORM_CONFIG");
    app_.add_flag("--no-color", arguments_.no_color, "no colours");
    app_.add_flag("-q,--quiet", arguments_.quiet, "no progress");

    Init();
    Validate();
    Plan();
    Show();
    Comment();
    Apply();
    Status();
    Audit();
    Verify();
    Snapshot();
    Import();
    Scopes();
    Schema();
    Command("version", "Print the version", "patform version");
    CLI::App* help =
        Command("help", "Show help, of a command too", "patform help apply");
    help->add_option("command", arguments_.word, "a command");
  }

  Parsed Parse(const std::vector<std::string>& arguments) {
    Parsed parsed;
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    try {
      app_.parse(reversed);
    } catch (const CLI::CallForHelp&) {
      const std::vector<CLI::App*> chosen = app_.get_subcommands();
      parsed.out =
          Wrapped(chosen.empty() ? app_.help() : chosen[0]->help("patform"));
      return parsed;
    } catch (const CLI::CallForVersion&) {
      parsed.out = "patform " PATFORM_VERSION "\n";
      return parsed;
    } catch (const CLI::ParseError& error) {
      return Fail(Explain(error, arguments));
    }
    const std::vector<CLI::App*> chosen = app_.get_subcommands();
    if (chosen.empty()) {
      parsed.exit_code = kUsage;
      parsed.err = Wrapped(app_.help());
      return parsed;
    }
    arguments_.command = chosen[0]->get_name();
    if (arguments_.command == "help") return Help();
    if (!now_.empty()) {
      absl::Time now;
      std::string why;
      if (!absl::ParseTime(absl::RFC3339_full, now_, &now, &why)) {
        return Fail(absl::StrCat("--now ", now_,
                                 ": expected an instant such as "
                                 "2026-11-23T08:00:00Z"));
      }
      arguments_.now = now;
    }
    arguments_.targets.insert(arguments_.targets.end(), names_.begin(),
                              names_.end());
    if (std::string why = Contradiction(); !why.empty()) return Fail(why);
    parsed.arguments = arguments_;
    return parsed;
  }

 private:
  CLI::App* Command(const std::string& name, const std::string& what,
                    const std::string& example) {
    CLI::App* command = app_.add_subcommand(name, what);
    command->footer(absl::StrCat("\nExample:\n  ", example, "\n"));
    command->fallthrough();
    commands_.push_back(name);
    return command;
  }

  // Flags that can not stand together; "" for none.
  std::string Contradiction() const {
    if (!arguments_.approve.empty() && !IsDigest(arguments_.approve)) {
      return absl::StrCat("\"", Visible(arguments_.approve),
                          "\" is no digest; expected what `patform plan` "
                          "prints: sha256: and 64 hexadecimal digits");
    }
    for (const std::string& id : arguments_.ids) {
      if (AuthorizationId::Parse(id)) continue;
      return absl::StrCat("--id ", Visible(id),
                          ": expected a token's id such as "
                          "27e59f42-1a7c-4e0b-9d6e-0f4a3b2c1d00");
    }
    const bool planned = !arguments_.plan_file.empty() &&
                         arguments_.command != "show" &&
                         arguments_.command != "comment";
    if (planned && !arguments_.rotate.empty()) {
      return "--rotate does not go with a saved plan: it says already what to "
             "rotate";
    }
    if (planned && !arguments_.targets.empty()) {
      return "--target does not go with a saved plan: it is limited already, "
             "or meant as a whole";
    }
    if (!arguments_.snapshot.empty() && !arguments_.baseline.empty()) {
      return "--baseline does not go with --snapshot: a snapshot is what it "
             "would compare with";
    }
    return "";
  }

  void Init() {
    CLI::App* init = Command("init", "Write a commented starter file",
                             "patform init\n  patform validate");
    init->add_option("file", arguments_.word, "default: patform.toml")
        ->type_name("FILE");
  }

  void Validate() {
    CLI::App* validate =
        Command("validate", "Check the configuration, without the network",
                "patform validate -c tokens/\n"
                "  patform validate --format github   # in a pull request");
    Policy(validate);
    validate
        ->add_option("--format", arguments_.format,
                     "text (default), or github or azure: log commands that "
                     "pin what is wrong to the file's line")
        ->type_name("FORMAT")
        ->check(CLI::IsMember({"text", "github", "azure"}));
  }

  void Policy(CLI::App* command) {
    command
        ->add_option("--policy", arguments_.policy,
                     "a file with a [policy] of its own; the stricter of two "
                     "rules wins")
        ->type_name("FILE")
        ->envname("PATFORM_POLICY");
  }

  void Connection(CLI::App* command) {
    Policy(command);
    command
        ->add_option("--service-url", arguments_.service.url,
                     "the token service, if it is not Azure DevOps: https, or "
                     "http on loopback")
        ->type_name("URL")
        ->envname("PATFORM_SERVICE_URL");
    command
        ->add_option("--api-version", arguments_.service.api_version,
                     "7.1-preview.1 (default) or 7.2-preview.1")
        ->type_name("VERSION")
        ->envname("PATFORM_API_VERSION")
        ->check(CLI::IsMember({"7.1-preview.1", "7.2-preview.1"}));
  }

  void Target(CLI::App* command) {
    command
        ->add_option("--target", arguments_.targets,
                     "limit to this token; * and ? match (repeatable)")
        ->type_name("NAME")
        ->allow_extra_args(false);
  }

  // What a plan is to be of, and its guards.
  void Planning(CLI::App* command) {
    Connection(command);
    command
        ->add_option("--rotate,--replace", arguments_.rotate,
                     "rotate this token whatever its age (repeatable)")
        ->type_name("NAME")
        ->allow_extra_args(false);
    Target(command);
    command
        ->add_option("--allow-revocations", arguments_.allow_revocations,
                     "lift max_revocations to this number")
        ->type_name("N")
        ->check(CLI::NonNegativeNumber);
    command->add_flag("--allow-empty-list", arguments_.allow_empty_list,
                      "go on although the service lists no token and did");
    command
        ->add_option("--baseline", arguments_.baseline,
                     "an earlier snapshot or saved plan: refuse if the tokens "
                     "are of another user or organization now, or all gone")
        ->type_name("FILE");
  }

  void FromSnapshot(CLI::App* command) {
    command
        ->add_option("--snapshot", arguments_.snapshot,
                     "plan from what `patform snapshot` wrote: no network, no "
                     "credential")
        ->type_name("FILE");
  }

  void Format(CLI::App* command) {
    command
        ->add_option("--format", arguments_.format,
                     absl::StrCat("text (default) or one of ",
                                  absl::StrJoin(PlanFormats().begin() + 1,
                                                PlanFormats().end(), ", ")))
        ->type_name("FORMAT")
        ->check(CLI::IsMember(PlanFormats()));
    for (const std::string& format : PlanFileFormats()) {
      command
          ->add_option_function<std::string>(
              absl::StrCat("--", format, "-into"),
              [this, format](const std::string& path) {
                arguments_.into.emplace_back(format, path);
              },
              absl::StrCat("write the plan as ", format, " to this file, too"))
          ->type_name("FILE");
    }
    command->add_flag("--detailed-exitcode", arguments_.detailed_exitcode,
                      "exit with 2 when there are changes");
  }

  void Plan() {
    CLI::App* plan =
        Command("plan", "Show what apply would change; changes nothing",
                "patform plan\n  patform plan --format json | jq .summary\n"
                "  patform plan --out plan.json && patform apply plan.json\n"
                "  patform plan --snapshot world.json   # no network\n"
                "  patform plan --format github --markdown-into plan.md\n"
                "  patform plan --detailed-exitcode   # 2: there are changes");
    Planning(plan);
    FromSnapshot(plan);
    Format(plan);
    plan->add_option("--out", arguments_.out,
                     "save the plan, for show and apply; it holds no secret")
        ->type_name("FILE");
    plan->add_option("--now", now_, "plan as if it were this instant (what-if)")
        ->type_name("INSTANT");
  }

  void Apply() {
    CLI::App* apply = Command(
        "apply", "Plan, ask, then create, update, rotate and revoke",
        "patform apply\n  patform apply --auto-approve   # in a "
        "pipeline\n  patform apply plan.json\n  patform apply --approve "
        "sha256:… plan.json\n  patform apply --rotate ci-packaging");
    Planning(apply);
    apply
        ->add_option("plan", arguments_.plan_file,
                     "a saved plan: do exactly this, or nothing")
        ->type_name("PLAN");
    apply
        ->add_option("--approve", arguments_.approve,
                     "do what was approved under this digest, as far as it is "
                     "still to do, and maintenance; with PLAN its details")
        ->type_name("DIGEST");
    apply->add_flag("--auto-approve,-y", arguments_.auto_approve, "do not ask");
    apply
        ->add_option("--parallelism", arguments_.parallelism,
                     "changes made at once (default 8)")
        ->type_name("N")
        ->envname("PATFORM_PARALLELISM")
        ->check(CLI::Range(1, 64));
    apply->add_flag("--json", arguments_.json,
                    "a stream of JSON lines instead of text");
  }

  void Status() {
    CLI::App* status = Command(
        "status", "List what lives: each token's generations and their places",
        "patform status\n  patform status ci-packaging\n"
        "  patform status --format json | jq .summary");
    Connection(status);
    Target(status);
    status->add_option("names", names_, "the same as --target for each")
        ->type_name("NAME");
    status->add_option("--format", arguments_.format, "text (default) or json")
        ->type_name("FORMAT")
        ->check(CLI::IsMember({"text", "json"}));
    status->add_option("--now", now_, "as if it were this instant (what-if)")
        ->type_name("INSTANT");
  }

  void Audit() {
    CLI::App* audit = Command(
        "audit", "Rank all tokens of the user by risk, declared or not",
        "patform audit\n  patform audit --organization contoso   # without a "
        "configuration\n  patform audit --format json | jq .summary\n"
        "  patform audit --detailed-exitcode   # 2: there are risks");
    Connection(audit);
    FromSnapshot(audit);
    audit
        ->add_option("--organization", arguments_.organizations,
                     "look at this organization and read no configuration "
                     "(repeatable)")
        ->type_name("NAME")
        ->allow_extra_args(false);
    audit
        ->add_option("--format", arguments_.format,
                     "text (default), json or sarif")
        ->type_name("FORMAT")
        ->check(CLI::IsMember({"text", "json", "sarif"}));
    audit->add_flag("--detailed-exitcode", arguments_.detailed_exitcode,
                    "exit with 2 when there are risks");
    audit->add_option("--now", now_, "as if it were this instant (what-if)")
        ->type_name("INSTANT");
  }

  void Show() {
    CLI::App* show =
        Command("show", "Show a saved plan; reads nothing else",
                "patform plan --out plan.json\n  patform show plan.json\n  "
                "patform show plan.json --format markdown --sarif-into "
                "plan.sarif");
    show->add_option("plan", arguments_.plan_file, "what `plan --out` wrote")
        ->type_name("PLAN")
        ->required();
    Format(show);
  }

  void Comment() {
    CLI::App* comment = Command(
        "comment", "Post a saved plan to the pull request of this CI job",
        "patform plan --out plan.json && patform comment plan.json\n"
        "  patform comment plan.json --dry-run   # prints it, sends nothing\n"
        "\nAzure Pipelines: SYSTEM_ACCESSTOKEN has to be mapped into the step."
        "\nGitHub Actions: GITHUB_TOKEN, with pull-requests: write.");
    comment->add_option("plan", arguments_.plan_file, "what `plan --out` wrote")
        ->type_name("PLAN")
        ->required();
    comment->add_flag("--dry-run", arguments_.dry_run,
                      "print the comment and send nothing");
    comment->add_flag("--post-no-changes", arguments_.post_no_changes,
                      "make a comment although the plan has no changes");
    comment->add_flag("--no-status", arguments_.no_status,
                      "Azure Repos: set no status beside the comment");
    comment
        ->add_option("--allow-host", arguments_.allow_hosts,
                     "send the job's token to this host, too: a server of "
                     "your own (repeatable; HOST or HOST:PORT)")
        ->type_name("HOST")
        ->allow_extra_args(false)
        ->delimiter(',')
        ->envname("PATFORM_ALLOW_HOSTS");
  }

  void Verify() {
    CLI::App* verify =
        Command("verify", "Is the plan still the approved one? Changes nothing",
                "patform verify sha256:…           # 0: it is, 6: it is not\n  "
                "patform verify sha256:… plan.json # says what differs");
    verify
        ->add_option("digest", arguments_.approve,
                     "what `plan` printed when it was approved")
        ->type_name("DIGEST")
        ->required();
    verify
        ->add_option("plan", arguments_.plan_file,
                     "the saved plan of that digest")
        ->type_name("PLAN");
    Planning(verify);
    FromSnapshot(verify);
  }

  void Snapshot() {
    CLI::App* snapshot =
        Command("snapshot", "Write what exists to a file, without any secret",
                "patform snapshot --out world.json\n  patform plan --snapshot "
                "world.json   # no network, no credential");
    Connection(snapshot);
    snapshot->add_option("--out", arguments_.out, "the file to write")
        ->type_name("FILE")
        ->required();
  }

  void Import() {
    CLI::App* import =
        Command("import", "Write TOML for tokens that exist; changes nothing",
                "patform import --out imported.toml\n  patform import 'ci-*'\n"
                "  patform import --organization contoso --out patform.toml");
    Connection(import);
    import
        ->add_option("names", names_,
                     "only tokens of these names; * and ? match (default: all)")
        ->type_name("NAME");
    import
        ->add_option("--id", arguments_.ids,
                     "the token of this id (repeatable)")
        ->type_name("ID")
        ->allow_extra_args(false);
    import
        ->add_option("--organization", arguments_.organizations,
                     "of this organization (default: those of the "
                     "configuration; repeatable)")
        ->type_name("NAME")
        ->allow_extra_args(false);
    import
        ->add_option("--out", arguments_.out,
                     "write to this file (default: standard output)")
        ->type_name("FILE");
    import->add_flag("--force", arguments_.force,
                     "replace the file if it exists");
    import->add_option("--now", now_, "as if it were this instant (what-if)")
        ->type_name("INSTANT");
  }

  void Scopes() {
    CLI::App* scopes =
        Command("scopes", "List the scopes, or those that a word finds",
                "patform scopes packaging");
    scopes->add_option("word", arguments_.word, "looked for in every column")
        ->type_name("WORD");
  }

  void Schema() {
    CLI::App* schema =
        Command("schema", "Print a JSON Schema, for editors and other programs",
                "patform schema > patform.schema.json\n  patform schema plan");
    schema
        ->add_option(
            "name", arguments_.word,
            "configuration (default), plan, events, status, saved-plan, "
            "snapshot or audit")
        ->check(CLI::IsMember({"configuration", "plan", "events", "status",
                               "saved-plan", "snapshot", "audit"}));
  }

  Parsed Help() {
    Parsed parsed;
    if (arguments_.word.empty()) {
      // A parsed CLI11 App shows the help of the command it met.
      parsed.out = Wrapped(Parser().app_.help());
      return parsed;
    }
    for (const std::string& name : commands_) {
      if (name == arguments_.word) {
        parsed.out = Wrapped(app_.get_subcommand(name)->help("patform"));
        return parsed;
      }
    }
    return Fail(UnknownCommand(arguments_.word));
  }

  static Parsed Fail(const std::string& what) {
    Parsed parsed;
    parsed.exit_code = kUsage;
    parsed.err = absl::StrCat("patform: ", what,
                              "\nRun `patform help` for the commands, "
                              "`patform COMMAND --help` for one.\n");
    return parsed;
  }

  std::string UnknownCommand(const std::string& word) const {
    std::string text =
        absl::StrCat("there is no command \"", Visible(word), "\"");
    if (const auto nearest = Nearest(word, commands_)) {
      absl::StrAppend(&text, "; did you mean `", *nearest, "`?");
    }
    return text;
  }

  std::string UnknownFlag(const std::string& flag) {
    std::vector<std::string> known;
    std::vector<CLI::App*> apps = {&app_};
    for (CLI::App* chosen : app_.get_subcommands()) apps.push_back(chosen);
    for (CLI::App* app : apps) {
      for (const CLI::Option* option : app->get_options()) {
        for (const std::string& name : option->get_lnames()) {
          known.push_back("--" + name);
        }
      }
    }
    std::string text = absl::StrCat(
        "there is no flag ", Visible(flag),
        apps.size() > 1 ? absl::StrCat(" for `", apps[1]->get_name(), "`")
                        : "");
    if (const auto nearest = Nearest(flag.substr(0, flag.find('=')), known)) {
      absl::StrAppend(&text, "; did you mean ", *nearest, "?");
    }
    return text;
  }

  // "--format: yaml not in {text,json}", as CLI11 says it, with the nearest.
  static std::string WrongChoice(const std::string& text) {
    const size_t colon = text.find(": ");
    const size_t in = text.find(" not in {");
    if (colon == std::string::npos || in == std::string::npos || in < colon ||
        text.back() != '}') {
      return "";
    }
    const std::string value = text.substr(colon + 2, in - colon - 2);
    const std::vector<std::string> choices =
        absl::StrSplit(text.substr(in + 9, text.size() - in - 10), ',');
    std::string what = absl::StrCat(text.substr(0, colon), " can not be \"",
                                    Visible(value), "\"");
    if (const auto nearest = Nearest(value, choices)) {
      absl::StrAppend(&what, "; did you mean ", *nearest, "?");
    }
    return absl::StrCat(what, " There are: ", absl::StrJoin(choices, ", "));
  }

  std::string Explain(const CLI::ParseError& error,
                      const std::vector<std::string>& typed) {
    if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
      std::vector<std::string> rest = app_.remaining(true);
      for (const std::string& word : rest) {
        if (absl::StartsWith(word, "-") && word.size() > 1) {
          return UnknownFlag(word);
        }
      }
      const bool has_command = !app_.get_subcommands().empty();
      const std::string word = rest.empty() ? typed.back() : rest[0];
      if (!has_command) return UnknownCommand(word);
      return absl::StrCat("\"", Visible(word), "\" is one argument too many");
    }
    std::string text(error.what());
    if (std::string choice = WrongChoice(text); !choice.empty()) return choice;
    // CLI11 names the option first; the rest is readable as it is.
    return Visible(text.substr(0, text.find('\n')));
  }

  CLI::App app_;
  Arguments arguments_;
  std::string now_;
  std::vector<std::string> names_;
  std::vector<std::string> commands_;
};

}  // namespace

Parsed ParseArguments(const std::vector<std::string>& arguments) {
  return Parser().Parse(arguments);
}

}  // namespace patform::cli
