#include "providers/http/allowed_hosts.h"

#include <algorithm>
#include <string_view>

#include "absl/strings/ascii.h"

namespace patform::http {
namespace {

bool IsWellKnown(std::string_view host, std::string_view name) {
  if (!name.starts_with("*.")) return host == name;
  // With its dot: evilvisualstudio.com is somebody else's.
  return host.ends_with(name.substr(1));
}

}  // namespace

bool AllowedHosts::Contains(const Url& url) const {
  // The usual port alone: whatever else listens on that machine is not the
  // service.
  const bool usual = url.tls && url.port == 443;
  if (usual && std::any_of(well_known.begin(), well_known.end(),
                           [&url](const std::string& name) {
                             return IsWellKnown(url.host, name);
                           })) {
    return true;
  }
  // Names only; no address is looked up, because who answers for a name decides
  // nothing here.
  const std::string with_port = url.HostAndPort();
  return std::any_of(
      by_operator.begin(), by_operator.end(), [&](const std::string& entry) {
        const std::string folded = absl::AsciiStrToLower(entry);
        return folded == with_port || (usual && folded == url.Authority());
      });
}

}  // namespace patform::http
