#include "engine/cli/arguments.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "engine/cli/command.h"
#include "engine/cli/failure.h"
#include "engine/cli/flags.h"
#include "engine/cli/hints.h"
#include "engine/cli/store.h"
#include "engine/model/organization.h"

namespace patform::cli {
namespace {

// "--format=json" without what is behind the name.
std::string NameIn(const std::string& word) {
  return word.substr(0, word.find('='));
}

bool LooksLikeFlag(const std::string& word) {
  return word.size() > 1 && word[0] == '-';
}

// "a" for "./b/../a": one spelling for one path, as far as words can tell.
std::string Spelled(const std::string& path) {
  std::vector<std::string> parts;
  for (absl::string_view part : absl::StrSplit(path, '/', absl::SkipEmpty())) {
    if (part == ".") continue;
    if (part == ".." && !parts.empty() && parts.back() != "..") {
      parts.pop_back();
    } else {
      parts.emplace_back(part);
    }
  }
  return absl::StrCat(absl::StartsWith(path, "/") ? "/" : "",
                      absl::StrJoin(parts, "/"));
}

// Files that one run writes, or reads and writes, under two flags: the one
// would take the place of the other. A device has room for both.
absl::Status CheckFiles(const Arguments& arguments) {
  std::vector<std::pair<std::string, std::string>> files = {
      {"PLAN", arguments.plan_file},
      {"--snapshot", arguments.snapshot},
      {"--policy", arguments.policy},
      {"--out", arguments.out}};
  const size_t first_output = files.size() - 1;
  for (const View& view : arguments.into) {
    files.emplace_back(absl::StrCat("--", view.format, "-into"), view.path);
  }
  for (size_t i = first_output; i < files.size(); ++i) {
    const std::string path = Spelled(files[i].second);
    if (path.empty() || absl::StartsWith(path, "/dev/")) continue;
    for (size_t j = 0; j < i; ++j) {
      if (Spelled(files[j].second) != path) continue;
      return UsageError(absl::StrCat(files[j].first, " and ", files[i].first,
                                     " are both ", Visible(path),
                                     ", which can hold only one of them"));
    }
  }
  return absl::OkStatus();
}

// CLI11 takes the words apart and nothing else: what they mean, what is wrong
// with them and what help says of them is in the table.
class Parser {
 public:
  explicit Parser(const std::vector<std::string>& words) : app_("", "patform") {
    app_.set_help_flag();  // --help is a flag like the others
    app_.require_subcommand(0, 1);
    app_.fallthrough();
    for (const Flag& flag : GlobalFlags()) Add(&app_, flag);
    for (const Command& command : Commands()) {
      CLI::App* app = app_.add_subcommand(command.name);
      app->fallthrough();
      // CLI11 takes its time for each flag, and there are some two hundred: a
      // command that is not among the words needs none.
      if (std::find(words.begin(), words.end(), command.name) == words.end()) {
        continue;
      }
      for (const Flag& argument : command.arguments) Add(app, argument);
      for (const Flag& flag : command.flags) Add(app, flag);
    }
  }

  absl::StatusOr<Arguments> Parse(const std::vector<std::string>& words,
                                  const EnvironmentLookup& environment) {
    absl::Status failed = TakeApart(words);
    const std::vector<CLI::App*> chosen = app_.get_subcommands();
    const Command* command =
        chosen.empty() ? nullptr : FindCommand(chosen[0]->get_name());
    // Who asks for help gets it, whatever else is wrong.
    if (IsTyped("--help")) {
      Arguments help;
      help.command = FindCommand("help");
      if (IsTyped("--json")) help.format = "json";
      if (command != nullptr) help.word = command->name;
      return help;
    }
    if (IsTyped("--version")) {
      Arguments version;
      version.command = FindCommand("version");
      if (IsTyped("--json")) version.format = "json";
      return version;
    }
    absl::StatusOr<Arguments> arguments =
        failed.ok() ? Collect(command, environment)
                    : absl::StatusOr<Arguments>(failed);
    if (arguments.ok() || command == nullptr) return arguments;
    return WithAdvice(arguments.status(),
                      absl::StrCat("Run `patform ", command->name,
                                   " --help` for its flags and examples."));
  }

 private:
  struct Known {
    const Flag* flag;
    CLI::App* app;
    CLI::Option* option;
  };

  // What was typed, or what the environment says, into Arguments.
  absl::StatusOr<Arguments> Collect(
      const Command* command, const EnvironmentLookup& environment) const {
    Arguments arguments;
    arguments.command = command;
    for (const Known& each : known_) {
      // The flags of another command are not asked for their variables.
      if (each.app != &app_ &&
          (command == nullptr || each.app->get_name() != command->name)) {
        continue;
      }
      PATFORM_RETURN_IF_ERROR(
          Take(*each.flag, each.option->results(), environment, arguments));
    }
    for (const Conflict& conflict : Conflicts()) {
      // `show` and `comment` have none of these flags.
      if (IsGiven(conflict.one, arguments) &&
          IsGiven(conflict.other, arguments)) {
        return UsageError(conflict.why);
      }
    }
    PATFORM_RETURN_IF_ERROR(CheckFiles(arguments));
    PATFORM_RETURN_IF_ERROR(NameOrganizations(arguments));
    PATFORM_RETURN_IF_ERROR(ChooseJson(arguments));
    return arguments;
  }

  // As everywhere else inside: in lower case.
  static absl::Status NameOrganizations(Arguments& arguments) {
    for (std::string& name : arguments.organizations) {
      const absl::StatusOr<std::string> key = ParseOrganization(name);
      if (!key.ok()) {
        return UsageError(absl::StrCat("--organization: ",
                                       std::string(key.status().message())));
      }
      name = *key;
    }
    for (auto* addresses : {&arguments.rotate, &arguments.targets}) {
      for (std::string& address : *addresses) address = AddressKey(address);
    }
    return absl::OkStatus();
  }

  static absl::Status ChooseJson(Arguments& arguments) {
    if (!arguments.as_json) return absl::OkStatus();
    if (arguments.command != nullptr && arguments.command->prints_events) {
      arguments.json = true;
      return absl::OkStatus();
    }
    // Text is the default, and may not have been typed.
    if (arguments.format != "text" && arguments.format != "json") {
      return UsageError(absl::StrCat("--json does not go with --format ",
                                     arguments.format, ": choose one"));
    }
    arguments.format = "json";
    return absl::OkStatus();
  }

  void Add(CLI::App* app, const Flag& flag) {
    CLI::Option* option = nullptr;
    if (flag.IsSwitch()) {
      option = app->add_flag(flag.names);
    } else if (flag.names.empty()) {
      option = app->add_option(flag.value);
      if (flag.IsRepeatable()) option->expected(-1);
    } else {
      // As often as it is typed, each time with one value: that it may not be
      // given twice is for Take() to say.
      option = app->add_option(flag.names);
      option->expected(-1)->allow_extra_args(false);
    }
    option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    known_.push_back({&flag, app, option});
  }

  bool IsTyped(const std::string& name) const {
    return app_.get_option(name)->count() > 0;
  }

  // What CLI11 throws is only distinguished by its type; its texts are for
  // programs that show them as they are.
  absl::Status TakeApart(const std::vector<std::string>& words) {
    for (const std::string& word : words) {
      if (word == "--") break;
      PATFORM_RETURN_IF_ERROR(CheckDashes(word));
    }
    try {
      app_.parse(std::vector<std::string>(words.rbegin(), words.rend()));
    } catch (const CLI::ArgumentMismatch&) {
      // A value is whatever word comes next; so it was the last that had none.
      return MissingValue(words.back());
    } catch (const CLI::ExtrasError&) {
      const std::vector<std::string> rest = app_.remaining(true);
      return Extra(rest.empty() ? words.back() : rest[0]);
    } catch (const CLI::ParseError& error) {
      return UsageError(Visible(error.what()));
    }
    return absl::OkStatus();
  }

  // "-config x" would be "-c onfig" and a stray x. Terraform has its flags with
  // one dash.
  absl::Status CheckDashes(const std::string& word) const {
    if (word.size() < 3 || word[0] != '-' || word[1] == '-') {
      return absl::OkStatus();
    }
    const std::string meant = "-" + NameIn(word);
    if (!HasFlag(GlobalFlags(), meant) &&
        std::none_of(Commands().begin(), Commands().end(),
                     [&meant](const Command& command) {
                       return HasFlag(command.flags, meant);
                     })) {
      return absl::OkStatus();
    }
    return UsageError(absl::StrCat("there is no flag ", NameIn(word),
                                   "; did you mean ", meant, "?"));
  }

  static bool HasFlag(const std::vector<Flag>& flags, const std::string& name) {
    return std::any_of(flags.begin(), flags.end(), [&name](const Flag& flag) {
      const std::vector<std::string> names = flag.Names();
      return std::find(names.begin(), names.end(), name) != names.end();
    });
  }

  absl::Status MissingValue(const std::string& word) const {
    std::string name = NameIn(word);
    // "-qc": the last of several.
    if (name.size() > 2 && name[1] != '-') {
      name = absl::StrCat("-", name.substr(name.size() - 1));
    }
    for (const Known& each : known_) {
      const std::vector<std::string> names = each.flag->Names();
      if (std::find(names.begin(), names.end(), name) == names.end()) continue;
      return UsageError(
          absl::StrCat(name, " needs a value: ", name, " ", each.flag->value));
    }
    return UsageError(absl::StrCat(Visible(name), " needs a value"));
  }

  // A word that is left over.
  absl::Status Extra(const std::string& word) const {
    const std::vector<CLI::App*> chosen = app_.get_subcommands();
    if (LooksLikeFlag(word)) {
      return UnknownFlag(word, chosen.empty() ? nullptr : chosen[0]);
    }
    if (chosen.empty()) return UnknownCommand(word);
    return UsageError(
        absl::StrCat("unexpected argument \"", Visible(word), "\""));
  }

  absl::Status UnknownFlag(const std::string& word,
                           const CLI::App* command) const {
    const std::string name = NameIn(word);
    std::vector<std::string> known;
    for (const Known& each : known_) {
      if (each.app != &app_ && each.app != command) continue;
      for (const std::string& own : each.flag->Names()) {
        if (own == name && command != nullptr) {
          return UsageError(
              absl::StrCat(name, " goes behind the command: ", "patform ",
                           command->get_name(), " ", name));
        }
        if (absl::StartsWith(own, "--")) known.push_back(own);
      }
    }
    std::string text = absl::StrCat("there is no flag ", Visible(name));
    if (command != nullptr) {
      absl::StrAppend(&text, " for `", command->get_name(), "`");
    }
    // "-var", as Terraform has it, is looked up with both dashes.
    const bool one_dash = name.size() > 2 && name[1] != '-';
    if (const char* hint = HintFor(one_dash ? "-" + name : name)) {
      return UsageError(absl::StrCat(text, "; ", hint));
    }
    // Given to the wrong command: that says more than what is spelled alike.
    std::vector<std::string> others = CommandsWith(name);
    if (!others.empty()) {
      return UsageError(
          absl::StrCat(text, "; it goes with ", absl::StrJoin(others, ", ")));
    }
    return UsageError(WithNearest(std::move(text), name, known));
  }

  // "`plan`", "`show`": those that have a flag of this name.
  static std::vector<std::string> CommandsWith(const std::string& name) {
    std::vector<std::string> found;
    for (const Command& command : Commands()) {
      if (HasFlag(command.flags, name)) {
        found.push_back(absl::StrCat("`", command.name, "`"));
      }
    }
    return found;
  }

  // The words of one flag into `arguments`, or its variable if there are none.
  static absl::Status Take(const Flag& flag,
                           const std::vector<std::string>& typed,
                           const EnvironmentLookup& environment,
                           Arguments& arguments) {
    const std::string name = flag.Name();
    if (typed.empty() && flag.variable != nullptr) {
      const std::optional<std::string> value = environment(flag.variable);
      // Set to nothing is not set: that is how a CI system unsets one.
      if (!value || value->empty()) return absl::OkStatus();
      return Store(flag, flag.variable, *value, arguments);
    }
    if (typed.empty() && flag.required) {
      const std::string& command = arguments.command->name;
      return UsageError(absl::StrCat(
          "`", command, "` needs ", name, ": patform ", command, " ", name,
          flag.names.empty() ? "" : absl::StrCat(" ", flag.value)));
    }
    if (typed.size() > 1 && !flag.IsRepeatable() && !flag.IsSwitch()) {
      return UsageError(absl::StrCat(name, " is given ", typed.size(),
                                     " times; it takes one value"));
    }
    for (const std::string& value : typed) {
      PATFORM_RETURN_IF_ERROR(Store(flag, name, value, arguments));
    }
    return absl::OkStatus();
  }

  CLI::App app_;
  std::vector<Known> known_;
};

}  // namespace

absl::StatusOr<Arguments> ParseArguments(const std::vector<std::string>& words,
                                         const EnvironmentLookup& environment) {
  return Parser(words).Parse(words, environment);
}

}  // namespace patform::cli
