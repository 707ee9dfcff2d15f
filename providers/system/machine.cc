#include "providers/system/machine.h"

#include <sys/utsname.h>

#include <fstream>

namespace patform::system {

// Which machine or container this run is on: the host name, because containers
// of one host share the id of its boot, and that id, because runners made from
// one image share the name.
std::string MachineName() {
  utsname names = {};
  std::string name;
  if (uname(&names) == 0) name = names.nodename;
  // Of the kernel, chosen at random each time it starts.
  std::ifstream boot("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(boot, id);
  return name + "\n" + id;
}

}  // namespace patform::system
