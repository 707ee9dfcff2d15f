#include "providers/entra/browser.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/providers/entra/keeping.h"
#include "tests/providers/entra/signing_in.h"

namespace patform::entra {
namespace {

TEST(Browser, IsTheOneOfTheUser) {
  struct Row {
    std::map<std::string, std::string> variables;
    bool started;  // what the programs say
    const char* want;
  };
  const Row rows[] = {
      {{}, true, "none: no"},
      {{{"BROWSER", ""}}, true, "none: no"},
      {{{"DISPLAY", ":0"}}, true, "one: yes xdg-open URL"},
      {{{"WAYLAND_DISPLAY", "wayland-0"}}, true, "one: yes xdg-open URL"},
      {{{"BROWSER", "firefox"}}, true, "one: yes firefox URL"},
      {{{"BROWSER", "a  --tab=%s -q:b"}}, true, "one: yes a --tab=URL -q"},
      {{{"BROWSER", "a:b"}, {"DISPLAY", ":0"}},
       false,
       "one: no a URL, b URL, xdg-open URL"},
      // Nothing of it is a shell's.
      {{{"BROWSER", "a;rm $HOME"}}, true, "one: yes a;rm $HOME URL"},
  };
  for (const Row& row : rows) {
    SigningIn world;
    ScriptedPrograms programs;
    world.variables = row.variables;
    if (!row.started) programs.leaves = absl::NotFoundError("none");
    Machine machine = world.machine();
    machine.programs = &programs;
    std::string got = HasBrowser(machine) ? "one: " : "none: ";
    got += OpenBrowser(machine, "URL") ? "yes" : "no";
    const std::string lines = absl::StrJoin(programs.lines, ", ");
    EXPECT_EQ(lines.empty() ? got : absl::StrCat(got, " ", lines), row.want);
  }
}

}  // namespace
}  // namespace patform::entra
