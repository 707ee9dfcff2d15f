#include "providers/sinks/remote/kubeconfig.h"

#include <filesystem>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/base/base64.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "providers/sinks/remote/yaml.h"

// The format: kubernetes.io/docs/reference/config-api/kubeconfig.v1. Three
// lists of named entries (clusters, users, contexts), and a context that names
// one of each of the others. Members that are not known are ignored, as kubectl
// does it, but for those that would change how safe the connection is.
namespace patform::sinks {
namespace {

// A file, read.
struct Parsed {
  std::string path;
  YamlNode root;
};

// An entry of one of the three lists, and the file that it is from.
struct Entry {
  const YamlNode* body = nullptr;
  std::string path;
  std::string what;  // `user "ci"`
};

// Messages name files and entries, and never a value: that may be a key.
absl::Status Wrong(std::string_view path, std::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("kubeconfig ", InQuotes(path), ": ", AbslView(why)));
}

absl::Status Wrong(const Entry& entry, std::string_view why) {
  return Wrong(entry.path, absl::StrCat(entry.what, " ", AbslView(why)));
}

// `list`: "users"; `member`: "user", as the entry's body is called.
// An entry that a later file has under the same name is not looked at, not even
// for members that the first one lacks: so does kubectl.
absl::StatusOr<Entry> Find(const std::vector<Parsed>& files,
                           std::string_view list, const std::string& member,
                           const std::string& name) {
  for (const Parsed& file : files) {
    const YamlNode* all = file.root.Find(list);
    if (all == nullptr) continue;
    for (const YamlNode& each : all->items) {
      if (each.Text("name") != name) continue;
      const Entry entry = {each.Find(member), file.path,
                           absl::StrCat(member, " ", InQuotes(name))};
      if (entry.body == nullptr) return Wrong(entry, "is empty");
      return entry;
    }
  }
  return Wrong(files.front().path,
               absl::StrCat("there is no ", member, " ", InQuotes(name)));
}

// The path that a member names; "": it is absent.
std::string PathIn(const Entry& entry, std::string_view name) {
  const std::string path = entry.body->Text(name);
  if (path.empty()) return "";
  return (std::filesystem::path(entry.path).parent_path() / path)
      .lexically_normal()
      .string();
}

// Certificates and authorities, which are not secret: of a pair, `name`-data in
// base64, or the file `name`: data counts, as kubectl has it.
absl::Status DataOrFile(const Entry& entry, const std::string& name,
                        std::string& data, std::string& file) {
  const std::string encoded = entry.body->Text(name + "-data");
  if (encoded.empty()) {
    file = PathIn(entry, name);
    return absl::OkStatus();
  }
  if (absl::Base64Unescape(encoded, &data)) return absl::OkStatus();
  return Wrong(entry, absl::StrCat("has a ", name, "-data that is not base64"));
}

// Where the server is, and by what it is recognized.
absl::Status TakeCluster(const Entry& cluster, KubeTarget& target) {
  const YamlNode& body = *cluster.body;
  target.server = body.Text("server");
  target.server_name = body.Text("tls-server-name");
  if (target.server.empty()) return Wrong(cluster, "has no server");
  if (body.Flag("insecure-skip-tls-verify")) {
    return Wrong(cluster,
                 "has insecure-skip-tls-verify. A secret is sent only to a "
                 "server that shows who it is: name its "
                 "certificate-authority instead");
  }
  if (!body.Text("proxy-url").empty()) {
    return Wrong(cluster,
                 "has a proxy-url, which patform does not use: set "
                 "HTTPS_PROXY instead");
  }
  return DataOrFile(cluster, "certificate-authority", target.authorities_pem,
                    target.authorities_file);
}

// `exec`: a program that prints a token, a client certificate or both
// (client-authentication.v1). Which one may run is for the operator to allow.
absl::StatusOr<KubeProgram> ReadProgram(const Entry& user,
                                        const YamlNode& exec) {
  KubeProgram program;
  // v1alpha1 had another answer, and no cluster gives it out any more.
  program.api_version = exec.Text("apiVersion");
  if (program.api_version != "client.authentication.k8s.io/v1" &&
      program.api_version != "client.authentication.k8s.io/v1beta1") {
    return Wrong(user,
                 "has an exec whose apiVersion is not "
                 "client.authentication.k8s.io/v1 or v1beta1");
  }
  if (exec.Text("interactiveMode") == "Always") {
    return Wrong(user,
                 "has an exec that needs a terminal (interactiveMode "
                 "Always), and patform runs it without one");
  }
  // No shell reads it: words are passed on as they are.
  std::string command = exec.Text("command");
  if (command.empty()) return Wrong(user, "has an exec without a command");
  // A name alone is looked for in PATH.
  if (absl::StrContains(command, "/")) {
    command = (std::filesystem::path(user.path).parent_path() / command)
                  .lexically_normal()
                  .string();
  }
  program.words.push_back(std::move(command));
  if (const YamlNode* args = exec.Find("args")) {
    for (const YamlNode& arg : args->items) {
      program.words.emplace_back(arg.text.Reveal());
    }
  }
  if (const YamlNode* variables = exec.Find("env")) {
    for (const YamlNode& each : variables->items) {
      const std::string name = each.Text("name");
      if (name.empty() || absl::StrContains(name, "=")) {
        return Wrong(user, "has an exec with a variable without a name");
      }
      program.variables.push_back(absl::StrCat(name, "=", each.Text("value")));
    }
  }
  program.wants_cluster = exec.Flag("provideClusterInfo");
  return program;
}

// What other clients do and this one does not.
absl::Status CheckUser(const Entry& user) {
  const YamlNode& body = *user.body;
  const struct {
    const char* member;
    const char* why;
  } kRefused[] = {
      {"username", "has a password, which API servers do not take any more"},
      {"password", "has a password, which API servers do not take any more"},
      {"auth-provider",
       "has an auth-provider, which Kubernetes 1.26 has removed: use exec"},
      {"as", "impersonates somebody, which patform does not do"},
      {"as-uid", "impersonates somebody, which patform does not do"},
      {"as-groups", "impersonates somebody, which patform does not do"},
      {"as-user-extra", "impersonates somebody, which patform does not do"},
  };
  // Whatever its value: a member that is there and empty is a mistake, too.
  for (const auto& refused : kRefused) {
    if (body.Find(refused.member) != nullptr) return Wrong(user, refused.why);
  }
  return absl::OkStatus();
}

// As whom. Of several ways the one that needs no program counts.
absl::Status TakeUser(const Entry& user, KubeTarget& target) {
  PATFORM_RETURN_IF_ERROR(CheckUser(user));
  const YamlNode& body = *user.body;
  // A file counts before a text: it is the one that is renewed.
  target.token_file = PathIn(user, "tokenFile");
  if (target.token_file.empty()) target.token = body.Hidden("token");
  PATFORM_RETURN_IF_ERROR(DataOrFile(user, "client-certificate",
                                     target.certificate_pem,
                                     target.certificate_file));
  // The key alone takes another way than DataOrFile(): through memory that is
  // wiped.
  const Secret key = body.Hidden("client-key-data");
  if (key.empty()) {
    target.key_file = PathIn(user, "client-key");
  } else {
    std::optional<Secret> pem = FromBase64(key.Reveal());
    if (!pem) return Wrong(user, "has a client-key-data that is not base64");
    target.key_pem = *std::move(pem);
  }
  const bool certificate =
      !target.certificate_pem.empty() || !target.certificate_file.empty();
  // One without the other would be found only in the handshake.
  if (certificate != (!target.key_pem.empty() || !target.key_file.empty())) {
    return Wrong(user, "has a client certificate or its key, and not both");
  }
  // kubectl prefers a token to a program, too.
  const YamlNode* exec = body.Find("exec");
  if (exec != nullptr && target.token.empty() && target.token_file.empty()) {
    PATFORM_ASSIGN_OR_RETURN(target.program, ReadProgram(user, *exec));
  }
  if (!certificate && target.token.empty() && target.token_file.empty() &&
      !target.program) {
    return Wrong(user, "has no token, client certificate or exec");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<KubeTarget> ReadKubeconfig(
    const std::vector<KubeconfigFile>& files, const std::string& context) {
  std::vector<Parsed> parsed;
  std::string name = context;
  for (const KubeconfigFile& file : files) {
    absl::StatusOr<YamlNode> root = ReadYaml(file.text);
    if (!root.ok()) {
      return Wrong(file.path, std::string(root.status().message()));
    }
    // Of the first file that has one.
    if (name.empty()) name = root->Text("current-context");
    parsed.push_back({file.path, *std::move(root)});
  }
  if (name.empty()) {
    return Wrong(files.front().path,
                 "it has no current-context: set `context` of the sink");
  }
  PATFORM_ASSIGN_OR_RETURN(const Entry chosen,
                           Find(parsed, "contexts", "context", name));
  // A context may name what is not there; that is reported with the file that
  // is asked first, for people look there first.
  KubeTarget target;
  target.cluster = chosen.body->Text("cluster");
  target.user = chosen.body->Text("user");
  target.default_namespace = chosen.body->Text("namespace");
  PATFORM_ASSIGN_OR_RETURN(const Entry cluster,
                           Find(parsed, "clusters", "cluster", target.cluster));
  PATFORM_RETURN_IF_ERROR(TakeCluster(cluster, target));
  PATFORM_ASSIGN_OR_RETURN(const Entry user,
                           Find(parsed, "users", "user", target.user));
  PATFORM_RETURN_IF_ERROR(TakeUser(user, target));
  return target;
}

}  // namespace patform::sinks
