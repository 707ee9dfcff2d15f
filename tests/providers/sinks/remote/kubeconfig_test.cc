#include "providers/sinks/remote/kubeconfig.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace patform::sinks {
namespace {

constexpr char kHead[] =
    "apiVersion: v1\nkind: Config\ncurrent-context: dev\n"
    "contexts:\n"
    "- {name: dev, context: {cluster: c, user: u, namespace: ado}}\n"
    "- {name: other, context: {cluster: c, user: nobody}}\n";
constexpr char kCluster[] =
    "clusters: [{name: c, cluster: {server: 'https://k.example:6443'}}]\n";

std::string Dump(const KubeTarget& target) {
  std::string out = absl::StrCat(target.server, " cluster=", target.cluster,
                                 " user=", target.user);
  const auto add = [&out](const char* name, std::string_view value) {
    if (!value.empty())
      absl::StrAppend(&out, " ", name, "=", std::string(value));
  };
  add("namespace", target.default_namespace);
  add("server_name", target.server_name);
  add("ca", target.authorities_pem);
  add("ca_file", target.authorities_file);
  add("token", target.token.Reveal());
  add("token_file", target.token_file);
  add("cert", target.certificate_pem);
  add("cert_file", target.certificate_file);
  add("key", target.key_pem.Reveal());
  add("key_file", target.key_file);
  if (target.program) {
    add("run", absl::StrJoin(target.program->words, ","));
    add("with", absl::StrJoin(target.program->variables, ","));
    if (target.program->wants_cluster) add("gives", "cluster");
  }
  return out;
}

std::string Got(const std::string& text, const std::string& context = "") {
  std::vector<KubeconfigFile> files;
  files.push_back({"/home/me/.kube/config", Secret(text)});
  const auto target = ReadKubeconfig(files, context);
  return target.ok()
             ? Dump(*target)
             : absl::StrCat("! ", std::string(target.status().message()));
}

std::string OfUser(const std::string& user) {
  return Got(absl::StrCat(kHead, kCluster, "users: [{name: u, user: {", user,
                          "}}]\n"));
}

std::string OfCluster(const std::string& cluster) {
  return Got(absl::StrCat(kHead, "clusters: [{name: c, cluster: {", cluster,
                          "}}]\nusers: [{name: u, user: {token: t}}]\n"));
}

constexpr char kFrom[] =
    "https://k.example:6443 cluster=c user=u namespace=ado";
constexpr char kFile[] = "! kubeconfig \"/home/me/.kube/config\": ";

TEST(ReadKubeconfigTest, WaysToSignIn) {
  const struct {
    const char* user;
    const char* want;
  } rows[] = {
      {"token: t", " token=t"},
      {"token: t, tokenFile: /run/t", " token_file=/run/t"},
      {"tokenFile: t", " token_file=/home/me/.kube/t"},
      {"client-certificate: a.pem, client-key: ../k.pem",
       " cert_file=/home/me/.kube/a.pem key_file=/home/me/k.pem"},
      {"client-certificate-data: Y2VydA==, client-key-data: a2V5",
       " cert=cert key=key"},
      {"exec: {apiVersion: client.authentication.k8s.io/v1, command: login, "
       "args: [a, 'b c'], env: [{name: A, value: b}], provideClusterInfo: "
       "true}",
       " run=login,a,b c with=A=b gives=cluster"},
      {"exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: "
       "bin/login, env: ~}",
       " run=/home/me/.kube/bin/login"},
      // As kubectl has it: what is at hand before what has to be run.
      {"token: t, exec: {apiVersion: x}", " token=t"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(OfUser(row.user), absl::StrCat(kFrom, row.want)) << row.user;
  }
}

TEST(ReadKubeconfigTest, UsersThatAreRefused) {
  const struct {
    const char* user;
    const char* want;
  } rows[] = {
      {"x: y", "has no token, client certificate or exec"},
      {"username: a, password: b",
       "has a password, which API servers do not take any more"},
      {"auth-provider: {name: gcp}",
       "has an auth-provider, which Kubernetes 1.26 has removed: use exec"},
      {"token: t, as: root",
       "impersonates somebody, which patform does not do"},
      {"client-certificate: a.pem",
       "has a client certificate or its key, and not both"},
      {"client-certificate-data: Y2VydA==, client-key-data: '*'",
       "has a client-key-data that is not base64"},
      {"client-certificate-data: '*', client-key-data: a2V5",
       "has a client-certificate-data that is not base64"},
      {"exec: {command: login}",
       "has an exec whose apiVersion is not client.authentication.k8s.io/v1 or "
       "v1beta1"},
      {"exec: {apiVersion: client.authentication.k8s.io/v1}",
       "has an exec without a command"},
      {"exec: {apiVersion: client.authentication.k8s.io/v1, command: x, "
       "interactiveMode: Always}",
       "has an exec that needs a terminal (interactiveMode Always), and "
       "patform runs it without one"},
      {"exec: {apiVersion: client.authentication.k8s.io/v1, command: x, env: "
       "[{name: A=B}]}",
       "has an exec with a variable without a name"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(OfUser(row.user), absl::StrCat(kFile, "user \"u\" ", row.want));
  }
}

TEST(ReadKubeconfigTest, Clusters) {
  const struct {
    const char* cluster;
    std::string want;
  } rows[] = {
      {"server: 'https://k.example:6443', certificate-authority-data: Y2E=, "
       "certificate-authority: x.pem",
       absl::StrCat(kFrom, " ca=ca token=t")},
      {"server: 'https://k.example:6443', certificate-authority: x.pem, "
       "tls-server-name: api",
       absl::StrCat(kFrom,
                    " server_name=api ca_file=/home/me/.kube/x.pem token=t")},
      {"server: 'https://k.example:6443', insecure-skip-tls-verify: true",
       absl::StrCat(kFile,
                    "cluster \"c\" has insecure-skip-tls-verify. A secret is "
                    "sent only to a server that shows who it is: name its "
                    "certificate-authority instead")},
      {"server: 'https://k.example:6443', proxy-url: 'http://p'",
       absl::StrCat(kFile,
                    "cluster \"c\" has a proxy-url, which patform does not "
                    "use: set HTTPS_PROXY instead")},
      {"x: y", absl::StrCat(kFile, "cluster \"c\" has no server")},
  };
  for (const auto& row : rows) EXPECT_EQ(OfCluster(row.cluster), row.want);
}

TEST(ReadKubeconfigTest, WhatIsMissingIsNamed) {
  EXPECT_EQ(Got("a: b"),
            absl::StrCat(kFile,
                         "it has no current-context: set `context` of the "
                         "sink"));
  EXPECT_EQ(Got(kHead, "prod"),
            absl::StrCat(kFile, "there is no context \"prod\""));
  EXPECT_EQ(Got(kHead), absl::StrCat(kFile, "there is no cluster \"c\""));
  EXPECT_EQ(Got(absl::StrCat(kHead, kCluster), "other"),
            absl::StrCat(kFile, "there is no user \"nobody\""));
  EXPECT_EQ(Got(absl::StrCat(kHead, "clusters: [{name: c}]\n")),
            absl::StrCat(kFile, "cluster \"c\" is empty"));
  EXPECT_EQ(Got("a: [token-in-plain-sight"),
            absl::StrCat(kFile, "line 2: did not find expected ',' or ']'"));
}

// kubectl's rule: the first file that has an entry counts.
TEST(ReadKubeconfigTest, SeveralFilesAreOne) {
  std::vector<KubeconfigFile> files;
  files.push_back({"/a/config", Secret("users: [{name: u, user: {tokenFile: "
                                       "t}}]\n")});
  files.push_back(
      {"/b/config",
       Secret(absl::StrCat(kHead, kCluster,
                           "users: [{name: u, user: {token: other}}]\n"))});
  const auto target = ReadKubeconfig(files, "");
  ASSERT_TRUE(target.ok()) << target.status();
  EXPECT_EQ(Dump(*target), absl::StrCat(kFrom, " token_file=/a/t"));
}

}  // namespace
}  // namespace patform::sinks
