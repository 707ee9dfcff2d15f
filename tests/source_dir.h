#pragma once

namespace patform {

// The absolute path of the source tree. In a source of its own, so that every
// other object is the same in every checkout and a compiler cache can share it.
extern const char kSourceDir[];

}  // namespace patform
