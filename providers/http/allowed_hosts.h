#pragma once

#include <string>
#include <vector>

#include "providers/http/url.h"

namespace patform::http {

// The one rule for where a credential may be sent: to a service's well-known
// hosts, over TLS on port 443, and to those that the operator names. Neither
// list comes from a file that anybody can propose a change to.
//
// A well-known host may begin with "*.": any host below that domain, and not
// the domain itself. The operator's are HOST:PORT, or HOST, which stands for
// TLS on port 443 as it does in a URL; case does not matter.
struct AllowedHosts {
  std::vector<std::string> well_known;
  std::vector<std::string> by_operator;

  bool Contains(const Url& url) const;
};

}  // namespace patform::http
