#include "providers/sinks/remote/kube_access.h"

#include <algorithm>
#include <boost/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "engine/base/status.h"
#include "engine/base/strings.h"
#include "providers/entra/printed_token.h"
#include "providers/http/secret_json.h"
#include "providers/http/url.h"

// Opening reads files and decides what may be used; a token is fetched when a
// request needs one, because it may have ended between two requests of a long
// run. Nothing of a credential is kept longer than this object.
//
// Sources: kubernetes.io/docs/reference/config-api/ kubeconfig.v1 and
// client-authentication.v1, and docs/tasks/run-application/access-api-from-pod.
namespace patform::sinks {
namespace {

namespace json = boost::json;

// Where the kubelet puts the token of a pod, and renews it.
constexpr char kPodFolder[] = "/var/run/secrets/kubernetes.io/serviceaccount/";
// A program may ask a sign-in service, and has a person's patience at most.
constexpr absl::Duration kProgramTime = absl::Minutes(1);
// A token is not used in its last moments: a request takes its time.
constexpr absl::Duration kBeforeEnd = absl::Minutes(1);

// Without the line end that people and programs put behind a word.
std::string Trimmed(std::string_view text) {
  const size_t end = text.find_last_not_of(" \t\r\n");
  return end == std::string_view::npos ? ""
                                       : std::string(text.substr(0, end + 1));
}

// As KubeAccess::Wrong(), before there is one.
absl::Status InvalidFor(const std::string& sink, std::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("sink ", InQuotes(sink), ": ", AbslView(why)));
}

// Those of `paths` that are there. Of a list some may be missing, as with
// kubectl; of one file that is an error.
absl::StatusOr<std::vector<KubeconfigFile>> ReadAllOf(
    const std::vector<std::string>& paths, const Machine& machine) {
  std::vector<KubeconfigFile> files;
  absl::Status missing = absl::NotFoundError("no kubeconfig is named");
  for (const std::string& path : paths) {
    if (path.empty()) continue;
    absl::StatusOr<Secret> text = machine.read_secret(path);
    if (!text.ok() && !absl::IsNotFound(text.status())) return text.status();
    if (!text.ok()) {
      missing = text.status();
      continue;
    }
    files.push_back({path, *std::move(text)});
  }
  if (files.empty()) return missing;
  return files;
}

// "" and unset are the same to kubectl and to client-go.
std::string Variable(const Machine& machine, const char* name) {
  return machine.environment(name).value_or("");
}

// What a pod's own cluster has put into its environment.
KubeTarget PodTarget(const Machine& machine, const std::string& host) {
  const std::string port = Variable(machine, "KUBERNETES_SERVICE_PORT");
  KubeTarget target;
  target.server =
      absl::StrCat("https://", absl::StrContains(host, ":") ? "[" : "", host,
                   absl::StrContains(host, ":") ? "]" : "", ":",
                   port.empty() ? "443" : port);
  target.cluster = "of this pod";
  target.authorities_file = absl::StrCat(kPodFolder, "ca.crt");
  target.token_file = absl::StrCat(kPodFolder, "token");
  const absl::StatusOr<Secret> name =
      machine.read_secret(absl::StrCat(kPodFolder, "namespace"));
  if (name.ok()) target.default_namespace = Trimmed(name->Reveal());
  return target;
}

}  // namespace

// A copy of the machine with grants and transports of its own: what is allowed
// for this cluster is allowed for no other host and to no other sink.
KubeAccess::KubeAccess(std::string sink, KubeTarget target,
                       const Machine& machine)
    : sink_(std::move(sink)),
      target_(std::move(target)),
      machine_(machine),
      grants_(*machine.grants) {
  machine_.grants = &grants_;
}

absl::StatusOr<std::unique_ptr<KubeAccess>> KubeAccess::Open(
    const SinkConfig& config, const Machine& machine) {
  const std::string named = config.Text("kubeconfig");
  const std::string listed = Variable(machine, "KUBECONFIG");
  // Read once each: a run does not change its mind about where it is.
  const std::string pod = Variable(machine, "KUBERNETES_SERVICE_HOST");
  KubeTarget target;
  if (named.empty() && listed.empty() && !pod.empty()) {
    if (!config.Text("context").empty()) {
      return InvalidFor(config.name,
                        "`context` is of a kubeconfig, and this run has none: "
                        "it is in a pod (KUBERNETES_SERVICE_HOST)");
    }
    target = PodTarget(machine, pod);
  } else {
    // In this order one of the three is named.
    std::vector<std::string> paths = {named};
    if (named.empty()) paths = absl::StrSplit(listed, ':');
    if (named.empty() && listed.empty()) {
      paths = {absl::StrCat(Variable(machine, "HOME"), "/.kube/config")};
    }
    const auto files = ReadAllOf(paths, machine);
    if (!files.ok()) {
      // A job that was given none, such as a fork's, plans without this store:
      // that is no fault of the configuration.
      return absl::Status(
          absl::IsNotFound(files.status()) ? absl::StatusCode::kPermissionDenied
                                           : absl::StatusCode::kInvalidArgument,
          absl::StrCat("sink ", InQuotes(config.name), ": no kubeconfig: ",
                       std::string(files.status().message()),
                       ". Name one: KUBECONFIG, or the sink's `kubeconfig`"));
    }
    auto read = ReadKubeconfig(*files, config.Text("context"));
    if (!read.ok()) {
      return Annotate(read.status(),
                      absl::StrCat("sink ", InQuotes(config.name)));
    }
    target = *std::move(read);
  }
  std::unique_ptr<KubeAccess> access(
      new KubeAccess(config.name, std::move(target), machine));
  // What a stranger may have proposed is not the operator's word.
  if (named.empty()) access->AllowServer();
  if (access->target_.program && !machine.grants->programs) {
    return access->Wrong(
        absl::StatusCode::kPermissionDenied,
        absl::StrCat("user ", InQuotes(access->target_.user),
                     " of the kubeconfig signs in by a program, which a "
                     "configuration alone may not run. Where you trust it: "
                     "--allow-programs, or PATFORM_ALLOW_PROGRAMS=1"));
  }
  // The sink's own setting, then the context's, then what kubectl takes.
  access->namespace_ = config.Text("namespace");
  if (access->namespace_.empty()) {
    access->namespace_ = access->target_.default_namespace;
  }
  if (access->namespace_.empty()) access->namespace_ = "default";
  PATFORM_RETURN_IF_ERROR(access->ReadFiles());
  PATFORM_RETURN_IF_ERROR(access->UseTls());
  return access;
}

void KubeAccess::AllowServer() {
  // By name and port, as the operator would write it after --allow-host. What
  // is not an address is reported by RestStore.
  const absl::StatusOr<http::Url> url = http::ParseUrl(target_.server);
  if (url.ok()) grants_.hosts.push_back(url->HostAndPort());
}

absl::Status KubeAccess::ReadFiles() {
  // Once: certificates live for months, and a run for minutes.
  const auto read = [this](const std::string& path) -> absl::StatusOr<Secret> {
    absl::StatusOr<Secret> text = machine_.read_secret(path);
    if (text.ok()) return text;
    return Wrong(absl::StatusCode::kInvalidArgument,
                 std::string(text.status().message()));
  };
  if (!target_.authorities_file.empty()) {
    PATFORM_ASSIGN_OR_RETURN(const Secret pem, read(target_.authorities_file));
    target_.authorities_pem = std::string(pem.Reveal());
  }
  if (!target_.certificate_file.empty()) {
    PATFORM_ASSIGN_OR_RETURN(const Secret pem, read(target_.certificate_file));
    target_.certificate_pem = std::string(pem.Reveal());
  }
  if (!target_.key_file.empty()) {
    PATFORM_ASSIGN_OR_RETURN(target_.key_pem, read(target_.key_file));
  }
  return absl::OkStatus();
}

// Without authorities or a certificate of its own it is the process's TLS.
absl::StatusOr<KubeTransports::Maker> KubeAccess::TransportsAs(
    const std::string& certificate_pem, Secret key_pem) const {
  // Moved in: the key is then in OpenSSL's memory alone, which wipes it.
  http::TlsOptions tls;
  tls.authorities_pem = target_.authorities_pem;
  tls.authorities_name =
      absl::StrCat("the authorities of cluster ", InQuotes(target_.cluster));
  tls.certificate_pem = certificate_pem;
  tls.key_pem = std::move(key_pem);
  tls.server_name = target_.server_name;
  return machine_.new_transports_with(tls);
}

absl::Status KubeAccess::UseTls() {
  auto maker =
      TransportsAs(target_.certificate_pem, std::move(target_.key_pem));
  if (!maker.ok()) {
    return Wrong(absl::StatusCode::kInvalidArgument,
                 std::string(maker.status().message()));
  }
  if (!target_.program) {
    machine_.new_transport = *std::move(maker);
    return absl::OkStatus();
  }
  // It is run when a request needs it, and a store has its transports by then.
  transports_ = std::make_shared<KubeTransports>(*std::move(maker));
  machine_.new_transport = [all = transports_] {
    return KubeTransports::New(all);
  };
  return absl::OkStatus();
}

absl::StatusOr<KubeBearer> KubeAccess::Bearer(Deadline deadline) {
  if (!target_.token.empty()) return KubeBearer{target_.token.Clone()};
  if (!target_.token_file.empty()) {
    // Each time: whoever made it renews it there.
    const absl::StatusOr<Secret> text =
        machine_.read_secret(target_.token_file);
    if (!text.ok()) {
      return Wrong(absl::StatusCode::kUnauthenticated,
                   std::string(text.status().message()));
    }
    std::string_view token = text->Reveal();
    token = token.substr(0, token.find_last_not_of(" \t\r\n") + 1);
    return KubeBearer{Secret(token)};
  }
  if (!target_.program) return KubeBearer();
  // One program for all who wait for it: it may open a browser, or count how
  // often it is asked.
  const std::lock_guard<std::mutex> lock(mutex_);
  if (machine_.clock->Now() >= keep_until_) {
    PATFORM_ASSIGN_OR_RETURN(Login login, RunProgram(deadline));
    PATFORM_RETURN_IF_ERROR(UseLogin(std::move(login)));
  }
  return KubeBearer{kept_.Clone(), turn_};
}

// With the mutex held.
absl::Status KubeAccess::UseLogin(Login login) {
  // One of the kubeconfig itself counts, as kubectl has it.
  const bool own = !target_.certificate_pem.empty();
  // Connections stay where the certificate does: a program gives it with every
  // token, and without one in none of its answers.
  if (!own && login.certificate_pem != kept_certificate_) {
    auto maker = TransportsAs(login.certificate_pem, std::move(login.key_pem));
    if (!maker.ok()) {
      return ProgramFailed(
          absl::StrCat("printed a client certificate that is of no use: ",
                       std::string(maker.status().message())));
    }
    transports_->Use(*std::move(maker));
    kept_certificate_ = std::move(login.certificate_pem);
  }
  kept_ = std::move(login.token);
  // Without a time it is kept for this run, or until it is refused.
  keep_until_ = login.ends - kBeforeEnd;
  ++turn_;
  return absl::OkStatus();
}

// A token of a file is read each time anyway, and one of the kubeconfig itself
// stays what it is.
bool KubeAccess::Renew(const KubeBearer& bearer) {
  if (!target_.program) return false;
  const std::lock_guard<std::mutex> lock(mutex_);
  // Another thread may have done it.
  if (turn_ == bearer.turn) keep_until_ = absl::InfinitePast();
  return true;
}

// What the program is told, in a variable of its own: no secret is in it.
std::string KubeAccess::ExecInfo() const {
  // A plugin that would ask a person has to fail instead of waiting.
  json::object spec = {{"interactive", false}};
  if (target_.program->wants_cluster) {
    json::object cluster = {{"server", target_.server}};
    if (!target_.server_name.empty()) {
      cluster["tls-server-name"] = target_.server_name;
    }
    if (!target_.authorities_pem.empty()) {
      cluster["certificate-authority-data"] =
          absl::Base64Escape(target_.authorities_pem);
    }
    spec["cluster"] = std::move(cluster);
  }
  return json::serialize(
      json::object{{"apiVersion", target_.program->api_version},
                   {"kind", "ExecCredential"},
                   {"spec", std::move(spec)}});
}

absl::StatusOr<KubeAccess::Login> KubeAccess::RunProgram(
    Deadline deadline) const {
  ProgramCall call;
  call.words = target_.program->words;
  call.variables = target_.program->variables;
  call.variables.push_back(absl::StrCat("KUBERNETES_EXEC_INFO=", ExecInfo()));
  const absl::StatusOr<ProgramResult> result = machine_.programs->Run(
      call, std::min(deadline, After(*machine_.clock, kProgramTime)));
  if (absl::IsCancelled(result.status())) return result.status();
  if (!result.ok()) {
    return ProgramFailed(absl::StrCat("cannot be run: ",
                                      std::string(result.status().message())));
  }
  if (result->exit_code != 0) {
    const std::string errors = entra::ShownErrors(result->errors);
    return ProgramFailed(absl::StrCat("failed with exit code ",
                                      result->exit_code,
                                      errors.empty() ? "" : ": ", errors));
  }
  // Of what it printed nothing is shown: it is a token or a key, or a part of
  // one.
  const http::SecretJson printed(result->out.Reveal(), {1 << 20, 16});
  const json::object* root = printed.object();
  const json::value* found =
      root == nullptr ? nullptr : root->if_contains("status");
  const json::object* status = found == nullptr ? nullptr : found->if_object();
  if (status == nullptr) return ProgramFailed("printed no ExecCredential");
  // In PEM form as they are, without the base64 of a kubeconfig.
  Login login;
  login.token = Secret(http::TextMember(*status, "token"));
  login.certificate_pem =
      std::string(http::TextMember(*status, "clientCertificateData"));
  login.key_pem = Secret(http::TextMember(*status, "clientKeyData"));
  if (login.certificate_pem.empty() != login.key_pem.empty()) {
    return ProgramFailed(
        "printed a client certificate or its key, and not both");
  }
  if (login.token.empty() && login.certificate_pem.empty()) {
    return ProgramFailed("printed neither a token nor a client certificate");
  }
  const std::string expires(http::TextMember(*status, "expirationTimestamp"));
  if (!expires.empty() &&
      !absl::ParseTime(absl::RFC3339_full, expires, &login.ends, nullptr)) {
    return ProgramFailed("printed an expirationTimestamp that is not a time");
  }
  return login;
}

// Every failure of a program is one of signing in; none of them is retried.
absl::Status KubeAccess::ProgramFailed(std::string_view why) const {
  return Wrong(
      absl::StatusCode::kUnauthenticated,
      absl::StrCat("the program ", InQuotes(target_.program->words[0]),
                   " of user ", InQuotes(target_.user), " ", AbslView(why)));
}

absl::Status KubeAccess::Wrong(absl::StatusCode code,
                               std::string_view why) const {
  return absl::Status(
      code, absl::StrCat("sink ", InQuotes(sink_), ": ", AbslView(why)));
}

}  // namespace patform::sinks
