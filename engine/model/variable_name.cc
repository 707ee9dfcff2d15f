#include "engine/model/variable_name.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/ascii.h"

namespace patform {
namespace {

// Read-only in bash or dash, or changed by them from one line to the next: what
// is written there is not what is read.
constexpr std::string_view kOfTheShell[] = {"_",
                                            "BASHOPTS",
                                            "BASHPID",
                                            "BASH_ARGC",
                                            "BASH_ARGV",
                                            "BASH_ARGV0",
                                            "BASH_COMMAND",
                                            "BASH_LINENO",
                                            "BASH_SOURCE",
                                            "BASH_SUBSHELL",
                                            "BASH_VERSINFO",
                                            "BASH_VERSION",
                                            "COMP_WORDS",
                                            "DIRSTACK",
                                            "EPOCHREALTIME",
                                            "EPOCHSECONDS",
                                            "EUID",
                                            "FUNCNAME",
                                            "GROUPS",
                                            "HISTCMD",
                                            "LINENO",
                                            "OPTIND",
                                            "PIPESTATUS",
                                            "PPID",
                                            "PWD",
                                            "RANDOM",
                                            "SECONDS",
                                            "SHELLOPTS",
                                            "SHLVL",
                                            "SRANDOM",
                                            "UID"};

}  // namespace

bool IsSettableVariable(std::string_view name) {
  return !name.empty() && name.size() <= 255 &&
         !absl::ascii_isdigit(static_cast<unsigned char>(name.front())) &&
         std::all_of(
             name.begin(), name.end(),
             [](char c) {
               return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
                      c == '_';
             }) &&
         std::find(std::begin(kOfTheShell), std::end(kOfTheShell), name) ==
             std::end(kOfTheShell);
}

}  // namespace patform
