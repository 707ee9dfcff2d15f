#include "tests/source_dir.h"

namespace patform {

const char kSourceDir[] = PATFORM_SOURCE_DIR;

}  // namespace patform
