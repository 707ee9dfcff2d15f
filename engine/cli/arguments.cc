#include "engine/cli/arguments.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/base/strings.h"

namespace patform::cli {
namespace {

constexpr char kFooter[] =
    "Environment: PATFORM_ACCESS_TOKEN (the bearer), PATFORM_CONFIG,\n"
    "PATFORM_SERVICE_URL, PATFORM_API_VERSION, PATFORM_PARALLELISM, NO_COLOR,\n"
    "SSL_CERT_FILE, HTTPS_PROXY, NO_PROXY.\n"
    "\n"
    "Exit codes: 0 done · 1 error · 2 changes (with --detailed-exitcode) ·\n"
    "3 usage or configuration · 4 sign-in · 5 policy or guard · 7 applied in\n"
    "part · 8 plan incomplete · 9 contention or timeout · 130 interrupted\n"
    "\n"
    "Example:\n"
    "  patform init && patform plan && patform apply\n";

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
    Apply();
    Status();
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
      parsed.out = chosen.empty() ? app_.help() : chosen[0]->help("patform");
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
      parsed.err = app_.help();
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

  void Init() {
    CLI::App* init = Command("init", "Write a commented starter file",
                             "patform init\n  patform validate");
    init->add_option("file", arguments_.word, "default: patform.toml")
        ->type_name("FILE");
  }

  void Validate() {
    CLI::App* validate =
        Command("validate", "Check the configuration, without the network",
                "patform validate -c tokens/");
    Policy(validate);
  }

  void Policy(CLI::App* command) {
    command
        ->add_option("--policy", arguments_.policy,
                     "a file with a [policy] of its own; the stricter of two "
                     "rules wins")
        ->type_name("FILE");
  }

  void Service(CLI::App* command) {
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

  void Plan() {
    CLI::App* plan =
        Command("plan", "Show what apply would change; changes nothing",
                "patform plan\n  patform plan --format json | jq .summary\n"
                "  patform plan --detailed-exitcode   # 2: there are changes");
    Service(plan);
    plan->add_option("--format", arguments_.format, "text (default) or json")
        ->type_name("FORMAT")
        ->check(CLI::IsMember({"text", "json"}));
    plan->add_flag("--detailed-exitcode", arguments_.detailed_exitcode,
                   "exit with 2 when there are changes");
    plan->add_option("--now", now_, "plan as if it were this instant (what-if)")
        ->type_name("INSTANT");
  }

  void Apply() {
    CLI::App* apply =
        Command("apply", "Plan, ask, then create, update, rotate and revoke",
                "patform apply\n  patform apply --auto-approve   # in a "
                "pipeline\n  patform apply --rotate ci-packaging");
    Service(apply);
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
        ->add_option("name", arguments_.word,
                     "configuration (default), plan, events or status")
        ->check(CLI::IsMember({"configuration", "plan", "events", "status"}));
  }

  Parsed Help() {
    Parsed parsed;
    if (arguments_.word.empty()) {
      // A parsed CLI11 App shows the help of the command it met.
      parsed.out = Parser().app_.help();
      return parsed;
    }
    for (const std::string& name : commands_) {
      if (name == arguments_.word) {
        parsed.out = app_.get_subcommand(name)->help("patform");
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
