#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/base/secret.h"

namespace patform::sinks {

// A program that gives a credential (client.authentication.k8s.io).
struct KubeProgram {
  std::string api_version;
  std::vector<std::string> words;
  std::vector<std::string> variables;  // NAME=value
  bool wants_cluster = false;
};

// Where a context of a kubeconfig leads, and as whom. Of each pair of a text
// and a file at most one is set.
struct KubeTarget {
  std::string server;
  std::string cluster;            // its name, for messages
  std::string user;               // likewise
  std::string default_namespace;  // "": none
  std::string server_name;        // of its certificate; "": its host
  std::string authorities_pem, authorities_file;
  Secret token;
  std::string token_file;
  std::string certificate_pem, certificate_file;
  Secret key_pem;
  std::string key_file;
  std::optional<KubeProgram> program;
};

struct KubeconfigFile {
  std::string path;
  Secret text;
};

// The context `context` of one or several files ("": their current one), which
// are put together as kubectl does it: of entries with one name the first file
// counts. Relative paths are resolved against the folder of their file. What
// would weaken the connection, or would need another client, is refused:
// insecure-skip-tls-verify, proxy-url, passwords, auth-provider, impersonation.
// kInvalidArgument.
absl::StatusOr<KubeTarget> ReadKubeconfig(
    const std::vector<KubeconfigFile>& files, const std::string& context);

}  // namespace patform::sinks
