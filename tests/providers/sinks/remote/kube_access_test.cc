#include "providers/sinks/remote/kube_access.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "engine/ports/programs.h"
#include "tests/fakes/fake_clock.h"

namespace patform::sinks {
namespace {

std::string Config(const std::string& user, const std::string& cluster = "") {
  return absl::StrCat(
      "current-context: dev\n"
      "contexts: [{name: dev, context: {cluster: c, user: u, namespace: ado}}, "
      "{name: bare, context: {cluster: c, user: u}}]\n"
      "clusters: [{name: c, cluster: {server: 'https://k.example:6443'",
      cluster, "}}]\nusers: [{name: u, user: {", user, "}}]\n");
}

class ScriptedProgram : public Programs {
 public:
  absl::StatusOr<ProgramResult> Run(const ProgramCall& call,
                                    Deadline) override {
    ran.push_back(absl::StrCat(absl::StrJoin(call.words, " "), " | ",
                               absl::StrJoin(call.variables, " ")));
    ProgramResult result;
    result.exit_code = exit_code;
    result.out = Secret(out);
    result.errors = "no session\n";
    return result;
  }
  int exit_code = 0;
  std::string out;
  std::vector<std::string> ran;
};

// Notes as whom each request is sent, over which connection.
class NotingTransport : public http::Transport {
 public:
  NotingTransport(std::string name, std::vector<std::string>& sent)
      : name_(std::move(name)), sent_(sent) {}
  absl::StatusOr<http::Response> Send(const http::Request&, Deadline) override {
    sent_.push_back(name_);
    return http::Response();
  }

 private:
  const std::string name_;
  std::vector<std::string>& sent_;
};

class KubeAccessTest : public testing::Test {
 protected:
  KubeAccessTest() {
    config_.name = "prod";
    machine_.environment =
        [this](const std::string& name) -> std::optional<std::string> {
      const auto found = environment_.find(name);
      if (found == environment_.end()) return std::nullopt;
      return found->second;
    };
    machine_.read_secret =
        [this](const std::string& path) -> absl::StatusOr<Secret> {
      const auto found = files_.find(path);
      if (found == files_.end()) {
        return absl::NotFoundError(absl::StrCat("reading ", path, ": gone"));
      }
      return Secret(found->second);
    };
    machine_.clock = &clock_;
    machine_.grants = &grants_;
    machine_.programs = &program_;
    machine_.new_transports_with = [this](const http::TlsOptions& tls)
        -> absl::StatusOr<std::function<std::unique_ptr<http::Transport>()>> {
      tls_ =
          absl::StrCat(tls.authorities_pem, "|", tls.certificate_pem, "|",
                       std::string(tls.key_pem.Reveal()), "|", tls.server_name);
      if (tls.authorities_pem == "bad") {
        return absl::InvalidArgumentError(
            absl::StrCat(tls.authorities_name, " are bad"));
      }
      if (tls.certificate_pem == "bad") {
        return absl::InvalidArgumentError("they do not fit");
      }
      return [this, name = tls_] {
        return std::make_unique<NotingTransport>(
            absl::StrCat(name, " #", ++connections_), sent_);
      };
    };
    environment_["HOME"] = "/home/me";
  }

  // "SERVER NAMESPACE BEARER allowed=HOSTS", or the error.
  std::string Opened() {
    const auto access = KubeAccess::Open(config_, machine_);
    if (!access.ok()) return access.status().ToString();
    const auto bearer = (*access)->Bearer(Soon());
    return absl::StrCat(
        (*access)->server(), " ", (*access)->default_namespace(), " ",
        bearer.ok() ? std::string(bearer->token.Reveal())
                    : bearer.status().ToString(),
        " allowed=", absl::StrJoin((*access)->machine().grants->hosts, ","));
  }
  Deadline Soon() { return After(clock_, absl::Seconds(60)); }

  FakeClock clock_{absl::FromUnixSeconds(1796000000)};
  std::map<std::string, std::string> environment_, files_;
  Grants grants_;
  ScriptedProgram program_;
  Machine machine_;
  SinkConfig config_;
  std::string tls_;
  int connections_ = 0;
  std::vector<std::string> sent_;
};

TEST_F(KubeAccessTest, TheOperatorsOwnServerNeedsNoPermission) {
  files_["/home/me/.kube/config"] = Config("token: home");
  EXPECT_EQ(Opened(), "https://k.example:6443 ado home allowed=k.example:6443");
  environment_["KUBECONFIG"] = "/none:/k/one";
  files_["/k/one"] = Config("token: listed");
  EXPECT_EQ(Opened(),
            "https://k.example:6443 ado listed allowed=k.example:6443");
  // The configuration's own does, wherever it leads.
  config_.settings["kubeconfig"] = std::string("/repo/kubeconfig");
  files_["/repo/kubeconfig"] = Config("token: named");
  EXPECT_EQ(Opened(), "https://k.example:6443 ado named allowed=");
}

TEST_F(KubeAccessTest, APodSpeaksToItsOwnCluster) {
  const std::string folder = "/var/run/secrets/kubernetes.io/serviceaccount/";
  environment_["KUBERNETES_SERVICE_HOST"] = "fd00::1";
  environment_["KUBERNETES_SERVICE_PORT"] = "6443";
  files_[folder + "token"] = "first\n";
  files_[folder + "ca.crt"] = "ca";
  files_[folder + "namespace"] = "build";
  // Not what happens to lie in the home folder of the image.
  files_["/home/me/.kube/config"] = Config("token: home");
  EXPECT_EQ(Opened(),
            "https://[fd00::1]:6443 build first allowed=[fd00::1]:6443");
  EXPECT_EQ(tls_, "ca|||");
  const auto access = KubeAccess::Open(config_, machine_);
  ASSERT_TRUE(access.ok()) << access.status();
  files_[folder + "token"] = "second";
  EXPECT_EQ((*access)->Bearer(Soon())->token.Reveal(), "second");
  files_.erase(folder + "token");
  EXPECT_EQ((*access)->Bearer(Soon()).status().ToString(),
            absl::StrCat("UNAUTHENTICATED: sink \"prod\": reading ", folder,
                         "token: gone"));
  config_.settings["context"] = std::string("dev");
  EXPECT_EQ(Opened(),
            "INVALID_ARGUMENT: sink \"prod\": `context` is of a kubeconfig, "
            "and this run has none: it is in a pod (KUBERNETES_SERVICE_HOST)");
}

TEST_F(KubeAccessTest, TheNamespaceOfPlacesWithoutOne) {
  files_["/home/me/.kube/config"] = Config("token: t");
  config_.settings["context"] = std::string("bare");
  EXPECT_EQ(Opened(),
            "https://k.example:6443 default t allowed=k.example:6443");
  config_.settings["namespace"] = std::string("team");
  EXPECT_EQ(Opened(), "https://k.example:6443 team t allowed=k.example:6443");
}

TEST_F(KubeAccessTest, CertificatesComeFromFiles) {
  files_["/home/me/.kube/config"] =
      Config("client-certificate: c.pem, client-key: k.pem",
             ", certificate-authority: ca.pem, tls-server-name: api");
  EXPECT_EQ(Opened(),
            "INVALID_ARGUMENT: sink \"prod\": reading /home/me/.kube/ca.pem: "
            "gone");
  files_["/home/me/.kube/ca.pem"] = "ca";
  files_["/home/me/.kube/c.pem"] = "cert";
  files_["/home/me/.kube/k.pem"] = "key";
  EXPECT_EQ(Opened(), "https://k.example:6443 ado  allowed=k.example:6443");
  EXPECT_EQ(tls_, "ca|cert|key|api");
  files_["/home/me/.kube/ca.pem"] = "bad";
  EXPECT_EQ(Opened(),
            "INVALID_ARGUMENT: sink \"prod\": the authorities of cluster "
            "\"c\" are bad");
}

TEST_F(KubeAccessTest, NoKubeconfig) {
  EXPECT_EQ(Opened(),
            "PERMISSION_DENIED: sink \"prod\": no kubeconfig: reading "
            "/home/me/.kube/config: gone. Name one: KUBECONFIG, or the sink's "
            "`kubeconfig`");
}

constexpr char kExec[] =
    "exec: {apiVersion: client.authentication.k8s.io/v1, command: login, args: "
    "[x], env: [{name: A, value: b}], provideClusterInfo: true}";

TEST_F(KubeAccessTest, AProgramRunsOnlyWhereItMay) {
  files_["/home/me/.kube/config"] = Config(kExec);
  EXPECT_EQ(Opened(),
            "PERMISSION_DENIED: sink \"prod\": user \"u\" of the kubeconfig "
            "signs in by a program, which a configuration alone may not run. "
            "Where you trust it: --allow-programs, or "
            "PATFORM_ALLOW_PROGRAMS=1");
  EXPECT_TRUE(program_.ran.empty());
  grants_.programs = true;
  program_.out =
      "{\"kind\":\"ExecCredential\",\"status\":{\"token\":\"one\","
      "\"expirationTimestamp\":\"2026-11-30T01:53:20Z\"}}";
  const auto access = KubeAccess::Open(config_, machine_);
  ASSERT_TRUE(access.ok()) << access.status();
  EXPECT_TRUE(program_.ran.empty());
  EXPECT_EQ((*access)->Bearer(Soon())->token.Reveal(), "one");
  EXPECT_EQ((*access)->Bearer(Soon())->token.Reveal(), "one");
  ASSERT_EQ(program_.ran.size(), 1u);
  EXPECT_EQ(program_.ran[0],
            "login x | A=b KUBERNETES_EXEC_INFO={\"apiVersion\":"
            "\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\","
            "\"spec\":{\"interactive\":false,\"cluster\":{\"server\":"
            "\"https://k.example:6443\"}}}");
  // A minute before its end, and when the server refuses it.
  clock_.Tick(absl::FromUnixSeconds(1796000000) + absl::Hours(1) -
              absl::Minutes(1) - clock_.Now());
  program_.out = "{\"status\":{\"token\":\"two\"}}";
  EXPECT_EQ((*access)->Bearer(Soon())->token.Reveal(), "two");
  KubeBearer refused;
  refused.turn = 1;
  EXPECT_TRUE((*access)->Renew(refused));
  EXPECT_EQ((*access)->Bearer(Soon())->token.Reveal(), "two");
  EXPECT_EQ(program_.ran.size(), 2u);
  refused.turn = 2;
  EXPECT_TRUE((*access)->Renew(refused));
  EXPECT_EQ((*access)->Bearer(Soon())->token.Reveal(), "two");
  EXPECT_EQ(program_.ran.size(), 3u);
}

std::string Printed(const std::string& token, const std::string& certificate,
                    const std::string& key) {
  return absl::StrCat("{\"status\":{\"token\":\"", token,
                      "\",\"clientCertificateData\":\"", certificate,
                      "\",\"clientKeyData\":\"", key, "\"}}");
}

TEST_F(KubeAccessTest, AProgramGivesACertificate) {
  files_["/home/me/.kube/config"] = Config(kExec);
  grants_.programs = true;
  const auto access = KubeAccess::Open(config_, machine_);
  ASSERT_TRUE(access.ok()) << access.status();
  // Made before the program has run, as a store's may be.
  const auto transport = (*access)->machine().new_transport();
  const auto asked = [&](const std::string& out) {
    program_.out = out;
    const auto bearer = (*access)->Bearer(Soon());
    if (!bearer.ok()) return bearer.status().ToString();
    EXPECT_TRUE(transport->Send({}, Soon()).ok());
    EXPECT_TRUE((*access)->Renew(*bearer));
    return absl::StrCat(std::string(bearer->token.Reveal()), " ", sent_.back());
  };
  EXPECT_EQ(asked(Printed("", "c1", "k1")), " |c1|k1| #1");
  // The same one again, with a token beside it: the connection stays.
  EXPECT_EQ(asked(Printed("t", "c1", "k1")), "t |c1|k1| #1");
  EXPECT_EQ(asked(Printed("t", "c2", "k2")), "t |c2|k2| #2");
  EXPECT_EQ(asked(Printed("", "bad", "k3")),
            "UNAUTHENTICATED: sink \"prod\": the program \"login\" of user "
            "\"u\" printed a client certificate that is of no use: they do not "
            "fit");
  EXPECT_EQ(asked(Printed("", "c2", "k2")), " |c2|k2| #2");
  EXPECT_EQ(asked(Printed("t", "", "")), "t ||| #3");
  EXPECT_EQ(program_.ran.size(), 6u);
}

// Without a token the answers are told apart, too: one that came back from
// several requests is made again once.
TEST_F(KubeAccessTest, ACertificateIsMadeAgainOnce) {
  files_["/home/me/.kube/config"] = Config(kExec);
  grants_.programs = true;
  program_.out = Printed("", "c", "k");
  const auto access = KubeAccess::Open(config_, machine_);
  ASSERT_TRUE(access.ok()) << access.status();
  const auto first = (*access)->Bearer(Soon());
  const auto second = (*access)->Bearer(Soon());
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(program_.ran.size(), 1u);
  EXPECT_TRUE((*access)->Renew(*first));
  EXPECT_TRUE((*access)->Bearer(Soon()).ok());
  EXPECT_TRUE((*access)->Renew(*second));
  EXPECT_TRUE((*access)->Bearer(Soon()).ok());
  EXPECT_EQ(program_.ran.size(), 2u);
}

// As kubectl has it, and the token is the program's all the same.
TEST_F(KubeAccessTest, TheKubeconfigsOwnCertificateCounts) {
  files_["/home/me/.kube/config"] = Config(absl::StrCat(
      "client-certificate-data: b3du, client-key-data: a2V5, ", kExec));
  grants_.programs = true;
  program_.out = Printed("t", "c", "k");
  const auto access = KubeAccess::Open(config_, machine_);
  ASSERT_TRUE(access.ok()) << access.status();
  EXPECT_EQ((*access)->Bearer(Soon())->token.Reveal(), "t");
  EXPECT_TRUE((*access)->machine().new_transport()->Send({}, Soon()).ok());
  EXPECT_EQ(sent_.back(), "|own|key| #1");
}

TEST_F(KubeAccessTest, WhatAProgramPrintsIsNeverShown) {
  files_["/home/me/.kube/config"] = Config(kExec);
  grants_.programs = true;
  const struct {
    int exit_code;
    const char* out;
    const char* why;
  } rows[] = {
      {1, "s3cret", "failed with exit code 1: no session"},
      {0, "s3cret", "printed no ExecCredential"},
      {0, "{\"status\":{}}",
       "printed neither a token nor a client certificate"},
      {0, "{\"status\":{\"clientCertificateData\":\"s3cret\"}}",
       "printed a client certificate or its key, and not both"},
      {0, "{\"status\":{\"token\":\"t\",\"clientKeyData\":\"s3cret\"}}",
       "printed a client certificate or its key, and not both"},
      {0,
       "{\"status\":{\"clientCertificateData\":\"bad\",\"clientKeyData\":"
       "\"s3cret\"}}",
       "printed a client certificate that is of no use: they do not fit"},
      {0,
       "{\"status\":{\"token\":\"s3cret\",\"expirationTimestamp\":\"soon\"}}",
       "printed an expirationTimestamp that is not a time"},
  };
  for (const auto& row : rows) {
    program_.exit_code = row.exit_code;
    program_.out = row.out;
    EXPECT_EQ(Opened(),
              absl::StrCat("https://k.example:6443 ado UNAUTHENTICATED: sink "
                           "\"prod\": the program \"login\" of user \"u\" ",
                           row.why, " allowed=k.example:6443"));
  }
}

TEST_F(KubeAccessTest, ATokenOfTheFileHasNoOther) {
  files_["/home/me/.kube/config"] = Config("token: t");
  const auto access = KubeAccess::Open(config_, machine_);
  ASSERT_TRUE(access.ok());
  EXPECT_FALSE((*access)->Renew(*(*access)->Bearer(Soon())));
}

}  // namespace
}  // namespace patform::sinks
