#pragma once

#include <cstdint>
#include <string>

namespace patform::system {

// From the kernel's generator. Ends the program when that fails: there is no
// safe way on.
uint64_t RandomNumber();

// `length` characters of a-z and 2-7, five bits each.
std::string RandomName(int length);

}  // namespace patform::system
