#pragma once

#include <string>

#include "providers/entra/sources.h"

namespace patform::entra {

// Is there one that could show a page to the user of this process? Where
// BROWSER is set, or a desktop's session is (DISPLAY, WAYLAND_DISPLAY).
bool HasBrowser(const Machine& machine);

// Starts it: the first that can be of BROWSER, commands with a colon between
// two, in each of which %s stands for the address; then xdg-open. No shell
// reads any of it. False: none could be started.
bool OpenBrowser(const Machine& machine, const std::string& url);

}  // namespace patform::entra
