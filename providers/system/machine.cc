#include "providers/system/machine.h"

#include <sys/utsname.h>

#include <fstream>

namespace patform::system {

std::string MachineName() {
  utsname names = {};
  std::string name;
  if (uname(&names) == 0) name = names.nodename;
  std::ifstream boot("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(boot, id);
  return name + "\n" + id;
}

}  // namespace patform::system
