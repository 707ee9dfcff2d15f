#include "engine/cli/help_text.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/base/strings.h"
#include "engine/cli/topics.h"

namespace patform::cli {
namespace {

constexpr int kWidth = 80;
// Where the description of a flag or a command begins.
constexpr int kDescription = 30;

constexpr char kFooter[] = R"(
Environment: PATFORM_ACCESS_TOKEN (the bearer), or PATFORM_ACCESS_TOKEN_FILE (a
file that is kept fresh), PATFORM_KEY_VAULT_TOKEN (one for Key Vault),
PATFORM_CONFIG, PATFORM_POLICY (a file with rules of its own),
PATFORM_SERVICE_URL, PATFORM_API_VERSION, PATFORM_PARALLELISM, PATFORM_PLAN_KEY
(signs saved plans), PATFORM_ALLOW_HOSTS (servers of your own),
PATFORM_ALLOW_PROGRAMS=1, NO_COLOR, SSL_CERT_FILE, HTTPS_PROXY, NO_PROXY.

Exit codes: 0 done · 1 error · 2 changes (with --detailed-exitcode) · 3 usage or
configuration · 4 sign-in · 5 policy or guard · 6 plan stale or not the approved
one · 7 applied in part · 8 plan incomplete · 9 contention or timeout ·
129, 130, 143 interrupted

Example:
  patform init && patform plan && patform apply
)";

// "  --out FILE                  the file to write", broken at spaces. What
// does not fit before the descriptions gets a line of its own.
std::string Row(const std::string& left, const std::string& description) {
  const std::string indent(kDescription, ' ');
  std::string line = absl::StrCat("  ", left);
  std::string done;
  if (CodePoints(line) < kDescription) {
    line.append(kDescription - CodePoints(line), ' ');
  } else {
    done = absl::StrCat(line, "\n");
    line = indent;
  }
  const std::vector<std::string> words = absl::StrSplit(description, ' ');
  bool begun = false;
  for (const std::string& word : words) {
    if (begun && CodePoints(line) + 1 + CodePoints(word) > kWidth) {
      absl::StrAppend(&done, line, "\n");
      line = indent;
      begun = false;
    }
    absl::StrAppend(&line, begun ? " " : "", word);
    begun = true;
  }
  return absl::StrCat(done, line, "\n");
}

// "--config PATH (Env:PATFORM_CONFIG)", "NAME ..."
std::string Synopsis(const Flag& flag) {
  std::string text = flag.names;
  if (!flag.IsSwitch()) {
    absl::StrAppend(&text, text.empty() ? "" : " ", flag.value);
  }
  if (flag.IsRepeatable()) absl::StrAppend(&text, " ...");
  if (flag.variable != nullptr) {
    absl::StrAppend(&text, " (Env:", flag.variable, ")");
  }
  return text;
}

std::string Rows(const std::string& title, const std::vector<Flag>& flags) {
  std::string text = absl::StrCat("\n", title, ":\n");
  for (const Flag& flag : flags) {
    absl::StrAppend(&text, Row(Synopsis(flag), flag.help));
  }
  return text;
}

}  // namespace

std::string HelpText() {
  std::string text =
      absl::StrCat("Plan and apply for Azure DevOps personal access tokens.\n",
                   "Usage: patform [OPTIONS] [COMMAND]\n",
                   Rows("Options", GlobalFlags()), "\nCommands:\n");
  for (const Command& command : Commands()) {
    absl::StrAppend(&text, Row(command.name, command.what));
  }
  absl::StrAppend(&text, "\nTopics (patform help TOPIC):\n");
  for (const Topic& topic : Topics()) {
    absl::StrAppend(&text, Row(topic.name, topic.what));
  }
  return absl::StrCat(text, kFooter);
}

std::string HelpText(const Command& command) {
  std::string usage = absl::StrCat("patform ", command.name, " [OPTIONS]");
  for (const Flag& argument : command.arguments) {
    const std::string name =
        absl::StrCat(argument.value, argument.IsRepeatable() ? "..." : "");
    absl::StrAppend(&usage, " ",
                    argument.required ? name : absl::StrCat("[", name, "]"));
  }
  return absl::StrCat(
      command.what, "\nUsage: ", usage, "\n",
      command.arguments.empty() ? "" : Rows("Arguments", command.arguments),
      command.flags.empty() ? "" : Rows("Options", command.flags),
      Rows("Options of every command", GlobalFlags()), "\nExample:\n  ",
      command.example, "\n");
}

}  // namespace patform::cli
