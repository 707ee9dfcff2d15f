#include "providers/entra/browser.h"

#include <utility>
#include <vector>

#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

// Every tool reads BROWSER a little differently; this is how xdg-open(1) and
// Python's webbrowser do. Remote editors set it to a program that opens the
// page on the desk of the person, and forwards the port: so it comes first.
namespace patform::entra {
namespace {

std::string Variable(const Machine& machine, const char* name) {
  return machine.environment(name).value_or("");
}

bool HasDesktop(const Machine& machine) {
  return !Variable(machine, "DISPLAY").empty() ||
         !Variable(machine, "WAYLAND_DISPLAY").empty();
}

bool Start(const Machine& machine, std::vector<std::string> words) {
  ProgramCall call;
  call.words = std::move(words);
  return machine.programs != nullptr && machine.programs->Leave(call).ok();
}

}  // namespace

bool HasBrowser(const Machine& machine) {
  return !Variable(machine, "BROWSER").empty() || HasDesktop(machine);
}

bool OpenBrowser(const Machine& machine, const std::string& url) {
  const std::string browsers = Variable(machine, "BROWSER");
  for (absl::string_view command :
       absl::StrSplit(browsers, ':', absl::SkipWhitespace())) {
    std::vector<std::string> words =
        absl::StrSplit(command, ' ', absl::SkipWhitespace());
    bool placed = false;
    for (std::string& word : words) {
      placed = absl::StrReplaceAll({{"%s", url}}, &word) > 0 || placed;
    }
    if (!placed) words.push_back(url);
    if (Start(machine, std::move(words))) return true;
  }
  // Without a desktop it would look for a browser in the terminal.
  return HasDesktop(machine) && Start(machine, {"xdg-open", url});
}

}  // namespace patform::entra
