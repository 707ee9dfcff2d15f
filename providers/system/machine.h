#pragma once

#include <string>

namespace patform::system {

// Tells this machine, or container, from others until it starts again: its
// host name and the kernel's boot id. Two that are one to this are one only if
// they share both.
std::string MachineName();

}  // namespace patform::system
